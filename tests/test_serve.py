"""The server as a program: where it listens, how it stops, and when it does not start."""

from __future__ import annotations

import html
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest

from explainer.serve import _address, _bind
from tests.program import Served, assert_refused, call, copied, run, serving, started, until

ADDRESS = re.compile(r"The questionnaire is at (http://127\.0\.0\.1:\d+/)\nPress Ctrl-C to stop\.\n")
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO (GET|POST) (/\S*|\(no page\)) \d{3} [0-9.]+ ms")
MARK = "hospital-7"
"""What must not be in the log."""


def get(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, timeout=60, headers=headers)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two workers that answer to one name."""
    with serving(tmp_path_factory.mktemp("served"), "--workers", "2", "--allow-host", "127.0.0.1") as server:
        yield server


# --- while it runs ----------------------------------------------------------------------------


def test_several_workers_answer_at_one_address(served: Served) -> None:
    """The address is printed once; whichever process is asked, it answers alike."""
    assert ADDRESS.fullmatch(served.out.read_text("utf-8"))
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: get(f"{served.address}/example").text, range(24)))
    assert len(set(pages)) == 1
    assert "The child is made up." in pages[0]


def test_answers_follow_the_visitor_from_worker_to_worker(served: Served) -> None:
    """No process has to know what another was told: the cookie brings all of it."""
    for _ in range(8):
        assert "High risk" in get(f"{served.address}/answers", Cookie="answers=1.stage:induction.risk_group:high").text


def test_the_proxy_next_to_it_is_believed_about_https(served: Served) -> None:
    """The cookie is Secure when the proxy says that the visitor came by HTTPS, and not otherwise."""
    for scheme in ("https", "http"):
        headers = {"X-Forwarded-Proto": scheme}
        sent = httpx.post(
            f"{served.address}/questions/leukemia_type", data={"answer": "all"}, headers=headers, timeout=60
        )
        assert ("; Secure" in sent.headers["set-cookie"]) == (scheme == "https")


def test_another_host_is_refused_over_the_wire(served: Served) -> None:
    """Where names are given, a request by another name gets nothing."""
    assert get(f"{served.address}/", Host="evil.example").status_code == 421


def test_nothing_of_a_visit_is_logged(served: Served) -> None:
    """Each line tells time, method, route, status and duration; no address, no cookie, no query, no answer."""

    def told() -> list[str]:
        return served.log.read_text("utf-8").splitlines()

    before = len(told())
    url = f"{served.address}/questions/risk_group?{MARK}"
    httpx.post(url, data={"answer": "high"}, headers={"Cookie": f"answers={MARK}", "Referer": MARK}, timeout=60)
    get(f"{served.address}/{MARK}", **{"User-Agent": MARK})
    assert get(url, Cookie="answers=1.stage:relapsed").status_code == 303
    assert until(lambda: len(told()) >= before + 3)  # a line may come a moment after its answer
    assert all(map(LINE.fullmatch, told())), told()
    for word in (MARK, "high", "relapsed", "127.0.0.1"):
        assert word not in "".join(told())


def test_the_server_does_not_tell_what_it_is(served: Served) -> None:
    """No header names the program or its version."""
    assert "server" not in get(f"{served.address}/").headers


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_junk_on_the_line_breaks_nothing(served: Served, junk: bytes) -> None:
    """Who speaks no HTTP is turned away, and the next visitor is served."""
    port = int(served.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(junk)
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)
    assert get(f"{served.address}/").status_code == 200


def test_a_form_that_cannot_be_read_leaves_no_letter_in_the_log(served: Served) -> None:
    """The library that takes forms apart would quote it."""
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    sent = httpx.post(f"{served.address}/educators/load", content=b"SECRET", headers=kind, timeout=60)
    assert sent.status_code in (400, 422)
    log = served.log.read_text("utf-8")
    assert not re.search("SECRET|boundary|character", log)


@pytest.mark.parametrize("cuts", [True, False], ids=["cuts the prefix off", "passes the prefix on"])
def test_a_visit_through_a_proxy_stays_under_the_prefix(cuts: bool, tmp_path: Path) -> None:
    """Whatever the proxy does with the prefix, links, redirects and the cookie lead a visitor through it again."""
    with serving(tmp_path, "--prefix", "/care", "--allow-host", "care.example.org") as server:
        here = server.address.removesuffix("/care")
        cookie: dict[str, str] = {}

        def visit(path: str, **form: str) -> httpx.Response:
            asked = path.removeprefix("/care") if cuts else path
            headers = {"Host": "care.example.org", "X-Forwarded-Proto": "https", **cookie}
            method = "POST" if form else "GET"
            return httpx.request(method, f"{here}{asked}", headers=headers, data=form or None, timeout=60)

        sent = visit("/care/questions/leukemia_type", answer="all")
        assert "; Path=/care; " in sent.headers["set-cookie"]
        assert "; Secure" in sent.headers["set-cookie"]
        cookie["Cookie"] = sent.headers["set-cookie"].partition(";")[0]
        while sent.status_code == 303:
            assert sent.headers["location"].startswith("/care/")
            sent = visit(sent.headers["location"])
        seen, left = (
            set(),
            {"/care/", "/care/answers", "/care/educators/what-if", "/care/educators/compare?a=&b="},
        )
        while left:
            seen.add(path := left.pop())
            page = visit(path)
            assert page.status_code in (200, 303), path
            led = set(re.findall(r'(?:href|action|src)="(/[^"#]*)', page.text)) | {page.headers.get("location", path)}
            assert all(target.startswith("/care/") for target in led), (path, led)
            left |= {html.unescape(target) for target in led if "/educators/" not in target} - seen - {"/care/clear"}
        assert {"/care/questions/stage", "/care/explanation", "/care/about"} <= seen


def test_a_crash_leaves_no_copy_of_the_memory(served: Served) -> None:
    """Answers may be in it; no process of ours may write it to the disk, whatever the system would allow."""
    assert get(f"{served.address}/health/ready").status_code == 200
    for process in (served.process.pid, *served.workers):
        limits = Path(f"/proc/{process}/limits").read_text("utf-8")
        assert re.search(r"Max core file size +0 +0 ", limits)


# --- how it stops -------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_it_cleanly(workers: str, tmp_path: Path) -> None:
    """Ctrl-C is the way to stop: exit code 0, no traceback, the port is free again."""
    with serving(tmp_path, "--workers", workers) as server:
        assert get(f"{server.address}/").status_code == 200
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text("utf-8")
        assert ADDRESS.fullmatch(server.out.read_text("utf-8"))
        with pytest.raises(httpx.ConnectError):
            get(server.address)


def test_it_stops_when_the_system_asks(tmp_path: Path) -> None:
    """A service manager's TERM ends it at once, without a traceback."""
    with serving(tmp_path) as server:
        assert server.stop(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.log.read_text("utf-8")


# --- when it does not start -----------------------------------------------------------------------

MISTAKES: dict[str, tuple[list[str], str]] = {
    "a port that is no number": (["--port", "http"], "--port: 'http' is not a number from 0 to 65535"),
    "a port that is none": (["--port", "65536"], "--port: '65536' is not a number from 0 to 65535"),
    "no worker": (["--workers", "0"], "--workers: '0' is not a number from 1 to 1024"),
    "a host that is not here": (["--host", "192.0.2.1"], "192.0.2.1:8000: this address cannot be used ("),
    "a host that is none": (["--host", "no such host"], "this address cannot be used ("),
    "a host that is too long": (["--host", "x" * 300], "this address cannot be used ("),
    "no host": (["--host", ""], "this address cannot be used ("),
    "a prefix without its slash": (["--prefix", "care"], "'care' is not a path; allowed: one such as /explainer"),
    "a prefix with a slash too many": (["--prefix", "/care/"], "'/care/' is not a path"),
    "a prefix that breaks out": (["--prefix", '/"><script>'], "is not a path"),
    "a host with its port": (["--allow-host", "example.org:80"], "'example.org:80' is not a host name"),
    "an address for a host": (["--allow-host", "http://example.org"], "is not a host name; allowed: one such as"),
}


@pytest.mark.parametrize(("options", "said"), MISTAKES.values(), ids=MISTAKES)
def test_bad_options_are_refused(options: list[str], said: str) -> None:
    """One message that names the mistake and what is allowed; no address is printed."""
    assert_refused(call("serve", *options), said)


@pytest.mark.parametrize("named", ["localhost", "10.0.0.7, proxy", "10.0.0.300", "*.example.org"])
def test_a_proxy_that_would_not_be_believed_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What names no address would be ignored in silence, and the cookie could travel in the clear."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", named)
    assert_refused(
        call("serve", "--port", "0"), "FORWARDED_ALLOW_IPS: ", "is no address; allowed: addresses such as 10.0.0.7"
    )


