"""Small versions of `make soak`: nothing differs and nothing grows, however often and from however many sides."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from unittest.mock import patch

import pytest

from bench import soak
from bench.children import children
from explainer import Profile
from explainer.loader import knowledge

SOME = children(knowledge().profile, 60, seed=9)


def test_thousands_of_explanations_are_all_as_at_first() -> None:
    """The same children in ever other orders: the same bytes, and no more memory after the first thousand."""
    explanations, memory, growth = soak.soak(total=3_000, warm=1_000, count=200)
    assert explanations.met
    assert explanations.value == 3_000
    assert growth.met, (memory, growth)


def test_a_result_that_differs_is_noticed() -> None:
    """The soak would fail if one explanation in hundreds came out otherwise."""
    calls = iter(range(10_000))
    true = soak.result
    with (
        patch.object(soak, "result", lambda profile, page: true(profile, page) + bytes([next(calls) == 333])),
        pytest.raises(AssertionError, match=r"differs: Profile"),
    ):
        soak.soak(total=1_000, warm=500, count=100)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # pytest-xdist has a thread
@pytest.mark.parametrize("method", ["thread", "fork", "spawn"])
def test_workers_of_every_kind_tell_what_one_alone_tells(method: str) -> None:
    """Eight threads in the same engine; processes that were forked in the midst of things, or started anew."""
    if method == "thread":
        pool: Executor = ThreadPoolExecutor(soak.THREADS)
    else:
        pool = ProcessPoolExecutor(2, multiprocessing.get_context(method))
    with pool:
        assert soak.together(pool, SOME, soak.THREADS) == 0


def test_a_wrong_result_of_a_worker_is_counted() -> None:
    """The comparison of workers can fail, too."""
    other = soak.result(Profile(stage="induction"))
    first = soak.results(SOME)
    with ThreadPoolExecutor(2) as pool, patch.object(soak, "results", side_effect=[first, [other] * 60, first]):
        assert soak.together(pool, SOME, 2) >= 60 - 1
