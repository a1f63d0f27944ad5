"""Compiled templates are kept: quicker to start with, never out of date, and never in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from explainer.compiled import Compiled
from tests.program import run


class Counting(Environment):
    compilations = 0

    def compile(self, *given: Any, **more: Any) -> Any:
        self.compilations += 1
        return super().compile(*given, **more)


class Templates:
    """A folder with one template, and how Jinja makes it anew: each time as in a new process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "templates"
        self.settings = folder / "settings.py"
        self.compilations = 0
        self.folder.mkdir()
        self.write("Hello {{ name }}\n")
        self.settings.write_text("trim = True")

    def write(self, text: str) -> None:
        (self.folder / "hello.jinja").write_text(text, "utf-8")

    @property
    def kept(self) -> list[Path]:
        return list((self.folder / "__pycache__").glob("*"))

    def made(self) -> str:
        environment = Counting(
            loader=FileSystemLoader(self.folder),
            bytecode_cache=Compiled(self.folder, str(self.settings)),
            autoescape=True,
        )
        told = environment.get_template("hello.jinja").render(name="<you>")
        self.compilations += environment.compilations
        return told


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Templates]:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    made = Templates(tmp_path)
    yield made
    made.folder.chmod(0o755)


def test_it_is_compiled_once(templates: Templates) -> None:
    """The next process finds what the first one has compiled, and makes the same of it."""
    assert [templates.made(), templates.made()] == ["Hello &lt;you&gt;"] * 2
    assert templates.compilations == 1
    assert len(templates.kept) == 1


def test_a_template_that_changes_is_compiled_anew(templates: Templates) -> None:
    """Whoever changes a word sees it at the next start."""
    templates.made()
    templates.write("Good day {{ name }}\n")
    assert [templates.made(), templates.made()] == ["Good day &lt;you&gt;"] * 2
    assert templates.compilations == 2
    assert len(templates.kept) == 1


def test_other_settings_compile_anew(templates: Templates) -> None:
    """What is escaped, say, is decided when a template is compiled: none compiled before goes on as it was."""
    templates.made()
    templates.settings.write_text("trim = False")
    templates.made()
    assert templates.compilations == 2


@pytest.mark.parametrize("left", [0, 2, 12, 25, 60, 90])
def test_a_broken_file_is_made_good(templates: Templates, left: int) -> None:
    """A machine may have lost its power while it was written."""
    templates.made()
    (kept,) = templates.kept
    kept.write_bytes(kept.read_bytes()[:left])
    assert [templates.made(), templates.made()] == ["Hello &lt;you&gt;"] * 2
    assert templates.compilations == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_damage_is_made_good(templates: Templates, data: st.DataObject) -> None:
    """One bit that a disk has lost never reaches a page: what was kept with it is compiled anew."""
    templates.made()
    (kept,) = templates.kept
    whole = kept.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    kept.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << data.draw(st.integers(0, 7))]) + whole[place + 1 :])
    before = templates.compilations
    assert templates.made() == "Hello &lt;you&gt;"
    assert templates.compilations == before + 1
    assert kept.read_bytes() == whole


def test_another_jinja_compiles_anew(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new version mends in its compiler holds from the next start on."""
    templates.made()
    monkeypatch.setattr("jinja2.__version__", "99")
    templates.made()
    assert templates.compilations == 2


def test_the_same_folder_by_another_path_is_kept_once(templates: Templates, tmp_path: Path) -> None:
    """A folder that was moved, or is reached by a link, leaves nothing behind."""
    templates.made()
    (tmp_path / "link").symlink_to(templates.folder)
    templates.folder = tmp_path / "link"
    templates.made()
    assert (templates.compilations, len(templates.kept)) == (1, 1)


def test_where_nothing_may_be_written_all_goes_on(templates: Templates) -> None:
    """A folder that is read only, as in a container, costs the time to compile and nothing else."""
    (templates.folder / "__pycache__").write_text("a file in its place")
    assert [templates.made(), templates.made()] == ["Hello &lt;you&gt;"] * 2
    assert templates.compilations == 2


def test_a_link_is_not_followed(templates: Templates, tmp_path: Path) -> None:
    """What is kept takes the place of whatever has its name, and changes nothing elsewhere."""
    templates.made()
    (kept,) = templates.kept
    (notes := tmp_path / "notes").write_text("mine")
    kept.unlink()
    kept.symlink_to(notes)
    assert [templates.made(), templates.made()] == ["Hello &lt;you&gt;"] * 2
    assert (notes.read_text(), kept.is_symlink(), templates.kept) == ("mine", False, [kept])
    assert templates.compilations == 2


def test_who_wants_no_bytecode_gets_none(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYTHONDONTWRITEBYTECODE holds for templates, too."""
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    templates.made()
    assert templates.kept == []


def test_they_stand_where_python_is_told_to_keep_its_own(tmp_path: Path) -> None:
    """PYTHONPYCACHEPREFIX holds for templates, too, and what is told is the same from then on."""
    environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    told = [run("explain", "--set", "stage=induction", environment=environment).text for _ in range(2)]
    assert told[0] == told[1] != ""
    assert [path for path in tmp_path.rglob("*.pyc") if path.parent.name == "templates"]
