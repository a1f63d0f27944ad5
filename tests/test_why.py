"""Why a statement is shown or not, and the smallest change that would turn it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from itertools import chain, combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import Profile, explain
from explainer.compose import Composer, composer
from explainer.errors import InputError
from explainer.loader import load
from explainer.oracle import TRUE, Oracle
from explainer.profile import ProfileModel
from explainer.render import render_template
from explainer.resources import folder
from explainer.why import Change, Why, why
from tests.oracle import decide, shipped
from tests.spoil import changed_sample
from tests.strategies import ALLOWED, UNKNOWN, VALUES, profiles

STATEMENTS = [name for told in shipped().statements.values() for name in told]
statements = st.sampled_from(STATEMENTS)


def ask(statement: str, **answers: object) -> Why:
    return why(composer(), Profile(**answers), statement)


def shown(profile: ProfileModel, statement: str) -> str:
    """How an explanation tells the statement."""
    told = {s.id: s.applies for section in explain(profile).sections for s in section.statements}
    return told.get(statement, "no")


def changed(profile: ProfileModel, change: Change) -> tuple[ProfileModel, tuple[str, ...]]:
    return Profile.settle(profile.answers | {switch.field: switch.instead for switch in change.switches})


# --- the same, worked out a second time -------------------------------------------------------


def settled(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers less those that others make moot."""
    kept = dict(answers)
    for name in VALUES:
        if not ALLOWED[name](kept):
            kept[name] = "false" if name == "look_ahead" else UNKNOWN
    return kept


def told(oracle: Oracle, statement: str, answers: Mapping[str, str]) -> str:
    section = statement.partition(".")[0]
    if oracle.value(oracle.sections[section], answers) != TRUE:
        return "no"
    return ("no", "conditional", "definite")[oracle.value(oracle.statements[section][statement], answers)]


def named_in(raw: Any, oracle: Oracle) -> Iterator[str]:
    """Every field that a raw condition looks at."""
    if isinstance(raw, list):
        for part in raw:
            yield from named_in(part, oracle)
    elif isinstance(raw, dict):
        for key, value in raw.items():
            if key in VALUES:
                yield key
            else:
                yield from named_in(oracle.concepts[value] if key == "concept" else value, oracle)


def every_change(statement: str, answers: Mapping[str, str], size: int) -> set[frozenset[tuple[str, str]]]:
    """Every set of answers that turns the statement and makes `size` answers other than before, by trying them all."""
    oracle = shipped()
    section = statement.partition(".")[0]
    hidden = told(oracle, statement, answers) == "no"
    decide = {"leukemia_type", "stage", "relapse_site"}  # what may be answered at all
    looked_at = decide.union(
        *(named_in(raw, oracle) for raw in (oracle.sections[section], oracle.statements[section][statement]))
    )
    found = set()
    names = [name for name in VALUES if name in looked_at]
    for fields in chain.from_iterable(combinations(names, count) for count in range(1, size + 1)):
        for values in product(*(set(VALUES[name]) - {answers[name]} for name in fields)):
            chosen = dict(zip(fields, values, strict=True))
            after = settled({**answers, **chosen})
            differing = sum(after[name] != answers[name] for name in VALUES)
            turned = (told(oracle, statement, after) == "no") != hidden
            if differing == size and chosen.items() <= after.items() and turned:
                found.add(frozenset(chosen.items()))
    return found


# --- every profile and statement --------------------------------------------------------------


@given(profiles(), statements)
def test_it_agrees_with_the_explanation(profile: ProfileModel, statement: str) -> None:
    """What is said to be shown is shown, for the same reasons; what is said not to be shown is not."""
    found = why(composer(), profile, statement)
    assert found.shown == shown(profile, statement)
    parts = [s for section in explain(profile).sections for s in section.statements if s.id == statement]
    for part in parts:
        assert (found.text, found.because, found.needs) == (part.text, part.because, part.condition)
    assert found.section_missing == (statement.partition(".")[0] not in decide(shipped(), profile.answers).sections)


@given(profiles(), statements)
def test_every_change_turns_the_statement(profile: ProfileModel, statement: str) -> None:
    """Each change, once made, hides what was shown or shows what was not, and names what it makes moot."""
    found = why(composer(), profile, statement)
    for change in found.changes:
        after, dropped = changed(profile, change)
        assert shown(after, statement) == change.becomes
        assert (change.becomes == "no") == (found.shown != "no")
        assert dropped == change.drops
        for switch in change.switches:
            assert switch.given == profile.answers[switch.field] != switch.instead


@given(profiles(), statements)
def test_no_smaller_change_would_do(profile: ProfileModel, statement: str) -> None:
    """The changes are all of the smallest ones that there are: trying every set of answers finds no other."""
    changes = why(composer(), profile, statement).changes
    found = [frozenset((switch.field, switch.instead) for switch in change.switches) for change in changes]
    size = len(changes[0].switches) + len(changes[0].drops) if changes else 0
    assert set(found) == (every_change(statement, profile.answers, size) if found else set())
    assert len(set(found)) == len(found)
    for smaller in range(1, size or 4):
        assert not every_change(statement, profile.answers, smaller)


