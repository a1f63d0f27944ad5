"""Reads a copy of the source document, as text or as a saved page, whatever its encoding, into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

from explainer.errors import Fault, InputError
from explainer.yamltext import read_bytes

Kind = Literal["text", "item", "heading"]

_LARGEST = 10_000_000
_LONGEST_WRAPPED = 120
"""A text whose lines are no longer, and which has empty lines, was wrapped: there a paragraph ends at an empty line."""

_MARKS = {  # what a file begins with that says how its text is encoded; the longer ones first
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_OTHER_FORMS = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a word processor's file",
    b"{\\rtf": "an RTF file",
}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_IS_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|article|div|p|h[1-6]|ul|li)\b[^<>]*>", re.IGNORECASE)
_BULLET = re.compile(r"[-*•·‣◦–]\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a line of a list, or what a saved page marks as a heading."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A copy: the name of its file, and its paragraphs in order."""

    place: str
    blocks: tuple[Block, ...]


def read(path: str) -> Document:
    """A copy of the document. Raises InputError for what cannot be read, or is no text."""
    place = path or "''"
    raw = read_bytes(Path(path), place, _LARGEST)
    text = _decoded(raw, place) if isinstance(raw, bytes) else raw
    if isinstance(text, Fault):
        raise InputError([text])
    return Document(place, parse(text))


def parse(text: str) -> tuple[Block, ...]:
    """The paragraphs of a text or of a saved page."""
    found = _of_page(text) if _IS_HTML.search(text) else _of_text(text)
    joined = (Block(block.kind, " ".join(block.text.split())) for block in found)
    return tuple(block for block in joined if block.text)


def _decoded(raw: bytes, place: str) -> str | Fault:
    other = next((said for mark, said in _OTHER_FORMS.items() if raw.startswith(mark)), None)
    if other:
        return Fault(place, 0, f"this is {other}; save the page as text or as HTML")
    if not raw.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return Fault(place, 0, "the file is empty")
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if len(_CONTROL.findall(text)) * 100 <= len(text) and _LETTER.search(text):
            return text
    return Fault(place, 0, "this is not readable text; save the page as text or as HTML")


def _encodings(raw: bytes) -> Iterator[str]:
    """How the bytes may be encoded, the surest guess first."""
    marked = next((encoding for mark, encoding in _MARKS.items() if raw.startswith(mark)), None)
    if marked:
        yield marked
        return
    start = raw[:2000]
    if start[1::2].count(0) > len(start) / 8:
        yield "utf-16-le"
    if start[::2].count(0) > len(start) / 8:
        yield "utf-16-be"
    yield "utf-8"
    if found := _CHARSET.search(raw[:4000]):
        named = found[1].decode("ascii").lower()
        yield "cp1252" if named in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else named  # as browsers do
    yield "cp1252"


# --- text ------------------------------------------------------------------------------------


def _of_text(text: str) -> Iterator[Block]:
    lines = [line.strip() for line in text.splitlines()]
    wrapped = "" in lines[:-1] and max(map(len, lines)) <= _LONGEST_WRAPPED
    kind: Kind = "text"
    waiting: list[str] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if waiting and (not wrapped or bullet or not line):
            yield Block(kind, " ".join(waiting))
            waiting = []
        if not waiting:
            kind = "item" if bullet else "text"
        waiting.append(line[bullet.end() :] if bullet else line)
    yield Block(kind, " ".join(waiting))


# --- saved pages -----------------------------------------------------------------------------

_UNSEEN = {"script", "style", "template", "noscript", "title", "svg", "select", "button", "nav", "iframe", "textarea"}
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark q s samp small span
    strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905 - a list of words reads best as words
)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class _Page(HTMLParser):
    """Collects what a reader sees; whatever is not known to stand inside a line begins a new paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.unseen: list[str] = []
        self.lists = 0
        self.heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the signature is HTMLParser's
        if tag in _UNSEEN:
            if tag not in self.unseen:  # its end is that of the first of its kind
                self.unseen.append(tag)
        elif tag == "br":
            self.pieces.append(" ")
        elif tag not in _INLINE:
            self.end_block()
            self.lists += tag == "li"
            self.heading = tag in _HEADINGS

    def handle_endtag(self, tag: str) -> None:
        if tag in self.unseen:
            del self.unseen[self.unseen.index(tag) :]
        elif tag not in _INLINE and tag not in _UNSEEN:
            self.end_block()
            self.lists = max(0, self.lists - (tag == "li"))
            self.heading = False
            if tag in ("ul", "ol"):  # the end of an item need not be said
                self.lists = 0

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(data)

    def end_block(self) -> None:
        kind: Kind = "heading" if self.heading else "item" if self.lists else "text"
        self.blocks.append(Block(kind, "".join(self.pieces)))
        self.pieces.clear()


def _of_page(text: str) -> Iterator[Block]:
    page = _Page()
    page.feed(text)
    page.close()
    page.end_block()
    yield from page.blocks
