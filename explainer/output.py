"""Writes results: to standard output, or whole files or none."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from explainer.errors import InputError, shown

STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Other names of standard output. Where it leads into a file, that is written on, and never replaced."""
_OPEN_ALREADY = re.compile("/dev/(stderr|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+")
"""Names of other streams of a program; these may lead into a log."""


def check_writable(path: str | None) -> None:
    """Raises InputError when `path` could not be written, before any work is put into it. None is standard output."""
    if path is None or path in STDOUT:
        return
    if not path:
        raise InputError.at("''", "this names no file")
    with telling(path):
        target = Path(path)
        folder = target.resolve().parent
        if target.is_dir():
            raise InputError.at(path, "this is a folder, not a file")
        if not folder.is_dir():
            raise InputError.at(path, f"the folder {shown(str(folder))} does not exist")
        touched = [target] if is_device(target) else [target, folder] if target.exists() else [folder]
        if not all(os.access(place, os.W_OK) for place in touched):
            raise InputError.at(path, "this may not be written")


def write(path: str | None, text: str) -> None:
    """Writes UTF-8 text to a file, or to standard output for None. A file is replaced whole or left as it was.

    Raises InputError when the file cannot be written.
    """
    raw = text.encode(errors="backslashreplace")  # a file's name in the text may hold what is not Unicode
    if path is None or path in STDOUT:
        _write_stdout(raw)
    else:
        check_writable(path)
        with telling(path):
            _write_whole(Path(path), raw)


def check_apart(output: str | None, *sources: str | None) -> None:
    """Raises InputError where what would be written is the very file that is read."""
    for source in sources:
        with suppress(OSError, ValueError):  # one of them is not there, or is no path
            if output and source and Path(output).is_file() and Path(output).samefile(source):
                raise InputError.at(output, "this is what is read; name another file for the output")


def mute(stream: TextIO | None) -> None:
    """Keeps Python from trying once more, at exit, to write what a stream could not take."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def telling(path: str) -> Iterator[None]:
    """Tells whatever the system has against `path` as an InputError."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:  # no room; a null byte in the name; links in a circle
        said = getattr(error, "strerror", None) or error
        raise InputError.at(path, f"this cannot be written ({said})") from None


def put(stream: BinaryIO, raw: bytes | memoryview) -> None:
    """Writes all of it. A stream that Python does not buffer may take less than it is given."""
    rest = memoryview(raw)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()


def _write_stdout(raw: bytes) -> None:
    try:
        put(stdout(), raw)
    except BrokenPipeError:  # whoever reads it has read enough
        mute(sys.stdout)


def stdout() -> BinaryIO:
    """Standard output, for bytes. Raises InputError when there is none."""
    if sys.stdout is None:
        raise InputError.at("standard output", "this is closed")
    return sys.stdout.buffer


def is_device(path: Path) -> bool:
    """A terminal, a pipe or the like takes bytes; it must not be replaced by a file."""
    return path.exists() and not path.is_file()


def _write_whole(path: Path, raw: bytes) -> None:
    if is_device(path) or _OPEN_ALREADY.fullmatch(str(path)):
        with path.open("ab") as stream:
            stream.write(raw)
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            if target.exists():
                draft.chmod(target.stat().st_mode)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
