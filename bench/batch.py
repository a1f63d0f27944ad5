"""`explainer explain --batch` on two processes next to one, and the memory that it takes for few lines and for many."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.children import children
from bench.table import Row, at_least, at_most
from explainer.loader import knowledge
from explainer.profile import ProfileModel

LINES = 40_000
FEW = 2_000
ROUNDS = 5
GOAL = 1.8
MEMORY = 1.1


def measure() -> list[Row]:
    """Lines a second from start to end of the program, of children who are all different.

    Nothing is kept of more than a gigabyte of output: how fast a disk is does not depend on the number of processes.
    """
    some = children(knowledge().profile, LINES, seed=5)
    with tempfile.TemporaryDirectory() as folder:
        few, many = _file(Path(folder) / "few.jsonl", some[:FEW]), _file(Path(folder) / "many.jsonl", some)
        one, two = [], []
        for _ in range(ROUNDS):
            one.append(_run(many, 1))
            two.append(_run(many, 2))
        small = _run(few, 1)
    ratio = median(alone[0] / together[0] for alone, together in zip(one, two, strict=True))
    alone, together = (LINES / median(seconds for seconds, _ in runs) for runs in (one, two))
    memory = median(size for _, size in one)
    return [
        Row("batch on one process", alone, "lines/s"),
        at_least("batch on two processes", together, "lines/s", "one process", ratio, GOAL),
        Row(f"batch: memory for {FEW:,} lines", small[1] / 2**20, "MiB"),
        at_most(
            f"batch: memory for {LINES:,} lines", memory / 2**20, "MiB", f"{FEW:,} lines", memory / small[1], MEMORY
        ),
    ]


def _file(path: Path, some: Sequence[ProfileModel]) -> Path:
    path.write_text("".join(f"{json.dumps(child.answers)}\n" for child in some), encoding="utf-8")
    return path


_TIMED = """
import os, sys, time
program, source, workers = sys.argv[1:]
into = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
command = [program, "explain", "--batch", source, "--workers", workers]
began = time.perf_counter()
process = os.posix_spawn(program, command, os.environ, file_actions=into)
_, status, used = os.wait4(process, 0)
print(time.perf_counter() - began, used.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts the program from a process that is small itself: what starts another counts into the most that it had."""


def _run(source: Path, workers: int) -> tuple[float, int]:
    """Seconds, and the most bytes of memory that the first process had."""
    program = str(Path(sys.executable).with_name("explainer"))
    command = [sys.executable, "-S", "-c", _TIMED, program, str(source), str(workers)]
    seconds, memory = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(seconds), int(memory)
