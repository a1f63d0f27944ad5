"""Compares what two children are told: what is the same, what differs, and the answers and rules that make it so.

Structural and without a search: each difference is traced through the one rule that brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from explainer import logic
from explainer.causes import Answers, Cause
from explainer.compose import Composer
from explainer.explanation import Explanation, Part, Section, Statement
from explainer.knowledge import TIMINGS, Position
from explainer.profile import ProfileModel

Difference = Literal["same", "added", "removed", "definite", "conditional", "condition", "goes_on", "over"]
"""From the first child to the second: told to both alike, to the second or the first alone, certain or merely possible
for the second, possible for both under other conditions; or of a phase that is over for both, and still to be kept in
mind by the second or the first alone."""


class StatementPair(Part):
    """A statement as each child is told it; None where it is not."""

    id: str
    difference: Difference
    before: Statement | None
    after: Statement | None
    causes: tuple[Cause, ...]

    @property
    def told(self) -> Statement:
        """The statement as the second child is told it, or else the first."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a pair holds at least one
        return found


class SectionPair(Part):
    """A section of either child, where it stands on each one's path, and its statements in reading order."""

    id: str
    title: str
    difference: Literal["same", "added", "removed", "timing"]
    before: Position | None
    after: Position | None
    causes: tuple[Cause, ...]
    statements: tuple[StatementPair, ...]

    @property
    def explains(self) -> tuple[Cause, ...]:
        """The causes of the section that its statements need not name again: it is told to one of the two alone."""
        return self.causes if self.difference in ("added", "removed") else ()


class TextPair(Part):
    """A notice or a question that both children are told, or one of them."""

    id: str
    text: str
    difference: Literal["same", "added", "removed"]
    causes: tuple[Cause, ...]


class Side(Part):
    """One of the two: what it is called, if it has a name, and the answers."""

    title: str | None
    profile: Mapping[str, str | bool]


class Comparison(Part):
    """What two children are told, side by side. `answers` are those that differ, each with nothing between."""

    before: Side
    after: Side
    answers: tuple[Cause, ...]
    sections: tuple[SectionPair, ...]
    notices: tuple[TextPair, ...]
    questions: tuple[TextPair, ...]

    @property
    def news_first(self) -> tuple[SectionPair, ...]:
        """The sections: first those that are told to the second child alone, last those that are not told to it."""
        places = {"added": 0, "removed": 2}
        return tuple(sorted(self.sections, key=lambda section: places.get(section.difference, 1)))

    @property
    def statements(self) -> tuple[StatementPair, ...]:
        """The statements that differ."""
        return tuple(pair for section in self.sections for pair in section.statements if pair.difference != "same")

    @property
    def shared(self) -> tuple[StatementPair, ...]:
        """The statements that both are told alike."""
        return tuple(pair for section in self.sections for pair in section.statements if pair.difference == "same")

    @property
    def is_empty(self) -> bool:
        """Whether both are told the same, word by word and in the same places."""
        if self.statements or any(section.difference != "same" for section in self.sections):
            return False
        return all(text.difference == "same" for text in (*self.notices, *self.questions))


def compare(
    composer: Composer, before: ProfileModel, after: ProfileModel, titles: tuple[str | None, str | None] = (None, None)
) -> Comparison:
    """What two profiles are told. Swapping them gives the same, mirrored; `titles` are what to call them."""
    return _Comparing(composer, before, after, titles).comparison()


