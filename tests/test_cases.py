"""Every file in tests/cases is a child, named as a sentence, with the facts told to it and those not told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from explainer import Profile, explain
from explainer.yamltext import read


class Case(BaseModel):
    """`told` holds facts told as certain, `possible` facts told under a condition."""

    model_config = ConfigDict(extra="forbid")

    profile: dict[str, str]
    told: list[str]
    possible: list[str] = []
    not_told: list[str] = []
    timing: dict[str, str] = {}
    notices: list[str] = []


FILES = sorted(Path(__file__).parent.glob("cases/*.yaml"))


def test_there_are_enough_cases() -> None:
    """The folder was found, and nobody emptied it."""
    assert len(FILES) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    """What the file's name says of this child is so."""
    case = Case.model_validate(read(path, path.name).data)
    explanation = explain(Profile(**case.profile))
    facts: dict[Literal["definite", "conditional"], set[str]] = {"definite": set(), "conditional": set()}
    for section in explanation.sections:
        for statement in section.statements:
            facts[statement.applies] |= set(statement.facts)
    assert set(case.told) <= facts["definite"]
    assert set(case.possible) <= facts["conditional"] - facts["definite"]
    assert not set(case.not_told) & (facts["definite"] | facts["conditional"])
    timing: dict[str, str] = {section.id: section.timing for section in explanation.sections}
    assert timing.items() >= case.timing.items()
    assert {notice.id for notice in explanation.notices} >= set(case.notices)
