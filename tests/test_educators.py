"""The educators' pages in a real browser: every page and state, and whole ways through, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from explainer.loader import knowledge
from explainer.scenario_file import scenario_yaml
from explainer.scenarios import find
from tests.test_page import WIDE_SPACING, axe, unfold
from tests.visitor import DESK, PHONE, VIEWS, Visitor, hold_accessible, until

HOME = "/educators"
STORY = find(knowledge(), "no-remission-yet")
WHAT_IF = f"{HOME}/what-if?was=mrd-found&mrd=not_detected"
SHEET = 673
"""The width of an A4 sheet between its margins, in pixels."""
MADE_UP = "All children here are made up."
NOT_CHECKED = "No doctor or nurse has checked all of these words yet."
FULL = "stage:induction"
"""Of this child so little is known that most statements are told."""

Enter = Callable[..., Visitor]


def as_it_comes(_: Page) -> None:
    pass


def with_a_broken_file(page: Page) -> None:
    page.locator("#text").fill("title: no more")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_be_visible()


def with_nothing_filled_in(page: Page) -> None:
    page.get_by_role("button", name="Save the file").click()
    expect(page.get_by_role("alert")).to_be_visible()


def with_its_own_file(page: Page) -> None:
    page.locator("#text").fill(scenario_yaml(STORY))
    page.get_by_role("button", name="Open").click()
    expect(page.locator("h1")).to_have_text(STORY.title)


def with_a_what_if_of_its_own(page: Page) -> None:
    with_its_own_file(page)
    page.get_by_role("button", name="What if an answer changes?").click()
    expect(page.get_by_text("We compare with:")).to_be_visible()


def with_all_parts(page: Page) -> None:
    page.get_by_text("All parts of this step").click()
    expect(page.get_by_role("link", name=re.compile("Please read this first"))).to_be_visible()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "library": (HOME, as_it_comes),
    "library, one topic": (f"{HOME}?topic=mrd", as_it_comes),
    "child": (f"{HOME}/scenarios/{STORY.id}", as_it_comes),
    "child, a later step, all open": (f"{HOME}/scenarios/{STORY.id}?step=2", unfold),
    "class, asking": (f"{HOME}/scenarios/{STORY.id}/class?step=2", as_it_comes),
    "class, telling": (f"{HOME}/scenarios/{STORY.id}/class?step=2&part=1", as_it_comes),
    "class, notices": (f"{HOME}/scenarios/{STORY.id}/class?step=2&part=2", as_it_comes),
    "class, a section": (f"{HOME}/scenarios/{STORY.id}/class?step=2&part=4", as_it_comes),
    "class, all parts": (f"{HOME}/scenarios/{STORY.id}/class?step=2&part=4", with_all_parts),
    "handout": (f"{HOME}/scenarios/{STORY.id}/handout?step=2", as_it_comes),
    "what if, nothing changed": (f"{HOME}/what-if?was=mrd-found", as_it_comes),
    "what if": (WHAT_IF, unfold),
    "what if, answers left out": (f"{HOME}/what-if?was=mrd-found&stage=finished", as_it_comes),
    "compare, nothing chosen": (f"{HOME}/compare", as_it_comes),
    "compare, one chosen": (f"{HOME}/compare?a=mrd-found", as_it_comes),
    "compare": (f"{HOME}/compare?a=mrd-found&b=from-diagnosis-to-relapse.5", as_it_comes),
    "why, nothing chosen": (f"{HOME}/why?of=mrd-found", as_it_comes),
    "why, possible": (f"{HOME}/why?of={FULL}&statement=consolidation.extra-drugs", as_it_comes),
    "why not": (f"{HOME}/why?of=a-relapse-in-a-testicle&statement=consolidation.extra-drugs", as_it_comes),
    "picture": (f"{HOME}/picture?of={FULL}", unfold),
    "map": (f"{HOME}/map", unfold),
    "open a file": (f"{HOME}/load", as_it_comes),
    "open a broken file": (f"{HOME}/load", with_a_broken_file),
    "an opened file": (f"{HOME}/load", with_its_own_file),
    "a what-if of an opened file": (f"{HOME}/load", with_a_what_if_of_its_own),
    "save": (f"{HOME}/save?of=mrd-found", as_it_comes),
    "save, nothing filled in": (f"{HOME}/save?of={FULL}", with_nothing_filled_in),
    "a mangled address": (f"{HOME}/what-if?was=mrd-fond", as_it_comes),
}
HEAVY = {
    **dict.fromkeys(("child", "handout", "map", "picture", "compare", "what if, answers left out"), VIEWS[::3]),
    **dict.fromkeys(("child, a later step, all open", "an opened file"), VIEWS[1:2]),
}


@pytest.mark.parametrize("name", STATES)
def test_every_state_of_every_page_is_accessible(visitor: Enter, name: str) -> None:
    """As accessible as the pages for families: at each width, in light and dark, for a finger, too."""
    path, act = STATES[name]
    educator = visitor(has_touch=True)
    page = educator.open(path)
    act(page)
    hold_accessible(page, HEAVY.get(name, VIEWS))
    assert educator.said == [said for said in educator.said if "status of 4" in said]


@pytest.mark.parametrize("name", ["child", "what if", "compare", "handout", "picture"])
def test_the_pages_are_accessible_on_paper(visitor: Enter, name: str) -> None:
    """What a program can check of a printed page is right, too."""
    path, act = STATES[name]
    page = visitor().open(path)
    act(page)
    page.emulate_media(media="print")
    assert not axe(page)


ON_PAPER = {
    **{name: f"{MADE_UP} {NOT_CHECKED}" for name in STATES if name not in ("map", "a mangled address")},
    "map": NOT_CHECKED,
}


@pytest.mark.parametrize("name", ON_PAPER)
def test_each_sheet_says_that_children_are_made_up_and_nobody_has_checked(visitor: Enter, name: str) -> None:
    """Nobody takes a printed page for one about a real child, or for one that was reviewed. No text stands under it."""
    path, act = STATES[name]
    page = visitor().open(path)
    act(page)
    page.emulate_media(media="print")
    stamp = page.locator(".stamp")
    assert stamp.inner_text() == ON_PAPER[name]
    assert stamp.evaluate("stamp => getComputedStyle(stamp).display") == "table-footer-group"
    assert stamp.evaluate("stamp => getComputedStyle(stamp.parentElement).display") == "table"


def test_a_question_stays_with_its_lines_on_paper(visitor: Enter) -> None:
    """Whoever writes an answer has the question above it, on the same sheet."""
    page = visitor().open(STATES["handout"][0])
    page.emulate_media(media="print")
    questions = page.locator(".exercises > li:has(.lines)")
    assert questions.count() > 3
    assert questions.evaluate_all("all => all.every(one => getComputedStyle(one).breakInside === 'avoid')")


def test_a_what_if_on_paper_has_all_its_answers(visitor: Enter) -> None:
    """The one that was changed, too, with what it was before; nothing scrolls, and nothing is only to click on."""
    page = visitor(viewport={"width": DESK, "height": 400}).open(WHAT_IF)
    page.emulate_media(media="print")
    answers = page.locator("#answers")
    assert answers.evaluate("form => [getComputedStyle(form).position, form.scrollHeight - form.clientHeight]") == [
        "static",
        0,
    ]
    assert answers.locator(".field p.paper").all_inner_texts().count("") == 0
    expect(answers.locator(".field.changed p.paper")).to_have_text(
        "No, MRD was not found (changed; before: Yes, MRD was found)"
    )
    assert answers.locator("select:visible, button:visible").count() == 0


@pytest.mark.parametrize(("width", "media"), [(DESK, "screen"), (SHEET, "print")])
def test_no_column_of_the_map_is_out_of_sight(visitor: Enter, width: int, media: Literal["screen", "print"]) -> None:
    """On a desk and on paper, each table has all its columns side by side."""
    page = visitor(viewport={"width": width, "height": 800}).open(STATES["map"][0])
    unfold(page)
    page.emulate_media(media=media)
    tables = page.locator(".map")
    assert tables.count() > 5
    assert tables.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length") == 0


@pytest.mark.parametrize("name", ["map", "picture", "compare"])
def test_on_paper_nothing_is_folded(visitor: Enter, name: str) -> None:
    """What is folded on a screen is printed with all that is in it."""
    page = visitor().open(STATES[name][0])
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = false; })")
    page.emulate_media(media="print")
    parts = page.locator("main details > :last-child")
    assert parts.count()
    assert parts.evaluate_all("all => all.every(part => part.checkVisibility() && part.clientHeight > 0)")


@pytest.mark.parametrize("name", ["library", "child", "class, telling", "what if", "compare", "why, possible", "save"])
def test_wide_spacing_loses_nothing(visitor: Enter, name: str) -> None:
    """Letters, words and lines may be spaced widely (WCAG 1.4.12), at 400 % zoom, too."""
    path, act = STATES[name]
    page = visitor(bypass_csp=True).open(path)
    act(page)
    page.add_style_tag(content=WIDE_SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [390, DESK])
def test_an_educator_gets_through_a_story(visitor: Enter, width: int, scripts: bool) -> None:
    """From the first page to the last step, and to a what-if with one answer changed; nothing comes from elsewhere."""
    educator = visitor(java_script_enabled=scripts, viewport={"width": width, "height": 800})
    page = educator.open("/")
    page.get_by_role("link", name="made-up children to teach with").click()
    page.get_by_label("Topic").select_option("mrd")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=STORY.title).click()
    for step in STORY.steps:
        page.get_by_role("link", name=re.compile("Next: step")).click()
        expect(page.get_by_text(step.story)).to_be_visible()
    page.get_by_role("link", name="What if an answer changes?").click()
    page.get_by_label(knowledge().question("mrd").text).select_option("detected")
    if not scripts:
        page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#summary")).to_contain_text(re.compile(r"\+\u00a0[1-9]\d* new"))
    assert page.locator(".difference.added .mark").first.inner_text() == "+ New"
    assert "mrd=detected" in page.url
    assert scripts or page.url.endswith("#summary")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert educator.said == []
    assert all(address.startswith((f"{educator.home}/", "data:,")) for address in educator.asked)


def test_with_scripts_a_changed_answer_needs_no_new_page(visitor: Enter) -> None:
    """The focus stays, the summary is announced, and the address can be shared; questions come and go."""
    educator = visitor(viewport={"width": DESK, "height": 800})
    page = educator.open(f"{HOME}/what-if?was=mrd-found")
    page.evaluate("window.here = true")
    page.get_by_label(knowledge().question("stage").text).select_option("relapsed")
    expect(page.get_by_label(knowledge().question("relapse_site").text)).to_be_visible()
    assert page.get_by_label(knowledge().question("mrd").text).count() == 0
    assert page.evaluate("document.activeElement.id") == "field-stage"
    page.get_by_label(knowledge().question("relapse_site").text).select_option("csf")
    expect(page.get_by_label(knowledge().question("prior_cranial_radiation").text)).to_be_visible()
    assert page.get_by_role("status").inner_text().startswith("Statements: ")
    assert page.evaluate("window.here") is True
    page.reload()
    assert page.get_by_label(knowledge().question("relapse_site").text).input_value() == "csf"


def test_in_class_the_arrow_keys_go_on_and_back(visitor: Enter) -> None:
    """Through the parts of a step and on to the next one, and back again; the class is told of the keys."""
    page = visitor(viewport={"width": DESK, "height": 800}).open(f"{HOME}/scenarios/{STORY.id}/class")
    expect(page.get_by_text("The arrow keys")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**part=1")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("What do you expect this family to read?")).to_be_visible()
    page.goto(page.url.partition("?")[0] + "?step=2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".big")).to_have_text("What to notice")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**step=2*")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".big")).to_have_text("What has changed since the step before")


def test_in_class_a_remote_control_goes_on_at_the_end_of_a_part(visitor: Enter) -> None:
    """It sends Page Down and Page Up: these scroll through a part first, and then lead to the next one, or back."""
    page = visitor(viewport={"width": DESK, "height": 600}).open(STATES["class, a section"][0])
    place = page.url
    expect(page.get_by_text("Page Down")).to_be_in_viewport()
    page.keyboard.press("PageDown")
    until(page, "scrollY > 0")
    assert page.url == place
    page.evaluate(  # the key's own scrolling has to end, or it would go on from where it was
        "new Promise(done => { addEventListener('scrollend', done, {once: true}); setTimeout(done, 1000); })"
    )
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.keyboard.press("PageDown")
    page.wait_for_url("**part=5")
    page.keyboard.press("PageUp")
    page.wait_for_url("**part=4")


def test_in_class_type_grows_with_the_screen(visitor: Enter) -> None:
    """On a large screen all of it is larger, and headings are always larger than text."""
    size = "all => all.map(element => parseFloat(getComputedStyle(element).fontSize))"
    grown = []
    for width in (PHONE, DESK, 2560):
        page = visitor(viewport={"width": width, "height": 800}).open(STATES["class, a section"][0])
        text = page.locator(".statement .text p").evaluate_all(size)[0]
        assert min(page.locator("main :is(h1, h2, h3, h4)").evaluate_all(size)) > text
        grown.append(text)
    assert grown == sorted(set(grown))


def test_class_is_read_from_the_last_row(visitor: Enter) -> None:
    """Large type, and the buttons stay in sight however long a section is."""
    page = visitor(viewport={"width": DESK, "height": 700}).open(STATES["class, a section"][0])
    size = page.locator(".statement .text p").first.evaluate("text => parseFloat(getComputedStyle(text).fontSize)")
    assert size >= 24
    expect(page.locator("#go-on")).to_be_in_viewport()


@pytest.mark.parametrize("name", ["child", "handout"])
def test_nothing_lies_over_what_the_family_reads(visitor: Enter, name: str) -> None:
    """Only in class do buttons stay at the edge of the window; elsewhere all of a page moves on when it is read."""
    page = visitor(viewport={"width": PHONE, "height": 700}).open(STATES[name][0])
    places = page.locator("main *").evaluate_all(
        "all => all.filter(e => ['sticky', 'fixed'].includes(getComputedStyle(e).position) && e.checkVisibility())"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert places == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_is_saved_and_opened(visitor: Enter, tmp_path: Path, scripts: bool) -> None:
    """The file that is saved opens again and leads through its story, in class, too."""
    educator = visitor(java_script_enabled=scripts)
    page = educator.open(f"{HOME}/scenarios/{STORY.id}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    educator.open(f"{HOME}/load").locator("#file").set_input_files(file)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("h1")).to_have_text(STORY.title)
    page.get_by_role("button", name="Next: step 2").click()
    expect(page.get_by_text(STORY.steps[0].story)).to_be_visible()
    page.get_by_role("button", name="Show it in class").click()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".big")).to_have_text("What has changed since the step before")
    assert not [address for address in educator.asked if "Aisha" in address]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_an_opened_child_each_way_leads_back(visitor: Enter, scripts: bool) -> None:
    """Back in the browser shows the page of before, whatever was sent for it; a what-if has a way of its own, too."""
    educator = visitor(java_script_enabled=scripts)
    page = educator.open(f"{HOME}/load")
    with_its_own_file(page)
    page.get_by_role("button", name="Next: step 2").click()
    expect(page.get_by_text(STORY.steps[0].story)).to_be_visible()
    page.get_by_role("link", name="Why is a part told, or not?").click()
    expect(page.locator("h1")).to_have_text("Why is this told, or not?")
    page.go_back()
    expect(page.get_by_text(STORY.steps[0].story)).to_be_visible()
    page.go_back()
    expect(page.get_by_text(STORY.story)).to_be_visible()
    page.get_by_role("button", name="What if an answer changes?").click()
    page.get_by_label(knowledge().question("mrd").text).select_option("detected")
    if not scripts:
        page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".field.changed")).to_be_visible()
    expect(page.get_by_text(STORY.story)).to_be_visible()
    page.get_by_role("button", name="Save as a file").click()
    expect(page.get_by_text("MRD was found")).to_be_visible()
    expect(page.get_by_label("The story")).to_have_value(STORY.story)
    page.go_back()
    page.get_by_role("button", name="Back to the child").click()
    expect(page.locator("h1")).to_have_text(STORY.title)
    assert educator.said == []
    assert not [address for address in educator.asked if "Aisha" in address]


def test_a_made_up_child_is_saved_from_a_what_if(visitor: Enter, tmp_path: Path) -> None:
    """Answers that were tried, with a story of one's own, become a file like those of the library."""
    page = visitor().open(WHAT_IF)
    page.get_by_role("link", name="Save as a file").click()
    page.get_by_label("Title").fill("Mine")
    page.get_by_label("The story").fill("Kim has a new result.")
    page.get_by_label("What it shows").fill("One result decides much.")
    page.get_by_label("What to notice").fill("A new part.")
    page.get_by_label("Remission and MRD").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the file").click()
    file = tmp_path / "mine.yaml"
    download.value.save_as(file)
    assert "mrd: not_detected" in file.read_text("utf-8")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_why_is_asked_in_two_steps(visitor: Enter, scripts: bool) -> None:
    """Another child is chosen, the statement stays, and the list is that of the new child before anything is asked."""
    page = visitor(java_script_enabled=scripts).open(STATES["why not"][0])
    expect(page.get_by_text("This is not told:")).to_be_visible()
    statement = page.get_by_label("Statement").locator("option:checked")
    assert statement.inner_text().startswith("Not told: ")
    page.get_by_label("Child", exact=True).select_option("mrd-found")
    page.get_by_role("button", name="Choose this child").click()
    page.wait_for_url("**of=mrd-found*")
    assert statement.inner_text().startswith("Told: ")
    expect(page.get_by_text("This is told:")).to_be_visible()


