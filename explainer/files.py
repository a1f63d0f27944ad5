"""Reads profiles, and writes results: whole files or none."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from explainer.errors import Fault, InputError, nearest, shown
from explainer.profile import ProfileModel
from explainer.yamltext import decode, parse, read_bytes

_LARGEST_PROFILE = 64_000
_STDIN = "-"


def read_profile(path: str | None, changes: Iterable[str], model: type[ProfileModel]) -> ProfileModel:
    """The profile in a .json or .yaml file (`-`: JSON on standard input), with `field=value` changes put in.

    Raises InputError for a file that cannot be read and ProfileError for answers that do not fit.
    """
    data, lines = _read(path) if path is not None else ({}, {})
    if isinstance(data, dict):
        data = {**data, **_changes(changes)}
    return model.read(data, path or "--set", lines)


def profile_yaml(profile: ProfileModel) -> str:
    """The profile as a YAML file that `read_profile` reads; answers not known are left out."""
    kept = [f"{name}: {word}" for name, word in profile.answers.items() if word != profile.questions[name].default]
    return "\n".join(kept or ["{}"]) + "\n"


def _read(path: str) -> tuple[object, Mapping[str, int]]:
    place = "standard input" if path == _STDIN else path
    raw = _read_stdin(place) if path == _STDIN else read_bytes(Path(path), place, _LARGEST_PROFILE)
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
    raw = sys.stdin.buffer.read(_LARGEST_PROFILE + 1)
    return raw if len(raw) <= _LARGEST_PROFILE else Fault(place, 0, f"this is larger than {_LARGEST_PROFILE:,} bytes")


def _parse_json(text: str, place: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        data = dict(pairs)
        if len(data) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InputError([Fault(place, 0, f"the key {shown(twice)} stands here twice")])
        return data

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise InputError([Fault(place, error.lineno, f"this is not valid JSON: {error.msg}")]) from None
    except (RecursionError, ValueError):
        raise InputError([Fault(place, 0, "this is not valid JSON: nested too deeply, or a number too long")]) from None


def _changes(changes: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals or not field.strip():
            raise InputError([Fault("--set", 0, f"{shown(change)} is not of the form field=value")])
        found[field.strip()] = value.strip()
    return found


# --- writing ---------------------------------------------------------------------------------


def check_writable(path: str) -> None:
    """Raises InputError when `path` could not be written, before any work is put into it."""
    target = Path(path)
    folder = target.resolve().parent
    if target.is_dir():
        raise InputError([Fault(path, 0, "this is a folder, not a file")])
    if not folder.is_dir():
        known = [entry.name for entry in folder.parent.iterdir() if entry.is_dir()] if folder.parent.is_dir() else []
        raise InputError(
            [Fault(path, 0, f"the folder {shown(str(folder))} does not exist; {nearest(folder.name, known)}")]
        )
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise InputError([Fault(path, 0, "this may not be written")])


def write(path: str | None, text: str) -> None:
    """Writes UTF-8 text to a file, or to standard output for None. A file is replaced whole or left as it was.

    Raises InputError when it cannot be written.
    """
    try:
        if path is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()
        else:
            check_writable(path)
            _write_whole(Path(path), text)
    except BrokenPipeError:
        raise
    except OSError as error:
        place = path or "standard output"
        raise InputError([Fault(place, 0, f"this cannot be written ({error.strerror or error})")]) from None


def _write_whole(path: Path, text: str) -> None:
    target = path.resolve()
    if target.exists() and not target.is_file():  # a device or a pipe takes bytes; it must not be replaced by a file
        target.write_bytes(text.encode())
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            draft.chmod(target.stat().st_mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
