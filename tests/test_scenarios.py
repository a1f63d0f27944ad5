"""Made-up children: together they cover the knowledge, and each can be found."""

from __future__ import annotations

from collections import defaultdict

import pytest

from explainer.compose import composer
from explainer.errors import InputError
from explainer.loader import knowledge
from explainer.logic import UNKNOWN, Derived, literals
from explainer.scenarios import find, library, walk

KNOWN = knowledge()
CHILDREN = [(scenario, profile) for scenario in KNOWN.scenarios for profile in walk(KNOWN, scenario)]
DECISIONS = [composer().engine.decide(profile) for _, profile in CHILDREN]


def test_there_are_enough_to_choose_from() -> None:
    """At least 18 children, several with a story that goes on, and one that serves as the example."""
    assert len(KNOWN.scenarios) >= 18
    assert sum(bool(scenario.steps) for scenario in KNOWN.scenarios) >= 3
    assert [scenario.id for scenario in KNOWN.scenarios if scenario.example] == ["standard-risk-in-induction"]
    assert len({scenario.title for scenario in KNOWN.scenarios}) == len(KNOWN.scenarios)


@pytest.mark.parametrize("name", KNOWN.statements)
def test_every_rule_is_taught_in_each_of_its_forms(name: str) -> None:
    """Each statement is told as certain to some child; one that hangs on answers is possible or absent for others."""
    states = {decision.statements.get(name, "no") for decision in DECISIONS}
    assert "definite" in states
    if KNOWN.looked_at[name]:
        assert states == {"definite", "conditional", "no"}


def test_every_stage_section_and_notice_is_taught() -> None:
    """No phase, part or word of warning is left out of the classroom."""
    path = KNOWN.path
    stages = {profile.answers[path.stage_field] for _, profile in CHILDREN}
    assert stages == {*KNOWN.vocabulary.fields[path.stage_field], UNKNOWN}
    assert {name for decision in DECISIONS for name in decision.sections} == {s.id for s in KNOWN.sections}
    assert {name for decision in DECISIONS for name in decision.notices} == {n.id for n in KNOWN.notices}


def test_every_branch_of_every_rule_and_concept_comes_true() -> None:
    """Each answer and concept that a condition names is met by some child for whom the whole condition holds."""
    seen: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for decision in DECISIONS:
        for firing in decision.trace:
            if firing.applies == "definite":
                seen[firing.name] |= set(firing.on.items())
    conditions = {name: rule.when for name, (_, rule) in KNOWN.statements.items()}
    conditions |= {concept.id: concept.when for concept in KNOWN.concepts}
    for name, when in conditions.items():
        for literal in literals(when):
            if isinstance(literal, Derived):
                assert (literal.concept, "true") in seen[name]
            else:
                assert any((literal.field, word) in seen[name] for word in literal.values), (name, literal)


def test_every_topic_has_children() -> None:
    """An educator who picks a topic never finds an empty shelf."""
    for topic in KNOWN.topics:
        found = library(KNOWN, topic.id)
        assert found
        assert all(topic.title in listed.topics for listed in found)
    assert len(library(KNOWN)) == len(KNOWN.scenarios)


def test_the_library_follows_the_path_of_treatment() -> None:
    """From diagnosis to relapse, as the questionnaire lists the phases; whoever looks for a phase finds it together."""
    stages = [option.value for option in KNOWN.question(KNOWN.path.stage_field).options]
    begins = [find(KNOWN, child.id).profile.get(KNOWN.path.stage_field, UNKNOWN) for child in library(KNOWN)]
    assert begins == sorted(begins, key=[*stages, UNKNOWN].index)
    assert begins[0] == "newly_diagnosed"


@pytest.mark.parametrize(
    ("name", "words"),
    [("mrd-fuond", "did you mean mrd-found?"), ("zzz", "allowed: those that `explainer scenarios` lists")],
)
def test_an_unknown_name_is_refused(name: str, words: str) -> None:
    """Whoever mistypes a name reads the nearest one."""
    with pytest.raises(InputError, match=f"no scenario is named '{name}'") as caught:
        find(KNOWN, name)
    assert words in str(caught.value)
