"""How a made-up child stands in an address: a scenario's name, its step, or the answers themselves.

    clear-sky  clear-sky.2  sky:clear.wind:unknown

Only educators' pages have such addresses. A real child's answers never stand in one.
"""

from __future__ import annotations

from typing import NamedTuple

from explainer.errors import InputError, shown
from explainer.knowledge import Knowledge, Scenario
from explainer.profile import ProfileModel
from explainer.scenarios import find, step_title, walk


class Child(NamedTuple):
    """A made-up child. `title` and `scenario` are None for one that is made of answers alone."""

    text: str
    profile: ProfileModel
    title: str | None = None
    scenario: Scenario | None = None
    step: int = 1


def write(profile: ProfileModel) -> str:
    """The answers of a profile, less those that are not known: `read` gives the profile back. It is never empty."""
    name, field = next(iter(profile.questions.items()))
    given = profile.given or {name: field.default}  # an empty part of an address would be left out
    return ".".join(f"{name}:{word}" for name, word in given.items())


def read(knowledge: Knowledge, text: str, place: str) -> Child:
    """The child that a part of an address stands for; nothing is known of the one that has no answers.

    Raises InputError for a name that no scenario has, and ProfileError for answers that do not fit.
    """
    if ":" not in text and text:
        return named(knowledge, text, place, "those in the library")
    answers: dict[str, str] = {}
    for pair in filter(None, text.split(".")):
        name, colon, word = pair.partition(":")
        if not colon or name in answers:
            said = "stands here twice" if colon else "is not of the form field:value"
            raise InputError.at(place, f"{shown(pair)} {said}")
        answers[name] = word
    return of(knowledge.profile.read(answers, place))


def of(profile: ProfileModel) -> Child:
    """A child made of answers alone."""
    return Child(write(profile), profile)


def steps(knowledge: Knowledge, scenario: Scenario) -> list[Child]:
    """The child of a scenario at each of its steps, from the beginning on."""
    return [
        Child(
            text=scenario.id if step == 1 else f"{scenario.id}.{step}",
            profile=profile,
            title=scenario.title if step == 1 else f"{scenario.title}: {step_title(scenario, step)}",
            scenario=scenario,
            step=step,
        )
        for step, profile in enumerate(walk(knowledge, scenario), 1)
    ]


def every_step(knowledge: Knowledge) -> list[tuple[Scenario, Child]]:
    """Every scenario with its child, at each of its steps."""
    return [(scenario, child) for scenario in knowledge.scenarios for child in steps(knowledge, scenario)]


def named(knowledge: Knowledge, text: str, place: str, allowed: str) -> Child:
    """The child of a scenario by its name, at its beginning, or at the step whose number stands after a dot.

    Raises InputError, as `find` does.
    """
    name, _, number = text.partition(".")
    return at_step(knowledge, find(knowledge, name, place, allowed), number or "1", place)


def at_step(knowledge: Knowledge, scenario: Scenario, number: str, place: str) -> Child:
    """The child of a scenario at a step. Raises InputError when it has none of that number."""
    children = {str(child.step): child for child in steps(knowledge, scenario)}
    if number not in children:
        raise InputError.at(place, f"{scenario.id} has no step {shown(number)}; allowed: {', '.join(children)}")
    return children[number]
