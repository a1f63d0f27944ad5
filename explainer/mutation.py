"""Whether the tests would notice a mistake in the rules: mutants are made, and the tests have to kill them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.loader import read_files
from explainer.mutants import NOTHING, Files, Mutant, mutants, sample
from explainer.processes import cores
from explainer.resources import folder

SAMPLE = 60
SEED = 1
LEAST_KILLED = 98.0
"""Per cent of the mutants that some child would notice."""

_ROOT = Path(__file__).resolve().parents[1]
_NURSERY = _ROOT / "tests" / "nursery.py"
_FATES = ("refused", "killed", "equivalent", "lived", "unclear")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant, as tests/nursery.py tells it."""

    mutant: Mutant
    fate: str
    by: str
    difference: dict[str, Any] | None

    @property
    def survived(self) -> bool:
        return self.fate in ("lived", "unclear")


def sampled(subject: Subject, progress: Progress) -> Result:
    """A sample that is the same every time, for every day."""
    return check(subject, progress, lambda made: sample(made, SAMPLE, SEED))


def full(subject: Subject, progress: Progress) -> Result:
    """Every mutant there is. This takes long."""
    return check(subject, progress, lambda made: made)


def check(
    subject: Subject,
    progress: Progress,
    choose: Callable[[Sequence[Mutant]], Sequence[Mutant]],
    suite: Sequence[Sequence[str]] | None = None,
) -> Result:
    """Tries those mutants that `choose` takes of all, on the tests or on a `suite` of other files of tests."""
    shipped = folder("rules")
    not_run = None
    if not _NURSERY.is_file():
        not_run = "the tests are not part of an installation"
    elif subject.folder.resolve() != shipped.resolve():
        not_run = "the tests are about the rules that ship with the program"
    if not_run is not None:
        return Result(name="mutants", title=_TITLE, not_run=not_run)
    files = read_files(shipped)
    made = mutants(files)
    baseline, *verdicts = tried(files, [NOTHING, *choose(made)], progress, suite)
    if baseline.fate != "lived":
        message = f"the tests fail although nothing was changed: {baseline.by}"
        remedy = (
            "mend that first; pytest, given this name, tells more. After a rule was reworded, see tests/telltales.yaml"
        )
        finding = Finding(place="tests", line=0, rule="", message=message, remedy=remedy)
        return Result(name="mutants", title=_TITLE, findings=(finding,))
    return result(verdicts, made=len(made))


_TITLE = "Every rule is tested"


def tried(
    files: Files, chosen: Iterable[Mutant], progress: Progress, suite: Sequence[Sequence[str]] | None = None
) -> list[Verdict]:
    """The verdict on each mutant, in order. All processors are used; whatever ends this leaves nothing behind."""
    listed = list(chosen)
    found = []
    with TemporaryDirectory(ignore_cleanup_errors=True) as root, ExitStack() as stack:
        free: SimpleQueue[Nursery] = SimpleQueue()
        workers = cores()
        pool = ThreadPoolExecutor(workers)
        stack.callback(pool.shutdown)  # after the nurseries: a thread may still be filling a home, which would stay
        for _ in range(min(workers, len(listed))):
            free.put(stack.enter_context(Nursery(suite)))

        def judge(mutant: Mutant) -> Verdict:
            nursery = free.get()
            try:
                with TemporaryDirectory(dir=root) as home:
                    settle(Path(home), mutant.files(files))
                    return Verdict(mutant, **nursery.fate(home, baseline=mutant is NOTHING))
            finally:
                free.put(nursery)

        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        for number, verdict in enumerate(pool.map(judge, listed), start=1):
            found.append(verdict)
            progress(number / len(listed))
    return found


def settle(home: Path, files: dict[str, str]) -> None:
    """Lays out a home for a mutant: its rules, and the templates there are."""
    for name, text in files.items():
        path = home / "rules" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (home / "templates").symlink_to(folder("templates"))


