"""Where mutants of the rules are raised: `python -m tests.nursery` tells of each what becomes of it.

Each line of standard input is JSON, {"home": a folder with rules/ and templates/, "baseline": bool}; each gets
a line of JSON on standard output, {"fate", "by", "difference"}:

    refused      the loader or the engine refuses it; `by` is what it says
    equivalent   no child is told, asked or allowed anything else
    killed       a test fails; `by` is its name
    lived        every test passes
    unclear      the tests could not be run, for the reason in `by`

`difference` names a child who is told something else, and what. A baseline is not compared.

All that tests need is imported once. Each mutant then gets a forked process, which ends with it, and in which
the one module that finds rules/ is sent to its home. The same mutant has the same fate every time.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from explainer import resources
from explainer.compose import Composer
from explainer.errors import ExplainerError, FaultsError
from explainer.loader import load
from tests.sameness import difference

ROOT = Path(__file__).resolve().parents[1]
SUITE = (
    ("tests/test_cases.py",),
    ("tests/test_told.py",),
    ("tests/test_words.py",),
    ("tests/test_facts_check.py::test_the_shipped_rules_are_as_firm_as_their_facts_and_tell_nothing_else",),
    ("tests/test_profile.py",),
    ("tests/test_facts.py", "tests/test_compose.py"),
)
"""The tests that look at what the rules say, in the order in which they kill quickly."""

OPTIONS = (
    *(
        "-q",
        "-x",
        "--tb=no",
        "--no-header",
        "--no-summary",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ),
    *(
        "-p",
        "no:faulthandler",
        "--hypothesis-profile=mutants",
        f"--rootdir={ROOT}",
        f"--config-file={ROOT}/pyproject.toml",
    ),
    # It compares with a list that is not part of the repository, and would be passed over elsewhere.
    "--deselect=tests/test_facts.py::test_the_list_of_facts_is_the_one_drawn_from_the_document",
)
LONGEST = 300
"""Seconds after which a mutant has no fate."""

USED_BY_TESTS = ("textstat", "tests.browser", "explainer.render", "explainer.files", "explainer.why", "yaml")
"""Imported ahead. Not the tests themselves: many look at the rules as soon as they are imported."""

Fate = dict[str, Any]


class FirstFailure:
    """Notes the first test, or file of tests, that fails."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.name = self.name or report.nodeid


def raise_one(home: Path, original: Composer | None, suite: list[list[str]]) -> Fate:
    """The fate of the mutant in `home`, in a process that is good for nothing else afterwards."""
    differs = None
    try:
        knowledge = load(home / "rules")
        mutant = Composer(knowledge)
    except ExplainerError as error:
        return {"fate": "refused", "by": _first(error), "difference": None}
    if original is not None:
        differs = difference(original, mutant)
        if differs is None:
            return {"fate": "equivalent", "by": "", "difference": None}
    pytest.MonkeyPatch().setattr(resources, "_PACKAGE", home / "explainer")
    pytest.MonkeyPatch().setattr(subprocess, "Popen", _no_other_process)
    told = {"difference": differs and asdict(differs)}
    for files in suite:
        first = FirstFailure()
        code = pytest.main([*OPTIONS, *files], plugins=[first])
        if first.name and code in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            return {"fate": "killed", "by": first.name, **told}
        if code != pytest.ExitCode.OK:
            return {"fate": "unclear", "by": f"pytest ended with {code!r}", **told}
    return {"fate": "lived", "by": "", **told}


def _first(error: ExplainerError) -> str:
    """The first fault, without its line, which is that of a file that nobody will see."""
    faults = error.faults if isinstance(error, FaultsError) else ()
    return faults[0].message if faults else str(error)


def _no_other_process(*_: object, **__: object) -> None:
    pytest.skip("another process would not see the mutant")


def _told(home: Path, original: Composer | None, suite: list[list[str]]) -> Fate:
    try:
        return raise_one(home, original, suite)
    except BaseException as error:  # noqa: BLE001 - whatever it is, somebody has to hear of it
        return {"fate": "unclear", "by": repr(error), "difference": None}


def in_a_fork(home: Path, original: Composer | None, suite: list[list[str]]) -> Fate:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(LONGEST)
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            os.write(writing, json.dumps(_told(home, original, suite)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else {"fate": "unclear", "by": "its process came to grief", "difference": None}


def main() -> None:
    """Raises mutants until standard input ends. The tests to run may be given as JSON, a list of lists of files."""
    os.chdir(ROOT)
    suite: list[list[str]] = json.loads(sys.argv[1]) if sys.argv[1:] else [list(files) for files in SUITE]
    for name in [name for name in os.environ if name.startswith("PYTEST")]:
        del os.environ[name]  # whoever started us may be a test
    settings.register_profile(
        "mutants",
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    with contextlib.redirect_stdout(sys.stderr):
        for name in USED_BY_TESTS:
            importlib.import_module(name)
        knowledge = load(resources.folder("rules"))
        original = Composer(knowledge)
    for line in sys.stdin:
        wanted = json.loads(line)
        fate = in_a_fork(Path(wanted["home"]), None if wanted["baseline"] else original, suite)
        sys.stdout.write(json.dumps(fate) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
