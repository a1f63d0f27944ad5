"""A million explanations in one process: the same results to the end, and no more memory. `make soak`, an hour or less.

Also eight threads at once, and workers that were forked or spawned.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

from bench.children import children
from bench.table import Row, as_text
from explainer.compose import composer
from explainer.profile import ProfileModel
from explainer.render import render

EXPLANATIONS = 1_000_000
WARM = 100_000
"""After so many, memory is to stay what it is."""
CHILDREN = 5_000
PAGES = 10
"""Of so many explanations, one becomes an HTML page, too."""
THREADS = 8
GROWTH = 5
"""Percent that memory may grow by after the warm-up."""


def result(profile: ProfileModel, with_page: bool = False) -> bytes:
    """A fingerprint of all that one child is told."""
    explanation = composer().explain(profile)
    told = explanation.model_dump_json() + (render(explanation, "html") if with_page else "")
    return blake2b(told.encode(), digest_size=16).digest()


def results(some: Iterable[ProfileModel]) -> list[bytes]:
    """The fingerprints, pages and all."""
    return [result(profile, with_page=True) for profile in some]


def soak(
    total: int = EXPLANATIONS,
    warm: int = WARM,
    count: int = CHILDREN,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Explains the same children again and again, each time in another order, until `total` is reached.

    Raises AssertionError at the first result that differs from that of the first pass.
    """
    some = children(composer().knowledge.profile, count, seed=6)
    with_page = [number % PAGES == 0 for number in range(count)]
    first = [result(profile, page) for profile, page in zip(some, with_page, strict=True)]
    order = list(range(count))
    draw = random.Random(2)
    start = most = 0
    done = count
    while done < total:
        draw.shuffle(order)
        for number in order:
            if result(some[number], with_page[number]) != first[number]:
                raise AssertionError(f"explanation {done:,} differs: {some[number]!r}")
        done += count
        if done >= warm:
            now = memory()
            start = start or now
            most = max(most, now)
        if done % (20 * count) == 0:
            tell(f"{done:,} explanations, {memory() / 2**20:.1f} MiB")
    growth = (most / start - 1) * 100
    return [
        Row("soak: explanations, all as at first", done, "", None, None, f"at least {total:,}", done >= total),
        Row("soak: memory after the warm-up", start / 2**20, "MiB"),
        Row("soak: growth of memory after it", growth, "%", None, None, f"under {GROWTH}", growth < GROWTH),
    ]


def memory() -> int:
    """Bytes of memory that this process has in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def together(pool: Executor, some: Sequence[ProfileModel], workers: int) -> int:
    """How many results come out otherwise when so many workers tell all of them at once, each in its own order."""
    expected = dict(zip(some, results(some), strict=True))
    orders = [random.Random(seed).sample(some, len(some)) for seed in range(workers)]
    found = pool.map(results, orders)
    return sum(
        told != expected[profile]
        for order, all_told in zip(orders, found, strict=True)
        for profile, told in zip(order, all_told, strict=True)
    )


def workers(count: int = 1_000) -> list[Row]:
    """Threads, and processes that were started in either way, each with all of so many children."""
    some = children(composer().knowledge.profile, count, seed=6)
    pools: dict[str, Executor] = {
        method: ProcessPoolExecutor(4, multiprocessing.get_context(method)) for method in ("fork", "spawn")
    }
    pools["thread"] = ThreadPoolExecutor(THREADS)  # after the fork, which would take threads along
    rows = []
    for name, pool in pools.items():
        number = THREADS if name == "thread" else 4
        with pool:
            wrong = together(pool, some, number)
        rows.append(Row(f"soak: wrong results of {number} workers ({name})", wrong, "", None, None, "none", wrong == 0))
    return rows


def run() -> list[Row]:
    return [*workers(), *soak(tell=lambda text: print(text, file=sys.stderr, flush=True))]  # noqa: T201 - it takes long


if __name__ == "__main__":
    found = run()
    sys.stdout.write(as_text(found))
    sys.exit(not all(row.met is not False for row in found))
