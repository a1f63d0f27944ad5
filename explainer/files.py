"""Reads made-up children and profiles, and writes results: whole files or none."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, TextIO

from explainer import address
from explainer.address import Child
from explainer.errors import Fault, InputError, ProfileError, shown
from explainer.knowledge import Knowledge, Scenario
from explainer.profile import ProfileModel
from explainer.scenario_file import read_scenario
from explainer.scenarios import LISTED
from explainer.yamltext import decode, parse_bytes, read_bytes

LARGEST_PROFILE = 64_000
"""Bytes that the answers for one child may take."""
_STDIN = "-"
_NAME = re.compile(r"(?!-$)[^./]*(\.[0-9]+)?")
"""What is the name of a scenario or of its step, and no file: that has an ending, or a slash before its name."""
_ALLOWED = f"{LISTED}, or a .json or .yaml file"
_UNCHANGED: Mapping[str, str] = MappingProxyType({})


def read_child(text: str | None, changes: Iterable[str], knowledge: Knowledge, place: str) -> Child:
    """The child that an argument of a command names, with `field=value` changes put in; None is one not known at all.

    The argument may be the name of a scenario or of its step (`clear-sky`, `clear-sky.2`), a .json or .yaml file of
    answers, a scenario's .yaml file, which stands for its beginning, or `-` for answers as JSON on standard input.

    Raises InputError for a name that no scenario has, where `place` is what the argument is called, and for a file that
    cannot be read; and ProfileError for answers that do not fit.
    """
    changed = _changes(changes)
    if text is None:
        return address.of(_profile({}, {}, place, knowledge.profile, changed))
    if _NAME.fullmatch(text):
        return _with(changed, address.named(knowledge, text, place, _ALLOWED), knowledge)
    source = "standard input" if text == _STDIN else text
    raw = _read_stdin(source) if text == _STDIN else read_bytes(Path(text), source, LARGEST_PROFILE)
    if isinstance(raw, Fault):
        raise InputError([raw])
    suffix = ".json" if text == _STDIN else Path(text).suffix.lower()
    if suffix in (".yaml", ".yml"):
        child = yaml_child(raw, source, knowledge, changed)
    elif suffix == ".json":
        child = address.of(json_profile(raw, source, knowledge.profile, changed))
    else:
        raise InputError([Fault(source, 0, f"a profile is a .json or .yaml file, not {shown(suffix or text)}")])
    return child if child.title else child._replace(title=text)


def yaml_child(raw: bytes, place: str, knowledge: Knowledge, changed: Mapping[str, str] = _UNCHANGED) -> Child:
    """The child that a YAML file tells of: by answers alone, or by a scenario, which is at its beginning.

    Raises as `read_child` does. Faults call the file `place`.
    """
    file = parse_bytes(raw, place, LARGEST_PROFILE)
    if file.faults:
        raise InputError(file.faults)
    telling = Scenario.model_fields.keys() - knowledge.profile.questions.keys()
    if isinstance(file.data, dict) and file.data.keys() & telling:
        return _with(changed, address.steps(knowledge, read_scenario(raw, place, knowledge))[0], knowledge)
    lines = {str(key[0]): line for key, line in file.lines.items() if len(key) == 1}
    return address.of(_profile(file.data, lines, place, knowledge.profile, changed))


def json_profile(
    raw: bytes, place: str, model: type[ProfileModel], changed: Mapping[str, str] = _UNCHANGED
) -> ProfileModel:
    """The profile that some JSON holds, in UTF-8. Raises as `read_child` does for a file that holds the same."""
    if len(raw) > LARGEST_PROFILE:
        raise InputError([_too_large(place)])
    text = decode(raw, place)
    if isinstance(text, Fault):
        raise InputError([text])
    try:
        return _profile(_parse_json(text, place), {}, place, model, changed)
    except RecursionError:
        raise InputError([Fault(place, 0, "this is nested too deeply")]) from None


def profile_yaml(profile: ProfileModel) -> str:
    """The profile as a YAML file that `read_child` reads; answers not known are left out."""
    kept = [f"{name}: {word}" for name, word in profile.given.items()]
    return "\n".join(kept or ["{}"]) + "\n"


def _profile(
    data: object, lines: Mapping[str, int], place: str, model: type[ProfileModel], changed: Mapping[str, str]
) -> ProfileModel:
    """The profile of what a file holds, with changes put in. A fault of the file is never blamed on these."""
    if not changed or not isinstance(data, dict):
        return model.read(data, place, lines)
    try:
        return model.read({**data, **changed}, place, lines)
    except ProfileError:
        model.read(data, place, lines)  # raises when the file is wrong by itself; else the changes are
        return model.read({**data, **changed}, "--set")


def _with(changed: Mapping[str, str], child: Child, knowledge: Knowledge) -> Child:
    """The child of a scenario with some answers changed."""
    return child._replace(profile=_profile(child.profile.given, {}, "--set", knowledge.profile, changed))


def _read_stdin(place: str) -> bytes | Fault:
    if sys.stdin is None:
        return Fault(place, 0, "this is closed")
    raw = sys.stdin.buffer.read(LARGEST_PROFILE + 1)
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


STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Other names of standard output. Where it leads into a file, that is written on, and never replaced."""


def check_writable(path: str | None) -> None:
    """Raises InputError when `path` could not be written, before any work is put into it. None is standard output."""
    if path is None or path in STDOUT:
        return
    if not path:
        raise InputError([Fault("''", 0, "this names no file")])
    with telling(path):
        target = Path(path)
        folder = target.resolve().parent
        if target.is_dir():
            raise InputError([Fault(path, 0, "this is a folder, not a file")])
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
                raise InputError([Fault(output, 0, "this is what is read; name another file for the output")])


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
