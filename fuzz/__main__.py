"""Tries a million odd inputs on all that reads what others wrote: `python -m fuzz`, or `python -m fuzz cookie 1000`.

Each target is a module of this folder: `attempt` takes bytes and raises when a promise is broken, and SEEDS, WORDS and
LONGEST say where to begin. atheris changes the bytes so that they reach ever more of our code, and schemathesis sends
requests to a server that runs. What a target fails on is left in .fuzz/, to become a test.
"""

from __future__ import annotations

import importlib
import json
import logging
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RUNS = {"text": 680_000, "cookie": 220_000, "site": 60_000, "profile": 50_000, "rules": 5_000}
REQUESTS = 200
"""How many requests schemathesis makes up for each method of each page, ahead of the ones it always tries."""

LONGEST_SECONDS = 1.0
"""Of computing, for one input."""

_LONGEST_WAIT = 10
"""Seconds by the clock, for one request to a server on a machine that may be busy with other things."""

_KEPT = Path(".fuzz")
_BIN = Path(sys.executable).parent


def main() -> None:
    """Runs one target in this process, or else all of them, each in one of its own."""
    match sys.argv[1:]:
        case []:
            sys.exit(_all())
        case ["requests"]:
            sys.exit(_requests(REQUESTS))
        case ["requests", number]:
            sys.exit(_requests(int(number)))
        case [target]:
            _fuzz(target, RUNS[target])
        case [target, number]:
            _fuzz(target, int(number))


def _all() -> int:
    targets = [*RUNS, "requests"]
    failed = [name for name in targets if subprocess.run([sys.executable, "-m", "fuzz", name], check=False).returncode]
    _say(f"Failed: {', '.join(failed)}" if failed else f"{sum(RUNS.values()):,} inputs and the requests: no fault.")
    return bool(failed)


def _fuzz(name: str, runs: int) -> None:
    """Never returns: libFuzzer ends the process, with 0 if it has found nothing."""
    import atheris

    with atheris.instrument_imports(include=["explainer"]):
        target = importlib.import_module(f"fuzz.{name}")
    corpus = _KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.SEEDS):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    words = _KEPT / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.WORDS), "utf-8")
    logging.disable()  # the site logs every request
    done, slowest, began = 0, 0.0, time.monotonic()

    def attempt(data: bytes) -> None:
        nonlocal done, slowest
        start = time.process_time()
        target.attempt(data)
        took = time.process_time() - start
        assert took < LONGEST_SECONDS, f"this took {took:.1f} s"
        done, slowest = done + 1, max(slowest, took)
        if done == runs:
            _say(
                f"{name}: {runs:,} inputs in {time.monotonic() - began:.0f} s; the slowest took {slowest * 1000:.0f} ms"
            )

    options = [f"-runs={runs}", f"-max_len={target.LONGEST}", f"-dict={words}", f"-artifact_prefix={_KEPT}/{name}-"]
    atheris.Setup([sys.argv[0], *options, "-timeout=20", "-verbosity=0", str(corpus)], attempt)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def _requests(number: int) -> int:
    """Lets schemathesis send requests to our own server, through its sockets. The exit code tells of faults."""
    from fuzz.openapi import description

    _KEPT.mkdir(exist_ok=True)
    described = _KEPT / "openapi.json"
    described.write_text(json.dumps(description()), "utf-8")
    log = (_KEPT / "server.log").open("wb")
    command: list[Any] = [_BIN / "explainer", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as server:
        assert server.stdout is not None
        try:
            address = re.search(r"http://\S+", server.stdout.readline().decode())
            assert address, "the server does not start"
            checks = "not_a_server_error,status_code_conformance,unsupported_method"
            run: list[Any] = [
                _BIN / "schemathesis",
                "run",
                described,
                "--url",
                address[0].rstrip("/"),
                "--checks",
                checks,
            ]
            limits = ["--max-examples", str(number), "--max-response-time", str(_LONGEST_WAIT), "--workers", "2"]
            return subprocess.run([*run, *limits, "--phases", "examples,coverage,fuzzing"], check=False).returncode
        finally:
            server.terminate()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
