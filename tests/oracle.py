"""What the rules mean, worked out a second time from the raw YAML, apart from the code under test.

Also raw conditions to try both on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from hypothesis import strategies as st

from explainer.resources import folder
from tests.strategies import UNKNOWN, VALUES

Raw: TypeAlias = dict[str, Any]

FALSE, OPEN, TRUE = range(3)
"""Kleene's three values in order: `all` is the least of its parts, `any` the greatest, `not` turns the scale."""


@dataclass(frozen=True)
class Verdict:
    """What is derived and shown; a statement that is not shown is not listed."""

    concepts: dict[str, str]
    sections: tuple[str, ...]
    notices: tuple[str, ...]
    statements: dict[str, str]


@dataclass(frozen=True)
class Oracle:
    """Raw conditions by name, and how they decide."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: VALUES)
    concepts: Raw = field(default_factory=dict)
    sections: Raw = field(default_factory=dict)
    notices: Raw = field(default_factory=dict)
    statements: Mapping[str, Raw] = field(default_factory=dict)  # by section

    def value(self, when: Raw, answers: Mapping[str, str]) -> int:
        return min((self._value(key, raw, answers) for key, raw in when.items()), default=TRUE)

    def _value(self, key: str, raw: Any, answers: Mapping[str, str]) -> int:
        if key == "all":
            return min(self.value(part, answers) for part in raw)
        if key == "any":
            return TRUE if self._every_way(raw) else max(self.value(part, answers) for part in raw)
        if key == "not":
            return TRUE - self.value(raw, answers)
        if key == "concept":
            return self.value(self.concepts[raw], answers)
        if answers[key] in _listed(raw) or self._every_way([{key: raw}]):
            return TRUE
        return OPEN if answers[key] == UNKNOWN else FALSE

    def _every_way(self, parts: Sequence[Raw]) -> bool:
        """Whether one field is given with all its options, which is true even when the answer is unknown."""
        single = [next(iter(part.items())) for part in parts if len(part) == 1]
        given = {(name, word) for name, raw in single if name in self.fields for word in _listed(raw)}
        return any({(name, word) for word in words} <= given for name, words in self.fields.items())

    def decide(self, answers: Mapping[str, str]) -> Verdict:
        def shown(whens: Raw) -> tuple[str, ...]:
            return tuple(name for name, when in whens.items() if self.value(when, answers) == TRUE)

        sections = shown(self.sections)
        told = {
            name: self.value(when, answers) for section in sections for name, when in self.statements[section].items()
        }
        return Verdict(
            concepts={name: ("false", "open", "true")[self.value(w, answers)] for name, w in self.concepts.items()},
            sections=sections,
            notices=shown(self.notices),
            statements={name: "definite" if value == TRUE else "conditional" for name, value in told.items() if value},
        )


@cache
def shipped() -> Oracle:
    """The oracle of the rules that ship with the package."""
    sections = {name: _load(name) for name in _load("path")["sections"]}
    return Oracle(
        concepts={concept["id"]: concept["when"] for concept in _load("concepts")["concepts"]},
        sections={name: section.get("shown_when", {}) for name, section in sections.items()},
        notices={notice["id"]: notice.get("when", {}) for notice in _load("notices")["notices"]},
        statements={
            name: {
                f"{name}.{rule['id']}": rule.get("when", {}) for topic in section["topics"] for rule in topic["rules"]
            }
            for name, section in sections.items()
        },
    )


def _load(name: str) -> Any:
    return yaml.load(Path(folder("rules"), f"{name}.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506 - text only


def _listed(raw: Any) -> list[str]:
    return raw if isinstance(raw, list) else [raw]


@st.composite
def conditions(
    draw: st.DrawFn, fields: Mapping[str, tuple[str, ...]], concepts: Sequence[str] = (), *, once: bool = False
) -> Raw:
    """Raw conditions, up to three deep. With `once`, no field comes up twice; then there have to be eight or more."""
    left = list(fields)

    def leaf() -> Raw:
        word = draw(st.sampled_from([*left, *concepts]))
        if word in concepts:
            return {"concept": word}
        if once:
            left.remove(word)
        values = draw(st.lists(st.sampled_from(fields[word]), min_size=1, unique=True))
        return {word: values if len(values) > 1 else values[0]}

    def tree(depth: int) -> Raw:
        kind = draw(st.sampled_from(["leaf", "keys", "not", "all", "any"])) if depth else "leaf"
        if kind == "leaf":
            return leaf()
        if kind == "not":
            return {"not": tree(depth - 1)}
        parts = [tree(depth - 1) for _ in range(draw(st.integers(1, 2)))]
        return {key: raw for part in parts for key, raw in part.items()} if kind == "keys" else {kind: parts}

    return tree(3)
