"""Peers are timed only once they have decided the same, trace and all, on thousands of children."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bench.peers.rows import Rows
from explainer.engine import Decision, Engine
from explainer.profile import ProfileModel


class Peer(Protocol):
    """Another engine that holds the rows."""

    def fired(self, answers: Mapping[str, str]) -> Sequence[int]:
        """The numbers of the rows that are met, in any order; of statements, those whose section is shown."""


def first_difference(
    engine: Engine, rows: Rows, peers: Mapping[str, Peer], children: Iterable[ProfileModel]
) -> str | None:
    """The first child about whom a peer decides otherwise than the engine, and what it is; None where all agree."""
    for child in children:
        ours = engine.decide(child)
        for name, peer in peers.items():
            theirs = rows.decision(peer.fired(child.answers), child.answers)
            if plain(theirs) != plain(ours):
                return f"{name} decides otherwise about {child.answers}: {theirs}, not {ours}"
    return None


def plain(decision: Decision) -> object:
    """A decision, without the order in which its trace was found."""
    trace = {(firing.kind, firing.name): (firing.applies, firing.on) for firing in decision.trace}
    return decision.concepts, decision.sections, decision.notices, decision.statements, trace
