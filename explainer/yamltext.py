"""Strict YAML: every scalar stays text, every key stands once, every value knows its line.

YAML's own typing turns `no` into false, `1:30` into 90 and `012` into 10. A file about a child
must not change under its author's hands, so nothing here is ever converted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from explainer.errors import Fault, shown

Data: TypeAlias = "str | list[Data] | dict[str, Data]"
KeyPath: TypeAlias = tuple[str | int, ...]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DEEPEST = 30
_LARGEST = 1_000_000


@dataclass(slots=True)
class YamlText:
    """One file: its data (text, lists and mappings only), the line of each key path, and its faults."""

    place: str
    data: Data = ""
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of a key path, or of the nearest thing around it; lines count from 1."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: KeyPath, message: str) -> Fault:
        return Fault(self.place, self.line(path), message)


def read_bytes(path: Path, place: str, limit: int = _LARGEST) -> bytes | Fault:
    """A file's bytes, or the fault that keeps it from being read. Anything over `limit` bytes is a fault."""
    try:
        if path.is_dir():
            return Fault(place, 0, "this is a folder, not a file")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        return Fault(place, 0, "there is no such file")
    except (OSError, ValueError) as error:
        return Fault(place, 0, f"the file cannot be read ({getattr(error, 'strerror', None) or error})")
    if len(raw) > limit:
        return Fault(place, 0, f"the file is larger than {limit:,} bytes")
    return raw


def decode(raw: bytes, place: str) -> str | Fault:
    """Bytes as text. Only UTF-8 is read, with or without a byte order mark."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Fault(place, line, f"byte {raw[error.start]:#04x} is not UTF-8 text; save the file as UTF-8")
    if not text.strip():
        return Fault(place, 0, "the file is empty")
    return text


def parse(text: str, place: str) -> YamlText:
    """Reads YAML text. Never raises for what the text says: its faults are in the result."""
    result = YamlText(place)
    try:
        documents = list(_compose_all(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        result.faults.append(Fault(place, line, f"this is not valid YAML: {error.problem or error.context}"))
        return result
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = " ".join(str(error).split()) or "nested too deeply"
        result.faults.append(Fault(place, 1, f"this is not valid YAML: {what}"))
        return result
    if len(documents) != 1:
        result.faults.append(Fault(place, 1, f"one YAML document is wanted, found {len(documents)}"))
        return result
    result.data = _convert(documents[0], (), result)
    return result


def read(path: Path, place: str) -> YamlText:
    """Reads a YAML file. Never raises for what the file is or says: its faults are in the result."""
    raw = read_bytes(path, place)
    text = decode(raw, place) if isinstance(raw, bytes) else raw
    if isinstance(text, Fault):
        return YamlText(place, faults=[text])
    return parse(text, place)


def _compose_all(text: str) -> Iterator[yaml.Node]:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:  # the composer recurses; stop well before it can run out of stack
            raise _refuse(f"nested more than {_DEEPEST} deep", event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refuse("anchors and aliases are not allowed", event)
    yield from yaml.compose_all(text, Loader=_LOADER)


def _refuse(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=cast("yaml.Mark | None", event.start_mark))


def _convert(node: yaml.Node, path: KeyPath, result: YamlText) -> Data:
    result.lines.setdefault(path, node.start_mark.line + 1)
    if node.tag.startswith("!") or (node.tag.startswith("tag:yaml.org") and _explicit(node)):
        result.faults.append(result.fault(path, f"the tag {shown(node.tag)} is not allowed; write plain text"))
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, (*path, number), result) for number, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _convert_mapping(node, path, result)
    return str(node.value)


def _convert_mapping(node: yaml.MappingNode, path: KeyPath, result: YamlText) -> dict[str, Data]:
    data: dict[str, Data] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            result.faults.append(Fault(result.place, line, "a key must be a single word"))
            continue
        key = str(key_node.value)
        inner = (*path, key)
        if key in data:
            first = result.lines[inner]
            result.faults.append(Fault(result.place, line, f"the key {shown(key)} stands here twice (line {first})"))
            continue
        result.lines[inner] = line
        data[key] = _convert(value_node, inner, result)
    return data


def _explicit(node: yaml.Node) -> bool:
    plain = {yaml.SequenceNode: "seq", yaml.MappingNode: "map", yaml.ScalarNode: "str"}
    return node.tag != f"tag:yaml.org,2002:{plain[type(node)]}"
