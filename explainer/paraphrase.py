"""Finds where our words run on as the document's do: the document is copyrighted, and we carry facts alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from explainer.document import Document
from explainer.fingerprint import words
from explainer.knowledge import Knowledge

RUN = 8
"""So many words in a row are not ours any more."""

_SUFFIXES = {".yaml", ".jinja", ".html", ".txt", ".md", ".js", ".css"}
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that the document has, too, and the line on which they begin."""

    line: int
    words: tuple[str, ...]


def drug_words(knowledge: Knowledge) -> frozenset[str]:
    """Every word in the names of the drugs and other treatments in the glossary."""
    drugs = [term for term in knowledge.glossary if term.treatment]
    return frozenset(word for term in drugs for form in (term.term, *term.also) for word in words(form))


def runs_of(document: Document) -> frozenset[tuple[str, ...]]:
    """Every run of RUN words of the document."""
    spoken = [word for block in document.blocks for word in words(block.text)]
    return frozenset(zip(*(spoken[n:] for n in range(RUN)), strict=False))


def shared(text: str, theirs: frozenset[tuple[str, ...]], drugs: Iterable[str]) -> Iterator[Run]:
    """The longest runs of a text that the document has, too. What is mostly a list of drugs is left aside."""
    known = frozenset(drugs)
    spoken = [(word, n) for n, line in enumerate(text.splitlines(), 1) for word in words(_TAG.sub(" ", line))]
    begin = end = 0  # of the run that is being put together
    for start in range(len(spoken) - RUN + 1):
        run = tuple(word for word, _ in spoken[start : start + RUN])
        if run not in theirs or sum(word in known for word in run) * 2 >= RUN:
            continue
        if start >= end:
            yield from _run(spoken[begin:end])
            begin = start
        end = start + RUN
    yield from _run(spoken[begin:end])


def files(folder: Path) -> Iterator[Path]:
    """The files of a folder that hold words."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in _SUFFIXES)


def _run(spoken: list[tuple[str, int]]) -> Iterator[Run]:
    if spoken:
        yield Run(spoken[0][1], tuple(word for word, _ in spoken))
