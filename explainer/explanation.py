"""The shape of an explanation. Its JSON form is a contract: keys may be added, none may go."""

# Without `from __future__ import annotations`, from which pydantic would have to compile every annotation once more.

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from explainer.engine import Applies
from explainer.knowledge import Certainty, Timing

Thing = TypeVar("Thing")


class Part(BaseModel):
    """Whatever is told: frozen, and nothing in it but what its fields name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Statement(Part):
    """What one rule says. `text` is plain and may hold list lines that begin with "- ".

    `condition` is what is still open, as a clause after "If"; None when the statement is definite.
    `for_everyone` is true when no answer decides about it within its section. `goes_on` is true when it still matters
    though its section lies behind; in such a section, these statements come first.
    """

    id: str
    text: str
    applies: Applies
    condition: str | None
    certainty: Certainty
    facts: tuple[str, ...]
    because: tuple[str, ...]
    for_everyone: bool
    goes_on: bool
    passages: tuple[str, ...]
    topic: str

    def __hash__(self) -> int:
        """Of what tells a statement's forms apart, which takes less time than all of it."""
        return hash((self.id, self.condition, self.because))


class Review(Part):
    """A clinician checked these very words, on this day."""

    by: str
    on: date


_ID_AND_CONDITION = attrgetter("id", "condition")


class Section(Part):
    """`reviewed` is None until a clinician has checked the section, and again once it has changed since."""

    id: str
    title: str
    timing: Timing
    because: tuple[str, ...]
    statements: tuple[Statement, ...]
    reviewed: Review | None

    def __hash__(self) -> int:
        """Of what tells a section's forms apart, which takes less time than all of it."""
        return hash((self.id, self.timing, self.because, *map(_ID_AND_CONDITION, self.statements)))


class Stop(Part):
    label: str
    here: bool


class Place(Part):
    """Where the child is on the path; `stops` is empty where no path is drawn."""

    text: str
    stops: tuple[Stop, ...]


class Notice(Part):
    id: str
    text: str


class Question(Part):
    """A question for the care team; `section` and `topic` are None when it comes from an answer that is not known."""

    id: str
    text: str
    section: str | None
    topic: str | None


class Term(Part):
    """A hard word that the explanation uses; `also` lists other forms of it."""

    term: str
    also: tuple[str, ...]
    meaning: str
    origin: str

    def __hash__(self) -> int:
        """Of the name alone, for a term is looked up often."""
        return hash(self.term)


class Source(Part):
    title: str
    publisher: str
    revised: date
    notice: str


class Explanation(Part):
    """What one profile is told, in the order in which it is read."""

    profile: Mapping[str, str | bool]
    place: Place | None
    notices: tuple[Notice, ...]
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    glossary: tuple[Term, ...]
    source: Source
    made_on: date | None


def after_now(others: Sequence[Thing], still: Sequence[Thing], timing: Callable[[Thing], str]) -> list[Thing]:
    """What is told, in the order in which it is read: what `still` matters of phases behind follows what is now."""
    behind_now = max((number for number, one in enumerate(others, 1) if timing(one) == "now"), default=0)
    return [*others[:behind_now], *still, *others[behind_now:]]
