"""The parts of explanations: each is right for every child who gets it, whoever it was made for."""

from __future__ import annotations

from hypothesis import given, settings

from explainer import logic
from explainer.compose import Composer, composer
from explainer.explanation import Statement, Term
from explainer.glossary import Glossary
from explainer.loader import knowledge
from explainer.parts import Decided, Parts
from explainer.phrasing import Phrasing
from explainer.profile import ProfileModel
from tests.strategies import UNKNOWN, VALUES, profiles

PARTS = Parts(knowledge(), Phrasing(knowledge()), Glossary[Term]([]), {})


def child(profile: ProfileModel) -> Decided:
    return Decided(profile.answers, composer().engine.decide(profile))


@given(profiles())
@settings(max_examples=50)
def test_an_explanation_does_not_hang_on_the_children_before(profile: ProfileModel) -> None:
    """A family reads what was made for others only where it would be made for them in the same words."""
    assert composer().explain(profile) == Composer(knowledge()).explain(profile)


@given(profiles())
def test_what_sections_tell_is_what_was_decided(profile: ProfileModel) -> None:
    """No part shows a statement that the rules did not show, nor loses one."""
    one = child(profile)
    told = {
        statement.id: statement.applies
        for name in one.decision.sections
        if (part := PARTS.sections[name](one))
        for statement in part.section.statements
    }
    assert told == one.decision.statements


def test_a_section_without_a_statement_is_not_told() -> None:
    """A heading with nothing under it would only puzzle a family."""
    one = child(knowledge().profile.read({}))
    silent = Decided(one.answers, one.decision._replace(statements={}))
    assert one.decision.sections
    assert [PARTS.sections[name](silent) for name in one.decision.sections] == [None] * len(one.decision.sections)


@given(profiles())
def test_each_part_is_made_once(profile: ProfileModel) -> None:
    """Children who give the same answers share their parts, which saves the work."""
    one, same = child(profile), child(profile)
    assert PARTS.place(one) is PARTS.place(same)
    for name in one.decision.sections:
        assert PARTS.sections[name](one) is PARTS.sections[name](same)


@given(profiles())
def test_what_is_not_known_is_named_where_it_matters(profile: ProfileModel) -> None:
    """A possibility, and a section that is shown for want of an answer, say which answer that is."""
    one = child(profile)
    for name in one.decision.sections:
        told = PARTS.sections[name](one)
        if told is None:
            continue
        assert {one.answers[field] for field in told.unknown} <= {UNKNOWN}
        assert told.unknown or not any(statement.condition for statement in told.section.statements)
        certain = {s.id for s in told.section.statements if s.applies == "definite"}
        assert {ask.id for ask in told.asks} <= certain
        still = {s.id for s in told.section.statements if s.goes_on}
        assert told.section.timing != "earlier" or {ask.id for ask in told.asks} <= still
        goes_on = [statement.goes_on for statement in told.section.statements]
        assert goes_on == sorted(goes_on, reverse=True)


def test_what_to_ask_about_an_answer_depends_on_where_the_child_is() -> None:
    """Every question has its words for the care team by the answers given, or none: a part for each."""
    assert PARTS.asks.keys() == VALUES.keys()
    for question in knowledge().questions:
        known = {team.say for team in question.team if team.when == logic.TRUE}
        for answers in ({}, {"stage": "induction"}):
            ask = PARTS.asks[question.field](child(knowledge().profile.read(answers)))
            assert ask is None or ask.id == f"unknown.{question.field}"
            assert not known or ask is not None


@given(profiles(), profiles())
def test_statements_that_read_the_same_are_one(profile: ProfileModel, another: ProfileModel) -> None:
    """Whoever they are told to: so it takes no time to see that they are the same."""
    told: dict[Statement, Statement] = {}
    for one in (child(profile), child(another)):
        for name in one.decision.sections:
            for statement in part.section.statements if (part := PARTS.sections[name](one)) else ():
                assert told.setdefault(statement, statement) is statement
