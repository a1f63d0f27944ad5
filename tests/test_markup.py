"""Reading pages into a tree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explainer.markup import Element, parse

PAGE = """<main><h1 class="big lead">A &amp; B</h1>
<p>one <b>two</b><br>three <span class="hidden">four</span></p>
<ul><li>five<li>six</ul></main>"""


def test_a_page_is_a_tree_of_elements_in_order() -> None:
    """What is asked of a page is asked of its elements, as a browser sees them."""
    page = parse(PAGE)
    assert [element.tag for element in page.all("h1", "p", "li")] == ["h1", "p", "li", "li"]
    assert page.text() == "A & B one twothree four fivesix"
    title = page.first("h1")
    assert title is not None
    assert title.classes == ["big", "lead"]
    assert title.line == 1


def test_elements_are_found_by_tag_or_class_and_parts_left_out() -> None:
    """A class is asked for with a dot."""
    page = parse(PAGE)
    assert page.first(".lead") is page.first("h1")
    assert page.first(".nothing") is None
    assert page.first("p").text(".hidden", "b") == "one three"  # type: ignore[union-attr]
    assert page.all("li", skip=("ul",)) == []


def test_loose_ends_do_no_harm() -> None:
    """An end without a beginning is passed over; a beginning without an end reaches to the end of what holds it."""
    page = parse("</p><div><p>one</div>two</main>")
    assert [part if isinstance(part, str) else part.tag for part in page.children] == ["div", "two"]


@given(st.text(alphabet="<>/ab\"'=!- ", max_size=60))
def test_any_text_is_read(text: str) -> None:
    """A page that is broken is judged as far as it goes."""
    assert isinstance(parse(text), Element)
