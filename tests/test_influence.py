"""Does this answer matter? The figure is exact: it is what trying every other answer finds."""

from __future__ import annotations

from hypothesis import given

from explainer import Profile
from explainer.compose import composer
from explainer.influence import Influences
from explainer.profile import ProfileModel
from tests.oracle import decide, shipped
from tests.strategies import UNKNOWN, VALUES, profiles


@given(profiles())
def test_the_figure_is_what_trying_every_other_answer_finds(profile: ProfileModel) -> None:
    """The statements named are all that come, go, or become certain or possible with one other answer, and no more."""
    before = decide(shipped(), profile.answers).statements
    for influence in composer().influences.of(profile):
        found = set()
        for value in VALUES[influence.field]:
            after, _ = Profile.settle({**profile.answers, influence.field: value})
            told = decide(shipped(), after.answers).statements
            found |= {name for name in before.keys() | told.keys() if before.get(name) != told.get(name)}
        assert set(influence.statements) == found
        assert influence.count == len(influence.statements) == len(found)


@given(profiles())
def test_every_question_that_is_asked_is_there_and_the_weightiest_first(profile: ProfileModel) -> None:
    """An educator sees at the top which answer to find out first."""
    found = composer().influences.of(profile)
    assert {influence.field for influence in found} == {name for name in VALUES if name in profile.asked}
    counts = [influence.count for influence in found]
    assert counts == sorted(counts, reverse=True)
    assert all(influence.given == profile.answers[influence.field] for influence in found)


def test_a_question_that_is_not_asked_yet_still_has_its_weight() -> None:
    """Just after diagnosis nobody can answer the MRD question, but parts of the plan will depend on it."""
    answers = Profile(leukemia_type="all", stage="newly_diagnosed").answers
    assert answers["mrd"] == UNKNOWN
    assert "residual.mrd-found" in Influences(composer().knowledge).statements(answers, "mrd")


def test_an_answer_on_which_nothing_depends_has_no_statements() -> None:
    """Once the risk is known to be high, whether MRD was found changes only the parts that are about MRD."""
    answers = Profile(leukemia_type="all", stage="consolidation", risk_group="high", remission="reached").answers
    assert composer().influences.statements(answers, "gene_changes") == ()
