"""The JSON form of an explanation is a contract with other programs."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from explainer import Profile, explain
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.render import render
from tests.strategies import VALUES, profiles

KEYS = {
    "": {"profile", "sections", "notices", "questions", "glossary", "source"},
    "sections": {"id", "title", "timing", "statements"},
    "statements": {"id", "text", "applies", "condition", "certainty", "facts", "because"},
    "notices": {"id", "text"},
    "questions": {"id", "text"},
    "glossary": {"term", "meaning"},
}


def read(profile: ProfileModel) -> dict[str, Any]:
    return dict(json.loads(render(explain(profile), "json")))


@given(profiles())
def test_the_keys_of_the_contract_are_there(profile: ProfileModel) -> None:
    """Keys may be added; none of these may go, at any profile."""
    data = read(profile)
    assert KEYS[""] <= set(data)
    for name in ("sections", "notices", "questions", "glossary"):
        assert all(KEYS[name] <= set(item) for item in data[name])
    assert all(KEYS["statements"] <= set(item) for section in data["sections"] for item in section["statements"])
    assert list(data["profile"]) == list(VALUES)


@given(profiles())
def test_values_are_those_of_the_contract(profile: ProfileModel) -> None:
    """Timing, certainty and applies hold the words that other programs look for."""
    for section in read(profile)["sections"]:
        assert section["timing"] in ("earlier", "now", "next", "later", "any")
        for statement in section["statements"]:
            assert statement["applies"] in ("definite", "conditional")
            assert statement["certainty"] in ("stated", "usual", "possible")
            assert statement["id"].startswith(f"{section['id']}.")
            assert isinstance(statement["facts"], list)
            assert isinstance(statement["because"], list)


@given(profiles())
def test_ids_stand_once(profile: ProfileModel) -> None:
    """A program can point at a statement, a notice or a question by its id."""
    data = read(profile)
    for ids in (
        [item["id"] for item in data["notices"]],
        [item["id"] for item in data["questions"]],
        [item["id"] for section in data["sections"] for item in section["statements"]],
    ):
        assert len(ids) == len(set(ids))


def test_the_source_is_named_with_its_date() -> None:
    """Every explanation says which document it goes back to and how old that is."""
    source = read(Profile())["source"]
    assert source["title"] == f"{knowledge().source.title} (ALL)"
    assert source["publisher"] == "American Cancer Society"
    assert source["revised"] == "2024-06-24"


def test_the_profile_of_an_explanation_is_a_profile_again() -> None:
    """What a program got as JSON it can send back."""
    data = read(Profile(stage="induction", look_ahead=True))
    assert Profile.read(data["profile"]) == Profile(stage="induction", look_ahead=True)
