"""Takes the pictures of the site in docs/: `make screenshots`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize

from tests.browser import chromium
from tests.program import serving

FOLDER = Path(__file__).parent
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1000, "height": 1250}
ANSWERS = "1.leukemia_type:all.stage:induction.risk_group:standard.cell_type:b_cell"
PICTURES: dict[str, tuple[str, ViewportSize]] = {
    "start-phone": ("/", PHONE),
    "question-phone": ("/questions/ph_status", PHONE),
    "explanation-phone": ("/explanation", PHONE),
    "explanation-desktop": ("/explanation", DESKTOP),
    "what-if-desktop": ("/educators/what-if?was=standard-risk-in-induction&risk_group=high", DESKTOP),
}


def main() -> None:
    with TemporaryDirectory() as folder, serving(Path(folder)) as served, chromium() as browser:
        for name, (path, size) in PICTURES.items():
            context = browser.new_context(viewport=size, device_scale_factor=1)
            if path != "/":
                context.add_cookies([{"name": "answers", "value": ANSWERS, "url": served.address}])
            page = context.new_page()
            page.goto(served.address + path)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()


if __name__ == "__main__":
    main()
