"""Checks what one model cannot see: across the entries of a file in rules/, and across the files.

Each check yields every fault it finds. It passes over what could not be read, which has faults of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeVar

from pydantic import BaseModel

from explainer import logic
from explainer.errors import Fault, ProfileError, closest, nearest, shown
from explainer.knowledge import (
    CERTAINTIES,
    Concept,
    Concepts,
    Contradictions,
    Facts,
    Forces,
    Glossary,
    Notices,
    Path,
    Phrases,
    Question,
    Questionnaire,
    Reading,
    Rule,
    Scenario,
    Section,
    Source,
    TeachingTopics,
    profile_field,
)
from explainer.profile import ProfileModel, profile_model
from explainer.shape import shaped
from explainer.values import Names, latest_day
from explainer.yamltext import KeyPath, YamlText

SINGLE_FILES: dict[str, type[BaseModel]] = {
    "questionnaire": Questionnaire,
    "concepts": Concepts,
    "path": Path,
    "phrases": Phrases,
    "notices": Notices,
    "glossary": Glossary,
    "certainty": Forces,
    "reading": Reading,
    "source": Source,
    "facts": Facts,
    "contradictions": Contradictions,
    "topics": TeachingTopics,
}
"""The files that every rules folder has, by name without the ending. All others are sections."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass
class Loading:
    """One load under way: the files, what they may refer to, the models so far, and the faults."""

    files: dict[str, YamlText]
    names: Names
    models: dict[str, BaseModel] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def validate(self, name: str) -> None:
        file = self.files[name]
        model = SINGLE_FILES.get(name) or (Scenario if "/" in name else Section)
        found = shaped(file, model, self.names)
        if isinstance(found, BaseModel):
            self.models[name] = found
        else:
            self.faults.extend(found)

    def find(self, name: str, model: type[_Model]) -> _Model | None:
        found = self.models.get(name)
        return found if isinstance(found, model) else None

    def get(self, name: str, model: type[_Model]) -> _Model:
        found = self.find(name, model)
        assert found is not None  # noqa: S101 - every fault was raised before
        return found

    def each(self, model: type[_Model]) -> Iterator[tuple[str, _Model]]:
        for name, found in self.models.items():
            if isinstance(found, model):
                yield name, found

    def every_section_is_read(self) -> bool:
        path = self.find("path", Path)
        return path is not None and all(self.find(name, Section) for name in path.sections)

    def fault(self, name: str, path: KeyPath, message: str) -> Fault:
        return self.files[name].fault(path, message)

    def values(self, field: str) -> tuple[str, ...]:
        """The answers to a field; none where the field is unknown, or the questionnaire could not be read."""
        vocabulary = self.names.vocabulary
        return vocabulary.fields.get(field, ()) if vocabulary else ()

    def unknown_field(self, name: str, path: KeyPath, field: str) -> Iterator[Fault]:
        vocabulary = self.names.vocabulary
        if vocabulary and field not in vocabulary.fields:
            said = f"unknown field {shown(field)}; {nearest(field, list(vocabulary.fields))}"
            yield self.fault(name, path, said)


def _each(entries: Iterable[BaseModel], *path: str) -> list[tuple[KeyPath, str]]:
    """What each entry of a list says under the last key of `path`, and where it says so."""
    return [((*path[:-1], number, path[-1]), getattr(entry, path[-1])) for number, entry in enumerate(entries)]


def _repeated(loading: Loading, name: str, entries: Iterable[tuple[KeyPath, str]], what: str) -> Iterator[Fault]:
    first: dict[str, KeyPath] = {}
    for path, word in entries:
        if word in first:
            line = loading.files[name].line(first[word])
            yield loading.fault(name, path, f"the {what} {shown(word)} stands here twice (first on line {line})")
        first.setdefault(word, path)


