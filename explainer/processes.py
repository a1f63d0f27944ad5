"""For whatever runs in several processes: how many there may be, who hears Ctrl-C, and that none is left over."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process, resource_tracker
from threading import Thread


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches all processes at once; those that are started in here leave it to the one that stops them.

    That one, whose main thread this has to be, hears of it at the end. Blocking is for what is started: here another
    thread may be given the signal all the same, and would have the main thread interrupted.
    """
    resource_tracker.ensure_running()  # else it is started along with the first process, and unblocks the signal
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, handler)
        for number in heard[:1]:
            signal.raise_signal(number)


def end_with_parent() -> None:
    """Lets this process end when the one that started it is gone, however that went: nobody else would end it."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, daemon=True).start()
