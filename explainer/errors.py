"""The one family of errors. Each names the place, the bad value, what is allowed and the nearest right one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

_MOST_LISTED = 20


class ExplainerError(Exception):
    """Whatever this package raises on purpose; its text is ready to be shown, one fault a line."""


class Fault(NamedTuple):
    """One mistake in one place: `rules/induction.yaml:12` for an author, `stage` for a caller.

    Lines count from 1; 0 is for a place that has none, or as a whole.
    """

    place: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{where}: {self.message}"


class FaultsError(ExplainerError):
    """Carries every fault that was found, so that nobody has to mend them one run at a time."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def at(cls, place: str, message: str, line: int = 0) -> Self:
        """The error that carries this one fault."""
        return cls([Fault(place, line, message)])

    def __reduce__(self) -> tuple[type[FaultsError], tuple[tuple[Fault, ...]], dict[str, object]]:
        """Exceptions are copied by what they print; these are made again of their faults, in another process, too."""
        return type(self), (self.faults,), self.__dict__


class KnowledgeError(FaultsError):
    """The files in rules/ do not fit together."""


class ProfileError(FaultsError):
    """The answers given for a child are not a valid profile."""


class InputError(FaultsError):
    """A file could not be read or written, or is not what it should be."""


class EngineError(ExplainerError):
    """The rules engine could not be loaded, or refused a rule."""


def _spelt(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def closest(word: object, allowed: Sequence[str]) -> str | None:
    """The allowed word that was most likely meant, if one comes near."""
    from difflib import get_close_matches  # only who mistypes a word waits for it

    spelt = {_spelt(known): known for known in allowed}
    return next((spelt[near] for near in get_close_matches(_spelt(str(word)), spelt, n=1, cutoff=0.55)), None)


def nearest(word: object, allowed: Sequence[str]) -> str:
    """The tail of a message about a word that is not allowed: what is, and which one was meant.

    >>> nearest("indukshun", ["induction", "maintenance"])
    'allowed: induction, maintenance (did you mean induction?)'
    """
    more = [f"and {len(allowed) - _MOST_LISTED} more"] if len(allowed) > _MOST_LISTED else []
    said = f"allowed: {', '.join([*allowed[:_MOST_LISTED], *more])}" if allowed else "none is allowed here"
    if isinstance(word, str) and word.partition(":")[0] in allowed and ":" in word:
        return f"{said}; put a space after the colon"
    close = closest(word, allowed)
    return f"{said} (did you mean {close}?)" if close else said


def shown(value: object, longest: int = 60) -> str:
    """A value as an error message quotes it: on one line, what cannot be seen escaped, and cut when it is long."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} that is nested too deeply"
    return text if len(text) <= longest else f"{text[:longest]}…"
