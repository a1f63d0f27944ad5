"""Strict YAML: every scalar stays text, every key stands once, every value knows its line.

YAML's own typing turns `no` into false, `1:30` into 90 and `012` into 10. A file about a child
must not change under its author's hands, so nothing here is ever converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from explainer.errors import Fault, shown

Data: TypeAlias = "str | list[Data] | dict[str, Data]"
KeyPath: TypeAlias = tuple[str | int, ...]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_COMMENT = re.compile("[ \t]+#")
_DEEPEST = 30
_LARGEST = 200_000  # ten times our largest file, and still read in half a second, whatever it holds
_UNSEEN = re.compile(
    "[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NOT_TEXT: re.Pattern[str] = yaml.reader.Reader.NON_PRINTABLE
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as YAML has it
_BLANK = re.compile("[\xa0\u2000-\u200a\u202f\u3000]")
_ODD_BLANK = re.compile(rf"(?m)^[ \t-]*(?:\w[\w-]*:)?{_BLANK.pattern}")
_KEY_AT_ONCE = re.compile(r"\s*(?:- +)?[\w-]+:\S")
_KEY_ALONE = re.compile(r"\s*- +\w+ [^:]*$")
_NOT_EQUAL = re.compile(r":\s*!=")
_NOT_OUTSIDE = re.compile(r"\s*\w+:\s*not\b")
_CURLY = re.compile(r":\s+([“”„‘’‚«])")
_TWO_COLONS = re.compile(r"\s*(?:- +)?\w+: +\w+: ")
_OPENS = re.compile(r"\s*(?:- +)?(?:[\w-]+: +)?([\[{])[^\]}]*[\]}] *[^\s#,]")


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


def not_text(text: str) -> tuple[int, str] | None:
    """Where a character stands that YAML does not take for text, or that nobody sees, and what to say about it.

    A word that holds one that nobody sees passes for another word.
    """
    if odd := _NOT_TEXT.search(text):
        return odd.start(), f"the character {shown(odd.group())} is not text; delete it"
    if odd := _UNSEEN.search(text):
        return odd.start(), f"the character {shown(odd.group())} cannot be seen; delete it"
    return None


def _line_at(text: str, index: int) -> int:
    return len(_LINE_END.findall(text, 0, index)) + 1


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
        line = error.object.count(b"\n", 0, error.start) + 1  # of these bytes, which lack the mark
        return Fault(place, line, f"byte {error.object[error.start]:#04x} is not UTF-8 text; save the file as UTF-8")
    if not text.strip():
        return Fault(place, 0, "the file is empty")
    return text


def parse(text: str, place: str) -> YamlText:
    """Reads YAML text. Never raises for what the text says: its faults are in the result."""
    result = YamlText(place)
    if odd := not_text(text):
        index, said = odd
        result.faults.append(Fault(place, _line_at(text, index), said))
        return result
    try:
        events = _events(text)
        next(events)  # the stream begins
        next(events)  # a document begins, or the stream is over
        result.data = _value(next(events), events, (), result)
        for _ in events:  # what comes after may be wrong, too
            pass
    except StopIteration:
        result.faults = [Fault(place, 0, "the file is empty")]
    except _RefusedError as error:
        result.faults = [Fault(place, *error.args)]
    except yaml.MarkedYAMLError as error:
        result.faults = [Fault(place, *_said(error, text))]
    return result


def read(path: Path, place: str) -> YamlText:
    """Reads a YAML file. Never raises for what the file is or says: its faults are in the result."""
    raw = read_bytes(path, place)
    return YamlText(place, faults=[raw]) if isinstance(raw, Fault) else parse_bytes(raw, place)


def parse_bytes(raw: bytes, place: str, limit: int = _LARGEST) -> YamlText:
    """Reads the bytes of a YAML file, `limit` of them at most. Never raises for what they say."""
    text = decode(raw, place) if len(raw) <= limit else _too_large(place, limit)
    return YamlText(place, faults=[text]) if isinstance(text, Fault) else parse(text, place)


class _RefusedError(Exception):
    """What we refuse although YAML allows it: the line, and what to say about it."""


def _events(text: str) -> Iterator[yaml.Event]:
    """What stands in the text, piece by piece. Raises MarkedYAMLError, and _RefusedError."""
    depth = documents = 0
    for event in iter(_LOADER(text).get_event, None):
        if isinstance(event, yaml.NodeEvent):
            if event.anchor:  # an alias has that, too
                raise _refused(event, _NO_ANCHORS)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:  # reading recurses; stop well before it can run out of stack
                    raise _refused(event, f"this is nested more than {_DEEPEST} deep")
            elif isinstance(event, yaml.ScalarEvent) and not event.style and " " in event.value:
                end = cast("yaml.Mark", event.end_mark)
                if _COMMENT.match(text, end.index):  # it would cut a sentence short, and nobody would notice
                    raise _RefusedError(end.line + 1, "YAML takes text from # on for a comment; put the text in quotes")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(event, "a second document (---) begins here; a file holds one")
        yield event


def _refused(event: yaml.Event, said: str) -> _RefusedError:
    return _RefusedError(_line(event), said)


_START: Callable[[yaml.Event], int] = attrgetter("start_mark.line")


def _line(event: yaml.Event) -> int:
    return _START(event) + 1


_NO_ANCHORS = "YAML takes text that begins with & or * for an anchor or alias; put it in quotes"
_TYPE_A_SPACE = "type an ordinary space"
_WANTS_COLON = "this line wants a key, a colon and a space"
_NO_COLON_FITS = (
    "a colon does not fit here; put text that holds one in quotes, or compare the indentation with the line above"
)
_NO_UNEQUAL = "!= has no meaning here; for any other answer write not: {field: answer}"
_MISFIT = "this does not fit the lines above; look at its indentation and at quotation marks"
_REMEDIES = {
    "mapping values are not allowed": _NO_COLON_FITS,
    "could not find expected ':'": _WANTS_COLON,
    "did not find expected key": _MISFIT,
    "did not find expected <document start>": _MISFIT,
    "did not find expected '-' indicator": "this does not fit the list above; look at its indentation",
    "block sequence entries are not allowed": "a list does not fit here; begin it on the next line, with a dash",
    "did not find expected ','": "a comma, a bracket or a quotation mark is missing before this, maybe a line above",
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
    above, here = ["", *_LINE_END.split(text), ""][line - 1 : line + 1]
    remedies = (said for found, said in _REMEDIES.items() if problem.startswith(found))
    said = next(remedies, f"this is not valid YAML: {problem}")
    if odd := _ODD_BLANK.search(text):
        line, said = _line_at(text, odd.start()), f"a blank of another kind stands here; {_TYPE_A_SPACE}"
    elif text[index : index + 1] == "\t":
        said = "a tab stands here; indent with spaces"
    elif "cannot start any token" in problem:
        said = f"text cannot begin with {shown(text[index])}; put it in quotes"
    elif _NOT_EQUAL.search(here):
        said = _NO_UNEQUAL
    elif said == _NO_COLON_FITS and _NOT_OUTSIDE.match(here):
        said = "what is not to hold stands in braces with its `not`; write when: {not: {field: answer}}"
    elif said == _NO_COLON_FITS and (curly := _CURLY.search(here)):
        said = f'{curly[1]} does not hold text together as a straight quotation mark does; put the text in "…"'
    elif said == _NO_COLON_FITS and _TWO_COLONS.match(here):
        said = "two colons do not fit on one line; write key: {key: value}, or put text that holds one in quotes"
    elif said == _NO_COLON_FITS and (_KEY_AT_ONCE.match(above) or _KEY_ALONE.match(above)):
        line, said = line - 1, _WANTS_COLON
    elif said == _MISFIT and (opens := _OPENS.match(here) or _OPENS.match(above)):
        said = f"text cannot begin with {opens[1]}; put it in quotes"
    return line, said


_Events: TypeAlias = Iterator[yaml.Event]


def _value(event: yaml.Event, events: _Events, path: KeyPath, result: YamlText) -> Data:
    """The value that begins with an event, with all that belongs to it taken from those that follow."""
    result.lines.setdefault(path, _START(event) + 1)
    if isinstance(event, yaml.ScalarEvent):
        _check_tag(event, "str", result)
        return str(event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        _check_tag(event, "seq", result)
        items: list[Data] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_value(item, events, (*path, len(items)), result))
        return items
    _check_tag(cast("yaml.CollectionStartEvent", event), "map", result)
    return _mapping(events, path, result)


def _mapping(events: _Events, path: KeyPath, result: YamlText) -> dict[str, Data]:
    data: dict[str, Data] = {}
    passed_over = YamlText(result.place)
    dash_is_missing = False  # then the keys that follow stand here twice, too
    while not isinstance(key_event := next(events), yaml.MappingEndEvent):
        line = _START(key_event) + 1
        if not isinstance(key_event, yaml.ScalarEvent):
            result.faults.append(Fault(result.place, line, "a key has to be text, not a list or a mapping"))
            _value(key_event, events, (), passed_over)
            _value(next(events), events, (), passed_over)
            continue
        _check_tag(key_event, "str", result)
        key = str(key_event.value)
        inner = (*path, key)
        if _BLANK.search(key):
            said = f"a blank of another kind stands in {shown(key)}; {_TYPE_A_SPACE}"
            result.faults.append(Fault(result.place, line, said))
        if key in data:
            said = f"the key {shown(key)} stands here twice (first on line {result.lines[inner]})"
            if not dash_is_missing:
                dash_is_missing = bool(path) and isinstance(path[-1], int) and key == next(iter(data))
                said += "; a new entry of a list begins with a dash" if dash_is_missing else ""
                result.faults.append(Fault(result.place, line, said))
            _value(next(events), events, (), passed_over)
            continue
        result.lines[inner] = line
        data[key] = _value(next(events), events, inner, result)
    return data


def _check_tag(event: yaml.ScalarEvent | yaml.CollectionStartEvent, kind: str, result: YamlText) -> None:
    if event.tag is not None and event.tag not in ("!", f"tag:yaml.org,2002:{kind}"):
        tag = f"YAML takes text that begins with ! for a tag ({shown(event.tag)}); put it in quotes"
        said = _NO_UNEQUAL if event.tag == "!=" else tag
        result.faults.append(Fault(result.place, _line(event), said))