def _check_files(loading: Loading) -> Iterator[Fault]:
    path = loading.find("path", Path)
    if path is None:
        return
    unlisted = [name for name in loading.files if "/" not in name and name not in (*SINGLE_FILES, *path.sections)]
    meant = set()
    for number, name in enumerate(path.sections):
        if name in SINGLE_FILES:
            said = f"{name}.yaml is not a section; name the section otherwise"
            yield loading.fault("path", ("sections", number), said)
        elif name not in loading.files:
            close = closest(name, unlisted)
            meant.add(close)
            said = f"the section {shown(name)} has no file {name}.yaml"
            yield loading.fault("path", ("sections", number), f"{said} (did you mean {close}?)" if close else said)
    for name in unlisted:
        if name not in meant:
            said = f"no section is named {shown(name)} in path.yaml; {nearest(name, path.sections)}"
            yield Fault(loading.files[name].place, 0, said)


def _check_questionnaire(loading: Loading) -> Iterator[Fault]:
    name = "questionnaire"
    questionnaire = loading.find(name, Questionnaire)
    if questionnaire is None:
        return
    questions = questionnaire.questions
    for what in ("field", "name", "text"):
        yield from _repeated(loading, name, _each(questions, "questions", what), what)
    accepted: dict[str, tuple[str, ...]] = {}  # of the questions so far: a question may depend on these alone
    for number, question in enumerate(questions):
        path: KeyPath = ("questions", number)
        yield from _check_values(loading, path, question)
        conditions = {"asked_when": question.asked_when, "allowed_when": question.allowed_when or logic.TRUE}
        later = [(key, other) for key, when in conditions.items() for other in _fields(when) if other not in accepted]
        for key, other in later:
            said = f"{question.field} depends on {other}, which is not asked before it"
            yield loading.fault(name, (*path, key), said)
        if not later and (
            given := _refused_although_asked(conditions["asked_when"], conditions["allowed_when"], accepted)
        ):
            said = f"{question.field} is asked with {given}, but an answer would not be allowed then"
            yield loading.fault(name, (*path, "allowed_when"), said)
        if not question.team and not profile_field(question).is_flag:
            said = f"{question.field} needs a question under `team`: what to ask while nobody knows the answer"
            yield loading.fault(name, path, said)
        accepted[question.field] = profile_field(question).outcomes


def _check_values(loading: Loading, path: KeyPath, question: Question) -> Iterator[Fault]:
    """The options of one question, and what names them."""
    name = "questionnaire"
    values = [option.value for option in question.options]
    for what in ("value", "label"):
        listed = [((*path, *where), word) for where, word in _each(question.options, "options", what)]
        yield from _repeated(loading, name, listed, what)
    phrases = [*_each(question.options, "options", "phrase"), *_each(question.together, "together", "phrase")]
    yield from _repeated(loading, name, [((*path, *where), word) for where, word in phrases], "phrase")
    outcomes = profile_field(question).outcomes
    if question.default not in outcomes:
        said = f"the default {shown(question.default)} is not an answer to {question.field}"
        yield loading.fault(name, (*path, "default"), f"{said}; {nearest(question.default, outcomes)}")
    for n, together in enumerate(question.together):
        for m, value in enumerate(together.values):
            if value not in values:
                said = f"{shown(value)} is not an answer to {question.field}; {nearest(value, values)}"
                yield loading.fault(name, (*path, "together", n, "values", m), said)


def _refused_although_asked(
    asked: logic.When, allowed: logic.When, accepted: Mapping[str, tuple[str, ...]]
) -> str | None:
    """Answers with which a question is asked and its own answer would be refused, if there are any."""
    for alternative in logic.alternatives(asked):
        choices = {name: accepted[name] for name in _fields(allowed)}
        for answer in alternative:
            if isinstance(answer, logic.Answer) and answer.field in choices:
                choices[answer.field] = tuple(word for word in choices[answer.field] if word in answer.values)
        for words in product(*choices.values()):
            given = dict(zip(choices, words, strict=True))
            if not logic.holds(allowed, given):
                return " and ".join(f"{name}: {word}" for name, word in given.items())
    return None


def _fields(when: logic.When) -> list[str]:
    return list(logic.fields_of(when, logic.no_concepts))


