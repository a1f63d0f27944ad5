"""The picture of the reasoning: it shows what fired and nothing else, can be read, and its list says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from playwright.sync_api import Browser

from explainer import Profile
from explainer.compose import Composer, composer
from explainer.loader import knowledge, load
from explainer.picture import Node, Picture, picture
from explainer.profile import ProfileModel
from explainer.reasoning import reasoning
from explainer.render import blocks, render_template
from explainer.resources import folder
from tests.spoil import changed_sample
from tests.strategies import profiles
from tests.test_page import CHILDREN, FULLEST, PHONE, axe
from tests.visitor import until

KINDS = ("answer", "concept", "section", "statement")


def drawn(child: Mapping[str, str]) -> Picture:
    return picture(composer(), Profile.read(dict(child)))


# --- what is in it ---------------------------------------------------------------------------


@given(profiles())
def test_it_shows_the_reasoning_and_nothing_else(profile: ProfileModel) -> None:
    """Each box and line is one of the reasoning. All is there that brings something or rests on what is asked."""
    wanted, found = reasoning(composer(), profile), picture(composer(), profile)
    shown = {node.id for node in found.nodes}
    assert {node.id: (node.kind, node.standing, node.text) for node in found.nodes} == {
        name: (box.kind, box.standing, box.text) for name, box in wanted.boxes.items() if name in shown
    }
    assert {(edge.start, edge.end): edge.applies for edge in found.edges} == {
        link: applies for link, applies in wanted.links.items() if shown.issuperset(link)
    }
    assert (len(found.nodes), len(found.edges)) == (len(shown), len({(edge.start, edge.end) for edge in found.edges}))
    for start, end in wanted.links:  # nothing that is shown has lost a line into it
        assert start in shown or end not in shown
    for name in wanted.boxes.keys() - shown:
        kind, _, field = name.partition(".")
        assert kind == "concept" or (kind == "answer" and field not in profile.asked)
        assert not shown & {end for start, end in wanted.links if start == name}
        assert not shown & {start for start, end in wanted.links if end == name}


def test_a_relapse_has_no_place_in_the_picture_of_a_child_in_consolidation() -> None:
    """What the questionnaire does not ask of this child is not drawn, nor what rests on that alone."""
    child = {"leukemia_type": "all", "stage": "consolidation", "cell_type": "b_cell", "remission": "reached"}
    names = {node.id for node in drawn(child).nodes}
    assert not [name for name in names if "relapse" in name]
    assert {"answer.risk_group", "answer.donor", "concept.donor_found"} <= names


@given(profiles())
def test_no_answer_stands_there_for_nothing(profile: ProfileModel) -> None:
    """An answer is shown because something stands on it; a pale box is one from which no line leads to what is told."""
    found = picture(composer(), profile)
    leads = {node.id for node in found.nodes if node.kind in ("section", "statement")}
    for edge in sorted(found.edges, key=lambda edge: found.node(edge.start).x, reverse=True):
        assert found.node(edge.start).x < found.node(edge.end).x
        leads |= {edge.start} if edge.end in leads else set()
    assert {node.id for node in found.nodes if node.leads_on} == leads
    assert {node.id for node in found.of("answer")} <= {edge.start for edge in found.edges}


def test_a_concept_that_does_not_hold_is_in_picture_and_list(tmp_path: Path) -> None:
    """Where a rule wants a concept not to hold, both say that it does not, and which answers keep it from holding."""
    rules = changed_sample(tmp_path, ("watering", "- not: {plant: fern}", "- not: {concept: thirsty}"))
    made = Composer(load(rules))
    found = picture(made, made.knowledge.profile(plant="fern", water="wet", place="window"))
    [absent] = [box for box in read_list(found) if box.head.endswith(": does not hold")]
    assert absent.lines == ((f"A{found.node('answer.water').number}", "definite"),)
    assert read_picture(found) == read_list(found)


# --- whether it can be read ------------------------------------------------------------------


def overlap(one: Node, two: Node) -> bool:
    return (
        one.x < two.x + two.width
        and two.x < one.x + one.width
        and one.y < two.y + two.height
        and two.y < one.y + one.height
    )


@given(profiles())
def test_no_two_texts_overlap(profile: ProfileModel) -> None:
    """Boxes keep apart, lie within the picture, and hold their lines of text, each below the one before."""
    found = picture(composer(), profile)
    for place, node in enumerate(found.nodes):
        assert not any(overlap(node, other) for other in found.nodes[:place])
        assert node.x >= 0 <= node.y
        assert node.x + node.width <= found.width
        assert node.y + node.height <= found.height
        feet = [line.y for line in node.lines]
        feet = [node.head_y, *feet] if node.kind in ("answer", "concept") else feet
        feet += [part.y for part in node.origins if part.y not in feet]
        assert all(after - before >= 18 for before, after in pairwise(feet))
        assert node.y + 16 <= feet[0]
        assert feet[-1] + 6 <= node.y + node.height


@given(profiles())
def test_a_text_is_whole_or_says_that_it_goes_on(profile: ProfileModel) -> None:
    """No word is cut; what is left out ends in three dots, and short names and answers are never cut."""
    for node in picture(composer(), profile).nodes:
        told, text = " ".join(line.text for line in node.lines), " ".join(node.text.split())
        if told.endswith(" …"):
            assert node.kind == "statement"
            assert f"{text} ".startswith(f"{told.removesuffix(' …')} ")
            assert len(told) > 20
        else:
            assert told == text


SEGMENT = re.compile(r"([MHVQ])([-\d.]+)(?: ([-\d.]+))?(?: ([-\d.]+) ([-\d.]+))?")


def straight(path: str) -> Iterator[tuple[float, float, float, float]]:
    """The level and upright pieces of a line: from left and top to right and bottom."""
    x = y = 0.0
    for kind, *numbers in SEGMENT.findall(path):
        before, at = (x, y), [float(number) for number in numbers if number]
        x, y = (at[0], y) if kind == "H" else (x, at[0]) if kind == "V" else (at[-2], at[-1])
        if kind in "HV":
            yield min(before[0], x), min(before[1], y), max(before[0], x), max(before[1], y)


@given(profiles())
def test_no_line_runs_through_a_box(profile: ProfileModel) -> None:
    """A line touches the two boxes that it joins, at their sides, and no other."""
    found = picture(composer(), profile)
    for edge in found.edges:
        for left, top, right, bottom in straight(edge.path):
            for node in found.nodes:
                assert not (
                    left < node.x + node.width
                    and node.x < right
                    and top < node.y + node.height
                    and node.y < bottom + 0.01
                ), (edge, node.id)


@settings(max_examples=25)  # each looks at every pair of pieces
@given(profiles())
def test_no_line_lies_upon_another(profile: ProfileModel) -> None:
    """Lines from different boxes may cross, but never share a stretch: each can be followed."""
    found = picture(composer(), profile)
    pieces = [(edge.start, piece) for edge in found.edges for piece in straight(edge.path)]
    for place, (start, (left, top, right, bottom)) in enumerate(pieces):
        for other, (x, y, to_x, to_y) in pieces[:place]:
            if start != other:
                across, down = min(right, to_x) - max(left, x), min(bottom, to_y) - max(top, y)
                assert across < 1 or down < -2 or left == right or x == to_x, (start, other)
                assert down < 1 or across < -2 or top == bottom or y == to_y, (start, other)


@given(profiles())
def test_on_paper_no_box_is_cut_in_two(profile: ProfileModel) -> None:
    """Where a sheet ends, the picture is cut between boxes; its bands are all of it, and low enough for a sheet."""
    found = picture(composer(), profile)
    bands = found.bands
    assert [bands[0][0], bands[-1][1]] == [0, found.height]
    assert all(bottom == top for (_, bottom), (top, _) in pairwise(bands))
    for node in found.nodes:
        assert any(top <= node.y and node.y + node.height <= bottom for top, bottom in bands)
    sheet = found.width * 5 / 4  # on Letter, 184 mm wide, 237 mm are left above the foot
    assert all(bottom - top < sheet for top, bottom in bands)
    page = render_template("picture.html", picture=found)
    assert page.count('<use href="#drawing"/>') == len(bands)


@pytest.mark.parametrize("child", CHILDREN)
def test_the_picture_is_no_larger_than_it_has_to_be(child: str) -> None:
    """Even with 60 statements and more a class sees all columns side by side, and does not scroll for ever."""
    found = drawn(CHILDREN[child])
    assert found.width <= 1280 - 48
    assert found.height <= 850 + 46 * len(found.of("statement"))


# --- the list says the same ------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """One box as it is read: its kind, its mark and standing in words, its text, and the lines into it."""

    kind: str
    head: str
    text: str
    lines: tuple[tuple[str, str], ...]


def fragment(found: Picture, **context: object) -> ET.Element:
    return ET.fromstring(f"<div>{render_template('picture.html', picture=found, **context)}</div>")  # noqa: S314 - ours


def words(element: ET.Element) -> str:
    """What an element says itself, ahead of the lists in it."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag == "ul":
            break
        pieces += ["".join(child.itertext()), child.tail or ""]
    return " ".join("".join(pieces).split())


