"""Takes the pictures of the explanation in docs/: `make screenshots`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import ViewportSize

from explainer import Profile, explain
from explainer.loader import knowledge
from explainer.render import render
from tests.browser import chromium

SCENARIO = "standard-risk-in-induction"
SIZES: dict[str, ViewportSize] = {"phone": {"width": 390, "height": 1800}, "desktop": {"width": 1000, "height": 1400}}


def main() -> None:
    scenario = next(scenario for scenario in knowledge().scenarios if scenario.id == SCENARIO)
    html = render(explain(Profile(**scenario.profile)), "html")
    with chromium() as browser:
        for name, size in SIZES.items():
            page = browser.new_page(viewport=size, device_scale_factor=1)
            page.set_content(html)
            page.screenshot(path=Path(__file__).with_name(f"explanation-{name}.png"))


if __name__ == "__main__":
    main()
