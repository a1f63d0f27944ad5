"""Answers "why do I see this, and why not that?" for one profile and any statement of the knowledge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from explainer import logic
from explainer.changes import Switches, least_changes
from explainer.compose import Composer
from explainer.engine import Decision
from explainer.errors import InputError, nearest, shown
from explainer.explanation import Part
from explainer.influence import State
from explainer.knowledge import Rule, Section
from explainer.profile import ProfileModel

Met = Literal["met", "assumed", "open", "failed"]
"""Whether a part holds; `assumed` is one that holds because its answer is not known."""


class Step(Part):
    """One firing on the way to the statement: the answers or concepts it stood on, and what it brought."""

    kind: str
    name: str
    applies: str
    on: Mapping[str, str]


class Switch(Part):
    """One answer to change: from which to which, and the new answer as a clause."""

    field: str
    question: str
    given: str
    instead: str
    text: str


class Change(Part):
    """A change of answers that would turn the statement into `becomes`; `drops` are answers it makes moot."""

    becomes: State
    switches: tuple[Switch, ...]
    drops: tuple[str, ...]


class RulePart(Part):
    """One of the things that a section or a rule wants all of, as a clause, and how the answers meet it."""

    of: Literal["section", "rule"]
    met: Met
    text: str
    fields: tuple[str, ...]


class Why(Part):
    """Why a statement is shown or not, and what would change that.

    `needs` is the part of its rule (or of its section's) that the answers leave open or unmet, as a clause; `parts` are
    all of them. `changes` are those that change the fewest answers, or all of which no part would do.
    """

    statement: str
    text: str
    facts: tuple[str, ...]
    shown: State
    because: tuple[str, ...]
    needs: str | None
    section_missing: bool
    parts: tuple[RulePart, ...]
    chain: tuple[Step, ...]
    changes: tuple[Change, ...]


def why(composer: Composer, profile: ProfileModel, statement: str, *, all_minimal: bool = False) -> Why:
    """Why a statement is shown or not. With `all_minimal`, all changes that would turn it, and not the smallest alone.

    Raises InputError when the knowledge has no statement of that name.
    """
    return _Inquiry(composer, profile, *_find(composer, statement), all_minimal).why()


def _find(composer: Composer, statement: str) -> tuple[Section, Rule]:
    known = composer.knowledge.statements
    if statement not in known:
        close = [name for name in known if name.startswith(f"{statement.partition('.')[0]}.")]
        said = f"no statement is named {shown(statement)}; {nearest(statement, close or list(known))}"
        raise InputError.at("STATEMENT", said)
    return known[statement]


@dataclass(frozen=True)
class _Inquiry:
    composer: Composer
    profile: ProfileModel
    section: Section
    rule: Rule
    all_minimal: bool

    @property
    def id(self) -> str:
        return self.section.statement_id(self.rule)

    def why(self) -> Why:
        decision = self.composer.engine.decide(self.profile)
        state: State = decision.statements.get(self.id, "no")
        missing = self.section.id not in decision.sections
        if state == "no":
            needs = self._unmet(self.section.shown_when if missing else self.rule.when)
        else:
            needs = logic.simplify(self.rule.when, self.profile.answers, self.composer.knowledge.definition)
        changes = least_changes(self.composer.knowledge, self.profile, self.section, self.rule)
        if not self.all_minimal:
            changes = [change for change in changes if change.size == changes[0].size]
        return Why(
            statement=self.id,
            text=self.rule.say,
            facts=self.rule.facts,
            shown=state,
            because=self._because(decision, needs),
            needs=None if needs == logic.TRUE else self.composer.phrasing.condition(needs),
            section_missing=missing,
            parts=tuple(self._parts()),
            chain=tuple(self._chain(decision)),
            changes=tuple(map(self._change, changes)),
        )

    def _because(self, decision: Decision, needs: logic.When) -> tuple[str, ...]:
        if self.id in decision.statements:
            told = self.composer.compose(self.profile, decision)
            return next(s.because for section in told.sections for s in section.statements if s.id == self.id)
        known = {name: word for name, word in self.profile.answers.items() if word != logic.UNKNOWN}
        fields = logic.fields_of(needs, self.composer.knowledge.definition)
        return tuple(self.composer.phrasing.known(name, known[name]) for name in fields if name in known)

    def _unmet(self, when: logic.When) -> logic.When:
        """The parts of a condition that the answers do not meet, so far as it wants all of them."""
        definition = self.composer.knowledge.definition
        parts = self._conjuncts(when)
        return logic.reduce(
            logic.AllOf, (part for part in parts if not logic.holds(part, self.profile.answers, definition))
        )

    def _chain(self, decision: Decision) -> Iterator[Step]:
        """The firings that this statement stands on, in the order in which they happened."""
        concepts = logic.concepts_of(self.rule.when, self.composer.knowledge.definition)
        wanted = {("statement", self.id), ("section", self.section.id), *(("concept", name) for name in concepts)}
        for firing in decision.trace:
            if (firing.kind, firing.name) in wanted:
                yield Step(kind=firing.kind, name=firing.name, applies=firing.applies, on=firing.on)

    def _change(self, change: Switches) -> Change:
        switches = []
        for name, value in change.answers.items():
            question = self.composer.knowledge.question(name)
            text = self.composer.phrasing.known(name, value)
            given = self.profile.answers[name]
            switches.append(Switch(field=name, question=question.text, given=given, instead=value, text=text))
        return Change(becomes=change.becomes, switches=tuple(switches), drops=change.drops)

    def _parts(self) -> Iterator[RulePart]:
        """What the section and the rule want, a part at a time, and whether the answers meet it."""
        answers, definition = self.profile.answers, self.composer.knowledge.definition
        for of, when in (("section", self.section.shown_when), ("rule", self.rule.when)):
            for part in self._conjuncts(when):
                rest = logic.simplify(part, answers, definition)
                met: Met = "met" if rest == logic.TRUE else "failed" if rest == logic.FALSE else "open"
                if met == "met" and isinstance(part, logic.Answer) and answers[part.field] == logic.UNKNOWN:
                    met = "assumed"
                if of == "section" and met == "open":
                    met = "failed"  # a section is shown where this is certain, and not as a possibility
                yield RulePart(of=of, met=met, text=self.composer.phrasing.condition(part), fields=self._fields(part))

    def _conjuncts(self, when: logic.When) -> Iterator[logic.When]:
        match when:
            case logic.Derived():
                yield from self._conjuncts(self.composer.knowledge.definition(when))
            case logic.AllOf(parts):
                for part in parts:
                    yield from self._conjuncts(part)
            case _:
                yield when

    def _fields(self, when: logic.When) -> tuple[str, ...]:
        return tuple(logic.fields_of(when, self.composer.knowledge.definition))
