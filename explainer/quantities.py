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
_MEASURED: dict[str, float] = {**_AMOUNTS, "one": 1}
_RANKS = {word: rank for rank, word in enumerate(_ORDINALS) if word != "first"}
HIGHEST_RANK = len(_ORDINALS) - 1

_BOUNDS = {
    **dict.fromkeys(("more than", "over", "above"), "more than"),
    **dict.fromkeys(("less than", "fewer than", "under", "below"), "less than"),
    **dict.fromkeys(("at most", "up to"), "at most"),
    **dict.fromkeys(("about", "around", "nearly", "almost"), "about"),
    "at least": "at least",
}
_EVERY = dict.fromkeys(("every", "each", "per"), "every")
_LEADS = {
    **_EVERY,
    **{f"{every} {rank}": f"every {rank}" for every in _EVERY for rank in _RANKS},
    **{f"{every} other": "every second" for every in _EVERY},
    **{word: word for word in ("first", "last", "few", "several", "most", "all")},
}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905 - as above
_TIMES = (
    "minute",
    "hour",
    "morning",
    "evening",
    "night",
    "day",
    "weekday",
    "weekend",
    "week",
    "fortnight",
    "month",
    "year",
)
_UNITS = {
    **{form: unit for unit in (*_TIMES, *_DAYS) for form in (unit, f"{unit}s")},
    **dict.fromkeys(("%", "percent", "out of 100", "out of every 100", "of every 100", "in 100"), "%"),
    "times": "time",
}
_ADVERBS = {
    "hourly": "hour",
    "daily": "day",
    "nightly": "night",
    "weekly": "week",
    "fortnightly": "fortnight",
    "biweekly": "fortnight",
    "monthly": "month",
    "yearly": "year",
}

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


_EACH = rf"an?|{_any(_EVERY)}"
_AMOUNT = rf"(?:{_NUMBER}|\b(?:{_any(_MEASURED.keys() - {'twice'})})\b)"
_MEASURE = re.compile(
    rf"(?:\b(?P<bound>{_any(_BOUNDS)})\s+)?"
    rf"(?:\b(?P<times>once(?=\s+(?:in\s+(?:the|that|{_EACH})|{_EACH}|{_any(_ADVERBS)})\b)|twice|{_AMOUNT}\s+times)\b\s*)?"
    rf"(?:(?P<adverb>\b(?:{_any(_ADVERBS)})\b)|(?P<a>\ban?\s+)?(?:\b(?P<lead>{_any(_LEADS)})\s+)?"
    rf"(?P<amounts>{_AMOUNT}(?:(?:\s+(?:to|or|and)\s+|\s*[-–]\s*){_AMOUNT})*)?"
    rf"\s*(?P<unit>%|\b(?:{_any(_UNITS.keys() - {'%'})})\b)?)",
    re.IGNORECASE,
)


class Measure(NamedTuple):
    """What a text says of how much, how often or how long: more than 95 %, every 4 to 8 weeks, the first month.

    `bound`, `lead` and `unit` are words that stand for all alike ("every" for "each" and "per", too), "" where there is
    none. A unit alone ("that month") is a measure, and so is a count of times ("more than twice").
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
    return _read(text, _AMOUNTS)


def _read(text: str, known: dict[str, float]) -> Iterator[tuple[str, float]]:
    for word in re.findall(rf"{_NUMBER}|[a-z]+", text.lower()):
        if word[0].isdigit():
            yield word, float(word.replace(",", ""))
        elif word in known:
            yield word, known[word]


def ranks(text: str) -> Iterator[tuple[str, int]]:
    """The ranks in a text from "second" on: how each is written, and its number."""
    return ((word, _RANKS[word]) for word in re.findall(r"[a-z]+", text.lower()) if word in _RANKS)


def measures(text: str) -> Iterator[tuple[str, Measure]]:
    """The measures in a text: how each is written, and what it means."""
    end = -1  # of the measure before: "a day" is every day after "24 hours" or "once", and else one day
    for found in _MEASURE.finditer(text):
        bound, times, lead = (_plain(found[part]) for part in ("bound", "times", "lead"))
        unit = _ADVERBS.get(_plain(found["adverb"])) or _UNITS.get(_plain(found["unit"]), "")
        count = 1.0 if times == "once" else next((amount for _, amount in _read(times, _MEASURED)), None)
        if not unit and count is None:
            continue
        lead = "every" if found["adverb"] else _LEADS.get(lead, "")
        numbers = tuple(amount for _, amount in _read(found["amounts"] or "", _MEASURED))
        if found["a"] and not lead and not numbers:
            is_rate = count is not None or (end >= 0 and not text[end : found.start()].strip())
            lead, numbers = ("every", ()) if is_rate else ("", (1.0,))
        bound = _BOUNDS.get(bound, "")
        end = found.end()
        said = found.group().strip()
        if count is not None and lead.startswith("every"):  # twice a week is one measure; once a week is every week
            yield said, Measure(bound, lead, () if count == 1 else (count, *numbers), unit)
        elif count is not None:
            yield said, Measure(bound, "", (count,), "time")
            if unit:
                yield said, Measure("", lead, numbers, unit)
        else:
            yield said, Measure(bound, lead, numbers, unit)


def without_measures(text: str) -> str:
    """The text less its measures: what else it counts."""
    return _MEASURE.sub(lambda found: " " if next(measures(found.group()), None) else found.group(), text)


def _plain(found: str | None) -> str:
    return " ".join((found or "").lower().split())