def _check_concepts(loading: Loading) -> Iterator[Fault]:
    concepts = loading.find("concepts", Concepts)
    if concepts is None:
        return
    ids = _each(concepts.concepts, "concepts", "id")
    yield from _repeated(loading, "concepts", ids, "concept")
    for path, name in ids:
        if loading.values(name):
            said = f"{shown(name)} is a field of the profile; name the concept otherwise"
            yield loading.fault("concepts", path, said)
    waiting = {concept.id: concept for concept in concepts.concepts}
    while circle := _circle(waiting):
        path = next(path for path, name in ids if name == circle[0])
        yield loading.fault("concepts", path, f"these concepts stand on each other in a circle: {' → '.join(circle)}")
        waiting = {name: concept for name, concept in waiting.items() if name not in circle}


def _circle(concepts: Mapping[str, Concept]) -> list[str]:
    """The members of one circle, the first named again at its end; empty when there is none."""
    finished: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name not in finished and name in concepts:
            for concept in logic.concepts_of(concepts[name].when):
                if found := visit(concept, [*trail, name]):
                    return found
            finished.add(name)
        return []

    return next((found for name in concepts if (found := visit(name, []))), [])


def _check_path(loading: Loading) -> Iterator[Fault]:
    path = loading.find("path", Path)
    if path is None:
        return
    listed: list[tuple[KeyPath, str]] = [(("sections", n), name) for n, name in enumerate(path.sections)]
    yield from _repeated(loading, "path", listed, "section")
    yield from loading.unknown_field("path", ("stage_field",), path.stage_field)
    yield from _repeated(loading, "path", _each(path.places, "places", "say"), "text")
    stages = loading.values(path.stage_field)
    stops = _each(path.stops, "stops", "stage")
    yield from _repeated(loading, "path", stops, "stage")
    for where, stage in stops:
        if stages and stage not in stages:
            yield loading.fault("path", where, f"unknown stage {shown(stage)}; {nearest(stage, stages)}")
    for stage in (*stages, logic.UNKNOWN) if stages else ():
        if not any(_may_hold(place.when, path.stage_field, stage) for place in path.places):
            said = f"no place is for the stage {shown(stage)}; whoever is there would read that it cannot be explained"
            yield loading.fault("path", ("places",), said)


def _may_hold(when: logic.When, field: str, value: str) -> bool:
    """Whether a condition may hold for this answer, by what it says of the question itself."""
    return any(
        all(value in said.values for said in way if isinstance(said, logic.Answer) and said.field == field)
        for way in logic.alternatives(when)
    )


def _check_sections(loading: Loading) -> Iterator[Fault]:
    facts = loading.find("facts", Facts)
    path = loading.find("path", Path)
    stages = loading.values(path.stage_field) if path else ()
    known = facts.facts if facts and loading.names.facts is not None else ()
    firmness = {fact.id: CERTAINTIES.index(fact.certainty) for fact in known}
    for name, section in loading.each(Section):
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
            yield from _check_certainty(loading, name, where, rule, firmness)
            if path and name in path.sections:
                yield from _check_home(loading, name, where, rule)


def _check_timing(loading: Loading, name: str, section: Section, stages: tuple[str, ...]) -> Iterator[Fault]:
    wanted = (*stages, logic.UNKNOWN) if stages else ()
    unknown = [stage for stage in section.timing if wanted and stage not in wanted]
    for stage in unknown:
        yield loading.fault(name, ("timing", stage), f"unknown stage {shown(stage)}; {nearest(stage, wanted)}")
    meant = {closest(stage, wanted) for stage in unknown}
    for stage in wanted:
        if stage not in section.timing and stage not in meant:
            yield loading.fault(name, ("timing",), f"the stage {shown(stage)} has no timing here")
    for stage, timing in section.timing.items():
        if section.leads_when != logic.FALSE and timing != "any":
            said = f"a section with `leads_when` stands at `any` for every stage, found {timing}"
            yield loading.fault(name, ("timing", stage), said)


def _check_certainty(
    loading: Loading, name: str, where: KeyPath, rule: Rule, firmness: Mapping[str, int]
) -> Iterator[Fault]:
    known = [firmness[fact] for fact in rule.facts if fact in firmness]
    if known and CERTAINTIES[max(known)] != rule.certainty:
        said = f"the certainty is {rule.certainty}, but the least firm of its facts is {CERTAINTIES[max(known)]}"
        yield loading.fault(name, (*where, "certainty"), said)


