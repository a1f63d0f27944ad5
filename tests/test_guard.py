"""What stands before every page: headers, refusals, and a log without answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from explainer.guard import HEADERS, LARGEST_BODY, Guard, is_same_origin
from explainer.metrics import COUNTED

SECRET = "a-secret-answer"  # noqa: S105 - no password; what must not be in the log


def refuse(request: Request, status: int) -> Response:
    return PlainTextResponse(f"refused at {request.url.path}", status)


async def told(request: Request) -> Response:
    """Says what came."""
    return PlainTextResponse(f"{request.scope['root_path']} {len(await request.body())}")


async def broken(_: Request) -> Response:
    raise ValueError(SECRET)


async def gone(_: Request) -> Response:
    raise ClientDisconnect


async def of_its_own(_: Request) -> Response:
    return PlainTextResponse("kept", headers={"Cache-Control": "no-cache"})


def client(prefix: str = "") -> TestClient:
    routes = [
        Route("/told/{word}", told, methods=["GET", "POST", "DELETE"]),
        Route("/broken/{word}", broken),
        Route("/gone", gone),
        Route("/own", of_its_own),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Guard, refuse=refuse, prefix=prefix)]))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines of the log so far."""
    caplog.set_level(logging.INFO, "explainer")
    return lambda: [f"{record.name} {record.getMessage()}" for record in caplog.records if "httpx" not in record.name]


# --- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/told/x", "/broken/x", "/nothing"])
def test_every_answer_brings_the_safety_headers(path: str) -> None:
    """A page that worked and one that did not are told alike what a browser may do with them."""
    headers = client().get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["x" * 262, "a b", "<x>", "a/b", "a@b", "é"])
def test_a_host_that_is_no_name_is_refused(host: str) -> None:
    """Pages show their own address, and are kept by it: it has to be one, and no longer than one can be."""
    for name in ("explainer.example.org:8000", "127.0.0.1", "[::1]:80", ""):
        assert client().get("/told/x", headers={"Host": name}).status_code == 200
    assert client().get("/told/x", headers={b"Host": host.encode("latin-1")}).status_code == 400


def test_a_refusal_brings_the_safety_headers() -> None:
    """So does what never reached a page."""
    headers = client().post("/told/x", headers={"Sec-Fetch-Site": "cross-site"}).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    """No outside address, no inline script or style, no frame."""
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'", "data:"}


def test_what_a_page_says_itself_stands() -> None:
    """A stylesheet may be kept by browsers, though pages may not."""
    assert client().get("/own").headers.get_list("cache-control") == ["no-cache"]


# --- refusals ---------------------------------------------------------------------------------

