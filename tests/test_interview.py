"""The questionnaire under way: what is asked, and what becomes of answers that change."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from explainer import Profile, explain
from explainer.interview import Interview
from explainer.loader import knowledge
from tests.spoil import sample
from tests.strategies import UNKNOWN, VALUES, answers, steps

FIRST = "leukemia_type"


def after(*given: tuple[str, str]) -> Interview:
    """The interview in which these answers were given one after the other."""
    interview = Interview(knowledge())
    for field, value in given:
        interview = interview.answer(field, value)
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
    assert "prior_cranial_radiation" in fields(relapsed.answer("relapse_site", "csf"))


def test_not_sure_is_an_answer() -> None:
    """A question answered with "not sure" is answered, and is not put again."""
    interview = after((FIRST, UNKNOWN))
    assert interview.given == {FIRST: UNKNOWN}
    assert FIRST not in {question.field for question in interview.unanswered}


def test_a_changed_answer_sets_aside_what_it_makes_moot() -> None:
    """What no longer fits goes and is told; an answer of "not sure" goes without a word; the rest stays."""
    interview = after((FIRST, "all"), ("stage", "induction"), ("risk_group", "high"), ("mrd", UNKNOWN))
    changed = interview.answer("stage", "finished")
    assert changed.set_aside == {"risk_group": "high"}
    assert changed.given == {FIRST: "all", "stage": "finished"}
    assert interview.given["risk_group"] == "high"  # whoever still holds the one before finds it as it was


def test_what_an_answer_set_aside_had_opened_goes_too() -> None:
    """No answer stays behind whose question hangs on one that has gone."""
    interview = after(
        (FIRST, "all"), ("stage", "relapsed"), ("relapse_site", "csf"), ("prior_cranial_radiation", "done")
    )
    changed = interview.answer("stage", "induction")
    assert changed.set_aside == {"relapse_site": "csf", "prior_cranial_radiation": "done"}
    assert changed.given == {FIRST: "all", "stage": "induction"}


def test_a_slip_can_be_undone() -> None:
    """Who picks the wrong phase and goes back at once has lost nothing but the remission, which is asked about anew."""
    given = {"stage": "induction", "risk_group": "high", "remission": "reached", "mrd": "detected"}
    before = after((FIRST, "all"), *given.items())
    slipped = before.answer("stage", "finished")
    assert slipped.set_aside == {"risk_group": "high", "remission": "reached", "mrd": "detected"}
    back = slipped.answer("stage", "induction")
    assert back.given == {name: word for name, word in before.given.items() if name != "remission"}
    assert back.set_aside == {}
    assert slipped.answer("stage", "finished") == slipped  # a form may be sent twice


def test_a_page_left_open_takes_nothing_from_what_can_come_back() -> None:
    """An answer to a question that another tab has ruled out joins what is set aside, and nothing there is lost."""
    slipped = after((FIRST, "all"), ("stage", "induction"), ("look_ahead", "false"), (FIRST, "aml"))
    late = slipped.answer("risk_group", "high")
    assert late.given == {FIRST: "aml"}
    assert late.set_aside == {"stage": "induction", "look_ahead": "false", "risk_group": "high"}
    assert late.told_aside == {"stage": "induction", "risk_group": "high"}  # what was not chosen is not worth a word
    given = {FIRST: "all", "stage": "induction", "risk_group": "high", "look_ahead": "false"}
    assert late.answer(FIRST, "all").given == given
    assert late.answer("risk_group", UNKNOWN).set_aside == slipped.set_aside


def test_a_remission_comes_back_with_the_phase_that_it_was_about() -> None:
    """Who picks another leukemia and goes back at once has the remission back, before a relapse and after one."""
    for stage in ("induction", "relapsed"):
        before = after((FIRST, "all"), ("stage", stage), ("remission", "reached"))
        assert before.answer(FIRST, "aml").answer(FIRST, "all") == before


def test_what_was_set_aside_comes_back_at_once_or_not_at_all() -> None:
    """An answer from long ago never turns up again."""
    slipped = after((FIRST, "all"), ("stage", "induction"), ("risk_group", "high"), ("stage", "finished"))
    later = slipped.answer("look_ahead", "false").answer("stage", "induction")
    assert later.given == {FIRST: "all", "stage": "induction", "look_ahead": "false"}


def test_what_was_said_before_a_relapse_never_comes_back_after_it() -> None:
    """The remission of the first treatment is not taken for one of now, whichever answer follows."""
    relapsed = after((FIRST, "all"), ("stage", "induction"), ("remission", "reached"), ("stage", "relapsed"))
    assert relapsed.set_aside == {"remission": "reached"}
    assert "remission" not in relapsed.answer("relapse_count", "first").given


@given(answers(), st.sampled_from(sorted(VALUES)), st.data())
def test_any_slip_can_be_undone(words: dict[str, str], field: str, data: st.DataObject) -> None:
    """Whatever answer is changed and changed back at once, no other one that was sure is lost, and none is new."""
    before = after(*words.items())
    if field not in before.given:
        return
    slip = data.draw(st.sampled_from(VALUES[field]))
    back = before.answer(field, slip).answer(field, before.given[field])
    assert back.given.items() <= before.given.items()
    lost = before.given.keys() - back.given.keys()
    assert all(name == "remission" or before.given[name] in (UNKNOWN, "false") for name in lost)


def test_answers_that_may_not_fit_together_are_told_where_they_can_be_changed() -> None:
    """Who checks the answers learns of a clash there, and not only once the page is made."""
    clash = after((FIRST, "all"), ("stage", "consolidation"), ("risk_group", "standard"), ("mrd", "detected"))
    told = [notice.say for notice in knowledge().notices if notice.id == "risk-group-and-mrd"]
    assert [doubt.say for doubt in clash.doubts] == told
    assert [question.field for question in clash.doubts[0].questions] == ["risk_group", "mrd"]
    assert clash.answer("risk_group", "high").doubts == ()


@given(steps)
def test_what_is_told_of_answers_stands_on_the_page_that_they_make(given: list[tuple[str, str]]) -> None:
    """Nothing is doubted there that the explanation does not come back to."""
    interview = after(*given)
    assert {doubt.say for doubt in interview.doubts} <= {notice.text for notice in explain(interview.profile).notices}


def test_a_doubt_may_stand_on_a_concept(tmp_path: Path) -> None:
    """A notice about answers may be shown by anything that a notice may be."""
    mine = (
        "  - id: mine\n    when: {concept: thirsty}\n    about_answers: true\n    say: Look again.\n  - id: other-plant"
    )
    known = sample(tmp_path, ("notices", "  - id: other-plant", mine)).knowledge
    given = {"plant": "fern", "place": "window", "water": "dry"}
    assert Interview(known, given).doubts[0].say == "Look again."
    assert Interview(known, {**given, "water": "wet"}).doubts == ()


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
        interview = interview.answer(field, value)
        assert [name for name in fields(interview) if name in interview.given] == list(interview.given)
        assert interview.set_aside.keys().isdisjoint(interview.given)
        assert interview.set_aside.items() <= {**before.given, **before.set_aside, field: value}.items()
        assert UNKNOWN not in interview.set_aside.values()
        assert interview.profile == Profile.settle(interview.given)[0]
        assert interview.given.get(field, value) == value


@given(answers())
def test_who_answers_all_that_is_asked_gets_just_that_profile(words: dict[str, str]) -> None:
    """Answers given one by one, in order, are the profile that holds them all."""
    interview = Interview(knowledge())
    while interview.unanswered:
        field = interview.unanswered[0].field
        interview = interview.answer(field, words[field])
    expected = {name: words[name] for name in VALUES if name in interview.given}
    assert interview.profile == Profile.settle(expected)[0]
    assert interview.given == expected
