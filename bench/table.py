"""What the benchmark found, a row for each figure, and the clock by which it was found."""

from __future__ import annotations

import gc
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from os import cpu_count
from statistics import median
from time import perf_counter
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `ratio` is `value` divided by that of what it is held `against`; `met` is None without a goal."""

    name: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None


def at_most(name: str, value: float, unit: str, against: str, ratio: float, goal: float) -> Row:  # noqa: PLR0913, PLR0917 - a row has as many parts
    """A row whose ratio is to be no larger than the goal: for times and sizes."""
    return Row(name, value, unit, against, ratio, f"at most {goal:g}", ratio <= goal)


def at_least(name: str, value: float, unit: str, against: str, ratio: float, goal: float) -> Row:  # noqa: PLR0913, PLR0917 - a row has as many parts
    """A row whose ratio is to be no smaller than the goal: for how many a second, or how many times as fast."""
    return Row(name, value, unit, against, ratio, f"at least {goal:g}", ratio >= goal)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that one call took, on average, in each round."""

    rounds: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    def over(self, other: Times) -> float:
        """How many times as long as the other: the median over the rounds, which both went through side by side."""
        return median(ours / theirs for ours, theirs in zip(self.rounds, other.rounds, strict=True))


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """The collector's turn would fall upon whoever happens to be measured just then."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def timed(
    calls: Mapping[str, Callable[[Item], object]],
    items: Sequence[Item],
    *,
    rounds: int = 5,
    turn: int = 20,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, Times]:
    """Seconds that each call takes for one item.

    The items are shared out among the rounds, so that none is ever seen twice by the same call. Within a round the
    calls take turns of a few items, and who goes first changes: what else keeps the machine busy falls upon all alike.
    """
    if len(items) < rounds:
        raise ValueError(f"{rounds} rounds want at least as many items, not {len(items)}")
    found: dict[str, list[float]] = {name: [] for name in calls}
    with without_garbage_collection():
        for number in range(rounds):
            share = items[number::rounds]
            spent = dict.fromkeys(calls, 0.0)
            for start in range(0, len(share), turn):
                names = list(calls)
                first = (number + start // turn) % len(names)
                for name in names[first:] + names[:first]:
                    call = calls[name]
                    piece = share[start : start + turn]
                    began = clock()
                    for item in piece:
                        call(item)
                    spent[name] += clock() - began
            for name, seconds in spent.items():
                found[name].append(seconds / len(share))
            gc.collect()
    return {name: Times(tuple(seconds)) for name, seconds in found.items()}


def as_json(rows: Iterable[Row]) -> str:
    """All rows, and the machine that they come from."""
    machine = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cpu_count(),
    }
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2) + "\n"


def as_text(rows: Sequence[Row]) -> str:
    """A Markdown table, which also reads well in a terminal."""
    head = ("what", "measured", "against", "ratio", "goal", "met")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |\n"
        for line in (head, rule, *lines[1:])
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{_rounded(row.value)} {row.unit}",
        row.against or "",
        "" if row.ratio is None else _rounded(row.ratio),
        row.goal or "",
        "" if row.met is None else "yes" if row.met else "NO",
    )


def _rounded(value: float) -> str:
    """Three digits, and no fewer than stand before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - where three digits are before the point
