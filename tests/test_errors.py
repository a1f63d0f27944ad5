"""Errors: what they say, and in which order."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.errors import (
    EngineError,
    ExplainerError,
    Fault,
    FaultsError,
    InputError,
    KnowledgeError,
    ProfileError,
    closest,
    nearest,
    shown,
)

STAGES = ["newly_diagnosed", "induction", "maintenance"]


@pytest.mark.parametrize("word", ["indukshun", "Induction", "INDUCTION", "induktion "])
def test_a_slip_of_the_hand_is_understood(word: str) -> None:
    """Capitals and a letter or two do not keep us from seeing which word was meant."""
    assert closest(word, STAGES) == "induction"


@pytest.mark.parametrize("word", ["newly diagnosed", "newly-diagnosed"])
def test_blanks_and_hyphens_are_understood_as_underscores(word: str) -> None:
    """Nobody has to know how we join words."""
    assert closest(word, STAGES) == "newly_diagnosed"


@pytest.mark.parametrize(
    "word", ["", "zebra", 3, None, ["induction", "maintenance", "and", "more", "of", "the", "kind"]]
)
def test_nothing_is_suggested_for_what_is_like_nothing(word: object) -> None:
    """A far-fetched suggestion would mislead more than none."""
    assert closest(word, STAGES) is None
    assert nearest(word, STAGES) == "allowed: newly_diagnosed, induction, maintenance"


def test_where_nothing_is_allowed_that_is_said() -> None:
    """An empty list of what is allowed would read like a mistake of ours."""
    assert nearest("x", []) == "none is allowed here"


def test_a_long_list_is_cut_but_the_right_word_is_still_named() -> None:
    """A message stays readable, and what was meant is found even behind the cut."""
    said = nearest("Word-90", [f"word_{number}" for number in range(100)])
    assert said.startswith("allowed: word_0, word_1, ")
    assert said.endswith("word_19, and 80 more (did you mean word_90?)")


@given(st.recursive(st.text() | st.none() | st.integers(), st.lists))
def test_a_value_is_shown_on_one_short_line(value: object) -> None:
    """Whatever was given can neither break a message apart nor put control characters into a terminal."""
    said = shown(value)
    assert len(said) <= 61
    assert said.isprintable()


def test_a_value_is_shown_as_it_was_written() -> None:
    """Quotes tell text from the words around it; only what is long is cut."""
    assert shown("two\nlines") == r"'two\nlines'"
    assert shown("x" * 100) == "'" + "x" * 59 + "…"


def test_a_fault_names_its_place_and_its_line_if_it_has_one() -> None:
    """Editors jump to `file:line`; a fault of a whole file has no line to invent."""
    assert str(Fault("rules/ph.yaml", 12, "wrong")) == "rules/ph.yaml:12: wrong"
    assert str(Fault("stage", 0, "wrong")) == "stage: wrong"


@pytest.mark.parametrize("kind", [KnowledgeError, ProfileError, InputError])
def test_faults_are_told_once_each_in_the_order_of_the_files(kind: type[FaultsError]) -> None:
    """Faults stand one a line, by file and by line as a number, and none of them twice."""
    first, second, third = Fault("a", 9, "z"), Fault("a", 10, "y"), Fault("b", 1, "x")
    error = kind([third, second, first, Fault("a", 10, "y")])
    assert error.faults == (first, second, third)
    assert str(error) == "a:9: z\na:10: y\nb:1: x"


@pytest.mark.parametrize("kind", [FaultsError, EngineError])
def test_all_errors_are_of_one_family(kind: type[Exception]) -> None:
    """Who calls us can catch whatever we raise on purpose by one name."""
    assert issubclass(kind, ExplainerError)


@pytest.mark.parametrize("kind", FaultsError.__subclasses__())
def test_faults_survive_the_way_to_another_process(kind: type[FaultsError]) -> None:
    """A worker's error says the same where it is caught."""
    error = kind([Fault("child 7", 0, "stage: 'inducton' is not an answer"), Fault("a.yaml", 3, "a slip")])
    error.add_note("on a Sunday")
    sent = pickle.loads(pickle.dumps(error))  # noqa: S301 - it is our own
    for copied in (sent, copy.deepcopy(error)):
        assert (type(copied), str(copied), copied.faults) == (kind, str(error), error.faults)
        assert copied.__notes__ == ["on a Sunday"]


def test_what_is_nested_too_deeply_to_be_shown_is_told_so() -> None:
    """A value that Python itself cannot write out is refused like any other."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "a list that is nested too deeply"
