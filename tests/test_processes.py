"""What processes share; tests/test_workers.py and tests/test_batch.py see it at work when some of them die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from explainer.processes import cores, without_interrupts


def test_a_process_knows_how_many_processors_it_may_use() -> None:
    """Where only one may be used, one is counted, however many the machine has."""
    assert 1 <= cores() <= (os.cpu_count() or 1)
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
        try:
            assert cores() == 1
        finally:
            os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize("given_to", ["this thread", "another thread"])
def test_an_interrupt_waits_until_all_are_started(given_to: str) -> None:
    """What is started meanwhile does not hear of it; whoever starts it hears of it afterwards, once.

    In a process of several threads, any that does not block it may be given the signal.
    """
    tells = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    command = [sys.executable, "-c", tells]
    said: list[bytes] = []
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    thread = threading.get_ident() if given_to == "this thread" else other.ident
    assert thread is not None

    def start(thread: int) -> None:
        with without_interrupts():
            for _ in range(2):
                signal.pthread_kill(thread, signal.SIGINT)
            said.append(subprocess.check_output(command))

    handler = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            start(thread)
    finally:
        done.set()
        other.join()
    assert said == [b"True\n"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert signal.getsignal(signal.SIGINT) is handler
