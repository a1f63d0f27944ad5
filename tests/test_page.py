"""The HTML page in a real browser: for every child, on a phone and a desk, in light and dark, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from explainer import Profile, explain
from explainer.loader import knowledge
from explainer.render import render

PHONE = 320  # what is left of 1280 px at 400 % zoom, too
FULLEST = "in induction, not sure of anything, looking ahead"  # a path, folded parts and every possibility
CHILDREN: dict[str, dict[str, str]] = {
    **{scenario.id: dict(scenario.profile) for scenario in knowledge().scenarios},
    "nothing answered": {},
    FULLEST: {"stage": "induction", "look_ahead": "true"},
}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
WIDE_SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""

# What a browser is asked about a list of elements.
UNSEEN = "all => all.filter(element => !element.checkVisibility({contentVisibilityAuto: true})).length"
NUMBERED = (
    """document.querySelectorAll('a, summary, button').forEach((element, place) => element.dataset.place = place)"""
)
FOCUS = """() => {
    const style = getComputedStyle(document.activeElement);
    return [Number(document.activeElement.dataset.place), style.outlineStyle, style.outlineWidth];
}"""
MOVING = """all => all.map(element => getComputedStyle(element)).filter(style => style.animationName != "none"
    || style.transitionDuration != "0s" || style.scrollBehavior != "auto").length"""
NOTES = """all => Object.fromEntries(all.map(note =>
    [note.id, [...note.querySelectorAll("p")].map(line => line.textContent)]))"""
LINES = """all => all.map(block => [block.getBoundingClientRect().height, getComputedStyle(block).lineHeight])
    .map(([height, line]) => height / parseFloat(line))
    .map(lines => Math.round(Math.abs(lines - Math.round(lines)) * 20))"""
GAPS = """all => all.map(word => {
    const letters = document.createRange();
    letters.selectNodeContents(word);
    const style = getComputedStyle(word);
    return Math.round(word.getBoundingClientRect().width - letters.getBoundingClientRect().width)
        + parseFloat(style.marginLeft) + parseFloat(style.marginRight);
})"""
TORN = """all => all.flatMap(word => [[word.previousSibling, -1], [word.nextSibling, 0]].filter(([text, end]) => {
    if (text?.nodeType != Node.TEXT_NODE || !text.data.at(end).trim()) return false;
    const sign = document.createRange();
    sign.setStart(text, end ? text.length - 1 : 0);
    sign.setEnd(text, end ? text.length : 1);
    const [box, here] = [word.getBoundingClientRect(), sign.getBoundingClientRect()];
    return here.top >= box.bottom || here.bottom <= box.top;
}).map(([text]) => text.data))"""
OPEN = "[...document.querySelectorAll(':popover-open')].map(note => note.id)"
COVERED = """all => all.filter(statement => {
    const words = document.createRange();
    words.selectNodeContents(statement.querySelector(".text"));
    const why = statement.querySelector("summary").getBoundingClientRect();
    return [...words.getClientRects()].some(line => line.right > why.left && line.top < why.bottom);
}).map(statement => statement.id)"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was opened, and what came of it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def open_page(browser: Browser, file: Path, **options: Any) -> Visit:
    """Opens a file on a phone, or with other options of a browser context."""
    context = browser.new_context(**{"viewport": {"width": PHONE, "height": 800}, **options})
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("console", lambda message: visit.said.append(message.text))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    visit.page.goto(file.as_uri())
    return visit


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")


def axe(page: Page) -> str:
    results = Axe().run(page, options=AXE)
    return str(results.generate_report()) if results.violations_count else ""


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every child's page, saved as a family would save it."""
    folder = tmp_path_factory.mktemp("pages")
    saved = {child: folder / f"{child}.html" for child in CHILDREN}
    for child, path in saved.items():
        path.write_text(render(explain(Profile.read(CHILDREN[child])), "html"), encoding="utf-8")
    return saved


@pytest.fixture(scope="module", params=CHILDREN)
def visit(request: pytest.FixtureRequest, browser: Browser, files: dict[str, Path]) -> Iterator[Visit]:
    """Each child's page on a phone, all of it unfolded; tests share it, so they only look at it."""
    visit = open_page(browser, files[request.param])
    unfold(visit.page)
    yield visit
    visit.page.context.close()


@pytest.fixture
def fullest(browser: Browser, files: dict[str, Path]) -> Iterator[Callable[..., Page]]:
    """Opens the page with most in it, as often as a test needs."""
    pages: list[Page] = []

    def opened(**options: Any) -> Page:
        pages.append(open_page(browser, files[FULLEST], **options).page)
        return pages[-1]

    yield opened
    for page in pages:
        page.context.close()


# --- for every child -------------------------------------------------------------------------


def test_axe_finds_nothing(visit: Visit) -> None:
    """Each child's page is accessible, as far as a program can tell."""
    assert not axe(visit.page)


