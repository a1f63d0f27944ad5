"""SECURITY.md keeps its word: each claim has its test, and those that had none elsewhere have it here."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from explainer.interview import Interview
from explainer.loader import knowledge
from explainer.logic import UNKNOWN
from explainer.web import create

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = (ROOT / "SECURITY.md").read_text("utf-8")


@contextmanager
def watched() -> Iterator[list[str]]:
    """What Python opens for writing, connects to or starts in the meantime."""
    seen: list[str] = []
    watching = True

    def note(event: str, args: tuple[Any, ...]) -> None:
        if not watching:
            return
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or event in (
            "socket.connect",
            "socket.sendto",
            "subprocess.Popen",
            "os.rename",
            "os.mkdir",
            "os.system",
        ):
            seen.append(f"{event} {args}")

    sys.addaudithook(note)  # for as long as Python runs, therefore the flag
    try:
        yield seen
    finally:
        watching = False


def visit(visitor: TestClient) -> list[str]:
    """Answers every question of a walk, looks at everything, clears, and gives every address that it met."""
    addresses: list[str] = []
    interview = Interview(knowledge())
    while question := next(iter(interview.unanswered), None):
        value = {"leukemia_type": "all", "stage": "relapsed"}.get(question.field, question.options[0].value)
        for path in (f"/questions/{question.field}", f"/questions/{question.field}?back_to=answers"):
            addresses += re.findall(r'(?:href|action)="([^"]*)"', visitor.get(path).text)
        addresses.append(visitor.post(f"/questions/{question.field}", data={"answer": value}).headers["Location"])
        interview = interview.answer(question.field, value)
    for path in ("/answers", "/explanation", "/explanation/file", "/questions", "/report", "/nothing", "/"):
        page = visitor.get(path)
        addresses += [page.headers.get("Location", ""), *re.findall(r'(?:href|action)="([^"]*)"', page.text)]
    visitor.post("/clear")
    return addresses


@pytest.fixture
def visitor() -> TestClient:
    return TestClient(create(), follow_redirects=False)


def test_a_visit_writes_no_file_and_calls_nobody(visitor: TestClient, tmp_path: Path) -> None:
    """The server keeps no answer anywhere, and tells nobody of it."""
    visit(visitor)  # what is read once, such as templates, has been read
    with watched() as seen:
        visit(visitor)
    assert seen == []
    with watched() as seen:
        (tmp_path / "seen").write_text("so we would see it", "utf-8")
    assert len(seen) == 1


def test_no_address_holds_an_answer(visitor: TestClient) -> None:
    """No history of a browser and no log of a proxy tells more than which pages were opened."""
    addresses = visit(visitor)
    assert len(addresses) > 100
    values = {option.value for question in knowledge().questions for option in question.options} | {UNKNOWN}
    found = {part for address in addresses for part in re.split(r"\W+", address)}
    assert "back_to" in found
    assert not found & (values - {"csf"})  # a field has it in its name


def test_each_test_that_is_named_exists() -> None:
    """Who doubts a claim finds what holds us to it."""
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", CLAIMS))
    assert len(named) > 30
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []


def test_each_thing_that_the_guard_does_has_a_test() -> None:
    """No line of the table is a mere assertion."""
    rows = re.findall(r"^\| (?!what)(.*) \| (.*) \|$", CLAIMS, flags=re.MULTILINE)
    assert len(rows) > 5
    assert all("`test_" in tests for _, tests in rows)


@pytest.mark.parametrize(
    ("said", "path", "code"),
    [
        ("Bodies over 16 KB", "guard.py", "LARGEST_BODY: Final = 16 * 1024"),
        ("named `answers`", "cookie.py", 'NAME = "answers"'),
        ("Python 3.11, 3.12 or 3.13", "../pyproject.toml", 'requires-python = ">=3.11,<3.14"'),
        ("without tags and aliases", "yamltext.py", "event.anchor"),
    ],
)
def test_what_it_says_of_the_code_is_in_the_code(said: str, path: str, code: str) -> None:
    """A number that changes in one place changes in the other."""
    assert said in CLAIMS
    assert code in (ROOT / "explainer" / path).read_text("utf-8")
