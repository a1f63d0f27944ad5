"""The profile: what it accepts, what it refuses, and how it says so."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from explainer import Profile
from explainer.errors import ProfileError
from tests.strategies import ALLOWED, UNKNOWN, VALUES, answers, broken_answers, profile_of


def test_fields_and_values_are_those_of_the_contract() -> None:
    """Other programs rely on these sixteen fields, their values and their order."""
    assert {name: field.values for name, field in Profile.questions.items()} == VALUES


@given(answers())
def test_every_valid_answer_is_accepted_and_kept(words: dict[str, str]) -> None:
    """What the table of fields allows is a profile, and the profile says the same."""
    assert profile_of(words).answers == words


@given(broken_answers())
def test_every_mistake_is_refused_by_name(broken: tuple[dict[Any, Any], str]) -> None:
    """An unknown field, an unknown value, a wrong type and a misplaced answer are errors that name the field."""
    data, field = broken
    with pytest.raises(ProfileError) as caught:
        Profile.read(data)
    assert repr(field)[1:-1][:50] in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"mrd": None}, "mrd: nothing stands here; leave mrd out, or give an answer; allowed: not_detected"),
        ({"mrd": ""}, "mrd: nothing stands here; leave mrd out, or give an answer; allowed: not_detected"),
        ({"look_ahead": "yes"}, "look_ahead: 'yes' is not an answer; allowed: .* (did you mean true?)"),
        ({"look_ahead": 0}, "look_ahead: 0 is not an answer; allowed: .* (did you mean false?)"),
        ({"mrd": "yes"}, "mrd: 'yes' is not an answer; allowed: not_detected, detected, unknown"),
    ],
)
def test_what_other_programs_write_is_answered_with_what_is_meant(answer: dict[str, Any], said: str) -> None:
    """Whoever sends null, or yes for true, learns what to send."""
    with pytest.raises(ProfileError) as caught:
        Profile.read(answer)
    assert re.fullmatch(f"profile: {re.escape(said).replace(re.escape('.*'), '.*')}.*", str(caught.value))


@given(answers(), st.randoms())
def test_the_order_of_fields_does_not_matter(words: dict[str, str], shuffle: Any) -> None:
    """The same answers are the same profile however they are listed."""
    items = list(words.items())
    shuffle.shuffle(items)
    assert profile_of(dict(items)) == profile_of(words)


@given(answers())
def test_exactly_the_allowed_fields_may_be_answered(words: dict[str, str]) -> None:
    """An answer to a field that is not asked at this stage is refused, and only such an answer is."""
    for field, values in VALUES.items():
        if words[field] in (UNKNOWN, "false"):
            changed = {**words, field: values[0]}
            if ALLOWED[field](changed):
                continue
            with pytest.raises(ProfileError, match=field):
                Profile.read(changed)


@given(answers())
def test_what_is_asked_is_allowed(words: dict[str, str]) -> None:
    """The questionnaire never asks for an answer that the profile would refuse; all that it asks is told at once."""
    profile = profile_of(words)
    assert profile.asked == tuple(field for field in VALUES if field in profile.asked)
    for field in profile.asked:
        assert ALLOWED[field](words)


@given(answers(), st.sampled_from(list(VALUES)), st.data())
def test_settling_drops_only_what_no_longer_fits(words: dict[str, str], field: str, data: st.DataObject) -> None:
    """An answer changed later drops those it makes moot, keeps all the others, and says which it dropped."""
    changed = {**words, field: data.draw(st.sampled_from(VALUES[field]))}
    profile, dropped = Profile.settle(changed)
    for name, word in profile.answers.items():
        assert word == (("false" if name == "look_ahead" else UNKNOWN) if name in dropped else changed[name])
    assert all(not ALLOWED[name]({**profile.answers, name: changed[name]}) for name in dropped)


def test_an_error_names_field_value_allowed_values_and_the_nearest() -> None:
    """Whoever mistyped an answer reads at once what to type instead."""
    with pytest.raises(ValidationError) as caught:
        Profile(stage="indukshun")
    for word in ("stage", "'indukshun'", "consolidation", "did you mean induction?"):
        assert word in str(caught.value)


def test_a_misplaced_answer_is_refused_with_both_fields_named() -> None:
    """An answer that its stage rules out names itself and the stage."""
    with pytest.raises(ProfileError, match=r"relapse_site: 'csf' .* stage to be relapsed \(it is induction\)"):
        Profile.read({"stage": "induction", "relapse_site": "csf"})


def test_every_mistake_is_reported_at_once() -> None:
    """Nobody has to mend a profile one run at a time."""
    with pytest.raises(ProfileError) as caught:
        Profile.read({"stage": "x", "mrd": 3, "colour": "red"})
    assert len(caught.value.faults) == 3


def test_nothing_answered_is_a_profile() -> None:
    """The default everywhere is not to be sure; looking ahead is off until asked for."""
    expected = dict.fromkeys(VALUES, UNKNOWN) | {"look_ahead": "false"}
    assert Profile().answers == expected
    assert Profile().look_ahead is False


@pytest.mark.parametrize("value", [True, "true"])
def test_look_ahead_may_be_written_as_json_or_yaml_writes_it(value: object) -> None:
    """A flag is true in JSON and the word true in strict YAML; both mean the same."""
    assert Profile(look_ahead=value).look_ahead is True


@pytest.mark.parametrize("value", [1, "yes", "True", None, [True]])
def test_look_ahead_is_nothing_but_true_or_false(value: object) -> None:
    """Nothing that merely looks true switches on what families did not ask for."""
    with pytest.raises(ValidationError, match="look_ahead"):
        Profile(look_ahead=value)


@pytest.mark.parametrize("data", [None, [], "all", 3, b"all"])
def test_a_profile_is_a_mapping(data: object) -> None:
    """Anything else is refused with an example of what is wanted."""
    with pytest.raises(ProfileError, match="stage: induction"):
        Profile.read(data)


def test_a_profile_is_frozen() -> None:
    """Answers cannot change under an explanation."""
    with pytest.raises(ValidationError):
        Profile().stage = "induction"  # type: ignore[attr-defined]  # fields come from rules/


def test_a_profile_can_be_sent_to_another_process() -> None:
    """Copies and pickles are equal to the original, and equal profiles have the same hash."""
    profile = Profile(stage="induction", look_ahead=True)
    for same in (copy.copy(profile), copy.deepcopy(profile), pickle.loads(pickle.dumps(profile))):  # noqa: S301 - ours
        assert same == profile
        assert hash(same) == hash(profile)


def test_not_sure_about_a_choice_drops_no_answer() -> None:
    """A choice of yes or no that is not made is not made, also where it is not asked; nothing was there to drop."""
    relapsed = {"leukemia_type": "all", "stage": "relapsed", "look_ahead": UNKNOWN}
    profile, dropped = Profile.settle(relapsed)
    assert dropped == ()
    assert profile.answers["look_ahead"] == "false"


def test_a_copy_with_other_answers_is_held_to_the_same_rules() -> None:
    """What `read` refuses does not come in as a changed copy."""
    profile = Profile.read({"leukemia_type": "all", "stage": "relapsed", "relapse_site": "csf"})
    assert profile.model_copy(update={"relapse_site": "testicle"}).answers["relapse_site"] == "testicle"
    assert profile.model_copy() == profile
    with pytest.raises(ProfileError, match="relapse_site"):
        profile.model_copy(update={"stage": "induction"})


def test_nobody_changes_the_questions_of_all_profiles() -> None:
    """What one program does with the list of fields does not reach the others."""
    with pytest.raises(TypeError):
        Profile.questions["stage"] = None  # type: ignore[index]
