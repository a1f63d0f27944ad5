"""Several processes that answer at one address, and the one that starts, watches and stops them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import reduction
from typing import Any

from uvicorn.supervisors import Multiprocess

from explainer import metrics
from explainer.processes import without_interrupts


class Workers(Multiprocess):
    """Starts workers, replaces those that die, and stops them."""

    def init_processes(self) -> None:
        with self._starting():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        with self._starting():
            super().keep_subprocess_alive()
        for process in before:
            if process not in self.processes and process.pid is not None:
                metrics.ended(process.pid)

    def handle_signals(self) -> None:
        with self._starting():
            super().handle_signals()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        with without_interrupts():
            try:
                yield
            finally:
                for process in self.processes:
                    process.child_conn.close()  # the worker has its own; this one would hide that the worker is gone


class Shared:
    """Something that all processes can read, in memory that they share.

    Were it sent to a worker with all the rest, it would fill the pipe; and a worker that dies before it has read all of
    that would stop its parent for ever.
    """

    def __init__(self, content: object) -> None:
        self.memory = os.memfd_create("rules")
        with open(self.memory, "wb", closefd=False) as file:
            pickle.dump(content, file)

    @property
    def content(self) -> Any:
        return pickle.loads(os.pread(self.memory, os.fstat(self.memory).st_size, 0))  # noqa: S301 - it is our own

    def __getstate__(self) -> Any:
        return reduction.DupFd(self.memory)

    def __setstate__(self, memory: Any) -> None:
        self.memory = memory.detach()
