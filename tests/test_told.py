"""Who is told and asked what, stated once more apart from rules/, and tried on every answer and every pair of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from explainer import Profile, explain
from explainer.compose import composer
from explainer.explanation import Explanation
from explainer.knowledge import Rule
from explainer.loader import knowledge
from explainer.yamltext import read
from tests.children import NOTHING_KNOWN, pairs, singles
from tests.strategies import (
    ALLOWED,
    UNKNOWN,
    VALUES,
    Answers,
    in_first_treatment,
    is_all,
    leading,
    profile_of,
    relapsed,
)
from tests.test_facts import PH, TIMINGS, WHO, Truth, Who, either, everyone, says, shows_section

# --- facts -------------------------------------------------------------------------------------


def telltales() -> dict[str, tuple[str, str, list[str]]]:
    """The certainty of each fact, words of every statement that tells it, and words of some."""
    data: Any = read(Path(__file__).parent / "telltales.yaml", "telltales.yaml").data
    return {fact: (certainty, words, some) for fact, (certainty, words, *some) in data.items()}


def sayings() -> Iterator[tuple[str, Rule, str]]:
    """Every statement, with its words on one line."""
    for name, (_, rule) in knowledge().statements.items():
        yield name, rule, " ".join(rule.say.split())


def has(said: str, words: str) -> bool:
    return words.lower() in said.lower()


def test_a_statement_tells_the_facts_that_it_names() -> None:
    """A reviewer who follows a statement to its passage finds there what it says."""
    for name, rule, said in sayings():
        assert all(has(said, telltales()[fact][1]) for fact in rule.facts), name


def test_the_words_of_a_fact_are_in_no_other_statement_as_firm() -> None:
    """The test before this one would notice two statements that change their facts."""
    for fact, (certainty, words, _) in telltales().items():
        for name, rule, said in sayings():
            if name.partition(".")[0] == fact.partition(".")[0] and rule.certainty == certainty:
                assert fact in rule.facts or not has(said, words), (name, fact)


def test_a_fact_is_told_in_full() -> None:
    """Where a fact takes several statements, none of them may go missing."""
    for fact, (_, _, some) in telltales().items():
        whole = " ".join(said for _, rule, said in sayings() if fact in rule.facts)
        assert all(has(whole, words) for words in some), fact


def test_no_fact_is_firmer_than_in_the_document() -> None:
    """What the document calls usual or possible is listed as that and nothing firmer."""
    found = {fact.id: fact.certainty for fact in knowledge().facts}
    assert found == {fact: certainty for fact, (certainty, _, _) in telltales().items()}


# --- questions ---------------------------------------------------------------------------------


def asks_for_donor(answers: Answers) -> bool:
    """A donor is asked for where some statement about a transplant may still show."""
    may = {
        field: answers[field] in (value, UNKNOWN)
        for field, value in {
            "risk_group": "high",
            "gene_changes": "found",
            "mrd": "detected",
            "ph_status": "positive",
            "relapse_timing": "early",
            "cell_type": "t_cell",
            "relapse_count": "second_or_later",
        }.items()
    }
    first = any(may[field] for field in ("risk_group", "gene_changes", "mrd", "ph_status"))
    again = any(may[field] for field in ("relapse_timing", "cell_type", "relapse_count", "ph_status"))
    return (in_first_treatment(answers) and first) or (relapsed(answers) and again)


ASKED: dict[str, Callable[[Answers], bool]] = {
    **ALLOWED,
    "donor": asks_for_donor,
    "look_ahead": lambda a: is_all(a) and a["stage"] != "relapsed",
}


def donor_children() -> Iterator[Answers]:
    """Every combination of the answers on which the question about a donor depends."""
    fields = ("risk_group", "gene_changes", "mrd", "ph_status", "relapse_timing", "cell_type", "relapse_count")
    for stage in (*VALUES["stage"], UNKNOWN):
        frame = {**NOTHING_KNOWN, "leukemia_type": "all", "stage": stage}
        allowed = [field for field in fields if ALLOWED[field](frame)]
        for words in product(*((*VALUES[field], UNKNOWN) for field in allowed)):
            yield {**frame, **dict(zip(allowed, words, strict=True))}


def test_every_question_is_asked_where_it_matters_and_nowhere_else() -> None:
    """Nobody is asked for nothing, and nobody is left without the question that would change the explanation."""
    for answers in (*singles(), *pairs(), *donor_children()):
        profile = profile_of(answers)
        asked = [field for field in VALUES if field in profile.asked]
        assert asked == [field for field in VALUES if ASKED[field](answers)], answers


def test_every_answer_is_accepted_where_it_may_stand_and_nowhere_else() -> None:
    """An answer that another one rules out is refused at every stage."""
    for answers in (*singles(), *pairs()):
        for field in VALUES:
            if answers[field] == NOTHING_KNOWN[field]:
                value = next(value for value in VALUES[field] if value != NOTHING_KNOWN[field])
                more = {**answers, field: value}
                dropped = Profile.settle(more)[1]
                assert (field in dropped) == (not ALLOWED[field](more)), (field, answers)


# --- what is told ------------------------------------------------------------------------------


STATEMENTS: dict[str, tuple[Who, ...]] = {
    "induction.brain-radiation": (either(says("risk_group", "high"), says("cell_type", "t_cell")),),
    "induction.brain-radiation-for-many-cells": (says("csf_at_diagnosis", "many"),),
    "ph.transplant-donor": (PH, says("donor", "sibling_match", "other_match")),
    "recurrent.transplant-sibling": (WHO["recurrent.3a"], says("donor", "sibling_match")),
    "recurrent.csf-radiation": (says("relapse_site", "csf"), says("prior_cranial_radiation", "not_done")),
    "recurrent.csf-radiation-before": (says("relapse_site", "csf"), says("prior_cranial_radiation", "done")),
}
"""Statements that say more of a fact than another statement does: to children for whom all of this is so."""


GOES_ON = {
    *("induction.take-medicines", "induction.intrathecal-chemo", "induction.lumbar-puncture"),
    *("induction.rest-of-treatment", "induction.intrathecal-drug", "induction.intrathecal-added"),
    *("induction.seizures", "induction.seizure-drugs"),
    *("induction.brain-radiation", "induction.brain-radiation-for-many-cells"),
    *("induction.avoid-radiation", "induction.radiation-less-often"),
}
"""What a family reads of induction as long as treatment goes on, ahead of what lies behind."""


def test_no_donor_is_asked_about_for_a_relapse_that_has_not_happened() -> None:
    """Who reads ahead is told of a transplant after a relapse, and is not led to look for a donor now."""
    for stage in (stage for stage in VALUES["stage"] if stage != "relapsed"):
        answers = {"leukemia_type": "all", "stage": stage, "ph_status": "negative", "look_ahead": "true"}
        told = explain(Profile.settle(answers)[0])
        assert "unknown.donor" not in {question.id for question in told.questions}, stage


def test_what_goes_on_is_not_filed_under_the_past() -> None:
    """In consolidation and maintenance, chemo into the spinal fluid is not over, and no family is led to think so."""
    for leukemia in VALUES["leukemia_type"]:
        for stage in VALUES["stage"] if leukemia in ("all", UNKNOWN) else ():
            told = explain(Profile(leukemia_type=leukemia, stage=stage))
            still = {one.id for section in told.sections for one in section.statements if one.goes_on}
            only_then = {"induction.after-first-month"}  # a month or two later
            wanted = {"consolidation": GOES_ON | only_then, "maintenance": GOES_ON}
            assert still == wanted.get(stage, set()), (leukemia, stage)


def parts(name: str, facts: tuple[str, ...]) -> tuple[Who, ...]:
    return STATEMENTS.get(name) or (either(*(WHO.get(fact, everyone) for fact in facts)),)


def concerns(name: str, facts: tuple[str, ...], answers: Answers) -> Truth:
    """Whether a statement is told to a child; None: as a possibility."""
    if not shows_section(name.partition(".")[0], answers):
        return False
    found = [part(answers) for part in parts(name, facts)]
    return False if False in found else None if None in found else True


def test_every_statement_reaches_those_whom_it_concerns_and_nobody_else() -> None:
    """Each statement is told as certain, as a possibility or not at all, as the answers want it."""
    rules = {name: rule.facts for name, (_, rule) in knowledge().statements.items()}
    for answers in (*singles(), *pairs()):
        found = composer().engine.decide(profile_of(answers)).statements
        for name, facts in rules.items():
            applies = found.get(name)
            assert (applies == "definite" or (None if applies else False)) is concerns(name, facts, answers), name


LATER_PHASES = ("consolidation", "maintenance")
NOTICES: dict[str, Callable[[Answers], bool]] = {
    "other-leukemia": lambda a: not is_all(a),
    "leukemia-type-unknown": lambda a: a["leukemia_type"] == UNKNOWN,
    "not-reviewed": lambda _: True,
    "risk-group-and-mrd": lambda a: (a["risk_group"], a["mrd"]) == ("standard", "detected"),
    "risk-group-and-gene-changes": lambda a: (a["risk_group"], a["gene_changes"]) == ("standard", "found"),
    "phase-and-remission": lambda a: a["stage"] in LATER_PHASES and a["remission"] == "not_reached",
    "number-of-remissions": lambda a: (a["stage"], a["remission"]) == ("induction", "not_reached"),
    "remission-and-mrd": lambda a: (a["remission"], a["mrd"]) == ("not_reached", "not_detected"),
    "look-ahead": lambda a: is_all(a) and a["look_ahead"] == "true",
}


def test_every_notice_is_shown_where_it_is_meant_and_nowhere_else() -> None:
    """No family is left without a word of caution, and none reads one that is not for it."""
    for answers in (*singles(), *pairs()):
        expected = tuple(name for name, meant in NOTICES.items() if meant(answers))
        assert composer().engine.decide(profile_of(answers)).notices == expected, answers


@cache
def _explained(number: int) -> Explanation:
    return explain(profile_of(singles()[number]))


def told() -> Iterator[tuple[Answers, Explanation]]:
    """What is told to a child with every answer at every stage."""
    for number, answers in enumerate(singles()):
        yield answers, _explained(number)


def test_every_section_stands_where_the_stage_puts_it() -> None:
    """The table of sections by stage holds for every pair of answers; an empty section is not shown."""
    for answers, explanation in told():
        for section in explanation.sections:
            ahead = "later" if section.id == "recurrent" else "any"
            assert section.timing == TIMINGS[answers["stage"]].get(section.id, ahead), (section.id, answers)


PLACES = {
    "newly_diagnosed": "at the start of the path",
    "induction": "is in induction",
    "consolidation": "is in consolidation",
    "maintenance": "is in maintenance",
    "finished": "has finished treatment",
    "relapsed": "has come back",
    UNKNOWN: "not sure which phase",
}


def test_every_family_reads_where_its_child_is() -> None:
    """One sentence fits the stage; the path is drawn, but not after a relapse, and never for another leukemia."""
    for answers, explanation in told():
        stage, place = answers["stage"], explanation.place
        if not is_all(answers):
            assert place is None
            continue
        assert place is not None
        assert PLACES[stage] in place.text
        assert ("hard" in place.text) == (stage == "relapsed" or leading(answers) == "residual")
        reached = stage == "induction" and answers["remission"] == "reached" and answers["mrd"] != "detected"
        assert ("the leukemia is in remission. Consolidation comes next" in place.text) == reached
        assert ("may not fit" in place.text) == (stage == "maintenance" and answers["remission"] == "not_reached")
        here = [stage == drawn for drawn in VALUES["stage"][:5]]
        assert [stop.here for stop in place.stops] == ([] if stage == "relapsed" else here)


FIRST = ("newly_diagnosed", "induction", "consolidation", "maintenance")
TEAM: dict[str, dict[str, str]] = {
    "leukemia_type": dict.fromkeys((*VALUES["stage"], UNKNOWN), "exact name"),
    "stage": {UNKNOWN: "Which phase"},
    "risk_group": {**dict.fromkeys((*FIRST, UNKNOWN), "in now?"), "finished": "during treatment"},
    "cell_type": dict.fromkeys((*VALUES["stage"], UNKNOWN), "B-cell ALL or T-cell ALL"),
    "ph_status": dict.fromkeys((*VALUES["stage"], UNKNOWN), "tested for the Philadelphia"),
    "gene_changes": dict.fromkeys((*FIRST, "finished", UNKNOWN), "gene or chromosome changes"),
    "csf_at_diagnosis": dict.fromkeys((*FIRST, "finished", UNKNOWN), "If so, some or many"),
    "remission": {
        **dict.fromkeys(("newly_diagnosed", UNKNOWN), "When will you check"),
        **dict.fromkeys(FIRST[1:], "in remission now"),
        "relapsed": "in remission again",
    },
    "mrd": {
        **dict.fromkeys(("newly_diagnosed", "induction", UNKNOWN), "be tested for MRD"),
        **dict.fromkeys(LATER_PHASES, "What did it show"),
        "finished": "Was MRD found",
    },
    "relapse_count": {"relapsed": "first relapse or a later one"},
    "relapse_timing": {"relapsed": "early or a late relapse"},
    "relapse_site": {"relapsed": "Where exactly"},
    "prior_cranial_radiation": {"relapsed": "treated with radiation before"},
    "prior_transplant": {"relapsed": "show an earlier stem cell transplant"},
    "donor": dict.fromkeys((*FIRST, "relapsed", UNKNOWN), "who could be tested as a donor"),
}
"""What the care team is asked while an answer is not known, by stage; nothing at the other stages."""


class Looked(dict[str, str]):
    """Answers that note which of them were looked at."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(answers)
        self.at: set[str] = set()

    def __getitem__(self, field: str) -> str:
        self.at.add(field)
        return super().__getitem__(field)


def open_fields(answers: Answers) -> Iterator[str]:
    """The answers not known on which something depends that this child is told, a look ahead at a relapse aside."""
    if is_all(answers):
        yield from (field for field in ("leukemia_type", "stage") if answers[field] == UNKNOWN)
    for name, (_, rule) in knowledge().statements.items():
        ahead = name.startswith("recurrent.") and answers["stage"] != "relapsed"
        if not ahead and concerns(name, rule.facts, answers) is None:
            for part in parts(name, rule.facts):
                looked = Looked(answers)
                if part(looked) is None:
                    yield from (field for field in looked.at if answers[field] == UNKNOWN)


def test_the_care_team_is_asked_what_is_open_in_words_that_fit_the_stage() -> None:
    """Each open answer brings the one question that fits, each other answer none."""
    for answers, explanation in told():
        wanted = {
            f"unknown.{f}": TEAM[f][answers["stage"]] for f in open_fields(answers) if answers["stage"] in TEAM[f]
        }
        asked = {question.id: question.text for question in explanation.questions if question.section is None}
        assert asked.keys() == wanted.keys(), answers
        for name, words in wanted.items():
            assert words in asked[name]
