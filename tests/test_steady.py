"""The server in bad times: visitors who are slow or hostile, and a stop in the midst of it. Others are answered."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from explainer import resources
from explainer.guard import LARGEST_BODY
from tests.program import PROGRAM, Served, serving, started, until

PATIENCE = 3
"""Seconds that a server waits here, where the real one waits for a minute."""
HALF_A_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_AN_ANSWER = b"POST /questions/leukemia_type HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nanswer="
REST = b"all"
QUICK = 30
"""Seconds in which others have to be answered, on a machine that is busy with other tests."""


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that soon has waited long enough."""
    command = started(
        Path(resources.__file__).parents[1], f"from explainer.patience import Patient; Patient.seconds = {PATIENCE}"
    )
    with serving(tmp_path_factory.mktemp("impatient"), command=command) as server:
        yield server


def line(server: Served, *, window: int | None = None) -> socket.socket:
    """A connection to the server; `window` keeps the bytes few that the system takes before they are read."""
    made = socket.socket()
    if window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    made.settimeout(30)
    made.connect(("127.0.0.1", int(server.address.rpartition(":")[2])))
    return made


def rest(connection: socket.socket) -> bytes:
    """All that still comes, until the server ends it; TimeoutError if it does not."""
    said = b""
    with suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            said += piece
    return said


