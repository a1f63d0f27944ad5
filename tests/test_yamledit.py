"""Putting one key into a file that people keep by hand changes nothing else in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from explainer.errors import InputError
from explainer.resources import folder
from explainer.yamledit import with_key
from explainer.yamltext import read

BLOCK = 'new:\n  by: "Jane # Roe: RN"\n  on: 2025-01-31'


def put(text: str, after: str = "title") -> str:
    return with_key(text, "a.yaml", "new", BLOCK, after=after)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("title: x\n# about\nlater: y\n", f"title: x\n{BLOCK}\n# about\nlater: y\n"),
        ("# first\ntitle: >-\n  x\n\n  y\n\nlater: y\n", f"# first\ntitle: >-\n  x\n\n  y\n{BLOCK}\n\nlater: y\n"),
        ("title: x", f"title: x\n{BLOCK}\n"),
        ("title: x\nnew: {by: a}\n\n# about\nlater: y\n", f"title: x\n{BLOCK}\n\n# about\nlater: y\n"),
        ("new:\n  # odd\n  by: a\n\ntitle: x", f"{BLOCK}\n\ntitle: x"),
        ("title: x\nlater: [new, title]\nnew: a\n", f"title: x\nlater: [new, title]\n{BLOCK}\n"),
        ("title: x\r\nlater: y\r\n", f"title: x\n{BLOCK}\nlater: y\n".replace("\n", "\r\n")),
        ("\ufefftitle: x\nlater: y\n", f"\ufefftitle: x\n{BLOCK}\nlater: y\n"),
    ],
)
def test_every_other_line_stays_as_it_is(before: str, expected: str) -> None:
    """Comments, empty lines, line ends and the order of keys are the authors'."""
    assert put(before) == expected
    assert put(expected) == expected


@pytest.mark.parametrize("text", ["{title: x, later: y}\n", "title: x\n--- \n", "- title\n", "title: &x y\n"])
def test_what_cannot_be_put_in_is_told(text: str) -> None:
    """A file in an unusual form is left to its author, with the lines to write."""
    with pytest.raises(InputError, match=r"a\.yaml.*write it by hand: new: by:"):
        put(text)


@pytest.mark.parametrize("path", sorted(folder("rules").glob("*.yaml")), ids=lambda path: path.name)
def test_it_works_on_every_file_of_rules(path: Path, tmp_path: Path) -> None:
    """Taking the new lines out again gives the file as it was."""
    copied = Path(shutil.copy(path, tmp_path))
    text, file = copied.read_text("utf-8"), read(copied, path.name)
    assert isinstance(file.data, dict)
    edited = with_key(text, path.name, "new", BLOCK, after=next(iter(file.data)))
    assert edited.replace(f"{BLOCK}\n", "") == text
