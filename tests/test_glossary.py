"""Hard words are found where they stand, in any of their forms."""

from __future__ import annotations

import re
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from explainer.glossary import Glossary
from explainer.loader import knowledge

GLOSSARY = Glossary(knowledge().glossary)


class Spoken(NamedTuple):
    term: str
    also: tuple[str, ...] = ()
    meaning: str = ""


def found(text: str) -> list[tuple[str, str]]:
    return [(piece, term.term) for piece, term in GLOSSARY.split(text) if term]


@given(st.text() | st.sampled_from([rule.say for section in knowledge().sections for rule in section.rules]))
def test_the_pieces_are_the_text(text: str) -> None:
    """Looking for hard words never loses or adds a letter."""
    assert "".join(piece for piece, _ in GLOSSARY.split(text)) == text


FORMS = {form: term for term in knowledge().glossary for form in (term.term, *term.also)}
odd = st.lists(
    st.sampled_from(sorted(FORMS)).flatmap(lambda form: st.sampled_from([form, form.upper(), form.title()]))
    # "ß" and "İ" grow when their case changes. The long s is left out: to a pattern, and to nobody else, it is an "s".
    | st.sampled_from([" ", "-", "(", ")", ". ", "a", "ß", "İ", "’"])
).map("".join)


@given(odd | st.sampled_from([rule.say for section in knowledge().sections for rule in section.rules]))
def test_hard_words_are_found_as_one_pattern_would_find_them(text: str) -> None:
    """What stands for itself, in any case but for an abbreviation, is found; and nothing else is."""
    longest_first = sorted(FORMS, key=len, reverse=True)
    spoken = "|".join(re.escape(form) if form.isupper() else f"(?i:{re.escape(form)})" for form in longest_first)
    pattern = re.compile(rf"(?<![\w-])(?:{spoken})(?![\w-])", re.ASCII if text.isascii() else re.UNICODE)
    assert [piece for piece, _ in found(text)] == pattern.findall(text)


def test_a_term_may_begin_with_any_sign() -> None:
    """An author may list "(6-MP)", or a word of one letter."""
    terms = [Spoken("(6-MP)"), Spoken("C"), Spoken("C-section")]
    pieces = [piece for piece, term in Glossary(terms).split("a (6-mp) (6-MP), C or C-section, c-section") if term]
    assert pieces == ["(6-MP)", "C", "C-section", "c-section"]


def test_the_longest_form_wins() -> None:
    """A "stem cell transplant" is one term, not a transplant that follows some cells."""
    assert found("A stem cell transplant.") == [("stem cell transplant", "stem cell transplant")]


def test_forms_and_capitals_lead_to_the_same_term() -> None:
    """A term is found in the plural and at the start of a sentence."""
    assert found("Steroids and a steroid") == [("Steroids", "steroid"), ("steroid", "steroid")]


def test_an_abbreviation_is_found_only_in_capitals() -> None:
    """The word "all" in a sentence is not the leukemia ALL."""
    assert found("all children with ALL") == [("ALL", "ALL")]


def test_a_word_inside_another_is_not_a_term() -> None:
    """The word "general" holds no gene."""
    assert found("in general, veins") == []


def test_what_explains_a_term_is_explained_too() -> None:
    """A meaning that uses a hard word brings that word's own entry."""
    assert [term.term for term in GLOSSARY.used_in(["delayed intensification"])] == ["delayed intensification"]
    terms = [term.term for term in GLOSSARY.explained(frozenset(["delayed intensification"]))]
    assert terms == sorted(terms, key=str.lower)
    assert {"consolidation", "chemotherapy", "delayed intensification"} <= set(terms)


def test_a_glossary_without_terms_finds_nothing() -> None:
    """An empty glossary is no special case for its callers."""
    assert list(Glossary([]).split("chemo")) == [("chemo", None)]
