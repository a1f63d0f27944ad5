"""Reads a child from a file, from standard input or by its name, and writes its answers as a file holds them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

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
_STEP = re.compile(r"(.+\.ya?ml)\.([0-9]+)", re.IGNORECASE)
_ALLOWED = f"{LISTED}, or a .json or .yaml file"
_UNCHANGED: Mapping[str, str] = MappingProxyType({})


def read_child(text: str | None, changes: Iterable[str], knowledge: Knowledge, place: str) -> Child:
    """The child that an argument of a command names, with `field=value` changes put in; None is one not known at all.

    The argument may be the name of a scenario or of its step (`clear-sky`, `clear-sky.2`), a .json or .yaml file of
    answers, a scenario's .yaml file or its step (`mine.yaml`, `mine.yaml.2`), or `-` for answers as JSON on standard
    input. A scenario by itself stands for its beginning.

    Raises InputError for a name that no scenario has, where `place` is what the argument is called, and for a file that
    cannot be read; and ProfileError for answers that do not fit.
    """
    changed = _changes(changes)
    if text is None:
        return address.of(_profile({}, {}, place, knowledge.profile, changed))
    if _NAME.fullmatch(text):
        return _with(changed, address.named(knowledge, text, place, _ALLOWED), knowledge)
    step = _STEP.fullmatch(text) if not Path(text).exists() else None
    if step:
        text = step[1]
    source = "standard input" if text == _STDIN else text
    raw = _read_stdin(source) if text == _STDIN else read_bytes(Path(text), source, LARGEST_PROFILE)
    if isinstance(raw, Fault):
        raise InputError([raw])
    suffix = ".json" if text == _STDIN else Path(text).suffix.lower()
    if suffix in (".yaml", ".yml"):
        child = yaml_child(raw, source, knowledge, changed, step[2] if step else "1")
    elif suffix == ".json":
        child = address.of(json_profile(raw, source, knowledge.profile, changed))
    else:
        raise InputError.at(source, f"a profile is a .json or .yaml file, not {shown(suffix or text)}")
    return child if child.title else child._replace(title=text if text.isprintable() else shown(text))


def yaml_child(
    raw: bytes, place: str, knowledge: Knowledge, changed: Mapping[str, str] = _UNCHANGED, step: str = "1"
) -> Child:
    """The child that a YAML file tells of: by answers alone, or by a scenario at one of its steps.

    Raises as `read_child` does. Faults call the file `place`.
    """
    file = parse_bytes(raw, place, LARGEST_PROFILE)
    if file.faults:
        raise InputError(file.faults)
    telling = Scenario.model_fields.keys() - knowledge.profile.questions.keys()
    if isinstance(file.data, dict) and file.data.keys() & telling:
        return _with(changed, address.at_step(knowledge, read_scenario(raw, place, knowledge), step, place), knowledge)
    if step != "1":
        raise InputError.at(place, f"this holds answers alone, and has no step {shown(step)}")
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
        raise InputError.at(place, "this is nested too deeply") from None


def profile_yaml(profile: ProfileModel) -> str:
    """The profile as a YAML file that `read_child` reads; answers not known are left out."""
    kept = [f"{name}: {word}" for name, word in profile.given.items()]
    return "\n".join(kept or ["{}"]) + "\n"


def _profile(
    data: object, lines: Mapping[str, int], place: str, model: type[ProfileModel], changed: Mapping[str, str]
) -> ProfileModel:
    """The profile of what a file holds, with changes put in, less the answers that these make moot.

    A fault of the file is never blamed on the changes.
    """
    if not changed or not isinstance(data, dict):
        return model.read(data, place, lines)
    try:
        return model.read({**data, **changed}, place, lines)
    except ProfileError:
        return model.read(data, place, lines).changed(changed, "--set")


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
                raise InputError.at(place, f"the key {shown(key)} stands here twice")
            data[key] = value
        return data

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise InputError.at(place, f"this is not valid JSON: {error.msg}", error.lineno) from None
    except ValueError:
        raise InputError.at(place, "this is not valid JSON: a number is too long") from None


def _changes(changes: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in changes:
        field, equals, value = change.partition("=")
        if not equals or not field.strip():
            raise InputError.at("--set", f"{shown(change)} is not of the form field=value")
        if field.strip() in found:
            raise InputError.at("--set", f"{shown(field.strip())} is set twice")
        found[field.strip()] = value.strip()
    return found
