"""Mutants of the rules: the same every time, each one mistake, each kind of mistake among them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from explainer.findings import Subject
from explainer.loader import load, read_files
from explainer.mutants import NOTHING, Mutant, mutants, sample
from explainer.resources import folder

FILES = read_files(folder("rules"))
MUTANTS = mutants(FILES)

KINDS = """
drop a condition, negate a condition, drop a part, swap all and any, flip an option, drop a value, add a value,
swap a concept, delete a rule, delete a notice, delete a place, delete a question, swap facts as firm, swap any facts,
drop a fact, harden a certainty, harden a fact, harden the words, move a section, flip a default
"""


def made(kind: str, thing: str) -> list[tuple[str, str]]:
    """The mutants of one kind in one thing: what was changed, and what the first edit puts in place."""
    found = [mutant for mutant in MUTANTS if (mutant.kind, mutant.thing) == (kind, thing)]
    return [(mutant.change, mutant.edits[0].value) for mutant in found]


def test_every_kind_of_mistake_is_made() -> None:
    """The suite is tried on all the slips that the issue names, and in every file that holds conditions."""
    assert {mutant.kind for mutant in MUTANTS} == {kind.strip() for kind in KINDS.split(",")}
    places = {mutant.place.removeprefix("rules/").removesuffix(".yaml") for mutant in MUTANTS}
    sections = {section.id for section in Subject.read(folder("rules")).knowledge.sections}
    assert places == {"concepts", "notices", "path", "questionnaire", *sections}


def test_the_same_files_give_the_same_mutants() -> None:
    """A survivor of yesterday can be looked at today."""
    assert mutants(read_files(folder("rules"))) == MUTANTS


def test_each_mutant_differs_from_the_rules_and_from_the_others() -> None:
    """Nothing is counted twice, and nothing that is no mistake."""
    texts = Counter(json.dumps(mutant.changed(FILES)) for mutant in MUTANTS)
    assert set(texts.values()) == {1}
    for mutant in MUTANTS:
        assert any(data != FILES[name].data for name, data in mutant.changed(FILES).items())


def test_nothing_changed_is_the_same_knowledge(tmp_path: Path) -> None:
    """The form in which mutants are written changes nothing by itself."""
    for name, text in NOTHING.files(FILES).items():
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert load(tmp_path) == load(folder("rules"))


@pytest.mark.parametrize(
    ("kind", "thing", "change", "value"),
    [
        ("drop a condition", "induction.fourth-drug", "`when` is dropped", None),
        (
            "negate a condition",
            "induction.fourth-drug",
            "`when` is turned into its opposite",
            {"not": {"risk_group": "high"}},
        ),
        ("flip an option", "induction.fourth-drug", "risk_group: high becomes standard", "standard"),
        ("add a value", "induction.fourth-drug", "risk_group: standard is added", ["high", "standard"]),
        ("drop a value", "concept cells_in_csf", "csf_at_diagnosis: some is dropped", None),
        ("drop a part", "recurrent.csf-radiation", "`relapse_site` is dropped from a condition", None),
        ("drop a part", "concept extramedullary_relapse", "`not` is dropped", {"relapse_site": "bone_marrow"}),
        ("swap a concept", "consolidation.extra-drugs", "higher_risk becomes cells_in_csf", "cells_in_csf"),
        ("swap facts as firm", "induction.goal", "it changes facts with induction.remission-means", ["induction.1b"]),
        ("harden a certainty", "induction.early-drugs", "possible becomes usual", "usual"),
        ("move a section", "section induction", "at induction, now becomes next", "next"),
        ("flip a default", "question look_ahead", "the default becomes true", "true"),
    ],
)
def test_what_a_mutant_changes(kind: str, thing: str, change: str, value: object) -> None:
    """An author would recognise each as a slip of the hand."""
    assert (change, value) in made(kind, thing)


def test_words_lose_every_hedge() -> None:
    """What may happen is made certain, and nothing else in the sentence changes."""
    ((_, hard),) = made("harden the words", "induction.targeted-drug")
    assert hard.startswith("A targeted drug, such as imatinib (Gleevec), will be added for leukemia")


def test_a_mutant_knows_its_line() -> None:
    """A finding leads to the very line of the mistake."""
    for mutant in MUTANTS:
        lines = (folder("rules").parent / mutant.place).read_text("utf-8").splitlines()
        assert 1 <= mutant.line <= len(lines)
    (flipped,) = [m for m in MUTANTS if (m.kind, m.thing) == ("flip an option", "induction.fourth-drug")]
    assert (
        "when: {risk_group: high}"
        in (folder("rules") / "induction.yaml").read_text("utf-8").splitlines()[flipped.line - 1]
    )


def names(chosen: list[Mutant]) -> list[tuple[str, str]]:
    return [(mutant.thing, str(mutant.edits)) for mutant in chosen]


def test_a_sample_holds_every_kind_by_its_share() -> None:
    """CI tries a few of each kind of mistake, and the same ones every time."""
    chosen = sample(MUTANTS, 60, seed=1)
    assert 55 <= len(chosen) <= 70
    assert {mutant.kind for mutant in chosen} == {mutant.kind for mutant in MUTANTS}
    assert names(chosen) == names(sample(MUTANTS, 60, seed=1)) != names(sample(MUTANTS, 60, seed=2))
    assert len(set(names(chosen))) == len(chosen)
