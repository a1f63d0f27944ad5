"""What educators ask for, in explanations of one child: a comparison, all least changes, the answers that matter.

None of these searches through the space of children, so each takes the time of a few explanations.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from time import process_time

from bench.children import children
from bench.table import Row, Times, at_most, timed
from explainer.changes import least_changes
from explainer.compare import compare
from explainer.compose import Composer
from explainer.loader import knowledge
from explainer.picture import picture
from explainer.profile import ProfileModel

CHILDREN = 200
STATEMENTS = 600
GOAL_COMPARED = 6.0
GOAL_CHANGED = 50.0


def measure() -> list[Row]:
    known = knowledge()
    composer = Composer(known)
    mixed = children(known.profile, 2 * CHILDREN, seed=7)
    pairs = list(zip(mixed[:CHILDREN], mixed[CHILDREN:], strict=True))
    for child in children(known.profile, CHILDREN, seed=8):
        composer.explain(child)
    times = timed(
        {
            "explanation": lambda pair: composer.explain(pair[0]),
            "comparison": lambda pair: compare(composer, *pair),
            "picture": lambda pair: picture(composer, pair[0]),
            "influences": lambda pair: composer.influences.of(pair[0]),
        },
        pairs,
        clock=process_time,
    )
    one = times["explanation"]
    against = f"one explanation: {one.middle * 1e6:.0f} µs"
    compared, drawn, weighed = (times[name] for name in ("comparison", "picture", "influences"))
    slowest = max(_changes(mixed))
    return [
        at_most("comparison", compared.middle * 1e6, "µs", against, compared.over(one), GOAL_COMPARED),
        at_most("slowest least changes", slowest * 1e6, "µs", against, slowest / one.middle, GOAL_CHANGED),
        _row("picture", drawn, one, against),
        _row("answers that matter", weighed, one, against),
    ]


def _row(name: str, times: Times, one: Times, against: str) -> Row:
    return Row(name, times.middle * 1e6, "µs", against, times.over(one))


def _changes(mixed: list[ProfileModel]) -> list[float]:
    """Seconds for all least changes that would turn a statement, for many statements and children."""
    known = knowledge()
    chance = random.Random(9)
    found = []
    for _ in range(STATEMENTS):
        ask = partial(least_changes, known, chance.choice(mixed), *known.statements[chance.choice([*known.statements])])
        found.append(min(_seconds(ask) for _ in range(3)))
    return found


def _seconds(ask: Callable[[], object]) -> float:
    began = process_time()
    ask()
    return process_time() - began
