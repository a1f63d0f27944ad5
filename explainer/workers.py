"""Several processes that answer at one address, and the one that starts, watches and stops them."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process, reduction, resource_tracker
from threading import Thread
from typing import Any

from uvicorn.supervisors import Multiprocess


class Workers(Multiprocess):
    """Starts workers, replaces those that die, and stops them.

    Ctrl-C reaches all of them at once, those that are still starting too. They leave it to the one that stops them.
    """

    def init_processes(self) -> None:
        resource_tracker.ensure_running()  # else it is started along with the first worker, and unblocks the signal
        with self._starting():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        with self._starting():
            super().keep_subprocess_alive()

    def handle_signals(self) -> None:
        with self._starting():
            super().handle_signals()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            for process in self.processes:
                process.child_conn.close()  # the worker has its own; this one would hide that the worker is gone
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


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


def end_with_parent() -> None:
    """Lets this worker end when its parent was killed: nobody else would end it, and it would keep the address."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, daemon=True).start()
