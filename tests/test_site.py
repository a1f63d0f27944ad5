"""The web site in a real browser: whole journeys, every page and state, by keyboard, by finger and on paper."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from explainer import Profile, explain
from explainer.interview import Interview
from explainer.loader import knowledge
from explainer.render import placed
from tests.browser import with_settings
from tests.program import Served
from tests.test_page import FOCUS, OPEN, UNSEEN, WIDE_SPACING, axe, unfold
from tests.visitor import DESK, PHONE, VIEWS, Visitor, hold_accessible, until

CHILDREN: dict[str, dict[str, str]] = {
    "newly diagnosed, not sure of anything": {"leukemia_type": "all", "stage": "newly_diagnosed"},
    "standard risk": {
        "leukemia_type": "all",
        "stage": "induction",
        "risk_group": "standard",
        "cell_type": "b_cell",
        "ph_status": "negative",
        "gene_changes": "not_found",
        "csf_at_diagnosis": "none",
    },
    "T-cell": {
        "leukemia_type": "all",
        "stage": "induction",
        "risk_group": "high",
        "cell_type": "t_cell",
        "ph_status": "negative",
        "csf_at_diagnosis": "some",
    },
    "Ph-positive": {
        "leukemia_type": "all",
        "stage": "consolidation",
        "risk_group": "high",
        "cell_type": "b_cell",
        "ph_status": "positive",
        "remission": "reached",
        "donor": "sibling_match",
    },
    "MRD found": {"leukemia_type": "all", "stage": "consolidation", "risk_group": "standard", "mrd": "detected"},
    "a relapse": {
        "leukemia_type": "all",
        "stage": "relapsed",
        "relapse_count": "first",
        "relapse_timing": "early",
        "relapse_site": "csf",
        "prior_cranial_radiation": "done",
        "prior_transplant": "not_done",
    },
}
HIGH_RISK = "1.leukemia_type:all.stage:induction.risk_group:high"
AHEAD = f"{HIGH_RISK}.look_ahead:true"


def question(field: str) -> str:
    return knowledge().question(field).text


def told(words: dict[str, str]) -> list[str]:
    return [
        statement.id for _, section in placed(explain(Profile(**words)).sections) for statement in section.statements
    ]


def statements(page: Page) -> list[str]:
    found = page.locator(".statement").evaluate_all("all => all.map(statement => statement.id)")
    return [str(name) for name in found]


# --- journeys ---------------------------------------------------------------------------------

WAYS = {
    f"{'with' if scripts else 'without'} scripts, {width} px": {
        "java_script_enabled": scripts,
        "viewport": {"width": width, "height": 800},
    }
    for scripts, width in product([True, False], [390, DESK])
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("child", CHILDREN)
def test_a_family_gets_to_its_explanation(
    visitor: Callable[..., Visitor], server: Served, child: str, way: dict[str, Any]
) -> None:
    """From the start to what `explain` tells of that child; nothing else is fetched, logged, or put into an address."""
    words = CHILDREN[child]
    family = visitor(**way)
    width = way["viewport"]["width"]
    family.open("/").get_by_role("link", name="Start", exact=True).click()
    while family.heading() != "Check your answers":
        assert family.heading() == question(family.field())
        assert family.page.evaluate("document.documentElement.scrollWidth") == width
        family.answer(words.get(family.field(), "unknown"))
    family.page.get_by_role("link", name="Show my page").click()
    family.page.wait_for_url("**/explanation")
    assert statements(family.page) == told(words)
    assert family.page.evaluate("document.documentElement.scrollWidth") == width
    assert family.page.get_by_role("button", name="Print").is_visible() == way["java_script_enabled"]
    assert family.said == []
    assert all(address.startswith((f"{server.address}/", "data:,")) for address in family.asked)
    values = re.compile(rf"\b({'|'.join({*words.values(), 'unknown'} - {'all'})})\b")
    assert not [address for address in family.asked if values.search(address)]
    log = server.log.read_text("utf-8")
    assert "/questions/{field}" in log
    assert not values.search(log)
    assert not any(field in log for field in words)


def test_back_and_reload_keep_answers_and_never_ask_to_send_again(visitor: Callable[..., Visitor]) -> None:
    """The browser's own buttons do what people expect of them."""
    family = visitor()
    family.open("/questions")
    family.answer("all")
    family.answer("induction")
    family.answer("high")
    assert family.heading() == question("cell_type")
    family.page.reload()
    assert family.heading() == question("cell_type")
    family.page.go_back()
    assert family.page.locator("input:checked").get_attribute("value") == "high"
    family.page.get_by_role("link", name="Back", exact=True).click()
    assert family.page.locator("input:checked").get_attribute("value") == "induction"
    family.page.get_by_role("button", name="Continue").click()
    assert family.heading() == question("risk_group")
    assert family.kept == HIGH_RISK


