"""Children tried one after another, where chance would miss some: every pair of answers at every stage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, product

from explainer import explain
from explainer.explanation import Explanation
from tests.strategies import ALLOWED, UNKNOWN, VALUES, Answers, profile_of

NOTHING_KNOWN: Answers = {**dict.fromkeys(VALUES, UNKNOWN), "look_ahead": "false"}


def children() -> Iterator[dict[str, str]]:
    """Every type and stage, and at every stage of ALL every single answer and every pair; the rest is not known."""
    frames = [
        {**NOTHING_KNOWN, "leukemia_type": leukemia, "stage": stage}
        for leukemia, stage in product((*VALUES["leukemia_type"], UNKNOWN), (*VALUES["stage"], UNKNOWN))
    ]
    yield from filter(is_valid, frames)
    for frame in frames:
        for count in (1, 2) if frame["leukemia_type"] == "all" else (1,):
            for fields in combinations([name for name in VALUES if name not in ("leukemia_type", "stage")], count):
                for words in product(*(_answers(field) for field in fields)):
                    given = {**frame, **dict(zip(fields, words, strict=True))}
                    if given["prior_cranial_radiation"] != UNKNOWN:
                        given["relapse_site"] = "csf"  # it is not asked otherwise
                    if is_valid(given):
                        yield given


def is_valid(answers: Answers) -> bool:
    return all(answers[name] == NOTHING_KNOWN[name] or ALLOWED[name](answers) for name in VALUES)


def _answers(field: str) -> tuple[str, ...]:
    return tuple(value for value in VALUES[field] if value != NOTHING_KNOWN[field])


def told() -> Iterator[tuple[Answers, Explanation]]:
    """What each of these children is told."""
    for number, answers in enumerate(_listed()):
        yield answers, _explained(number)


@cache
def _listed() -> list[dict[str, str]]:
    return list(children())


@cache
def _explained(number: int) -> Explanation:
    return explain(profile_of(_listed()[number]))
