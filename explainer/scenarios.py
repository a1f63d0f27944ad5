"""Made-up children to teach with: found by name or topic, and who they are at each of their steps."""

from __future__ import annotations

from explainer.errors import InputError, closest, nearest, shown
from explainer.explanation import Part
from explainer.knowledge import Knowledge, Scenario, ScenarioStep
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


def library(knowledge: Knowledge, topic: str | None = None) -> tuple[Listed, ...]:
    """Every scenario, or those on one topic, in their order. Raises InputError when there is no topic of that name."""
    topics = [known.id for known in knowledge.topics]
    if topic is not None and topic not in topics:
        raise InputError.at("--topic", f"no topic is named {shown(topic)}; {nearest(topic, topics)}")
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
        raise InputError.at(place, f"no scenario is named {shown(name)}; allowed: {allowed}{meant}")
    return known[name]


def walk(knowledge: Knowledge, scenario: Scenario) -> tuple[ProfileModel, ...]:
    """The child's profile at each step, from the beginning on."""
    profiles = [knowledge.profile.read(dict(scenario.profile))]
    for step in scenario.steps:
        profiles.append(profiles[-1].changed(step.answers))
    return tuple(profiles)


def step_title(scenario: Scenario, step: int) -> str | None:
    """What a step is called; None for the beginning."""
    return scenario.steps[step - 2].title if step > 1 else None


def told_at(scenario: Scenario, step: int) -> Scenario | ScenarioStep:
    """What has the title, the story and the points to notice of a step; the scenario itself has those of the first."""
    return scenario.steps[step - 2] if step > 1 else scenario
