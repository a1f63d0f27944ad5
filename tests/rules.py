"""Rules folders to try checks on: the sample, with one thing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from explainer.proof import Subject

SAMPLE = Path(__file__).parent / "sample"


def changed_sample(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the sample in `folder`, with each change (file, old text, new text) made in it once."""
    made = folder / "rules"
    shutil.copytree(SAMPLE, made, dirs_exist_ok=True)
    for name, old, new in changes:
        path = made / f"{name}.yaml"
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return made


def sample(folder: Path, *changes: tuple[str, str, str]) -> Subject:
    return Subject.read(changed_sample(folder, *changes))
