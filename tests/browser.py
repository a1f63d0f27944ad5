"""The browser that reads our pages, for tests and for the pictures in docs/."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window. CHROMIUM may name another one."""
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
        yield browser
        browser.close()


@contextmanager
def with_settings(browser: Browser, folder: Path, settings: Mapping[str, object]) -> Iterator[BrowserContext]:
    """The same browser, of somebody who has changed its settings. They are kept in `folder`."""
    file = folder / "Default" / "Preferences"
    file.parent.mkdir()
    file.write_text(json.dumps(settings), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(folder, executable_path=_program(), args=list(_OPTIONS))
    yield context
    context.close()


def _program() -> str:
    wanted = os.environ.get("CHROMIUM", "chromium")
    program = shutil.which(wanted)
    if program is None:
        raise FileNotFoundError(f"no browser found: {wanted}; install Chromium, or name it as CHROMIUM=/path/to/it")
    return program
