"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.visitor import server, visitor

__all__ = ["browser", "server", "visitor"]

# Whoever runs the tests in the background may have told them to ignore Ctrl-C. What they start would ignore it, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy with other tests is no reason to fail.
settings.register_profile("explainer", deadline=None)
settings.load_profile("explainer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker; starting one takes longer than most of them."""
    with chromium() as started:
        yield started
