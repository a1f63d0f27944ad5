"""Reads numbers out of texts, and what they measure: how many, how often, how long, more or less than that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_CARDINALS = [
    *"zero one two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905 - a list of words
    *"thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),  # noqa: SIM905 - as above
]
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905 - as above
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - as above
_LARGE = {"dozen": 12, "dozens": 12, "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000}
_OTHERS = {"twice": 2, "double": 2, "half": 0.5, "quarter": 0.25, **_LARGE}
_AMOUNTS: dict[str, float] = {
    **{word: number for number, word in enumerate(_CARDINALS) if word != "one"},  # "one of them" counts nothing
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **_OTHERS,
}
_RANKS = {word: rank for rank, word in enumerate(_ORDINALS) if word != "first"}
HIGHEST_RANK = len(_ORDINALS) - 1

_BOUNDS = {
    **dict.fromkeys(("more than", "over", "above"), "more than"),
    **dict.fromkeys(("less than", "fewer than", "under", "below"), "less than"),
    **dict.fromkeys(("at most", "up to"), "at most"),
    **dict.fromkeys(("about", "around", "nearly", "almost"), "about"),
    "at least": "at least",
}
_LEADS = {
    **dict.fromkeys(("every", "each", "per", "a", "an"), "every"),
    "first": "first",
    "few": "few",
    "several": "several",
}
_UNITS = {
    **{form: unit for unit in ("hour", "day", "weekday", "week", "month", "year") for form in (unit, f"{unit}s")},
    **dict.fromkeys(("%", "percent", "out of 100", "in 100"), "%"),
}
_ADVERBS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_AMOUNT = rf"(?:{_NUMBER}|\b(?:{_any(_AMOUNTS)})\b)"
_MEASURE = re.compile(
    rf"(?:\b(?P<bound>{_any(_BOUNDS)})\s+)?(?:\b(?P<lead>{_any(_LEADS)})\s+)?"
    rf"(?P<amounts>{_AMOUNT}(?:(?:\s+(?:to|or|and)\s+|-|–){_AMOUNT})*)?"
    rf"\s*(?P<unit>%|\b(?:{_any(_UNITS.keys() - {'%'})})\b)?|\b(?P<adverb>{_any(_ADVERBS)})\b",
    re.IGNORECASE,
)


class Measure(NamedTuple):
    """What a text says of how much, how often or how long: more than 95 %, every 4 to 8 weeks, the first month.

    `bound`, `lead` and `unit` are words that stand for all alike ("every" for "each" and "per", too), "" where there is
    none. A unit alone ("that month") is a measure, and so is a number with a bound ("more than twice").
    """

    bound: str
    lead: str
    amounts: tuple[float, ...]
    unit: str

    @property
    def is_unit_alone(self) -> bool:
        return not (self.bound or self.lead or self.amounts)


def amounts(text: str) -> Iterator[tuple[str, float]]:
    """The numbers in a text, as digits or in words: how each is written, and the number."""
    for word in re.findall(rf"{_NUMBER}|[a-z]+", text.lower()):
        if word[0].isdigit():
            yield word, float(word.replace(",", ""))
        elif word in _AMOUNTS:
            yield word, _AMOUNTS[word]


def ranks(text: str) -> Iterator[tuple[str, int]]:
    """The ranks in a text from "second" on: how each is written, and its number."""
    return ((word, _RANKS[word]) for word in re.findall(r"[a-z]+", text.lower()) if word in _RANKS)


def measures(text: str) -> Iterator[tuple[str, Measure]]:
    """The measures in a text: how each is written, and what it means."""
    for found in _MEASURE.finditer(text):
        bound, lead, numbers, unit, adverb = (part or "" for part in found.groups())
        if adverb:
            yield adverb, Measure("", "every", (), _ADVERBS[adverb.lower()])
        elif unit or (bound and numbers):
            measured = Measure(
                _BOUNDS.get(bound.lower(), ""),
                _LEADS.get(lead.lower(), ""),
                tuple(amount for _, amount in amounts(numbers)),
                _UNITS.get(unit.lower(), ""),
            )
            yield found.group().strip(), measured
