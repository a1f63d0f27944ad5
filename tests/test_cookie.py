"""The cookie that holds the answers: small, readable, and never trusted."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explainer import cookie
from explainer.cookie import Visit
from explainer.interview import Interview
from explainer.loader import knowledge
from tests.strategies import UNKNOWN, VALUES, answers, steps


def visited(given: list[tuple[str, str]], *, afresh: bool = False) -> Visit:
    """What a browser brings along after these answers."""
    visit = Visit(Interview(knowledge()), afresh=afresh)
    for field, value in given:
        visit = Visit(visit.interview.answer(field, value), afresh)
    return visit


def read(value: str | None) -> Visit:
    return cookie.read(value, knowledge())


def test_its_form_can_be_read_by_who_looks_into_a_browser() -> None:
    """The answers stand there in plain words, so that anybody can see that nothing else does."""
    visit = visited([("stage", "induction"), ("risk_group", "high"), ("cell_type", UNKNOWN), ("stage", "finished")])
    assert cookie.write(visit) == "1.stage:finished.-risk_group:high"
    assert cookie.write(Visit(visit.interview, afresh=True)) == "1.stage:finished.-risk_group:high.!"


@given(steps, st.booleans())
def test_what_is_written_is_read_again(given: list[tuple[str, str]], afresh: bool) -> None:
    """No answer is lost or changed on its way to the browser and back."""
    visit = visited(given, afresh=afresh)
    assert read(cookie.write(visit)) == visit


@given(steps, st.booleans())
def test_it_is_small_and_needs_no_quoting(given: list[tuple[str, str]], afresh: bool) -> None:
    """Every browser and proxy takes it as it is."""
    value = cookie.write(visited(given, afresh=afresh))
    assert re.fullmatch(r"[a-z0-9_:.!-]+", value)
    assert len(value) < 1000


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ([], None),
        (["other=1.stage:finished"], None),
        (["answers"], ""),
        (["a=b; answers=1.stage:finished ;c"], "1.stage:finished"),
        (["answers=1", "answers=2; answers=3"], "1"),
        (['answers="1.stage:finished"'], '"1.stage:finished"'),
    ],
)
def test_ours_is_found_among_others(headers: list[str], value: str | None) -> None:
    """Cookies of other sites on the same host do no harm."""
    assert cookie.find(headers) == value


def test_a_long_header_is_gone_through_once() -> None:
    """No header that a server lets through keeps it busy: Python's own reader took seconds for these."""
    for value in ('"' + "\\" * 60_000 + '"', '"' + "\\012" * 15_000 + '"', ";" * 60_000, "=" * 60_000):
        began = process_time()
        cookie.find([f"{cookie.NAME}={value}"])
        assert process_time() - began < 1


def test_no_cookie_is_a_first_visit() -> None:
    """Who comes for the first time is told nothing about answers that were lost."""
    assert read(None) == Visit(Interview(knowledge()))


BROKEN = {
    "empty": "",
    "an older version": "0.stage:induction",
    "a newer version": "2.stage:induction",
    "no version": "stage:induction",
    "a field that is gone": "1.favorite_color:blue",
    "a value that is gone": "1.stage:waiting",
    "no value": "1.stage",
    "an answer twice": "1.stage:induction.stage:finished",
    "answers that do not go together": "1.stage:induction.relapse_site:csf",
    "an empty word": "1..stage:induction",
    "a mark in the middle": "1.!.stage:induction",
    "set aside, of a field that is gone": "1.-color:blue",
    "set aside, not sure": "1.-stage:unknown",
    "too long": "1" + ".stage:induction" * 200,
    "quoted": '"1.stage:induction"',
    "not ASCII": "1.stage:índuction",
    "markup": "1.<script>alert(1)</script>",
}


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_a_broken_one_counts_as_none_and_says_so(value: str) -> None:
    """Whoever wrote it, and however old it is: the visitor starts again and is told."""
    assert read(value) == Visit(Interview(knowledge()), afresh=True, broken=True)


words = st.sampled_from([*VALUES, *(value for values in VALUES.values() for value in values)])
near = st.lists(words | st.sampled_from([".", ":", "-", "!", "1", UNKNOWN])).map("".join)
pairs = st.sampled_from([f"{name}:{word}" for name, known in VALUES.items() for word in (*known, UNKNOWN)])
nearer = st.lists(pairs | pairs.map("-".__add__) | st.just("!"), max_size=4).map(lambda some: ".".join(["1", *some]))


@given(st.text() | near.map("1.".__add__) | nearer)
@example("1.-leukemia_type:all.-leukemia_type:all")
def test_anything_at_all_is_read_or_dropped(value: str) -> None:
    """Nothing that anybody can put into a cookie is an error; what is kept would have been written like that."""
    visit = read(value)
    if not visit.broken:
        assert read(cookie.write(visit)) == visit


@given(answers())
def test_every_child_fits(words: dict[str, str]) -> None:
    """The answers of every child there is can be kept."""
    kept = read(".".join(["1", *(f"{name}:{word}" for name, word in words.items())]))
    assert not kept.broken
    assert {name: words[name] for name in kept.interview.given} == kept.interview.given
