"""Finds rules/ and templates/: inside the package when installed, beside it in a working copy."""

from __future__ import annotations

from pathlib import Path

from explainer.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `name` ("rules" or "templates").

    Raises InputError when neither place has it, which means a broken installation.
    """
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise InputError.at(name, f"the folder is missing; looked in {' and '.join(map(str, places))}")
