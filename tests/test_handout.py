"""Handouts: questions that the explanation answers, and a key that says nothing else."""

from __future__ import annotations

import html
import re

import pytest

from explainer.compose import composer
from explainer.handout import handout
from explainer.knowledge import Scenario
from explainer.loader import knowledge
from explainer.logic import UNKNOWN
from explainer.render import render_template
from explainer.scenarios import find

STEPS = [(s, number) for s in knowledge().scenarios for number in range(1, len(s.steps) + 2)]
each_step = pytest.mark.parametrize(("scenario", "step"), STEPS, ids=[f"{s.id} {number}" for s, number in STEPS])


@each_step
def test_the_key_holds_what_the_explanation_holds(scenario: Scenario, step: int) -> None:
    """Each question is about something that is told here, and its answer is the explanation's own."""
    made = handout(composer(), scenario, step)
    told = [s for section in made.lesson.explanation.sections for s in section.statements]
    kinds = [exercise.kind for exercise in made.exercises]
    assert kinds[0] == "notice"
    assert ("teaches" in kinds) == made.lesson.is_last  # before, the story has not shown it yet
    assert ("changes" in kinds) == (step > 1)
    needs: list[str] = []
    for exercise in made.exercises:
        if exercise.kind == "possible":
            listed = [s for possibility in exercise.possibilities for s in possibility.statements]
            open_ = [(s.condition, s.text) for s in told if s.applies == "conditional"]
            assert sorted((s.condition, s.text) for s in listed) == sorted(set(open_))  # none twice
            assert all(s.condition == p.condition for p in exercise.possibilities for s in p.statements)
        if exercise.kind == "because":
            assert exercise.statement in told
        if exercise.kind == "hidden":
            assert exercise.hidden
            needs.append(exercise.hidden.needs)
            assert exercise.hidden.title not in {section.title for section in made.lesson.explanation.sections}
        if exercise.kind == "ask-first":
            assert {influence.given for influence in exercise.influences} == {UNKNOWN}
    assert len(set(needs)) == len(needs)
    assert ("possible" in kinds) == any(s.applies == "conditional" for s in told)


@each_step
@pytest.mark.parametrize("form", ["md", "html"])
def test_a_handout_has_explanation_questions_and_key(scenario: Scenario, step: int, form: str) -> None:
    """One file to print: nothing is fetched, no script runs, and every question comes again in the key."""
    made = handout(composer(), scenario, step)
    text = render_template(f"handout.{form}", **made.shown())
    assert not re.search(r"\{\{|\{%|\bNone\b(?! are found)|Undefined", text)
    assert not re.search(r"<script|<link|https?:|src=", text)
    plain = html.unescape(re.sub(r"\\(.)", r"\1", text))
    for heading in (scenario.title, "Questions for the class", "Answer key"):
        assert heading in plain
    questions = plain.index("Questions for the class", plain.index("Where this comes from"))
    assert questions < plain.index("Answer key")
    is_last = step == 1 + len(scenario.steps)
    assert plain.count("What does this child's story show about how the rules work?") == (2 if is_last else 0)
    assert (scenario.teaches in plain[plain.index("Answer key") :]) == is_last
    assert scenario.teaches not in plain[: plain.index("Answer key")]
    assert form == "md" or text.count("<h1>") == 1
    assert form == "html" or not re.search(r"[ \t]$", text, re.MULTILINE)


@each_step
def test_a_handout_can_be_worked_with_alone(scenario: Scenario, step: int) -> None:
    """Whoever was not there reads the story so far, and is asked nothing that the paper does not tell."""
    made = handout(composer(), scenario, step)
    earlier = [scenario.story, *(told.story for told in scenario.steps)][: step - 1]
    for form in ("md", "html"):
        for without in ((), ("text",)):
            text = render_template(f"handout.{form}", **made.shown(without))
            plain = html.unescape(re.sub(r"\\(.)", r"\1", text))
            places = [plain.index(story) for story in [*earlier, made.lesson.story]]
            assert places == sorted(places)
            assert ("The story so far" in plain) == (step > 1)
            beside = "Lay the handout of the step before beside this one." in plain
            assert beside == (step > 1 and not without)
    assert "switch" not in {exercise.kind for exercise in made.exercises}


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_handout_without_the_text_says_that_nobody_has_checked(form: str) -> None:
    """What the family reads says so itself; where that is left out, the handout does."""
    made = handout(composer(), find(knowledge(), "no-remission-yet"))
    for without in ((), ("text",), ("text", "key")):
        text = render_template(f"handout.{form}", **made.shown(without))
        assert "No doctor or nurse has checked these words yet." in text
        assert "This child is made up." in text


def test_a_possibility_is_asked_about_with_its_reason() -> None:
    """“Which statement is told only as a possibility, and why?” has its answer in the key."""
    made = handout(composer(), find(knowledge(), "no-remission-yet"), 2)
    possible = next(exercise for exercise in made.exercises if exercise.kind == "possible")
    mrd = next(p for p in possible.possibilities if p.condition == "MRD is found after induction")
    assert "residual.newer-treatments" in {statement.id for statement in mrd.statements}
    assert mrd.because == ("it depends on the MRD result, and your answers leave that open",)


@each_step
def test_the_key_tells_every_change(scenario: Scenario, step: int) -> None:
    """What came and what went, statements, notices and questions alike, in each form."""
    made = handout(composer(), scenario, step)
    changes = made.lesson.changes
    for form in ("md", "html"):
        plain = html.unescape(re.sub(r"\\(.)", r"\1", render_template(f"handout.{form}", **made.shown())))
        key = plain[plain.index("Answer key") :]
        texts = [*changes.notices, *changes.questions] if changes else []
        assert all(f"“{pair.text}”" in key for pair in texts if pair.difference != "same")
        assert sum(f"“{pair.text}”" in key for pair in texts if pair.difference == "same") == 0
