"""Strict YAML: what it keeps, what it refuses, and where."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from explainer.errors import Fault
from explainer.resources import folder
from explainer.yamltext import Data, decode, parse, read, read_bytes
from tests.mangle import mangled

RULE_FILES = [path.read_text(encoding="utf-8") for path in sorted(folder("rules").rglob("*.yaml"))]

NESTED = """\
# a comment

name: one
list:
  - first
  -
    key: second
  - [third,
     fourth]
text: >-
  folded
  text
empty:
map: {a: 1,
      b: {c: 2}}
"""


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "on",
        "yes",
        "y",
        "true",
        "1:30",
        "012",
        "0x1F",
        "~",
        "null",
        "1e3",
        "1_000",
        ".inf",
        "2024-06-24",
        "<<",
        "=",
    ],
)
def test_a_word_stays_the_word_that_was_written(word: str) -> None:
    """Nothing turns into a truth value, a number or a date, neither as a value nor as a key."""
    assert parse(f"{word}: [{word}]\n", "f").data == {word: [word]}


_TEXT = st.text(  # without line breaks, which YAML may fold, what nobody sees, and blanks that cannot stand in a key
    st.characters(codec="utf-8", exclude_categories=["Cf", "Zl", "Zp"], exclude_characters="\x85").filter(
        lambda character: character == " " or unicodedata.category(character) != "Zs"
    )
)


@given(st.recursive(_TEXT, lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner), max_leaves=15))
def test_what_is_written_is_what_is_read(data: Data) -> None:
    """Text, lists and mappings come back unchanged from any YAML that says them."""
    result = parse(yaml.safe_dump(data, allow_unicode=True), "f")
    assert (result.data, result.faults) == (data, [])


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 3),
        (("name",), 3),
        (("list",), 4),
        (("list", 0), 5),
        (("list", 1), 7),
        (("list", 1, "key"), 7),
        (("list", 2), 8),
        (("list", 2, 1), 9),
        (("text",), 10),
        (("empty",), 13),
        (("map", "b", "c"), 15),
        (("map", "b", "missing"), 15),
        (("missing", "altogether"), 3),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_every_value_knows_its_line(path: tuple[str | int, ...], line: int, line_break: str) -> None:
    """A fault points at the line of its key or entry or, for what is missing, of the nearest thing around it."""
    result = parse(NESTED.replace("\n", line_break), "f")
    assert result.fault(path, "x") == Fault("f", line, "x")


@given(
    st.text()
    | st.text(alphabet="ab:-,?[]{}&*!|>'\"%@`#\\\t\n\r\x85\u2028\xa0 ")
    | st.sampled_from(RULE_FILES).flatmap(mangled)
)
@example("\r[[[")
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever a file says, the answer is data or faults, and each fault lies inside the file."""
    result = parse(text, "f")
    assert result.faults or isinstance(result.data, str | list | dict)
    for fault in result.faults:
        assert fault.place == "f"
        assert 0 <= fault.line <= len(text.splitlines()) + 1
        assert "\n" not in fault.message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
@pytest.mark.parametrize("depth", [31, 100_000])
def test_nesting_has_an_end(opening: str, depth: int) -> None:
    """A file nested without end is a fault, not a crash."""
    assert parse(opening * depth, "f").faults == [Fault("f", 1, "this is nested more than 30 deep")]


def test_nesting_up_to_that_end_is_read() -> None:
    """The limit refuses nothing that stays within it."""
    assert parse("[" * 30 + "]" * 30, "f").faults == []


def test_every_repeated_key_is_told() -> None:
    """A second value for a key never wins silently, however deep it stands."""
    faults = parse("a: 1\nb: {c: 1, c: 2}\na: 2\n", "f").faults
    assert [str(fault) for fault in faults] == [
        "f:2: the key 'c' stands here twice (first on line 2)",
        "f:3: the key 'a' stands here twice (first on line 1)",
    ]


@pytest.mark.parametrize("text", ["!!int 3: x", "x: !!int 3", "- !<tag:example.org,2000:y> x", "!z {a: b}"])
def test_no_tag_is_obeyed(text: str) -> None:
    """A tag could turn text into something else, so it is refused on keys and values alike."""
    [fault] = parse(text, "f").faults
    assert "for a tag" in fault.message


# --- files -----------------------------------------------------------------------------------


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    """A file that would fill the memory is refused before it is read as a whole."""
    path = tmp_path / "f"
    path.write_bytes(b"x" * 1000)
    assert read_bytes(path, "f", limit=1000) == b"x" * 1000
    assert read_bytes(path, "f", limit=999) == Fault("f", 0, "the file is larger than 999 bytes")


def test_what_is_no_readable_file_is_a_fault(tmp_path: Path) -> None:
    """A missing file, a folder, a link to itself and a name no file can have are told for what they are."""
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    expected = {
        tmp_path / "missing": "there is no such file",
        tmp_path: "this is a folder, not a file",
        circle: f"the file cannot be read ({os.strerror(errno.ELOOP)})",
        tmp_path / "\0": "the file cannot be read (embedded null byte)",
    }
    assert {path: read_bytes(path, "f") for path in expected} == {
        path: Fault("f", 0, said) for path, said in expected.items()
    }


def test_a_byte_order_mark_is_no_text() -> None:
    """Some editors put one at the start of a file; it must not become part of the first key."""
    assert decode("\ufeffé: 1".encode(), "f") == "é: 1"


def test_a_byte_that_is_not_utf_8_is_named_with_its_line() -> None:
    """A file that was saved in another encoding says so, and where. A byte order mark ahead of it changes nothing."""
    said = "byte 0xe9 is not UTF-8 text; save the file as UTF-8"
    for mark in (b"", b"\xef\xbb\xbf"):
        assert decode(mark + b"a: 1\nb: caf\xe9\n", "f") == Fault("f", 2, said)


@pytest.mark.parametrize("raw", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_a_file_without_text_is_empty(raw: bytes) -> None:
    """An empty file is told as such and not as a mistake in YAML."""
    assert decode(raw, "f") == Fault("f", 0, "the file is empty")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "a: [\n", "a: 1\n"])
def test_reading_is_decoding_and_parsing(tmp_path: Path, text: str) -> None:
    """A file gives what its text gives, and a file that cannot be read gives its fault."""
    path = tmp_path / "f"
    assert read(path, "f").faults == [Fault("f", 0, "there is no such file")]
    path.write_text(text, encoding="utf-8")
    assert read(path, "f") == parse(text, "f")


def test_an_entry_without_its_dash_is_told_so() -> None:
    """Who forgets the dash of a new rule sees its keys twice in the rule above, and learns why."""
    (only,) = parse("rules:\n  - id: a\n    say: x\n\n    id: b\n    say: y\n", "f").faults
    assert (
        str(only) == "f:5: the key 'id' stands here twice (first on line 2); a new entry of a list begins with a dash"
    )
