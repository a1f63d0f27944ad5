"""Reads a rules folder into Knowledge, or raises one KnowledgeError with every fault of every file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from explainer import logic
from explainer.errors import Fault, KnowledgeError, ProfileError, nearest, shown
from explainer.knowledge import (
    CERTAINTIES,
    Concept,
    Concepts,
    Facts,
    Glossary,
    Knowledge,
    Names,
    Notices,
    Path,
    Phrases,
    Questionnaire,
    Rule,
    Scenario,
    Section,
    Source,
    profile_field,
)
from explainer.profile import ProfileModel, profile_model
from explainer.resources import folder as resource_folder
from explainer.yamltext import Data, KeyPath, YamlText, read

MOST_ALTERNATIVES = 32
"""A condition that comes true in more ways than this is refused: no reviewer can read it, and the engine has limits."""

_SINGLE: dict[str, type[BaseModel]] = {
    "questionnaire": Questionnaire,
    "concepts": Concepts,
    "path": Path,
    "phrases": Phrases,
    "notices": Notices,
    "glossary": Glossary,
    "source": Source,
    "facts": Facts,
}
_Model = TypeVar("_Model", bound=BaseModel)


@cache
def knowledge() -> Knowledge:
    """The knowledge that ships with the package, loaded once per process."""
    return load(resource_folder("rules"))


def load(folder: FilePath) -> Knowledge:
    """The knowledge in `folder`. Raises KnowledgeError naming file, line and remedy of every fault found."""
    files = _read_all(folder)
    loading = _Loading(files, _names(files))
    loading.check_files_known()
    for name in files:
        loading.validate(name)
    for check in _CHECKS:
        loading.faults.extend(check(loading))
    if loading.faults:
        raise KnowledgeError(loading.faults)
    return Knowledge(
        questions=loading.get("questionnaire", Questionnaire).questions,
        concepts=loading.get("concepts", Concepts).concepts,
        sections=tuple(loading.sections()),
        notices=loading.get("notices", Notices).notices,
        glossary=loading.get("glossary", Glossary).terms,
        path=loading.get("path", Path),
        phrases=loading.get("phrases", Phrases),
        source=loading.get("source", Source),
        facts=loading.get("facts", Facts).facts,
        scenarios=tuple(loading.scenarios()),
    )


def _read_all(folder: FilePath) -> dict[str, YamlText]:
    """Every YAML file by its name without the ending, scenarios as `scenarios/name`."""
    paths = sorted(folder.glob("*.yaml")) + sorted(folder.glob("scenarios/*.yaml"))
    named = {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}
    for required in _SINGLE:
        named.setdefault(required, folder / f"{required}.yaml")
    return {name: read(path, f"{folder.name}/{name}.yaml") for name, path in named.items()}


def _names(files: Mapping[str, YamlText]) -> Names:
    """What may be referred to, gathered before validation, so that one bad file does not blame all the others."""
    fields = {
        str(question["field"]): tuple(str(option["value"]) for option in _items(question, "options", "value"))
        for question in _items(files["questionnaire"].data, "questions", "field")
    }
    concepts = tuple(str(concept["id"]) for concept in _items(files["concepts"].data, "concepts", "id"))
    facts = tuple(str(fact["id"]) for fact in _items(files["facts"].data, "facts", "id"))
    path = files["path"].data
    listed = path.get("sections") if isinstance(path, dict) else None
    sections = tuple(name for name in listed if isinstance(name, str)) if isinstance(listed, list) else ()
    return Names(logic.Vocabulary(fields, concepts), facts, sections)


def _items(data: Data, key: str, wanted: str) -> Iterator[dict[str, Data]]:
    listed = data.get(key) if isinstance(data, dict) else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get(wanted), str):
            yield item


@dataclass
class _Loading:
    """One load under way: the files, what they may refer to, the models so far, and the faults."""

    files: dict[str, YamlText]
    names: Names
    models: dict[str, BaseModel] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def check_files_known(self) -> None:
        known = [*_SINGLE, *self.names.sections]
        for name, file in self.files.items():
            if "/" not in name and name not in known:
                said = f"no section is named {shown(name)} in path.yaml; {nearest(name, known)}"
                self.faults.append(Fault(file.place, 0, said))
        for number, name in enumerate(self.names.sections):
            if name not in self.files:
                said = f"the section {shown(name)} has no file {name}.yaml"
                self.faults.append(self.files["path"].fault(("sections", number), said))

    def validate(self, name: str) -> None:
        file = self.files[name]
        model = _SINGLE.get(name) or (Scenario if "/" in name else Section)
        self.faults.extend(file.faults)
        if file.faults:
            return
        try:
            self.models[name] = model.model_validate(file.data, context=self.names)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=True)
            self.faults.extend(_fault(file, model, details) for details in faults)

    def find(self, name: str, model: type[_Model]) -> _Model | None:
        found = self.models.get(name)
        return found if isinstance(found, model) else None

    def get(self, name: str, model: type[_Model]) -> _Model:
        found = self.find(name, model)
        assert found is not None  # noqa: S101 - every fault was raised before
        return found

    def sections(self) -> Iterator[Section]:
        for name in self.names.sections:
            if section := self.find(name, Section):
                yield section

    def scenarios(self) -> Iterator[Scenario]:
        for name in self.files:
            if scenario := self.find(name, Scenario):
                yield scenario

    def fault(self, name: str, path: KeyPath, message: str) -> Fault:
        return self.files[name].fault(path, message)


def _fault(file: YamlText, model: type[BaseModel], details: ErrorDetails) -> Fault:  # noqa: PLR0911 - one per kind
    path = details["loc"]
    match details["type"]:
        case "missing":
            return file.fault(path[:-1], f"the key {shown(path[-1])} is missing")
        case "extra_forbidden":
            allowed = _keys(_model_at(model, path[:-1]))
            return file.fault(path, f"unknown key {shown(path[-1])}; {nearest(path[-1], allowed)}")
        case "knowledge":
            return file.fault(path, details["msg"])
        case "string_type" | "string_too_short":
            return file.fault(path, f"{shown(path[-1])} wants text, found {shown(details['input'])}")
        case "model_type" | "dict_type" | "mapping_type":
            return file.fault(path, f"a mapping of keys is wanted, found {shown(details['input'])}")
        case "tuple_type":
            return file.fault(path, f"a list is wanted, found {shown(details['input'])}")
        case "too_short":
            return file.fault(path, f"{shown(path[-1])} wants at least one entry")
        case "literal_error":
            allowed = details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return file.fault(path, f"{shown(details['input'])} is not allowed; {nearest(details['input'], allowed)}")
        case "string_pattern_mismatch":
            said = f"{shown(details['input'])} is not a name that fits here (pattern {details['ctx']['pattern']})"
            return file.fault(path, said)
        case _:
            return file.fault(path, f"{details['msg']}, found {shown(details['input'])}")


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, str) and found is not None:
            known = found.model_fields.get(step)
            found = _model_in(known.annotation) if known else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


# --- checks across the entries of a file, and across files ------------------------------------


def _repeated(loading: _Loading, name: str, entries: Iterable[tuple[KeyPath, str]], what: str) -> Iterator[Fault]:
    first: dict[str, KeyPath] = {}
    for path, word in entries:
        if word in first:
            line = loading.files[name].line(first[word])
            yield loading.fault(name, path, f"the {what} {shown(word)} stands here twice (line {line})")
        first.setdefault(word, path)


def _check_questionnaire(loading: _Loading) -> Iterator[Fault]:
    name = "questionnaire"
    questionnaire = loading.find(name, Questionnaire)
    if questionnaire is None:
        return
    questions = questionnaire.questions
    yield from _repeated(
        loading, name, ((("questions", n, "field"), q.field) for n, q in enumerate(questions)), "field"
    )
    order = [question.field for question in questions]
    for number, question in enumerate(questions):
        path: KeyPath = ("questions", number)
        values = [option.value for option in question.options]
        listed = [((*path, "options", n, "value"), value) for n, value in enumerate(values)]
        yield from _repeated(loading, name, listed, "value")
        for where, value in listed:
            if value == logic.UNKNOWN:
                yield loading.fault(name, where, "`unknown` is an answer to every question already; leave it out")
        if question.default not in (*values, logic.UNKNOWN):
            said = (
                f"{shown(question.default)} is not an answer to {question.field}; {nearest(question.default, values)}"
            )
            yield loading.fault(name, (*path, "default"), said)
        for n, together in enumerate(question.together):
            for m, value in enumerate(together.values):
                if value not in values:
                    said = f"{shown(value)} is not an answer to {question.field}; {nearest(value, values)}"
                    yield loading.fault(name, (*path, "together", n, "values", m), said)
        for key in ("asked_when", "allowed_when"):
            when = getattr(question, key)
            for other in logic.fields_of(when, _undefined) if when is not None else ():
                if order.index(other) >= order.index(question.field):
                    said = f"{question.field} depends on {other}, which is not asked before it"
                    yield loading.fault(name, (*path, key), said)


def _check_concepts(loading: _Loading) -> Iterator[Fault]:
    concepts = loading.find("concepts", Concepts)
    if concepts is None:
        return
    ids = [((("concepts", n, "id")), concept.id) for n, concept in enumerate(concepts.concepts)]
    yield from _repeated(loading, "concepts", ids, "concept")
    for path, name in ids:
        if name in loading.names.vocabulary.fields:
            yield loading.fault(
                "concepts", path, f"{shown(name)} is a field of the profile; name the concept otherwise"
            )
    circle = _circle({concept.id: concept for concept in concepts.concepts})
    if circle:
        path = next(path for path, name in ids if name == circle[0])
        yield loading.fault("concepts", path, f"these concepts stand on each other in a circle: {' → '.join(circle)}")


def _circle(concepts: Mapping[str, Concept]) -> list[str]:
    """The members of one circle, the first named again at its end; empty when there is none."""
    finished: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name not in finished and name in concepts:
            for literal in logic.literals(concepts[name].when):
                if isinstance(literal, logic.Derived) and (found := visit(literal.concept, [*trail, name])):
                    return found
            finished.add(name)
        return []

    return next((found for name in concepts if (found := visit(name, []))), [])


def _check_path(loading: _Loading) -> Iterator[Fault]:
    path = loading.find("path", Path)
    if path is None:
        return
    listed: list[tuple[KeyPath, str]] = [(("sections", n), name) for n, name in enumerate(path.sections)]
    yield from _repeated(loading, "path", listed, "section")
    fields = loading.names.vocabulary.fields
    if path.stage_field not in fields:
        said = f"unknown field {shown(path.stage_field)}; {nearest(path.stage_field, list(fields))}"
        yield loading.fault("path", ("stage_field",), said)
        return
    for number, stop in enumerate(path.stops):
        if stop.stage not in fields[path.stage_field]:
            said = f"unknown stage {shown(stop.stage)}; {nearest(stop.stage, fields[path.stage_field])}"
            yield loading.fault("path", ("stops", number, "stage"), said)


def _check_sections(loading: _Loading) -> Iterator[Fault]:
    facts = loading.find("facts", Facts)
    path = loading.find("path", Path)
    stages = loading.names.vocabulary.fields.get(path.stage_field, ()) if path else ()
    firmness = {fact.id: CERTAINTIES.index(fact.certainty) for fact in facts.facts} if facts else {}
    for section in loading.sections():
        name = next(key for key, model in loading.models.items() if model is section)
        if section.id != name:
            yield loading.fault(name, ("id",), f"the id {shown(section.id)} differs from the file's name {shown(name)}")
        yield from _check_timing(loading, name, section, stages)
        rules = [
            (("topics", t, "rules", r), rule)
            for t, topic in enumerate(section.topics)
            for r, rule in enumerate(topic.rules)
        ]
        yield from _repeated(loading, name, (((*path, "id"), rule.id) for path, rule in rules), "rule")
        for where, rule in rules:
            yield from _check_rule(loading, name, where, rule, firmness)


def _check_timing(loading: _Loading, name: str, section: Section, stages: tuple[str, ...]) -> Iterator[Fault]:
    wanted = (*stages, logic.UNKNOWN)
    for stage in section.timing:
        if stages and stage not in wanted:
            yield loading.fault(name, ("timing", stage), f"unknown stage {shown(stage)}; {nearest(stage, wanted)}")
    for stage in wanted if stages else ():
        if stage not in section.timing:
            yield loading.fault(name, ("timing",), f"the stage {shown(stage)} has no timing here")


def _check_rule(
    loading: _Loading, name: str, where: KeyPath, rule: Rule, firmness: Mapping[str, int]
) -> Iterator[Fault]:
    if len(logic.alternatives(rule.when)) > MOST_ALTERNATIVES:
        said = f"this comes true in more than {MOST_ALTERNATIVES} ways; give parts of it a name in concepts.yaml"
        yield loading.fault(name, (*where, "when"), said)
    known = [firmness[fact] for fact in rule.facts if fact in firmness]
    if known and CERTAINTIES[max(known)] != rule.certainty:
        said = f"the certainty is {rule.certainty}, but the least firm of its facts is {CERTAINTIES[max(known)]}"
        yield loading.fault(name, (*where, "certainty"), said)


def _check_facts(loading: _Loading) -> Iterator[Fault]:
    facts, source = loading.find("facts", Facts), loading.find("source", Source)
    if facts is None:
        return
    listed: list[tuple[KeyPath, str]] = [(("facts", n, "id"), fact.id) for n, fact in enumerate(facts.facts)]
    yield from _repeated(loading, "facts", listed, "fact")
    passages = {heading.id: heading.passages for heading in source.headings} if source else None
    for path, fact in listed:
        heading, _, passage = fact[:-1].partition(".")
        if passages is not None and not 1 <= int(passage) <= passages.get(heading, 0):
            yield loading.fault("facts", path, f"the passage {heading}.{passage} is not listed in source.yaml")
    sections = list(loading.sections())
    if len(sections) == len(
        loading.names.sections
    ):  # a section that could not be read would be blamed on all its facts
        told = {fact for section in sections for rule in section.rules for fact in rule.facts}
        for path, fact in listed:
            if fact not in told:
                yield loading.fault("facts", path, f"no rule tells the fact {fact}")


def _check_notices(loading: _Loading) -> Iterator[Fault]:
    notices = loading.find("notices", Notices)
    entries = enumerate(notices.notices) if notices else ()
    yield from _repeated(loading, "notices", ((("notices", n, "id"), notice.id) for n, notice in entries), "notice")


def _check_glossary(loading: _Loading) -> Iterator[Fault]:
    glossary = loading.find("glossary", Glossary)
    if glossary is None:
        return
    words = [
        (("terms", n, "term"), word.lower())
        for n, term in enumerate(glossary.terms)
        for word in (term.term, *term.also)
    ]
    yield from _repeated(loading, "glossary", words, "word")
    for number, term in enumerate(glossary.terms):
        if bool(term.facts) == (term.origin == "editorial"):
            said = f"{shown(term.term)} wants either the facts it tells, or `origin: editorial` and no facts"
            yield loading.fault("glossary", ("terms", number), said)


def _check_source(loading: _Loading) -> Iterator[Fault]:
    source = loading.find("source", Source)
    if source is None:
        return
    headings: list[tuple[KeyPath, str]] = [(("headings", n, "id"), h.id) for n, h in enumerate(source.headings)]
    yield from _repeated(loading, "source", headings, "heading")
    fields = loading.names.vocabulary.fields
    if source.related_field not in fields:
        said = f"unknown field {shown(source.related_field)}; {nearest(source.related_field, list(fields))}"
        yield loading.fault("source", ("related_field",), said)
        return
    for number, page in enumerate(source.related):
        if page.answer not in fields[source.related_field]:
            said = f"{shown(page.answer)} is not an answer to {source.related_field}"
            hint = nearest(page.answer, fields[source.related_field])
            yield loading.fault("source", ("related", number, "answer"), f"{said}; {hint}")


def _check_scenarios(loading: _Loading) -> Iterator[Fault]:
    questionnaire = loading.find("questionnaire", Questionnaire)
    profile: type[ProfileModel] | None = None
    if questionnaire is not None and not any(_check_questionnaire(loading)):
        profile = profile_model([profile_field(question) for question in questionnaire.questions])
    for name, model in loading.models.items():
        if not isinstance(model, Scenario):
            continue
        wanted = name.removeprefix("scenarios/")
        if model.id != wanted:
            yield loading.fault(name, ("id",), f"the id {shown(model.id)} differs from the file's name {shown(wanted)}")
        try:
            if profile is not None:
                profile.read(dict(model.profile))
        except ProfileError as error:
            for fault in error.faults:
                yield loading.fault(name, ("profile", fault.message.split(":")[0]), fault.message)


def _undefined(derived: logic.Derived) -> logic.When:
    raise AssertionError(f"skip logic names answers only, not {derived}")


_CHECKS = (
    _check_questionnaire,
    _check_concepts,
    _check_path,
    _check_sections,
    _check_facts,
    _check_notices,
    _check_glossary,
    _check_source,
    _check_scenarios,
)
