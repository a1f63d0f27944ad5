"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A machine that is busy with other tests is no reason to fail.
settings.register_profile("explainer", deadline=None)
settings.load_profile("explainer")
