"""What processes share; tests/test_workers.py and tests/test_batch.py see it at work when some of them die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

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


def test_an_interrupt_waits_until_all_are_started() -> None:
    """What is started meanwhile does not hear of it; whoever starts it hears of it afterwards."""
    tells = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    command = [sys.executable, "-c", tells]
    said: list[bytes] = []

    def start() -> None:
        with without_interrupts():
            os.kill(os.getpid(), signal.SIGINT)
            said.append(subprocess.check_output(command))

    with pytest.raises(KeyboardInterrupt):
        start()
    assert said == [b"True\n"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
