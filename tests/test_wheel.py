"""The wheel: what is in it, and that it works where nothing else of the repository is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.program import call

ROOT = Path(__file__).parent.parent
FOLDERS = {"explainer": "explainer", "rules": "explainer/rules", "templates": "explainer/templates"}
"""Where each folder of the repository stands in the wheel."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Code, rules and templates ship whole, inside the package; tests, documents and caches stay at home."""
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"explainer/rules/induction.yaml", "explainer/templates/ask.jinja", "explainer/py.typed"} <= inside


def test_the_licence_goes_with_it(wheel: Path) -> None:
    """Whoever gets the wheel gets the licence and the notice about the document."""
    names = {name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    assert {"LICENSE", "NOTICE"} <= names


def test_the_installed_wheel_tells_the_same(wheel: Path, tmp_path: Path) -> None:
    """With its locked requirements in an empty environment, away from the repository, it works as the working copy."""
    environment = {name: word for name, word in os.environ.items() if name != "PYTHONPATH"}
    environment["CPPFLAGS"] = "-DPyEval_CallObject=PyObject_CallObject"
    programs = tmp_path / "installed" / "bin"

    def run(program: str, *args: str | Path) -> bytes:
        command = [programs / program, *args]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE).stdout

    subprocess.run([sys.executable, "-m", "venv", programs.parent], check=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation")
    for locked in ("build.txt", "user.txt"):
        run("python", *install, "--require-hashes", "-r", ROOT / "requirements" / locked)
    run("python", *install, "--no-deps", "--no-index", wheel)
    for args in (["explain", "--set", "stage=induction"], ["check", "--only", "knowledge"]):
        assert run("explainer", *args) == call(*args).out
    assert b"not run (the tests are not part of an installation)" in run("explainer", "check", "--only", "mutants")
    where = run("python", "-c", "import explainer.resources as r; print(r.folder('rules'))").decode()
    assert where.startswith(str(programs.parent))
