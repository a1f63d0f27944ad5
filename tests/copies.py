"""Copies of a document as people may save them: as a page, in other encodings, with other signs, or spoilt."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable
from pathlib import Path

from explainer.document import Document, parse

POT_PLANTS = Path(__file__).parent / "pot_plants.txt"
"""A document that was made up for these tests; the fingerprints of its sentences are in tests/sample/source.yaml."""

DOCUMENT = Path(__file__).parents[2] / "shared" / "source" / "acs-treatment-of-children-with-all.txt"
"""The document itself, which is not part of this repository: beside the working copy, where somebody has put it."""


def document(text: str) -> Document:
    return Document("copy.txt", parse(text))


def page(text: str) -> str:
    """A text as the page of a web site, with what stands around it there."""
    body, items = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("- "):
            items.append(f"<li><a href='#'>{html.escape(line[2:])}</a>")
            continue
        if items:
            body.append(f"<ul>{''.join(items)}</ul>")
            items = []
        tag = "p" if line.endswith((".", ":", ")")) and len(line) > 40 else "h2"
        body.append(f"<{tag}>{html.escape(line)}</{tag}>")
    return (
        "<!DOCTYPE html><html><head><title>A page</title><style>p {color: red}</style></head><body>"
        "<nav><ul><li>Home<li>Watering</ul></nav><div><a>Skip to content</a><!-- a note --></div>"
        f"<main>{''.join(body)}</main><script>var p = '<p>Watering</p>';</script></body></html>"
    )


def curly(text: str) -> str:
    """Blanks that do not break, hyphens that do not break or are not seen, and straight quotes."""
    soft = text.replace("which", "wh\u00adich").replace("needs", "ne\u00adeds")
    return soft.replace(" and ", "\u00a0and ").replace("-", "\u2011").replace("’", "'").replace("\n\u2011 ", "\n- ")


def wrapped(text: str) -> str:
    """Lines of 72 columns, with an empty one after each paragraph."""
    return "\n\n".join(textwrap.fill(line, 72, subsequent_indent="  ") for line in text.splitlines())


def entities(text: str) -> str:
    """A page in which every sign beyond ASCII is spelt as an entity."""
    return page(text).replace("’", "&rsquo;").replace("–", "&#8211;").encode("ascii", "xmlcharrefreplace").decode()


SAVED: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "with a byte order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "big-endian UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "DOS line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "other quotes, blanks and hyphens": lambda text: curly(text).encode(),
    "wrapped": lambda text: wrapped(text).encode(),
    "empty lines": lambda text: text.replace("\n", "\n\n").encode(),
    "other bullets": lambda text: text.replace("\n- ", "\n  • ").encode(),
    "a page": lambda text: page(text).encode(),
    "a page in Windows-1252": lambda text: (
        page(text).replace("<head>", '<head><meta charset="iso-8859-1">').encode("cp1252")
    ),
    "a page with entities": lambda text: entities(text).encode(),
    "a page in capitals": lambda text: page(text).replace("<p>", "<P>").replace("</p>", "").encode(),
    "a page with marks inside words": lambda text: page(text).replace("three", "<b>th</b>r<i>ee</i>").encode(),
}
"""Ways to save a document that change none of its words."""
