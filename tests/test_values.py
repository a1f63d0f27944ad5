"""Single values in rules/: what a file may say in one place, and what is made of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from explainer import logic
from explainer.knowledge import Facts, Notice
from explainer.values import MOST_ALTERNATIVES, Names

ANYTHING_GOES = Names(logic.Vocabulary({}))


def test_a_paragraph_is_joined_and_a_list_keeps_its_lines() -> None:
    """Where an author breaks a line in a file does not show, except before a list line."""
    notice = Notice.model_validate({"id": "x", "say": " one\n  two:\n- three\n  four\n- five\n"}, context=ANYTHING_GOES)
    assert notice.say == "one two:\n- three four\n- five"
    indented = Notice.model_validate({"id": "x", "say": "one:\n  - two\n  - three"}, context=ANYTHING_GOES)
    assert indented.say == "one:\n- two\n- three"


def test_nothing_is_validated_without_the_names_it_may_use() -> None:
    """Leaving out the names is a mistake in our code, and must not pass for a mistake in a file, or for none."""
    with pytest.raises(TypeError, match="Names"):
        Notice.model_validate({"id": "x", "when": {"plant": "fern"}, "say": "x"})
    assert Facts.model_validate({"facts": []}).facts == ()  # nothing in it refers to anything


@pytest.mark.parametrize(("choices", "accepted"), [(5, True), (6, False), (100, False)])
def test_a_condition_may_come_true_in_so_many_ways(choices: int, accepted: bool) -> None:
    """The most alternatives there may be are accepted, and more are refused, even where no computer could list them."""
    names = Names(logic.Vocabulary({f"{side}{number}": ("a", "b") for side in "xy" for number in range(choices)}))
    either = [{"any": [{f"x{number}": "a"}, {f"y{number}": "a"}]} for number in range(choices)]
    notice = {"id": "x", "when": {"all": either}, "say": "x"}
    if accepted:
        assert len(logic.alternatives(Notice.model_validate(notice, context=names).when)) == MOST_ALTERNATIVES
    else:
        with pytest.raises(ValidationError, match=f"more than {MOST_ALTERNATIVES} ways"):
            Notice.model_validate(notice, context=names)
