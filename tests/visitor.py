"""One person with a browser of their own on the site, as tests send them, and what every page has to offer them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.program import Served, serving
from tests.test_page import axe

PHONE, DESK = 320, 1280

SMALL = """all => all.map(element => [element.getBoundingClientRect(), element.textContent.trim()])
    .filter(([box]) => box.height < 44 || box.width < 44).map(([box, text]) => `${text} ${box.width}x${box.height}`)"""
TARGETS = """button:not(p .term, li .term), .words .term, .button, .option label, summary, nav a, header a, footer a,
    .back, .change"""
"""All that a finger is to hit, but for links and hard words in a sentence, which are as high as its lines."""
VIEWS = [(PHONE, "light"), (PHONE, "dark"), (768, "dark"), (DESK, "light")]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real program, serving on a free port."""
    with serving(tmp_path_factory.mktemp("site")) as served:
        yield served


class Visitor:
    """One person with a browser of their own. `asked` are the addresses it fetched, `said` what it complained of."""

    def __init__(self, browser: Browser, home: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": PHONE, "height": 800}, **options})
        self.home = home
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def keep(self, answers: str) -> None:
        """Puts answers into the browser, as if they had been given."""
        self.context.add_cookies([{"name": "answers", "value": answers, "url": self.home, "sameSite": "Strict"}])

    @property
    def kept(self) -> str | None:
        return next((kept.get("value") for kept in self.context.cookies() if kept.get("name") == "answers"), None)

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path)
        return self.page

    def answer(self, value: str, page: Page | None = None) -> None:
        """Chooses an answer by its label, as a finger would, and goes on."""
        page = page or self.page
        page.locator(f'input[value="{value}"] + label').click()
        page.get_by_role("button", name="Continue").click()

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def field(self) -> str:
        return urlsplit(self.page.url).path.removeprefix("/questions/")


@pytest.fixture
def visitor(browser: Browser, server: Served) -> Iterator[Callable[..., Visitor]]:
    """Lets in as many visitors as a test needs."""
    came: list[Visitor] = []

    def enter(**options: Any) -> Visitor:
        came.append(Visitor(browser, server.address, **options))
        return came[-1]

    yield enter
    for one in came:
        one.context.close()


def until(page: Page, expression: str) -> None:
    """Waits until `expression` is true in the page, and fails after five seconds.

    Playwright's `wait_for_function` has the page evaluate text when it asks a second time, which our pages forbid.
    """
    end = time.monotonic() + 5
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"this never came true: {expression}"
        page.wait_for_timeout(20)


def hold_accessible(page: Page, views: Iterable[tuple[int, str]]) -> None:
    """At each width, in light and dark, axe finds nothing, nothing runs off the side, and a finger hits each target."""
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = axe(page)
        assert not found, f"{width} px, {scheme}: {found}"
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(TARGETS).locator("visible=true").evaluate_all(SMALL) == []
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(heading => Number(heading.tagName[1]))")
    assert levels.count(1) == 1
