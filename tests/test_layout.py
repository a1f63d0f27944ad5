"""The shape of the package: imports run one way, each module has its test, and no visitor's word is in Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = {path.stem: path for path in sorted((ROOT / "explainer").glob("*.py"))}

TREE = re.search(r"^explainer/(.+?)^rules/", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
ORDER = re.findall(r"\w+", TREE.group(1)) if TREE else []
"""As CONTRIBUTING.md tells it. Each module imports only from modules that stand before it."""


def imported(path: Path) -> set[str]:
    """The modules of the package that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("explainer."):
            found.add(node.module.removeprefix("explainer."))
        elif isinstance(node, ast.ImportFrom) and node.module == "explainer":
            found |= {alias.name for alias in node.names}
    return found


def test_the_order_names_every_module() -> None:
    """A new module has to be given its place."""
    assert set(ORDER) == set(MODULES) - {"__init__", "__main__"}


@pytest.mark.parametrize("name", ORDER)
def test_imports_run_one_way(name: str) -> None:
    """Whoever reads a module need not know the ones after it."""
    assert imported(MODULES[name]) <= set(ORDER[: ORDER.index(name)])


TESTED_WITH_THE_LOADER = {"shape", "crosscheck"}
"""Each message of these is a file in tests/broken, and all of them are tried together."""


@pytest.mark.parametrize("name", sorted({*ORDER} - TESTED_WITH_THE_LOADER))
def test_each_module_has_its_test(name: str) -> None:
    """tests/test_x.py tests explainer/x.py."""
    assert (ROOT / "tests" / f"test_{name}.py").is_file()


def test_only_the_engine_knows_durable_rules() -> None:
    """The engine could be exchanged by writing one module anew."""
    assert [name for name, path in MODULES.items() if "durable_rules_engine" in path.read_text("utf-8")] == ["engine"]


def test_no_medical_word_stands_in_python_or_templates() -> None:
    """What we say about treatment is reviewed in rules/; code and templates say nothing about it."""
    medical = (
        "chemo",
        "remission",
        "relapse",
        "radiation",
        "transplant",
        "steroid",
        "vincristine",
        "mrd_",
        "risk_group",
    )
    templates = [path for path in (ROOT / "templates").rglob("*.*") if path.parent.name != "__pycache__"]
    for path in [*MODULES.values(), *templates]:
        text = path.read_text("utf-8").lower()
        found = [word for word in medical if word in text]
        assert not found or path.name in ("cli.py", "__init__.py"), (path.name, found)  # examples in help texts


def test_each_exception_from_a_rule_of_safety_has_its_reason() -> None:
    """Who reads code that a linter warns of also reads why it does no harm."""
    found = []
    for folder in ("bench", "docs", "explainer", "fuzz", "tests", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            found += re.findall(r"#\s*noqa:.*\bS\d{3}.*", path.read_text("utf-8"))
    assert len(found) > 5
    assert [said for said in found if not re.search(r"S\d{3} - \w", said)] == []


def test_the_rules_folder_holds_no_code() -> None:
    """A nurse-educator can review all of it: YAML, and the ledger that is made of it."""
    files = [path.name for path in (ROOT / "rules").rglob("*") if path.is_file()]
    assert [name for name in files if not name.endswith(".yaml")] == ["ledger.txt"]
