"""A lesson is one step of a made-up child's story: whole in every form, and true to what its story promises."""

from __future__ import annotations

import re

import pytest

from explainer import explain
from explainer.compare import compare
from explainer.compose import composer
from explainer.errors import InputError
from explainer.knowledge import Scenario
from explainer.lesson import lesson
from explainer.loader import knowledge
from explainer.logic import UNKNOWN
from explainer.profile import ProfileModel
from explainer.render import render_template
from explainer.scenarios import find, walk

KNOWN = knowledge()
STEPS = [(s, number) for s in KNOWN.scenarios for number in range(1, len(s.steps) + 2)]
each_step = pytest.mark.parametrize(("scenario", "step"), STEPS, ids=[f"{s.id} {number}" for s, number in STEPS])


@each_step
def test_each_step_shows_what_changed_since_the_one_before(scenario: Scenario, step: int) -> None:
    """The comparison is with the step before, of which the step changes some answers; the beginning has none."""
    told = lesson(composer(), scenario, step)
    profiles = walk(KNOWN, scenario)
    assert told.explanation == explain(profiles[step - 1])
    assert told.is_last == (step == len(scenario.steps) + 1)
    assert told.notice
    if step == 1:
        assert told.changes is None
        return
    assert told.changes
    assert not told.changes.is_empty
    expected = compare(composer(), profiles[step - 2], profiles[step - 1])
    assert told.changes.sections == expected.sections
    assert told.changes.before.title != told.changes.after.title
    assert [said.story for said in told.so_far] == [scenario.story, *(said.story for said in scenario.steps)][
        : step - 1
    ]
    for name, word in scenario.steps[step - 2].answers.items():
        assert profiles[step - 1].answers[name] == word
    labels = lesson(composer(), scenario, step - 1).answers
    earlier = {given.field: given.label for given in labels}
    changed = [given for given in told.answers if given.changed]
    assert changed
    assert all(given.before == earlier.get(given.field) != given.label for given in changed)
    assert all(given.before is None for given in told.answers if not given.changed)


@each_step
@pytest.mark.parametrize("form", ["txt", "md", "html"])
def test_every_form_of_a_lesson_is_whole(scenario: Scenario, step: int, form: str) -> None:
    """Story, points and explanation are there; no machinery shows, and text fits a terminal."""
    told = lesson(composer(), scenario, step)
    text = render_template(f"scenario.{form}", lesson=told, explanation=told.explanation)
    assert not re.search(r"\{\{|\{%|\bNone\b(?! are found)|Undefined", text)
    assert form == "html" or not re.search(r"[ \t]$", text, re.MULTILINE)
    assert form == "html" or "\n\n\n" not in text
    assert text.count("<h1>") == (form == "html")
    if form == "txt":
        assert max(map(len, text.splitlines())) <= 80
        assert " ".join(told.story.split()) in " ".join(text.split())


@pytest.mark.parametrize("form", ["txt", "md", "html"])
def test_the_beginning_does_not_give_the_ending_away(form: str) -> None:
    """The first step is called the beginning, wherever it is named: the title of the whole may tell how it ends."""
    scenario = find(KNOWN, "from-diagnosis-to-relapse")
    for step in (1, 2):
        told = lesson(composer(), scenario, step)
        text = render_template(f"scenario.{form}", lesson=told, explanation=told.explanation).replace("\\", "")
        assert "The beginning" in text
        assert not re.search(rf"(Step \d of \d|Before): {scenario.title}", text)


def test_answers_are_listed_as_they_were_given() -> None:
    """The list beside a story holds what was asked, in words, and marks what is new."""
    told = lesson(composer(), find(KNOWN, "no-remission-yet"), 2)
    labels = {given.field: (given.label, given.changed) for given in told.answers}
    assert labels["remission"] == ("Yes, it is in remission", True)
    assert labels["mrd"] == (None, False)
    assert "relapse_site" not in labels


@pytest.mark.parametrize("step", [0, -1, 4])
def test_a_step_that_does_not_exist_is_refused(step: int) -> None:
    """The message says which steps there are."""
    with pytest.raises(InputError, match=rf"no-remission-yet has no step {step}; allowed: 1 to 3"):
        lesson(composer(), find(KNOWN, "no-remission-yet"), step)


# --- what the stories promise -----------------------------------------------------------------


def told_in(name: str, step: int = 1) -> dict[str, str]:
    explanation = lesson(composer(), find(KNOWN, name), step).explanation
    return {s.id: s.applies for section in explanation.sections for s in section.statements}


def profile_of(name: str, step: int = 1) -> ProfileModel:
    return walk(KNOWN, find(KNOWN, name))[step - 1]


def test_what_there_is_to_notice_is_there() -> None:
    """A point to notice that the explanation does not show would make a fool of the teacher."""
    last = told_in("answers-that-come-in-one-by-one", 4)
    explanation = lesson(composer(), find(KNOWN, "answers-that-come-in-one-by-one"), 4).explanation
    assert "induction.brain-radiation" not in last
    asked = {question.id for question in explanation.questions if question.section is None}
    assert asked == {"unknown.remission", "unknown.mrd"}
    assert told_in("waiting-for-a-donor")["ph.transplant-donor"] == "conditional"
    assert "ph.transplant-donor" not in told_in("waiting-for-a-donor", 2)
    assert "ph.transplant" in told_in("waiting-for-a-donor", 2)
    assert told_in("waiting-for-a-donor", 3)["ph.transplant-donor"] == "definite"
    assert told_in("no-remission-yet")["residual.newer-treatments"] == "definite"
    assert told_in("no-remission-yet")["residual.mrd-found"] == "conditional"
    assert told_in("no-remission-yet", 2)["residual.newer-treatments"] == "conditional"
    assert "residual.newer-treatments" not in told_in("no-remission-yet", 3)
    assert told_in("from-diagnosis-to-relapse", 3) == told_in("from-diagnosis-to-relapse", 4)
    assert profile_of("from-diagnosis-to-relapse", 5).answers["mrd"] == UNKNOWN
    first = lesson(composer(), find(KNOWN, "the-phase-not-known")).explanation
    assert first.questions[0].id == "unknown.stage"
    assert first.place
    assert not any(stop.here for stop in first.place.stops)
    many = profile_of("many-cells-in-the-spinal-fluid").changed({"csf_at_diagnosis": "some"})
    gone = composer().engine.decide(many).statements
    assert "induction.brain-radiation" not in gone
    assert "induction.more-than-twice" in gone
    lone = profile_of("a-relapse-in-another-place").changed({"donor": "none_found"})
    left = composer().engine.decide(lone).statements
    assert "recurrent.transplant" in left
    assert "recurrent.transplant-sibling" not in left
    assert len(lesson(composer(), find(KNOWN, "two-answers-that-clash")).explanation.notices) == 3