def test_a_changed_answer_says_what_it_sets_aside(visitor: Callable[..., Visitor]) -> None:
    """From the list of answers one is changed; what no longer fits is named, and the way leads back to the list."""
    family = visitor()
    family.keep(HIGH_RISK)
    family.open("/answers").get_by_role("link", name=f"Change this: {question('stage')}").click()
    family.answer("finished")
    assert question("risk_group") in family.page.get_by_role("status").inner_text()
    family.answer("false")
    assert family.heading() == "Check your answers"
    assert family.page.get_by_role("status").count() == 0


def test_two_tabs_share_one_set_of_answers(visitor: Callable[..., Visitor]) -> None:
    """What one tab answers the other one knows; an answer that no longer fits is set aside and said to be."""
    family = visitor()
    family.open("/questions")
    family.answer("all")
    other = family.tab()
    other.goto(f"{family.home}/questions/stage")
    family.answer("induction")
    assert family.heading() == question("risk_group")
    family.answer("finished", other)
    assert other.locator("h1").inner_text() == question("look_ahead")
    family.answer("high")
    assert "High risk" in family.page.get_by_role("status").inner_text()
    assert family.kept == "1.leukemia_type:all.stage:finished.-risk_group:high"


@pytest.mark.parametrize("kept", ["broken", "0.stage:induction"])
def test_a_cookie_that_cannot_be_read_is_told_once_and_gone(visitor: Callable[..., Visitor], kept: str) -> None:
    """Broken, or from an older version: a kind word, and the way is free."""
    family = visitor()
    family.keep(kept)
    family.open("/questions")
    assert "We could not read the answers" in family.page.get_by_role("status").inner_text()
    assert family.kept is None
    family.answer("aml")
    assert family.heading() == "Check your answers"
    assert family.page.get_by_role("status").count() == 0


NO_COOKIES = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def test_a_browser_without_cookies_gets_a_clear_page(browser: Browser, server: Served, tmp_path: Path) -> None:
    """Who refuses cookies is told what to do, is not led in circles, and may read the example."""
    with with_settings(browser, tmp_path, NO_COOKIES) as context:
        page = context.new_page()
        page.goto(f"{server.address}/questions")
        for _ in range(2):
            page.locator("label").first.click()
            page.get_by_role("button", name="Continue").click()
            assert page.locator("h1").inner_text() == "This browser did not keep your answer"
            page.get_by_role("link", name="Try again").click()
            assert page.locator("h1").inner_text() == question("leukemia_type")
        page.goto(f"{server.address}/next")
        page.get_by_role("link", name="read the example").click()
        assert statements(page)


def test_clearing_leaves_nothing(visitor: Callable[..., Visitor]) -> None:
    """After "Clear my answers" the cookie is gone, and the Back button shows no answer."""
    family = visitor()
    family.keep(HIGH_RISK)
    family.open("/answers")
    family.page.get_by_role("button", name="Clear my answers").click()
    assert family.heading() == "Your answers are cleared"
    assert family.kept is None
    family.page.go_back()
    assert "High risk" not in family.page.locator("main").inner_text()
    assert family.page.get_by_role("button", name="Clear my answers").count() == 0


def test_back_brings_no_choice_of_somebody_before(visitor: Callable[..., Visitor]) -> None:
    """Browsers fill in again what was chosen on a page that Back leads to: after clearing, that is somebody else's."""
    family = visitor()
    family.open("/questions/leukemia_type")
    family.answer("all")
    family.answer("relapsed")
    family.open("/answers")
    family.page.get_by_role("button", name="Clear my answers").click()
    family.open("/questions/leukemia_type")
    family.answer("all")
    for _ in range(5):  # the first question, "cleared", the answers, and the questions of the family before
        family.page.go_back()
    assert family.page.url.endswith("/questions/stage")
    assert family.page.locator("input:checked").count() == 0


