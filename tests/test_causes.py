"""Causes: the answers by which a rule comes out otherwise, all of them and no others."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given

from explainer import causes as module
from explainer import logic
from explainer.causes import Causes, Finder
from explainer.compose import composer
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from tests.strategies import profiles
from tests.test_compare import mirrored

CAUSES = composer().causes
CONDITIONS = {name: rule.when for name, (_, rule) in knowledge().statements.items()}


def finders() -> dict[str, Finder]:
    return dict(chain.from_iterable(finders.items() for finders in CAUSES.statements.values()))


@given(profiles(), profiles())
def test_a_rule_that_comes_out_otherwise_has_a_cause_and_no_other_has(one: ProfileModel, other: ProfileModel) -> None:
    """Whoever sees a difference is told an answer that differs; where nothing turns, nothing is blamed."""
    before, after = one.answers, other.answers
    for name, find in finders().items():
        values = [logic.simplify(CONDITIONS[name], answers, knowledge().definition) for answers in (before, after)]
        found = find(before, after)
        assert bool(found) == (values[0] != values[1])
        for cause in found:
            assert (cause.before, cause.after) == (before[cause.field], after[cause.field])
            assert cause.before != cause.after
            assert cause.field in knowledge().looked_at[name]
            assert cause.rule == name


@given(profiles(), profiles())
def test_the_way_back_is_the_way_turned(one: ProfileModel, other: ProfileModel) -> None:
    """From the second child to the first there are the same causes, the other way round."""
    for find in (*finders().values(), *CAUSES.sections.values(), *CAUSES.notices.values(), *CAUSES.questions.values()):
        there, back = find(one.answers, other.answers), find(other.answers, one.answers)
        assert [mirrored(cause.model_dump()) for cause in there] == [cause.model_dump() for cause in back]


@given(profiles(), profiles())
def test_what_was_found_before_changes_nothing(one: ProfileModel, other: ProfileModel) -> None:
    """What is kept of other pairs of children is right for these."""
    fresh = Causes(knowledge(), composer().phrasing)
    for section in knowledge().sections:
        for name, find in fresh.statements[section.id].items():
            assert find(one.answers, other.answers) == finders()[name](one.answers, other.answers)


def test_where_nothing_may_be_kept_it_is_found_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs of children are many: past a number, what was found is not kept, and the same is found again."""
    one, other = (knowledge().profile.read({"stage": "induction", "risk_group": word}) for word in ("standard", "high"))
    find = finders()["induction.fourth-drug"]
    assert find(one.answers, other.answers) is find(one.answers, other.answers)
    monkeypatch.setattr(module, "_MOST_KEPT", 0)
    fresh = Causes(knowledge(), composer().phrasing).statements["induction"]["induction.fourth-drug"]
    assert fresh(one.answers, other.answers) is not fresh(one.answers, other.answers)
    assert fresh(one.answers, other.answers) == find(one.answers, other.answers) != ()
