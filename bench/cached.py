"""Explanations of children that were met before, kept by profile as the web site and a batch do, next to new ones."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from bench.children import children
from bench.table import Row, at_least, timed
from explainer.compose import composer
from explainer.kept import MOST, kept
from explainer.profile import ProfileModel
from explainer.render import render

CHILDREN = 500
GOAL = 20
"""How many times as fast."""


def measure() -> list[Row]:
    """Both make whole explanations: from the answers to all bytes of the JSON, or of the page."""
    some = children(composer().knowledge.profile, min(CHILDREN, MOST), seed=4)
    rows = []
    for form in ("json", "html"):
        make = _make(form)
        keep = kept(make)
        pages = [keep(child) for child in some]
        times = timed({"new": make, "again": keep}, some, clock=process_time)
        new, again = times["new"], times["again"]
        against = f"as if new: {new.middle * 1e6:,.0f} µs"
        rows += [
            at_least(f"{form} met before", again.middle * 1e6, "µs", against, new.over(again), GOAL),
            Row(f"{form} kept", keep.cache_info().currsize, f"of at most {MOST}"),
            Row(f"{form}: memory for that", sum(map(len, pages)) / 2**20, "MiB"),
            Row(f"{form}: found there when asked again", _share(keep.cache_info().hits, len(some)), "%"),
        ]
    return rows


def _make(form: str) -> Callable[[ProfileModel], bytes]:
    return lambda profile: render(composer().explain(profile), form).encode()


def _share(part: int, whole: int) -> float:
    return part / whole * 100
