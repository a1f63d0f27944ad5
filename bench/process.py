"""A whole process from start to end: `explainer --help` and `explainer explain`, next to a Python that does nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.table import Row, at_most, timed

RUNS = 40
HELP, EXPLAIN = 6, 20
"""How many times as long as `python -c pass` they may take."""
_COMMANDS = {"python -c pass": ["-c", "pass"], "--help": ["--help"], "explain": ["explain", "--set", "stage=induction"]}


def measure() -> list[Row]:
    """The time of each command, its modules compiled before, as they are wherever a program is installed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder

        def run(name: str) -> None:
            program = sys.executable if name == "python -c pass" else Path(sys.executable).with_name("explainer")
            subprocess.run([program, *_COMMANDS[name]], env=environment, stdout=subprocess.DEVNULL, check=True)

        for name in _COMMANDS:
            run(name)
        calls = {name: lambda _, name=name: run(name) for name in _COMMANDS}
        found = timed(calls, range(RUNS), turn=1)
    nothing, shown, explained = (found[name] for name in _COMMANDS)
    against = "python -c pass"
    return [
        Row("process: python -c pass", nothing.middle * 1000, "ms"),
        at_most("process: explainer --help", shown.middle * 1000, "ms", against, shown.over(nothing), HELP),
        at_most("process: explainer explain", explained.middle * 1000, "ms", against, explained.over(nothing), EXPLAIN),
    ]
