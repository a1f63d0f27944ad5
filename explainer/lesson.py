"""Lessons: a made-up child at one step of its story, with all that there is to teach at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explainer.compare import Comparison, compare
from explainer.compose import Composer
from explainer.errors import InputError
from explainer.explanation import Explanation, Part
from explainer.influence import Influence
from explainer.knowledge import Knowledge, Question, Scenario
from explainer.logic import UNKNOWN
from explainer.profile import ProfileModel
from explainer.scenarios import Listed, listed, step_title, told_at, walk


class Given(Part):
    """A question that is asked of this child, and the answer; `label` is None where it is not known.

    `before` is the label of the step before, where that had another answer.
    """

    field: str
    question: str
    value: str
    label: str | None
    changed: bool
    before: str | None


class Told(Part):
    """What happens at a step. The beginning has no title: that of the whole may give away how the story ends."""

    title: str | None
    story: str


class Lesson(Part):
    """A scenario at one of its steps, numbered from 1: the beginning is the first, and has no title.

    `so_far` tells the steps before. `changes` compares with the step before, and is None at the beginning.
    `influences` say how much depends on each answer, most first.
    """

    scenario: Listed
    step: int
    title: str | None
    story: str
    so_far: tuple[Told, ...]
    notice: tuple[str, ...]
    profile: Mapping[str, str | bool]
    answers: tuple[Given, ...]
    explanation: Explanation
    changes: Comparison | None
    influences: tuple[Influence, ...]

    @property
    def is_last(self) -> bool:
        return self.step == self.scenario.steps


def lesson(composer: Composer, scenario: Scenario, step: int = 1) -> Lesson:
    """One step of a scenario. Raises InputError when it has fewer steps."""
    count = 1 + len(scenario.steps)
    if not 1 <= step <= count:
        allowed = "1 only" if count == 1 else f"1 to {count}"
        raise InputError.at("--step", f"{scenario.id} has no step {step}; allowed: {allowed}")
    profiles = walk(composer.knowledge, scenario)
    profile = profiles[step - 1]
    before = profiles[step - 2] if step > 1 else None
    steps = [
        Told(title=step_title(scenario, number), story=told_at(scenario, number).story) for number in range(1, step + 1)
    ]
    return Lesson(
        scenario=listed(composer.knowledge, scenario),
        step=step,
        title=steps[-1].title,
        story=steps[-1].story,
        so_far=tuple(steps[:-1]),
        notice=told_at(scenario, step).notice,
        profile=profile.model_dump(),
        answers=tuple(given(composer.knowledge, profile, before)),
        explanation=composer.explain(profile),
        changes=compare(composer, before, profile, (steps[-2].title, steps[-1].title)) if before else None,
        influences=composer.influences.of(profile),
    )


def given(knowledge: Knowledge, profile: ProfileModel, before: ProfileModel | None = None) -> Iterator[Given]:
    """The questions that are asked of this child, with the answers; and which of them differ from those of `before`."""
    answers, earlier = profile.answers, (before or profile).answers
    for question in map(knowledge.question, profile.asked):
        value, was = answers[question.field], earlier[question.field]
        yield Given(
            field=question.field,
            question=question.text,
            value=value,
            label=_label(question, value),
            changed=value != was,
            before=None if value == was else _label(question, was),
        )


def _label(question: Question, value: str) -> str | None:
    return None if value == UNKNOWN else question.option(value).label
