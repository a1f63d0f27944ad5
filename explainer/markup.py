"""Reads the HTML of our pages into a tree to ask questions of. Just enough for pages that templates made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

_VOID = frozenset({"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "rect"})


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    line: int = 1
    children: list[Element | str] = field(default_factory=list)

    @cached_property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def walk(self, *skipped: str) -> Iterator[Element | str]:
        """All that is inside, in the order in which it stands; nothing of elements whose tag or class is `skipped`."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif not child.matches(skipped):
                yield child
                yield from child.walk(*skipped)

    def all(self, *wanted: str, skip: tuple[str, ...] = ()) -> list[Element]:
        """The elements inside whose tag, or whose class (".lead"), is one of those `wanted`."""
        found: list[Element] = []
        _gather(self, wanted, skip, found)
        return found

    def first(self, *wanted: str) -> Element | None:
        return next(iter(self.all(*wanted)), None)

    def matches(self, wanted: tuple[str, ...]) -> bool:
        return any(name[1:] in self.classes if name.startswith(".") else name == self.tag for name in wanted)

    def text(self, *skipped: str) -> str:
        """The words inside, with single blanks."""
        return " ".join("".join(part for part in self.walk(*skipped) if isinstance(part, str)).split())


def _gather(element: Element, wanted: tuple[str, ...], skip: tuple[str, ...], found: list[Element]) -> None:
    for child in element.children:
        if isinstance(child, Element) and not (skip and child.matches(skip)):
            if child.matches(wanted):
                found.append(child)
            _gather(child, wanted, skip, found)


def parse(page: str) -> Element:
    return _Builder(page).root


class _Builder(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("")
        self._open = [self.root]
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0])
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in [element.tag for element in self._open[1:]]:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