def get(server: Served, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(f"{server.address}{path}", headers=headers, timeout=QUICK)


# --- visitors who are slow ---------------------------------------------------------------------

SLOW = {"nothing": b"", "half a request": HALF_A_REQUEST, "half an answer": HALF_AN_ANSWER}


@pytest.mark.parametrize("said", SLOW.values(), ids=SLOW)
def test_who_says_nothing_more_is_cut_off(impatient: Served, said: bytes) -> None:
    """Whoever begins and does not go on loses the connection, in good time and not before; others are answered."""
    with ExitStack() as stack:
        slow = [stack.enter_context(line(impatient)) for _ in range(50)]
        began = time.monotonic()
        for connection in slow:
            connection.sendall(said)
        assert get(impatient).status_code == 200
        for connection in slow:
            assert rest(connection) == b""
        assert time.monotonic() - began > PATIENCE - 1


def test_a_drop_now_and_then_does_not_help(impatient: Served) -> None:
    """The time is for the whole request: bytes that trickle in do not begin it anew."""
    with line(impatient) as connection:
        connection.sendall(HALF_A_REQUEST)
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() < began + 30:
                connection.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() - began < 20


def test_who_does_not_read_is_cut_off(impatient: Served) -> None:
    """Answers that nobody takes are not kept: of many that were asked for, few are ever made."""
    asked = 200
    with line(impatient, window=4096) as connection:
        connection.sendall(b"GET /report HTTP/1.1\r\nHost: x\r\n\r\n" * asked)
        time.sleep(PATIENCE + 3)
        assert get(impatient).status_code == 200
        assert rest(connection).count(b"HTTP/1.1 200 OK") < asked


def test_an_unhurried_visitor_is_answered(impatient: Served) -> None:
    """Time counts from one answer to the next request, not from the first one."""
    with line(impatient) as connection:
        for _ in range(5):
            connection.sendall(HALF_AN_ANSWER)
            time.sleep(PATIENCE / 3)
            connection.sendall(REST)
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 303 ")


# --- visitors who are many, or send too much -----------------------------------------------------


def test_two_thousand_half_requests_leave_room_for_others(tmp_path: Path) -> None:
    """Even where the system first gives a process few connections, those who ask properly are answered."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 3000:
        pytest.skip("the system allows too few connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    few = ["bash", "-c", 'ulimit -Sn 256; exec "$0" serve --port 0', str(PROGRAM)]
    with serving(tmp_path, command=few) as server, ExitStack() as stack:
        for _ in range(2000):
            stack.enter_context(line(server)).sendall(HALF_A_REQUEST)
        for _ in range(5):
            assert get(server, "/example").status_code == 200
        assert get(server, "/health/ready").status_code == 200
        assert len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) > 2000
        assert server.stop() == 0


def test_headers_without_end_are_refused(impatient: Served) -> None:
    """What is longer than any browser sends is not kept; the visitor is told, and others are answered."""
    with line(impatient) as connection:
        connection.sendall(HALF_A_REQUEST + b"x" * 20_000)
        assert rest(connection).startswith(b"HTTP/1.1 400 ")
    assert get(impatient, Cookie="x" * 8000).status_code == 200


@pytest.mark.parametrize("head", [b"Content-Length: 1000000000000", b"Transfer-Encoding: chunked"])
def test_a_body_without_end_is_refused_at_once(impatient: Served, head: bytes) -> None:
    """Nobody waits for it, and nothing of it is kept."""
    with line(impatient) as connection:
        connection.sendall(b"POST /questions/stage HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(LARGEST_BODY // 1000 + 1):
                connection.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() < began + 30:
                connection.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                time.sleep(0.01)
        assert time.monotonic() - began < 20
        assert get(impatient).status_code == 200


# --- how it stops -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1", "2"])
def test_who_is_being_answered_when_it_stops_gets_the_answer(number: str, tmp_path: Path) -> None:
    """A stop waits for requests under way; whoever comes later, or has asked nothing yet, is not waited for."""
    with serving(tmp_path, "--workers", number) as server, line(server) as under_way, line(server) as idle:
        assert get(server).status_code == 200
        under_way.sendall(HALF_AN_ANSWER)
        idle.sendall(HALF_A_REQUEST)
        time.sleep(1)
        os.kill(server.process.pid, signal.SIGTERM)
        assert rest(idle) == b""
        under_way.sendall(REST)
        assert rest(under_way).startswith(b"HTTP/1.1 303 ")
        assert server.process.wait(30) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.log.read_text("utf-8")


def test_a_worker_that_hangs_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    """It is waited for no longer than for a page under way."""
    with serving(tmp_path, "--workers", "2") as server:
        assert get(server).status_code == 200
        os.kill(next(iter(server.workers)), signal.SIGSTOP)
        time.sleep(2)  # so that it is being asked whether it is alive
        os.kill(server.process.pid, signal.SIGTERM)
        assert server.process.wait(30) in (0, -signal.SIGTERM)


# --- health and counts ----------------------------------------------------------------------------------


def test_probes_are_answered_by_any_name(tmp_path: Path) -> None:
    """What watches a server calls it by its bare address, with the prefix or without."""
    options = ("--allow-host", "care.example.org", "--prefix", "/care")
    with serving(tmp_path, *options) as server:
        root = server.address.removesuffix("/care")
        for path in ("/health/live", "/care/health/live", "/health/ready", "/care/health/ready"):
            answer = httpx.get(f"{root}{path}", timeout=QUICK)
            assert (answer.status_code, answer.text) == (200, f"{path.rpartition('/')[2]}\n")
        assert httpx.get(f"{root}/care/", timeout=QUICK).status_code == 421


def test_counts_are_those_of_all_workers_and_hold_no_answer(tmp_path: Path) -> None:
    """Prometheus reads them at a port of their own; visitors do not, and a worker that dies takes none with it."""
    with serving(tmp_path, "--workers", "2", "--metrics-port", "0") as server:
        at = re.search(
            r"Counts for Prometheus are at (http://127\.0\.0\.1:\d+/metrics)\n", server.out.read_text("utf-8")
        )
        assert at

        def counted(name: str) -> float:
            found = re.search(rf"^{re.escape(name)} (\S+)$", httpx.get(at.group(1), timeout=QUICK).text, re.MULTILINE)
            return float(found.group(1)) if found else 0

        explanation = 'explainer_requests_total{method="GET",route="/explanation",status="200"}'
        kept = "answers=1.leukemia_type:all.stage:induction.risk_group:high"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: get(server, "/explanation", Cookie=kept), range(20)))
        assert until(lambda: counted(explanation) == 20)
        assert counted("explainer_explanations_total") == 20
        assert counted('explainer_request_seconds_count{route="/explanation"}') == 20
        assert counted("explainer_kept_explanations") >= 1
        for pid in server.workers:
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: get_or_nothing(server, "/nowhere?stage=induction") == 404)
        assert until(lambda: counted("explainer_kept_explanations") == 0)  # what they kept is gone with them
        assert until(lambda: counted('explainer_requests_total{method="GET",route="(no page)",status="404"}') >= 1)
        assert counted(explanation) == 20
        assert get_or_nothing(server, "/metrics") == 404
        text = httpx.get(at.group(1), timeout=QUICK).text
        assert re.search(
            r'^explainer_knowledge_info\{revised="\d{4}-\d\d-\d\d",rules="[0-9a-f]{12}"\} 1\.0$', text, re.MULTILINE
        )
        for word in ("induction", "high", "leukemia", "nowhere"):
            assert word not in text
        assert server.stop() == 0


def get_or_nothing(server: Served, path: str) -> int | None:
    try:
        return get(server, path).status_code
    except httpx.TransportError:
        return None