def _check_home(loading: Loading, name: str, where: KeyPath, rule: Rule) -> Iterator[Fault]:
    """A fact under a heading that has a section of its own is told there: elsewhere it would reach other children."""
    for number, fact in enumerate(rule.facts):
        heading = fact.partition(".")[0]
        if heading != name and isinstance(loading.models.get(heading), Section):
            said = f"{fact} belongs to the section {heading}; tell it there"
            yield loading.fault(name, (*where, "facts", number), said)


def _check_facts(loading: Loading) -> Iterator[Fault]:
    facts, source = loading.find("facts", Facts), loading.find("source", Source)
    if facts is None:
        return
    listed = _each(facts.facts, "facts", "id")
    yield from _repeated(loading, "facts", listed, "fact")
    passages = {heading.id: heading.passages for heading in source.headings} if source else None
    for path, fact in listed:
        heading, _, passage = fact[:-1].partition(".")
        if passages is not None and int(passage) > passages.get(heading, 0):
            yield loading.fault("facts", path, f"the passage {heading}.{passage} is not listed in source.yaml")
    if loading.every_section_is_read():  # one that could not be read would be blamed on all its facts
        told = {fact for _, section in loading.each(Section) for rule in section.rules for fact in rule.facts}
        for path, fact in listed:
            if fact not in told:
                yield loading.fault("facts", path, f"no rule tells the fact {fact}")


def _check_notices(loading: Loading) -> Iterator[Fault]:
    notices, source = loading.find("notices", Notices), loading.find("source", Source)
    if notices is None:
        return
    yield from _repeated(loading, "notices", _each(notices.notices, "notices", "id"), "notice")
    pages = {page.answer for page in source.related} if source else set()
    if source is None or not pages.issubset(loading.values(source.related_field)):
        return
    for number, notice in enumerate(notices.notices):
        parts = notice.when.parts if isinstance(notice.when, logic.AllOf) else (notice.when,)
        answers = [part for part in parts if isinstance(part, logic.Answer) and part.field == source.related_field]
        if "{page}" in notice.say and not any(pages.issuperset(answer.values) for answer in answers):
            said = f"{{page}} needs a `when` that names {source.related_field}, with answers that have a related page"
            said = f"{said} in source.yaml; allowed: {', '.join(sorted(pages))}"
            yield loading.fault("notices", ("notices", number, "say"), said)


def _check_standing_notice(loading: Loading) -> Iterator[Fault]:
    """One notice says that nobody has reviewed the words, and nothing but a review can take it away."""
    notices = loading.find("notices", Notices)
    if notices is None:
        return
    standing = [number for number, notice in enumerate(notices.notices) if notice.until_reviewed]
    if not standing:
        said = "no notice says that the words are not reviewed; mark the one that does with `until_reviewed: true`"
        yield loading.fault("notices", ("notices",), said)
    for number in standing[1:]:
        first = shown(notices.notices[standing[0]].id)
        said = f"only one notice holds until the words are reviewed; {first} is one already"
        yield loading.fault("notices", ("notices", number, "until_reviewed"), said)
    for number, notice in enumerate(notices.notices):
        if notice.say_in_part and not notice.until_reviewed:
            said = "only the notice that is `until_reviewed` says anything in part; take this out"
            yield loading.fault("notices", ("notices", number, "say_in_part"), said)
    for number in standing:
        if notices.notices[number].when != logic.TRUE:
            said = "a notice that holds until the words are reviewed is for everybody; leave its `when` out"
            yield loading.fault("notices", ("notices", number, "when"), said)


def _check_reviews(loading: Loading) -> Iterator[Fault]:
    """A review that cannot have taken place is refused."""
    source = loading.find("source", Source)
    for name, section in loading.each(Section):
        review = section.reviewed
        if review is None:
            continue
        if review.on > latest_day():
            yield loading.fault(name, ("reviewed", "on"), f"{review.on} is still to come; a review has taken place")
        if review.on < review.source_revised:
            said = f"nobody can have read on {review.on} what was revised on {review.source_revised}"
            yield loading.fault(name, ("reviewed", "on"), said)
        if source and review.source_revised > source.revised:
            said = f"source.yaml knows of no revision on {review.source_revised}; its own is of {source.revised}"
            yield loading.fault(name, ("reviewed", "source_revised"), said)


