"""Reads a rules folder into Knowledge, or raises one KnowledgeError with every fault of every file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath

from explainer import logic
from explainer.crosscheck import CHECKS, SINGLE_FILES, Loading
from explainer.errors import Fault, KnowledgeError
from explainer.kept import once
from explainer.knowledge import (
    Concepts,
    Contradictions,
    Facts,
    Forces,
    Glossary,
    Knowledge,
    Notices,
    Path,
    Phrases,
    Questionnaire,
    Reading,
    Scenario,
    Section,
    Source,
    TeachingTopics,
)
from explainer.resources import folder as resource_folder
from explainer.values import FACT_ID, WORD, Names
from explainer.yamltext import Data, YamlText, read


@once
def knowledge() -> Knowledge:
    """The knowledge that ships with the package, loaded once per process."""
    return load(resource_folder("rules"))


def load(folder: FilePath | str) -> Knowledge:
    """The knowledge in `folder`. Raises KnowledgeError naming file, line and remedy of every fault found."""
    folder = FilePath(folder)
    if not folder.is_dir():
        raise KnowledgeError.at(str(folder), "this is no folder" if folder.exists() else "there is no such folder")
    return fit(read_files(folder), misnamed(folder))


def fit(files: dict[str, YamlText], faults: Iterable[Fault] = ()) -> Knowledge:
    """The knowledge in files that `read_files` has read. Raises KnowledgeError with all faults, `faults` among them."""
    loading = Loading(files, _names(files), faults=list(faults))
    for name in files:
        loading.validate(name)
    for check in CHECKS:
        loading.faults.extend(check(loading))
    if loading.faults:
        raise KnowledgeError(loading.faults)
    return Knowledge(
        questions=loading.get("questionnaire", Questionnaire).questions,
        concepts=loading.get("concepts", Concepts).concepts,
        sections=tuple(loading.get(name, Section) for name in loading.get("path", Path).sections),
        notices=loading.get("notices", Notices).notices,
        glossary=loading.get("glossary", Glossary).terms,
        path=loading.get("path", Path),
        phrases=loading.get("phrases", Phrases),
        forces=loading.get("certainty", Forces),
        reading=loading.get("reading", Reading),
        source=loading.get("source", Source),
        facts=loading.get("facts", Facts).facts,
        contradictions=loading.get("contradictions", Contradictions).contradictions,
        topics=loading.get("topics", TeachingTopics).topics,
        scenarios=tuple(scenario for _, scenario in loading.each(Scenario)),
    )


def read_files(folder: FilePath) -> dict[str, YamlText]:
    """Every YAML file by its name without the ending, scenarios as `scenarios/name`."""
    named = {name.removesuffix(".yaml"): path for name, path in _listed(folder) if path.suffix == ".yaml"}
    for required in SINGLE_FILES:
        named.setdefault(required, folder / f"{required}.yaml")
    place = _place(folder)
    return {name: read(path, f"{place}/{name}.yaml") for name, path in named.items()}


def misnamed(folder: FilePath) -> Iterator[Fault]:
    """Files that `read_files` passes over, although their authors meant them to be read."""
    place, scenarios = _place(folder), folder / "scenarios"
    for name, path in _listed(folder):
        meant = re.match(r"(.+?)\.ya?ml\b", path.name, re.IGNORECASE)
        if meant and path.suffix != ".yaml":
            wanted = f"{meant[1]}.yaml"
            is_there = path.with_name(wanted).exists()
            todo = f"move it elsewhere, for there is a {wanted}" if is_there else f"name it {wanted}"
            yield Fault(f"{place}/{name}", 0, f"this file would not be read; {todo}")
        elif path.parent != folder and path.suffix != ".yaml" and path.is_file():
            yield Fault(
                f"{place}/{name}", 0, f"this file would not be read; name it {path.stem}.yaml, if it is a child"
            )
    strays = [path for depth in ("*/*.yaml", "*/*/*.yaml") for path in folder.glob(depth) if path.parent != scenarios]
    for name in sorted(path.relative_to(folder).as_posix() for path in strays):
        if not name.startswith("."):
            yield Fault(f"{place}/{name}", 0, "this file would not be read; move it to scenarios/, if it is one")


def _listed(folder: FilePath) -> Iterator[tuple[str, FilePath]]:
    """What stands in the folder and among its scenarios, in order, less the hidden files that editors leave."""
    for inner in ("", "scenarios/"):
        for path in sorted((folder / inner).glob("*")):
            if not path.name.startswith("."):
                yield inner + path.name, path


def _place(folder: FilePath) -> str:
    """The folder by its own name, also where it was given as a dot."""
    return folder.resolve().name


def _names(files: Mapping[str, YamlText]) -> Names:
    """What may be referred to, gathered before validation. A list that is broken is None and has faults of its own."""
    questions = _named(files["questionnaire"], "questions", "field", WORD)
    concepts = _named(files["concepts"], "concepts", "id", WORD)
    facts = _named(files["facts"], "facts", "id", FACT_ID)
    options = {field: _entries(question, "options", "value", WORD) for field, question in (questions or {}).items()}
    vocabulary = None
    if questions is not None and concepts is not None and None not in options.values():
        fields = {field: tuple(v for v in values or () if v != logic.UNKNOWN) for field, values in options.items()}
        vocabulary = logic.Vocabulary(fields, tuple(concepts))
    return Names(vocabulary, None if facts is None else tuple(facts))


def _named(file: YamlText, key: str, wanted: str, form: str) -> dict[str, Data] | None:
    return None if file.faults else _entries(file.data, key, wanted, form)


def _entries(data: Data, key: str, wanted: str, form: str) -> dict[str, Data] | None:
    """The entries of the list under `key` by their names; None unless each has a name of its own, in that form."""
    listed = data.get(key) if isinstance(data, dict) else None
    if not isinstance(listed, list):
        return None
    named: dict[str, Data] = {}
    for item in listed:
        name = item.get(wanted) if isinstance(item, dict) else None
        if not isinstance(name, str) or name in named or not re.fullmatch(form, name):
            return None
        named[name] = item
    return named
