"""The oracle of the rules that ship with the package, and raw conditions to try it and the code under test on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from explainer import logic
from explainer.knowledge import Knowledge
from explainer.ledger import NO
from explainer.oracle import TRUE, Oracle, Raw, read
from explainer.resources import folder


class Verdict(NamedTuple):
    """What is derived and shown; a statement that is not shown is not listed."""

    concepts: dict[str, str]
    sections: tuple[str, ...]
    notices: tuple[str, ...]
    statements: dict[str, str]


def decide(oracle: Oracle, answers: Mapping[str, str]) -> Verdict:
    """All that the engine decides, one thing after the other."""
    states = {name: oracle.outcome(f"concept {name}", answers) for name in oracle.concepts}
    statements = (name for section in oracle.statements.values() for name in section)
    told = {name: oracle.outcome(name, answers) for name in statements}
    return Verdict(
        concepts={name: "false" if state == NO else state for name, state in states.items()},
        sections=tuple(name for name, when in oracle.sections.items() if oracle.value(when, answers) == TRUE),
        notices=tuple(name for name in oracle.notices if oracle.outcome(f"notice {name}", answers) != NO),
        statements={name: outcome for name, outcome in told.items() if outcome != NO},
    )


def state(known: Knowledge, statement: str, answers: Mapping[str, str]) -> str:
    """How a statement is told with these answers: definite, conditional or no. They need not be a profile's."""
    section, rule = known.statements[statement]
    if logic.simplify(section.shown_when, answers, known.definition) != logic.TRUE:
        return "no"
    left = logic.simplify(rule.when, answers, known.definition)
    return "no" if left == logic.FALSE else "definite" if left == logic.TRUE else "conditional"


@cache
def shipped() -> Oracle:
    return read(folder("rules"))


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
