"""The documents keep their word: every command, example and link in them is tried."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from explainer import logic
from explainer.knowledge import Concept, Notice, Question, Rule, Scenario, Term
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.values import Names
from explainer.yamltext import parse
from tests.program import serving

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of one kind in all documents, with where they stand."""
    return [
        (f"{path.name}:{text.count(chr(10), 0, found.start()) + 1}", found.group(2))
        for path in DOCUMENTS
        for text in [path.read_text("utf-8")]
        for found in BLOCK.finditer(text)
        if found.group(1) == kind
    ]


def each(kind: str) -> pytest.MarkDecorator:
    found = blocks(kind)
    return pytest.mark.parametrize("block", [block for _, block in found], ids=[place for place, _ in found])


@pytest.fixture(autouse=True, scope="module")
def environment_is_set_up() -> None:
    """Keeps `make` from setting up anew, in the midst of it, the environment that runs this test."""
    for mark in ("user", "dev"):
        (Path(sys.prefix) / mark).touch()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository with the environment of this test run, in which commands may leave files."""
    ignored = shutil.ignore_patterns(".venv", ".git", ".*cache", ".hypothesis", "__pycache__", "dist")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=ignored)
    (tmp_path / "copy" / ".venv").symlink_to(sys.prefix)
    return tmp_path / "copy"


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if "explainer serve" in command:  # until somebody stops it; a free port, for the one that is shown may be taken
        script = f"export PATH={shlex.quote(path)}; {command} --port 0"
        with serving(folder, command=["/bin/bash", "-c", script], cwd=folder) as served:
            return re.sub(r":\d+/", ":8000/", served.out.read_text("utf-8"))
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stdout
    return done.stdout


@each("console")
def test_commands_print_what_the_document_shows(block: str, copy: Path) -> None:
    """What follows `$` runs as written and prints what stands under it; a lone … stands for any lines."""
    for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = entry.partition("\n")
        printed = run(command, copy)
        pattern = "".join(r"(?s:.*)" if line == "…" else re.escape(f"{line}\n") for line in shown.splitlines())
        assert re.fullmatch(pattern, printed) or not shown, f"$ {command}\n{printed}"


@each("python")
def test_python_examples_run(block: str) -> None:
    """An integrator can paste the example."""
    exec(compile(block, "example", "exec"), {})  # noqa: S102 - it is our own document


@each("yaml")
def test_yaml_examples_load(block: str) -> None:
    """An author can paste the example: what it shows of a rules file loads."""
    known = knowledge()
    data = parse(block, "example").data
    entry = data[0] if isinstance(data, list) else data
    assert isinstance(entry, dict)
    vocabulary = logic.Vocabulary({**known.vocabulary.fields, "school_age": ("at_school",)}, known.vocabulary.concepts)
    names = Names(vocabulary, tuple(fact.id for fact in known.facts))
    if set(entry) == {"when"}:
        assert logic.parse(entry["when"], vocabulary) != logic.TRUE
        return
    tells: dict[str, type[BaseModel]] = {
        "facts": Rule,
        "say": Notice,
        "field": Question,
        "phrase": Concept,
        "term": Term,
    }
    model = next((model for key, model in tells.items() if key in entry), Scenario)
    loaded = TypeAdapter(model).validate_python(entry, context=names)
    if isinstance(loaded, Scenario):
        assert issubclass(known.profile, ProfileModel)
        known.profile.read(dict(loaded.profile))


def test_the_two_commands_of_the_readme_do_what_it_says(tmp_path: Path) -> None:
    """`make run` starts the questionnaire at the address that it prints; `make test` runs this."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^    make (\w+)", readme, re.MULTILINE) == ["run", "test"]
    with serving(tmp_path, command=["make", "run", "PORT=0"], cwd=ROOT) as served:
        assert "<h1>" in httpx.get(served.address, timeout=60).text
    assert "pytest" in run("make --no-print-directory --dry-run test", ROOT)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """A link to a file of the repository finds it."""
    for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize(
    "name", re.findall(r"^\| `([\w/]+\.yaml)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
)
def test_the_files_that_authors_are_shown_exist(name: str) -> None:
    """The table for authors names files that are there."""
    assert (ROOT / "rules" / name).is_file()


def test_every_target_of_the_makefile_that_is_named_exists() -> None:
    """A document never sends anybody to a command that is gone."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for path in DOCUMENTS:
        for target in re.findall(r"`make (\w+)`", path.read_text("utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), (path.name, target)


def test_the_version_is_the_same_everywhere() -> None:
    """The wheel that the README installs is the one that is built."""
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version is not None
    assert f"pathway_explainer-{version.group(1)}-py3" in (ROOT / "README.md").read_text("utf-8")


def test_no_address_of_a_package_registry_is_kept() -> None:
    """The lock works with whatever index a machine uses."""
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text("utf-8"), path.name


def test_the_workflow_of_ci_is_the_readmes() -> None:
    """What CI runs is what everybody runs."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert shlex.split(script.strip().splitlines()[-1]) == ["make", "test"]
