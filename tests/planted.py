"""Markup planted in every text of a rules folder, so that pages can be searched for what came through as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from explainer.yamltext import Data, read

MARK = """<b>&"'"""

STRUCTURE = frozenset(
    {
        *("id", "field", "value", "values", "default", "answer", "stage", "stage_field", "related_field"),
        *("timing", "profile", "answers", "unless"),
        *("facts:", "topics:", "statements", "sections", "certainty", "origin", "stands", "revised", "passages"),
        *(
            "treatment",
            "treating",
            "until_reviewed",
            "about_answers",
            "map",
            "example",
            "gates",
            "fingerprints",
            "reviewed",
        ),
    }
)
"""Keys below which nothing is read by visitors, besides conditions. With a colon: only if they hold no mappings."""


def plant(text: str) -> str:
    """The text with a mark in every word, or at its end if it has none. Braces stay as they are.

    As every text gets its marks alike, hard words are still found.
    """
    found = re.sub(r"\{[^}]*\}|\b\w", lambda part: part[0] + ("" if part[0].startswith("{") else MARK), text)
    return found if MARK in found else text + MARK + (" " if text.endswith(" ") else "")


def planted(data: Data, key: str = "") -> Data:
    """The data of a file with marks in every text that is no structure."""
    if key in STRUCTURE or key.endswith("when") or (f"{key}:" in STRUCTURE and not _holds_mappings(data)):
        return data
    if isinstance(data, dict):
        return {name: planted(inner, name) for name, inner in data.items()}
    if isinstance(data, list):
        return [planted(inner, key if not isinstance(inner, dict) else "") for inner in data]
    return plant(data)


def _holds_mappings(data: Data) -> bool:
    return isinstance(data, list) and any(isinstance(inner, dict) for inner in data)


def write(data: Data, path: Path) -> None:
    """JSON is YAML, too."""
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def each(folder: Path) -> Iterator[tuple[Path, Data]]:
    """Every file of a rules folder with its data."""
    for path in sorted(folder.rglob("*.yaml")):
        yield path, read(path, path.name).data
