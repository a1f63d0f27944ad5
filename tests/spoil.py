"""Rules folders with a fault planted in them, for the checks to find."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from explainer.proof import Progress, Result, Subject
from explainer.resources import folder

Check = Callable[[Subject, Progress], Result]
Change = tuple[str, str, str]
"""A file of rules/ without its ending, what stands there, and what shall."""


def spoilt(into: Path, *changes: Change) -> Subject:
    """The shipped rules, copied and changed."""
    rules = Path(shutil.copytree(folder("rules"), into / "rules"))
    for name, old, new in changes:
        path = rules / f"{name}.yaml"
        text = path.read_text("utf-8")
        assert text.count(old) == 1, (name, old, text.count(old))
        path.write_text(text.replace(old, new), "utf-8")
    return Subject.read(rules)


def found(check: Check, subject: Subject) -> list[str]:
    """What a check finds, a line each, as an author reads it."""
    return [str(finding) for finding in check(subject, lambda _: None).findings]
