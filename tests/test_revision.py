"""What has become of each sentence of the document: told by its fingerprint and its place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.fingerprint import kept, lay_out, sentences
from explainer.loader import load
from explainer.revision import KINDS, Change, Comparison, compare
from tests.copies import POT_PLANTS, SAVED, document

TEXT = POT_PLANTS.read_text("utf-8")
SOURCE = load(Path(__file__).parent / "sample").source
ALL = len([spot for part in kept(SOURCE) for spot in part if spot.paragraph])


def compared(text: str) -> Comparison:
    return compare(lay_out(document(text), SOURCE), SOURCE)


def changes(text: str) -> list[Change]:
    return [change for change in compared(text).changes if change.kind != "same"]


@pytest.mark.parametrize("name", [name for name in SAVED if "page" in name])
def test_a_page_with_all_that_stands_around_it_is_the_same(name: str) -> None:
    """Menus, scripts and notes of a web site are no changes of the document."""
    raw = SAVED[name](TEXT)
    found = compared(raw.decode("cp1252" if "1252" in name else "utf-8"))
    assert Counter(change.kind for change in found.changes) == {"same": ALL}
    assert not found.missing_headings


CASES: dict[str, tuple[tuple[tuple[str, str], ...], list[Change]]] = {
    "nothing": ((), []),
    "a word": ((("Pour slowly", "Pour fast"),), [Change("reworded", "watering.1")]),
    "a word of a list": ((("- Patience", "- Time"),), [Change("reworded", "plants.1")]),
    "a word ahead of the title": ((("Call us by day", "Call me by day"),), [Change("reworded", "line.1")]),
    "a sentence out": (((" Pour slowly.", ""),), [Change("missing", "watering.1")]),
    "a sentence out ahead of the title": (((" Call us by day or by night.", ""),), [Change("missing", "line.1")]),
    "a sentence in": ((("Pour slowly.", "Pour slowly. Wait a while."),), [Change("new", "watering.1")]),
    "a paragraph in": (
        (("A cactus", "Wait a while.\nA cactus"),),
        [Change("new", "watering.2", in_new_paragraph=True)],
    ),
    "a paragraph in under a heading": (
        (("Watering\n", "Watering\nWait a while.\n"),),
        [Change("new", "watering.1", in_new_paragraph=True)],
    ),
    "a paragraph at the end": (
        (("The plant people", "Wait a while.\nThe plant people"),),
        [Change("new", "pots.1", in_new_paragraph=True)],
    ),
    "a paragraph out": (
        (("A cactus wants little. (See below.)\n", ""),),
        [Change("missing", "watering.3"), Change("missing", "watering.3")],
    ),
    "a paragraph reworded": (
        (("A cactus wants little. (See below.)", "Give a cactus next to nothing."),),
        [Change("reworded", "watering.3"), Change("missing", "watering.3")],
    ),
    "one out here and one in there": (
        ((" About 95% of all ferns forgive one dry day.", ""), ("A cactus", "Wait a while. A cactus")),
        [Change("missing", "watering.2"), Change("new", "watering.3")],
    ),
    "moved within its heading": (
        ((" Pour slowly.", ""), ("A cactus wants little.", "A cactus wants little. Pour slowly.")),
        [Change("moved", "watering.1", to="watering.3")],
    ),
    "moved under another heading": (
        ((" Pour slowly.", ""), ("A plant usually", "Pour slowly. A plant usually")),
        [Change("moved", "watering.1", to="pots.1")],
    ),
    "said twice": ((("A plant usually", "Pour slowly. A plant usually"),), [Change("new", "pots.1")]),
    "two that change places": (
        (("Feel the soil with a finger first. Pour slowly.", "Pour slowly. Feel the soil with a finger first."),),
        [Change("moved", "watering.1", to="watering.1")],
    ),
    "paragraphs that run together": ((("first. Pour slowly.\nFerns", "first. Pour slowly. Ferns"),), []),
    "another menu": ((("- The Care of Palms", "- The Care of Ivy\n- The Care of Moss"),), []),
    "another note at the end": ((("Nobody owns", "Somebody owns"),), []),
}


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_told_for_what_it_is(name: str) -> None:
    """Reworded, moved, missing and new are told apart, each at its passage, and no other sentence is blamed."""
    edits, expected = CASES[name]
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    assert changes(text) == expected


def test_a_helpline_after_the_article_is_the_same() -> None:
    """Sites put it where they like."""
    line, article = TEXT.split("The Care of Pot Plants (pots)\nA pot")
    assert not changes(f"The Care of Pot Plants (pots)\nA pot{article}{line}")


@pytest.mark.parametrize("end", ["of all ferns", "(See below.)\nNew pots", "New pots\n", "Put it back"])
def test_a_copy_that_is_cut_is_told_as_that(end: str) -> None:
    """What is not there because the file ends is not told sentence by sentence, nor is half a sentence new."""
    found = compared(TEXT[: TEXT.index(end) + len(end)])
    assert found.breaks_off
    assert not found.missing_headings
    assert not found.is_another
    assert {change.kind for change in found.changes} == {"same", "missing"}


@pytest.mark.parametrize("heading", ["Watering", "New pots", "The Care of Pot Plants (pots)"])
def test_a_heading_that_is_gone_is_told(heading: str) -> None:
    """Its sentences are still found."""
    found = compared(TEXT.replace(f"\n{heading}\n", "\n").removeprefix("\n"))
    assert len(found.missing_headings) == 1
    assert found.count("missing") == 0


@pytest.mark.parametrize(
    "text",
    [
        "Something else. It has (see below) other words.",
        TEXT[: TEXT.index("The Care")],
        "x " * 5000,
        "Watering\nNew pots\n",
    ],
)
def test_another_document_is_told_as_that(text: str) -> None:
    """One clear finding, not a list of everything that is missing."""
    assert compared(text).is_another


@given(st.lists(st.sampled_from([*sentences(TEXT), "Watering", "New pots", "- Water", "Why?"]), max_size=60))
def test_any_order_of_lines_is_compared(lines: list[str]) -> None:
    """Each sentence that is kept is told once, whatever the copy looks like."""
    found = compared("\n".join([*lines, "x"]))
    assert sum(found.count(kind) for kind in KINDS if kind != "new") == ALL
    assert found.count("same") <= sum(len(line.splitlines()) for line in lines)
