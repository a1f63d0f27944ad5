"""The benchmark: its rows say what they mean, its clock is fair, and what it compares decides the same."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given

from bench import __main__ as runner
from bench.children import children
from bench.explain import KEEPING, anew, composer_that_keeps_nothing
from bench.growth import generated
from bench.peers.plain import Plain
from bench.peers.rows import Rows
from bench.peers.same import first_difference
from bench.table import Row, Times, as_json, as_text, at_least, at_most, timed
from explainer import render as templates
from explainer.compose import composer
from explainer.engine import Engine
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.render import render
from tests.strategies import profiles

ROOT = Path(__file__).resolve().parents[1]
ROWS = Rows(knowledge())
PLAIN = {"plain if": Plain(ROWS)}


# --- the table -------------------------------------------------------------------------------


@pytest.mark.parametrize(("ratio", "below", "above"), [(0.3, True, False), (0.4, True, True), (0.5, False, True)])
def test_a_goal_is_met_up_to_the_figure_itself(ratio: float, below: bool, above: bool) -> None:
    """Nobody has to work out whether a goal was met, or which way it runs."""
    assert at_most("a", 1, "µs", "b", ratio, 0.4) == Row("a", 1, "µs", "b", ratio, "at most 0.4", below)
    assert at_least("a", 1, "µs", "b", ratio, 0.4) == Row("a", 1, "µs", "b", ratio, "at least 0.4", above)


def test_a_ratio_is_that_of_rounds_side_by_side() -> None:
    """What slows the machine in one round slows both, so it drops out."""
    ours, theirs = Times((1.0, 10.0, 2.0)), Times((2.0, 20.0, 8.0))
    assert (ours.over(theirs), theirs.over(ours)) == (0.5, 2.0)
    assert ours.middle == 2.0


def test_no_call_sees_an_item_twice() -> None:
    """What is measured is the work for something new, for every call and with the calls taking turns."""
    seen: list[tuple[str, int]] = []
    ticks = iter(range(1_000))
    calls = {name: lambda item, name=name: seen.append((name, item)) for name in ("one", "other")}
    times = timed(calls, range(23), rounds=3, turn=2, clock=lambda: next(ticks))
    assert sorted(seen) == [(name, item) for name in ("one", "other") for item in range(23)]
    assert [name for name, _ in seen[:8]] == ["one", "one", "other", "other", "other", "other", "one", "one"]
    assert times["one"].rounds == times["other"].rounds == (4 / 8, 4 / 8, 4 / 7)
    with pytest.raises(ValueError, match="3 rounds want at least as many items, not 2"):
        timed(calls, range(2), rounds=3)


def test_rows_can_be_read_by_people_and_programs() -> None:
    """The table and the JSON hold the same."""
    rows = [Row("load", 1234.5, "ms"), at_most("decide", 0.01234, "s", "other", 0.61, 0.5)]
    assert as_text(rows).splitlines() == [
        "| what   | measured | against | ratio | goal        | met |",
        "| ------ | -------- | ------- | ----- | ----------- | --- |",
        "| load   | 1,234 ms |         |       |             |     |",
        "| decide | 0.0123 s | other   | 0.61  | at most 0.5 | NO  |",
    ]
    assert [Row(**row) for row in json.loads(as_json(rows))["rows"]] == rows


# --- the measures ----------------------------------------------------------------------------


def test_every_measure_is_run() -> None:
    """A module with a `measure` is in the runner's list, and each of the list has one."""
    measures = {path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef measure(" in path.read_text("utf-8")}
    assert measures == set(runner.MEASURES)
    assert all(callable(import_module(f"bench.{name}").measure) for name in runner.MEASURES)


def test_a_measure_that_there_is_not_is_one_clear_message() -> None:
    """A slip of the pen does not measure everything."""
    with pytest.raises(SystemExit, match=r"^bench: there is no decied; choose among decide, "):
        runner.main(["decied"])


def test_the_documents_show_the_last_run() -> None:
    """The table in docs/bench.md is that of docs/bench.json, word for word."""
    rows = [Row(**row) for row in json.loads(runner.RESULTS.read_text("utf-8"))["rows"]]
    assert as_text(rows) in (ROOT / "docs" / "bench.md").read_text("utf-8")


def test_children_are_all_different_and_the_same_every_time() -> None:
    """Nothing that is measured has been seen before, and a run can be repeated."""
    model = knowledge().profile
    found = children(model, 300, seed=1)
    assert len({tuple(child.answers.values()) for child in found}) == 300
    assert found == children(model, 300, seed=1) != children(model, 300, seed=2)


# --- what we are compared with ---------------------------------------------------------------


@given(profiles())
def test_the_rows_of_the_peers_decide_as_the_engine_does(profile: ProfileModel) -> None:
    """What every peer is made of says the same as the rules: concepts, sections, notices, statements and trace."""
    assert first_difference(composer().engine, ROWS, PLAIN, [profile]) is None


def test_a_peer_that_decides_otherwise_is_found() -> None:
    """The benchmark refuses to time what does not do the same work."""

    class Forgetful(Plain):
        def __init__(self) -> None:
            whole = PLAIN["plain if"].fired
            self.fired = lambda answers: whole(answers)[1:]

    found = first_difference(
        composer().engine, ROWS, {"forgetful": Forgetful()}, children(knowledge().profile, 50, seed=1)
    )
    assert found is not None
    assert found.startswith("forgetful decides otherwise about {")


def test_generated_rules_are_decided_right() -> None:
    """What is measured as rules grow is right as well, though its rules fill several rulesets."""
    made = generated(200)
    rows = Rows(made)
    assert len(made.statements) == 200
    assert first_difference(Engine(made), rows, {"plain if": Plain(rows)}, children(made.profile, 60, seed=1)) is None


def test_a_row_is_not_changed_by_accident() -> None:
    """Results that were measured stay as they were."""
    with pytest.raises(AttributeError):
        Row("a", 1, "µs").name = "b"  # type: ignore[misc]
    assert replace(Row("a", 1, "µs"), met=True).met


@pytest.mark.parametrize("form", ["json", "html"])
def test_what_is_made_anew_says_the_same(form: str) -> None:
    """The pipeline without kept parts makes the pages of the others, and leaves rendering as it was."""
    keeps_nothing = composer_that_keeps_nothing()
    make = anew(lambda mixed: render(keeps_nothing.explain(mixed[0]), form))
    kept = {name: getattr(templates, name) for name in KEEPING}
    for child in children(knowledge().profile, 30, seed=4):
        assert make((child,)) == render(composer().explain(child), form)
    assert kept == {name: getattr(templates, name) for name in KEEPING}
