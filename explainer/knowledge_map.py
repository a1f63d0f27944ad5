"""The map of the knowledge: which answers touch which statements, and how. It is read off the rules, for no child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from explainer import logic
from explainer.compose import Composer
from explainer.explanation import Part
from explainer.knowledge import Rule, Section

By = Literal["rule", "concept", "section"]
HEATS = 4
"""Shades run from 0 (no statement of the section) to this (more than three quarters of them)."""


class Way(Part):
    """One way in which a question touches a statement: its rule looks at it, or a concept of the rule, or the section.

    `through` are the phrases of the concepts in between, from the rule on. `options` are the answers that are wanted,
    as a clause (None if there are none but "I'm not sure"); with `or_unknown`, that one is wanted, too.
    """

    by: By
    through: tuple[str, ...]
    options: str | None
    or_unknown: bool


class Row(Part):
    """A statement, and the ways in which each question touches it by its rule; a question that does not is left out."""

    id: str
    text: str
    ways: Mapping[str, tuple[Way, ...]]


class Cell(Part):
    """How many statements of a section a question touches, and the shade of that (0 to HEATS)."""

    count: int
    heat: int


class Area(Part):
    """A section: its statements, by question the ways in which the section itself looks at it, and a cell for each."""

    id: str
    title: str
    rows: tuple[Row, ...]
    ways: Mapping[str, tuple[Way, ...]]
    cells: Mapping[str, Cell]

    @property
    def touched_by(self) -> tuple[str, ...]:
        """The questions that touch a statement of the section by its rule, in the order of the questionnaire."""
        return tuple(field for field in self.cells if any(field in row.ways for row in self.rows))

    @property
    def untouched_by(self) -> tuple[str, ...]:
        """The questions that touch no statement of the section in any way."""
        return tuple(field for field, cell in self.cells.items() if not cell.count)


class Map(Part):
    """Sections down, questions across. `questions` gives the name of each by its field; `totals` are of all."""

    questions: Mapping[str, str]
    areas: tuple[Area, ...]
    totals: Mapping[str, Cell]
    statements: int


def knowledge_map(composer: Composer) -> Map:
    """The map of the composer's rules."""
    knowledge = composer.knowledge
    areas = tuple(_area(composer, section) for section in knowledge.sections)
    fields = [question.field for question in knowledge.questions]
    return Map(
        questions={question.field: question.name for question in knowledge.questions},
        areas=areas,
        totals={f: _cell(sum(area.cells[f].count for area in areas), len(knowledge.statements)) for f in fields},
        statements=len(knowledge.statements),
    )


def _area(composer: Composer, section: Section) -> Area:
    whole = _by_question(_ways(composer, section.shown_when, "section"))
    rows = tuple(_row(composer, section, rule) for rule in section.rules)
    fields = [question.field for question in composer.knowledge.questions]
    touched = {f: len(rows) if f in whole else sum(f in row.ways for row in rows) for f in fields}
    return Area(
        id=section.id,
        title=section.title,
        rows=rows,
        ways=whole,
        cells={field: _cell(count, len(rows)) for field, count in touched.items()},
    )


def _row(composer: Composer, section: Section, rule: Rule) -> Row:
    return Row(id=section.statement_id(rule), text=rule.say, ways=_by_question(_ways(composer, rule.when, "rule")))


def _cell(count: int, most: int) -> Cell:
    return Cell(count=count, heat=-(-count * HEATS // most))


def _by_question(ways: Iterator[tuple[str, Way]]) -> dict[str, tuple[Way, ...]]:
    found: dict[str, tuple[Way, ...]] = {}
    for field, way in ways:
        if way not in found.get(field, ()):
            found[field] = (*found.get(field, ()), way)
    return found


def _ways(
    composer: Composer, when: logic.When, by: Literal["rule", "section"], through: tuple[str, ...] = ()
) -> Iterator[tuple[str, Way]]:
    for literal in logic.literals(when):
        if isinstance(literal, logic.Derived):
            phrase = composer.knowledge.concept(literal.concept).phrase
            yield from _ways(composer, composer.knowledge.definition(literal), by, (*through, phrase))
        else:
            wanted = tuple(value for value in literal.values if value != logic.UNKNOWN)
            yield (
                literal.field,
                Way(
                    by="concept" if through and by == "rule" else by,
                    through=through,
                    options=composer.phrasing.condition(logic.Answer(literal.field, wanted)) if wanted else None,
                    or_unknown=logic.UNKNOWN in literal.values,
                ),
            )
