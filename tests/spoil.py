"""Rules folders with a fault planted in them, for the checks to find."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from explainer.findings import Progress, Result, Subject
from explainer.resources import folder

Check = Callable[[Subject, Progress], Result]
Change = tuple[str, str, str]
"""A file of rules/ without its ending, what stands there, and what shall."""


SAMPLE = Path(__file__).parent / "sample"


def spoilt(into: Path, *changes: Change) -> Subject:
    """The shipped rules, copied and changed."""
    return Subject.read(_changed(into, folder("rules"), changes))


def sample(into: Path, *changes: Change) -> Subject:
    """The sample rules, copied and changed."""
    return Subject.read(changed_sample(into, *changes))


def changed_sample(into: Path, *changes: Change) -> Path:
    """The folder of the sample rules, copied and changed; copied anew if it is there already."""
    return _changed(into, SAMPLE, changes)


def _changed(into: Path, rules: Path, changes: Sequence[Change]) -> Path:
    made = Path(shutil.copytree(rules, into / "rules", dirs_exist_ok=True))
    for name, old, new in changes:
        path = made / f"{name}.yaml"
        text = path.read_text("utf-8")
        assert text.count(old) == 1, (
            f"a test plants a mistake here, at words that {name}.yaml no longer has once: {old!r}"
        )
        path.write_text(text.replace(old, new), "utf-8")
    return made


def found(check: Check, subject: Subject) -> list[str]:
    """What a check finds, a line each, as an author reads it."""
    return [str(finding) for finding in check(subject, lambda _: None).findings]
