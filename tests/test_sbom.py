"""The list of dependencies, sbom.json: whole, and in step with the lock file."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = json.loads((ROOT / "sbom.json").read_text("utf-8"))
LOCK = (ROOT / "requirements" / "user.txt").read_text("utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, flags=re.MULTILINE))
ELSEWHERE = set(re.findall(r"^([a-z0-9-]+)==\S+ ;", LOCK, flags=re.MULTILINE))
"""Packages for other systems only."""


def test_it_lists_what_the_lock_file_pins() -> None:
    """Whoever looks up a known weakness finds each package by its very version. `make sbom` writes the list anew."""
    assert len(LOCKED) > 20
    assert {part["name"]: part["version"] for part in LIST["components"]} == LOCKED
    assert {part["purl"] for part in LIST["components"]} == {f"pkg:pypi/{name}@{at}" for name, at in LOCKED.items()}


def test_it_is_of_this_program() -> None:
    """Name, version and licence are those of the package."""
    told, project = LIST["metadata"]["component"], (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'name = "{told["name"]}"\nversion = "{told["version"]}"' in project
    assert f'license = "{told["licenses"][0]["license"]["id"]}"' in project
    assert (LIST["bomFormat"], LIST["specVersion"]) == ("CycloneDX", "1.6")


def test_each_package_is_there_for_a_reason() -> None:
    """From the program, the lines of who needs whom lead to every package."""
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in LIST["dependencies"]}
    reached, waiting = set(), [LIST["metadata"]["component"]["bom-ref"]]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += needs[one]
    assert {part["bom-ref"] for part in LIST["components"]} < reached


def test_each_licence_is_told() -> None:
    """A hospital's lawyers see under which terms each package comes."""
    silent = {part["name"] for part in LIST["components"] if not part.get("licenses")}
    assert silent <= ELSEWHERE
