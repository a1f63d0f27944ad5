"""Reading a copy of the document: whatever its encoding and form, it is the same paragraphs, or one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.document import Block, parse, read
from explainer.errors import InputError
from explainer.fingerprint import words
from tests.copies import POT_PLANTS, SAVED

TEXT = POT_PLANTS.read_text("utf-8")


def spoken(blocks: tuple[Block, ...]) -> list[list[str]]:
    return [words(block.text) for block in blocks]


@pytest.mark.parametrize("name", SAVED)
def test_a_copy_reads_the_same_however_it_was_saved(name: str, tmp_path: Path) -> None:
    """Nobody has to convert a page before it can be checked."""
    path = tmp_path / "copy"
    path.write_bytes(SAVED[name](TEXT))
    blocks = read(str(path)).blocks
    wanted = spoken(parse(TEXT))
    found = spoken(blocks)
    assert found[found.index(wanted[0]) :] == wanted
    assert [block.kind == "item" for block in blocks][found.index(wanted[0]) :] == [
        block.kind == "item" for block in parse(TEXT)
    ]


UNREADABLE = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\n", "the file is empty"),
    "binary": (bytes(range(256)) * 20, "this is not readable text"),
    "nothing but signs": (b"... !!! ---\n", "this is not readable text"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02\xff" * 200, "this is not readable text"),
    "PDF": (b"%PDF-1.7\n...", "this is a PDF file; save the page as text or as HTML"),
    "a word processor's": (b"PK\x03\x04...", "this is a word processor's file"),
    "huge": (b"word " * 2_000_001, "the file is larger than 10,000,000 bytes"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_text_is_one_clear_message(name: str, tmp_path: Path) -> None:
    """A file that cannot be a copy is not taken for a document that has changed."""
    raw, said = UNREADABLE[name]
    path = tmp_path / "copy.txt"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read(str(path))
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("path", "said"), [("nowhere.txt", "there is no such file"), ("", "''"), (".", "folder")])
def test_a_file_that_is_not_there_is_one_clear_message(path: str, said: str) -> None:
    """A wrong path is told as one."""
    with pytest.raises(InputError, match=said):
        read(path)


@pytest.mark.parametrize("charset", ["no-such-thing", "hex", "utf-7", "idna"])
def test_an_encoding_that_is_none_does_no_harm(charset: str, tmp_path: Path) -> None:
    """A page may claim any encoding; what cannot be one is passed over."""
    path = tmp_path / "copy.html"
    path.write_bytes(f'<html><meta charset="{charset}"><p>Caf\u00e9 and tea'.encode("cp1252"))
    assert spoken(read(str(path)).blocks)[-1] == ["café", "and", "tea"]


@pytest.mark.parametrize(
    "source",
    [
        "<p>one<p>two</p>",
        "<div>one<br></div>two",
        "<ul><li>one<li>two</ul>",
        "<table><tr><td>one<td>two</table>",
        "<nav>no</nav><p>one</p><script>'<p>no</p>'</script><p>two</p><style>no</style>",
        "<p>one<p>two<nav>no<ul><li>no</ul>",
        "<p>one</div></li></ul><p>two</p></p>",
    ],
)
def test_sloppy_pages_are_read_as_a_reader_sees_them(source: str) -> None:
    """Tags that are never closed, or closed twice, do not mix up paragraphs."""
    assert [block.text for block in parse(f"<html>{source}")] == ["one", "two"]


@given(st.text() | st.text("<>/ pulib!-&;'\"=\n").map("<html>".__add__))
def test_any_text_is_read(text: str) -> None:
    """Nothing that a file says can make reading fail."""
    for block in parse(text):
        assert block.text == " ".join(block.text.split())
        assert block.text