@pytest.mark.parametrize("named", ["", "*", "10.0.0.7", "10.0.0.0/8, ::1"])
def test_a_proxy_is_named_by_its_address(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form that is believed is taken."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", named)
    with serving(tmp_path) as server:
        assert get(f"{server.address}/health/ready").status_code == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_refused(workers: str) -> None:
    """Who starts it twice is told so, and how to go on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = call("serve", "--port", port, "--workers", workers)
    assert_refused(done, f"127.0.0.1:{port}: this address cannot be used", "name another --port or --host")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_rules_with_mistakes_are_refused(workers: str, tmp_path: Path) -> None:
    """A server never starts on rules that are not right: all faults are told, and no address is printed."""
    command = started(copied(tmp_path))
    induction = tmp_path / "rules" / "induction.yaml"
    induction.write_text(induction.read_text("utf-8").replace("certainty: usual", "certainty: sure"), "utf-8")
    done = run(*command[1:], "--workers", workers, program=Path(command[0]))
    assert (done.code, done.out) == (2, b"")
    faults = done.err.splitlines()
    assert len(faults) > 1
    assert all(re.match(r"rules/induction\.yaml:\d+: 'sure' is not allowed; allowed: ", fault) for fault in faults)


# --- addresses --------------------------------------------------------------------------------------


def test_an_address_can_be_clicked() -> None:
    """IPv4 or IPv6, the address that is printed is one that a browser takes; port 0 is a free one."""
    with _bind("127.0.0.1", 0) as bound:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*", _address(bound))
    if socket.has_ipv6:
        with _bind("::1", 0) as bound:
            assert re.fullmatch(r"http://\[::1\]:[1-9]\d*", _address(bound))