def test_differences_show_without_color(visitor: Enter) -> None:
    """With high contrast, each difference still has its sign and its words."""
    page = visitor(forced_colors="active").open(f"{HOME}/compare?a=mrd-found&b=no-remission-yet.3")
    marks = page.locator(".difference .mark").all_inner_texts()
    assert marks
    assert all(re.match(r"[+−~] [A-Z]", mark) for mark in marks)


def test_all_of_it_works_by_keyboard(visitor: Enter) -> None:
    """From the library to a changed answer with Tab, arrows and Enter alone."""
    page = visitor(viewport={"width": DESK, "height": 800}).open(HOME)
    keys = page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            here = page.evaluate("document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText")
            if here.startswith(name):
                return
        raise AssertionError(f"Tab never reaches {name}")

    tab_to("What if?")
    keys.press("Enter")
    page.wait_for_url("**/what-if")
    tab_to(knowledge().question("stage").text)
    keys.press("ArrowUp")  # from the last one, "I'm not sure"
    expect(page.locator("#summary")).not_to_contain_text("No answer is changed")
    tab_to("Show what changes")
    keys.press("Enter")
    page.wait_for_url("**stage=*")


COVERED = """() => {
    const here = document.activeElement.getBoundingClientRect();
    const sticks = element => ["sticky", "fixed"].includes(getComputedStyle(element).position);
    return [...document.querySelectorAll("body *")].filter(sticks)
        .filter(bar => !bar.contains(document.activeElement) && !bar.querySelector(":focus"))
        .filter(bar => bar.getBoundingClientRect().top > innerHeight / 2)
        .map(bar => bar.getBoundingClientRect())
        .some(bar => bar.top < here.bottom - 1 && here.top < bar.bottom);
}"""


@pytest.mark.parametrize("path", [f"{HOME}/what-if?was=mrd-found", f"{HOME}/scenarios/mrd-found/class?step=1&part=2"])
@pytest.mark.parametrize("size", [(360, 740), (DESK, 800), (DESK, 500)])
def test_what_has_the_focus_is_never_behind_a_bar(visitor: Enter, path: str, size: tuple[int, int]) -> None:
    """Whoever goes through with Tab sees where they are, also where a bar sticks to the foot of the window."""
    page = visitor(viewport={"width": size[0], "height": size[1]}).open(path)
    reached = []
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        assert not page.evaluate(COVERED), reached[-1]
    assert len(set(reached)) > 10
