"""Speaks conditions and reasons in the options' own phrases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from explainer import logic
from explainer.engine import Decision, Firing
from explainer.knowledge import Knowledge


class Phrasing(NamedTuple):
    """The words of one knowledge for what its rules depend on."""

    knowledge: Knowledge

    def condition(self, when: logic.When) -> str:
        """What has to be so, as a clause that fits after "If". Concepts are spelled out in answers."""
        return self._speak(self._spelled_out(when))

    def known(self, field: str, value: str) -> str:
        """An answer that was given, as a clause that fits after "because"."""
        option = self.knowledge.question(field).option(value)
        return option.known or option.phrase

    def passage(self, fact: str) -> str:
        """Where in the document a fact stands, for a reader of the document."""
        heading, _, number = fact[:-1].partition(".")
        title = next(known.title for known in self.knowledge.source.headings if known.id == heading)
        return self.knowledge.phrases.passage.format(heading=title, number=number)

    def reasons(self, firing: Firing, decision: Decision, answers: Mapping[str, str]) -> tuple[str, ...]:
        """Why a rule fired: each answer it stands on, named through the concept that carries it."""
        spoken = []
        for name, word in firing.on.items():
            if name in decision.concepts:
                if word == "open":
                    continue
                leaves = self._leaves(name, holds=word == "true", answers=answers)
                pattern = self.knowledge.phrases.through
                reasons = self._listed(leaves)
                concept = self.knowledge.concept(name)
                spoken += [pattern.format(concept=concept.phrase, reasons=reasons)] if word == "true" else leaves
            elif word != logic.UNKNOWN:
                spoken.append(self.known(name, word))
        return tuple(dict.fromkeys(spoken))

    def not_known(self, fields: Iterable[str]) -> str:
        """The reason for a possibility: what nobody has told us yet."""
        names = self._listed([self.knowledge.question(field).name for field in fields])
        return self.knowledge.phrases.not_known.format(names=names)

    def _listed(self, items: Sequence[str]) -> str:
        phrases = self.knowledge.phrases
        return phrases.and_.join([phrases.comma.join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]

    def _leaves(self, concept: str, *, holds: bool, answers: Mapping[str, str]) -> list[str]:
        """The answers that make a concept true (or false), in reading order and each once."""
        when = self.knowledge.definition(logic.Derived(concept, holds))
        return list(dict.fromkeys(self.known(field, answers[field]) for field in self._met(when, answers)))

    def _met(self, when: logic.When, answers: Mapping[str, str]) -> Iterator[str]:
        if not logic.holds(when, answers, self.knowledge.definition):
            return
        match when:
            case logic.Answer(field):
                yield field
            case logic.Derived():
                yield from self._met(self.knowledge.definition(when), answers)
            case logic.AllOf(parts) | logic.AnyOf(parts):
                for part in parts:
                    yield from self._met(part, answers)

    def _spelled_out(self, when: logic.When) -> logic.When:
        """The condition in answers alone, each of which has a phrase."""
        match when:
            case logic.Derived():
                return self._spelled_out(self.knowledge.definition(when))
            case logic.AllOf(parts):
                return logic.reduce(logic.AllOf, map(self._spelled_out, parts))
            case logic.AnyOf(parts):
                return logic.reduce(logic.AnyOf, map(self._spelled_out, parts))
            case logic.Answer(field, values):
                known = tuple(value for value in values if value != logic.UNKNOWN)
                if self._phrase(field, known):
                    return logic.Answer(field, known)
                return logic.AnyOf(tuple(logic.Answer(field, (value,)) for value in known))

    def _phrase(self, field: str, values: tuple[str, ...]) -> str | None:
        """How these answers are spoken as one, if they are."""
        question = self.knowledge.question(field)
        if len(values) == 1:
            return question.option(values[0]).phrase
        return next((spoken.phrase for spoken in question.together if set(spoken.values) == set(values)), None)

    def _speak(self, when: logic.When) -> str:
        phrases = self.knowledge.phrases
        match when:
            case logic.Answer(field, values):
                return self._phrase(field, values) or ""
            case logic.AnyOf(parts):
                return phrases.or_.join(self._speak(part) for part in parts)
            case logic.AllOf(parts):
                plain = [self._speak(part) for part in parts if isinstance(part, logic.Answer)]
                choices = [part for part in parts if isinstance(part, logic.AnyOf)]
                if any(not isinstance(inner, logic.Answer) for part in choices for inner in part.parts):
                    return self._speak(_as_choice(when))  # "either" inside "either" cannot be followed by ear
                either = [
                    phrases.either.format(choices=phrases.either_or.join(self._speak(inner) for inner in part.parts))
                    for part in choices
                ]
                return self._listed([*plain, *either])
            case logic.Derived():
                raise AssertionError(f"{when.concept} was spelled out before")


def _as_choice(when: logic.When) -> logic.When:
    return logic.AnyOf(tuple(logic.reduce(logic.AllOf, choice) for choice in logic.alternatives(when)))
