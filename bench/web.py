"""The explanation page over HTTP, next to the same server that does nothing but send a page of the same size.

The load comes from wrk (the Debian package of that name) on loopback, from children drawn evenly from all there are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bench.children import children
from bench.table import Row, at_least, at_most
from explainer import cookie
from explainer.guard import Guard
from explainer.interview import Interview
from explainer.loader import knowledge

CHILDREN = 500
"""How many visitors come again and again; no more than a process keeps pages of."""
SECONDS = 10
ROUNDS = 3
WORKERS = 2
CONNECTIONS = 16
GOAL = 0.5
_SIZE = "BENCH_PAGE_BYTES"
_OURS = "from explainer.serve import serve; serve('127.0.0.1', 0, workers={workers})"
_CONSTANT = (
    "import explainer.serve as server; from bench.web import constant; server.create = constant; "
    "server.serve('127.0.0.1', 0, workers={workers})"
)
_LUA = """
local cookies = {{ {cookies} }}
local next = 0
function setup(thread) thread:set("start", next); next = next + math.floor(#cookies / 2) end
function init(args) number = start end
function request()
  number = number % #cookies + 1
  return wrk.format("GET", "/explanation", {{ ["Cookie"] = "answers=" .. cookies[number] }})
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "wrong": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def measure() -> list[Row]:
    """Requests a second and the slowest of a hundred. Raises RuntimeError without wrk, or when a request fails."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; it is the Debian package of that name")
    cookies = _cookies(CHILDREN, seed=1)
    with _serving(_OURS) as ours:
        sizes = [len(_get(ours, each)) for each in cookies for _ in range(2 * WORKERS)]  # and every worker has met them
        size = round(sum(sizes) / len(sizes))
        with _serving(_CONSTANT, {_SIZE: str(size)}) as constant:
            for each in (ours, constant):
                _load(each, cookies, seconds=3)
            pairs = [(_load(ours, cookies), _load(constant, cookies)) for _ in range(ROUNDS)]
    rate, flat_rate = (median(pair[side]["rate"] for pair in pairs) for side in (0, 1))
    slow, flat_slow = (median(pair[side]["p99"] for pair in pairs) for side in (0, 1))
    ratio = median(page["rate"] / flat["rate"] for page, flat in pairs)
    return [
        Row("web: constant page", flat_rate, "requests/s"),
        at_least(f"web: explanation page, {CHILDREN} children", rate, "requests/s", "constant page", ratio, GOAL),
        Row("web: constant page, p99", flat_slow, "ms"),
        at_most("web: explanation page, p99", slow, "ms", "constant page", slow / flat_slow, 1 / GOAL),
    ]


def constant(**_: object) -> Starlette:
    """The site's server, guard and all, with one page that is always the same."""
    page = b"x" * int(os.environ[_SIZE])

    async def answer(_: Asked) -> Response:
        return HTMLResponse(page)

    def refuse(_: Asked, status: int) -> Response:
        return HTMLResponse(page, status)

    return Starlette(routes=[Route("/explanation", answer)], middleware=[Middleware(Guard, refuse=refuse)])


def _cookies(count: int, seed: int) -> list[str]:
    """What the browsers of so many children bring along, who have answered all they were asked."""
    known = knowledge()
    return [
        cookie.write(cookie.Visit(Interview(known, {name: child.answers[name] for name in child.asked})))
        for child in children(known.profile, count, seed)
    ]


@contextmanager
def _serving(program: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    """The address of a server in processes of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", program.format(workers=WORKERS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[0].rstrip("/")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _get(address: str, kept: str) -> bytes:
    with urlopen(Request(f"{address}/explanation", headers={"Cookie": f"{cookie.NAME}={kept}"}), timeout=60) as page:  # noqa: S310 - our own server
        return bytes(page.read())


def _load(address: str, cookies: Sequence[str], seconds: int = SECONDS) -> dict[str, float]:
    """Requests a second (`rate`) and milliseconds (`p50`, `p99`), as wrk found them."""
    script = _LUA.format(cookies=", ".join(f'"{each}"' for each in cookies))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "children.lua"
        path.write_text(script)
        command = ["wrk", "--threads", "2", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
        done = subprocess.run([*command, "--script", str(path), address], capture_output=True, text=True, check=True)
    found = json.loads(re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)[-1])
    if found["wrong"]:
        raise RuntimeError(f"{found['wrong']} requests went wrong")
    return {
        "rate": found["requests"] / found["microseconds"] * 1e6,
        "p50": found["p50"] / 1000,
        "p99": found["p99"] / 1000,
    }
