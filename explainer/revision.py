"""Compares a copy of the document with the fingerprints that are kept of it, sentence by sentence.

Fingerprints cannot tell how alike two sentences are, only whether their words are the same. So place decides: see
docs/decisions/0009.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal, get_args

from explainer.fingerprint import Layout, Spot, kept
from explainer.knowledge import Source

Kind = Literal["same", "reworded", "moved", "missing", "new"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_LEAST_KNOWN = 1 / 4
"""A copy in which fewer of the sentences are found is another document, or one that is wholly rewritten."""


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence. `passage` is where it is kept, or, of a new one, the passage that it stands in or follows."""

    kind: Kind
    passage: str
    to: str = ""  # where it stands now, if it has moved
    in_new_paragraph: bool = False


@dataclass
class Comparison:
    """Every sentence that is kept or found. `breaks_off` names the passage after which nothing is left of the copy."""

    changes: list[Change] = field(default_factory=list)
    missing_headings: list[str] = field(default_factory=list)
    breaks_off: str = ""
    is_another: bool = False

    def count(self, kind: Kind, passage: str | None = None) -> int:
        return sum(change.kind == kind and passage in (None, change.passage) for change in self.changes)


def compare(layout: Layout, source: Source) -> Comparison:
    """What has become of each sentence that source.yaml keeps, and which sentences are new."""
    article, outside = kept(source)
    found = Comparison(missing_headings=[heading.id for heading in layout.missing])
    found.changes += _outside(outside, layout)
    changes, last = _article(article, layout)
    behind = {spot.passage for spot in article[last + 1 :]}
    if not layout.ended and any(change.kind == "missing" and change.passage in behind for change in changes):
        found.breaks_off = next((spot.passage for spot in reversed(article[: last + 1]) if spot.paragraph), "")
        found.missing_headings = [name for name in found.missing_headings if (name, 0) not in _places(article[last:])]
    found.changes += changes
    reached = article[: last + 1] if found.breaks_off else article
    known = found.count("same") + found.count("moved")
    found.is_another = known < _LEAST_KNOWN * sum(bool(spot.paragraph) for spot in [*reached, *outside])
    return found


def _places(spots: Sequence[Spot]) -> set[tuple[str, int]]:
    return {(spot.heading, spot.paragraph) for spot in spots}


def _article(article: Sequence[Spot], layout: Layout) -> tuple[list[Change], int]:
    """The changes of the article, and the number of the last kept sentence or heading that stands in its place."""
    copy = layout.article
    old, new = [spot.mark for spot in article], [spot.mark for spot in copy]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    kept_at = {b + n: a + n for tag, a, to, b, _ in steps if tag == "equal" for n in range(to - a)}
    last = max(kept_at.values(), default=-1)
    is_cut = not layout.ended and last < len(article) - 1
    lost = Counter(spot.mark for n, spot in enumerate(article) if spot.paragraph and n not in set(kept_at.values()))
    changes = [Change("same", article[n].passage) for n in sorted(kept_at.values()) if article[n].paragraph]
    homes = {copy[b].passage: article[a].passage for b, a in reversed(kept_at.items()) if article[a].paragraph}
    elsewhere: dict[str, list[str]] = {}  # where what was lost in one place stands in another
    for number, spot in enumerate(copy):
        if number not in kept_at and lost[spot.mark] > len(elsewhere.get(spot.mark, ())):
            elsewhere.setdefault(spot.mark, []).append(homes.get(spot.passage, spot.passage))
    moved_here = {mark: len(places) for mark, places in elsewhere.items()}
    for tag, first, end, begin, stop in steps:
        if tag == "equal":
            continue
        gone, come = [], []
        for spot in article[first:end]:
            if not spot.paragraph:
                continue
            if elsewhere.get(spot.mark):
                changes.append(Change("moved", spot.passage, to=elsewhere[spot.mark].pop(0)))
            else:
                gone.append(spot)
        for spot in copy[begin:stop]:
            if moved_here.get(spot.mark):
                moved_here[spot.mark] -= 1
            elif spot.paragraph:
                come.append(spot)
        if is_cut and first > last and len(come) <= 1:
            come = []  # half a sentence, where the copy was cut
        changes += _gap(gone, come, homes, _passage_before(article, first))
    return changes, last


def _gap(gone: Sequence[Spot], come: Sequence[Spot], homes: Mapping[str, str], before: str) -> Iterator[Change]:
    """What is left between two neighbours that stayed.

    Of one passage, pairs in order are rewordings; the rest is missing or new. `homes` tells which passage a paragraph
    of the copy is, by the sentences that it kept; paragraphs that kept none are paired with such passages in order.
    """
    strangers = dict.fromkeys(spot.passage for spot in come if spot.passage not in homes)
    orphans = dict.fromkeys(spot.passage for spot in gone if spot.passage not in homes.values())
    homes = {**homes, **dict(zip(strangers, orphans, strict=False))}
    waiting = list(come)
    for old in gone:
        new = next((spot for spot in waiting if homes.get(spot.passage) == old.passage), None)
        if new is not None:
            waiting.remove(new)
        yield Change("missing" if new is None else "reworded", old.passage)
    for spot in waiting:
        home = homes.get(spot.passage)
        yield Change("new", home or before or spot.passage, in_new_paragraph=home is None)


def _passage_before(article: Sequence[Spot], number: int) -> str:
    """The last passage ahead of a place, under the same heading; its first one right after the heading."""
    spot = article[number - 1] if number else article[0]
    return spot.passage if spot.paragraph else f"{spot.heading}.1"


def _outside(outside: Sequence[Spot], layout: Layout) -> Iterator[Change]:
    """Ahead of the title anything may stand, so only what is kept counts there; it may also follow the article."""
    old, after = [spot.mark for spot in outside], set(layout.after)
    for tag, first, end, begin, stop in SequenceMatcher(None, old, layout.before, autojunk=False).get_opcodes():
        gone = [n for n in range(first, end) if tag != "equal" and old[n] not in {*after, *layout.before}]
        replaced = tag == "replace" and len(gone) == end - first == stop - begin
        for number in range(first, end):
            kind: Kind = "same" if number not in gone else "reworded" if replaced else "missing"
            yield Change(kind, outside[number].passage)
