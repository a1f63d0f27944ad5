"""Finds the hard words of the glossary in our texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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


class Glossary(Generic[Word]):
    """Hard words, ready to be looked up in texts. The longest form wins."""

    def __init__(self, terms: Sequence[Word]) -> None:
        self._by_form = {self._key(form): term for term in terms for form in (term.term, *term.also)}
        forms = sorted((form for term in terms for form in (term.term, *term.also)), key=len, reverse=True)
        spoken = "|".join(re.escape(form) if form.isupper() else f"(?i:{re.escape(form)})" for form in forms)
        self._pattern = re.compile(rf"(?<![\w-])(?:{spoken})(?![\w-])" if forms else r"(?!)")

    def split(self, text: str) -> Iterator[tuple[str, Word | None]]:
        """The text in pieces: plain ones with None, hard words with their term. Joined they are the text."""
        end = 0
        for found in self._pattern.finditer(text):
            if found.start() > end:
                yield text[end : found.start()], None
            yield found.group(), self._by_form[self._key(found.group())]
            end = found.end()
        if end < len(text):
            yield text[end:], None

    def used_in(self, texts: Iterable[str]) -> list[Word]:
        """The terms that the texts use, and those that explaining these takes, in alphabetical order."""
        found: dict[str, Word] = {}
        waiting = list(texts)
        while waiting:
            for _, term in self.split(waiting.pop()):
                if term and term.term not in found:
                    found[term.term] = term
                    waiting.append(term.meaning)
        return sorted(found.values(), key=lambda term: term.term.lower())

    @staticmethod
    def _key(form: str) -> str:
        return form if form.isupper() else form.lower()
