"""What led to what, for one profile: answers, concepts, sections and statements, and which of them stands on which.

It is what the engine's trace tells, and nothing else. Of the sections, those are there that tell something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from explainer import logic
from explainer.compose import Composer
from explainer.engine import Applies, Decision, Firing
from explainer.explanation import Part
from explainer.profile import ProfileModel

Kind = Literal["answer", "concept", "section", "statement"]
Standing = Literal["certain", "possible", "unknown", "absent"]
"""Known, held or told for certain; only a possibility; an answer that is not known; a concept that does not hold, which
is there because something stands on just that."""
Link = tuple[str, str]


class Box(Part):
    """An answer, a concept, a section or a statement. The text of an answer that is not known names the question."""

    kind: Kind
    standing: Standing
    text: str


class Reasoning(Part):
    """Boxes by their names, such as `statement.induction.fourth-drug`, in the order of the trace and the explanation.

    Each link leads from what a firing stood on to what it brought, for certain or only as a possibility.
    """

    boxes: Mapping[str, Box]
    links: Mapping[Link, Applies]


def reasoning(composer: Composer, profile: ProfileModel) -> Reasoning:
    """What led to what for one profile of the composer's rules. Raises EngineError for a profile of other rules."""
    decision = composer.engine.decide(profile)
    reader = _Reader(composer, profile.answers, decision)
    firings = {(firing.kind, firing.name): firing for firing in decision.trace}
    for firing in decision.trace:
        if firing.kind == "concept":
            reader.read("concept", firing, composer.knowledge.concept(firing.name).phrase)
    for section in composer.compose(profile, decision).sections:
        reader.read("section", firings["section", section.id], section.title)
        for statement in section.statements:
            reader.read("statement", firings["statement", statement.id], statement.text)
    return Reasoning(boxes=reader.boxes, links=reader.links)


@dataclass
class _Reader:
    composer: Composer
    answers: Mapping[str, str]
    decision: Decision
    boxes: dict[str, Box] = field(default_factory=dict)
    links: dict[Link, Applies] = field(default_factory=dict)

    def read(self, kind: Kind, firing: Firing, text: str) -> None:
        name = f"{kind}.{firing.name}"
        self._add(name, kind, "certain" if firing.applies == "definite" else "possible", text)
        for source, word in firing.on.items():
            if source not in self.decision.concepts:
                start = self._answer(source)
            elif word == "false":
                start = self._absent(source)
            else:
                start = f"concept.{source}"
            self.links[start, name] = firing.applies

    def _add(self, name: str, kind: Kind, standing: Standing, text: str) -> str:
        self.boxes[name] = Box(kind=kind, standing=standing, text=text[:1].upper() + text[1:])
        return name

    def _answer(self, field: str) -> str:
        word, name = self.answers[field], f"answer.{field}"
        if word == logic.UNKNOWN:
            return self._add(name, "answer", "unknown", self.composer.knowledge.question(field).name)
        return self._add(name, "answer", "certain", self.composer.phrasing.known(field, word))

    def _absent(self, concept: str) -> str:
        """A concept that does not hold, and what it is that keeps it from holding: for that, no rule fires."""
        knowledge, name = self.composer.knowledge, f"concept.{concept}"
        if name not in self.boxes:
            self._add(name, "concept", "absent", knowledge.concept(concept).phrase)
            for choice in logic.alternatives(knowledge.definition(logic.Derived(concept, holds=False))):
                if all(self._holds(literal) for literal in choice):
                    for literal in choice:
                        self.links[self._source(literal), name] = "definite"
        return name

    def _holds(self, literal: logic.Literal) -> bool:
        if isinstance(literal, logic.Answer):
            return self.answers[literal.field] in literal.values
        return self.decision.concepts[literal.concept] == ("true" if literal.holds else "false")

    def _source(self, literal: logic.Literal) -> str:
        if isinstance(literal, logic.Answer):
            return self._answer(literal.field)
        return f"concept.{literal.concept}" if literal.holds else self._absent(literal.concept)
