"""The tests of the tests: a mutant that they miss is told, one that nobody could notice is not held against them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from explainer import mutation
from explainer.check import CHECKS, FULL
from explainer.findings import Result, Subject
from explainer.loader import read_files
from explainer.mutants import NOTHING, Mutant, mutants
from explainer.mutation import Verdict, check, result, tried
from explainer.resources import folder

FILES = read_files(folder("rules"))
MUTANTS = mutants(FILES)
CASES = [["tests/test_cases.py"]]


def of(thing: str, change: str) -> Mutant:
    return next(mutant for mutant in MUTANTS if (mutant.thing, mutant.change) == (thing, change))


KILLED = of("induction.fourth-drug", "risk_group: high becomes standard")
REFUSED = of("induction.fourth-drug", "the rule is deleted")
EQUIVALENT = of("section induction", "at relapsed, earlier becomes now")


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject.read(folder("rules"))


def run(subject: Subject, chosen: Sequence[Mutant], suite: Sequence[Sequence[str]]) -> Result:
    return check(subject, lambda _: None, lambda _: chosen, suite)


def weak(tmp_path: Path, code: str = "def test_nothing():\n    pass\n") -> list[list[str]]:
    """A suite that would not notice anything."""
    (tmp_path / "test_weak.py").write_text(code, encoding="utf-8")
    return [[str(tmp_path / "test_weak.py")]]


def test_what_becomes_of_mutants(subject: Subject) -> None:
    """Killed by a test, refused by the loader, or the same to everybody: each is counted as what it is."""
    done: list[float] = []
    verdicts = tried(FILES, [NOTHING, KILLED, REFUSED, EQUIVALENT], done.append, CASES)
    assert [verdict.fate for verdict in verdicts] == ["lived", "killed", "refused", "equivalent"]
    assert verdicts[1].by.startswith("tests/test_cases.py::test_case[")
    assert verdicts[2].by.startswith("no statement is named 'induction.fourth-drug'")
    assert done == [0.25, 0.5, 0.75, 1.0]
    found = run(subject, [KILLED, REFUSED, EQUIVALENT], CASES)
    assert found.findings == ()
    assert found.counts["per cent killed"] == 100.0
    assert found.counts["change nothing for anybody"] == 1


def test_a_weakened_suite_lets_a_mutant_live_and_that_is_found(subject: Subject, tmp_path: Path) -> None:
    """A survivor is told with file, line, what was changed, and a child for whom a case would kill it."""
    found = run(subject, [KILLED], weak(tmp_path))
    (finding,) = found.findings
    assert (finding.place, finding.line, finding.rule) == (KILLED.place, KILLED.line, "induction.fourth-drug")
    assert finding.message == "no test notices when risk_group: high becomes standard"
    assert "add a case to tests/cases" in finding.remedy
    assert "induction.fourth-drug" in finding.remedy
    assert found.counts["per cent killed"] == 0.0


def test_tests_that_fail_anyway_are_told_first(subject: Subject, tmp_path: Path) -> None:
    """A suite that fails on the rules as they are would seem to kill every mutant."""
    found = run(subject, [KILLED], weak(tmp_path, "def test_broken():\n    assert False\n"))
    (finding,) = found.findings
    assert "although nothing was changed" in finding.message
    assert "test_broken" in finding.message


@pytest.mark.parametrize("code", ["import os\n\n\ndef test_crash():\n    os._exit(0)\n", "# no tests\n"])
def test_a_mutant_whose_tests_did_not_run_counts_as_alive(code: str, tmp_path: Path) -> None:
    """Nothing but a test that fails is a kill: not a crash, and not an empty file."""
    (verdict,) = tried(FILES, [KILLED], lambda _: None, weak(tmp_path, code))
    assert verdict.fate == "unclear"
    assert verdict.survived


def test_other_processes_do_not_see_the_mutant(tmp_path: Path) -> None:
    """A test that compares with another process is passed over: it would kill every mutant, for no good reason."""
    code = "import subprocess\n\n\ndef test_other():\n    subprocess.run(['false'], check=True)\n"
    assert tried(FILES, [KILLED], lambda _: None, weak(tmp_path, code))[0].fate == "lived"


def verdicts(killed: int, lived: int, equivalent: int) -> list[Verdict]:
    fates = ["killed"] * killed + ["lived"] * lived + ["equivalent"] * equivalent
    return [Verdict(KILLED, fate, "", {"profile": {}, "parts": ("x",)}) for fate in fates]


def test_ninety_eight_of_a_hundred_have_to_be_killed() -> None:
    """Survivors are always listed, and are findings where there are too many; equivalent mutants count as neither."""
    enough, short = result(verdicts(98, 2, 50), made=150), result(verdicts(97, 3, 50), made=150)
    assert (enough.counts["per cent killed"], len(enough.findings)) == (98.0, 0)
    assert (short.counts["per cent killed"], len(short.findings)) == (97.0, 3)
    tables = {table.title: table.rows for table in enough.tables}
    assert len(tables["Survivors"]) == 2
    assert len(tables["Mutants that change nothing for anybody"]) == 50
    assert [len(row) for row in tables["Mutants by kind"]] == [7]


def test_other_rules_are_not_what_the_tests_are_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another folder, or an installation without tests, is told as such, and is no failure."""
    sample = Subject.read(Path(__file__).parent / "sample")
    other = CHECKS["mutants"](sample, lambda _: None)
    assert (other.not_run, other.findings) == ("the tests are about the rules that ship with the program", ())
    monkeypatch.setattr(mutation, "_NURSERY", tmp_path / "nursery.py")
    assert FULL["mutants"](sample, lambda _: None).not_run == "the tests are not part of an installation"


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C ends the processes that try mutants, and their folders go."""
    slow = weak(tmp_path, "import time\n\n\ndef test_slow():\n    time.sleep(100)\n")
    code = f"""
from explainer.loader import read_files
from explainer.mutants import NOTHING
from explainer.mutation import tried
from explainer.resources import folder
tried(read_files(folder("rules")), [NOTHING] * 5, print, {slow!r})
"""
    homes = tmp_path / "homes"
    homes.mkdir()
    started = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(homes)}
    )
    until = time.monotonic() + 60
    while not list(homes.glob("*/*/rules")) and time.monotonic() < until:
        time.sleep(0.1)
    assert processes_with(slow[0][0])
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=30)
    assert started.returncode != 0
    assert said.rstrip().endswith(b"KeyboardInterrupt")
    time.sleep(0.2)
    assert not processes_with(slow[0][0])
    assert list(homes.iterdir()) == []


def processes_with(word: str) -> list[str]:
    """The commands that run and have been given this word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "tests.nursery" in command and any(word in part for part in command):
            found.append(" ".join(command))
    return found