def _check_glossary(loading: Loading) -> Iterator[Fault]:
    glossary = loading.find("glossary", Glossary)
    if glossary is None:
        return
    words: list[tuple[KeyPath, str]] = []
    for number, term in enumerate(glossary.terms):
        path: KeyPath = ("terms", number)
        words += [((*path, "term"), term.term.lower())]
        words += [((*path, "also", n), also.lower()) for n, also in enumerate(term.also)]
    yield from _repeated(loading, "glossary", words, "word")
    for number, term in enumerate(glossary.terms):
        if bool(term.facts) == (term.origin == "editorial"):
            said = f"{shown(term.term)} wants either the facts it tells, or `origin: editorial` and no facts"
            yield loading.fault("glossary", ("terms", number), said)
        if term.treatment is None and (treating := _said_of(glossary.treating, term.meaning)):
            said = f"the meaning says {shown(treating)}: is this the name of one? Say `treatment: true` or `false`"
            yield loading.fault("glossary", ("terms", number), said)


def _said_of(words: Iterable[str], text: str) -> str | None:
    """The first of some words that a text says."""
    return next((word for word in words if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)), None)


def _check_forces(loading: Loading) -> Iterator[Fault]:
    forces = loading.find("certainty", Forces)
    if forces is None:
        return
    for certainty in CERTAINTIES:
        force = forces.of(certainty)
        for number, word in enumerate(force.forbids):
            if word in force.needs:
                said = f"{shown(word)} cannot be both needed and forbidden; take it out of one list"
                yield loading.fault("certainty", (certainty, "forbids", number), said)
    for pair, opposites in enumerate(forces.opposites):
        for number, word in enumerate(opposites.other):
            if word in opposites.one:
                said = f"{shown(word)} cannot be its own opposite; take it out of one list"
                yield loading.fault("certainty", ("opposites", pair, "other", number), said)


def _check_reading(loading: Loading) -> Iterator[Fault]:
    reading = loading.find("reading", Reading)
    if reading is None:
        return
    words: list[tuple[KeyPath, str]] = [(("everyday", n), word) for n, word in enumerate(reading.everyday)]
    words += _each(reading.explained_in_place, "explained_in_place", "word")
    words += [(("names", n), word) for n, word in enumerate(reading.names)]
    yield from _repeated(loading, "reading", words, "word")


def _check_source(loading: Loading) -> Iterator[Fault]:
    source = loading.find("source", Source)
    if source is None:
        return
    if source.revised > latest_day():
        yield loading.fault("source", ("revised",), f"{source.revised} is still to come; it has been revised")
    yield from _repeated(loading, "source", _each(source.headings, "headings", "id"), "heading")
    pages = _each(source.related, "related", "answer")
    yield from _repeated(loading, "source", pages, "answer")
    yield from loading.unknown_field("source", ("related_field",), source.related_field)
    answers = loading.values(source.related_field)
    for path, answer in pages:
        if answers and answer not in answers:
            said = f"{shown(answer)} is not an answer to {source.related_field}; {nearest(answer, answers)}"
            yield loading.fault("source", path, said)


def _check_contradictions(loading: Loading) -> Iterator[Fault]:
    name = "contradictions"
    found, notices = loading.find(name, Contradictions), loading.find("notices", Notices)
    if found is None:
        return
    known = [f"{home}.{rule.id}" for home, section in loading.each(Section) for rule in section.rules]
    named = [notice.id for notice in notices.notices] if notices else []
    for number, pair in enumerate(found.contradictions):
        for n, statement in enumerate(pair.statements):
            if loading.every_section_is_read() and statement not in known:
                said = f"no statement is named {shown(statement)}; {nearest(statement, known)}"
                yield loading.fault(name, (name, number, "statements", n), said)
        for n, notice in enumerate(pair.unless):
            if notices and notice not in named:
                said = f"no notice is named {shown(notice)}; {nearest(notice, named)}"
                yield loading.fault(name, (name, number, "unless", n), said)


