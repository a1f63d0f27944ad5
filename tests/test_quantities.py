"""Numbers in texts, and what they measure."""

from __future__ import annotations

import pytest

from explainer.quantities import Measure, amounts, measures, ranks, without_measures

SAME = {
    "every day": ("daily", "each day", "per day", "once a day", "once daily", "Every  Day"),
    "every week": ("weekly", "once a week", "once each week"),
    "twice a week": ("twice weekly", "two times a week", "2 times every week"),
    "more than 95%": ("over 95 percent", "more than 95 out of 100", "above 95 of every 100"),
    "every 4 to 8 weeks": ("each four to eight weeks", "every 4-8 weeks"),
    "about 2 to 3 years": ("around two to three years", "nearly 2 or 3 years"),
    "more than twice": ("over two times",),
    "1 month": ("a month", "one month"),
    "every second week": ("every other week", "each second week"),
}
OTHER = {
    "every day": (
        "every week",
        "2 days",
        "a day",
        "the first day",
        "that day",
        "most days",
        "twice a day",
        "every night",
    ),
    "every week": ("twice a week", "every other week", "every 2 weeks", "fortnightly", "a week"),
    "more than 95%": ("less than 95%", "at least 95%", "95%", "about 95%", "more than 95 days"),
    "every 4 to 8 weeks": ("4 to 8 weeks", "every 4 weeks", "every 4 to 8 months", "every 8 to 4 weeks"),
    "about 2 to 3 years": ("2 to 3 years", "about 3 years"),
    "more than twice": ("less than twice", "up to two times", "twice", "more than twice a day"),
}


def measured(text: str) -> list[Measure]:
    return [measure for _, measure in measures(text)]


@pytest.mark.parametrize("text", SAME)
def test_what_is_written_otherwise_may_measure_the_same(text: str) -> None:
    """An author may write "daily" where the fact has "every day", and a number as digits or in words."""
    (wanted,) = measured(text)
    for other in SAME[text]:
        assert measured(other) == [wanted]


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
    rate = Measure("", "every", (), "day")
    assert [measure for _, measure in measures("24 hours a day")] == [Measure("", "", (24,), "hour"), rate]
    assert all(one in text for one in said)


@pytest.mark.parametrize(
    "text", ["", "a drug", "every drug", "over the fence", "95 drugs", "monthlies", "today", "once it is over"]
)
def test_what_measures_nothing_is_no_measure(text: str) -> None:
    """A count of things is a number, and has a check of its own."""
    assert measured(text) == []
    assert without_measures(text) == text


def test_what_is_left_without_measures_is_counted_otherwise() -> None:
    """Three drugs are still three drugs, wherever they are given."""
    assert without_measures("Three drugs, twice a week, in the first month.").split() == [
        "Three",
        "drugs,",
        ",",
        "in",
        "the",
        ".",
    ]


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
