"""Every fact reaches exactly the children whom it concerns: `who` of facts.yaml, stated here apart from rules/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from explainer import explain
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from tests.strategies import UNKNOWN, Answers, is_all, profiles

Truth = bool | None  # None: it depends on an answer that is not known
Who = Callable[[Answers], Truth]


def says(field: str, *values: str) -> Who:
    return lambda answers: None if answers[field] == UNKNOWN else answers[field] in values


def either(*whos: Who) -> Who:
    def who(answers: Answers) -> Truth:
        found = [inner(answers) for inner in whos]
        return True if True in found else None if None in found else False

    return who


def everyone(_: Answers) -> Truth:
    return True


STANDARD = says("risk_group", "standard")
HIGH = says("risk_group", "high")
PH = says("ph_status", "positive")
HIGHER = either(HIGH, says("gene_changes", "found"), says("mrd", "detected"))
BRAIN = either(HIGH, says("cell_type", "t_cell"), says("csf_at_diagnosis", "many"))

WHO: dict[str, Who] = {
    "induction.3a": STANDARD,
    "induction.3b": HIGH,
    "induction.4a": PH,
    "induction.5d": either(HIGH, says("csf_at_diagnosis", "some", "many")),
    "induction.7a": BRAIN,
    "induction.7b": BRAIN,
    "induction.7c": BRAIN,
    "consolidation.2a": STANDARD,
    "consolidation.2b": STANDARD,
    "consolidation.3a": HIGHER,
    "consolidation.3b": HIGHER,
    "consolidation.3c": HIGHER,
    "consolidation.5a": PH,
    "consolidation.6a": says("cell_type", "b_cell"),
    "consolidation.7a": HIGHER,
    "maintenance.2a": HIGHER,
    "residual.1c": says("remission", "not_reached"),
    "residual.2b": says("mrd", "detected"),
    "residual.3a": either(says("remission", "not_reached"), says("mrd", "detected")),
    "recurrent.1c": says("relapse_timing", "late"),
    "recurrent.2a": says("relapse_timing", "early"),
    "recurrent.3a": either(says("relapse_timing", "early"), says("cell_type", "t_cell")),
    "recurrent.3b": says("relapse_count", "second_or_later"),
    "recurrent.4a": says("relapse_site", "csf", "testicle", "other"),
    "recurrent.4b": says("relapse_site", "csf"),
    "recurrent.4c": says("relapse_site", "testicle"),
    "recurrent.5a": either(says("remission", "not_reached"), says("prior_transplant", "done")),
    **dict.fromkeys(("ph.1a", "ph.1b", "ph.2a", "ph.2b", "ph.2c"), PH),
}
"""Facts that do not concern every child at their stage. For the others, `who` is everyone."""

FIRST = ("newly_diagnosed", "induction", "consolidation", "maintenance")
STAGES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("overview", "induction", "consolidation", "maintenance"), (*FIRST, "finished", UNKNOWN)),
    "residual": (*FIRST, UNKNOWN),
    "ph": (*FIRST, "finished", "relapsed", UNKNOWN),
    "recurrent": ("relapsed",),
}
TIMINGS = {
    "newly_diagnosed": {"induction": "next", "consolidation": "later", "maintenance": "later"},
    "induction": {"induction": "now", "consolidation": "next", "maintenance": "later"},
    "consolidation": {"induction": "earlier", "consolidation": "now", "maintenance": "next"},
    "maintenance": {"induction": "earlier", "consolidation": "earlier", "maintenance": "now"},
    "finished": dict.fromkeys(("induction", "consolidation", "maintenance", "ph"), "earlier"),
    "relapsed": {"recurrent": "now"},
    UNKNOWN: {},
}
"""Where a section stands at each stage; `any` where nothing is listed, `later` for a look ahead."""


def shows_section(section: str, answers: Answers) -> bool:
    if section == "support":
        return True
    ahead = section == "recurrent" and answers["look_ahead"] == "true"
    return is_all(answers) and (ahead or answers["stage"] in STAGES[section])


@settings(max_examples=400)
@given(profiles())
def test_every_fact_reaches_those_whom_it_concerns_and_nobody_else(profile: ProfileModel) -> None:
    """A fact is told as certain where it concerns the child, as a possibility where that is open, else not at all."""
    definite: set[str] = set()
    conditional: set[str] = set()
    for section in explain(profile).sections:
        for statement in section.statements:
            (definite if statement.applies == "definite" else conditional).update(statement.facts)
    for fact in knowledge().facts:
        concerns: Truth = False
        if shows_section(fact.id.partition(".")[0], profile.answers):
            concerns = WHO.get(fact.id, everyone)(profile.answers)
        told = True if fact.id in definite else None if fact.id in conditional else False
        assert told == concerns, fact.id


@given(profiles())
def test_sections_stand_where_the_stage_puts_them(profile: ProfileModel) -> None:
    """The table of sections by stage holds for every child."""
    stage = profile.answers["stage"]
    for section in explain(profile).sections:
        ahead = "later" if section.id == "recurrent" else "any"
        assert section.timing == TIMINGS[stage].get(section.id, ahead)


def test_who_is_stated_for_the_facts_that_need_it() -> None:
    """The list of facts and this file agree on which facts do not concern everyone."""
    emphasised = {"induction.6b"}
    assert {fact.id for fact in knowledge().facts if fact.who != "all"} - emphasised == set(WHO)


def test_all_76_facts_are_listed_and_told() -> None:
    """The knowledge is complete: no fact of the document is left out."""
    told = {fact for section in knowledge().sections for rule in section.rules for fact in rule.facts}
    assert len(knowledge().facts) == 76
    assert told == {fact.id for fact in knowledge().facts}


SHARED = Path(__file__).resolve().parents[2] / "shared" / "source" / "facts.yaml"


@pytest.mark.skipif(not SHARED.is_file(), reason="the document and its list of facts are not part of this repository")
def test_the_list_of_facts_is_the_one_drawn_from_the_document() -> None:
    """Ids, certainty and `who` are those of the list that was drawn from the document itself."""
    from explainer.knowledge import Facts
    from explainer.logic import Vocabulary
    from explainer.values import Names
    from explainer.yamltext import read

    drawn = Facts.model_validate(read(SHARED, "facts.yaml").data, context=Names(Vocabulary({})))
    assert [(f.id, f.certainty, f.who) for f in knowledge().facts] == [(f.id, f.certainty, f.who) for f in drawn.facts]
