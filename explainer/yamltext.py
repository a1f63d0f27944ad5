"""Strict YAML: every scalar stays text, every key stands once, every value knows its line.

YAML's own typing turns `no` into false, `1:30` into 90 and `012` into 10. A file about a child
must not change under its author's hands, so nothing here is ever converted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from explainer.errors import Fault, shown

Data: TypeAlias = "str | list[Data] | dict[str, Data]"
KeyPath: TypeAlias = tuple[str | int, ...]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DEEPEST = 30
_LARGEST = 200_000  # ten times our largest file, and still read in half a second, whatever it holds
NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # as YAML has it


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


def not_text(odd: re.Match[str]) -> str:
    """What to say about a character that NOT_TEXT has found."""
    return f"the character {shown(odd.group())} is not text; delete it"


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
    return raw if len(raw) <= limit else _too_large(place, limit)


def _too_large(place: str, limit: int) -> Fault:
    return Fault(place, 0, f"the file is larger than {limit:,} bytes")


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
    if odd := NOT_TEXT.search(text):
        result.faults.append(Fault(place, text.count("\n", 0, odd.start()) + 1, not_text(odd)))
        return result
    root = _compose(text, place)
    if isinstance(root, Fault):
        result.faults.append(root)
    else:
        result.data = _convert(root, (), result)
    return result


def read(path: Path, place: str) -> YamlText:
    """Reads a YAML file. Never raises for what the file is or says: its faults are in the result."""
    raw = read_bytes(path, place)
    return YamlText(place, faults=[raw]) if isinstance(raw, Fault) else parse_bytes(raw, place)


def parse_bytes(raw: bytes, place: str, limit: int = _LARGEST) -> YamlText:
    """Reads the bytes of a YAML file, `limit` of them at most. Never raises for what they say."""
    text = decode(raw, place) if len(raw) <= limit else _too_large(place, limit)
    return YamlText(place, faults=[text]) if isinstance(text, Fault) else parse(text, place)


def _compose(text: str, place: str) -> yaml.Node | Fault:
    depth = documents = 0  # looked at before composing, which recurses and resolves aliases: a second pass is cheap
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            if said := _refusal(event, depth, documents):
                return Fault(place, cast("yaml.Mark", event.start_mark).line + 1, said)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        return Fault(place, *_said(error, text))
    return root or Fault(place, 0, "the file is empty")


def _refusal(event: yaml.Event, depth: int, documents: int) -> str | None:
    """What we refuse although YAML allows it."""
    if depth > _DEEPEST:  # the composer recurses; stop well before it can run out of stack
        return f"this is nested more than {_DEEPEST} deep"
    if documents > 1:
        return "a second document (---) begins here; a file holds one"
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return _NO_ANCHORS
    return None


_NO_ANCHORS = "YAML takes text that begins with & or * for an anchor or alias; put it in quotes"
_MISFIT = "this does not fit the lines above; look at its indentation and at quotation marks"
_REMEDIES = {
    "mapping values are not allowed": (
        "a colon does not fit here; put text that holds one in quotes, or compare the indentation with the line above"
    ),
    "could not find expected ':'": "this line wants a key, a colon and a space",
    "did not find expected key": _MISFIT,
    "did not find expected <document start>": _MISFIT,
    "did not find expected '-' indicator": "this does not fit the list above; look at its indentation",
    "block sequence entries are not allowed": "a list does not fit here; begin it on the next line, with a dash",
    "did not find expected ','": "a comma or a closing bracket is missing before this",
    "did not find expected alphabetic": _NO_ANCHORS,
    "found unexpected end of stream": "the quotation mark that opens here is never closed",
    "found undefined tag handle": "YAML takes text that begins with ! for a tag; put it in quotes",
    "found unknown escape character": "a backslash has a meaning of its own in double quotes; use single quotes",
    "did not find expected comment or line break": "text after | or > begins on the next line",
}
"""What PyYAML finds, and what an author can do about it."""


def _said(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """The line of a syntax error and what to say about it."""
    problem = error.problem or ""
    unfinished = problem.startswith(("could not find", "found unexpected end"))  # then the line where it begins helps
    mark = (error.context_mark if unfinished else None) or error.problem_mark
    line, index = (mark.line + 1, mark.index) if mark else (1, 0)
    character = text[index : index + 1]
    if character == "\t":
        return line, "a tab stands here; indent with spaces"
    if "cannot start any token" in problem:
        return line, f"text cannot begin with {shown(character)}; put it in quotes"
    remedies = (said for found, said in _REMEDIES.items() if problem.startswith(found))
    return line, next(remedies, f"this is not valid YAML: {problem}")


def _convert(node: yaml.Node, path: KeyPath, result: YamlText) -> Data:
    result.lines.setdefault(path, node.start_mark.line + 1)
    _check_tag(node, result)
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
            result.faults.append(Fault(result.place, line, "a key has to be text, not a list or a mapping"))
            continue
        _check_tag(key_node, result)
        key = str(key_node.value)
        inner = (*path, key)
        if key in data:
            said = f"the key {shown(key)} stands here twice (first on line {result.lines[inner]})"
            result.faults.append(Fault(result.place, line, said))
            continue
        result.lines[inner] = line
        data[key] = _convert(value_node, inner, result)
    return data


def _check_tag(node: yaml.Node, result: YamlText) -> None:
    plain = {yaml.SequenceNode: "seq", yaml.MappingNode: "map", yaml.ScalarNode: "str"}
    if node.tag != f"tag:yaml.org,2002:{plain[type(node)]}":
        said = f"YAML takes text that begins with ! for a tag ({shown(node.tag)}); put it in quotes"
        result.faults.append(Fault(result.place, node.start_mark.line + 1, said))