def test_headings_are_in_order(visit: Visit) -> None:
    """Who jumps from heading to heading finds one first heading, no skipped level and no empty heading."""
    headings = visit.page.locator("h1, h2, h3, h4, h5, h6")
    levels = [int(name[1]) for name in headings.evaluate_all("all => all.map(heading => heading.tagName)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(text.strip() for text in headings.all_text_contents())


LISTED = """contents => {
    const listed = [];
    for (let part = contents.nextElementSibling, each = false; part; part = part.nextElementSibling)
        if (part.tagName === 'H2') {
            each = ['all', 'any'].includes(part.id);
            if (!each) listed.push('#' + part.id);
        } else if (each && part.tagName === 'SECTION') listed.push('#' + part.id);
    return listed;
}"""


def test_every_link_leads_somewhere(visit: Visit) -> None:
    """The list of contents leads to each part that follows it, and no id stands twice.

    Where sections have no time of their own, it leads to each. Links to what is now and to the questions stand ahead.
    From the end of each part a link leads back to the contents.
    """
    page = visit.page
    ids = page.locator("[id]").evaluate_all("all => all.map(element => element.id)")
    assert len(ids) == len(set(ids))
    contents = page.locator("nav a").evaluate_all("all => all.map(a => a.hash)")
    assert contents == page.locator("nav").evaluate(LISTED)
    links = page.locator("a").evaluate_all("all => all.map(a => a.hash)")
    back = page.locator(".back").evaluate_all("all => all.map(a => a.hash)")
    straight = [f"#{page.locator('nav ~ h2').first.get_attribute('id')}"]
    assert links == [*(name for name in straight if name in ("#first", "#now")), "#questions", *contents, *back]
    assert set(back) == {"#contents"}
    assert len(back) == page.locator("h2:has(+ section)").count()


def test_every_hard_word_has_its_note(visit: Visit) -> None:
    """A hard word names the note on itself, and the note says what the list of words says."""
    page = visit.page
    listed = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(), strict=True))
    notes = page.locator(".note").evaluate_all(NOTES)
    assert dict(notes.values()) == {word.removesuffix("*"): meaning for word, meaning in listed.items()}
    assert set(page.locator(".term").evaluate_all("all => all.map(word => word.popoverTargetElement.id)")) <= set(notes)


def test_the_page_names_its_language_and_itself(visit: Visit) -> None:
    """A screen reader speaks English, and a row of open tabs tells which one this is."""
    assert visit.page.locator("html").get_attribute("lang") == "en"
    assert visit.page.title() == visit.page.locator("h1").inner_text()


def test_what_is_tapped_is_large_enough(visit: Visit) -> None:
    """What unfolds and what is in the list of contents is at least 44 by 44 pixels; a finger needs that."""
    targets = visit.page.locator("summary, nav a")
    boxes = targets.evaluate_all("all => all.map(element => element.getBoundingClientRect().toJSON())")
    assert min(min(box["height"], box["width"]) for box in boxes) >= 44


def test_no_word_is_small(visit: Visit) -> None:
    """No text is under 16 pixels on a phone."""
    sizes = "all => all.map(element => parseFloat(getComputedStyle(element).fontSize))"
    assert min(visit.page.locator("main *").evaluate_all(sizes)) >= 16


def test_a_narrow_screen_shows_all_of_it(visit: Visit) -> None:
    """At 320 pixels (or 400 % zoom) nothing scrolls sideways and no "Why?" lies over the words beside it."""
    assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert visit.page.locator(".statement").evaluate_all(COVERED) == []


def test_the_page_asks_for_nothing_but_itself(visit: Visit) -> None:
    """Nobody learns that the page was opened: no request leaves it, no script is in it, nothing fails in it."""
    assert visit.requests == [visit.page.url]
    assert visit.said == []
    assert visit.page.locator("script, img, link, iframe, object, form").count() == 0


@pytest.mark.parametrize("child", CHILDREN)
def test_the_page_is_light(files: dict[str, Path], child: str) -> None:
    """A page is under 120 KB, to be sent and opened over a bad connection."""
    assert files[child].stat().st_size < 120_000


# --- for the child whose page holds most -----------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 768, 1280])
def test_axe_finds_nothing_in_any_view(fullest: Callable[..., Page], width: int, scheme: str) -> None:
    """The page is accessible at each width, in light and dark, with all of it unfolded."""
    page = fullest(viewport={"width": width, "height": 800}, color_scheme=scheme)
    unfold(page)
    assert not axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_folded(fullest: Callable[..., Page], scheme: str) -> None:
    """The page is accessible as it comes, with its reasons and some of its parts folded."""
    assert not axe(fullest(color_scheme=scheme))


def test_the_keyboard_reaches_everything(fullest: Callable[..., Page]) -> None:
    """Tab goes through all links, hard words and all that unfolds, in reading order, and shows where it is."""
    page = fullest()
    page.evaluate(NUMBERED)
    reached = []
    for _ in range(page.locator("a:visible, summary:visible, button:visible").count()):
        page.keyboard.press("Tab")
        place, outline, width = page.evaluate(FOCUS)
        assert (outline, width) == ("solid", "3px")
        reached.append(place)
    assert reached == sorted(set(reached))


