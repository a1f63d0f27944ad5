"""Hypothesis strategies for profiles, from the table of fields stated here once more, apart from rules/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from explainer import Profile
from explainer.profile import ProfileModel

Answers = Mapping[str, str]

UNKNOWN = "unknown"
FIRST_TREATMENT = ("newly_diagnosed", "induction", "consolidation", "maintenance", UNKNOWN)
VALUES: dict[str, tuple[str, ...]] = {
    "leukemia_type": ("all", "aml", "apl", "jmml", "cml"),
    "stage": ("newly_diagnosed", "induction", "consolidation", "maintenance", "finished", "relapsed"),
    "risk_group": ("standard", "high"),
    "cell_type": ("b_cell", "t_cell"),
    "ph_status": ("positive", "negative"),
    "gene_changes": ("found", "not_found"),
    "csf_at_diagnosis": ("none", "some", "many"),
    "relapse_count": ("first", "second_or_later"),
    "relapse_timing": ("early", "late"),
    "relapse_site": ("bone_marrow", "csf", "testicle", "other"),
    "prior_cranial_radiation": ("done", "not_done"),
    "prior_transplant": ("done", "not_done"),
    "remission": ("reached", "not_reached"),
    "mrd": ("not_detected", "detected"),
    "donor": ("sibling_match", "other_match", "none_found"),
    "look_ahead": ("true", "false"),
}


def is_all(answers: Answers) -> bool:
    """ALL, or not known to be anything else."""
    return answers["leukemia_type"] in ("all", UNKNOWN)


def in_first_treatment(answers: Answers) -> bool:
    return is_all(answers) and answers["stage"] in FIRST_TREATMENT


def relapsed(answers: Answers) -> bool:
    return is_all(answers) and answers["stage"] == "relapsed"


def _either(answers: Answers) -> bool:
    return in_first_treatment(answers) or relapsed(answers)


def _after_start(answers: Answers) -> bool:
    return is_all(answers) and answers["stage"] in ("induction", "consolidation", "maintenance")


def leading(answers: Mapping[str, object]) -> str | None:
    """The section that stands ahead of all others, whatever its timing."""
    if answers["stage"] == "newly_diagnosed":
        return "overview"
    remains = answers["remission"] == "not_reached" or answers["mrd"] == "detected"
    return "residual" if remains and answers["stage"] in ("induction", "consolidation") else None


ALLOWED: dict[str, Callable[[Answers], bool]] = {
    "leukemia_type": lambda _: True,
    "stage": is_all,
    "risk_group": in_first_treatment,
    "cell_type": _either,
    "ph_status": _either,
    "gene_changes": in_first_treatment,
    "csf_at_diagnosis": in_first_treatment,
    "relapse_count": relapsed,
    "relapse_timing": relapsed,
    "relapse_site": relapsed,
    "prior_cranial_radiation": lambda answers: relapsed(answers) and answers["relapse_site"] == "csf",
    "prior_transplant": relapsed,
    "remission": lambda answers: _after_start(answers) or relapsed(answers),
    "mrd": _after_start,
    "donor": _either,
    "look_ahead": lambda answers: answers["stage"] != "relapsed",
}


@st.composite
def answers(draw: st.DrawFn, /, **given: str) -> dict[str, str]:
    """Valid answers, a word for every field; `given` ones are kept where they are allowed."""
    found: dict[str, str] = {}
    for field, values in VALUES.items():
        default = "false" if field == "look_ahead" else UNKNOWN
        if not ALLOWED[field]({**dict.fromkeys(VALUES, UNKNOWN), **found}):
            found[field] = default
        elif field in given:
            found[field] = given[field]
        else:
            found[field] = draw(st.sampled_from(values if field == "look_ahead" else (*values, UNKNOWN)))
    return found


def words_for(field: str) -> st.SearchStrategy[str]:
    return st.sampled_from((*VALUES[field], UNKNOWN))


def profile_of(words: Answers) -> ProfileModel:
    return Profile(**words)


def profiles(**given: str) -> st.SearchStrategy[ProfileModel]:
    """Every valid profile there is, with some answers fixed."""
    return answers(**given).map(profile_of)


@st.composite
def broken_answers(draw: st.DrawFn) -> tuple[dict[Any, Any], str]:
    """Answers with one mistake, and the field that the error has to name."""
    found: dict[Any, Any] = dict(draw(answers()))
    kind = draw(st.sampled_from(["unknown field", "unknown value", "wrong type", "not asked"]))
    if kind == "unknown field":
        name = draw(st.text(min_size=1, max_size=20).filter(lambda text: text not in VALUES))
        return {**found, name: "unknown"}, name
    if kind == "not asked":
        moot = [field for field in VALUES if not ALLOWED[field](found)]
        if moot:
            field = draw(st.sampled_from(moot))
            return {**found, field: "true" if field == "look_ahead" else draw(st.sampled_from(VALUES[field]))}, field
    field = draw(st.sampled_from(list(VALUES)))
    if kind == "wrong type":
        wrong = st.one_of(st.none(), st.integers(), st.floats(), st.lists(st.text()), st.binary())
        return {**found, field: draw(wrong)}, field
    word = draw(st.text(max_size=30).filter(lambda text: text not in (*VALUES[field], UNKNOWN)))
    return {**found, field: word}, field


steps = st.lists(st.sampled_from(sorted(VALUES)).flatmap(lambda field: st.tuples(st.just(field), words_for(field))))
"""Answers in any order, to questions that may not be asked, changed as often as anybody likes."""
