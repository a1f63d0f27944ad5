"""Several processes that answer at one address, and the one that starts, watches and stops them."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import reduction
from time import monotonic
from typing import Any

from uvicorn.supervisors import Multiprocess

from explainer import metrics
from explainer.processes import without_interrupts

_LOG = logging.getLogger(__package__)

_SECONDS_TO_END = 3
"""How much longer than for its last pages a worker may take to end."""

_SECONDS_TO_LISTEN = 1
"""How long a worker is waited for at a time."""


class Workers(Multiprocess):
    """Starts workers, replaces those that die, and stops them."""

    def init_processes(self) -> None:
        with self._starting():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Replaces workers that are gone, or that do not answer for long. To stop is heard while one is waited for."""
        before, patience = list(self.processes), self.config.timeout_worker_healthcheck
        for worker in before:
            until = monotonic() + patience
            while worker.process.is_alive() and not worker.ping(_SECONDS_TO_LISTEN) and monotonic() < until:
                if self.signal_queue or self.should_exit.is_set():
                    return
        self.config.timeout_worker_healthcheck = _SECONDS_TO_LISTEN  # each has had its time
        try:
            with self._starting():
                super().keep_subprocess_alive()
        finally:
            self.config.timeout_worker_healthcheck = patience
        for process in before:
            if process not in self.processes and process.pid is not None:
                _LOG.warning("worker %d has ended (%s); another one takes its place", process.pid, process.exitcode)
                metrics.ended(process.pid)

    def join_all(self) -> None:
        """Waits for all workers to finish, but no longer than they may take. One that hangs is killed."""
        until = monotonic() + (self.config.timeout_graceful_shutdown or 0) + _SECONDS_TO_END
        for worker in self.processes:
            worker.process.join(max(0, until - monotonic()))
            if worker.exitcode is None:
                worker.kill()
        super().join_all()

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