def _check_fingerprints(loading: Loading) -> Iterator[Fault]:
    source = loading.find("source", Source)
    if source is None:
        return
    places = _each(source.headings, "headings", "stands")
    odd = [(path, stands) for path, stands in places if stands != "under-heading"]
    yield from _repeated(loading, "source", odd, "place")
    if source.fingerprints is None:
        return
    path: KeyPath = ("fingerprints", "passages")
    unknown = [name for name in source.fingerprints.passages if name not in source.passages]
    for name in unknown:
        said = f"unknown passage {shown(name)}; {nearest(name, source.passages)}"
        yield loading.fault("source", (*path, name), said)
    meant = {closest(name, source.passages) for name in unknown}
    for name in source.passages:
        if name not in source.fingerprints.passages and name not in meant:
            yield loading.fault("source", path, f"the passage {name} has no fingerprints; take them anew")


def _check_topics(loading: Loading) -> Iterator[Fault]:
    topics = loading.find("topics", TeachingTopics)
    if topics is None:
        return
    listed = _each(topics.topics, "topics", "id")
    yield from _repeated(loading, "topics", listed, "topic")


def scenario_faults(
    file: YamlText, scenario: Scenario, topics: Sequence[str] | None, model: type[ProfileModel] | None
) -> Iterator[Fault]:
    """What is wrong with one scenario by itself. `topics` or `model` is None where they could not be read."""
    for number, topic in enumerate(scenario.topics):
        if topics is not None and topic not in topics:
            yield file.fault(("topics", number), f"no topic is named {shown(topic)}; {nearest(topic, topics)}")
    if model is None:
        return
    try:
        profile = model.read(scenario.profile, file.place, _lines(file, ("profile",), model, scenario.profile))
        yield from _check_steps(file, scenario, profile)
    except ProfileError as error:
        yield from error.faults


def _check_steps(file: YamlText, scenario: Scenario, profile: ProfileModel) -> Iterator[Fault]:
    """Each step changes an answer to one that goes with those that stay. After one that does not, none is checked."""
    for number, step in enumerate(scenario.steps):
        path: KeyPath = ("steps", number, "answers")
        changed = profile.changed(step.answers, file.place, _lines(file, path, type(profile), step.answers))
        if changed == profile:
            yield file.fault(path, "this changes nothing; give an answer that differs from the step before")
        profile = changed


def _lines(file: YamlText, path: KeyPath, model: type[ProfileModel], answers: Iterable[str]) -> Mapping[str, int]:
    """The line of each answer under `path`; of the others, and of them all together, the line where they begin."""
    return {name: file.line((*path, name)) for name in ("profile", *model.questions, *answers)}


def _check_scenarios(loading: Loading) -> Iterator[Fault]:
    questionnaire, topics = loading.find("questionnaire", Questionnaire), loading.find("topics", TeachingTopics)
    model: type[ProfileModel] | None = None
    place = loading.files["questionnaire"].place
    if questionnaire is not None and not any(fault.place == place for fault in loading.faults):
        model = profile_model(tuple(map(profile_field, questionnaire.questions)))
    known = [topic.id for topic in topics.topics] if topics else None
    example: str | None = None
    titles: dict[str, str] = {}
    for name, scenario in loading.each(Scenario):
        if scenario.title in titles:
            said = f"{shown(titles[scenario.title])} has this title already; say what is different about this child"
            yield loading.fault(name, ("title",), said)
        titles.setdefault(scenario.title, scenario.id)
        if scenario.example and example is not None:
            said = f"only one scenario is the example; take `example` out here or in {shown(example)}"
            yield loading.fault(name, ("example",), said)
        if scenario.example:
            example = example or scenario.id
        wanted = name.removeprefix("scenarios/")
        if scenario.id != wanted:
            said = f"the id {shown(scenario.id)} differs from the file's name {shown(wanted)}"
            yield loading.fault(name, ("id",), said)
        yield from scenario_faults(loading.files[name], scenario, known, model)


CHECKS = (
    _check_files,
    _check_questionnaire,
    _check_concepts,
    _check_path,
    _check_sections,
    _check_facts,
    _check_notices,
    _check_standing_notice,
    _check_reviews,
    _check_glossary,
    _check_forces,
    _check_reading,
    _check_source,
    _check_contradictions,
    _check_fingerprints,
    _check_topics,
    _check_scenarios,
)
