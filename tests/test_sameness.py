"""Two versions of the rules: the same to every child, or not, and to whom."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from explainer import Profile
from explainer.compose import Composer, composer
from explainer.loader import load, read_files
from explainer.mutants import NOTHING, Mutant, mutants
from explainer.mutation import settle
from explainer.resources import folder
from tests.children import NOTHING_KNOWN
from tests.sameness import Difference, children, difference
from tests.strategies import ALLOWED, UNKNOWN, VALUES, answers

FILES = read_files(folder("rules"))


MUTANTS = mutants(FILES)


def mutant_of(thing: str, change: str, key: str = "") -> Mutant:
    """The mutant of a thing with this change, at a path that holds `key`."""
    found = [mutant for mutant in MUTANTS if (mutant.thing, mutant.change) == (thing, change)]
    return next(mutant for mutant in found if not key or key in mutant.edits[0].path)


def found(mutant: Mutant, home: Path) -> Difference | None:
    settle(home, mutant.files(FILES))
    return difference(composer(), Composer(load(home / "rules")))


def test_the_rules_are_the_same_as_themselves(tmp_path: Path) -> None:
    """Nothing changed is a difference to nobody."""
    assert found(NOTHING, tmp_path) is None


@pytest.mark.parametrize(
    ("thing", "change", "key"),
    [
        ("section induction", "at relapsed, earlier becomes now", "timing"),  # it is not shown then
        ("question risk_group", "one of leukemia_type and stage is enough", "team"),  # it is open nowhere else
        ("question mrd", "`leukemia_type` is dropped from a condition", "asked_when"),  # no stage is known then
    ],
)
def test_what_nobody_would_notice_is_equivalent(thing: str, change: str, key: str, tmp_path: Path) -> None:
    """A mutant that no test could ever kill is recognised, and not held against the tests."""
    assert found(mutant_of(thing, change, key), tmp_path) is None


@pytest.mark.parametrize(
    ("thing", "change", "part"),
    [
        ("induction.fourth-drug", "risk_group: high becomes standard", "induction.fourth-drug"),
        ("concept higher_risk", "mrd: detected becomes not_detected", "consolidation.extra-drugs"),
        ("notice look-ahead", "the notice is deleted", "notice look-ahead"),
        ("place 9", "the path is no longer drawn", "place"),
        ("section induction", "at induction, now becomes next", "section induction"),
        ("question look_ahead", "the default becomes true", "the answers that nobody gave"),
        ("question remission", "stage: unknown is dropped", "question to the team unknown.remission"),
        ("question relapse_site", "`when` is dropped", "question to the team unknown.relapse_site"),
        ("question donor", "relapse_count: unknown is dropped", "question donor"),
        ("induction.goal", "it changes facts with induction.remission-means", "induction.goal"),
    ],
)
def test_a_child_who_would_notice_is_named(thing: str, change: str, part: str, tmp_path: Path) -> None:
    """An author gets an example of a child, and what is no longer the same to it."""
    differs = found(mutant_of(thing, change), tmp_path)
    assert differs is not None
    assert part in differs.parts, differs
    Profile.read(differs.profile)


FEW = ("stage", "relapse_site", "prior_cranial_radiation", "look_ahead")


def test_children_are_all_that_answer_these_fields() -> None:
    """Every valid combination comes once; what a question depends on is answered too."""
    listed = list(children(Profile, ["prior_cranial_radiation", "look_ahead"]))
    fields = {"leukemia_type", *FEW}
    words = [(*VALUES[name], UNKNOWN) if name in fields else (NOTHING_KNOWN[name],) for name in VALUES]
    words[-1] = VALUES["look_ahead"]
    possible = [dict(zip(VALUES, chosen, strict=True)) for chosen in product(*words)]
    valid = [child for child in possible if all(child[n] == NOTHING_KNOWN[n] or ALLOWED[n](child) for n in VALUES)]
    assert sorted(map(str, listed)) == sorted(map(str, valid))


@settings(max_examples=20)
@given(answers())
def test_a_child_that_answers_no_other_fields_is_among_them(words: dict[str, str]) -> None:
    """Nobody is left out, whatever is answered."""
    answered = [name for name in VALUES if words[name] != NOTHING_KNOWN[name]]
    assume(len(answered) <= 3)
    assert words in list(children(Profile, answered))
