"""Keeps what was made, for the next who ask for the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import _lru_cache_wrapper, lru_cache, wraps
from threading import RLock
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")

MOST = 512
"""How many explanations a process keeps. None takes more than 128 KiB, so together they take 64 MiB at most.

docs/decisions/0014-explanations-cached-by-profile.md tells what that means for the privacy of visitors.
"""

MOST_FORMS = 4096
"""How many forms of one thing are kept. Ours have fewer; a rule that looks at very many answers might have more."""


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Makes a thing at its first use and then gives the same one, also to threads that ask at the same time."""
    lock, made = RLock(), list[Made]()

    @wraps(make)
    def get() -> Made:
        if not made:  # no lock once it is there, for a forked child would wait for ever for a thread that it lacks
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    return get


def kept(make: Callable[..., bytes]) -> _lru_cache_wrapper[bytes]:
    """`make`, which gives again what it made for the same arguments, if they are among the MOST used last.

    What it makes must depend on its arguments alone: on the profile, say, and never on a visitor. Threads may share it,
    and a forked process goes on with its own copy, for there is no lock that anybody could hold. Its `cache_info()`
    tells how often it had what was asked for (hits), how often not (misses), and how many it keeps (currsize).
    """
    return lru_cache(MOST)(make)


def kept_by(
    key: Callable[[Thing], Hashable], make: Callable[[Thing], Made], most: int = MOST_FORMS
) -> Callable[[Thing], Made]:
    """`make`, which gives again what it made of a thing with the same key; so that is all it may depend on.

    It is for what has a few forms, which all stay; past `most`, what is new is not kept. Threads may share it.
    """
    made: dict[Hashable, Made] = {}

    def give(thing: Thing) -> Made:
        words = key(thing)
        try:
            return made[words]
        except KeyError:
            new = make(thing)
            if len(made) < most:
                made[words] = new
            return new

    return give
