"""What a visitor's browser keeps between pages: the answers, in one small cookie. The server keeps nothing.

The value is the version, then words joined by dots, of which every character may stand in a cookie as it is:

    1.sky:clear.wind:unknown.-rain:heavy.!

for two answers, an answer that a changed one has set aside, and a mark that earlier answers could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explainer.errors import ProfileError
from explainer.interview import Interview
from explainer.knowledge import Knowledge
from explainer.logic import UNKNOWN

NAME = "answers"
_VERSION = "1"
_LONGEST = 2000
_SET_ASIDE, _AFRESH = "-", "!"


@dataclass(frozen=True, slots=True)
class Visit:
    """What one browser has brought along.

    `afresh`: earlier answers could not be read, and the visitor began anew. `broken`: so it is with this very cookie,
    which should be taken away.
    """

    interview: Interview
    afresh: bool = False
    broken: bool = False


def write(visit: Visit) -> str:
    """The cookie's value."""
    answers = [f"{name}:{word}" for name, word in visit.interview.given.items()]
    set_aside = [f"{_SET_ASIDE}{name}:{word}" for name, word in visit.interview.set_aside.items()]
    return ".".join([_VERSION, *answers, *set_aside, *([_AFRESH] if visit.afresh else [])])


def find(headers: Iterable[str], wanted: str = NAME) -> str | None:
    """Our cookie in the Cookie headers of a request, as it was sent; the first one, if there are several.

    A browser sends that of the longest path first. One of the host as a whole may be another site's.

    Quoting is not undone: we never quote, and Python's own way takes seconds for some headers.
    """
    pairs = [pair.partition("=") for header in headers for pair in header.split(";")]
    return next((value.strip() for name, _, value in pairs if name.strip() == wanted), None)


def read(value: str | None, knowledge: Knowledge) -> Visit:
    """What a cookie holds. Anybody may have written it: one that is broken or too old counts as none, and says so."""
    if value is None:
        return Visit(Interview(knowledge))
    try:
        return _read(value, knowledge)
    except (ValueError, ProfileError):
        return Visit(Interview(knowledge), afresh=True, broken=True)


def _read(value: str, knowledge: Knowledge) -> Visit:
    version, *words = value.split(".")
    if version != _VERSION or len(value) > _LONGEST:
        raise ValueError
    afresh = words[-1:] == [_AFRESH]
    pairs = words[:-1] if afresh else words
    given = _answers([pair for pair in pairs if not pair.startswith(_SET_ASIDE)], knowledge)
    set_aside = _answers([pair[1:] for pair in pairs if pair.startswith(_SET_ASIDE)], knowledge)
    if UNKNOWN in set_aside.values():  # never written: such an answer goes without a word
        raise ValueError
    profile = knowledge.profile.read(given)  # refuses what no questionnaire would have led to
    asked = {name: given[name] for name in profile.asked if name in given}
    return Visit(Interview(knowledge, asked, set_aside, profile if asked == given else None), afresh)


def _answers(pairs: list[str], knowledge: Knowledge) -> dict[str, str]:
    """Answers to questions that there are, in their order. Raises ValueError for any other."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, word = pair.partition(":")
        question = knowledge.profile.questions.get(name)
        if question is None or word not in question.accepted or name in found:
            raise ValueError
        found[name] = word
    return {name: found[name] for name in knowledge.profile.questions if name in found}
