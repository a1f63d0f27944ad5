"""Every child there can be."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given

from explainer import Profile
from explainer.loader import knowledge, load
from explainer.profile import ProfileModel
from explainer.space import count, profiles, shards
from tests.spoil import SAMPLE
from tests.strategies import ALLOWED, UNKNOWN, VALUES, answers

SHIPPED = knowledge().profile
PLANTS = load(SAMPLE).profile


def by_hand() -> int:
    """The number of valid profiles, from the table of fields in tests/strategies.py alone."""
    number = 0
    for kind in (*VALUES["leukemia_type"], UNKNOWN):
        for stage in (*VALUES["stage"], UNKNOWN):
            base = {**dict.fromkeys(VALUES, UNKNOWN), "leukemia_type": kind, "stage": stage}
            if stage != UNKNOWN and not ALLOWED["stage"](base):
                continue
            here = 0
            for site in (*VALUES["relapse_site"], UNKNOWN):
                case = {**base, "relapse_site": site}
                if site != UNKNOWN and not ALLOWED["relapse_site"](case):
                    continue
                ways = 1
                for field, values in VALUES.items():
                    if field not in ("leukemia_type", "stage", "relapse_site") and ALLOWED[field](case):
                        ways *= len(values) if field == "look_ahead" else len(values) + 1
                here += ways
            number += here
    return number


def test_there_are_as_many_as_the_table_says() -> None:
    """The count printed for reviewers is exact: 191,172 profiles, reckoned a second way."""
    assert count(SHIPPED) == by_hand() == 191_172


@pytest.mark.parametrize("model", [PLANTS, SHIPPED], ids=["sample", "shipped"])
def test_each_profile_comes_once(model: type[ProfileModel]) -> None:
    """The enumeration and the count agree, and nobody comes twice."""
    found = [tuple(given.values()) for given in profiles(model)]
    assert len(found) == len(set(found)) == count(model)


def test_what_comes_is_valid_and_what_is_valid_comes() -> None:
    """All combinations of words, tried one by one: those that the model accepts are those that are enumerated."""
    fields = PLANTS.questions
    accepted = set()
    for words in product(*(field.values if field.is_flag else field.accepted for field in fields.values())):
        try:
            PLANTS.read(dict(zip(fields, words, strict=True)))
        except Exception:  # noqa: BLE001, S112 - refused, for whatever reason
            continue
        accepted.add(words)
    assert accepted == {tuple(given.values()) for given in profiles(PLANTS)}


EVERY = {tuple(given.values()) for given in profiles(SHIPPED)}


@given(answers())
def test_no_valid_profile_is_missing(given: dict[str, str]) -> None:
    """Whatever valid profile comes up, it is one of those that are gone through."""
    assert tuple(Profile(**given).answers.values()) in EVERY


@pytest.mark.parametrize(("model", "at_least"), [(PLANTS, 1), (PLANTS, 2), (PLANTS, 7), (PLANTS, 1000), (SHIPPED, 100)])
def test_shards_make_up_the_whole(model: type[ProfileModel], at_least: int) -> None:
    """However the work is shared out, each profile is in one share."""
    starts = shards(model, at_least)
    parts = [tuple(given.values()) for start in starts for given in profiles(model, start)]
    assert len(starts) >= min(at_least, len(parts))
    assert parts == [tuple(given.values()) for given in profiles(model)]
