"""Children tried one after another, where chance would miss some: every answer at every stage, and every pair."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, product

from tests.strategies import ALLOWED, UNKNOWN, VALUES, Answers

NOTHING_KNOWN: Answers = {**dict.fromkeys(VALUES, UNKNOWN), "look_ahead": "false"}
_FIELDS = [name for name in VALUES if name not in ("leukemia_type", "stage")]


@cache
def singles() -> list[dict[str, str]]:
    """Every type and stage, and at every stage every single answer; the rest is not known."""
    frames = [
        {**NOTHING_KNOWN, "leukemia_type": leukemia, "stage": stage}
        for leukemia, stage in product((*VALUES["leukemia_type"], UNKNOWN), (*VALUES["stage"], UNKNOWN))
    ]
    answered = [child for frame in frames for field in _FIELDS for child in _children(frame, field)]
    return [*filter(is_valid, frames), *answered]


@cache
def pairs() -> list[dict[str, str]]:
    """Every pair of answers to a child with ALL; all that go together do so in consolidation or after a relapse."""
    return [
        child
        for stage in ("consolidation", "relapsed")
        for fields in combinations(_FIELDS, 2)
        for child in _children({**NOTHING_KNOWN, "leukemia_type": "all", "stage": stage}, *fields)
    ]


def _children(frame: Answers, *fields: str) -> Iterator[dict[str, str]]:
    """Those whose answers go together, with every answer to these fields."""
    for words in product(*([word for word in VALUES[name] if word != NOTHING_KNOWN[name]] for name in fields)):
        given = {**frame, **dict(zip(fields, words, strict=True))}
        if given["prior_cranial_radiation"] != UNKNOWN:
            given["relapse_site"] = "csf"  # it is not asked otherwise
        if is_valid(given):
            yield given


def is_valid(answers: Answers) -> bool:
    return all(answers[name] == NOTHING_KNOWN[name] or ALLOWED[name](answers) for name in VALUES)
