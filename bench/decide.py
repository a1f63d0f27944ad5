"""Deciding with a trace, about children never seen before, next to other engines that hold the same rules."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from bench.children import children
from bench.peers.rows import Rows
from bench.peers.same import Peer, first_difference
from bench.table import Row, Times, at_most, timed
from explainer.engine import Engine
from explainer.loader import knowledge
from explainer.profile import ProfileModel

COMPARED = 5_000
MEASURED = 4_000
GOALS = {"zen-engine": 0.4, "zen-engine, create_decision": 0.4, "clipspy": 0.5}


def peers(rows: Rows, decisions: int) -> dict[str, Peer]:
    """Every peer in its best form for that many decisions; zen-engine also as the examples in its documents have it."""
    from bench.peers.clips_rules import Clips
    from bench.peers.plain import Plain
    from bench.peers.zen_tables import Zen

    return {
        "zen-engine": Zen(rows),
        "zen-engine, create_decision": Zen(rows, loader=False),
        "clipspy": Clips(rows, decisions),
        "plain if": Plain(rows),
    }


def measure() -> list[Row]:
    """Times of a decision. Stops where a peer decides otherwise, for then there is nothing to compare."""
    from bench.peers.zen_tables import ZenExpressions

    engine, rows = Engine(knowledge()), Rows(knowledge())
    others = peers(rows, COMPARED + 2 * MEASURED)
    found = children(knowledge().profile, COMPARED + MEASURED, seed=1)
    expressions = ZenExpressions(rows)
    wrong = first_difference(engine, rows, others, found[:COMPARED])
    if wrong is None and any(
        expressions.statements(child.answers) != engine.decide(child).statements for child in found[:COMPARED]
    ):
        wrong = "zen-engine's expressions select other statements"
    if wrong:
        raise SystemExit(wrong)

    def selects(peer: Peer) -> Callable[[ProfileModel], object]:
        return lambda child: peer.fired(child.answers)

    def decides(peer: Peer) -> Callable[[ProfileModel], object]:
        return lambda child: rows.decision(peer.fired(child.answers), child.answers)

    calls: dict[str, Callable[[ProfileModel], object]] = {
        "ours": engine.decide,
        **{f"{name}, the same decision": decides(peer) for name, peer in others.items()},
        **{f"{name}, rules that fire alone": selects(peer) for name, peer in others.items()},
        "zen-engine, one expression": lambda child: expressions.statements(child.answers),
    }
    # The time of all threads, so that neither others on the machine nor threads of a peer change the comparison.
    times = timed(calls, found[COMPARED:], rounds=8, turn=20, clock=process_time)
    return [
        *(_with_trace(times, name) for name in others),
        *(_row("decision, against rules that fire alone", times, f"{name}, rules that fire alone") for name in others),
        _row("decision, against one expression", times, "zen-engine, one expression"),
    ]


def _with_trace(times: dict[str, Times], name: str) -> Row:
    return _row("decision with its trace", times, f"{name}, the same decision", GOALS.get(name))


def _row(what: str, times: dict[str, Times], name: str, goal: float | None = None) -> Row:
    ours, theirs = times["ours"], times[name]
    against = f"{name.removesuffix(', the same decision')}: {theirs.middle * 1e6:.0f} µs"
    if goal is None:
        return Row(what, ours.middle * 1e6, "µs", against, ours.over(theirs))
    return at_most(what, ours.middle * 1e6, "µs", against, ours.over(theirs), goal)