def inline(text: str) -> str:
    """A text on one line. The lines of a list that are sentences keep their full stops, and others are parted."""
    told = [line for block in blocks(text) for line in (_sentences(block.lines) if block.is_list else block.lines)]
    return " ".join(told)


def _sentences(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith(".") else f"{line}." if line is lines[-1] else f"{line};"


def read_picture(found: Picture) -> list[Read]:
    """What an eye sees: boxes from the top of each column, and lines by the boxes at which they begin and end."""
    drawing = next(group for group in fragment(found).iter("g") if group.attrib.get("id") == "drawing")
    boxes, lines, named = [], [], []
    for group in drawing.findall("g"):
        rect, texts = next(group.iter("rect")), list(group.iter("text"))
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        head = "".join(text.text or "" for text in texts if text.attrib.get("class") == "head")
        told = " ".join(text.text or "" for text in texts if "class" not in text.attrib)
        kind = next(kind for kind in KINDS if kind in group.attrib["class"].split())
        boxes.append(((x, y, x + width, y + height), kind, head, told))
        named.append(" ".join(text.text or "" for text in texts if text.attrib.get("class") == "origins"))
        for path in group.iter("path"):
            begin = re.match(r"M([\d.]+) ([\d.]+)", path.attrib["d"])
            assert begin
            *_, (_, bottom, right, _) = straight(path.attrib["d"])
            lines.append(((float(begin[1]), float(begin[2])), (right, bottom), path.attrib["class"]))
    heads = {side: head for (_, top, right, bottom), _, head, _ in boxes for side in [(right, top, bottom)]}
    found_lines: dict[int, list[tuple[str, str]]] = {}
    for (x, y), (to_x, to_y), applies in lines:
        [source] = [head for (right, top, bottom), head in heads.items() if right == x and top <= y <= bottom]
        [goal] = [place for place, (box, *_) in enumerate(boxes) if box[0] == to_x and box[1] <= to_y <= box[3]]
        found_lines.setdefault(goal, []).append((source.partition(":")[0], applies))
    for place, names in enumerate(named):
        assert sorted(names.removeprefix("←").split()) == sorted(mark for mark, _ in found_lines.get(place, []))
    full = {" ".join(line.text for line in node.lines): inline(node.text) for node in found.nodes}
    return [
        Read(kind, {"?": "still open"}.get(head, head), full[told], tuple(sorted(found_lines.get(place, []))))
        for place, (_, kind, head, told) in enumerate(boxes)
    ]


def read_list(found: Picture) -> list[Read]:
    """What a screen reader says: the nested list, in its order."""
    details = fragment(found).find("details[@id='reasoning-list']")
    assert details is not None
    applies = {"without an “If”": "definite", "only with an “If”": "conditional"}

    def box(item: ET.Element, kind: str) -> Read:
        bold, line = item.find("b"), words(item).removesuffix(" (brings nothing that is told here)")
        head = (bold.text or "").removesuffix(".") if bold is not None and kind != "section" else ""
        lines = [re.fullmatch(r"(.+ an “If”), from (.+?): .+", words(li)) for li in item.findall("ul/li")]
        if kind in ("section", "statement") and not any(lines):
            nothing = "no line of its own" if kind == "statement" else "no line: for everybody"
            assert words(item.findall("ul/li")[0]).startswith(nothing)
        text = line.removeprefix(f"{head}. ") if head else line
        return Read(kind, head, text, tuple(sorted((match[2], applies[match[1]]) for match in lines if match)))

    read = []
    for part in details.findall("ul/li"):
        kind = {"Answers": "answer", "Concepts": "concept", "Statements": "section"}[words(part)]
        for item in part.findall("ul/li"):
            read.append(box(item, kind))
            read += [
                box(li, "statement") for li in item.findall("ul/li") if kind == "section" and li.find("ul") is not None
            ]
    return read


@settings(max_examples=50)  # each renders all of it
@given(profiles())
def test_the_list_says_what_the_picture_shows(profile: ProfileModel) -> None:
    """Who cannot see the picture reads the same boxes and lines; here the lines are read off where they are drawn."""
    found = picture(composer(), profile)
    shown = read_picture(found)
    assert shown == read_list(found)
    assert len(shown) == len(found.nodes)
    assert sum(len(box.lines) for box in shown) == len(found.edges)


@settings(max_examples=25)  # each renders all of it
@given(profiles())
def test_a_pale_box_is_pale_in_words_too(profile: ProfileModel) -> None:
    """What brings nothing is said to bring nothing, as often as it is drawn so."""
    found = picture(composer(), profile)
    idle = sum(not node.leads_on for node in found.nodes)
    html = render_template("picture.html", picture=found)
    assert html.count(" idle") == html.count("(brings nothing that is told here)") == idle


def test_statements_lead_to_where_they_stand() -> None:
    """Both the picture and the list link to a statement, if it has an address; without addresses there is no link."""
    found = drawn(CHILDREN[FULLEST])
    told = {node.id.removeprefix("statement.") for node in found.of("statement")}

    def address(name: str) -> str | None:
        return f"/why/{name}" if name.startswith("induction.") else None

    links = [a.attrib["href"] for a in fragment(found, statement_url=address).iter("a")]
    links.remove("#reasoning-list")
    wanted = sorted(f"/why/{name}" for name in told if name.startswith("induction."))
    assert sorted(links) == sorted(wanted * 2)
    assert len(list(fragment(found).iter("a"))) == len(list(fragment(found, statement_url=None).iter("a"))) == 1


def test_nothing_in_it_breaks_the_policy_of_the_site() -> None:
    """No style stands in the markup and no script is in it; addresses and texts are escaped."""
    found = drawn(CHILDREN[FULLEST])
    html = render_template("picture.html", picture=found, statement_url=lambda name: f'/"><b>{name}')
    assert not re.search(r"<style|<script|\bstyle=|\bon\w+=|<b>induction", html)
    hostile = found.model_copy(
        update={"nodes": tuple(node.model_copy(update={"text": "<i>&"}) for node in found.nodes)}
    )
    assert "<i>" not in render_template("picture.html", picture=hostile)


# --- in a browser ----------------------------------------------------------------------------


def page_of(body: str) -> str:
    """A plain page around a fragment, with the styles of the workbench."""
    style = "".join((folder("templates") / name).read_text("utf-8") for name in ("style.css", "workbench.css"))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>A page</title><style>{style}</style><body><main><h1>A page</h1>{body}</main></body></html>"
    )


