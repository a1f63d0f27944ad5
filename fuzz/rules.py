"""A rules folder with one spoilt file loads and can be explained, or its faults are named, each with its place."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from explainer.compose import Composer
from explainer.errors import EngineError, KnowledgeError
from explainer.loader import load

_SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "sample"
_NAMES = sorted(path.relative_to(_SAMPLE).as_posix() for path in _SAMPLE.rglob("*.yaml"))

LONGEST = 8_000
SEEDS = tuple(bytes([number]) + (_SAMPLE / name).read_bytes() for number, name in enumerate(_NAMES))
WORDS = (
    "when:\n",
    "any:\n",
    "all:\n",
    "not: ",
    "concept: ",
    "unknown",
    "- id: ",
    "facts: [",
    "say: ",
    "{",
    "}",
    "\n  - ",
    "\n    ",
)
_HOME = TemporaryDirectory()
_FOLDER = Path(shutil.copytree(_SAMPLE, Path(_HOME.name) / "rules"))


def attempt(data: bytes) -> None:
    """The first byte of `data` says which file of the sample the rest takes the place of."""
    path = _FOLDER / _NAMES[(data[:1] or b"\0")[0] % len(_NAMES)]
    kept = path.read_bytes()
    path.write_bytes(data[1:])
    try:
        knowledge = load(_FOLDER)
        composer = Composer(knowledge)
        composer.explain(knowledge.profile.read({}))
    except KnowledgeError as error:
        assert error.faults
        assert all(fault.place and fault.message for fault in error.faults)
    except EngineError as error:
        assert str(error)
    finally:
        path.write_bytes(kept)
