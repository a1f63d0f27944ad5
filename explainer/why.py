"""Answers "why do I see this, and why not that?" for one profile and any statement of the knowledge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

from explainer import logic
from explainer.compose import Composer
from explainer.engine import Decision
from explainer.errors import Fault, InputError, nearest, shown
from explainer.explanation import Part
from explainer.knowledge import Rule, Section
from explainer.profile import ProfileModel

Shown = Literal["definite", "conditional", "no"]


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
    """A smallest change of answers that would turn the statement into `becomes`; `drops` are answers it makes moot."""

    becomes: Shown
    switches: tuple[Switch, ...]
    drops: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many answers are other than before."""
        return len(self.switches) + len(self.drops)


class Why(Part):
    """Why a statement is shown or not, and what would change that.

    `needs` is the part of its rule (or of its section's) that the answers leave open or unmet, as a clause.
    """

    statement: str
    text: str
    facts: tuple[str, ...]
    shown: Shown
    because: tuple[str, ...]
    needs: str | None
    section_missing: bool
    chain: tuple[Step, ...]
    changes: tuple[Change, ...]


def why(composer: Composer, profile: ProfileModel, statement: str) -> Why:
    """Raises InputError when the knowledge has no statement of that name."""
    return _Inquiry(composer, profile, *_find(composer, statement)).why()


def _find(composer: Composer, statement: str) -> tuple[Section, Rule]:
    known = composer.knowledge.statements
    if statement not in known:
        close = [name for name in known if name.startswith(f"{statement.partition('.')[0]}.")]
        said = f"no statement is named {shown(statement)}; {nearest(statement, close or list(known))}"
        raise InputError([Fault("STATEMENT", 0, said)])
    return known[statement]


@dataclass(frozen=True)
class _Inquiry:
    composer: Composer
    profile: ProfileModel
    section: Section
    rule: Rule

    @property
    def id(self) -> str:
        return self.section.statement_id(self.rule)

    def why(self) -> Why:
        decision = self.composer.engine.decide(self.profile)
        state: Shown = decision.statements.get(self.id, "no")
        missing = self.section.id not in decision.sections
        if state == "no":
            needs = self._unmet(self.section.shown_when if missing else self.rule.when)
        else:
            needs = logic.simplify(self.rule.when, self.profile.answers, self.composer.knowledge.definition)
        return Why(
            statement=self.id,
            text=self.rule.say,
            facts=self.rule.facts,
            shown=state,
            because=self._because(state, needs),
            needs=None if needs == logic.TRUE else self.composer.phrasing.condition(needs),
            section_missing=missing,
            chain=tuple(self._chain(decision)),
            changes=tuple(self._changes(state)),
        )

    def _because(self, state: Shown, needs: logic.When) -> tuple[str, ...]:
        if state != "no":
            told = self.composer.explain(self.profile)
            return next(s.because for section in told.sections for s in section.statements if s.id == self.id)
        known = {name: word for name, word in self.profile.answers.items() if word != logic.UNKNOWN}
        fields = logic.fields_of(needs, self.composer.knowledge.definition)
        return tuple(self.composer.phrasing.known(name, known[name]) for name in fields if name in known)

    def _unmet(self, when: logic.When) -> logic.When:
        """The parts of a condition that the answers do not meet, so far as it wants all of them."""
        definition = self.composer.knowledge.definition
        match when:
            case logic.Derived():
                return self._unmet(definition(when))
            case logic.AllOf(parts):
                return logic.reduce(logic.AllOf, map(self._unmet, parts))
            case _:
                return logic.TRUE if logic.simplify(when, self.profile.answers, definition) == logic.TRUE else when

    def _chain(self, decision: Decision) -> Iterator[Step]:
        """The firings that this statement stands on, in the order in which they happened."""
        wanted = {self.id, self.section.id}
        for literal in logic.literals(self.rule.when):
            wanted |= set(self._concepts(literal))
        for firing in decision.trace:
            if firing.kind != "notice" and firing.name in wanted:
                yield Step(kind=firing.kind, name=firing.name, applies=firing.applies, on=firing.on)

    def _concepts(self, literal: logic.Literal) -> Iterator[str]:
        if isinstance(literal, logic.Derived):
            yield literal.concept
            for inner in logic.literals(self.composer.knowledge.definition(literal)):
                yield from self._concepts(inner)

    def _changes(self, state: Shown) -> list[Change]:
        """The smallest changes to known answers that hide what is shown, or show what is not, if only as a possibility.

        Exact: all sets of answers on which the statement can depend are tried, smallest first, and all of the
        smallest changes are returned, those that leave nothing open first.
        """
        found: list[Change] = []
        fields = self._depends_on()
        given = self.profile.answers
        for switches in range(1, len(fields) + 1):
            if found and switches > found[0].size:
                break
            for chosen in combinations(fields, switches):
                for values in product(*(self._other_answers(name, given[name]) for name in chosen)):
                    change = self._try(dict(zip(chosen, values, strict=True)), state)
                    if change and (not found or change.size <= found[0].size):
                        found = [*(other for other in found if other.size == change.size), change]
        return sorted(found, key=lambda change: change.becomes == "conditional")

    def _depends_on(self) -> list[str]:
        """Fields that the statement or its section looks at, and those that decide whether these are asked."""
        definition = self.composer.knowledge.definition
        waiting = [*logic.fields_of(self.rule.when, definition), *logic.fields_of(self.section.shown_when, definition)]
        found: dict[str, None] = {}
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                waiting += logic.fields_of(self.profile.questions[name].allowed_when, definition)
        return [name for name in self.profile.questions if name in found]

    def _other_answers(self, field: str, given: str) -> Iterator[str]:
        return (value for value in self.profile.questions[field].values if value != given)

    def _try(self, changes: Mapping[str, str], state: Shown) -> Change | None:
        profile, dropped = self.profile.settle({**self.profile.answers, **changes})
        becomes = self._shown_by(profile.answers)
        if (becomes == "no") == (state == "no") or any(name in changes for name in dropped):
            return None
        switches = []
        for name, value in changes.items():
            question = self.composer.knowledge.question(name)
            text = self.composer.phrasing.known(name, value)
            given = self.profile.answers[name]
            switches.append(Switch(field=name, question=question.text, given=given, instead=value, text=text))
        return Change(becomes=becomes, switches=tuple(switches), drops=dropped)

    def _shown_by(self, answers: Mapping[str, str]) -> Shown:
        definition = self.composer.knowledge.definition
        if logic.simplify(self.section.shown_when, answers, definition) != logic.TRUE:
            return "no"
        value = logic.simplify(self.rule.when, answers, definition)
        return "definite" if value == logic.TRUE else "no" if value == logic.FALSE else "conditional"
