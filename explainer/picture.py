"""A picture of the reasoning for one profile: answers on the left, concepts in the middle, statements on the right.

It shows what the engine's trace tells and nothing else. Columns are set from right to left, each box as near as it can
be to what it leads to, and a line that passes a column has a lane of its own there; so lines cross little, never run
through a box, and no text stands upon another.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from explainer import logic
from explainer.compose import Composer
from explainer.engine import Applies, Decision, Firing
from explainer.explanation import Explanation, Part
from explainer.profile import ProfileModel

Kind = Literal["answer", "concept", "section", "statement"]
Standing = Literal["certain", "possible", "unknown", "absent"]
"""Known, held or told for certain; only a possibility; an answer that is not known; a concept that does not hold, which
is there because something stands on just that."""
Point = tuple[float, float]

# All measures are in pixels, for text of 16 pixels.
_LINE = 20
_CHARACTER = 9.4
"""The width that a line may take for each of its characters, in a font that runs wide."""
_CHARACTERS: Mapping[Kind, int] = {"answer": 21, "concept": 19, "section": 42, "statement": 46}
_LINES = 2
"""So many lines of a statement are shown, and one line of what is for everybody."""
_INSIDE = 10
_SIGN = 16
"""The room ahead of a statement's text for the sign that it is only possible."""
_MARGIN = 8
_TOP = 44
_BETWEEN = 7
_BEFORE_SECTION = 26
_BETWEEN_BOXES = 18
_LANE = 7
_GAP = 60
_GOES_ON = " …"


class Line(Part):
    """A line of text; `y` is that of its foot."""

    y: int
    text: str


class Node(Part):
    """A box. `number` counts those of its kind from the top; `text` is all of the text.

    `lines` are that text as it is set, or its beginning, which then ends in "…". The template's own words on `number`
    and `standing` begin at `inside_x` and `head_y`: above the text, or ahead of a statement's text.
    `leads_on` is false for a concept, or an answer, that brings nothing that is told.
    """

    id: str
    kind: Kind
    number: int
    standing: Standing
    leads_on: bool
    text: str
    x: int
    y: int
    width: int
    height: int
    inside_x: int
    head_y: int
    text_x: int
    lines: tuple[Line, ...]


class Edge(Part):
    """A line from what a firing stood on to what it brought, for certain or only as a possibility; `path` draws it."""

    start: str
    end: str
    applies: Applies
    path: str


class Column(Part):
    kind: Kind
    x: int
    width: int