def test_the_reader_looks_ahead_by_choice(visitor: Callable[..., Visitor]) -> None:
    """What happens after a relapse opens at one press, right at that place and unfolded, and closes at another."""
    family = visitor()
    family.keep(HIGH_RISK)
    page = family.open("/explanation")
    page.get_by_role("button", name="Show what happens if the leukemia comes back").click()
    assert page.locator("#section-recurrent").count() == 1
    expect(page.locator("#section-recurrent .statement").first).to_be_visible()
    assert page.get_by_role("button", name="Leave out what happens").is_visible()
    page.get_by_role("button", name="Leave out what happens").click()
    assert page.locator("#section-recurrent").count() == 0


def test_the_explanation_can_be_saved(visitor: Callable[..., Visitor]) -> None:
    """The file that is saved is the explanation, and needs nothing from the network."""
    family = visitor()
    family.keep(HIGH_RISK)
    with family.open("/explanation").expect_download() as download:
        family.page.get_by_role("link", name="Save as a file").click()
    assert download.value.suggested_filename == "explanation.html"
    text = download.value.path().read_text("utf-8")
    expected = told({"leukemia_type": "all", "stage": "induction", "risk_group": "high"})
    assert re.findall(r'class="statement" id="([^"]+)"', text) == expected
    assert "://" not in text


# --- every page and state -----------------------------------------------------------------------


def with_note(page: Page) -> None:
    page.locator(".term:visible").first.click()
    assert page.evaluate(OPEN)


