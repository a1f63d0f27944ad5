"""The whole explanation of children never seen before, as JSON and as a page, with other engines in our engine's place.

The pipelines differ in who decides. Composing and rendering are the same, for the words are to be the same. One more
takes zen-engine and the same templates, and makes each part anew for each child: that parts are kept is our own work.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from unittest.mock import patch

from bench.children import children
from bench.decide import peers
from bench.peers.rows import Rows
from bench.peers.same import Peer, first_difference
from bench.table import Row, Times, at_least, timed
from explainer import render as templates
from explainer.compose import Composer
from explainer.engine import Engine
from explainer.explanation import Explanation
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.render import render

COMPARED = 500
WARM_UP = 500
ITEMS = {"json": 600, "html": 300}
GOAL = 2.0

ANEW = "zen-engine, each part made anew"
KEEPING = {name: getattr(templates, name) for name in ("_linked", "_told", "_told_section", "_words", "_keeping")}
NOT_KEEPING = {name: keeping.__wrapped__ for name, keeping in KEEPING.items()} | {
    "_keeping": lambda name: KEEPING["_keeping"](name).__wrapped__
}

Explains = Callable[[ProfileModel], Explanation]


def measure() -> list[Row]:
    """Times from answers to text. Each pipeline gets children of its own, so that none profits from another's work."""
    rows = Rows(knowledge())
    others = peers(rows, COMPARED + len(ITEMS) * WARM_UP + sum(ITEMS.values()))
    wrong = first_difference(Engine(knowledge()), rows, others, children(knowledge().profile, COMPARED, seed=2))
    if wrong:
        raise SystemExit(wrong)
    composer = Composer(knowledge())  # one for all, so that what it keeps serves each of them in the same way
    lent: dict[str, Explains] = {
        "ours": composer.explain,
        **{name: _with(peer, rows, composer) for name, peer in others.items()},
    }
    not_lent = {"ours": composer.explain, ANEW: _with(others["zen-engine"], rows, composer_that_keeps_nothing())}
    return [
        _row(form, times, name)
        for form in ITEMS
        for times in (_timed(lent, form, seed=3), _timed(not_lent, form, seed=4))  # apart, for the other crowds memory
        for name in times
        if name != "ours"
    ]


def _timed(explains: dict[str, Explains], form: str, seed: int) -> dict[str, Times]:
    mixed = children(knowledge().profile, ITEMS[form] * len(explains), seed)
    items = list(zip(*(mixed[number :: len(explains)] for number in range(len(explains))), strict=True))
    known = children(knowledge().profile, WARM_UP, seed=5)
    for explain in explains.values():  # a server that has run for a while knows the forms of most statements
        for child in known:
            render(explain(child), form)
    calls = {name: _call(made, number, form) for number, (name, made) in enumerate(explains.items())}
    if ANEW in calls:
        calls[ANEW] = anew(calls[ANEW])
    return timed(calls, items, rounds=6, turn=10, clock=process_time)


def _with(peer: Peer, rows: Rows, composer: Composer) -> Explains:
    def explain(child: ProfileModel) -> Explanation:
        return composer.compose(child, rows.decision(peer.fired(child.answers), child.answers))

    return explain


def _call(explain: Explains, number: int, form: str) -> Callable[[tuple[ProfileModel, ...]], object]:
    return lambda mixed: render(explain(mixed[number]), form)


def composer_that_keeps_nothing() -> Composer:
    """It makes each part of an explanation anew."""
    with patch("explainer.parts.kept_by", lambda key, make, most=0: make):  # noqa: ARG005 - no key, nothing kept
        return Composer(knowledge())


def anew(call: Callable[[tuple[ProfileModel, ...]], object]) -> Callable[[tuple[ProfileModel, ...]], object]:
    """The same call, while rendering keeps no part of a page. Where hard words stand in a text is kept all the same."""

    def made(mixed: tuple[ProfileModel, ...]) -> object:
        vars(templates).update(NOT_KEEPING)
        try:
            return call(mixed)
        finally:
            vars(templates).update(KEEPING)

    return made


def _row(form: str, times: dict[str, Times], name: str) -> Row:
    ours, theirs = times["ours"], times[name]
    what = f"explanation as {form}"
    against = f"{name}: {theirs.middle * 1e6:.0f} µs"
    faster = theirs.over(ours)
    if name.startswith("zen") and name != ANEW:
        return at_least(what, ours.middle * 1e6, "µs", against, faster, GOAL)
    return Row(what, ours.middle * 1e6, "µs", against, faster)
