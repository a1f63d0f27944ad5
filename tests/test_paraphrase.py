"""Our words are our own: no run of eight words as the document has them, lists of drugs aside."""

from __future__ import annotations

import pytest

from explainer.loader import knowledge
from explainer.paraphrase import Run, drug_words, files, runs_of, shared
from explainer.resources import folder
from tests.copies import DOCUMENT, POT_PLANTS, document

THEIRS = runs_of(document(POT_PLANTS.read_text("utf-8")))
EIGHT = "Most plants need water, and they don't"
"""Their words: an apostrophe parts the last of them in two."""


def found(text: str, *drugs: str) -> list[Run]:
    return list(shared(text, THEIRS, drugs))


def test_eight_words_in_a_row_are_found_at_their_line() -> None:
    """However the lines are broken and the signs are set."""
    words = ("most", "plants", "need", "water", "and", "they", "don", "t")
    broken = EIGHT.replace("water, ", "WATER</b> –\n    ")
    assert found(f"say: >-\n  Well.\n  {broken}") == [Run(3, words)]


def test_seven_words_are_our_own() -> None:
    """A turn of speech is nobody's."""
    assert not found("Most plants need water, and they don. Most plants need water.")


def test_a_longer_run_is_told_once_and_whole() -> None:
    """An author sees all that has to be said otherwise; two runs are two."""
    longer = "A plant usually outgrows its pot in two or three years."
    runs = found(f"{longer} But:\n{EIGHT} {longer}")
    assert [(run.line, len(run.words)) for run in runs] == [(1, 11), (2, 8), (2, 11)]


def test_a_list_of_names_is_nobodys_words() -> None:
    """Half of a run being names makes it a list."""
    assert found(EIGHT, "plants", "need", "water")
    assert not found(EIGHT, "most", "plants", "need", "water")


def test_the_names_of_drugs_come_from_the_glossary() -> None:
    """A drug that is new in the glossary is known here at once."""
    assert {"vincristine", "6", "mp", "ara", "c", "besponsa"} <= drug_words(knowledge())
    assert not {"chemo", "targeted", "and", "or", "drug"} & drug_words(knowledge())


def test_all_files_with_words_are_looked_at() -> None:
    """Whatever a visitor reads is in one of them."""
    for name in ("rules", "templates"):
        assert set(files(folder(name))) == {path for path in folder(name).rglob("*.*") if path.suffix != ".pyc"}


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the document is not part of this repository")
@pytest.mark.parametrize("name", ["rules", "templates"])
def test_nothing_is_carried_over_from_the_document(name: str) -> None:
    """The document is copyrighted."""
    theirs = runs_of(document(DOCUMENT.read_text("utf-8")))
    for path in files(folder(name)):
        assert not list(shared(path.read_text("utf-8"), theirs, drug_words(knowledge()))), path
