"""The knowledge as every peer takes it: rows, each one way in which something is derived, shown or told.

A peer finds out which rows are met. `Rows.decision` makes of them what our own engine gives, trace and all, so
that one can be held to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from explainer import logic
from explainer.engine import Applies, Decision, Firing, State, Target
from explainer.knowledge import Concept, Knowledge

Test = tuple[logic.Literal, tuple[str, ...]]
"""An answer or a concept, and the words that meet it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One alternative of a condition, `definite` where it is true and `conditional` where it is open, or true as well.

    Where the whole condition is a lone answer or concept, the conditional row is met only where that is open.
    """

    number: int
    target: Target
    applies: Applies
    tests: tuple[Test, ...]
    on: tuple[str, ...]


class Rows:
    """All rows: those of concepts in the order of deriving, of sections and notices, and of each section's rules."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.all: list[Row] = []
        self.strata = [
            [row for concept in stratum for row in self._made(("concept", concept.id), concept.when)]
            for stratum in strata(knowledge)
        ]
        self.sections = [
            row
            for section in knowledge.sections
            for row in self._made(("section", section.id), section.shown_when, ("definite",))
        ]
        self.notices = [
            row for notice in knowledge.notices for row in self._made(("notice", notice.id), notice.when, ("definite",))
        ]
        self.statements = {
            section.id: [
                row
                for rule in section.rules
                for row in self._made(("statement", section.statement_id(rule)), rule.when)
            ]
            for section in knowledge.sections
        }

    def _made(
        self, target: Target, when: logic.When, forms: Sequence[Applies] = ("definite", "conditional")
    ) -> Iterator[Row]:
        for alternative in logic.alternatives(when):
            for applies in forms:
                tests = tuple((literal, _words(literal, applies, len(alternative))) for literal in alternative)
                if (tests or applies == "definite") and all(words for _, words in tests):
                    row = Row(len(self.all), target, applies, tests, tuple(map(_name, alternative)))
                    self.all.append(row)
                    yield row

    def decision(self, fired: Iterable[int], answers: Mapping[str, str]) -> Decision:
        """The decision, with its trace, when these rows are met."""
        best: dict[Target, list[Row]] = {}
        for number in sorted(fired):
            row = self.all[number]
            met = best.get(row.target)
            if met is None or met[0].applies < row.applies:  # "definite" goes before "conditional"
                best[row.target] = [row]
            elif met[0].applies == row.applies:
                met.append(row)
        concepts: dict[str, State] = {concept.id: "false" for concept in self.knowledge.concepts}
        trace = []
        for (kind, name), met in best.items():
            applies = met[0].applies
            if kind == "concept":
                concepts[name] = "true" if applies == "definite" else "open"
            on = {found: answers.get(found) or concepts[found] for row in met for found in row.on}
            trace.append(Firing(kind, name, applies, on))
        return Decision(
            concepts=concepts,
            sections=tuple([firing.name for firing in trace if firing.kind == "section"]),
            notices=tuple([firing.name for firing in trace if firing.kind == "notice"]),
            statements={firing.name: firing.applies for firing in trace if firing.kind == "statement"},
            trace=tuple(trace),
        )


def strata(knowledge: Knowledge) -> list[list[Concept]]:
    """Concepts in layers, each on those before it."""

    def depth(concept: Concept) -> int:
        under = [part.concept for part in logic.literals(concept.when) if isinstance(part, logic.Derived)]
        return max((1 + depth(knowledge.concept(name)) for name in under), default=0)

    layers: dict[int, list[Concept]] = {}
    for concept in knowledge.concepts:
        layers.setdefault(depth(concept), []).append(concept)
    return [layers[number] for number in sorted(layers)]


def _words(literal: logic.Literal, applies: Applies, count: int) -> tuple[str, ...]:
    if isinstance(literal, logic.Answer):
        sure, unsure = literal.values, logic.UNKNOWN
    else:
        sure, unsure = ("true" if literal.holds else "false",), "open"
    if applies == "definite":
        return sure
    maybe = () if unsure in sure else (unsure,)
    return maybe if count == 1 else (*sure, *maybe)


def _name(literal: logic.Literal) -> str:
    return literal.field if isinstance(literal, logic.Answer) else literal.concept
