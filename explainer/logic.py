"""Conditions: the one small language in which rules, concepts and skip logic say when.

A condition is `all`, `any` and `not` over `field: value`, `field: [value, …]` and `concept: name`.
It is read once into a normal form without `not`: the negation of an option is the list of the
other options, so nothing that is built on conditions ever needs negation.

Its value is three-valued (Kleene): TRUE, FALSE, or what is still open once the known answers are put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from explainer.errors import nearest, shown

UNKNOWN = "unknown"
"""The answer "I'm not sure", allowed for every field."""


@dataclass(frozen=True, slots=True)
class Answer:
    """True when the answer to `field` is one of `values`; open while the answer is unknown."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """True when a concept holds or, with `holds` false, when it does not."""

    concept: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[When, ...]


When: TypeAlias = "Answer | Derived | AllOf | AnyOf"
Literal: TypeAlias = "Answer | Derived"
Definition: TypeAlias = Callable[[Derived], When]

TRUE = AllOf(())
FALSE = AnyOf(())


class Vocabulary(NamedTuple):
    """The words a condition may use: fields with their options, in order, and the names of concepts."""

    fields: Mapping[str, tuple[str, ...]]
    concepts: tuple[str, ...] = ()

    def others(self, answer: Answer) -> tuple[str, ...]:
        """The options of its field that `answer` leaves out."""
        return tuple(value for value in self.fields[answer.field] if value not in answer.values)


class WhenError(Exception):
    """Mistakes in one condition: pairs of the path inside it and a message."""

    def __init__(self, mistakes: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
        self.mistakes = list(mistakes)
        super().__init__(self.mistakes)


# --- reading ---------------------------------------------------------------------------------


def parse(raw: object, vocabulary: Vocabulary, *, may_name_unknown: bool = False) -> When:
    """Reads the YAML form of a condition into its normal form.

    With `may_name_unknown`, `unknown` may stand among the values and is then met by that answer.
    Skip logic and notices need this; a rule never does, for what is unknown is told as a possibility.

    Raises WhenError with every mistake found.
    """
    mistakes: list[tuple[tuple[str | int, ...], str]] = []
    when = _Reader(vocabulary, may_name_unknown, mistakes).read(raw, ())
    if not mistakes and when == FALSE:
        mistakes.append(((), "this can never be true"))
    if mistakes:
        raise WhenError(mistakes)
    return when


_MEANT = {"and": "all", "or": "any"}
"""What authors mean who write conditions in other languages, too."""


class _Reader(NamedTuple):
    vocabulary: Vocabulary
    may_name_unknown: bool
    mistakes: list[tuple[tuple[str | int, ...], str]]

    def read(self, raw: object, path: tuple[str | int, ...]) -> When:
        if isinstance(raw, str) and raw in self.vocabulary.concepts:
            return self._no_field(raw, path)
        if not isinstance(raw, dict) or not raw:
            wanted = "a condition is wanted: {field: answer}, all, any, not or concept"
            return self._wrong(path, f"{wanted}; found {shown(raw)}")
        parts = [self._read_key(str(key), value, (*path, str(key))) for key, value in raw.items()]
        return all_of(parts, self.vocabulary)

    def _read_key(self, key: str, value: object, path: tuple[str | int, ...]) -> When:
        if key in ("all", "any"):
            if not isinstance(value, list) or not value:
                return self._wrong(path, f"`{key}` wants a list of conditions, found {shown(value)}")
            parts = [self.read(item, (*path, number)) for number, item in enumerate(value)]
            return (all_of if key == "all" else any_of)(parts, self.vocabulary)
        if key == "not":
            inner = _Reader(self.vocabulary, False, self.mistakes)  # "not unknown" would not be an answer
            return negate(inner.read(value, path), self.vocabulary)
        if key == "concept":
            return self._read_concept(value, path)
        if key in self.vocabulary.fields:
            return self._read_answer(key, value, path)
        return self._no_field(key, path, alone=value in ("", None))

    def _no_field(self, name: str, path: tuple[str | int, ...], *, alone: bool = False) -> When:
        if name in self.vocabulary.concepts:
            return self._wrong(path, f"{shown(name)} is a concept; say `concept: {name}`")
        if field := next((field for field, values in self.vocabulary.fields.items() if name in values), None):
            hint = "; several answers stand in brackets, [so, or so]" if alone else f"; say {field}: {name}"
            return self._wrong(path, f"{shown(name)} is an answer to {field}, not a field{hint}")
        allowed = ["all", "any", "not", "concept", *self.vocabulary.fields]
        return self._wrong(path, f"unknown field {shown(name)}; {nearest(_MEANT.get(name, name), allowed)}")

    def _read_concept(self, value: object, path: tuple[str | int, ...]) -> When:
        if isinstance(value, str) and value in self.vocabulary.concepts:
            return Derived(value)
        if isinstance(value, list):
            return self._wrong(path, f"`concept` wants one; use any or all for several, found {shown(value)}")
        if not self.vocabulary.concepts:
            return self._wrong(path, f"no concept may stand here, found {shown(value)}; write out its answers")
        return self._wrong(path, f"unknown concept {shown(value)}; {nearest(value, self.vocabulary.concepts)}")

    def _read_answer(self, field: str, value: object, path: tuple[str | int, ...]) -> When:
        options = self.vocabulary.fields[field]
        allowed = (*options, UNKNOWN) if self.may_name_unknown else options
        listed = value if isinstance(value, list) else [value]
        where = path if not isinstance(value, list) else None
        if not listed:
            return self._wrong(path, f"{field} wants at least one value; {nearest('', allowed)}")
        for number, item in enumerate(listed):
            if item not in allowed:
                other = item.removeprefix("not ") if isinstance(item, str) else item
                several = re.split(r" or |, ?", str(item))
                if other != item and other in allowed:
                    hint = f"say `not: {{{field}: {other}}}`"
                elif len(set(several)) > 1 and set(several) <= set(allowed):
                    hint = f"say {field}: [{', '.join(several)}]"
                else:
                    hint = nearest(item, allowed)
                self._wrong(where or (*path, number), f"{shown(item)} is not an answer to {field}; {hint}")
            elif item in listed[:number]:
                self._wrong(where or (*path, number), f"{shown(item)} stands here twice")
        return any_of([Answer(field, tuple(value for value in allowed if value in listed))], self.vocabulary)

    def _wrong(self, path: tuple[str | int, ...], message: str) -> When:
        self.mistakes.append((path, message))
        return TRUE


def all_of(parts: Iterable[When], vocabulary: Vocabulary) -> When:
    """True when every part is; answers to the same field are merged into what they share."""
    return _join(AllOf, parts, vocabulary)


def any_of(parts: Iterable[When], vocabulary: Vocabulary) -> When:
    """True when some part is. The same answer given every way is true, even when it is unknown."""
    return _join(AnyOf, parts, vocabulary)


def _join(kind: type[AllOf] | type[AnyOf], parts: Iterable[When], vocabulary: Vocabulary) -> When:
    answers: dict[str, Answer] = {}
    flat: list[When] = []
    for part in (inner for outer in parts for inner in (outer.parts if isinstance(outer, kind) else (outer,))):
        if isinstance(part, Answer):
            if part.field not in answers:
                flat.append(part)
                answers[part.field] = part
            else:
                merged = _merge(kind, answers[part.field], part, vocabulary)
                flat[flat.index(answers[part.field])] = merged
                answers[part.field] = merged
        else:
            flat.append(part)
    return reduce(kind, (_settle(part, vocabulary) for part in flat))


def _merge(kind: type[AllOf] | type[AnyOf], one: Answer, two: Answer, vocabulary: Vocabulary) -> Answer:
    order = (*vocabulary.fields[one.field], UNKNOWN)
    if kind is AllOf:
        return Answer(one.field, tuple(value for value in order if value in one.values and value in two.values))
    return Answer(one.field, tuple(value for value in order if value in one.values or value in two.values))


def _settle(part: When, vocabulary: Vocabulary) -> When:
    if isinstance(part, Answer):
        if not part.values:
            return FALSE
        if not vocabulary.others(part):
            return TRUE
    return part


def reduce(kind: type[AllOf] | type[AnyOf], parts: Iterable[When]) -> When:
    """Joins parts, leaving out what cannot matter: TRUE in an AllOf, FALSE in an AnyOf, and repeats."""
    neutral, decisive = (TRUE, FALSE) if kind is AllOf else (FALSE, TRUE)
    kept: list[When] = []
    for part in parts:
        if part == decisive:
            return decisive
        for inner in part.parts if isinstance(part, kind) else (part,):
            if inner != neutral and inner not in kept:
                kept.append(inner)
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def negate(when: When, vocabulary: Vocabulary) -> When:
    """The opposite condition, again without any negation in it."""
    match when:
        case Answer(field):
            return Answer(field, vocabulary.others(when))
        case Derived(concept, holds):
            return Derived(concept, not holds)
        case AllOf(parts):
            return any_of((negate(part, vocabulary) for part in parts), vocabulary)
        case AnyOf(parts):
            return all_of((negate(part, vocabulary) for part in parts), vocabulary)


# --- using -----------------------------------------------------------------------------------


def simplify(when: When, answers: Mapping[str, str], definition: Definition) -> When:
    """The condition with the known answers put in: TRUE, FALSE, or what is still open, in answers alone.

    `definition` tells what a concept (or its opposite) stands for.
    """
    match when:
        case Answer(field, values):
            if answers[field] in values:
                return TRUE
            return when if answers[field] == UNKNOWN else FALSE
        case Derived():
            return simplify(definition(when), answers, definition)
        case AllOf(parts):
            return reduce(AllOf, (simplify(part, answers, definition) for part in parts))
        case AnyOf(parts):
            return reduce(AnyOf, (simplify(part, answers, definition) for part in parts))


def no_concepts(derived: Derived) -> When:
    """The definition for conditions that name answers only, as skip logic does."""
    raise AssertionError(f"no concept belongs here, found {derived.concept}")


def holds(when: When, answers: Mapping[str, str], definition: Definition = no_concepts) -> bool:
    """Whether a condition is true already, whatever is not known: `simplify` would give TRUE."""
    match when:
        case Answer(field, values):
            return answers[field] in values
        case Derived():
            return holds(definition(when), answers, definition)
        case AllOf(parts):
            return all(holds(part, answers, definition) for part in parts)
        case AnyOf(parts):
            return any(holds(part, answers, definition) for part in parts)


def alternatives(when: When) -> list[tuple[Literal, ...]]:
    """The condition as a choice of lists: it holds when every member of one list does."""
    match when:
        case AllOf(parts):
            joined = (sum(choice, ()) for choice in product(*(alternatives(part) for part in parts)))
            return list(dict.fromkeys(tuple(dict.fromkeys(choice)) for choice in joined))
        case AnyOf(parts):
            return list(dict.fromkeys(choice for part in parts for choice in alternatives(part)))
        case literal:
            return [(literal,)]


def literals(when: When) -> Iterator[Literal]:
    """Every answer and concept that the condition looks at, in reading order."""
    match when:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from literals(part)
        case literal:
            yield literal


def concepts_of(when: When, definition: Definition | None = None) -> Iterator[str]:
    """The concepts that a condition names, in reading order; with `definition`, also those that these stand on."""
    for literal in literals(when):
        if isinstance(literal, Derived):
            yield literal.concept
            if definition:
                yield from concepts_of(definition(literal), definition)


def fields_of(when: When, definition: Definition) -> dict[str, None]:
    """The fields that the condition looks at, also through concepts, in reading order and each once."""
    found: dict[str, None] = {}
    for literal in literals(when):
        if isinstance(literal, Derived):
            found |= fields_of(definition(literal), definition)
        else:
            found[literal.field] = None
    return found


def words_of(fields: Iterable[str]) -> Callable[[Mapping[str, str]], Hashable]:
    """What tells answers apart, as far as these fields go; one that comes twice is looked at once."""
    each = dict.fromkeys(fields)
    return itemgetter(*each) if each else lambda _: ()
