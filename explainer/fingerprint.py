"""Fingerprints of the document's sentences: we keep these and never the words (docs/decisions/0009).

Lays a copy of the document out by the headings of source.yaml, so that each sentence has a passage.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from explainer.document import Block, Document
from explainer.errors import Fault, InputError
from explainer.knowledge import Heading, Source

_DIGITS = 16
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))  # soft hyphens, and marks without width
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-ZÀ-Þ])")
_REVISED = re.compile(r"\blast\s+(?:revised|updated)\s*:?\s*([^|]{1,40})", re.IGNORECASE)
_DAYS = (
    (r"[A-Za-z]+ \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"\d{1,2} [A-Za-z]+ \d{4}", "%d %B %Y"),
    (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
)


def words(text: str) -> list[str]:
    r"""The words of a text, the same however quotes, hyphens, blanks and capitals are set.

    >>> words("The child\u2019s co\u00adunts, re\u2011checked") == words("the Child's counts re-checked")
    True
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold())


def fingerprint(text: str) -> str:
    """Stands for the words of a text."""
    return hashlib.sha256(" ".join(words(text)).encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    found, start = [], 0
    for end in [*(match.end() for match in _BETWEEN.finditer(text)), len(text)]:
        found.append(text[start:end])
        start = end
    return [sentence for sentence in found if words(sentence)]


@dataclass(frozen=True, slots=True)
class Spot:
    """One sentence, or the heading itself (paragraph 0): under which heading, in which paragraph, with which words."""

    heading: str
    paragraph: int
    mark: str

    @property
    def passage(self) -> str:
        return f"{self.heading}.{self.paragraph}"


@dataclass
class Layout:
    """A copy of the document, laid out by the headings of source.yaml.

    `article` holds its sentences in order, with the headings between them. What stands outside of it is a mixture of
    helpline, menus and notes. `ended` is False when nothing shows that the copy goes on to the document's end.
    """

    article: list[Spot] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    missing: list[Heading] = field(default_factory=list)
    revised: date | None = None
    ended: bool = False
    end_mark: str = ""

    def paragraphs(self, heading: str) -> int:
        """How many paragraphs stand under a heading."""
        return max((spot.paragraph for spot in self.article if spot.heading == heading), default=0)


def kept(source: Source) -> tuple[list[Spot], list[Spot]]:
    """What source.yaml keeps: the article, with its headings, and what stands ahead of it."""
    passages = source.fingerprints.passages if source.fingerprints else {}
    article, outside = [], []
    for heading in source.headings:
        spots = [
            Spot(heading.id, number, mark)
            for number in range(1, heading.passages + 1)
            for mark in passages.get(f"{heading.id}.{number}", ())
        ]
        if heading.stands == "before-title":
            outside += spots
        else:
            article += [_at(heading), *spots]
    return article, outside


def lay_out(document: Document, source: Source) -> Layout:
    """Finds the passages of the document in a copy, by the titles of its headings."""
    blocks, layout = document.blocks, Layout()
    starts = _starts(blocks, source)
    inside = [heading for heading in source.headings if heading.stands != "before-title"]
    layout.missing = [heading for heading in inside if heading.id not in starts.values()]
    layout.revised = next(filter(None, map(_revised, (block.text for block in blocks))), None)
    end = _end(blocks, source, starts)
    layout.ended = end < len(blocks)
    layout.end_mark = fingerprint(blocks[end].text) if layout.ended else ""
    first = min(starts, default=end)
    first, heading = _untitled(blocks[:first], source, layout.missing) or (first, "")
    layout.before = list(_marks(_without_menus(blocks[:first], source)))
    layout.after = list(_marks(blocks[end:]))
    by_id = {heading.id: heading for heading in inside}
    paragraph = 0
    for number, block in enumerate(blocks[first:end], first):
        if number in starts:
            heading, paragraph = starts[number], 0
            layout.article.append(_at(by_id[heading]))
            continue
        if block.kind != "item" or not paragraph:
            paragraph += 1
        layout.article += [Spot(heading, paragraph, mark) for mark in _marks([block])]
    return layout


def article(document: Document, source: Source) -> str:
    """The text of a copy without what stands around it: from the first heading on to the end of the article."""
    starts = _starts(document.blocks, source)
    inside = document.blocks[min(starts, default=0) : _end(document.blocks, source, starts)]
    return "\n".join(f"- {block.text}" if block.kind == "item" else block.text for block in inside)


def taken(document: Document, source: Source) -> str:
    """The `fingerprints` of a copy, as source.yaml keeps them.

    Raises InputError when the copy and the rest of source.yaml do not fit together, with each difference.
    """
    layout = lay_out(document, source)
    faults = list(_misfits(document.place, layout, source))
    if faults:
        raise InputError(faults)
    marks: dict[str, list[str]] = {}
    for heading in source.headings:
        if heading.stands == "before-title":
            marks[f"{heading.id}.1"] = layout.before
        else:
            for spot in layout.article:
                if spot.heading == heading.id and spot.paragraph:
                    marks.setdefault(spot.passage, []).append(spot.mark)
    lines = ["fingerprints:", f"  after: {layout.end_mark}", "  passages:"]
    for passage, found in marks.items():
        listed = f"    {passage}: [{', '.join(found)}]"
        lines += textwrap.wrap(listed, 120, initial_indent="", subsequent_indent="      ", drop_whitespace=True)
    return "\n".join(lines)


def _misfits(place: str, layout: Layout, source: Source) -> Iterator[Fault]:
    for heading in layout.missing:
        yield Fault(place, 0, f"the heading of {heading.id} is not in this copy")
    for heading in source.headings:
        count = 1 if heading.stands == "before-title" else layout.paragraphs(heading.id)
        if heading.stands == "before-title" and not layout.before:
            yield Fault(place, 0, f"nothing stands ahead of the title in this copy, where {heading.id} should be")
        elif heading not in layout.missing and count != heading.passages:
            said = f"{heading.id} has {count} paragraphs in this copy, and source.yaml says {heading.passages}"
            yield Fault(place, 0, f"{said}; go over `headings` and the ids of facts.yaml first")
    if not layout.ended:
        yield Fault(place, 0, "this copy ends with the last passage, so that nobody can tell whether it is whole")
    if layout.revised != source.revised:
        found = f"was last revised on {layout.revised}" if layout.revised else "does not say when it was last revised"
        yield Fault(place, 0, f"this copy {found}, and source.yaml says {source.revised}")


def _at(heading: Heading) -> Spot:
    return Spot(heading.id, 0, f"# {heading.id}")


def _marks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from map(fingerprint, sentences(block.text))


def _starts(blocks: Sequence[Block], source: Source) -> dict[int, str]:
    """Where each heading stands, by the number of its block.

    A title may stand in lists and menus, too. The last one counts that is in no list, and those that a saved page
    marks as headings before all others. The document's own title is the last one ahead of the other headings.
    """
    spoken = [words(block.text) if block.kind != "item" else [] for block in blocks]

    def last(title: str, end: int) -> int | None:
        wanted = words(title)
        found = [number for number in range(end) if spoken[number] == wanted]
        marked = [number for number in found if blocks[number].kind == "heading"]
        return max(marked or found, default=None)

    starts: dict[int, str] = {}
    for heading in source.headings:
        at = last(heading.title, len(blocks)) if heading.stands == "under-heading" else None
        if at is not None:
            starts[at] = heading.id
    first = min(starts, default=len(blocks))
    for heading in source.headings:
        if heading.stands == "under-title":
            at = last(f"{source.title} ({source.short})", first)
            at = last(source.title, first) if at is None else at
            if at is not None:
                starts[at] = heading.id
    return starts


def _untitled(blocks: Sequence[Block], source: Source, missing: Sequence[Heading]) -> tuple[int, str] | None:
    """Where the article begins, and under what, in a copy that lacks its title: at a sentence that is kept of there."""
    names = [heading.id for heading in missing if heading.stands == "under-title"]
    marks = {spot.mark for spot in kept(source)[0] if spot.heading in names and spot.paragraph}
    found = (number for number, block in enumerate(blocks) if marks.intersection(_marks([block])))
    return next(((number, names[0]) for number in found), None)


def _end(blocks: Sequence[Block], source: Source, starts: dict[int, str]) -> int:
    """The first block after the article: the line that is kept, the day of revision, or what no passage is left for."""
    last = max(starts, default=0)
    later = range(last + 1, len(blocks))
    if source.fingerprints:
        at = next((n for n in later if fingerprint(blocks[n].text) == source.fingerprints.after), None)
        if at is not None:
            return at
    revised = next((number for number in later if _revised(blocks[number].text)), len(blocks))
    if source.fingerprints or not starts:
        return revised
    passages = next(heading.passages for heading in source.headings if heading.id == starts[last])
    for number in later:
        passages -= blocks[number].kind != "item"
        if passages < 0:
            return min(number, revised)
    return revised


def _without_menus(blocks: Sequence[Block], source: Source) -> Iterator[Block]:
    """Leaves out lists in which a page of the publisher is named by its title, and lines that are such a title."""
    pages = [(source.title, source.short), *((page.title, page.short) for page in source.related)]
    titles = [words(title) for page in pages for title in (page[0], f"{page[0]} ({page[1]})")]
    for is_list, group in groupby(blocks, key=lambda block: block.kind == "item"):
        told = list(group)
        if is_list and any(words(block.text) in titles for block in told):
            continue
        yield from (block for block in told if words(block.text) not in titles)


def _revised(text: str) -> date | None:
    """The day of the last revision, if the text says one."""
    found = _REVISED.search(text)
    for pattern, form in _DAYS if found else ():
        day = re.match(pattern, " ".join(found[1].split())) if found else None
        try:
            if day:
                return datetime.strptime(day.group(), form).date()  # noqa: DTZ007 - a day only
        except ValueError:
            continue
    return None
