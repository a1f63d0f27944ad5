"""Counting what a rules folder holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from explainer.check import as_json, as_text, counts, unfit
from explainer.errors import Fault
from explainer.findings import Finding, Listing, Result
from explainer.loader import knowledge
from explainer.resources import folder


def raw(name: str) -> Any:
    return yaml.safe_load(Path(folder("rules"), f"{name}.yaml").read_bytes())


def test_the_counts_are_those_of_the_files() -> None:
    """A reviewer can trust the numbers: they are what stands in the files, counted a second time."""
    rules = [rule for name in raw("path")["sections"] for topic in raw(name)["topics"] for rule in topic["rules"]]
    questions = raw("questionnaire")["questions"]
    assert counts(knowledge()) == {
        "questions": len(questions),
        "concepts": len(raw("concepts")["concepts"]),
        "sections": len(raw("path")["sections"]),
        "rules": len(rules),
        "facts listed": len(raw("facts")["facts"]),
        "facts told": len({fact for rule in rules for fact in rule["facts"]}),
        "questions for the care team": len([rule for rule in rules if "ask" in rule])
        + sum(len(question.get("team", [])) for question in questions),
        "notices": len(raw("notices")["notices"]),
        "terms": len(raw("glossary")["terms"]),
        "scenarios": len(list(Path(folder("rules"), "scenarios").iterdir())),
    }


def test_every_fact_of_the_document_is_told() -> None:
    """All 76 facts are listed, and some statement tells each."""
    assert {counts(knowledge())[name] for name in ("facts listed", "facts told")} == {76}


MEASURED = Result(
    name="plain",
    title="Everything is plain",
    counts={"sentences": 2},
    findings=(Finding(place="rules/a.yaml", line=3, rule="a.b", message="too [long]", remedy="split it"),),
    tables=(
        Listing(title="Each sentence", columns=("of", "words"), rows=(("a.b", 30), ("a.longer-name", 4))),
        Listing(title="Wide", columns=tuple("x" * 30 for _ in range(10)), rows=()),
    ),
)


def test_what_was_measured_is_shown_on_request() -> None:
    """An author who asks for one check sees its figures in columns; a table too wide for a terminal is named."""
    text = as_text([MEASURED], tables=True)
    assert "rules/a.yaml:3: a.b: too [long]; split it\n" in text
    assert "Each sentence\nof             words\na.b            30\na.longer-name  4\n" in text
    assert "Wide: too wide to show here; see --format json\n" in text
    assert "Each sentence" not in as_text([MEASURED])
    assert text.endswith("1 finding  plain\n")


def test_files_that_do_not_fit_together_are_findings_too() -> None:
    """A program that reads the JSON form learns where and what, as from any other check."""
    told = json.loads(as_json([unfit([Fault("rules/a.yaml", 3, "unknown key 'sey'")])]))
    assert (told["passed"], told["checks"][0]["name"]) == (False, "knowledge")
    (finding,) = told["checks"][0]["findings"]
    assert (finding["place"], finding["line"], finding["message"]) == ("rules/a.yaml", 3, "unknown key 'sey'")


def test_the_json_form_holds_every_table() -> None:
    """A program reads all that was measured."""
    told = json.loads(as_json([MEASURED]))
    assert told["passed"] is False
    assert told["checks"][0]["tables"][0]["rows"] == [["a.b", 30], ["a.longer-name", 4]]
