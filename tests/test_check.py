"""Counting what a rules folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from explainer.check import counts
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
