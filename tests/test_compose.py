"""Explanations: complete, in order, the same every time, and honest about what is not known."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explainer import Profile, explain
from explainer.compose import Composer, composer
from explainer.explanation import Explanation
from explainer.knowledge import TIMINGS
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.render import ORDER, render
from tests.strategies import ALLOWED, UNKNOWN, VALUES, answers, leading, profile_of, profiles


def statements(explanation: Explanation) -> dict[str, tuple[str, str | None]]:
    return {s.id: (s.applies, s.condition) for section in explanation.sections for s in section.statements}


@given(profiles())
def test_conditional_means_that_something_is_open(profile: ProfileModel) -> None:
    """A possibility names what is still open; what is certain names nothing."""
    for applies, condition in statements(explain(profile)).values():
        assert (applies == "conditional") == (condition is not None)


@given(profiles())
def test_no_condition_speaks_of_an_answer_that_was_given(profile: ProfileModel) -> None:
    """No part opens with "If …" about something the family has answered."""
    spoken = {condition for _, condition in statements(explain(profile)).values() if condition}
    for field, word in profile.answers.items():
        if word not in (UNKNOWN, "true", "false"):
            question = knowledge().question(field)
            for option in question.options:
                assert not any(option.phrase in condition for condition in spoken), (field, option.phrase)


@given(answers(), st.data())
def test_a_further_answer_never_takes_back_what_was_certain(words: dict[str, str], data: st.DataObject) -> None:
    """An answer in place of "not sure" leaves every definite statement of a section definite."""
    open_fields = [name for name in VALUES if words[name] == UNKNOWN and ALLOWED[name](words)]
    assume(open_fields)
    field = data.draw(st.sampled_from(open_fields))
    known = {**words, field: data.draw(st.sampled_from(VALUES[field]))}
    assume(all(ALLOWED[name](known) or known[name] in (UNKNOWN, "false") for name in VALUES))
    before, after = explain(profile_of(words)), explain(profile_of(known))
    kept = {section.id for section in after.sections}
    for name, (applies, _) in statements(before).items():
        if applies == "definite" and name.partition(".")[0] in kept:
            assert statements(after)[name] == ("definite", None), name


@given(profiles())
def test_sections_stand_in_the_order_of_reading(profile: ProfileModel) -> None:
    """What happens now comes first, then what comes next; what lies behind comes last. No section is empty.

    Who has not begun yet reads about treatment as a whole ahead of all that, and who has just heard that leukemia
    remains reads what may change.
    """
    sections, first = explain(profile).sections, leading(profile.answers)
    assert not first or sections[0].id == first
    places = [TIMINGS.index(section.timing) for section in sections[bool(first) :]]
    assert places == sorted(places)
    assert all(section.statements for section in sections)


@given(profiles())
def test_a_condition_is_said_once_under_a_topic(profile: ProfileModel) -> None:
    """Statements that hang on the same "If …" stand together."""
    for section in explain(profile).sections:
        runs: list[tuple[str, str | None]] = []
        for statement in section.statements:
            if not runs or runs[-1] != (statement.topic, statement.condition):
                runs.append((statement.topic, statement.condition))
        conditional = [run for run in runs if run[1]]
        assert len(conditional) == len(set(conditional))


@given(profiles())
def test_every_statement_says_why(profile: ProfileModel) -> None:
    """Each statement names the answers that brought it, or that it is for everyone."""
    for section in explain(profile).sections:
        for statement in section.statements:
            assert statement.because
            assert statement.for_everyone == (statement.because == (_everyone(section.id),))


def _everyone(name: str) -> str:
    return next(section.everyone for section in knowledge().sections if section.id == name)


@given(profiles())
def test_every_answer_not_known_that_matters_brings_its_question(profile: ProfileModel) -> None:
    """What would change the explanation, a look ahead aside, is worth asking; what would not is not asked for."""
    explanation = explain(profile)
    asked = {question.id.removeprefix("unknown.") for question in explanation.questions if question.section is None}
    assert all(profile.answers[field] == UNKNOWN for field in asked)
    for field in set(VALUES) - {"leukemia_type", "stage"}:
        if profile.answers[field] == UNKNOWN and field in profile.asked:
            known = [profile_of({**profile.answers, field: value}) for value in VALUES[field]]
            differs = any(_of_today(profile, explain(other)) != _of_today(profile, explanation) for other in known)
            assert (field in asked) == differs, field


def _of_today(profile: ProfileModel, explanation: Explanation) -> dict[str, tuple[str, str | None]]:
    """The statements, without those on a relapse that has not happened."""
    told = statements(explanation)
    ahead = profile.answers["stage"] != "relapsed"
    return {name: how for name, how in told.items() if not (ahead and name.startswith("recurrent."))}


@given(profiles())
def test_a_donor_is_asked_about_only_where_a_transplant_is_told(profile: ProfileModel) -> None:
    """No family is asked about donors for nothing."""
    told = statements(explain(profile))
    if "donor" in profile.asked:
        assert any("transplant" in name for name in told)


def test_a_type_and_a_stage_not_known_bring_their_questions() -> None:
    """The two answers that decide about everything are asked for first."""
    assert [question.id for question in explain(Profile()).questions][:2] == ["unknown.stage", "unknown.leukemia_type"]


@given(profiles())
def test_questions_about_answers_not_known_go_by_how_much_depends_on_them(profile: ProfileModel) -> None:
    """A family that has time for one question asks the one that settles most; equal ones keep their order."""
    asked = [question.id for question in explain(profile).questions if question.section is None]
    fields = [name.removeprefix("unknown.") for name in asked]
    counts = [len(composer().influences.statements(profile.answers, field)) for field in fields]
    places = [(-count, list(VALUES).index(field)) for count, field in zip(counts, fields, strict=True)]
    assert places == sorted(places)


@given(profiles())
def test_questions_come_as_what_brings_them_is_read(profile: ProfileModel) -> None:
    """What to ask about a pill that is missed does not stand under a phase that is over, at the end of the list."""
    explanation = explain(profile)
    timings = {one.id: "still" if one.timing == "earlier" else one.timing for one in explanation.sections}
    leads = leading(profile.answers)
    brought = [ask.section for ask in explanation.questions if ask.section]
    read = [ORDER.index("first" if section == leads else timings[section]) for section in brought]
    assert read == sorted(read)


@given(profiles())
def test_the_glossary_explains_the_words_that_are_used(profile: ProfileModel) -> None:
    """Every glossary word that a statement uses is explained, and the entries are in alphabetical order."""
    explanation = explain(profile)
    listed = [term.term for term in explanation.glossary]
    assert listed == sorted(listed, key=str.lower)
    texts = [statement.text for section in explanation.sections for statement in section.statements]
    assert {term.term for term in composer().glossary.used_in(texts)} <= set(listed)


@given(profiles())
def test_every_page_says_that_nobody_has_reviewed_it(profile: ProfileModel) -> None:
    """No clinician has reviewed these words yet, and every explanation says so."""
    assert "not-reviewed" in {notice.id for notice in explain(profile).notices}


@pytest.mark.parametrize("leukemia", ["aml", "apl", "jmml", "cml"])
def test_another_leukemia_gets_help_and_the_title_of_its_page(leukemia: str) -> None:
    """A family with another leukemia is not told about ALL, and hears where to read on."""
    explanation = explain(Profile(leukemia_type=leukemia))
    notice = next(notice.text for notice in explanation.notices if notice.id == "other-leukemia")
    assert [section.id for section in explanation.sections] == ["support"]
    assert explanation.place is None
    assert f"Leukemia ({leukemia.upper()})”" in notice


@given(profiles())
def test_a_relapse_is_told_only_to_those_who_met_it_or_asked(profile: ProfileModel) -> None:
    """What happens if the leukemia comes back is not pressed on anybody."""
    shown = any(section.id == "recurrent" for section in explain(profile).sections)
    assert shown <= (profile.answers["stage"] == "relapsed" or profile.answers["look_ahead"] == "true")


@pytest.mark.parametrize(
    ("given", "statement", "reason"),
    [
        (
            {"stage": "consolidation", "mrd": "detected"},
            "consolidation.extra-drugs",
            "the leukemia counts as higher risk: MRD was found",
        ),
        (
            {"stage": "induction", "risk_group": "high"},
            "induction.fourth-drug",
            "the leukemia is in the high-risk group",
        ),
        (
            {"stage": "induction"},
            "induction.fourth-drug",
            "it depends on the risk group, and your answers leave that open",
        ),
    ],
)
def test_because_names_the_answer_through_its_concept(given: dict[str, str], statement: str, reason: str) -> None:
    """A reader learns which answer brought a statement, and by which thought."""
    sections = explain(Profile(**given)).sections
    assert next(s.because for section in sections for s in section.statements if s.id == statement) == (reason,)


@pytest.mark.parametrize(
    ("given", "statement", "condition"),
    [
        (
            {"stage": "induction"},
            "induction.more-than-twice",
            "the leukemia counts as high-risk, or leukemia cells were in the spinal fluid at diagnosis",
        ),
        (
            {"stage": "consolidation", "risk_group": "standard", "gene_changes": "not_found"},
            "consolidation.transplant",
            "MRD is found after induction",
        ),
        (
            {"stage": "relapsed"},
            "recurrent.transplant-sibling",
            "a brother or sister is a matching donor and either the relapse is early or the leukemia is T-cell ALL",
        ),
    ],
)
def test_a_condition_holds_what_is_still_open_in_words(given: dict[str, str], statement: str, condition: str) -> None:
    """Known answers are put in and simplified away; the rest is spoken with the right "and" and "or"."""
    assert statements(explain(Profile(**given)))[statement] == ("conditional", condition)


@given(profiles())
def test_the_same_profile_gives_the_same_bytes(profile: ProfileModel) -> None:
    """Two families with the same answers read the same, today and tomorrow."""
    assert render(explain(profile), "json") == render(explain(profile_of(profile.answers)), "json")


def test_another_process_gives_the_same_bytes() -> None:
    """Nothing depends on the order of a hash table."""
    code = """
