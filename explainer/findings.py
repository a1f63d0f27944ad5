"""What a check of the knowledge is given, and the form of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explainer.compose import Composer
from explainer.document import Document
from explainer.errors import Fault
from explainer.explanation import Part
from explainer.knowledge import Knowledge
from explainer.loader import fit, misnamed, read_files
from explainer.yamltext import KeyPath, YamlText

Progress = Callable[[float], None]
"""Is told how much of a check is done, from 0 to 1."""


class Finding(Part):
    """One thing that falls short: where (`line` 0 if nowhere in particular), in which rule, and what to do."""

    place: str
    line: int
    rule: str
    message: str
    remedy: str

    @classmethod
    def of(cls, fault: Fault, remedy: str = "") -> Finding:
        """A fault of a file, which says itself what is allowed."""
        return cls(place=fault.place, line=fault.line, rule="", message=fault.message, remedy=remedy)

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        rule = f"{self.rule}: " if self.rule else ""
        return f"{where}: {rule}{self.message}; {self.remedy}"


class Listing(Part):
    """What was measured, for people to look through."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]


class Result(Part):
    """What one check found. `counts` say what it looked at; `not_run` why it could not look, if so."""

    name: str
    title: str
    counts: Mapping[str, int | float | str] = {}
    findings: tuple[Finding, ...] = ()
    tables: tuple[Listing, ...] = ()
    not_run: str | None = None

    @property
    def verdict(self) -> str:
        """What came of it, where it has run."""
        if not self.findings:
            return "passed"
        return f"{len(self.findings)} findings" if len(self.findings) > 1 else "1 finding"


@dataclass(frozen=True)
class Subject:
    """A rules folder that has loaded, with where each thing in it is said."""

    folder: Path
    knowledge: Knowledge
    composer: Composer
    places: Mapping[str, tuple[str, int]]
    copy: Document | None = None  # of the source document, where one is given

    @classmethod
    def read(cls, folder: Path, copy: Document | None = None) -> Subject:
        """Raises KnowledgeError or EngineError when the folder, which is there, does not load."""
        files = read_files(folder)
        knowledge = fit(files, misnamed(folder))
        return cls(folder, knowledge, Composer(knowledge), dict(_places(files)), copy)

    def finding(self, thing: str, message: str, remedy: str) -> Finding:
        """A finding about one thing, by its name in `places`."""
        place, line = self.places.get(thing, (self.folder.resolve().name, 0))
        return Finding(place=place, line=line, rule=thing, message=message, remedy=remedy)


_LISTS = {
    "questionnaire": ("questions", "field", "question"),
    "concepts": ("concepts", "id", "concept"),
    "notices": ("notices", "id", "notice"),
    "glossary": ("terms", "term", "term"),
    "facts": ("facts", "id", "fact"),
    "topics": ("topics", "id", "topic"),
}


def _places(files: Mapping[str, YamlText]) -> Iterator[tuple[str, tuple[str, int]]]:
    """File and line of everything that has a name: `concept higher_risk`, `induction.fourth-drug` (a statement)."""
    for name, file in files.items():
        data: Any = file.data
        if name == "source":
            yield "source", (file.place, 1)
            for passage in data.get("fingerprints", {}).get("passages", ()):
                yield f"passage {passage}", _place(file, ("fingerprints", "passages", passage))
        elif name == "path":
            for number in range(len(data["places"])):
                yield f"place {number + 1}", _place(file, ("places", number))
        elif name in _LISTS:
            key, naming, kind = _LISTS[name]
            for number, entry in enumerate(data[key]):
                yield f"{kind} {entry[naming]}", _place(file, (key, number))
        elif "/" in name:
            yield f"scenario {data['id']}", (file.place, 1)
        elif "topics" in data:
            yield f"section {name}", (file.place, 1)
            for t, topic in enumerate(data["topics"]):
                for r, rule in enumerate(topic["rules"]):
                    where: KeyPath = ("topics", t, "rules", r)
                    yield f"{name}.{rule['id']}", _place(file, where)
                    if "goes_on_when" in rule:
                        yield f"goes-on {name}.{rule['id']}", _place(file, (*where, "goes_on_when"))


def _place(file: YamlText, path: KeyPath) -> tuple[str, int]:
    return file.place, file.line(path)