def with_error(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").count() == 1


def as_it_comes(_: Page) -> None:
    pass


ASIDE = "1.leukemia_type:all.stage:finished.-risk_group:high"
STATES: dict[str, tuple[str | None, str, Callable[[Page], None]]] = {
    "start": (None, "/", as_it_comes),
    "start, on the way": (HIGH_RISK, "/", as_it_comes),
    "start, after a broken cookie": ("broken", "/", as_it_comes),
    "question": (HIGH_RISK, "/questions/risk_group", as_it_comes),
    "question, nothing chosen": (HIGH_RISK, "/questions/cell_type", with_error),
    "question, note open": (HIGH_RISK, "/questions/ph_status", with_note),
    "question, answers set aside": (ASIDE, "/questions/look_ahead?back_to=answers", as_it_comes),
    "answers": (HIGH_RISK, "/answers", as_it_comes),
    "explanation": (HIGH_RISK, "/explanation", as_it_comes),
    "explanation, note open": (HIGH_RISK, "/explanation", with_note),
    "explanation, all open": (AHEAD, "/explanation", unfold),
    "explanation of another leukemia": ("1.leukemia_type:aml", "/explanation", as_it_comes),
    "example": (None, "/example", as_it_comes),
    "about": (None, "/about", as_it_comes),
    "accessibility": (None, "/accessibility", as_it_comes),
    "method": (None, "/method", as_it_comes),
    "method, all open": (None, "/method", unfold),
    "report": (None, "/report", unfold),
    "cleared": (None, "/cleared", as_it_comes),
    "no cookies": (None, "/next", as_it_comes),
    "no such page": (HIGH_RISK, "/nothing", as_it_comes),
}
HEAVY = {
    "explanation": VIEWS[::3],
    "explanation, note open": VIEWS[:1],
    "explanation, all open": VIEWS[1:3],
    "example": VIEWS[2:],
    "method, all open": VIEWS[:1],
    "report": VIEWS[::3],
}


@pytest.mark.parametrize("name", STATES)
def test_every_state_of_every_page_is_accessible(visitor: Callable[..., Visitor], name: str) -> None:
    """At each width, in light and dark, axe finds nothing, nothing runs off the side, and a finger hits each target."""
    kept, path, act = STATES[name]
    family = visitor(has_touch=True)
    if kept:
        family.keep(kept)
    page = family.open(path)
    act(page)
    hold_accessible(page, HEAVY.get(name, VIEWS))


@pytest.mark.parametrize("name", ["question, nothing chosen", "answers", "explanation"])
def test_the_pages_are_accessible_on_paper(visitor: Callable[..., Visitor], name: str) -> None:
    """What a program can check of a printed page is right, too."""
    kept, path, act = STATES[name]
    family = visitor()
    family.keep(str(kept))
    page = family.open(path)
    act(page)
    page.emulate_media(media="print")
    assert not axe(page)


@pytest.mark.parametrize(
    "name", ["start", "question, nothing chosen", "answers", "explanation, all open", "method, all open"]
)
def test_wide_spacing_loses_nothing(visitor: Callable[..., Visitor], name: str) -> None:
    """Letters, words and lines may be spaced widely (WCAG 1.4.12), at 400 % zoom, too."""
    kept, path, act = STATES[name]
    family = visitor(bypass_csp=True)
    if kept:
        family.keep(kept)
    page = family.open(path)
    act(page)
    page.add_style_tag(content=WIDE_SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    cut = (
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow != 'visible').length"
    )
    assert page.locator("main *:not(.hidden):not(svg *)").evaluate_all(cut) == 0


def test_all_of_it_works_by_keyboard(visitor: Callable[..., Visitor]) -> None:
    """From the start to the explanation with Tab, arrows, Space and Enter alone, and always seen where one is."""
    family = visitor()
    page = family.open("/")
    keys = page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(40):
            keys.press("Tab")
            _, style, width = page.evaluate(FOCUS)
            assert (style, width) == ("solid", "3px")
            focused = page.evaluate("document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText")
            if focused.startswith(name):
                return
        raise AssertionError(f"Tab never reaches {name}")

    keys.press("Tab")
    assert page.locator(".skip").is_visible()  # the way past the header comes first
    keys.press("Enter")
    tab_to("Start")
    keys.press("Enter")
    page.wait_for_url("**/questions/leukemia_type")
    tab_to("Acute lymphoblastic leukemia")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    keys.press("Enter")  # sends the form from an answer
    page.wait_for_url("**/questions/stage")
    tab_to(knowledge().question("stage").options[0].label)
    keys.press("Space")
    tab_to("Continue")
    keys.press("Enter")
    page.wait_for_url("**/questions/risk_group")
    tab_to("Skip the other questions")
    keys.press("Enter")
    page.wait_for_url("**/answers")
    tab_to("Show my page")
    keys.press("Enter")
    page.wait_for_url("**/explanation")
    assert statements(page)


def test_an_error_is_announced_and_leads_to_the_answers(visitor: Callable[..., Visitor]) -> None:
    """The summary is an alert, has the focus as the page comes, and its link leads to the first answer."""
    family = visitor()
    page = family.open("/questions/leukemia_type")
    with_error(page)
    alert = page.get_by_role("alert")
    assert alert.evaluate("alert => alert === document.activeElement")
    assert page.title().startswith("Error: ")
    alert.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "answer-1"
    page.reload()
    assert alert.count() == 1


def test_a_reader_hears_why_and_what_with_each_answer(visitor: Callable[..., Visitor]) -> None:
    """A screen reader tells the question as the group's name, its reason with it, and the help of each answer."""
    family = visitor()
    family.keep(HIGH_RISK)
    page = family.open("/questions/risk_group")
    group = page.get_by_role("group", name=question("risk_group"))
    described = group.evaluate("group => document.getElementById(group.getAttribute('aria-describedby')).innerText")
    assert knowledge().question("risk_group").why in described
    radio = page.get_by_role("radio", name="High risk")
    assert radio.is_checked()
    helped = radio.evaluate("radio => document.getElementById(radio.getAttribute('aria-describedby')).innerText")
    assert helped == knowledge().question("risk_group").option("high").help


@pytest.mark.parametrize("scheme", ["none", "active"])
def test_what_is_chosen_is_seen(visitor: Callable[..., Visitor], scheme: Any) -> None:
    """A chosen answer differs by its shape and not by a color alone, with high contrast, too."""
    family = visitor(forced_colors=scheme)
    family.keep(HIGH_RISK)
    page = family.open("/questions/risk_group")
    widths = page.locator("input").evaluate_all("all => all.map(radio => getComputedStyle(radio).borderTopWidth)")
    assert widths == ["2px", "9px", "2px"]


LARGE_LETTERS = {"webkit": {"webprefs": {"default_font_size": 32}}}
BROKEN_WORDS = """() => {
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const broken = [], range = document.createRange();
    for (let text = texts.nextNode(); text; text = texts.nextNode())
        for (const word of text.parentElement.checkVisibility() ? text.data.matchAll(/\\b[A-Za-z]{2,9}\\b/g) : []) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(word[0]);
        }
    return broken;
}"""


def test_letters_twice_as_large_run_off_no_side_and_break_no_everyday_word(
    browser: Browser, server: Served, tmp_path: Path
) -> None:
    """Who has set the phone to letters of twice the size (WCAG 1.4.4) need not scroll sideways, nor spell "chem-o"."""
    pages = (
        "start",
        "question",
        "question, note open",
        "answers",
        "explanation, all open",
        "method, all open",
        "report",
    )
    with with_settings(browser, tmp_path, LARGE_LETTERS) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 360, "height": 740})
        for name in pages:
            kept, path, act = STATES[name]
            context.clear_cookies()
            if kept:
                context.add_cookies([{"name": "answers", "value": kept, "url": server.address, "sameSite": "Strict"}])
            page.goto(server.address + path)
            act(page)
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "36px"
            assert page.evaluate("document.documentElement.scrollWidth") == 360, name
            assert page.evaluate(BROKEN_WORDS) == [], name


