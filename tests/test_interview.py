"""The questionnaire under way: what is asked, and what becomes of answers that change."""

from __future__ import annotations

from hypothesis import given

from explainer import Profile
from explainer.interview import Interview
from explainer.loader import knowledge
from tests.strategies import UNKNOWN, VALUES, answers, steps

FIRST = "leukemia_type"


def after(*given: tuple[str, str]) -> Interview:
    """The interview in which these answers were given one after the other."""
    interview = Interview(knowledge())
    for field, value in given:
        interview, _ = interview.answer(field, value)
    return interview


def fields(interview: Interview) -> list[str]:
    return [question.field for question in interview.asked]


def test_it_begins_with_nothing_known() -> None:
    """Before the first answer all is unknown, and what is asked is what a child with nothing known is asked."""
    begun = after()
    assert begun.profile == Profile()
    assert fields(begun)[0] == FIRST
    assert begun.unanswered == begun.asked


def test_an_answer_changes_what_is_asked() -> None:
    """Who answers is asked what follows from the answer, and nothing that it rules out."""
    assert fields(after((FIRST, "aml"))) == [FIRST]
    relapsed = after((FIRST, "all"), ("stage", "relapsed"))
    assert "relapse_site" in fields(relapsed)
    assert "look_ahead" not in fields(relapsed)
    assert "prior_cranial_radiation" not in fields(relapsed)
    assert "prior_cranial_radiation" in fields(relapsed.answer("relapse_site", "csf")[0])


def test_not_sure_is_an_answer() -> None:
    """A question answered with "not sure" is answered, and is not put again."""
    interview = after((FIRST, UNKNOWN))
    assert interview.given == {FIRST: UNKNOWN}
    assert FIRST not in {question.field for question in interview.unanswered}


def test_a_changed_answer_sets_aside_what_it_makes_moot() -> None:
    """What no longer fits goes and is told; an answer of "not sure" goes without a word; the rest stays."""
    interview = after((FIRST, "all"), ("stage", "induction"), ("risk_group", "high"), ("mrd", UNKNOWN))
    changed, set_aside = interview.answer("stage", "finished")
    assert set_aside == {"risk_group": "high"}
    assert changed.given == {FIRST: "all", "stage": "finished"}
    assert interview.given["risk_group"] == "high"  # whoever still holds the one before finds it as it was


def test_what_an_answer_set_aside_had_opened_goes_too() -> None:
    """No answer stays behind whose question hangs on one that has gone."""
    interview = after(
        (FIRST, "all"), ("stage", "relapsed"), ("relapse_site", "csf"), ("prior_cranial_radiation", "done")
    )
    changed, set_aside = interview.answer("stage", "induction")
    assert set_aside == {"relapse_site": "csf", "prior_cranial_radiation": "done"}
    assert changed.given == {FIRST: "all", "stage": "induction"}


def test_a_question_has_its_place_among_those_asked() -> None:
    """The first is number 0, and the next one follows."""
    interview = after((FIRST, "all"))
    assert [interview.place(field) for field in fields(interview)] == list(range(len(interview.asked)))


@given(steps)
def test_any_answers_in_any_order_leave_answers_that_go_together(given: list[tuple[str, str]]) -> None:
    """However somebody goes back and forth, each answer that is kept belongs to a question that is asked, in order."""
    interview = Interview(knowledge())
    for field, value in given:
        before = interview
        interview, set_aside = interview.answer(field, value)
        assert [name for name in fields(interview) if name in interview.given] == list(interview.given)
        assert set_aside.keys().isdisjoint(interview.given)
        assert set_aside.items() <= {**before.given, field: value}.items()
        assert UNKNOWN not in set_aside.values()
        assert interview.profile == Profile.settle(interview.given)[0]
        assert interview.given.get(field, value) == value


@given(answers())
def test_who_answers_all_that_is_asked_gets_just_that_profile(words: dict[str, str]) -> None:
    """Answers given one by one, in order, are the profile that holds them all."""
    interview = Interview(knowledge())
    while interview.unanswered:
        field = interview.unanswered[0].field
        interview, _ = interview.answer(field, words[field])
    expected = {name: words[name] for name in VALUES if name in interview.given}
    assert interview.profile == Profile.settle(expected)[0]
    assert interview.given == expected
