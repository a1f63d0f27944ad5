"""Made-up children to teach with: found by name or topic, and walked through a step at a time."""

from __future__ import annotations

from collections.abc import Mapping

from explainer.compare import Comparison, compare
from explainer.compose import Composer
from explainer.errors import Fault, InputError, closest, nearest, shown
from explainer.explanation import Explanation, Part
from explainer.influence import Influence
from explainer.knowledge import Knowledge, Question, Scenario, ScenarioStep
from explainer.profile import ProfileModel


class Listed(Part):
    """A scenario as a list shows it. `topics` are titles; `steps` counts the beginning too."""

    id: str
    title: str
    story: str
    teaches: str
    topics: tuple[str, ...]
    steps: int
    example: bool


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


def library(knowledge: Knowledge, topic: str | None = None) -> tuple[Listed, ...]:
    """Every scenario, or those on one topic, in their order. Raises InputError when there is no topic of that name."""
    topics = [known.id for known in knowledge.topics]
    if topic is not None and topic not in topics:
        raise InputError([Fault("--topic", 0, f"no topic is named {shown(topic)}; {nearest(topic, topics)}")])
    found = (scenario for scenario in in_order(knowledge) if topic is None or topic in scenario.topics)
    return tuple(listed(knowledge, scenario) for scenario in found)


def in_order(knowledge: Knowledge) -> list[Scenario]:
    """All scenarios along the path of treatment, by the phase in which they begin; last those that name none."""
    field = knowledge.path.stage_field
    stages = [option.value for option in knowledge.question(field).options]

    def place(scenario: Scenario) -> tuple[int, str]:
        begins = scenario.profile.get(field)
        return stages.index(begins) if begins in stages else len(stages), scenario.title

    return sorted(knowledge.scenarios, key=place)


def listed(knowledge: Knowledge, scenario: Scenario) -> Listed:
    return Listed(
        id=scenario.id,
        title=scenario.title,
        story=scenario.story,
        teaches=scenario.teaches,
        topics=tuple(topic.title for topic in knowledge.topics if topic.id in scenario.topics),
        steps=1 + len(scenario.steps),
        example=scenario.example,
    )


LISTED = "those that `explainer scenarios` lists"


def find(knowledge: Knowledge, name: str, place: str = "NAME", allowed: str = LISTED) -> Scenario:
    """The scenario of that name. Raises InputError naming the nearest when there is none.

    The message calls what was asked `place`, and says which are `allowed`.
    """
    known = {scenario.id: scenario for scenario in knowledge.scenarios}
    if name not in known:
        close = closest(name, list(known))
        meant = f" (did you mean {close}?)" if close else ""
        raise InputError([Fault(place, 0, f"no scenario is named {shown(name)}; allowed: {allowed}{meant}")])
    return known[name]


def walk(knowledge: Knowledge, scenario: Scenario) -> tuple[ProfileModel, ...]:
    """The child's profile at each step, from the beginning on."""
    profiles = [knowledge.profile.read(dict(scenario.profile))]
    for step in scenario.steps:
        profiles.append(profiles[-1].changed(step.answers))
    return tuple(profiles)


def lesson(composer: Composer, scenario: Scenario, step: int = 1) -> Lesson:
    """One step of a scenario. Raises InputError when it has fewer steps."""
    count = 1 + len(scenario.steps)
    if not 1 <= step <= count:
        allowed = "1 only" if count == 1 else f"1 to {count}"
        raise InputError([Fault("--step", 0, f"{scenario.id} has no step {step}; allowed: {allowed}")])
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
        answers=given(composer.knowledge, profile, before),
        explanation=composer.explain(profile),
        changes=compare(composer, before, profile, (steps[-2].title, steps[-1].title)) if before else None,
        influences=composer.influences.of(profile),
    )


def given(knowledge: Knowledge, profile: ProfileModel, before: ProfileModel | None = None) -> tuple[Given, ...]:
    """The questions that are asked of this child, with the answers; and which of them differ from those of `before`."""
    answers, earlier = profile.answers, (before or profile).answers
    return tuple(
        Given(
            field=question.field,
            question=question.text,
            value=answers[question.field],
            label=_label(question, answers[question.field]),
            changed=answers[question.field] != earlier[question.field],
            before=_label(question, earlier[question.field])
            if answers[question.field] != earlier[question.field]
            else None,
        )
        for question in map(knowledge.question, profile.asked)
    )


def _label(question: Question, value: str) -> str | None:
    return next((option.label for option in question.options if option.value == value), None)


def step_title(scenario: Scenario, step: int) -> str | None:
    """What a step is called; None for the beginning."""
    return scenario.steps[step - 2].title if step > 1 else None


def told_at(scenario: Scenario, step: int) -> Scenario | ScenarioStep:
    """What has the title, the story and the points to notice of a step; the scenario itself has those of the first."""
    return scenario.steps[step - 2] if step > 1 else scenario
