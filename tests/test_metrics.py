"""Counts for Prometheus: what is counted, and where it is read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx2 as httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from explainer import metrics
from explainer.errors import InputError


@dataclass(frozen=True)
class Kept:
    hits: int
    currsize: int


RULES = {"revised": "2024-06-24", "rules": "0123456789ab"}


def read(address: str) -> dict[tuple[str, str], float]:
    """Each sample by its name and the values of its labels, in the order of their names."""
    text = httpx.get(address, timeout=30).text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {
        (sample.name, " ".join(word for _, word in sorted(sample.labels.items()))): sample.value for sample in samples
    }


def test_what_is_counted_is_read_at_the_address_that_is_given() -> None:
    """Requests, their duration, explanations and the rules in use, in the form that Prometheus reads."""
    with metrics.published("127.0.0.1", 0, RULES, several=False) as address:
        before = read(address)
        for seconds in (0.004, 0.3):
            metrics.answered("GET", "/a/{b}", 200, seconds)
        metrics.explained(Kept(hits=3, currsize=2))
        after = read(address)
    assert after["explainer_requests_total", "GET /a/{b} 200"] == 2
    assert after["explainer_request_seconds_bucket", "0.005 /a/{b}"] == 1
    assert after["explainer_request_seconds_count", "/a/{b}"] == 2
    assert after["explainer_request_seconds_sum", "/a/{b}"] == pytest.approx(0.304)
    explanations = ("explainer_explanations_total", "")
    assert after[explanations] - before[explanations] == 1
    assert (after["explainer_kept_hits", ""], after["explainer_kept_explanations", ""]) == (3, 2)
    assert after["explainer_knowledge_info", " ".join(RULES.values())] == 1
    with pytest.raises(httpx.ConnectError):
        read(address)


def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half requests keep no threads, of which the service may have a few only."""
    monkeypatch.setattr(metrics, "_SECONDS_TO_ASK", 0.2)
    with metrics.published("127.0.0.1", 0, RULES, several=False) as address:
        port = int(address.rpartition(":")[2].partition("/")[0])
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        assert all(line.recv(1) == b"" for line in silent)  # closed by the other side
        for line in silent:
            line.close()


def test_processes_inside_share_a_folder_that_goes_at_the_end() -> None:
    """Workers learn from the environment where to count; nothing is left of it."""
    with metrics.published("127.0.0.1", 0, RULES, several=True) as address:
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert folder.is_dir()
        assert read(address) == {("explainer_knowledge_info", " ".join(RULES.values())): 1}
    assert not folder.exists()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_where_the_disk_is_full_nothing_is_counted_and_nobody_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count is not worth a page: a process that wrote its counts to a full disk would be killed for it."""
    with metrics.published("127.0.0.1", 0, RULES, several=True) as address:
        before = read(address)
        full = SimpleNamespace(f_bavail=0, f_frsize=4096)
        monkeypatch.setattr(os, "statvfs", lambda _: full)
        metrics.answered("GET", "/", 200, 0.1)
        metrics.explained()
        begun = "import os, explainer.metrics as m; m.answered('GET', '/', 200, 0.1); print(m._FOLDER in os.environ)"
        without = f"import os; os.statvfs = lambda _: type('Full', (), dict(f_bavail=0, f_frsize=1)); {begun}"
        for script, counts in ((begun, "True"), (without, "False")):
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
            assert done.stdout.strip() == counts
        monkeypatch.undo()
        counted = {name: value for name, value in read(address).items() if name not in before}
        assert counted["explainer_requests_total", "GET / 200"] == 1  # by the process that had room


@pytest.mark.parametrize("several", [False, True])
def test_an_address_in_use_is_refused(several: bool) -> None:
    """Who takes a port that is taken is told so, and how to go on."""
    with socket.create_server(("127.0.0.1", 0)) as taken, ExitStack() as stack:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1:{port}: counts cannot be served here \(.*--metrics-port"):
            stack.enter_context(metrics.published("127.0.0.1", port, RULES, several=several))
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_no_folder_to_count_in_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a disk that cannot be written the message names the ways out."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"--metrics-port: .*TMPDIR, or take --workers 1"), ExitStack() as stack:
        stack.enter_context(metrics.published("127.0.0.1", 0, RULES, several=True))
