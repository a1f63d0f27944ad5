"""The parts of explanations: each is right for every child who gets it, whoever it was made for."""

from __future__ import annotations

from hypothesis import given, settings

from explainer import logic
from explainer.compose import Composer, composer
from explainer.engine import engine
from explainer.explanation import Term
from explainer.glossary import Glossary
from explainer.loader import knowledge
from explainer.parts import Child, Parts
from explainer.phrasing import Phrasing
from explainer.profile import ProfileModel
from tests.strategies import UNKNOWN, VALUES, profiles

PARTS = Parts(knowledge(), Phrasing(knowledge()), Glossary[Term]([]))


def child(profile: ProfileModel) -> Child:
    return Child(profile.answers, engine().decide(profile))


@given(profiles())
@settings(max_examples=50)
def test_an_explanation_does_not_hang_on_the_children_before(profile: ProfileModel) -> None:
    """A family reads what was made for others only where it would be made for them in the same words."""
    assert composer().explain(profile) == Composer(knowledge(), engine()).explain(profile)


@given(profiles())
def test_what_a_topic_tells_is_what_was_decided(profile: ProfileModel) -> None:
    """No part shows a statement that the rules did not show, nor loses one."""
    one = child(profile)
    told = {
        statement.id: statement.applies
        for section in one.decision.sections
        for topic in PARTS.topics[section]
        for statement in topic(one).statements
    }
    assert told == one.decision.statements


@given(profiles())
def test_each_part_is_made_once(profile: ProfileModel) -> None:
    """Children who give the same answers share their parts, which saves the work."""
    one, same = child(profile), child(profile)
    assert PARTS.place(one) is PARTS.place(same)
    for section in one.decision.sections:
        assert PARTS.becauses[section](one) is PARTS.becauses[section](same)
        assert [topic(one) for topic in PARTS.topics[section]] == [topic(same) for topic in PARTS.topics[section]]
        assert all(topic(one) is topic(same) for topic in PARTS.topics[section])


@given(profiles())
def test_what_is_not_known_is_named_where_it_matters(profile: ProfileModel) -> None:
    """A possibility, and a section that is shown for want of an answer, say which answer that is."""
    one = child(profile)
    for section in one.decision.sections:
        assert {one.answers[name] for name in PARTS.becauses[section](one).unknown} <= {UNKNOWN}
        for topic in PARTS.topics[section]:
            told = topic(one)
            assert {one.answers[name] for name in told.unknown} <= {UNKNOWN}
            assert bool(told.unknown) == any(statement.condition for statement in told.statements)
            assert {ask.id for ask in told.asks} <= {s.id for s in told.statements if s.applies == "definite"}


def test_what_to_ask_about_an_answer_depends_on_where_the_child_is() -> None:
    """Every question has its words for the care team by the answers given, or none: a part for each."""
    assert PARTS.asks.keys() == VALUES.keys()
    for question in knowledge().questions:
        known = {team.say for team in question.team if team.when == logic.TRUE}
        for answers in ({}, {"stage": "induction"}):
            ask = PARTS.asks[question.field](child(knowledge().profile.read(answers)))
            assert ask is None or ask.id == f"unknown.{question.field}"
            assert not known or ask is not None