OUTSIDE = """all => all.flatMap(group => {
    const box = group.querySelector("rect").getBBox();
    return [...group.querySelectorAll("text")].filter(text => {
        const letters = text.getBBox();
        return letters.x < box.x || letters.x + letters.width > box.x + box.width - 4
            || letters.y < box.y || letters.y + letters.height > box.y + box.height;
    }).map(text => text.textContent);
})"""
TOUCHING = """all => all.flatMap(group => {
    const letters = [...group.querySelectorAll("text")].map(text => [text.textContent, text.getBBox()]);
    return letters.flatMap(([text, one], place) => letters.slice(place + 1)
        .filter(([, two]) => one.x < two.x + two.width + 4 && two.x < one.x + one.width + 4
            && one.y < two.y + two.height - 4 && two.y < one.y + one.height - 4)
        .map(([other]) => [text, other]));
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 768, 1280])
def test_axe_finds_nothing(browser: Browser, width: int, scheme: str) -> None:
    """Picture and list are accessible at each width; only the picture's own region scrolls sideways."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else None)
    found = drawn(CHILDREN[FULLEST])
    page.set_content(page_of(render_template("picture.html", picture=found, statement_url="/why/{}".format)))
    assert not axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("child", CHILDREN)
def test_every_text_fits_its_box(browser: Browser, child: str) -> None:
    """Letters keep within their box, also in a font that runs wide, and are 16 pixels large."""
    page = browser.new_page()
    page.set_content(page_of(render_template("picture.html", picture=drawn(CHILDREN[child]))))
    assert page.locator(".drawing > g").evaluate_all(OUTSIDE) == []
    assert page.locator(".drawing > g").evaluate_all(TOUCHING) == []
    sizes = "all => all.map(text => parseFloat(getComputedStyle(text).fontSize))"
    assert min(page.locator(".picture text").evaluate_all(sizes)) >= 16
    page.close()


def test_the_keyboard_scrolls_the_picture_and_follows_the_list(browser: Browser) -> None:
    """Tab reaches the way to the list, the legend, the picture's region and the list, but no link in the picture."""
    page = browser.new_page(viewport={"width": PHONE, "height": 800})
    found = drawn(CHILDREN["maintenance-at-home"])
    page.set_content(page_of(render_template("picture.html", picture=found, statement_url="/why/{}".format)))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#reasoning-list"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement.scrollLeft > 0")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('details') !== null")
    page.close()


def test_a_scenario_of_each_size_is_tried() -> None:
    """The pictures above include small ones and ones with more than 60 statements."""
    counts = [len(drawn(child).of("statement")) for child in CHILDREN.values()]
    assert min(counts) < 10
    assert max(counts) > 60
    assert len(CHILDREN) > len(knowledge().scenarios)
