"""Finding rules/ and templates/."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainer import resources
from explainer.errors import InputError
from explainer.resources import folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package that has nothing inside it or beside it yet."""
    made = tmp_path / "explainer"
    made.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", made)
    return made


@pytest.mark.parametrize(("name", "member"), [("rules", "questionnaire.yaml"), ("templates", "words.jinja")])
def test_what_ships_with_the_package_is_found(name: str, member: str) -> None:
    """The rules and the templates are there wherever the program runs from."""
    assert (folder(name) / member).is_file()


def test_a_folder_inside_the_package_comes_before_one_beside_it(package: Path) -> None:
    """An installed program uses what it was installed with; a working copy uses what lies beside it."""
    beside, inside = package.parent / "rules", package / "rules"
    beside.mkdir()
    assert folder("rules") == beside
    inside.mkdir()
    assert folder("rules") == inside


def test_a_missing_folder_is_one_clear_error(package: Path) -> None:
    """A broken installation is told with both places where the folder was looked for."""
    (package / "rules").write_text("a file is no folder", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        folder("rules")
    expected = f"rules: the folder is missing; looked in {package / 'rules'} and {package.parent / 'rules'}"
    assert str(caught.value) == expected
