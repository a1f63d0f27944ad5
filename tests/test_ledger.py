"""Going through every profile: with the real engine, on all cores, and with nothing lost."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from explainer import oracle, space
from explainer.compose import Composer
from explainer.findings import Subject
from explainer.ledger import NO, Ledger, take, take_part
from explainer.resources import folder
from tests.spoil import SAMPLE, sample

PLANTS = Subject.read(SAMPLE)
ALL_PLANTS = list(space.profiles(PLANTS.knowledge.profile))


def taken(subject: Subject) -> Ledger:
    return take_part(subject, oracle.read(subject.folder), space.profiles(subject.knowledge.profile))


def test_all_cores_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sharing out the work changes nothing, and progress is told up to the end."""
    monkeypatch.setattr("explainer.ledger.FEW", 0)
    told: list[float] = []
    together, alone = take(PLANTS, told.append), taken(PLANTS)
    assert together == alone
    assert told == sorted(told)
    assert told[-1] == 1


def test_every_profile_has_one_outcome_for_each_thing() -> None:
    """Each table adds up to all profiles, and the same answers never have two outcomes."""
    ledger = taken(PLANTS)
    assert ledger.profiles == len(ALL_PLANTS) == space.count(PLANTS.knowledge.profile)
    for table in ledger.tables.values():
        assert sum(table.rows.values()) == ledger.profiles
        assert len(table.outcomes()) == len(table.rows)


def test_outcomes_are_those_of_the_explanations() -> None:
    """What the ledger says of a statement is what each family reads."""
    ledger = taken(PLANTS)
    shown = {name: {"definite": 0, "conditional": 0} for name in PLANTS.knowledge.statements}
    different = set()
    for answers in ALL_PLANTS:
        explanation = PLANTS.composer.explain(PLANTS.knowledge.profile.read(answers))
        different.add(explanation.model_dump_json(exclude={"profile"}))
        for section in explanation.sections:
            for statement in section.statements:
                shown[statement.id][statement.applies] += 1
    assert {
        name: {outcome: ledger.tables[name].count(outcome) for outcome in ("definite", "conditional")} for name in shown
    } == shown
    assert ledger.explanations == len(different)


def test_an_explanation_that_cannot_be_made_is_found() -> None:
    """One profile that raises is told with its answers; all others are gone through."""
    compose = Composer.compose

    def failing(self: Composer, profile: object, decision: object) -> object:
        if getattr(profile, "plant", "") == "cactus":
            raise RuntimeError("thorns")
        return compose(self, profile, decision)  # type: ignore[arg-type]

    with patch.object(Composer, "compose", failing):
        ledger = taken(PLANTS)
    cactuses = [answers for answers in ALL_PLANTS if answers["plant"] == "cactus"]
    assert dict(ledger.faults.counts) == {("raises", "RuntimeError: thorns"): len(cactuses)}
    assert ledger.faults.examples["raises", "RuntimeError: thorns"] == cactuses[:3]


@pytest.mark.parametrize("unless", ["", "\n    unless: [harmless]"])
def test_statements_that_contradict_each_other_are_found(unless: str, tmp_path: Path) -> None:
    """Two statements that must not meet are found where both are certain, unless a notice tells why."""
    pair = "[watering.at-once, watering.not-too-much]"
    subject = sample(tmp_path, ("contradictions", pair, f"[watering.moist, watering.warm-place]{unless}"))
    ledger = taken(subject)
    both = sum(answers["plant"] == "fern" and answers["place"] in ("window", "heater") for answers in ALL_PLANTS)
    expected = {} if unless else {("contradicts", "watering.moist and watering.warm-place"): both}
    assert dict(ledger.faults.counts) == expected


def test_parts_add_up(tmp_path: Path) -> None:
    """Nothing is lost when parts are put together, and no more than three examples of a fault are kept."""
    pair = "[watering.at-once, watering.not-too-much]"
    subject = sample(tmp_path, ("contradictions", pair, "[watering.moist, watering.warm-place]"))
    by_hand = oracle.read(subject.folder)
    whole, parts = (take_part(subject, by_hand, ALL_PLANTS[:number]) for number in (None, 7))
    parts.merge(take_part(subject, by_hand, ALL_PLANTS[7:]))
    assert parts == whole
    assert [len(examples) for examples in whole.faults.examples.values()] == [3]


def test_a_part_of_the_shipped_rules_is_without_faults() -> None:
    """A sample of all children: nothing raises, nothing contradicts."""
    subject = Subject.read(folder("rules"))
    every = list(space.profiles(subject.knowledge.profile))
    ledger = take_part(subject, oracle.read(subject.folder), every[::997])
    assert not ledger.faults.counts
    assert ledger.tables["induction.fourth-drug"].count(NO) > 0
