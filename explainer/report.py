"""The report for reviewers: every rule with its words, its condition, its facts, and what the checks found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from explainer import digest, logic
from explainer.check import as_json, as_text
from explainer.compose import Composer
from explainer.explanation import Part
from explainer.findings import Result, Subject
from explainer.knowledge import Fact, Review, Section
from explainer.readability import measure
from explainer.render import render_template

FORMS = ("text", "json", "html")


def told(subject: Subject, results: Sequence[Result], form: str, *, tables: bool) -> str:
    """What checks of a subject found, in one of FORMS; as text with what they measured, too, if `tables` are wanted."""
    if form == "html":
        kept = digest.readable(subject.folder)
        page = context(subject.composer, kept, subject.places, results)
        return render_template("report.html", knowledge=subject.knowledge, **page)
    return as_json(results) if form == "json" else as_text(results, tables=tables)


class Line(Part):
    """One rule, as a reviewer reads it. `place` is where it is written, for authors.

    `certain` and `possible` are numbers of profiles; None while not counted.
    """

    id: str
    place: str | None
    text: str
    ask: str | None
    who: str
    facts: tuple[Fact, ...]
    certainty: str
    grade: float
    certain: int | None
    possible: int | None


class Chapter(Part):
    """One section with its rules; `reviewed` is a review that still holds."""

    title: str
    reviewed: Review | None
    lines: tuple[Line, ...]


def context(
    composer: Composer,
    kept: digest.Digest | None,
    places: Mapping[str, tuple[str, int]] = MappingProxyType({}),
    results: Sequence[Result] = (),
) -> dict[str, Any]:
    """What the templates of the report want beside the knowledge.

    `results` are of checks that have just run, none on a web site.
    """
    blocks = kept.blocks if kept else {}
    parts = tuple(
        Chapter(
            title=section.title,
            reviewed=composer.reviews.get(section.id),
            lines=tuple(_lines(composer, section, blocks, places)),
        )
        for section in composer.knowledge.sections
    )
    return {"parts": parts, "results": results, "kept": kept, "phrasing": composer.phrasing}


def _lines(
    composer: Composer,
    section: Section,
    blocks: Mapping[str, digest.Block],
    places: Mapping[str, tuple[str, int]],
) -> Iterator[Line]:
    for rule in section.rules:
        name = section.statement_id(rule)
        block = blocks.get(name)
        yield Line(
            id=name,
            place="{}:{}".format(*places[name]) if name in places else None,
            text=rule.say,
            ask=rule.ask,
            who=section.everyone if rule.when == logic.TRUE else composer.phrasing.condition(rule.when),
            facts=tuple(map(composer.knowledge.fact, rule.facts)),
            certainty=rule.certainty,
            grade=round(measure(rule.say).flesch_kincaid, 1),
            certain=block and block.count("definite"),
            possible=block and block.count("conditional"),
        )
