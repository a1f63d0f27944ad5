"""The container: what its file promises, and that the steps in it work. No engine for containers is wanted here."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import run

ROOT = Path(__file__).resolve().parents[1]
Step = tuple[str, str]
"""An instruction and what stands after it."""


def stages() -> list[list[Step]]:
    """The steps of each stage of the Dockerfile, each beginning with its FROM."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[Step]] = []
    for line in filter(None, text.splitlines()):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, " ".join(rest.split())))
    return found


BUILD, SHIPPED = stages()


def of(stage: list[Step], instruction: str) -> list[str]:
    return [rest for name, rest in stage if name == instruction]


def test_both_stages_begin_from_one_image_of_a_fixed_version() -> None:
    """What is built in one stage runs in the other, and a later Python does not come by itself."""
    (first, last) = (of(stage, "FROM")[0] for stage in (BUILD, SHIPPED))
    assert first == f"{last} AS build"
    assert re.fullmatch(r"python:3\.(11|12|13)-slim", last)


def test_no_compiler_and_no_installer_of_ours_ships() -> None:
    """The second stage installs nothing: it takes over what the first has made, and nothing else."""
    assert any("gcc" in command for command in of(BUILD, "RUN"))
    assert of(SHIPPED, "RUN") == of(SHIPPED, "ADD") == []
    assert of(SHIPPED, "COPY") == ["--from=build /opt/explainer /opt/explainer"]


def test_it_does_not_run_as_root() -> None:
    """The user is a number other than 0, and stays until the end."""
    (user,) = of(SHIPPED, "USER")
    assert all(int(number) >= 1000 for number in user.split(":"))


def test_it_says_how_it_is() -> None:
    """The engine can tell whether it still answers, without a program that the image lacks."""
    (check,) = of(SHIPPED, "HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[0] == "python"
    assert "'http://127.0.0.1:8000/health/live'" in command[2]
    compile(command[2], "check", "exec")


def test_it_starts_with_options_that_there_are() -> None:
    """The command of the image is one that the program takes."""
    command = [*json.loads(of(SHIPPED, "ENTRYPOINT")[0]), *json.loads(of(SHIPPED, "CMD")[0])]
    assert command[:2] == ["explainer", "serve"]
    told = run("serve", "--help").text
    assert all(option in told for option in command if option.startswith("--"))


def copied() -> list[tuple[list[str], str]]:
    """What the first stage takes from the repository, and where to."""
    words = [shlex.split(rest) for rest in of(BUILD, "COPY")]
    return [(sources, target) for *sources, target in words]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Only what is built of is sent to the engine: no tests, no history, no environment, no file somebody left."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    sources = {source for listed, _ in copied() for source in listed}
    assert all((ROOT / source).exists() for source in sources)
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == sources


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the steps of the first stage make, in folders of our own and with the Python that runs this."""
    home = tmp_path_factory.mktemp("image")
    python = tmp_path_factory.mktemp("path") / "python"  # as the image has it; a machine may have python3 alone
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(os.path.realpath(sys.executable))} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    for sources, target in copied():
        for source in sources:
            place = home / target / Path(source).name if target.endswith("/") else home / target
            place.parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    given = dict(pair.split("=", 1) for line in of(BUILD, "ENV") for pair in shlex.split(line))
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    for command in of(BUILD, "RUN"):
        if not command.startswith("apt-get "):
            here = command.replace("/opt/explainer", str(home / "opt")).replace("--no-cache-dir ", "")  # it has ours
            shell = ["/bin/sh", "-c", here]
            environment = {**os.environ, **given, "PATH": path}
            done = subprocess.run(shell, cwd=home, env=environment, capture_output=True, check=False)
            assert done.returncode == 0, (here, done.stderr.decode())
    return home / "opt"


def test_the_steps_make_a_program_that_runs(built: Path) -> None:
    """The image can be built: each command works, and what comes of it explains."""
    done = run("explain", "--set", "stage=induction", program=built / "bin" / "explainer")
    assert done.code == 0
    assert "Induction" in done.text


def test_what_is_made_holds_no_tools(built: Path) -> None:
    """Whoever gets into the image finds no installer and no builder in our part of it."""
    programs = {path.name for path in (built / "bin").iterdir()}
    assert "explainer" in programs
    assert not programs & {"pip", "pip3", "hatchling", "gcc", "cc"}
