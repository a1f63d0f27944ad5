"""How plain a text is: its sentences, reading grades, long words and passive voice.

Syllables and the list of familiar words are those of textstat. It is imported when first needed, for it is slow.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LONG = 3
"""A word of so many syllables is long."""

_WORD = re.compile(r"[A-Za-z0-9][\w’'-]*")
_PASSIVE = re.compile(
    r"\b(?:am|is|are|was|were|be|been|being)\s+"
    r"(?:(?:not|also|then|still|only|often|sometimes|once|all|now|just|even|[a-z]+ly)\s+)*"
    r"(?P<participle>[a-z]+)\b",
    re.IGNORECASE,
)
_PARTICIPLES = frozenset(
    """beaten begun bitten blown bought bound broken brought built burnt caught chosen cut done drawn driven eaten fed
    felt fought found frozen given grown heard held hidden hit hurt kept known laid led left lent lost made meant met
    paid put read said seen sent set shaken shot shown shut sold spent split spoken spread stolen struck sung taken
    taught thought thrown told torn understood woken won worn written""".split()  # noqa: SIM905 - a list of words
)
_NO_PARTICIPLES = frozenset({"bed", "hundred", "indeed", "need", "red", "seed", "speed", "tired", "worried"})


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one text. Grades are years of school; `smog` is None for less than three sentences.

    `dale_chall_plain` leaves out the words that the reader gets explained.
    """

    words: int
    sentences: int
    longest: int
    flesch_kincaid: float
    smog: float | None
    dale_chall: float
    dale_chall_plain: float
    passive: tuple[str, ...]

    @property
    def passive_percent(self) -> int:
        return round(100 * len(self.passive) / self.sentences) if self.sentences else 0


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line of a list, or a heading, is a sentence of its own."""
    lines = (re.sub(r"^\s*- ", "", line).strip() for line in text.splitlines())
    closed = (line if line[-1] in ".!?" else line.rstrip(":;,") + "." for line in lines if line)
    return [sentence for line in closed for sentence in re.split(r"(?<=[.!?])[”\"]?\s+", line)]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def measure(text: str, explained: Callable[[str], str] = str) -> Measured:
    """Measures a text. `explained` takes out of a text what the reader gets explained."""
    told = sentences(text)
    prose = " ".join(told)
    return Measured(
        words=len(words(prose)),
        sentences=len(told),
        longest=max((len(words(sentence)) for sentence in told), default=0),
        flesch_kincaid=flesch_kincaid(prose),
        smog=smog(prose),
        dale_chall=dale_chall(words(prose), len(told)),
        dale_chall_plain=dale_chall(words(explained(prose)), len(told)),
        passive=tuple(sentence for sentence in told if is_passive(sentence)),
    )


def flesch_kincaid(text: str) -> float:
    """The grade by Flesch and Kincaid, from the length of sentences and of words."""
    return float(_textstat().flesch_kincaid_grade(text)) if words(text) else 0.0


def smog(text: str) -> float | None:
    """The grade by SMOG, from the share of long words. None for less than three sentences: it means nothing there."""
    return float(_textstat().smog_index(text)) or None


def dale_chall(spoken: Iterable[str], count: int) -> float:
    """The score of Dale and Chall (1948), from the words that children of grade 4 may not know.

    Each occurrence counts, and regular endings do not make a familiar word hard. textstat's own figure counts
    each hard word once however often it stands, which makes long texts seem easy.
    """
    listed = list(spoken)
    if not listed or not count:
        return 0.0
    hard = 100 * sum(not is_familiar(word) for word in listed) / len(listed)
    return 0.1579 * hard + 0.0496 * len(listed) / count + (3.6365 if hard > 5 else 0)  # noqa: PLR2004 - the formula


def is_passive(sentence: str) -> bool:
    """Whether a form of "to be" and a participle stand together. A simple sign: it may see one too many."""
    participles = (found["participle"].lower() for found in _PASSIVE.finditer(sentence))
    return any(word in _PARTICIPLES or (word.endswith("ed") and word not in _NO_PARTICIPLES) for word in participles)


@cache
def syllables(word: str) -> int:
    return int(_textstat().syllable_count(word))


@cache
def is_familiar(word: str) -> bool:
    """Whether the word, or what it is a regular form of, stands in the list of Dale and Chall."""
    bare = re.sub(r"[’']s?$", "", word.lower())
    if "-" in bare:
        return all(is_familiar(part) for part in bare.split("-") if part)
    return not bare.isalpha() or any(form in _familiar() for form in _forms(bare))


def _forms(word: str) -> Iterable[str]:
    """A word, and what it may be a regular form of."""
    yield word
    for ending in ("s", "es", "d", "ed", "ing", "r", "er", "st", "est"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word.removesuffix(ending)
            yield stem
            if ending == "ing":
                yield f"{stem}e"
            if ending in ("es", "ed", "er", "est") and stem.endswith("i"):
                yield f"{stem[:-1]}y"
            if ending in ("ed", "ing", "er", "est") and stem[-1] == stem[-2]:
                yield stem[:-1]


@cache
def _familiar() -> frozenset[str]:
    return frozenset((files("textstat") / "resources" / "en" / "easy_words.txt").read_text("utf-8").split())


@cache
def _textstat() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources, which says that it will go
        from textstat.textstat import textstatistics
    made = textstatistics()
    made.set_rounding(False)  # it would round the syllables of a word to tenths, which moves a grade by up to 0.6
    return made
