"""The proxy of deploy/nginx.conf, run in front of the real program where this machine has nginx; CI has it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser

from tests.program import Served, serving, until
from tests.visitor import Visitor

CONFIGURATION = Path(__file__).resolve().parents[1] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not on this machine")

MAIN = """
user root;
daemon off;
pid pid;
error_log main.log;
events {}
http {
    client_body_temp_path bodies;
    proxy_temp_path pages;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include explainer.conf;
}
"""
"""What stands around ours on a machine. What nginx would put on the disk goes into the test's own folder."""


@dataclass(frozen=True)
class Proxy:
    """One that runs: its address by HTTPS and by HTTP, and the folder with its logs."""

    address: str
    plain: str
    folder: Path

    @property
    def logged(self) -> str:
        """All that it has written down about visitors and pages."""
        return "".join((self.folder / name).read_text("utf-8") for name in ("explainer.log", "explainer-error.log"))


@contextmanager
def proxy(folder: Path, upstream: str, change: Callable[[str], str] = str) -> Iterator[Proxy]:
    """Runs nginx with our file, of which no more is changed than ports and places, and what a test wants changed."""
    https, http = free_ports(2)
    text = CONFIGURATION.read_text("utf-8")
    for ours, here in {
        r"listen (\[::\]:)?80;": f"listen 127.0.0.1:{http};",
        r"listen (\[::\]:)?443 ssl;": f"listen 127.0.0.1:{https} ssl;",
        r"/etc/ssl/care\.example\.org/": f"{folder}/",
        r"/var/log/nginx/": f"{folder}/",
        r"http://127\.0\.0\.1:8000": upstream,
    }.items():
        assert re.search(ours, text), ours
        text = re.sub(ours, here, text)
    text = re.sub(r"^( *listen .*\n)\1", r"\1", text, flags=re.MULTILINE)  # both kinds of addresses are one here
    (folder / "explainer.conf").write_text(change(text), encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN, encoding="utf-8")
    certify(folder)
    said = (folder / "said").open("wb")
    with said, subprocess.Popen([str(NGINX), "-p", folder, "-c", "nginx.conf"], stderr=said) as process:
        try:
            assert until(lambda: answers(https) or process.poll() is not None)
            assert process.poll() is None, (folder / "said").read_text("utf-8")
            yield Proxy(f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}", folder)
        finally:
            process.terminate()


def free_ports(count: int) -> list[int]:
    found = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in found]
    for one in found:
        one.close()
    return ports


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def certify(folder: Path) -> None:
    """A certificate for this test alone."""
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    command = [str(OPENSSL), "req", "-x509", *map(str, made), "-subj", "/CN=care.example.org"]
    subprocess.run(command, check=True, capture_output=True)


