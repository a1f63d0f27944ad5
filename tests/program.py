"""Runs the command line for tests: the installed program in a process of its own, or its `main` in this one."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

from explainer import resources
from explainer.cli import main

PROGRAM = Path(sys.executable).with_name("explainer")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


def run(
    *args: str | bytes,
    stdin: bytes = b"",
    environment: Mapping[str, str] = MappingProxyType({}),
    program: Path = PROGRAM,
) -> Done:
    """Runs the installed program, or another one."""
    return _run([program, *args], {**_BUFFERED, **environment}, stdin)


def shell(script: str, *args: str | Path) -> Done:
    """Runs a shell script in which `$0` is the installed program, for what only a shell can set up."""
    return _run(["bash", "-c", script, PROGRAM, *args], _BUFFERED)


def _run(command: Sequence[str | bytes | Path], environment: Mapping[str, str], stdin: bytes = b"") -> Done:
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False, timeout=120)
    return Done(done.returncode, done.stdout, done.stderr.decode())


_BUFFERED = {name: word for name, word in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""As people start the program; what it could not write, Python then tries to write once more at exit."""


@dataclass(frozen=True)
class Served:
    """A server that runs in processes of its own: its address, and what it has said so far."""

    process: subprocess.Popen[bytes]
    address: str
    out: Path
    log: Path

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Presses Ctrl-C, which reaches all of a program's processes; the exit code of the first."""
        os.killpg(self.process.pid, by)
        return self.process.wait(_LONGEST_WAIT)

    @property
    def workers(self) -> set[int]:
        """The processes that answer, where there are several."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(path.read_text("utf-8").rpartition(")")[2].split()[1])
                if parent == self.process.pid and b"spawn_main" in path.with_name("cmdline").read_bytes():
                    found.add(int(path.parent.name))
        return found


@contextmanager
def serving(
    folder: Path, *args: str, command: Sequence[str | Path] = (PROGRAM, "serve", "--port", "0"), cwd: Path | None = None
) -> Iterator[Served]:
    """Runs the web site while a test looks at it. Whatever happens, nothing of it is left."""
    out, log = folder / "out", folder / "log"
    with out.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen([*command, *args], stdout=stdout, stderr=stderr, cwd=cwd, start_new_session=True)
    try:
        yield Served(process, _address(process, out, log), out, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(process: subprocess.Popen[bytes], out: Path, log: Path) -> str:
    end = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < end and process.poll() is None:
        if printed := re.search(r"http://\S+(?=/\n)", out.read_text("utf-8")):
            return printed.group()
        time.sleep(0.05)
    raise AssertionError(f"no address was printed: {out.read_text('utf-8')}{log.read_text('utf-8')}")


_LONGEST_WAIT = 60  # on a machine that is busy with other tests


def call(*args: str, stdin: bytes = b"") -> Done:
    """Runs the same command line in this process, which is much faster."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    with patch.multiple(sys, argv=["explainer", *args], stdin=given, stdout=out, stderr=err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    for stream in (out, err):
        stream.seek(0)
    assert isinstance(code, int)
    return Done(code, out.buffer.read(), err.read())


def assert_refused(done: Done, *words: str) -> None:
    """Bad usage or bad input: exit code 2, one clear message on standard error, nothing on standard output."""
    assert (done.code, done.out) == (2, b"")
    assert "Traceback" not in done.err
    assert done.err.strip()
    assert done.err.endswith("\n")
    assert done.err.count("\n") == 1, done.err
    for word in words:
        assert word in done.err


def copied(into: Path) -> Path:
    """The program and its rules, to break."""
    for name in ("explainer", "rules", "templates"):
        source = Path(resources.__file__).parent if name == "explainer" else resources.folder(name)
        shutil.copytree(source, into / name, ignore=shutil.ignore_patterns("__pycache__"))
    return into


def started(folder: Path, *lines: str) -> list[str]:
    """The command line that runs the program of `folder` after some lines of Python."""
    code = [f"import sys; sys.path.insert(0, {str(folder)!r})", *lines, "from explainer.cli import main; main()"]
    return [sys.executable, "-c", "\n".join(code), "serve", "--port", "0"]


def until(reached: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether it is so within that time."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
