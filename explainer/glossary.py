"""Finds the hard words of the glossary in our texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, Protocol, TypeVar


class HardWord(Protocol):
    """A term, the other forms in which it stands in texts, and what it means."""

    @property
    def term(self) -> str: ...

    @property
    def also(self) -> tuple[str, ...]: ...

    @property
    def meaning(self) -> str: ...


Word = TypeVar("Word", bound=HardWord)

_WORD = re.compile(r"(?<![\w-])(?:[\w-]+|\S)")
_GOES_ON = re.compile(r"[\w-]")


class Glossary(Generic[Word]):
    """Hard words, ready to be looked up in texts. The longest form wins."""

    def __init__(self, terms: Sequence[Word]) -> None:
        self._by_name = {term.term: term for term in terms}
        self._forms: dict[str, list[tuple[str, Word]]] = {}
        by_form = {form: term for term in terms for form in (term.term, *term.also)}
        for form in sorted(by_form, key=len, reverse=True):
            if begins := _WORD.match(form):
                self._forms.setdefault(begins.group().lower(), []).append((form, by_form[form]))
        self.terms = tuple(sorted(terms, key=lambda term: term.term.lower()))
        # Explanations are made of the same few texts again and again, and use the same few sets of terms.
        self.terms_in = lru_cache(2048)(lambda text: tuple(term for _, term in self.split(text) if term))
        self.all_in = lru_cache(2048)(lambda text: frozenset(self.terms_in(text)))
        self.explained = lru_cache(512)(self._explained)

    def split(self, text: str) -> Iterator[tuple[str, Word | None]]:
        """The text in pieces: plain ones with None, hard words with their term. Joined they are the text."""
        end = 0
        for word in _WORD.finditer(text):
            start = word.start()
            for form, term in self._forms.get(word.group().lower(), ()) if start >= end else ():
                if _stands(form, text, start):
                    if start > end:
                        yield text[end:start], None
                    end = start + len(form)
                    yield text[start:end], term
                    break
        if end < len(text):
            yield text[end:], None

    def used_in(self, texts: Iterable[str]) -> tuple[Word, ...]:
        """The terms that the texts use, in alphabetical order."""
        names = self.names_in(texts)
        return tuple([term for term in self.terms if term.term in names])

    def names_in(self, texts: Iterable[str]) -> set[str]:
        """The names of the terms that the texts use."""
        return {term.term for text in texts for term in self.terms_in(text)}

    def _explained(self, names: frozenset[str]) -> tuple[Word, ...]:
        """The terms of these names, and those that explaining these takes, in alphabetical order."""
        found = set(names)
        waiting = list(names)
        while waiting:
            new = self.names_in([self._by_name[waiting.pop()].meaning]) - found
            found |= new
            waiting += new
        return tuple([term for term in self.terms if term.term in found])


def _stands(form: str, text: str, start: int) -> bool:
    """Whether a form stands in a text from there on, as words of their own."""
    end = start + len(form)
    found = text[start:end]
    # What is listed in capitals is found in capitals only: "all" is no leukemia.
    same = found == form or (not form.isupper() and found.lower() == form.lower())
    return same and not _GOES_ON.match(text, end)
