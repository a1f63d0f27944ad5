"""The map of the knowledge: what it says is touched is touched, in that way, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from explainer import logic
from explainer.compose import Composer, composer
from explainer.knowledge_map import HEATS, Map, Row, knowledge_map
from explainer.loader import knowledge, load
from explainer.profile import ProfileModel
from explainer.render import blocks, render_template
from tests.oracle import decide, shipped
from tests.spoil import SAMPLE
from tests.strategies import UNKNOWN, VALUES, profiles
from tests.test_page import PHONE, axe, unfold
from tests.test_picture import page_of

MAP = knowledge_map(composer())
ROWS = {row.id: (area, row) for area in MAP.areas for row in area.rows}
SIGNS = {"rule": "● rule", "concept": "○ concept"}
statements = st.sampled_from(sorted(ROWS))


def outcome(when: logic.When, answers: Mapping[str, str]) -> str:
    rest = logic.simplify(when, answers, knowledge().definition)
    return "true" if rest == logic.TRUE else "false" if rest == logic.FALSE else "open"


def matters(when: logic.When, field: str) -> bool:
    """Whether some answers to the other questions make it matter what is answered to this one."""
    fields = list(logic.fields_of(when, knowledge().definition))
    others = [name for name in fields if name != field]
    return any(
        len({outcome(when, {**dict(zip(others, words, strict=True)), field: value}) for value in words_of(field)}) > 1
        for words in product(*map(words_of, others))
    )


def words_of(field: str) -> tuple[str, ...]:
    return (*VALUES[field], UNKNOWN)


# --- what is in it ---------------------------------------------------------------------------


def test_every_statement_and_every_question_is_there() -> None:
    """The map has a row for each statement, under its section, and a column for each question, in their order."""
    assert [row.id for area in MAP.areas for row in area.rows] == list(knowledge().statements)
    assert list(MAP.questions) == list(VALUES)
    assert MAP.statements == len(ROWS)
    for area in MAP.areas:
        assert list(area.cells) == list(VALUES)


@given(profiles(), statements, st.sampled_from(sorted(VALUES)))
def test_what_is_not_touched_never_changes(profile: ProfileModel, statement: str, field: str) -> None:
    """For no child does another answer change a statement that its question does not touch."""
    area, row = ROWS[statement]
    told = {decide(shipped(), {**profile.answers, field: word}).statements.get(statement) for word in words_of(field)}
    assert len(told) == 1 or field in area.ways or field in row.ways


@pytest.mark.parametrize("statement", ROWS)
def test_what_is_touched_can_change(statement: str) -> None:
    """Each question named for a rule or a section does matter to it, with some answers to the other questions."""
    area, row = ROWS[statement]
    section, rule = knowledge().statements[statement]
    for when, ways in ((rule.when, row.ways), (section.shown_when, area.ways)):
        assert set(ways) == {field for field in VALUES if matters(when, field)}


@pytest.mark.parametrize("statement", ROWS)
def test_the_way_is_the_one_that_the_rule_takes(statement: str) -> None:
    """Directly, where the rule itself names the question; through a concept, where only the concept does."""
    area, row = ROWS[statement]
    section, rule = knowledge().statements[statement]
    direct = {literal.field for literal in logic.literals(rule.when) if isinstance(literal, logic.Answer)}
    assert {field for field, ways in row.ways.items() if any(way.by == "rule" for way in ways)} == direct
    for ways in row.ways.values():
        assert all((way.by == "concept") == bool(way.through) for way in ways)
    assert {way.by for ways in area.ways.values() for way in ways} <= {"section"}
    assert bool(area.ways) == (section.shown_when != logic.TRUE)


def test_examples() -> None:
    """An answer that leads to a statement through two concepts names both; a section names its own answers."""
    deep = [way for _, row in ROWS.values() for ways in row.ways.values() for way in ways if len(way.through) > 1]
    assert {way.through for way in deep} >= {
        ("chemo may go into the spinal fluid more often", "leukemia cells were in the spinal fluid at diagnosis")
    }
    (way,) = ROWS["consolidation.extra-drugs"][1].ways["mrd"]
    assert (way.by, way.through, way.options) == (
        "concept",
        ("the leukemia counts as higher risk",),
        "MRD is found after induction",
    )
    (whole,) = ROWS["consolidation.extra-drugs"][0].ways["leukemia_type"]
    assert (whole.by, whole.options, whole.or_unknown) == ("section", "the diagnosis is ALL", True)


def test_counts_and_shades_are_those_of_the_rows() -> None:
    """A figure is the number of statements touched in any way; its shade tells the quarters of the section."""
    for area in MAP.areas:
        for field, cell in area.cells.items():
            assert cell.count == sum(field in row.ways or field in area.ways for row in area.rows)
            assert 0 <= cell.heat <= HEATS
            assert (cell.heat == 0) == (cell.count == 0)
            if cell.heat:
                assert (cell.heat - 1) / HEATS < cell.count / len(area.rows) <= cell.heat / HEATS
        assert set(area.untouched_by) == {field for field, cell in area.cells.items() if not cell.count}
    for field, total in MAP.totals.items():
        assert total.count == sum(area.cells[field].count for area in MAP.areas)


# --- how it is told --------------------------------------------------------------------------


def fragment(found: Map) -> ET.Element:
    return ET.fromstring(f"<div>{render_template('knowledge_map.html', map=found)}</div>")  # noqa: S314 - ours


def plain(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def test_the_table_tells_each_figure() -> None:
    """Each cell has its figure written in it, its shade, and the sign and words for a whole section."""
    table = next(fragment(MAP).iter("table"))
    head, *lines = table.iter("tr")
    assert [plain(th) for th in head][1:] == [capital(name) for name in MAP.questions.values()]
    for area, line in zip(MAP.areas, lines[:-1], strict=True):
        title, *cells = line
        assert plain(title) == f"{area.title} ({len(area.rows)})"
        for field, td in zip(MAP.questions, cells, strict=True):
            told = f"{area.cells[field].count}" + (" ■ the section" if field in area.ways else "")
            assert (plain(td), td.attrib["class"]) == (told, f"heat-{area.cells[field].heat}")
    assert [plain(td) for td in lines[-1]][1:] == [str(cell.count) for cell in MAP.totals.values()]


def details_of(row: Row, fields: list[str]) -> Iterator[str]:
    for field in fields:
        ways = [
            f"{SIGNS[way.by]}{''.join(f' “{phrase}”' for phrase in way.through)}: {way.options}"
            for way in row.ways.get(field, ())
        ]
        yield " ".join(ways) or "–not touched"


def test_the_details_tell_each_statement() -> None:
    """Under each section, each statement says for each question whether and how it is touched, in signs and words."""
    for area, details in zip(MAP.areas, fragment(MAP).iter("details"), strict=True):
        told, table = plain(details), details.find(".//table")
        for field, ways in area.ways.items():
            assert f"{capital(MAP.questions[field])}: {ways[0].options or ''}" in told
        for field in area.untouched_by:
            assert MAP.questions[field] in told.partition("No statement here depends on:")[2]
        fields = list(area.touched_by)
        assert {*fields, *area.ways, *area.untouched_by} == set(VALUES)
        assert (table is None) == (not fields)
        if table is not None:
            head, *lines = table.iter("tr")
            assert [plain(th) for th in head][1:] == [capital(MAP.questions[field]) for field in fields]
            for row, line in zip(area.rows, lines, strict=True):
                title, *cells = line
                assert plain(title).startswith(blocks(row.text)[0].lines[0])
                assert [plain(cell) for cell in cells] == list(details_of(row, fields))


def test_every_header_says_what_it_heads() -> None:
    """A screen reader can name the row and the column of every cell."""
    for table in fragment(MAP).iter("table"):
        assert table.find("caption") is not None
        assert {th.attrib.get("scope") for th in table.find("thead/tr") or ()} == {"col"}
        for line in [*table.findall("tbody/tr"), *table.findall("tfoot/tr")]:
            assert [cell.attrib.get("scope") for cell in line if cell.tag == "th"] == ["row"]


def test_other_rules_have_their_map() -> None:
    """The map is made of any rules; texts are escaped, and no style stands in the markup."""
    found = knowledge_map(Composer(load(SAMPLE)))
    assert [area.id for area in found.areas] == [section.id for section in load(SAMPLE).sections]
    html = render_template("knowledge_map.html", map=found)
    assert not re.search(r"<style|<script|\bstyle=|\bNone\b", html)
    hostile = found.model_copy(update={"questions": dict.fromkeys(found.questions, "<i>&")})
    assert "<i>" not in render_template("knowledge_map.html", map=hostile)


# --- in a browser ----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 768, 1280])
def test_axe_finds_nothing(browser: Browser, width: int, scheme: str) -> None:
    """The map is accessible at each width, unfolded, each shade with its figure; only its tables scroll sideways."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else None)
    page.set_content(page_of(render_template("knowledge_map.html", map=MAP)))
    unfold(page)
    assert not axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


CONTRAST = """all => {
    const dot = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const light = color => {
        dot.fillStyle = color;
        dot.fillRect(0, 0, 1, 1);
        const parts = [...dot.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
        const [red, green, blue] = parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    return all.map(cell => getComputedStyle(cell)).map(({color, backgroundColor}) => {
        const [one, two] = [light(color), light(backgroundColor)].sort((a, b) => b - a);
        return (one + 0.05) / (two + 0.05);
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_stand_out_from_every_shade(browser: Browser, scheme: str) -> None:
    """A figure has a contrast of 4.5 to its shade at least, and every two shades differ."""
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else None)
    page.set_content(page_of(render_template("knowledge_map.html", map=MAP)))
    shaded = page.locator(", ".join(f"td.heat-{heat}" for heat in range(1, HEATS + 1)))
    assert shaded.count() > 20
    assert min(shaded.evaluate_all(CONTRAST)) >= 4.5
    swatches = page.locator(".swatch").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(swatches)) == HEATS + 1
    page.close()
