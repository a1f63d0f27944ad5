"""A picture of the reasoning for one profile: answers on the left, concepts in the middle, statements on the right.

Columns are set from right to left, each box as near as it can be to what it leads to. A line that passes a column has a
lane of its own there, and all lines from one box share an upright. So lines cross little, never run through a box, and
can be followed; and no text stands upon another.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise

from explainer.compose import Composer
from explainer.engine import Applies
from explainer.explanation import Part
from explainer.profile import ProfileModel
from explainer.reasoning import Kind, Link, Reasoning, Standing, reasoning

# All measures are in pixels, for text of 16 pixels.
_LINE = 20
_CHARACTER = 9.4
"""The width that a line may take for each of its characters, in a font that runs wide."""
_CHARACTERS: Mapping[Kind, int] = {"answer": 20, "concept": 19, "section": 42, "statement": 45}
_ORIGIN = 4
"""The characters that the name of a source takes, such as A12 and a blank; a sign ahead of them takes two more."""
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
_UPRIGHT = 7
_BEND = 6
_NEARLY = 0.05
_COVERED = 100
_BAND = 200
"""A piece of the picture on paper is at least so high."""
_GOES_ON = " …"

_wrap = partial(textwrap.wrap, break_on_hyphens=False, placeholder=_GOES_ON)


class Line(Part):
    """A line of text; `y` is that of its foot."""

    y: int
    text: str


class Origins(Part):
    """The sources of a box, or some of them, to be named at its right side; `y` is that of their foot."""

    y: int
    sources: tuple[str, ...]


class Node(Part):
    """A box. `number` counts those of its kind from the top; `text` is all of the text.

    `lines` are that text as it is set, or its beginning, which then ends in "…". The template's own words on `number`
    and `standing` begin at `inside_x` and `head_y`: above the text, or ahead of a statement's text.
    `origins` tell whence its lines come, so that nobody has to follow them. `leads_on` is false for
    a concept, or an answer, that brings nothing that is told.
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
    origins: tuple[Origins, ...]


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

    @property
    def bands(self) -> tuple[tuple[int, int], ...]:
        """Where it may be cut, from top to bottom, so that no box is cut in two."""
        cuts, reach = [0], 0
        for node in sorted(self.nodes, key=lambda node: node.y):
            if reach < node.y and node.y - cuts[-1] > _BAND:
                cuts.append((reach + node.y) // 2)
            reach = max(reach, node.y + node.height)
        return tuple(pairwise([*cuts, self.height]))

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
    """The picture for one profile of the composer's rules. Raises EngineError for a profile of other rules.

    What rests only on questions that are not asked of this child is left out, unless something told rests on it.
    """
    return _Layout(_of_this_child(reasoning(composer, profile), profile)).picture()


def _of_this_child(found: Reasoning, profile: ProfileModel) -> Reasoning:
    shown = {name for name, box in found.boxes.items() if box.kind in ("section", "statement")}
    shown |= {f"answer.{field}" for field in profile.asked}
    count = 0
    while count < len(shown):  # with what rests on it, and with what that rests on
        count = len(shown)
        shown |= {end for start, end in found.links if start in shown}
        shown |= {start for start, end in found.links if end in shown}
    return Reasoning(
        boxes={name: box for name, box in found.boxes.items() if name in shown},
        links={link: applies for link, applies in found.links.items() if shown.issuperset(link)},
    )


@dataclass(slots=True)
class _Item:
    """What takes room in a column: a box, or the lane of a line that passes. `y` is its middle."""

    size: float
    wanted: tuple[float, float]
    y: float = 0


@dataclass(slots=True)
class _Run:
    """What leaves a box, or a lane, for the next column: one line that branches to all its `ends`.

    `upright` is the place of its upright in the gap, counted from the left; 0 for a line that needs none.
    """

    begin: float
    ends: list[float] = field(default_factory=list)
    upright: int = 0

    @property
    def is_level(self) -> bool:
        return all(abs(end - self.begin) < _NEARLY for end in self.ends)

    def passes(self, y: float) -> bool:
        return min(self.begin, *self.ends) <= y <= max(self.begin, *self.ends)

    def meets(self, other: _Run) -> bool:
        """Whether their uprights would touch, if they stood at the same place."""
        top, bottom = min(self.begin, *self.ends) - _LANE, max(self.begin, *self.ends) + _LANE
        return min(other.begin, *other.ends) <= bottom and top <= max(other.begin, *other.ends)

    def cost(self, right: _Run) -> int:
        """How often this line crosses one that has its upright further to the right; to lie upon it is far worse."""
        covers = any(abs(end - right.begin) < _LANE / 2 for end in self.ends)
        return sum(map(right.passes, self.ends)) + self.passes(right.begin) + _COVERED * covers


class _Layout:
    """First how far down everything stands, then how far to the right: the lines decide how wide the gaps are."""

    def __init__(self, found: Reasoning) -> None:
        self.boxes, self.links = found.boxes, found.links
        self.targets: dict[str, list[str]] = {name: [] for name in self.boxes}
        self.sources: dict[str, list[str]] = {name: [] for name in self.boxes}
        for start, end in self.links:
            self.targets[start].append(end)
            self.sources[end].append(start)
        concepts = {name: self._depth(name) for name, box in self.boxes.items() if box.kind == "concept"}
        self.last = max(concepts.values(), default=0) + 1
        self.depth = {
            name: 0 if box.kind == "answer" else concepts.get(name, self.last) for name, box in self.boxes.items()
        }
        self.lines = {name: self._lines(name) for name in self.boxes}
        self.tops: dict[str, int] = {}
        self.lanes: dict[Link, dict[int, float]] = {link: {} for link in self.links}

    def picture(self) -> Picture:
        self._set_statements()
        wanted = self._wanted()
        for column in range(self.last - 1, -1, -1):
            self._set_column(column, wanted)
        runs = self._runs()
        columns = self._columns(runs)
        nodes = tuple(self._nodes(columns))
        return Picture(
            width=columns[-1].x + columns[-1].width + _MARGIN,
            height=max((node.y + node.height for node in nodes), default=_TOP) + _MARGIN,
            columns=columns,
            nodes=nodes,
            edges=tuple(self._edges(nodes, columns, runs)),
        )

    def _depth(self, concept: str) -> int:
        """How many concepts stand on each other from the answers to this one, itself with them."""
        return 1 + max((self._depth(name) for name in self.sources[concept] if name.startswith("concept.")), default=0)

    def _lines(self, name: str) -> list[str]:
        box, characters = self.boxes[name], _CHARACTERS[self.boxes[name].kind]
        if box.kind != "statement":
            return _wrap(box.text, characters)
        lead, _, listed = box.text.partition("\n")
        text = lead + _GOES_ON * bool(listed)
        if not self.sources[name]:
            return _wrap(text, characters, max_lines=1)
        *first, _ = _wrap(text, characters, max_lines=_LINES)
        rest = text[len(" ".join(first)) :].strip()
        room = max(characters - self._origins_take(name), characters // 2)
        return [*first, *_wrap(rest, room, max_lines=_LINES - len(first))]

    def _origins_take(self, name: str) -> int:
        """How many characters the first sources take that stand at the end of the text."""
        return _ORIGIN * len(self._origins(name)[0]) + 2

    def _origins(self, name: str) -> list[list[str]]:
        """The sources of a box in as many lines as they need."""
        each = (_CHARACTERS[self.boxes[name].kind] - 2) // _ORIGIN
        names = self.sources[name]
        return [names[start : start + each] for start in range(0, len(names), each)]

    def _shares(self, name: str) -> bool:
        """Whether the first sources find room at the end of the text."""
        return bool(self.sources[name]) and (
            len(self.lines[name][-1]) + self._origins_take(name) <= _CHARACTERS[self.boxes[name].kind]
        )

    def _has_head(self, name: str) -> bool:
        return self.boxes[name].kind in ("answer", "concept")

    def _height(self, name: str) -> int:
        lines = self._has_head(name) + len(self.lines[name]) + len(self._origins(name)) - self._shares(name)
        return lines * _LINE + _INSIDE

    def _middle(self, name: str) -> float:
        return self.tops[name] + self._height(name) / 2

    # --- how far down ---

    def _set_statements(self) -> None:
        y = _TOP - _BEFORE_SECTION + _BETWEEN
        for name, box in self.boxes.items():
            if self.depth[name] == self.last:
                y += _BEFORE_SECTION - _BETWEEN if box.kind == "section" else 0
                self.tops[name] = y
                y += self._height(name) + _BETWEEN

    def _wanted(self) -> dict[str, float]:
        """How far down each box would like to be: amid all that it leads to.

        What leads to nothing comes last, so that it does not draw its answers away from what they do bring.
        """
        wanted: dict[str, float | None] = {name: self._middle(name) for name in self.tops}

        def of(name: str) -> float | None:
            if name not in wanted:
                found = [y for y in map(of, self.targets[name]) if y is not None]
                wanted[name] = sum(found) / len(found) if found else None
            return wanted[name]

        end = max((top + self._height(name) for name, top in self.tops.items()), default=_TOP)
        return {name: end if (y := of(name)) is None else y for name in self.boxes}

    def _set_column(self, column: int, wanted: Mapping[str, float]) -> None:
        items = {
            name: _Item(self._height(name) + _BETWEEN_BOXES, (wanted[name], 0))
            for name, depth in self.depth.items()
            if depth == column
        }
        lanes = {
            (start, end): _Item(_LANE, (self.lanes[start, end].get(column + 1, wanted[end]), wanted[start]))
            for start, end in self.links
            if self.depth[start] < column < self.depth[end]
        }
        _place([*items.values(), *lanes.values()], _TOP)
        self.tops |= {name: round(item.y - self._height(name) / 2) for name, item in items.items()}
        for link, item in lanes.items():
            self.lanes[link][column] = item.y

    # --- how far to the right ---

    def _runs(self) -> list[dict[str | Link, _Run]]:
        """The lines in each gap between two columns, by the box or the lane that they leave."""
        ports = {name: self._ports(name) for name in self.boxes}
        gaps: list[dict[str | Link, _Run]] = [{} for _ in range(self.last)]
        for (start, end), lanes in self.lanes.items():
            for column in range(self.depth[start], self.depth[end]):
                leaves = (start, end) if column in lanes else start
                run = gaps[column].setdefault(leaves, _Run(lanes.get(column, self._middle(start))))
                run.ends.append(lanes.get(column + 1, ports[end].get(start, 0)))
        for gap in gaps:
            for leaves, run in gap.items():
                if isinstance(leaves, str):
                    others = [end for other in gap.values() if other is not run for end in other.ends]
                    run.begin = _free(run.begin, self._height(leaves) / 2 - _BEND, others)
            uprights = _sorted([run for run in gap.values() if not run.is_level])
            for place, run in enumerate(uprights):
                run.upright = 1 + max((left.upright for left in uprights[:place] if left.meets(run)), default=0)
        return gaps

    def _ports(self, name: str) -> dict[str, float]:
        """Where, on the left side of a box, the line from each of its sources ends."""
        column = self.depth[name] - 1
        heights = {start: self.lanes[start, name].get(column, self._middle(start)) for start in self.sources[name]}
        step = min(_LANE, self._height(name) / (len(heights) + 1))
        first = self._middle(name) - (len(heights) - 1) * step / 2
        order = sorted(heights, key=lambda start: (heights[start], self._middle(start)))
        return {start: first + place * step for place, start in enumerate(order)}

    def _columns(self, runs: Sequence[Mapping[str | Link, _Run]]) -> tuple[Column, ...]:
        concepts: list[Kind] = ["concept"] * (self.last - 1)
        kinds: list[Kind] = ["answer", *concepts, "statement"]
        made, x = [], _MARGIN
        for place, kind in enumerate(kinds):
            width = round(_CHARACTERS[kind] * _CHARACTER) + 2 * _INSIDE + _SIGN * (kind == "statement")
            made.append(Column(kind=kind, x=x, width=width))
            if place < self.last:
                x += width + 2 * _MARGIN + _UPRIGHT * max((run.upright for run in runs[place].values()), default=0)
        return tuple(made)

    def _nodes(self, columns: Sequence[Column]) -> Iterator[Node]:
        numbers: dict[Kind, int] = {}
        names = sorted(self.boxes, key=lambda name: (self.depth[name], self.tops[name]))
        for name in names:
            self.sources[name].sort(key=names.index)
            box, column, y = self.boxes[name], columns[self.depth[name]], self.tops[name]
            numbers[box.kind] = numbers.get(box.kind, 0) + 1
            first = y + _LINE * (1 + self._has_head(name))
            after = first + _LINE * (len(self.lines[name]) - self._shares(name))
            yield Node(
                id=name,
                kind=box.kind,
                number=numbers[box.kind],
                standing=box.standing,
                leads_on=self._leads_on(name),
                text=box.text,
                x=column.x,
                y=y,
                width=column.width,
                height=self._height(name),
                inside_x=column.x + _INSIDE,
                head_y=y + _LINE,
                text_x=column.x + _INSIDE + _SIGN * (box.kind == "statement"),
                lines=tuple(Line(y=first + place * _LINE, text=text) for place, text in enumerate(self.lines[name])),
                origins=tuple(
                    Origins(y=after + place * _LINE, sources=tuple(sources))
                    for place, sources in enumerate(self._origins(name))
                ),
            )

    def _leads_on(self, name: str) -> bool:
        return self.depth[name] == self.last or any(map(self._leads_on, self.targets[name]))

    def _edges(
        self, nodes: Sequence[Node], columns: Sequence[Column], runs: Sequence[Mapping[str | Link, _Run]]
    ) -> Iterator[Edge]:
        """The lines, by where they begin and end from the top."""
        ports = {name: self._ports(name) for name in self.boxes}
        order = {node.id: place for place, node in enumerate(nodes)}
        for start, end in sorted(self.links, key=lambda link: (order[link[0]], order[link[1]])):
            lanes, y = self.lanes[start, end], runs[self.depth[start]][start].begin
            path = f"M{columns[self.depth[start]].x + columns[self.depth[start]].width} {y:.1f}"
            for column in range(self.depth[start], self.depth[end]):
                run = runs[column][(start, end) if column in lanes else start]
                further = lanes.get(column + 1, ports[end][start])
                path += _turned(
                    columns[column].x + columns[column].width + _MARGIN + _UPRIGHT * run.upright, y, further
                )
                path += f"H{columns[column + 1].x}"
                y = further
            yield Edge(start=start, end=end, applies=self.links[start, end], path=path)


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


def _free(y: float, reach: float, taken: Sequence[float]) -> float:
    """The height next to `y`, no further from it than `reach`, that keeps clear of those taken."""
    steps = range(int(reach / _LANE * 2) + 1)
    tried = [y + sign * step * _LANE / 2 for step in steps for sign in (1, -1)]
    return max(tried, key=lambda at: min((min(abs(at - other), _LANE / 2 - 1) for other in taken), default=0))


def _sorted(runs: Sequence[_Run]) -> list[_Run]:
    """The lines of a gap from left to right, so that none would do better at another place (sifting)."""
    order, moved = list(runs), True
    while moved:
        moved = False
        for run in runs:
            here = next(place for place, other in enumerate(order) if other is run)
            others = [*order[:here], *order[here + 1 :]]
            costs = [sum(run.cost(other) for other in others)]  # at the far left; then one place further, and so on
            for other in others:
                costs.append(costs[-1] - run.cost(other) + other.cost(run))
            best = min(range(len(costs)), key=costs.__getitem__)
            if costs[best] < costs[here]:
                order, moved = [*others[:best], run, *others[best:]], True
    return order


def _turned(x: float, y: float, to: float) -> str:
    """From the height `y` to the height `to` along the upright at `x`, with round corners."""
    if abs(to - y) < _NEARLY:
        return f"V{to:.1f}"
    bend = min(_BEND, abs(to - y) / 2)
    turn = bend if to > y else -bend
    return f"H{x - bend:g}Q{x:g} {y:.1f} {x:g} {y + turn:.1f}V{to - turn:.1f}Q{x:g} {to:.1f} {x + bend:g} {to:.1f}"
