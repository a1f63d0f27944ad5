"""Least changes: each turns the statement, no part of it would, and none is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from explainer import Profile, explain
from explainer.changes import least_changes
from explainer.compose import composer
from explainer.errors import KnowledgeError
from explainer.knowledge import Knowledge
from explainer.loader import load
from explainer.oracle import TRUE, Oracle, read
from explainer.profile import ProfileModel
from tests.oracle import conditions, shipped, state
from tests.spoil import SAMPLE, changed_sample
from tests.strategies import profiles
from tests.work import work

Change = frozenset[tuple[str, str]]


@cache
def plants() -> Knowledge:
    return load(SAMPLE)


def told(oracle: Oracle, statement: str, answers: Mapping[str, str]) -> bool:
    section = statement.partition(".")[0]
    if oracle.value(oracle.sections[section], answers) != TRUE:
        return False
    return oracle.value(oracle.statements[section][statement], answers) > 0


def found(known: Knowledge, profile: ProfileModel, statement: str) -> list[Change]:
    section, rule = known.statements[statement]
    return [frozenset(change.answers.items()) for change in least_changes(known, profile, section, rule)]


def by_hand(known: Knowledge, profile: ProfileModel, is_told: Callable[[Mapping[str, str]], bool]) -> set[Change]:
    """Every change without a smaller one inside, by trying all sets of answers."""
    given = profile.answers
    shown = is_told(given)
    least: list[Change] = []
    for count in range(1, len(given) + 1):
        for names in combinations(given, count):
            options = [[word for word in known.profile.questions[name].values if word != given[name]] for name in names]
            for words in product(*options):
                change = dict(zip(names, words, strict=True))
                if any(smaller <= change.items() for smaller in least):
                    continue
                after, dropped = known.profile.settle({**given, **change})
                if not set(dropped) & set(change) and is_told(after.answers) != shown:
                    least.append(frozenset(change.items()))
    return set(least)


def plant_profiles(known: Knowledge) -> st.SearchStrategy[ProfileModel]:
    words = {
        name: st.sampled_from(field.accepted if not field.is_flag else field.values)
        for name, field in known.profile.questions.items()
    }
    return st.fixed_dictionaries(words).map(lambda answers: known.profile.settle(answers)[0])


@given(st.data(), st.sampled_from(sorted(plants().statements)))
def test_all_least_changes_are_found_and_no_others(data: st.DataObject, statement: str) -> None:
    """On rules small enough to try every set of answers, that finds the same changes."""
    profile = data.draw(plant_profiles(plants()))
    changes = found(plants(), profile, statement)
    assert len(set(changes)) == len(changes)
    assert set(changes) == by_hand(plants(), profile, partial(told, read(SAMPLE), statement))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("changes")


FIELDS = {
    "plant": ("fern", "cactus", "orchid"),
    "place": ("window", "heater", "hall"),
    "water": ("dry", "wet"),
    "repot": ("true", "false"),
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(
    data=st.data(),
    when=conditions(FIELDS, ["warm", "thirsty"]),
    shown=conditions(FIELDS, ["thirsty"]),
)
def test_it_is_exact_for_any_condition(data: st.DataObject, when: Any, shown: Any, place: Path) -> None:
    """Whatever a rule and its section look at: concepts on concepts, `not`, answers that others make moot."""
    folder = changed_sample(
        place,
        ("watering", "when: {plant: fern}", f"when: {json.dumps(when)}"),
        ("watering", "shown_when: {plant: [fern, cactus, unknown]}", f"shown_when: {json.dumps(shown)}"),
    )
    try:
        known = load(folder)
    except KnowledgeError:
        assume(False)
    profile = data.draw(plant_profiles(known))
    wanted = by_hand(known, profile, lambda answers: state(known, "watering.moist", answers) != "no")
    assert set(found(known, profile, "watering.moist")) == wanted


@given(profiles(), st.sampled_from(sorted(composer().knowledge.statements)))
def test_each_change_turns_the_statement_and_no_part_of_it_does(profile: ProfileModel, statement: str) -> None:
    """With the shipped rules too: an educator can rely on every word of a change being needed."""
    shown = told(shipped(), statement, profile.answers)
    for change in found(composer().knowledge, profile, statement):
        for count in range(len(change) + 1):
            for part in combinations(sorted(change), count):
                after, dropped = Profile.settle({**profile.answers, **dict(part)})
                taken = not set(dropped) & set(dict(part))
                turned = taken and told(shipped(), statement, after.answers) != shown
                assert turned == (count == len(change)), part


def test_changes_come_in_the_time_of_a_few_explanations() -> None:
    """Over all 16 questions, those of no statement are more work than 50 explanations."""
    known = composer().knowledge
    children = [known.profile.read(dict(scenario.profile)) for scenario in known.scenarios]
    for child in children:
        explain(child)
    one = work(lambda: [explain(child) for child in children]) / len(children)
    for child in children:
        for statement in known.statements:
            assert work(partial(found, known, child, statement)) < 50 * one
