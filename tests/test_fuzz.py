"""All that reads what others wrote: the targets of `make fuzz`, tried here on a few thousand inputs by chance."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice, permutations
from time import process_time
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explainer import document
from explainer.web import create
from fuzz import cookie, openapi, profile, rules, site, text

TARGETS: dict[str, tuple[ModuleType, int]] = {
    "cookie": (cookie, 150),
    "profile": (profile, 150),
    "rules": (rules, 30),
    "site": (site, 100),
    "text": (text, 200),
}
"""How many inputs each is tried on."""


@st.composite
def changed(draw: st.DrawFn, target: ModuleType) -> bytes:
    """One of a target's seeds with something of its own, or anything else, in the middle of it."""
    seed: bytes = draw(st.sampled_from(target.SEEDS))
    words = st.sampled_from(target.WORDS).map(str.encode)
    first, last = sorted(draw(st.tuples(*[st.integers(0, len(seed))] * 2)))
    return seed[:first] + draw(st.binary(max_size=20) | words) + seed[min(last, first + 20) :]


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_promise(name: str) -> None:
    """Each input is read or refused in its own way; nothing crashes, and no request meets a fault of ours."""
    target, count = TARGETS[name]

    @settings(max_examples=count, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(changed(target) | st.binary())
    def try_all(data: bytes) -> None:
        target.attempt(data)

    try_all()


def saved_page(raw: bytes) -> None:
    document.parse(raw.decode())


SLOW: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "many unknown answers": (profile.attempt, b"y" + b"".join(b"risk_grou%d: 1\n" % n for n in range(3500))),
    "a long answer": (profile.attempt, b'j{"stage": "' + b"induction" * 7000 + b'"}'),
    "a long number": (profile.attempt, b'j{"stage": 1' + b"0" * 60_000 + b"}"),
    "brackets without end": (profile.attempt, b"j" + b"[" * 60_000),
    "braces in a line": (text.attempt, b"{" * 60_000),
    "hyphens in a line": (text.attempt, b"-" * 60_000 + b": a: b"),
    "tags that never end in a saved page": (saved_page, b"<p " * 20_000),
    "ends of what was never begun": (saved_page, b"<p>" + b"<nav>" * 20_000 + b"</p>" * 20_000),
    "an alias of aliases": (text.attempt, b"a: &a [x, x]\n" + b"b: &b [*a, *a]\nc: [*b, *b]\n" * 3000),
    "a key a thousand times": (text.attempt, b"a: 1\n" * 12_000),
    "a tag a thousand times": (text.attempt, b"- !a b\n" * 9000),
    "lists by the thousand": (text.attempt, b"[" + b"[]," * 20_000 + b"]"),
    "steps without end": (text.attempt, b"".join(b" " * n + b"a:\n" for n in range(300))),
    "a cookie of backslashes": (site.attempt, b'GET /\ncookie: answers="' + b"\\" * 60_000 + b'"\n\n'),
    "cookies by the thousand": (site.attempt, b"GET /\ncookie: " + b"a=b;" * 15_000 + b"\n\n"),
    "a form of ands": (site.attempt, b"POST /questions/stage\n\n" + b"a&" * 8000),
    **{
        f"{name} in a story": (
            site.attempt,
            b"POST /educators/load\ncontent-type: application/x-www-form-urlencoded\n\n"
            b"text=id: a%0Atitle: a%0Ateaches: a%0Atopics: [mrd]%0Anotice: []%0Aprofile: {}%0Astory: |-%0A  a"
            + blanks
            + b"b",
        )
        for name, blanks in {"blanks": b" " * 12_000, "empty lines": b"\n" * 12_000 + b"  "}.items()
    },
    "a long query": (site.attempt, b"GET /questions/stage?" + b"a=b&" * 15_000 + b"\n\n"),
    "misspelt answers": (
        site.attempt,
        b"GET /educators/what-if?"
        + b"".join(b"relapse_%s=&" % bytes(end) for end in islice(permutations(b"sitebcd"), 4300)),
    ),
    "a long address": (site.attempt, b"GET " + b"/%" * 30_000 + b"\n\n"),
}


@pytest.mark.parametrize(("attempt", "data"), SLOW.values(), ids=SLOW)
def test_no_input_keeps_us_busy(attempt: Callable[[bytes], None], data: bytes) -> None:
    """What is made to take long is done with within a second."""
    began = process_time()
    attempt(data)
    assert process_time() - began < 1


def test_a_query_in_no_alphabet_and_a_broken_cookie_get_a_page() -> None:
    """Bytes that are no UTF-8 are no fault of ours."""
    site.attempt(b"GET /nothing?\xff\ncookie: answers=1.x\n\n")


def test_every_page_is_described() -> None:
    """A new route is tried by `make fuzz` without anybody thinking of it."""
    described = {(path, method.upper()) for path, found in openapi.description()["paths"].items() for method in found}
    assert described == {(route.path, method) for route in create().routes for method in route.methods}  # type: ignore[attr-defined]
    assert ("/questions/{field}", "POST") in described


def test_every_part_of_an_address_that_changes_is_described() -> None:
    """Schemathesis leaves out a page of which it does not know what may stand in its address."""
    for path, operations in openapi.description()["paths"].items():
        for operation in operations.values():
            named = {found["name"] for found in operation["parameters"] if found["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)", path)), path