@given(profiles(), statements)
def test_the_chain_holds_what_happened(profile: ProfileModel, statement: str) -> None:
    """Every step is a firing of this very decision, in its order, and the statement's own comes last."""
    found = why(composer(), profile, statement)
    trace: list[tuple[object, ...]] = [
        (f.kind, f.name, f.applies, dict(f.on)) for f in composer().engine.decide(profile).trace
    ]
    places = [trace.index((step.kind, step.name, step.applies, dict(step.on))) for step in found.chain]
    assert places == sorted(set(places))
    if found.shown != "no":
        assert (found.chain[-1].name, found.chain[-1].applies) == (statement, found.shown)
        assert {"section", "statement"} <= {step.kind for step in found.chain}


@given(profiles(), statements)
def test_the_text_is_whole(profile: ProfileModel, statement: str) -> None:
    """Nothing of the machinery shows through the text, every line fits, and no list is left without items."""
    text = render_template("why.txt", why=why(composer(), profile, statement))
    odd = re.search(r"None(?! are found)|[][{}]|\(\)| \.|\.\.|\n\n\n", text)
    assert odd is None
    assert max(map(len, text.splitlines())) <= 80
    for lead, line in pairwise(filter(None, text.splitlines())):
        assert not lead.endswith(":") or line.startswith("  ")


# --- examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [*VALUES["stage"], UNKNOWN])
@pytest.mark.parametrize("statement", [name for name in STATEMENTS if name.startswith("support.")])
def test_what_every_family_is_told_has_no_change(statement: str, stage: str) -> None:
    """Where no answer matters, it says so and makes up no change."""
    found = ask(statement, stage=stage)
    assert (found.shown, found.needs, found.changes) == ("definite", None, ())
    assert "Every family is told this." in render_template("why.txt", why=found)


def test_a_statement_on_a_concept_names_the_rules_in_between() -> None:
    """Why a drug is named: the MRD result makes it higher risk, and higher risk brings the statement."""
    found = ask("consolidation.extra-drugs", stage="consolidation", mrd="detected")
    assert [(step.kind, step.name) for step in found.chain] == [
        ("concept", "higher_risk"),
        ("section", "consolidation"),
        ("statement", "consolidation.extra-drugs"),
    ]
    assert found.because == ("the leukemia counts as higher risk: MRD was found",)


def test_a_part_that_is_not_shown_names_the_answer_that_hides_it() -> None:
    """Why is there nothing about a relapse? Because of the stage, and because nobody asked to look ahead."""
    found = ask("recurrent.late", stage="induction")
    assert (found.shown, found.section_missing) == ("no", True)
    assert found.because == (
        "your child is in induction",
        "you did not ask to see what happens if the leukemia comes back",
    )
    assert found.needs is not None
    assert found.needs.startswith("the leukemia has come back")
    assert [[(switch.field, switch.instead) for switch in change.switches] for change in found.changes] == [
        [("stage", "relapsed")],
        [("look_ahead", "true")],
    ]
    assert render_template("why.txt", why=found).count("with an “If”") == 2


def test_what_is_met_already_is_not_asked_for() -> None:
    """Of several answers that a statement needs, only those are named that are not there yet."""
    found = ask("ph.transplant-donor", ph_status="negative", donor="sibling_match")
    assert found.needs == "the leukemia has the Philadelphia chromosome"
    assert found.because == ("the leukemia does not have the Philadelphia chromosome",)


def test_a_change_opens_the_questions_that_it_needs(tmp_path: Path) -> None:
    """Where a rule looks at an answer that is not asked for yet, the change names the stage that opens it."""
    rules = shutil.copytree(folder("rules"), tmp_path / "rules")
    text = (rules / "support.yaml").read_text("utf-8")
    late_only = text.replace("- id: doctor\n", "- id: doctor\n        when: {relapse_timing: late}\n")
    (rules / "support.yaml").write_text(late_only, "utf-8")
    found = why(Composer(load(rules)), Profile(stage="induction"), "support.doctor")
    assert found.shown == "conditional"
    assert [[(switch.field, switch.instead) for switch in change.switches] for change in found.changes] == [
        [("stage", "relapsed"), ("relapse_timing", "early")]
    ]


@pytest.mark.parametrize(
    ("statement", "meant"),
    [("induction.forth-drug", "induction.fourth-drug"), ("fourth-drug", "induction.fourth-drug")],
)
def test_an_unknown_statement_is_refused_with_the_nearest(statement: str, meant: str) -> None:
    """Whoever mistypes a name, or forgets its section, reads the one that was meant."""
    with pytest.raises(InputError, match=rf"'{statement}'.*did you mean {meant}\?"):
        ask(statement)


def test_a_concept_that_is_named_like_the_section_is_no_reason(tmp_path: Path) -> None:
    """Names of rules of another kind do not get into the chain of firings."""
    named_alike = "  - id: pots\n    phrase: it is a fern\n    when: {plant: fern}\n\n  - id: thirsty"
    rules = changed_sample(tmp_path, ("concepts", "  - id: thirsty", named_alike))
    known = load(rules)
    found = why(Composer(known), known.profile.read({"plant": "fern"}), "pots.bigger")
    assert [step for step in found.chain if step.kind == "concept"] == []
