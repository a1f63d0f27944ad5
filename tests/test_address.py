"""Made-up children in addresses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import Profile
from explainer.address import read, write
from explainer.errors import FaultsError, InputError
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.scenarios import walk
from tests.strategies import profiles

KNOWN = knowledge()


@given(profiles())
def test_answers_come_back_as_they_were_written(profile: ProfileModel) -> None:
    """Every profile has an address, of characters that an address holds as they are."""
    text = write(profile)
    assert read(KNOWN, text, "of").profile == profile
    assert not set(text) - set("abcdefghijklmnopqrstuvwxyz0123456789_:.")


def test_every_step_of_every_scenario_has_an_address() -> None:
    """A scenario's name is its beginning; the number of a step leads to that step, with a title that tells it."""
    titles = set()
    for scenario in KNOWN.scenarios:
        for number, profile in enumerate(walk(KNOWN, scenario), 1):
            child = read(KNOWN, f"{scenario.id}.{number}", "of")
            assert (child.profile, child.scenario, child.step) == (profile, scenario, number)
            titles.add(child.title)
        assert read(KNOWN, scenario.id, "of").profile == walk(KNOWN, scenario)[0]
    assert len(titles) == sum(1 + len(scenario.steps) for scenario in KNOWN.scenarios)


def test_an_empty_address_is_a_child_of_whom_nothing_is_known() -> None:
    """It is where an educator may begin."""
    child = read(KNOWN, "", "of")
    assert (child.profile, child.title) == (Profile(), None)
    assert child.text
    assert read(KNOWN, child.text, "of") == child


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no-remision-yet", "did you mean no-remission-yet"),
        ("no-remission-yet.4", "no-remission-yet has no step '4'; allowed: 1, 2, 3"),
        ("no-remission-yet.x", "no-remission-yet has no step 'x'"),
        ("stage:indukshun", "did you mean induction"),
        ("stag:induction", "did you mean stage"),
        ("stage:induction.mrd", "'mrd' is not of the form field:value"),
        ("stage:induction.stage:induction", "stands here twice"),
        ("stage:induction.relapse_site:csf", "does not go with the other answers"),
    ],
)
def test_what_does_not_fit_is_told_with_the_nearest_that_does(text: str, said: str) -> None:
    """A mangled link says what is wrong with it."""
    with pytest.raises(FaultsError, match=said) as caught:
        read(KNOWN, text, "of")
    assert all(fault.place == "of" for fault in caught.value.faults)


@given(st.text() | st.lists(st.sampled_from(["stage", ":", ".", "induction", "mrd-found", "2", "-"])).map("".join))
def test_any_text_is_a_child_or_a_fault(text: str) -> None:
    """Whatever stands in an address, nothing else comes of it."""
    with suppress(FaultsError):
        assert isinstance(read(KNOWN, text, "of").profile, ProfileModel)


def test_a_name_that_is_no_scenario_is_bad_input() -> None:
    """Not a bad answer: the caller asked for something that is not there."""
    with pytest.raises(InputError):
        read(KNOWN, "nobody", "of")
