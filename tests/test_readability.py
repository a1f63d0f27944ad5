"""Measuring texts: known grades of fixed texts, sentences, passive voice and familiar words."""

from __future__ import annotations

import re

import pytest
import textstat
from hypothesis import given
from hypothesis import strategies as st

from explainer.readability import (
    dale_chall,
    flesch_kincaid,
    is_familiar,
    is_passive,
    measure,
    sentences,
    smog,
    syllables,
    words,
)

CAT = "The cat sat on the mat."
LONG_WORDS = "The hospital is near."


def test_flesch_kincaid_is_the_published_formula() -> None:
    """0.39 times words a sentence, and 11.8 times syllables a word, less 15.59."""
    assert flesch_kincaid(CAT) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)
    assert flesch_kincaid(f"{CAT} {LONG_WORDS}") == pytest.approx(0.39 * 5 + 11.8 * 1.2 - 15.59)
    assert flesch_kincaid("") == 0


def test_smog_is_the_published_formula() -> None:
    """1.043 times the root of 30 times long words a sentence, and 3.1291; nothing for less than three sentences."""
    assert smog(" ".join([LONG_WORDS] * 30)) == pytest.approx(1.043 * 30**0.5 + 3.1291)
    assert smog(" ".join([LONG_WORDS, CAT, CAT])) == pytest.approx(1.043 * 10**0.5 + 3.1291)
    assert smog(f"{LONG_WORDS} {CAT}") is None


def test_dale_chall_is_the_published_formula() -> None:
    """0.1579 times percent of hard words, and 0.0496 times words a sentence; 3.6365 more above 5 %."""
    assert dale_chall(words(CAT), 1) == pytest.approx(0.0496 * 6)
    assert dale_chall(words("The cat sat on the chromosome."), 1) == pytest.approx(
        0.1579 * 100 / 6 + 0.0496 * 6 + 3.6365
    )
    assert dale_chall([], 0) == 0


def test_a_hard_word_counts_each_time() -> None:
    """A text twice as long is as hard to read."""
    once = "The cat sat on the chromosome."
    assert dale_chall(words(f"{once} {once}"), 2) == pytest.approx(dale_chall(words(once), 1))


def test_grades_are_those_of_textstat_but_for_its_rounding() -> None:
    """Anybody can check our figures with the same tool; it rounds syllables to tenths, which moves a grade by 0.6."""
    text = "Doctors usually place each child in a risk group. This helps them choose the right drugs. It is common."
    assert abs(flesch_kincaid(text) - textstat.flesch_kincaid_grade(text)) <= 0.7
    assert smog(text) == pytest.approx(textstat.smog_index(text), abs=0.05)


def test_what_is_explained_can_be_left_out() -> None:
    """Dale-Chall counts names of drugs and illnesses as hard; without what we explain, it tells of our own words."""
    measured = measure("The cat sat on the chromosome.", lambda text: text.replace("chromosome", ""))
    assert measured.dale_chall > 6
    assert measured.dale_chall_plain < 1


def test_each_line_of_a_list_is_a_sentence() -> None:
    """A list of drugs is not one endless sentence."""
    assert sentences("Drugs are used:\n- vincristine\n- a steroid, such as prednisone") == [
        "Drugs are used.",
        "vincristine.",
        "a steroid, such as prednisone.",
    ]
    assert sentences("Its title is “Care.” Read it! Why?") == ["Its title is “Care.", "Read it!", "Why?"]
    assert sentences(" \n") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The drug is given at night.",
        "It was usually not given then.",
        "Two drugs may be added.",
        "It is only sometimes needed.",
        "Both were found.",
    ],
)
def test_the_passive_voice_is_seen(sentence: str) -> None:
    """A sentence that hides who acts is listed, also with a word in between."""
    assert is_passive(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["Doctors give the drug.", "The soil is red.", "It is intense.", "They need it.", "Your child was tired."],
)
def test_the_active_voice_is_left_alone(sentence: str) -> None:
    """What is no participle is not taken for one."""
    assert not is_passive(sentence)


@pytest.mark.parametrize(
    "word", ["cat", "cats", "babies", "stopped", "making", "happiest", "child's", "24", "bed-time"]
)
def test_regular_forms_of_familiar_words_are_familiar(word: str) -> None:
    """The list of Dale and Chall holds words, not each of their endings."""
    assert is_familiar(word)


@pytest.mark.parametrize("word", ["chromosome", "dexamethasone", "remission"])
def test_hard_words_are_not_familiar(word: str) -> None:
    """What a child of grade 4 does not know counts as hard."""
    assert not is_familiar(word)
    assert syllables(word) >= 3


@given(st.text(max_size=200))
def test_any_text_can_be_measured(text: str) -> None:
    """No text breaks the report: every figure is a number."""
    measured = measure(text)
    assert measured.longest <= measured.words
    assert 0 <= measured.passive_percent <= 100
    assert re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", str(float(measured.flesch_kincaid)))