@dataclass
class _Comparing:
    composer: Composer
    one: ProfileModel
    other: ProfileModel
    titles: tuple[str | None, str | None]
    before: Answers = field(init=False)
    after: Answers = field(init=False)

    def __post_init__(self) -> None:
        self.before, self.after = self.one.answers, self.other.answers

    def comparison(self) -> Comparison:
        first, second = self.told
        sections = tuple(self._sections(first, second))
        return Comparison(
            before=Side(title=self.titles[0], profile=first.profile),
            after=Side(title=self.titles[1], profile=second.profile),
            answers=tuple(self._cause(name, "") for name in self._differing),
            sections=sections,
            notices=tuple(self._notices(first, second)),
            questions=tuple(self._questions(first, second, sections)),
        )

    @cached_property
    def told(self) -> tuple[Explanation, Explanation]:
        return self.composer.explain(self.one), self.composer.explain(self.other)

    @cached_property
    def _differing(self) -> tuple[str, ...]:
        return tuple(name for name, word in self.before.items() if word != self.after[name])

    def _cause(self, name: str, rule: str) -> Cause:
        return self.composer.causes.answer(name, rule, self.before, self.after)

    def _sections(self, first: Explanation, second: Explanation) -> Iterator[SectionPair]:
        one, other = ({section.id: section for section in told.sections} for told in (first, second))
        pairs = []
        for known in self.composer.knowledge.sections:
            before, after = one.get(known.id), other.get(known.id)
            told = [section for section in (before, after) if section]
            if told:
                frame = self.composer.causes.sections[known.id](self.before, self.after)
                causes = list(frame)
                places = [
                    self.composer.parts.position(known, answers) if side else None
                    for side, answers in ((before, self.before), (after, self.after))
                ]
                if before and after and before.timing != after.timing:
                    causes.append(self._cause(self.composer.knowledge.path.stage_field, known.id))
                if before and after and "leads" in places:
                    causes += self.composer.causes.leads[known.id](self.before, self.after)
                statements = tuple(self._statements(known.id, before, after, frame))
                if not causes and len(told) == 1:  # it has no statement left to tell
                    causes = [cause for told_pair in statements for cause in told_pair.causes]
                pair = SectionPair(
                    id=known.id,
                    title=known.title,
                    difference=_place(*places),
                    before=places[0],
                    after=places[1],
                    causes=_once(causes),
                    statements=statements,
                )
                pairs.append((min(TIMINGS.index(section.timing) for section in told), pair))
        yield from (pair for _, pair in sorted(pairs, key=lambda placed: placed[0]))

    def _statements(
        self, section: str, before: Section | None, after: Section | None, frame: tuple[Cause, ...]
    ) -> Iterator[StatementPair]:
        one, other = ({one.id: one for one in side.statements} if side else {} for side in (before, after))
        for name, find in self.composer.causes.statements[section].items():
            told, told_then = one.get(name), other.get(name)
            if told is not None and told is told_then:
                yield _shared(told)
            elif told or told_then:
                alike_placed = before is not None and after is not None and before.timing == after.timing
                difference = _difference(told, told_then, alike_placed=alike_placed)
                goes_on = self.composer.causes.goes_on[name] if difference in ("goes_on", "over") else find
                causes = () if difference == "same" else (*frame, *goes_on(self.before, self.after))
                yield StatementPair(id=name, difference=difference, before=told, after=told_then, causes=causes)

    def _notices(self, first: Explanation, second: Explanation) -> Iterator[TextPair]:
        places = {name: number for number, name in enumerate(self.composer.causes.notices)}
        one, other = ({(notice.id, notice.text) for notice in told.notices} for told in (first, second))
        related = self.composer.knowledge.source.related_field
        for name, text in sorted(one | other, key=lambda notice: (places[notice[0]], notice[1])):
            difference = _side((name, text) in one, (name, text) in other)
            causes = () if difference == "same" else self.composer.causes.notices[name](self.before, self.after)
            if difference != "same" and not causes and self.before[related] != self.after[related]:
                causes = (self._cause(related, name),)  # the title in it is another one
            yield _text_pair(name, text, difference, causes)

    def _questions(
        self, first: Explanation, second: Explanation, sections: tuple[SectionPair, ...]
    ) -> Iterator[TextPair]:
        one, other = ({question.text: question.id for question in told.questions} for told in (first, second))
        known = self.composer.knowledge
        names = [*(f"unknown.{question.field}" for question in known.questions), *known.statements]
        places = {name: number for number, name in enumerate(names)}
        pairs = {pair.id: pair for section in sections for pair in section.statements}
        timings = {section.id: section for section in sections}
        both = other | {text: min(name, other.get(text, name)) for text, name in one.items()}
        for text, name in sorted(both.items(), key=lambda question: (places[question[1]], question[0])):
            difference = _side(text in one, text in other)
            causes: list[Cause] = []
            if difference != "same" and name.startswith("unknown."):
                causes = list(self._open_causes(name, sections))
            elif difference != "same":
                section = timings[name.partition(".")[0]]
                goes_on = self.composer.causes.goes_on[name](self.before, self.after)
                causes = [*pairs[name].causes, *section.causes, *goes_on]
            yield _text_pair(name, text, difference, _once(causes))

    def _open_causes(self, name: str, sections: Iterable[SectionPair]) -> Iterator[Cause]:
        """Why an answer that is not known is asked about for one child alone."""
        asked = name.removeprefix("unknown.")
        if asked in self._differing:
            yield self._cause(asked, name)
            return
        yield from self.composer.causes.questions[asked](self.before, self.after)
        frames = {section.id: section.shown_when for section in self.composer.knowledge.sections}
        for section in sections:
            if asked in logic.fields_of(frames[section.id], self.composer.knowledge.definition):
                yield from section.causes
            for pair in section.statements:
                if asked in self.composer.knowledge.looked_at[pair.id]:
                    yield from pair.causes


@lru_cache(4096)
def _shared(told: Statement) -> StatementPair:
    """A statement that both children are told in the same words, for the same reasons."""
    return StatementPair(id=told.id, difference="same", before=told, after=told, causes=())


def _text_pair(
    name: str, text: str, difference: Literal["same", "added", "removed"], causes: tuple[Cause, ...]
) -> TextPair:
    if difference == "same":
        return _shared_text(name, text)
    return TextPair(id=name, text=text, difference=difference, causes=causes)


@lru_cache(1024)
def _shared_text(name: str, text: str) -> TextPair:
    return TextPair(id=name, text=text, difference="same", causes=())


def _difference(before: Statement | None, after: Statement | None, *, alike_placed: bool) -> Difference:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if before.applies != after.applies:
        return after.applies
    if before.condition != after.condition:
        return "condition"
    if alike_placed and before.goes_on != after.goes_on:  # elsewhere the section's own place tells it
        return "goes_on" if after.goes_on else "over"
    return "same"


def _place(before: Position | None, after: Position | None) -> Literal["same", "added", "removed", "timing"]:
    if before is None or after is None:
        return "added" if before is None else "removed"
    return "same" if before == after else "timing"


def _side(in_first: bool, in_second: bool) -> Literal["same", "added", "removed"]:
    return "same" if in_first and in_second else "removed" if in_first else "added"


def _once(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    return tuple(dict.fromkeys(causes))
