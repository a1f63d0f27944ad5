"""What led to what: the boxes and links are those of the engine's trace, no more and no fewer."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given

from explainer.compose import Composer, composer
from explainer.loader import load
from explainer.logic import UNKNOWN
from explainer.profile import ProfileModel
from explainer.reasoning import Reasoning, reasoning
from tests.spoil import changed_sample
from tests.strategies import profiles

STATES = {"true": "certain", "open": "possible", "definite": "certain", "conditional": "possible"}


def names(found: Reasoning, kind: str) -> dict[str, str]:
    return {name.removeprefix(f"{kind}."): box.standing for name, box in found.boxes.items() if box.kind == kind}


@given(profiles())
def test_what_fired_is_there_and_nothing_else(profile: ProfileModel) -> None:
    """Each concept and each statement that the engine decided for, certain or possible as it decided; no other box."""
    decision, found = composer().engine.decide(profile), reasoning(composer(), profile)
    assert names(found, "statement") == {name: STATES[applies] for name, applies in decision.statements.items()}
    held = {name: STATES[state] for name, state in decision.concepts.items() if state != "false"}
    assert names(found, "concept") == held
    assert names(found, "section") == dict.fromkeys({name.partition(".")[0] for name in decision.statements}, "certain")
    for name, standing in names(found, "answer").items():
        assert standing == ("unknown" if profile.answers[name] == UNKNOWN else "certain")


@given(profiles())
def test_every_link_is_in_the_trace_and_the_other_way_round(profile: ProfileModel) -> None:
    """A link stands for one thing that a firing stood on, as certain as the firing was; nothing is left out."""
    decision, found = composer().engine.decide(profile), reasoning(composer(), profile)
    fired = {
        (f"{'concept' if on in decision.concepts else 'answer'}.{on}", f"{firing.kind}.{firing.name}"): firing.applies
        for firing in decision.trace
        for on in firing.on
        if f"{firing.kind}.{firing.name}" in found.boxes
    }
    assert found.links == fired
    linked = {name for link in found.links for name in link}
    assert linked <= found.boxes.keys()
    assert {name for name, box in found.boxes.items() if box.kind == "answer"} <= linked


@given(profiles())
def test_its_words_are_those_of_the_rules(profile: ProfileModel) -> None:
    """Statements and sections say what the explanation says, in its order; a known answer says what "Why?" says."""
    found = reasoning(composer(), profile)
    told = [
        (name, box.text) for name, box in found.boxes.items() if name.startswith("section.") or box.kind == "statement"
    ]
    assert told == [
        pair
        for section in composer().explain(profile).sections
        for pair in [
            (f"section.{section.id}", section.title),
            *((f"statement.{statement.id}", statement.text) for statement in section.statements),
        ]
    ]
    for field, word in profile.answers.items():
        box = found.boxes.get(f"answer.{field}")
        question = composer().knowledge.question(field)
        said = question.name if word == UNKNOWN else composer().phrasing.known(field, word)
        assert box is None or box.text.lower() == said.lower()


def test_a_statement_on_what_does_not_hold_shows_why_it_does_not(tmp_path: Path) -> None:
    """Where a rule wants a concept not to hold, the concept is there, and the answers that keep it from holding."""
    rules = changed_sample(tmp_path, ("watering", "- not: {plant: fern}", "- not: {concept: thirsty}"))
    made = Composer(load(rules))
    found = reasoning(made, made.knowledge.profile(plant="fern", water="wet", place="window"))
    assert {name: box.standing for name, box in found.boxes.items() if box.kind == "concept"} == {
        "concept.warm": "certain",
        "concept.thirsty": "absent",
    }
    assert [link for link in found.links if link[1] == "concept.thirsty"] == [("answer.water", "concept.thirsty")]
    assert found.links["concept.thirsty", "statement.watering.not-too-much"] == "definite"
