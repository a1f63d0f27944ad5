"""The browser that reads our pages, for tests and for the pictures in docs/."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

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
    wanted = os.environ.get("CHROMIUM", "chromium")
    program = shutil.which(wanted)
    if program is None:
        raise FileNotFoundError(f"no browser found: {wanted}; install Chromium, or name it as CHROMIUM=/path/to/it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
        yield browser
        browser.close()
