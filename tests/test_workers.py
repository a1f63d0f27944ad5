"""Several workers in bad times: whichever process dies, and whatever becomes of the rules on the disk, it goes on."""

from __future__ import annotations

import os
import pickle
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import httpx2 as httpx
import pytest

from explainer.workers import Shared
from tests.program import Served, copied, run, serving, started, until


def get(server: Served, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(f"{server.address}{path}", headers=headers, timeout=60)


def break_rules(folder: Path) -> None:
    induction = folder / "rules" / "induction.yaml"
    induction.write_text(induction.read_text("utf-8").replace("certainty: usual", "certainty: sure"), "utf-8")


def test_a_killed_worker_is_replaced_and_no_answer_is_wrong(tmp_path: Path) -> None:
    """Whoever was being answered loses the connection, and never gets a wrong page; soon all workers are there again.

    Rules that have meanwhile been broken on the disk change nothing: the new workers know what the old ones knew.
    """
    program = copied(tmp_path)
    with serving(tmp_path, "--workers", "2", command=started(program)) as server:
        right = get(server, "/example").text
        assert until(lambda: len(server.workers) == 2)
        first = server.workers
        break_rules(program)
        ended = Event()
        pages: list[str] = []

        def ask() -> None:
            while not ended.is_set():
                with suppress(httpx.TransportError):
                    pages.append(get(server, "/example").text)

        with ThreadPoolExecutor(4) as pool:
            for _ in range(4):
                pool.submit(ask)
            try:
                for number, pid in enumerate(first, start=1):
                    assert until(lambda: len(pages) >= 10 * number)  # noqa: B023 - asked at once
                    os.kill(pid, signal.SIGKILL)
                    assert until(lambda: len(server.workers - {pid}) == 2)  # noqa: B023 - as above
                assert until(lambda: len(pages) >= 30)
            finally:
                ended.set()
        assert not server.workers & first
        assert set(pages) == {right}
        assert get(server, "/example").text == right
        assert server.stop() == 0
        log = server.log.read_text("utf-8")
        assert "Traceback" not in log
        assert all(f"worker {pid} has ended (-9)" in log for pid in first)  # whoever looks after the server is told


def test_a_worker_that_is_still_starting_may_die_or_be_stopped(tmp_path: Path) -> None:
    """It is replaced as soon as any other, and Ctrl-C in that moment ends all of them without a traceback."""
    with serving(tmp_path, "--workers", "2") as server:
        assert get(server).status_code == 200
        assert until(lambda: len(server.workers) == 2)
        known = server.workers
        dying = min(known)
        began = time.monotonic()
        for _ in range(3):
            os.kill(dying, signal.SIGKILL)
            assert until(lambda: len(server.workers - known) == 1)
            (dying,) = server.workers - known
            known.add(dying)
            time.sleep(0.7)  # by then its parent asks whether it is well
        assert time.monotonic() - began < 20
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text("utf-8")


def test_a_running_server_keeps_the_rules_it_started_with(tmp_path: Path) -> None:
    """Rules that break on the disk reach no visitor. The next start is refused with the faults that a check tells."""
    program = copied(tmp_path)
    command = started(program)
    with serving(tmp_path, command=command) as server:
        right = get(server, "/example").text
        break_rules(program)
        (program / "rules" / "glossary.yaml").unlink()
        assert get(server, "/example").text == right
        assert get(server, "/health/ready").status_code == 200
        assert get(server, "/questions/stage", Cookie="answers=1.leukemia_type:all").status_code == 200
        again = run(*command[1:], program=Path(command[0]))
        assert (again.code, again.out) == (2, b"")
        checked = run(*command[1:3], "check", program=Path(command[0]))
        assert checked.code == 1
        assert checked.text == f"{again.err}{len(again.err.splitlines())} faults found.\n"


def test_a_ledger_that_cannot_be_read_keeps_no_family_waiting(tmp_path: Path) -> None:
    """It only counts for the report, which then says that nobody has; the check named ledger tells what is wrong."""
    program = copied(tmp_path)
    ledger = program / "rules" / "ledger.txt"
    ledger.write_text(f"<<<<<<< HEAD\n{ledger.read_text('utf-8')}", "utf-8")
    with serving(tmp_path, command=started(program)) as server:
        assert get(server).status_code == 200
        assert "Nobody has counted yet" in get(server, "/report").text


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    """When that one is killed, nobody is left to answer by old rules, or to keep the port from the next start."""
    with serving(tmp_path, "--workers", "2") as server:
        assert get(server).status_code == 200
        assert until(lambda: len(server.workers) == 2)
        left = server.workers
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
        with pytest.raises(httpx.TransportError):
            get(server)


def test_what_is_shared_does_not_go_through_the_pipe() -> None:
    """However much it is, a worker that never reads it does not keep its parent waiting."""
    content = {"rules": "x" * 1_000_000}
    shared = Shared(content)
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(len, ("started",)) == 7
    assert shared.content == shared.content == content
    assert len(pickle.dumps(shared)) < 1000