class Nursery:
    """A process that raises mutants, one at a time. It and what it started end with the `with` block."""

    def __init__(self, suite: Sequence[Sequence[str]] | None) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.nursery", *([json.dumps(suite)] if suite else [])]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )

    def fate(self, home: str, *, baseline: bool) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        line = ""
        if stdin is not None and stdout is not None:
            with suppress(BrokenPipeError):
                stdin.write(json.dumps({"home": home, "baseline": baseline}) + "\n")
                stdin.flush()
                line = stdout.readline()
        fate: dict[str, Any] = {"fate": "unclear", "by": "the tests could not be started", "difference": None}
        return fate if not line else json.loads(line)

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


# --- telling -------------------------------------------------------------------------------------


def result(verdicts: Sequence[Verdict], made: int) -> Result:
    """What became of the mutants. Equivalent ones count neither as killed nor against the tests."""
    fates = Counter(verdict.fate for verdict in verdicts)
    survivors = [verdict for verdict in verdicts if verdict.survived]
    killed = fates["refused"] + fates["killed"]
    rate = round(100 * killed / (killed + len(survivors)), 1) if killed or survivors else 100.0
    return Result(
        name="mutants",
        title=_TITLE,
        counts={
            "mutants there are": made,
            "tried": len(verdicts),
            "refused by the loader": fates["refused"],
            "killed by tests": fates["killed"],
            "survived": len(survivors),
            "change nothing for anybody": fates["equivalent"],
            "per cent killed": rate,
        },
        findings=tuple(map(_finding, survivors)) if rate < LEAST_KILLED else (),
        tables=(
            Listing(title="Mutants by kind", columns=("kind", "tried", *_FATES), rows=tuple(_by_kind(verdicts))),
            Listing(
                title="What killed them",
                columns=("test", "mutants"),
                rows=tuple(Counter(_killer(v) for v in verdicts if v.fate in ("refused", "killed")).most_common()),
            ),
            Listing(title="Survivors", columns=_COLUMNS, rows=tuple(map(_row, survivors))),
            Listing(
                title="Mutants that change nothing for anybody",
                columns=_COLUMNS,
                rows=tuple(_row(verdict) for verdict in verdicts if verdict.fate == "equivalent"),
            ),
        ),
    )


_COLUMNS = ("file", "line", "thing", "change", "what to do")


def _by_kind(verdicts: Sequence[Verdict]) -> Iterator[tuple[str | int, ...]]:
    for kind in dict.fromkeys(verdict.mutant.kind for verdict in verdicts):
        fates = Counter(verdict.fate for verdict in verdicts if verdict.mutant.kind == kind)
        yield kind, fates.total(), *(fates[fate] for fate in _FATES)


def _killer(verdict: Verdict) -> str:
    return "the loader" if verdict.fate == "refused" else verdict.by.partition("[")[0]


def _row(verdict: Verdict) -> tuple[str | int, ...]:
    mutant = verdict.mutant
    return mutant.place, mutant.line, mutant.thing, mutant.change, _remedy(verdict) if verdict.survived else "nothing"


def _finding(verdict: Verdict) -> Finding:
    mutant = verdict.mutant
    message = f"no test notices when {mutant.change}" + (f" ({verdict.by})" if verdict.by else "")
    return Finding(place=mutant.place, line=mutant.line, rule=mutant.thing, message=message, remedy=_remedy(verdict))


def _remedy(verdict: Verdict) -> str:
    """Which case would kill it: a child who is told something else, and what."""
    if verdict.difference is None:
        return "see why its tests do not run"
    child = ", ".join(f"{name}: {word}" for name, word in verdict.difference["profile"].items()) or "nothing answered"
    parts = ", ".join(verdict.difference["parts"][:3])
    return f"add a case to tests/cases, or a test, where this differs for the child {{{child}}}: {parts}"