def ask(address: str, method: str = "GET", **options: object) -> httpx.Response:
    return httpx.request(method, address, verify=False, timeout=60, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def before(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy before a site that runs."""
    with proxy(tmp_path_factory.mktemp("proxy"), server.address) as running:
        yield running


def test_a_family_gets_through_and_its_answers_go_by_https_alone(before: Proxy, browser: Browser) -> None:
    """Forms are taken for our own, the cookie is never sent in the clear, and who asks by HTTP is led to HTTPS."""
    visitor = Visitor(browser, before.address, ignore_https_errors=True)
    with closing(visitor.context):
        visitor.open("/questions/leukemia_type")
        visitor.answer("all")
        visitor.answer("induction")
        (kept,) = visitor.context.cookies()
        assert (kept.get("name"), kept.get("secure")) == ("__Host-answers", True)
        assert kept.get("value") == "1.leukemia_type:all.stage:induction"
        visitor.open("/explanation")
        assert visitor.page.locator("section").count() > 1
        assert all(address.startswith(f"{before.address}/") for address in visitor.asked)
        assert visitor.said == []
    moved = ask(f"{before.plain}/about")
    assert moved.status_code == 301
    assert moved.headers["location"].startswith("https://")


def test_pages_are_compressed_and_browsers_told_to_stay_with_https(before: Proxy) -> None:
    """A phone far from a tower loads a tenth, and a later visit begins by HTTPS."""
    page = ask(f"{before.address}/educators/about")
    style = ask(before.address + re.findall(r'href="(/style.css[^"]*)', page.text)[0])
    for sent in (page, style):
        assert sent.headers["content-encoding"] == "gzip"
        assert "max-age" in sent.headers["strict-transport-security"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["server"] == "nginx"


def test_its_logs_hold_neither_visitor_nor_page(before: Proxy) -> None:
    """Not even of a page there is not, a form too large, or a name that means harm."""
    for path in ("/questions/relapse_count", "/SECRET?SECRET=1", "/%00SECRET", "/../SECRET"):
        ask(before.address + path, headers={"Referer": "https://SECRET/", "Cookie": "answers=SECRET"})
    ask(f"{before.address}/SECRET", "POST", content=b"x" * 100_000)
    assert until(lambda: before.logged.count(" GET ") >= 4 and " POST 413 " in before.logged)
    assert not re.search(r"SECRET|relapse|127\.0\.0\.1", before.logged)


SPARING = r" *(client_body_buffer_size 64k|proxy_max_temp_file_size 0);\n"


@pytest.mark.parametrize("spared", [True, False], ids=["with our settings", "without them"])
def test_neither_form_nor_page_goes_to_the_disk(spared: bool, server: Served, tmp_path: Path) -> None:
    """Large forms, and pages for those who read slowly, stay in memory; nginx tells of each that does not."""

    def loud(text: str) -> str:
        text = text.replace("explainer-error.log crit", "explainer-error.log warn")
        text = text.replace(" ssl;", " ssl sndbuf=8k;")  # else the system itself has room for all of a page
        return text if spared else re.sub(SPARING, "", text)

    with proxy(tmp_path, server.address, loud) as running:
        ask(f"{running.address}/educators/load", "POST", content=b"x" * 60_000)
        read_slowly(int(running.address.rpartition(":")[2]))
        assert running.logged.count(" 200 ") == 1
        told = re.findall(r"\[warn\].* buffered to a temporary file", running.logged)
        assert len(told) == (0 if spared else 2)


def read_slowly(port: int) -> None:
    """Asks for an explanation, and takes it in only once all of it had time to come."""
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    asked = f"GET /explanation HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nCookie: __Host-answers=1.leukemia_type:all\r\n\r\n"
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", port))
        with careless.wrap_socket(line) as secret:
            secret.sendall(asked.encode())
            time.sleep(2)
            while secret.recv(65536):
                pass


def test_one_address_that_asks_for_too_much_is_told_to_wait(server: Served, tmp_path: Path) -> None:
    """A class gets through all at once; what nobody reads that fast gets a page that says so."""
    with proxy(tmp_path, server.address) as running, httpx.Client(verify=False, timeout=60) as client:
        pages = [client.get(f"{running.address}/health/live") for _ in range(400)]
    assert {page.status_code for page in pages[:200]} == {200}
    assert pages[-1].status_code == 429
    assert "Please try again in a minute" in pages[-1].text


def test_while_nothing_answers_a_family_is_told_what_to_do(tmp_path: Path, browser: Browser) -> None:
    """An update is no "Bad Gateway": the page is in plain words, fits a phone, is kept nowhere and leads back."""
    (port,) = free_ports(1)
    with proxy(tmp_path, f"http://127.0.0.1:{port}") as running:
        sent = ask(f"{running.address}/explanation")
        assert (sent.status_code, sent.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert (sent.headers["cache-control"], sent.headers["retry-after"]) == ("no-store", "60")
        assert "max-age" in sent.headers["strict-transport-security"]
        visitor = Visitor(browser, running.address, ignore_https_errors=True)
        with closing(visitor.context):
            page = visitor.open("/explanation")
            assert page.get_by_role("heading").inner_text() == page.title() == "Please try again in a minute"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.get_by_role("link").get_attribute("href") == "/next"
    with serving(tmp_path) as server:
        assert ask(f"{server.address}/next", follow_redirects=True).status_code == 200
