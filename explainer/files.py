"""Reads profiles, and writes results: whole files or none."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from explainer.errors import Fault, InputError, ProfileError, shown
from explainer.profile import ProfileModel
from explainer.yamltext import decode, parse, read_bytes

LARGEST_PROFILE = 64_000
"""Bytes that the answers for one child may take."""
_STDIN = "-"
_TOO_DEEP = "this is nested too deeply"


def read_profile(path: str | None, changes: Iterable[str], model: type[ProfileModel]) -> ProfileModel:
    """The profile in a .json or .yaml file (`-`: JSON on standard input), with `field=value` changes put in.

    Raises InputError for a file that cannot be read and ProfileError for answers that do not fit.
    """
    place = "standard input" if path == _STDIN else path or "''"
    changed = _changes(changes)
    try:
        data, lines = _read(path, place) if path is not None else ({}, {})
        if not changed or not isinstance(data, dict):
            return model.read(data, place, lines)
        try:
            return model.read({**data, **changed}, place, lines)
        except ProfileError:
            model.read(data, place, lines)  # raises when the file is wrong by itself; else the changes are
            return model.read({**data, **changed}, "--set")
    except RecursionError:
        raise InputError([Fault(place, 0, _TOO_DEEP)]) from None


def json_profile(raw: bytes, place: str, model: type[ProfileModel]) -> ProfileModel:
    """The profile that some JSON holds, in UTF-8. Raises as `read_profile` does for a file that holds the same."""
    if len(raw) > LARGEST_PROFILE:
        raise InputError([_too_large(place)])
    text = decode(raw, place)
    if isinstance(text, Fault):
        raise InputError([text])
    try:
        return model.read(_parse_json(text, place), place)
    except RecursionError:
        raise InputError([Fault(place, 0, _TOO_DEEP)]) from None


def profile_yaml(profile: ProfileModel) -> str:
    """The profile as a YAML file that `read_profile` reads; answers not known are left out."""
    kept = [f"{name}: {word}" for name, word in profile.given.items()]
    return "\n".join(kept or ["{}"]) + "\n"


def _read(path: str, place: str) -> tuple[object, Mapping[str, int]]:
    raw = _read_stdin(place) if path == _STDIN else read_bytes(Path(path), place, LARGEST_PROFILE)
    text = decode(raw, place) if isinstance(raw, bytes) else raw
    if isinstance(text, Fault):
        raise InputError([text])
    suffix = ".json" if path == _STDIN else Path(path).suffix.lower()
    if suffix == ".json":
        return _parse_json(text, place), {}
    if suffix in (".yaml", ".yml"):
        result = parse(text, place)
        if result.faults:
            raise InputError(result.faults)
        return result.data, {str(key[0]): line for key, line in result.lines.items() if len(key) == 1}
    raise InputError([Fault(place, 0, f"a profile is a .json or .yaml file, not {shown(suffix or path)}")])


def _read_stdin(place: str) -> bytes | Fault:
    raw = sys.stdin.buffer.read(LARGEST_PROFILE + 1) if sys.stdin else b""
    return raw if len(raw) <= LARGEST_PROFILE else _too_large(place)


def _too_large(place: str) -> Fault:
    return Fault(place, 0, f"this is larger than {LARGEST_PROFILE:,} bytes")


def _parse_json(text: str, place: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in pairs:
            if key in data:
                raise InputError([Fault(place, 0, f"the key {shown(key)} stands here twice")])
            data[key] = value
        return data

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise InputError([Fault(place, error.lineno, f"this is not valid JSON: {error.msg}")]) from None
    except ValueError:
        raise InputError([Fault(place, 0, "this is not valid JSON: a number is too long")]) from None


def _changes(changes: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals or not field.strip():
            raise InputError([Fault("--set", 0, f"{shown(change)} is not of the form field=value")])
        if field.strip() in found:
            raise InputError([Fault("--set", 0, f"{shown(field.strip())} is set twice")])
        found[field.strip()] = value.strip()
    return found


# --- writing ---------------------------------------------------------------------------------


def check_writable(path: str) -> None:
    """Raises InputError when `path` could not be written, before any work is put into it."""
    with telling(path):
        target = Path(path)
        folder = target.resolve().parent
        if target.is_dir():
            raise InputError([Fault(path or "''", 0, "this is a folder, not a file")])
        if not folder.is_dir():
            raise InputError([Fault(path, 0, f"the folder {shown(str(folder))} does not exist")])
        touched = [target] if is_device(target) else [target, folder] if target.exists() else [folder]
        if not all(os.access(place, os.W_OK) for place in touched):
            raise InputError([Fault(path, 0, "this may not be written")])


def write(path: str | None, text: str) -> None:
    """Writes UTF-8 text to a file, or to standard output for None. A file is replaced whole or left as it was.

    Raises InputError when the file cannot be written.
    """
    raw = text.encode(errors="backslashreplace")  # a file's name in the text may hold what is not Unicode
    if path is None:
        _write_stdout(raw)
    else:
        check_writable(path)
        with telling(path):
            _write_whole(Path(path), raw)


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
        raise InputError([Fault(path, 0, f"this cannot be written ({said})")]) from None


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
        raise InputError([Fault("standard output", 0, "this is closed")])
    return sys.stdout.buffer


def is_device(path: Path) -> bool:
    """A terminal, a pipe or the like takes bytes; it must not be replaced by a file."""
    return path.exists() and not path.is_file()


def _write_whole(path: Path, raw: bytes) -> None:
    if is_device(path):
        path.write_bytes(raw)
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            draft.chmod(target.stat().st_mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
