"""The plain evaluator that the engine is held to."""

from __future__ import annotations

from explainer.oracle import FALSE, OPEN, TRUE
from tests.oracle import shipped
from tests.strategies import VALUES


def test_it_reads_the_questions_of_the_rules() -> None:
    """The oracle knows every field with its values, in order, read from the raw file."""
    assert shipped().fields == VALUES


def test_three_values_by_hand() -> None:
    """What is known decides; what is unknown leaves open, unless every answer would do."""
    oracle = shipped()
    unknown = dict.fromkeys(VALUES, "unknown")
    assert oracle.value({"risk_group": "high"}, {**unknown, "risk_group": "high"}) == TRUE
    assert oracle.value({"risk_group": "high"}, {**unknown, "risk_group": "standard"}) == FALSE
    assert oracle.value({"risk_group": "high"}, unknown) == OPEN
    assert oracle.value({"risk_group": ["standard", "high"]}, unknown) == TRUE
    assert oracle.value({"concept": "higher_risk"}, {**unknown, "mrd": "detected"}) == TRUE
    assert (
        oracle.value(
            {"any": [{"any": [{"risk_group": "high"}, {"mrd": "detected"}]}, {"risk_group": "standard"}]}, unknown
        )
        == TRUE
    )
    assert oracle.value({"any": [{"not": {"risk_group": "high"}}, {"risk_group": "high"}]}, unknown) == TRUE
    assert oracle.value({"not": {"all": [{"risk_group": "high"}, {"risk_group": "standard"}]}}, unknown) == TRUE
    assert oracle.value({"not": {"any": [{"risk_group": "high"}, {"risk_group": "standard"}]}}, unknown) == FALSE
    assert oracle.value({"not": {"concept": "higher_risk"}}, {**unknown, "mrd": "detected"}) == FALSE