from explainer import Profile, explain
from explainer.render import ORDER, render
print(render(explain(Profile()), "html"), end="")
"""
    command, seed = [sys.executable, "-c", code], {"PYTHONHASHSEED": "7"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=seed)
    assert run.stdout == render(explain(Profile()), "html")


@pytest.mark.parametrize("handed", ["rules", None, Profile])
def test_a_composer_wants_knowledge(handed: Any) -> None:
    """Who hands over the folder learns how to read it."""
    with pytest.raises(TypeError, match=r"knowledge is wanted, such as load\('rules'\) gives"):
        Composer(handed)


@pytest.mark.parametrize("day", ["2025-03-09", 5, datetime(2025, 3, 9)])  # noqa: DTZ001 - no time is meant
def test_a_date_of_making_that_is_none_is_refused(day: Any) -> None:
    """Who hands over something else learns what is wanted, before anything is made."""
    with pytest.raises(TypeError, match="a date is wanted, such as"):
        explain(Profile(), made_on=day)


def test_the_date_of_making_stands_only_where_it_was_given() -> None:
    """The explanation itself knows no clock."""
    assert explain(Profile()).made_on is None
    assert explain(Profile(), made_on=date(2026, 5, 4)).made_on == date(2026, 5, 4)
    assert explain(Profile(), made_on=Day(2026, 5, 4)).made_on == date(2026, 5, 4)


class Day(date):
    """A day as libraries make them that set the clock for tests."""
