"""A handout for a class: a scenario, what its family reads, questions on it, and the answers to these.

Here is what the questions are about, taken from the explanation itself; their words are in templates/.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Literal

from explainer import logic
from explainer.compose import Composer
from explainer.explanation import Part, Statement
from explainer.influence import Influence
from explainer.knowledge import Scenario
from explainer.lesson import Lesson, lesson
from explainer.why import why

PARTS = ("key", "text")
"""What a handout may lack: the answers, and what the family reads."""

Kind = Literal["notice", "possible", "because", "hidden", "ask-first", "changes", "teaches"]

_MOST_REASONS = 3
_MOST_HIDDEN = 2


class Possibility(Part):
    """One condition that is still open, and what it brings."""

    condition: str
    because: tuple[str, ...]
    statements: tuple[Statement, ...]


class Hidden(Part):
    """A part that this family does not read, and what it would take."""

    title: str
    needs: str
    because: tuple[str, ...]


class Exercise(Part):
    """One question for the class, with what its answer is made of.

    notice: the scenario's own points. possible: what is told only as a possibility. because: why one statement is told.
    hidden: why a section is not there. ask-first: the open answers by how much depends on them. changes: what differs
    from the step before. teaches: the teaching point.
    """

    kind: Kind
    notice: tuple[str, ...] = ()
    possibilities: tuple[Possibility, ...] = ()
    statement: Statement | None = None
    hidden: Hidden | None = None
    influences: tuple[Influence, ...] = ()


class Handout(Part):
    lesson: Lesson
    exercises: tuple[Exercise, ...]

    def shown(self, without: Container[str] = ()) -> dict[str, object]:
        """What its templates are given; `without` names those of its PARTS that are left out."""
        return {
            "lesson": self.lesson,
            "explanation": self.lesson.explanation,
            "exercises": self.exercises,
            **{f"with_{part}": part not in without for part in PARTS},
        }


def handout(composer: Composer, scenario: Scenario, step: int = 1) -> Handout:
    """The handout on one step of a scenario. Raises InputError when it has fewer steps."""
    told = lesson(composer, scenario, step)
    return Handout(lesson=told, exercises=tuple(_exercises(composer, told)))


def _exercises(composer: Composer, told: Lesson) -> Iterator[Exercise]:
    yield Exercise(kind="notice", notice=told.notice)
    if told.changes is not None:
        yield Exercise(kind="changes")
    possibilities = tuple(_possibilities(told))
    if possibilities:
        yield Exercise(kind="possible", possibilities=possibilities)
    for statement in _reasons(told):
        yield Exercise(kind="because", statement=statement)
    for hidden in _hidden(composer, told):
        yield Exercise(kind="hidden", hidden=hidden)
    unknown = tuple(one for one in told.influences if one.count and one.given == logic.UNKNOWN)
    if len(unknown) > 1:
        yield Exercise(kind="ask-first", influences=unknown)
    if told.is_last:
        yield Exercise(kind="teaches")


def _statements(told: Lesson) -> list[Statement]:
    return [statement for section in told.explanation.sections for statement in section.statements]


def _possibilities(told: Lesson) -> Iterator[Possibility]:
    open_: dict[str, dict[str, Statement]] = {}
    for statement in _statements(told):
        if statement.condition is not None:
            # Two sections may say the same.
            open_.setdefault(statement.condition, {}).setdefault(statement.text, statement)
    for condition, statements in open_.items():
        alike = tuple(statements.values())
        yield Possibility(condition=condition, because=alike[0].because, statements=alike)


def _reasons(told: Lesson) -> list[Statement]:
    """A few statements that are told as certain because of an answer, each for reasons of its own."""
    found: dict[tuple[str, ...], Statement] = {}
    for statement in _statements(told):
        if statement.applies == "definite" and not statement.for_everyone:
            found.setdefault(statement.because, statement)
    return list(found.values())[:_MOST_REASONS]


def _hidden(composer: Composer, told: Lesson) -> list[Hidden]:
    """A few sections that this family does not read, each for want of something else for its first statement."""
    profile = composer.knowledge.profile.read(dict(told.profile))
    shown = {section.id for section in told.explanation.sections}
    found: dict[str, Hidden] = {}
    for section in composer.knowledge.sections:
        if section.id not in shown:
            reason = why(composer, profile, section.statement_id(section.rules[0]))
            if reason.needs is not None:
                found.setdefault(reason.needs, Hidden(title=section.title, needs=reason.needs, because=reason.because))
    return list(found.values())[:_MOST_HIDDEN]