CROSS_SITE = {
    "said by the browser": {"sec-fetch-site": "cross-site"},
    "from a sister site": {"sec-fetch-site": "same-site"},
    "an unheard-of word": {"sec-fetch-site": "friendly"},
    "another origin": {"origin": "https://evil.example"},
    "a hidden origin": {"origin": "null"},
    "an empty origin": {"origin": ""},
    "our name as a part": {"origin": "http://testserver.evil.example"},
    "another port": {"origin": "http://testserver:81"},
    "the origin of old beside the word of new": {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
}


@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_form_from_elsewhere_is_refused(method: str, headers: dict[str, str]) -> None:
    """Nobody else's page can answer or clear for a visitor."""
    answer = client().request(method, "/told/x", headers=headers)
    assert (answer.status_code, answer.text) == (403, "refused at /told/x")


OUR_OWN = {
    "said by the browser": {"sec-fetch-site": "same-origin"},
    "typed by the visitor": {"sec-fetch-site": "none"},
    "our origin": {"origin": "http://testserver"},
    "our origin behind a proxy with HTTPS": {"origin": "https://testserver"},
    "no browser": {},
}


@pytest.mark.parametrize("headers", OUR_OWN.values(), ids=OUR_OWN)
def test_our_own_forms_are_taken(headers: dict[str, str]) -> None:
    """New browsers, old ones and programs may send what our own pages send."""
    assert client().post("/told/x", headers=headers).status_code == 200
    assert is_same_origin(Headers({"host": "testserver", **headers}))


def test_looking_is_never_refused() -> None:
    """A link from anywhere may lead here."""
    assert client().get("/told/x", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def pieces(size: int) -> Iterator[bytes]:
    """A body sent bit by bit, without telling its length first."""
    yield from (b"x" * 1024 for _ in range(size // 1024))
    yield b"x" * (size % 1024)


@pytest.mark.parametrize("send", [bytes, pieces], ids=["with its length", "in pieces"])
def test_a_body_that_is_too_long_is_refused(send: Callable[[Any], Any]) -> None:
    """Up to 16 KB are read, and not a byte more is kept in memory."""
    for size, status in ((LARGEST_BODY, 200), (LARGEST_BODY + 1, 413)):
        assert client().post("/told/x", content=send(size)).status_code == status


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999999", "²", "x", "", "1, 2"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    """What is no number, or no small one, is not waited for."""
    headers = [(b"content-length", length.encode("latin-1"))]
    assert client().post("/told/x", content=b"", headers=headers).status_code == 413


# --- what goes wrong, and the log ---------------------------------------------------------------


def test_a_fault_is_a_page_and_a_line_without_answers(log: Callable[[], list[str]]) -> None:
    """The visitor gets a page. We get the kind of fault and its place in the code, never its message."""
    answer = client().get(f"/broken/{SECRET}?answer={SECRET}", headers={"Cookie": f"answers={SECRET}"})
    assert (answer.status_code, answer.text) == (500, f"refused at /broken/{SECRET}")
    error, access = log()
    assert error.startswith("explainer.error ValueError\n")
    assert "in broken" in error
    assert access.startswith("explainer.access GET /broken/{word} 500 ")
    assert SECRET not in error + access


def test_the_log_tells_method_route_status_and_time(log: Callable[[], list[str]]) -> None:
    """It tells which kind of page was asked for, and nothing that a visitor typed, chose or was sent."""
    talker = client()
    talker.post(f"/told/{SECRET}?{SECRET}", data={"answer": SECRET}, headers={"Cookie": f"answers={SECRET}"})
    talker.get(f"/{SECRET}")
    talker.request(SECRET.upper(), "/told/x")
    lines = [re.sub(r"[0-9.]+ ms$", "… ms", line) for line in log()]
    assert lines == [
        "explainer.access POST /told/{word} 200 … ms",
        "explainer.access GET (no page) 404 … ms",
        "explainer.access OTHER /told/{word} 405 … ms",
    ]


def test_what_is_logged_is_counted(log: Callable[[], list[str]]) -> None:
    """One measurement serves both, so that they never tell different things."""
    counted = {"method": "POST", "route": "/told/{word}", "status": "200"}

    def read(name: str, labels: dict[str, str]) -> float:
        return COUNTED.get_sample_value(name, labels) or 0

    def both() -> tuple[float, float]:
        where = {"route": counted["route"]}
        return read("explainer_requests_total", counted), read("explainer_request_seconds_sum", where)

    before = both()
    client().post(f"/told/{SECRET}")
    client().post(f"/told/{SECRET}")
    after = both()
    assert after[0] - before[0] == len(log()) == 2
    took = sum(float(line.split()[-2]) for line in log())
    assert (after[1] - before[1]) * 1000 == pytest.approx(took, abs=0.1)


def test_a_visitor_who_goes_away_is_no_fault(log: Callable[[], list[str]]) -> None:
    """A phone that loses its connection fills no log with errors."""
    with pytest.raises(AssertionError):  # the client misses its answer
        client().get("/gone")
    assert re.fullmatch(r"explainer.access GET /gone 499 [0-9.]+ ms", log()[-1])


# --- a path in front of all pages ----------------------------------------------------------------


@pytest.mark.parametrize("path", ["/told/x", "/care/told/x"])
def test_a_proxy_may_cut_the_prefix_off_or_leave_it(path: str) -> None:
    """Either way the same page answers, and knows where it stands."""
    assert client("/care").get(path).text == "/care 0"


def test_a_name_that_only_begins_like_the_prefix_is_another() -> None:
    """/careful is no page under /care."""
    assert client("/care").get("/careful/told/x").status_code == 404
