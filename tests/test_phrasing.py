"""Conditions and reasons in words: the options' own phrases, with "and", "or" and "either" where they belong."""

from __future__ import annotations

from typing import Any

import pytest

from explainer.compose import composer
from explainer.loader import knowledge
from explainer.logic import parse
from explainer.phrasing import Phrasing
from tests.strategies import profile_of

PHRASING = Phrasing(knowledge())
HIGH = "the leukemia counts as high-risk"
T_CELL = "the leukemia is T-cell ALL"
PH = "the leukemia has the Philadelphia chromosome"
SIBLING = "a brother or sister is a matching donor"
MRD = "MRD is found after induction"


@pytest.mark.parametrize(
    ("when", "spoken"),
    [
        ({"risk_group": "high"}, HIGH),
        ({"not": {"risk_group": "standard"}}, HIGH),
        ({"any": [{"risk_group": "high"}, {"mrd": "detected"}]}, f"{HIGH}, or {MRD}"),
        ({"risk_group": "high", "cell_type": "t_cell"}, f"{HIGH} and {T_CELL}"),
        ({"risk_group": "high", "cell_type": "t_cell", "ph_status": "positive"}, f"{HIGH}, {T_CELL} and {PH}"),
        (
            {"relapse_site": ["csf", "testicle"], "risk_group": "high"},
            f"{HIGH} and either the relapse is in the spinal fluid or the relapse is in a testicle",
        ),
        ({"csf_at_diagnosis": ["some", "many"]}, "leukemia cells were in the spinal fluid at diagnosis"),
        (
            {"any": [{"risk_group": "high"}, {"mrd": "detected"}], "donor": "sibling_match"},
            f"{SIBLING} and either {HIGH} or {MRD}",
        ),
        (
            {
                "all": [
                    {"donor": "sibling_match"},
                    {"any": [{"mrd": "detected"}, {"risk_group": "high", "cell_type": "t_cell"}]},
                ]
            },
            f"{SIBLING} and {MRD}, or {SIBLING}, {HIGH} and {T_CELL}",
        ),
    ],
)
def test_a_condition_in_words(when: dict[str, Any], spoken: str) -> None:
    """A condition reads as one clause after "If", without a word of our logic."""
    assert PHRASING.condition(parse(when, knowledge().vocabulary)) == spoken


def test_a_concept_is_spelled_out_in_answers() -> None:
    """A family is told the answers that are open, not the name of our concept."""
    spoken = PHRASING.condition(parse({"concept": "higher_risk"}, knowledge().vocabulary))
    assert spoken == f"{HIGH}, or gene or chromosome changes raise the risk, or {MRD}"


def test_several_reasons_are_all_named() -> None:
    """When two answers lead to the same part, a family hears both."""
    profile = profile_of({"leukemia_type": "all", "stage": "induction", "risk_group": "high", "cell_type": "t_cell"})
    decision = composer().engine.decide(profile)
    firing = next(f for f in decision.trace if f.name == "induction.avoid-radiation")
    assert PHRASING.reasons(firing, decision, profile.answers) == (
        f"radiation to the brain may come up: the leukemia is in the high-risk group and {T_CELL}",
    )


def test_what_is_not_known_is_listed() -> None:
    """A possibility names the answers that would settle it."""
    assert PHRASING.not_known(["risk_group", "cell_type", "mrd"]) == (
        "it depends on the risk group, the cell type and the MRD result, and your answers leave that open"
    )


@pytest.mark.parametrize("question", knowledge().questions, ids=lambda question: question.field)
def test_every_answer_can_be_spoken(question: Any) -> None:
    """Each option has a clause that fits into a sentence: lower case, no full stop."""
    for option in question.options:
        for clause in (option.phrase, option.known or option.phrase):
            assert not clause.endswith("."), clause
            assert clause[0].islower() or clause.startswith("MRD"), clause