@pytest.mark.parametrize("part", [".why", ".fold"])
def test_the_keyboard_unfolds(fullest: Callable[..., Page], part: str) -> None:
    """Reasons and folded parts open with the keyboard alone, and close again."""
    details = fullest().locator(part).first
    details.locator("> summary").focus()
    for is_open in (True, False):
        details.page.keyboard.press("Enter")
        assert details.locator("> :not(summary)").first.is_visible() is is_open


@pytest.mark.parametrize("part", [".why", ".fold"])
def test_the_page_works_without_javascript(fullest: Callable[..., Page], part: str) -> None:
    """What unfolds does so in a browser that runs no scripts."""
    details = fullest(java_script_enabled=False).locator(part).first
    details.locator("> summary").click()
    assert details.locator("> :not(summary)").first.is_visible()


def test_the_keyboard_opens_every_hard_word(fullest: Callable[..., Page]) -> None:
    """Without scripts, Enter on a hard word opens the note on it alone; Escape closes it and leads back to the word."""
    page = fullest(java_script_enabled=False)
    words = page.locator(".term:visible")
    assert words.count() > 10
    for word in words.all():
        word.focus()
        page.keyboard.press("Enter")
        assert page.evaluate(OPEN) == [word.get_attribute("popovertarget")]
        page.keyboard.press("Escape")
        assert page.evaluate(OPEN) == []
        assert word.evaluate("word => word === document.activeElement")


def test_a_finger_opens_a_hard_word(fullest: Callable[..., Page]) -> None:
    """Without scripts, a tap on a hard word opens the note on it, in view; a tap on Close closes it."""
    page = fullest(java_script_enabled=False, has_touch=True)
    for word in page.locator(".term:visible").all()[::6]:
        word.tap()
        note = page.locator(".note:visible")
        assert note.get_attribute("id") == word.get_attribute("popovertarget")
        box, close = note.bounding_box(), note.get_by_role("button", name="Close")
        assert box
        assert box["x"] >= 0 <= box["y"]
        assert box["x"] + box["width"] <= PHONE
        assert box["y"] + box["height"] <= 800
        close.tap()
        assert page.evaluate(OPEN) == []


def test_a_hard_word_takes_no_more_room_than_its_letters(fullest: Callable[..., Page]) -> None:
    """A line with hard words in it is as high as any other, and no gap opens before or after them."""
    page = fullest(viewport={"width": 768, "height": 800})
    lines = page.locator(".text p:visible, .text li:visible, .condition:visible, .lead")
    assert set(lines.evaluate_all(LINES)) == {0}
    assert set(page.locator(".term:visible").evaluate_all(GAPS)) == {0}


@pytest.mark.parametrize("width", [320, 342, 368, 390, 414])
def test_no_line_begins_with_a_comma(fullest: Callable[..., Page], width: int) -> None:
    """A sign that belongs to a hard word stays on its line, however narrow the phone."""
    page = fullest(viewport={"width": width, "height": 800})
    unfold(page)
    assert page.locator(".term:visible").evaluate_all(TORN) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_letters_may_be_spaced_widely(fullest: Callable[..., Page]) -> None:
    """Who needs more space between letters, words and lines still sees all of it (WCAG 1.4.12)."""
    page = fullest()
    unfold(page)
    page.add_style_tag(content=WIDE_SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert page.locator(".statement").evaluate_all(COVERED) == []


def test_the_place_on_the_path_is_told_without_color(fullest: Callable[..., Page]) -> None:
    """One stop of the drawn path says in words, and to a screen reader, that the child is there; it is larger, too."""
    path = fullest().get_by_role("img", name="Diagnosis (behind you), Induction (your child is here), Consolidation")
    assert path.locator("text").all_text_contents()[1:3] == ["Induction", "your child is here"]
    radii = path.locator("circle").evaluate_all("all => all.map(stop => stop.getBoundingClientRect().width)")
    assert radii.index(max(radii)) == 1


def test_nothing_moves(fullest: Callable[..., Page]) -> None:
    """No animation, transition or gliding scroll, so there is nothing to switch off for who cannot bear motion."""
    assert fullest().locator("html, body, body *").evaluate_all(MOVING) == 0


def test_paper_shows_all_of_it(fullest: Callable[..., Page]) -> None:
    """In print the folded parts are open, and what only a screen can use is gone."""
    page = fullest()
    folded = page.locator(".fold .text")
    assert folded.evaluate_all(UNSEEN) == folded.count() > 0
    page.emulate_media(media="print")
    assert page.locator(".text, dd, .ask li").evaluate_all(UNSEEN) == 0
    useless = page.locator("summary, .reasons, nav, nav a, .screen")
    assert useless.evaluate_all(UNSEEN) == useless.count() > 0


def test_paper_is_white(fullest: Callable[..., Page]) -> None:
    """Who reads in the dark prints in black on white all the same."""
    page = fullest(color_scheme="dark")
    page.emulate_media(media="print")
    colors = "body => [getComputedStyle(body).backgroundColor, getComputedStyle(body).color]"
    assert page.locator("body").evaluate(colors) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_page_can_be_saved_as_pdf(fullest: Callable[..., Page], paper: str) -> None:
    """A family can take it along on either size of paper."""
    assert fullest().pdf(format=paper).startswith(b"%PDF")
