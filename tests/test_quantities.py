"""Numbers in texts, and what they measure."""

from __future__ import annotations

import pytest

from explainer.quantities import Measure, amounts, measures, ranks

SAME = {
    "every day": ("daily", "each day", "per day", "a day"),
    "every week": ("weekly", "a week"),
    "more than 95%": ("over 95 percent", "more than 95 out of 100"),
    "every 4 to 8 weeks": ("each four to eight weeks", "every 4-8 weeks"),
    "about 2 to 3 years": ("around two to three years",),
    "more than twice": ("over two",),
}
OTHER = {
    "every day": ("every week", "2 days", "the first day", "that day"),
    "more than 95%": ("less than 95%", "at least 95%", "95%", "about 95%", "more than 95 days"),
    "every 4 to 8 weeks": ("4 to 8 weeks", "every 4 weeks", "every 4 to 8 months", "every 8 to 4 weeks"),
    "more than twice": ("less than twice", "up to two"),
}


def measured(text: str) -> list[Measure]:
    return [measure for _, measure in measures(text)]


@pytest.mark.parametrize("text", SAME)
def test_what_is_written_otherwise_may_measure_the_same(text: str) -> None:
    """An author may write "daily" where the fact has "every day", and a number as digits or in words."""
    (wanted,) = measured(text)
    for other in SAME[text]:
        assert measured(other)[0] == wanted


@pytest.mark.parametrize("text", OTHER)
def test_what_measures_something_else_is_told_apart(text: str) -> None:
    """Another unit, another bound, another number of times: none of these may pass for the other."""
    (wanted,) = measured(text)
    for other in OTHER[text]:
        assert wanted not in measured(other)


def test_each_measure_of_a_sentence_is_found_as_it_is_written() -> None:
    """What a finding quotes stands in the text."""
    text = "By phone 24 hours a day, 7 days a week; on Weekdays by chat. In that month it was more than TWICE."
    said = [said for said, _ in measures(text)]
    assert said == ["24 hours", "a day", "7 days", "a week", "Weekdays", "month", "more than TWICE"]
    assert all(one in text for one in said)


@pytest.mark.parametrize("text", ["", "a drug", "every drug", "over the fence", "95 drugs", "monthlies", "today"])
def test_what_measures_nothing_is_no_measure(text: str) -> None:
    """A count of things is a number, and has a check of its own."""
    assert measured(text) == []


def test_numbers_are_read_as_digits_and_in_words() -> None:
    """What is "one of them" counts nothing, and "second" is a rank."""
    assert dict(amounts("One of 2,500 in half a dozen, 3.5 or twenty.")) == {
        "2,500": 2500,
        "half": 0.5,
        "dozen": 12,
        "3.5": 3.5,
        "twenty": 20,
    }
    assert dict(ranks("The first, the second and the Tenth")) == {"second": 2, "tenth": 10}
