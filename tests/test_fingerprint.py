"""Fingerprints stand for the words of the document's sentences, by passage, and hold none of them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from explainer.errors import InputError
from explainer.fingerprint import fingerprint, kept, lay_out, sentences, taken, words
from explainer.knowledge import Source
from explainer.loader import knowledge, load
from tests.copies import DOCUMENT, POT_PLANTS, document

TEXT = POT_PLANTS.read_text("utf-8")
SAMPLE = load(Path(__file__).parent / "sample")
WITHOUT = SAMPLE.source.model_copy(update={"fingerprints": None})


@pytest.mark.parametrize(
    "other",
    [
        "The child's care-team (CCT) can't say.",
        "the child’s care\u2011team  (cct)\ncan’t say",
        "The ch\u00adild‘s care\u2013team \u201cCCT\u201d can\u2019t\u00a0say\u2026",
        "\ufeffThe child's c\u200bare team, CCT, can't say!",
    ],
)
def test_signs_and_capitals_make_no_difference(other: str) -> None:
    """A copy that sets its quotes and hyphens otherwise is the same document."""
    assert fingerprint(other) == fingerprint("The child's care team (CCT) can't say.")


@pytest.mark.parametrize(
    "other", ["The dose may rise", "The dose rises.", "A dose may rise not.", "Rise may the dose."]
)
def test_any_other_word_makes_a_difference(other: str) -> None:
    """Not the smallest word may change unnoticed: "may" and "not" are small."""
    assert fingerprint(other) != fingerprint("The dose may not rise.")


def test_a_fingerprint_is_short_and_no_word() -> None:
    """It is kept in a file that people read, and gives nothing of the document away."""
    assert re.fullmatch("[0-9a-f]{16}", fingerprint("Water the plant."))
    assert "water" not in fingerprint("Water the plant.")


def test_paragraphs_come_apart_into_sentences() -> None:
    """A bracket, an abbreviation in small letters or a number does not end one."""
    text = "One (with two, etc.) is here. (See below.) “Three?” Four is 1.5 at most! 5 more. Six"
    assert [words(sentence)[0] for sentence in sentences(text)] == ["one", "see", "three", "four", "six"]


@given(st.text())
def test_no_word_is_lost_between_sentences(text: str) -> None:
    """What belongs to no sentence could change unnoticed."""
    assert words(" ".join(sentences(text))) == words(text)


def test_the_passages_of_a_copy_are_found_by_its_headings() -> None:
    """A list belongs to the paragraph above it; what stands around the article belongs to no passage of it."""
    layout = lay_out(document(TEXT), SAMPLE.source)
    assert {h.id: layout.paragraphs(h.id) for h in SAMPLE.source.headings} == {
        "plants": 2,
        "watering": 3,
        "pots": 1,
        "line": 0,
    }
    assert layout.article[1].mark == fingerprint("A pot plant needs three things:")
    assert layout.article[4].mark == fingerprint("Patience")
    assert (layout.revised, layout.ended, layout.missing) == (date(2020, 2, 29), True, [])
    assert [mark for mark in layout.before if mark == fingerprint("The Care of Palms")] == []


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Last Revised: February 29, 2020", date(2020, 2, 29)),
        ("last revised 29 February 2020 | About", date(2020, 2, 29)),
        ("Last updated: 2020-02-29", date(2020, 2, 29)),
        ("Last Revised: February 30, 2020", None),
        ("Last Revised: yesterday", None),
    ],
)
def test_the_day_of_the_last_revision_is_found(said: str, day: date | None) -> None:
    """A new revision shows in its date even when no sentence has changed."""
    text = TEXT.replace("Last Revised: February 29, 2020", said)
    assert lay_out(document(text), SAMPLE.source).revised == day


def test_titles_in_lists_and_menus_are_no_headings() -> None:
    """A list of contents does not tear the article apart."""
    contents = "- Watering\n- New pots\nThe Care of Pot Plants (pots)\nWatering\nNew pots\n"
    text = TEXT.replace("The Care of Pot Plants (pots)\nA pot", f"{contents}The Care of Pot Plants (pots)\nA pot")
    layout = lay_out(document(text), SAMPLE.source)
    assert layout.article == lay_out(document(TEXT), SAMPLE.source).article


def test_what_is_taken_is_what_is_kept() -> None:
    """The fingerprints in tests/sample/source.yaml are those of the made-up document, with or without older ones."""
    for source in (SAMPLE.source, WITHOUT):
        block = yaml.load(taken(document(TEXT), source), Loader=yaml.BaseLoader)  # noqa: S506 - text only
        assert SAMPLE.source.fingerprints
        assert block["fingerprints"]["after"] == SAMPLE.source.fingerprints.after
        assert block["fingerprints"]["passages"] == {
            name: list(marks) for name, marks in SAMPLE.source.fingerprints.passages.items()
        }


REFUSED = {
    "a heading is missing": (("New pots\n", ""), "the heading of pots is not in this copy"),
    "a paragraph too many": (
        ("A cactus wants", "Wait.\nA cactus wants"),
        "watering has 4 paragraphs in this copy, and source.yaml says 3; go over `headings` and the ids of facts.yaml",
    ),
    "another day": (("2020", "2024"), "this copy was last revised on 2024-02-29, and source.yaml says 2020-02-29"),
    "no day": (("Last Revised: February 29, 2020\n", ""), "this copy does not say when it was last revised"),
    "cut": ((TEXT[TEXT.index("The plant people") :], ""), "this copy ends with the last passage"),
    "no helpline": ((TEXT[: TEXT.index("Topics")], ""), "where line should be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_fingerprints_are_taken_of_a_copy_that_fits(name: str) -> None:
    """A damaged copy, or one that the authors have not worked in yet, never becomes what others are compared with."""
    (old, new), said = REFUSED[name]
    text = TEXT.replace(old, new)
    if name == "no helpline":
        text = text.replace("Topics we can help with include:\n- Yellow leaves\n- Small flies\n", "")
    with pytest.raises(InputError) as caught:
        taken(document(text), WITHOUT)
    assert said in str(caught.value)


def test_every_passage_of_the_shipped_source_has_fingerprints() -> None:
    """Whatever sentence changes in the document can be noticed."""
    source = knowledge().source
    article, outside = kept(source)
    assert {spot.passage for spot in [*article, *outside] if spot.paragraph} == set(source.passages)


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the document is not part of this repository")
def test_the_shipped_fingerprints_are_those_of_the_document() -> None:
    """What we compare with was taken from the real document, as a whole and with nothing left out."""
    source: Source = knowledge().source
    assert source.fingerprints
    told = taken(document(DOCUMENT.read_text("utf-8")), source)
    block = yaml.load(told, Loader=yaml.BaseLoader)  # noqa: S506 - text only
    assert block["fingerprints"]["after"] == source.fingerprints.after
    assert block["fingerprints"]["passages"] == {n: list(marks) for n, marks in source.fingerprints.passages.items()}