BOX = "%s.getBoundingClientRect()"
NOTE = "document.querySelector('.note:popover-open')"


def test_a_note_does_not_lie_on_its_word(visitor: Callable[..., Visitor]) -> None:
    """A note opens at the foot of the window: a word that stands there moves up, so that both can be read."""
    family = visitor(viewport={"width": 360, "height": 740})
    family.keep(AHEAD)
    page = family.open("/explanation")
    words = page.locator("main .term:visible")
    for number in range(3, words.count() - 3, 7):
        word = words.nth(number)
        word.evaluate("word => scrollBy(0, (window.word = word).getBoundingClientRect().top - innerHeight + 60)")
        word.click()
        expect(page.locator(".note:popover-open")).to_be_visible()
        until(page, f"{BOX % 'word'}.bottom <= {BOX % NOTE}.top")
        page.keyboard.press("Escape")


# --- paper ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_paper_tells_all_of_it(visitor: Callable[..., Visitor], server: Served, paper: str) -> None:
    """Printed without scripts, folded parts are open and addresses shown; what only a screen can use is gone."""
    family = visitor(java_script_enabled=False)
    family.keep(AHEAD)
    page = family.open("/explanation")
    assert page.locator(".fold .text").first.evaluate_all(UNSEEN) > 0
    document = PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=False)))
    text = " ".join("".join(unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in document.pages).split())
    words = {"leukemia_type": "all", "stage": "induction", "risk_group": "high", "look_ahead": True}
    explanation = explain(Profile(**words))
    squeezed = text.replace(" ", "")
    for section in explanation.sections:
        for statement in section.statements:
            first = statement.text.splitlines()[0].removeprefix("- ")
            assert first.replace(" ", "") in squeezed, first
    for part in [*(question.text for question in explanation.questions), *(say.text for say in explanation.notices)]:
        assert part.replace(" ", "") in squeezed
    assert f"{server.address}/" in text
    assert "The answers that this page fits:" in text
    assert squeezed.count("High risk".replace(" ", "")) >= 1
    for useless in (
        "Why here?",
        "Save as a file",
        "Change my answers",
        "Clear my answers",
        "Skip to",
        "About and privacy",
    ):
        assert useless not in text
    width, height = (float(size) for size in document.pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((595, 842) if paper == "A4" else (612, 792), abs=1)


# --- what a browser does with the headers ------------------------------------------------------------


INJECTED = '<img src=x onerror="document.title = 1"><p style="color: red">'


def test_no_script_of_anybody_else_runs(visitor: Callable[..., Visitor]) -> None:
    """Were markup ever to get into a page, its script and style would not run."""
    family = visitor()
    page = family.open("/")
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", INJECTED)
    page.wait_for_timeout(100)
    assert page.title() != "1"
    assert len([said for said in family.said if "Content Security Policy" in said]) >= 2


def test_nothing_moves(visitor: Callable[..., Visitor]) -> None:
    """No page animates anything, so there is nothing to switch off for who cannot bear motion."""
    family = visitor()
    family.keep(HIGH_RISK)
    moving = """all => all.map(element => getComputedStyle(element)).filter(style => style.animationName != "none"
        || style.transitionDuration != "0s" || style.scrollBehavior != "auto").length"""
    for path in ("/", "/questions/risk_group", "/explanation"):
        assert family.open(path).locator("html, body, body *").evaluate_all(moving) == 0


def test_all_questions_have_a_child_here() -> None:
    """The journeys above pass through most questions there are."""
    asked = {name for words in CHILDREN.values() for name in words}
    all_of_them = {question.field for question in knowledge().questions}
    assert len(all_of_them - asked) <= 1
    assert Interview(knowledge()).asked