class Picture(Part):
    """Boxes and lines. A statement without a line is for everybody who reads its section."""

    width: int
    height: int
    columns: tuple[Column, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    def node(self, name: str) -> Node:
        return self._nodes[name]

    def of(self, kind: Kind) -> tuple[Node, ...]:
        """The boxes of one kind, from the top."""
        return tuple(node for node in self.nodes if node.kind == kind)

    def statements(self, section: Node) -> tuple[Node, ...]:
        prefix = f"statement.{section.id.partition('.')[2]}."
        return tuple(node for node in self.nodes if node.id.startswith(prefix))

    def into(self, node: Node) -> tuple[Edge, ...]:
        """The lines that lead to a box, from the top of where they begin."""
        return tuple(edge for edge in self.edges if edge.end == node.id)


def picture(composer: Composer, profile: ProfileModel) -> Picture:
    """The picture for one profile of the composer's rules. Raises EngineError for a profile of other rules."""
    decision = composer.engine.decide(profile)
    reasoning = _Reasoning(composer, profile.answers, decision, composer.compose(profile, decision))
    reasoning.read()
    return _Layout(reasoning).picture()


# --- what is in it ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    kind: Kind
    standing: Standing
    text: str


@dataclass
class _Reasoning:
    """Boxes with their words, and the lines between them, in the order of the trace and of the explanation."""

    composer: Composer
    answers: Mapping[str, str]
    decision: Decision
    explanation: Explanation
    said: dict[str, _Said] = field(default_factory=dict)
    links: dict[tuple[str, str], Applies] = field(default_factory=dict)

    def read(self) -> None:
        firings = {(firing.kind, firing.name): firing for firing in self.decision.trace}
        for firing in self.decision.trace:
            if firing.kind == "concept":
                phrase = self.composer.knowledge.concept(firing.name).phrase
                self._fired("concept", firing, phrase)
        for section in self.explanation.sections:
            self._fired("section", firings["section", section.id], section.title)
            for statement in section.statements:
                self._fired("statement", firings["statement", statement.id], statement.text)

    def _fired(self, kind: Kind, firing: Firing, text: str) -> None:
        name = f"{kind}.{firing.name}"
        self.said[name] = _Said(kind, "certain" if firing.applies == "definite" else "possible", _capital(text))
        for source, word in firing.on.items():
            if source not in self.decision.concepts:
                start = self._answer(source)
            elif word == "false":
                start = self._absent(source)
            else:
                start = f"concept.{source}"
            self.links[start, name] = firing.applies

    def _answer(self, question: str) -> str:
        word, name = self.answers[question], f"answer.{question}"
        if word == logic.UNKNOWN:
            self.said[name] = _Said("answer", "unknown", _capital(self.composer.knowledge.question(question).name))
        else:
            self.said[name] = _Said("answer", "certain", _capital(self.composer.phrasing.known(question, word)))
        return name

    def _absent(self, concept: str) -> str:
        """A concept that does not hold, and what it is that keeps it from holding: for that, no rule fires."""
        knowledge, name = self.composer.knowledge, f"concept.{concept}"
        if name not in self.said:
            self.said[name] = _Said("concept", "absent", _capital(knowledge.concept(concept).phrase))
            for choice in logic.alternatives(knowledge.definition(logic.Derived(concept, holds=False))):
                if all(self._holds(literal) for literal in choice):
                    for literal in choice:
                        self.links[self._source(literal), name] = "definite"
        return name

    def _holds(self, literal: logic.Literal) -> bool:
        if isinstance(literal, logic.Answer):
            return self.answers[literal.field] in literal.values
        return self.decision.concepts[literal.concept] == ("true" if literal.holds else "false")

    def _source(self, literal: logic.Literal) -> str:
        if isinstance(literal, logic.Answer):
            return self._answer(literal.field)
        return f"concept.{literal.concept}" if literal.holds else self._absent(literal.concept)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- where it stands -------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """What takes room in a column: a box, or the lane of a line that passes. `y` is its middle."""

    size: float
    wanted: tuple[float, float]
    y: float = 0


@dataclass
class _Layout:
    reasoning: _Reasoning
    depth: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    tops: dict[str, float] = field(default_factory=dict)
    lanes: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.said, self.links = self.reasoning.said, self.reasoning.links
        self.targets: dict[str, list[str]] = {name: [] for name in self.said}
        self.sources: dict[str, list[str]] = {name: [] for name in self.said}
        for start, end in self.links:
            self.targets[start].append(end)
            self.sources[end].append(start)
        self.lines = {name: self._lines(name) for name in self.said}
        concepts = [name for name, said in self.said.items() if said.kind == "concept"]
        depths = {name: self._depth(name) for name in concepts}
        self.last = max(depths.values(), default=0) + 1
        for name, said in self.said.items():
            self.depth[name] = 0 if said.kind == "answer" else depths.get(name, self.last)
        self.columns = self._columns()

    def _depth(self, concept: str) -> int:
        """How many concepts stand on each other from the answers to this one, itself with them."""
        return 1 + max((self._depth(name) for name in self.sources[concept] if name.startswith("concept.")), default=0)

    def _columns(self) -> tuple[Column, ...]:
        concepts: list[Kind] = ["concept"] * (self.last - 1)
        kinds: list[Kind] = ["answer", *concepts, "statement"]
        made, x = [], _MARGIN
        for kind in kinds:
            width = round(_CHARACTERS[kind] * _CHARACTER) + 2 * _INSIDE + _SIGN * (kind == "statement")
            made.append(Column(kind=kind, x=x, width=width))
            x += width + _GAP
        return tuple(made)

    def picture(self) -> Picture:
        self._set_statements()
        wanted = self._wanted()
        for column in range(self.last - 1, -1, -1):
            self._set_column(column, wanted)
        order = sorted(self.said, key=lambda name: (self.depth[name], self.tops[name]))
        numbers: dict[Kind, int] = {}
        nodes = []
        for name in order:
            kind = self.said[name].kind
            numbers[kind] = numbers.get(kind, 0) + 1
            nodes.append(self._node(name, numbers[kind]))
        height = max((node.y + node.height for node in nodes), default=_TOP) + _MARGIN
        return Picture(
            width=self.columns[-1].x + self.columns[-1].width + _MARGIN,
            height=height,
            columns=self.columns,
            nodes=tuple(nodes),
            edges=tuple(self._edges(nodes)),
        )

    def _lines(self, name: str) -> list[str]:
        said = self.said[name]
        if said.kind != "statement":
            return textwrap.wrap(said.text, _CHARACTERS[said.kind])
        lead, _, listed = said.text.partition("\n")
        most = _LINES if self.sources[name] else 1
        return textwrap.wrap(
            lead + _GOES_ON * bool(listed), _CHARACTERS["statement"], max_lines=most, placeholder=_GOES_ON
        )

    def _has_head(self, name: str) -> bool:
        return self.said[name].kind in ("answer", "concept")

    def _height(self, name: str) -> int:
        return (len(self.lines[name]) + self._has_head(name)) * _LINE + _INSIDE

    def _middle(self, name: str) -> float:
        return self.tops[name] + self._height(name) / 2

    def _set_statements(self) -> None:
        y = _TOP - _BEFORE_SECTION + _BETWEEN
        for name, said in self.said.items():
            if self.depth[name] == self.last:
                y += _BEFORE_SECTION - _BETWEEN if said.kind == "section" else 0
                self.tops[name] = y
                y += self._height(name) + _BETWEEN

    def _wanted(self) -> dict[str, float]:
        """How far down each box of the other columns would like to be: amid all that it leads to.

        What leads to nothing comes last, so that it does not draw its answers away from what they do bring.
        """
        wanted: dict[str, float] = {}

        def of(name: str) -> float | None:
            if name in self.tops:
                return self._middle(name)
            if name not in wanted:
                found = [y for y in map(of, self.targets[name]) if y is not None]
                if not found:
                    return None
                wanted[name] = sum(found) / len(found)
            return wanted[name]

        end = max((top + self._height(name) for name, top in self.tops.items()), default=_TOP)
        return {name: end if (y := of(name)) is None else y for name in self.said}

    def _set_column(self, column: int, wanted: Mapping[str, float]) -> None:
        items: dict[str | tuple[str, str], _Item] = {}
        for name in self.said:
            if self.depth[name] == column:
                items[name] = _Item(self._height(name) + _BETWEEN_BOXES, (wanted[name], 0))
        for start, end in self.links:
            if self.depth[start] < column < self.depth[end]:
                further = self.lanes.get((start, end), {}).get(column + 1)
                y = wanted[end] if further is None else further
                items[start, end] = _Item(_LANE, (y, wanted[start]))
        _place(list(items.values()), _TOP)
        for key, item in items.items():
            if isinstance(key, str):
                self.tops[key] = round(item.y - self._height(key) / 2)
            else:
                self.lanes.setdefault(key, {})[column] = item.y

    def _node(self, name: str, number: int) -> Node:
        said, column, y = self.said[name], self.columns[self.depth[name]], round(self.tops[name])
        first = y + _LINE * (1 + self._has_head(name))
        return Node(
            id=name,
            kind=said.kind,
            number=number,
            standing=said.standing,
            leads_on=self._leads_on(name),
            text=said.text,
            x=column.x,
            y=y,
            width=column.width,
            height=self._height(name),
            inside_x=column.x + _INSIDE,
            head_y=y + _LINE,
            text_x=column.x + _INSIDE + _SIGN * (said.kind == "statement"),
            lines=tuple(Line(y=first + place * _LINE, text=text) for place, text in enumerate(self.lines[name])),
        )

    def _leads_on(self, name: str) -> bool:
        return self.depth[name] == self.last or any(map(self._leads_on, self.targets[name]))

    # --- lines ---

    def _edges(self, nodes: Sequence[Node]) -> Iterator[Edge]:
        """The lines, by where they begin and end from the top."""
        by_name = {node.id: node for node in nodes}
        order = {node.id: place for place, node in enumerate(nodes)}
        ports = {name: self._ports(by_name[name], order) for name in by_name}
        for start, end in sorted(self.links, key=lambda link: (order[link[0]], order[link[1]])):
            points: list[tuple[Point, Point]] = []
            for column, y in sorted(self.lanes.get((start, end), {}).items()):
                left = self.columns[column].x
                points.append(((left, y), (left + self.columns[column].width, y)))
            begin, goal = by_name[start], by_name[end]
            yield Edge(
                start=start,
                end=end,
                applies=self.links[start, end],
                path=_drawn((begin.x + begin.width, ports[start][end]), points, (goal.x, ports[end][start])),
            )

    def _ports(self, node: Node, order: Mapping[str, int]) -> dict[str, float]:
        """Where, on the side of a box, the line to (or from) each neighbour begins (or ends)."""
        found: dict[str, float] = {}
        for names, side in ((self.targets[node.id], 1), (self.sources[node.id], -1)):
            heights = {}
            for name in names:
                link = (node.id, name) if side == 1 else (name, node.id)
                lane = self.lanes.get(link, {}).get(self.depth[node.id] + side)
                heights[name] = (self._middle(name) if lane is None else lane, order[name])
            for place, name in enumerate(sorted(names, key=heights.__getitem__), start=1):
                found[name] = node.y + node.height * place / (len(names) + 1)
        return found


def _place(items: list[_Item], top: float) -> None:
    """Gives each item its `y`: in the wanted order, none upon another, and all as near as can be to what they want.

    Least squares under an order (pool adjacent violators): neighbours that would meet share their mean.
    """
    items.sort(key=lambda item: item.wanted)
    offsets, reach = [], 0.0
    for item in items:
        offsets.append(reach + item.size / 2)
        reach += item.size
    pools: list[tuple[float, int]] = []  # sum and number of what neighbours want, less their offsets
    for item, offset in zip(items, offsets, strict=True):
        total, count = item.wanted[0] - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    for item, offset, start in zip(items, offsets, starts, strict=True):
        item.y = max(start, top) + offset


def _drawn(start: Point, lanes: Sequence[tuple[Point, Point]], end: Point) -> str:
    """A smooth line from box to box, level where it passes a column."""
    path, here = f"M{start[0]:g} {start[1]:.1f}", start
    for enter, leave in [*lanes, (end, end)]:
        middle = (here[0] + enter[0]) / 2
        path += f"C{middle:g} {here[1]:.1f} {middle:g} {enter[1]:.1f} {enter[0]:g} {enter[1]:.1f}"
        if leave != enter:
            path += f"H{leave[0]:g}"
        here = leave
    return path
