"""Makes mutants: copies of the rules with one small mistake each, such as an author's hand might make.

A test suite that lets a mutant live would let that mistake through. Which mutants there are depends on
nothing but the files, and each differs from them.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from explainer.knowledge import TIMINGS
from explainer.logic import UNKNOWN
from explainer.yamltext import Data, KeyPath, YamlText

Files: TypeAlias = Mapping[str, YamlText]

DELETE = None
"""As the new value of an edit: the thing goes."""

FIRMER = {
    "may": "will", "might": "will", "can": "does", "could": "will", "some": "all", "sometimes": "always",
    "seem": "are sure", "seems": "is sure", "option": "must", "options": "a must", "possible": "certain",
    "usual": "certain", "usually": "always", "often": "always", "most": "all", "probably": "surely",
    "typically": "always", "generally": "always",
}  # fmt: skip
"""Each hedge, and the firm word that an author might slip into its place."""

_HEDGE = re.compile(rf"\b({'|'.join(FIRMER)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Edit:
    """Puts `value` in the place of what stands at `path` of a file, or takes that away."""

    name: str
    path: KeyPath
    value: Any


@dataclass(frozen=True)
class Mutant:
    """One mistake: its kind, the thing it is made in (as in `Subject.places`), where, and what was changed."""

    kind: str
    thing: str
    place: str
    line: int
    change: str
    edits: tuple[Edit, ...]

    def changed(self, files: Files) -> dict[str, Data]:
        """What the files with the mistake in them now hold."""
        data: dict[str, Data] = {}
        for edit in self.edits:
            data[edit.name] = _edited(data.get(edit.name, files[edit.name].data), edit.path, edit.value)
        return data

    def files(self, files: Files) -> dict[str, str]:
        """The text of all files, with the mistake. JSON is YAML too, and our reader keeps its scalars text."""
        data = {**{name: file.data for name, file in files.items()}, **self.changed(files)}
        return {name: json.dumps(content, ensure_ascii=False, indent=1) for name, content in data.items()}


NOTHING = Mutant("nothing", "", "", 0, "nothing was changed", ())
"""What the test suite has to pass: the rules as they are, but written as mutants are."""


def _edited(data: Data, path: KeyPath, value: Any) -> Data:
    """A copy of the data with what stands at `path` exchanged, or gone."""
    made: Any = copy.deepcopy(data)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    if value is DELETE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return cast("Data", made)


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """About `size` of them, each kind by its share and with one at least. The same seed gives the same ones."""
    draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
    kinds: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        kinds.setdefault(mutant.kind, []).append(mutant)
    return [
        mutant
        for alike in kinds.values()
        for mutant in draw.sample(alike, max(1, min(len(alike), round(size * len(alike) / len(mutants)))))
    ]


def mutants(files: Files) -> list[Mutant]:
    """Every mutant of a rules folder, each once and in a fixed order."""
    makers = (_of_conditions, _of_entries, _of_facts, _of_certainty, _of_timing, _of_defaults)
    found: dict[str, Mutant] = {}
    for mutant in (mutant for maker in makers for mutant in maker(files)):
        found.setdefault(json.dumps(mutant.changed(files)), mutant)
    return list(found.values())


# --- where things stand ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Site:
    """A thing in a file: its name in `Subject.places`, and where it is."""

    file: YamlText
    name: str
    thing: str
    path: KeyPath
    data: Any

    def mutant(self, kind: str, change: str, *edits: tuple[KeyPath, Any], more: tuple[Edit, ...] = ()) -> Mutant:
        made = tuple(Edit(self.name, (*self.path, *path), value) for path, value in edits)
        return Mutant(kind, self.thing, self.file.place, self.file.line(made[0].path), change, (*made, *more))


def _entries(files: Files, name: str, key: str, kind: str, naming: str | None) -> Iterator[_Site]:
    data: Any = files[name].data
    for number, entry in enumerate(data[key]):
        yield _Site(files[name], name, f"{kind} {entry[naming] if naming else number + 1}", (key, number), entry)


def _questions(files: Files) -> list[_Site]:
    return list(_entries(files, "questionnaire", "questions", "question", "field"))


def _sections(files: Files) -> list[_Site]:
    path: Any = files["path"].data
    return [_Site(files[name], name, f"section {name}", (), files[name].data) for name in path["sections"]]


def _rules(section: _Site) -> list[_Site]:
    return [
        replace(section, thing=f"{section.name}.{rule['id']}", path=("topics", t, "rules", r), data=rule)
        for t, topic in enumerate(section.data["topics"])
        for r, rule in enumerate(topic["rules"])
    ]


def _team(question: _Site) -> Iterator[_Site]:
    for number, entry in enumerate(question.data.get("team", ())):
        yield replace(question, path=(*question.path, "team", number), data=entry)


def _in(site: _Site, key: str | int) -> _Site:
    return replace(site, path=(*site.path, key), data=site.data[key])


# --- conditions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """What a condition may name: fields with their values, and concepts."""

    fields: Mapping[str, tuple[str, ...]]
    concepts: tuple[str, ...]


def _of_conditions(files: Files) -> Iterator[Mutant]:
    options = {q.data["field"]: tuple(option["value"] for option in q.data["options"]) for q in _questions(files)}
    names = tuple(concept.data["id"] for concept in _entries(files, "concepts", "concepts", "concept", "id"))
    rules_may = _Words(options, names)
    others_may = _Words({field: (*values, UNKNOWN) for field, values in options.items()}, ())
    for thing, key, words in [
        *((one, "when", rules_may) for one in _entries(files, "concepts", "concepts", "concept", "id")),
        *((rule, "when", rules_may) for section in _sections(files) for rule in _rules(section)),
        *((rule, "goes_on_when", others_may) for section in _sections(files) for rule in _rules(section)),
        *((section, key, others_may) for section in _sections(files) for key in ("shown_when", "leads_when")),
        *((one, "when", others_may) for one in _entries(files, "notices", "notices", "notice", "id")),
        *((one, "when", others_may) for one in _entries(files, "path", "places", "place", None)),
        *((one, key, others_may) for one in _questions(files) for key in ("asked_when", "allowed_when")),
        *((team, "when", others_may) for one in _questions(files) for team in _team(one)),
    ]:
        if key not in thing.data:
            continue
        if not thing.thing.startswith("concept "):  # a concept has to have one
            yield thing.mutant("drop a condition", f"`{key}` is dropped", ((key,), DELETE))
        when = _in(thing, key)
        if UNKNOWN not in _values(when.data):  # `not` may not name it
            yield when.mutant("negate a condition", f"`{key}` is turned into its opposite", ((), {"not": when.data}))
        yield from _of_condition(when, words)


def _values(data: Any) -> set[str]:
    if isinstance(data, str):
        return {data}
    return {value for part in (data.values() if isinstance(data, dict) else data) for value in _values(part)}


def _of_condition(when: _Site, words: _Words) -> Iterator[Mutant]:
    if len(when.data) > 1:
        for key in when.data:
            yield when.mutant("drop a part", f"`{key}` is dropped from a condition", ((key,), DELETE))
        loose = {"any": [{key: value} for key, value in when.data.items()]}
        yield when.mutant("swap all and any", f"one of {' and '.join(when.data)} is enough", ((), loose))
    for key in when.data:
        inner = _in(when, key)
        if key in ("all", "any"):
            yield from _of_parts(when, key, words)
        elif key == "not":
            yield when.mutant("drop a part", "`not` is dropped", ((), {**_without(when.data, key), **inner.data}))
            yield from _of_condition(inner, words)
        elif key == "concept":
            for other in words.concepts:
                if other != inner.data:
                    yield inner.mutant("swap a concept", f"{inner.data} becomes {other}", ((), other))
        else:
            yield from _of_answer(inner, key, words.fields[key])


def _without(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def _of_parts(when: _Site, key: str, words: _Words) -> Iterator[Mutant]:
    parts = _in(when, key)
    for number, part in enumerate(parts.data):
        if len(parts.data) > 1:
            change = f"the part {json.dumps(part)} of `{key}` is dropped"
            yield parts.mutant("drop a part", change, ((number,), DELETE))
        yield from _of_condition(_in(parts, number), words)
    if len(parts.data) > 1:
        other = "any" if key == "all" else "all"
        turned = {**_without(when.data, key), other: parts.data}
        yield when.mutant("swap all and any", f"`{key}` becomes `{other}`", ((), turned))


def _of_answer(answer: _Site, field: str, values: tuple[str, ...]) -> Iterator[Mutant]:
    listed = answer.data if isinstance(answer.data, list) else [answer.data]
    others = [value for value in values if value not in listed]
    for number, value in enumerate(listed):
        if len(listed) > 1:
            yield answer.mutant("drop a value", f"{field}: {value} is dropped", ((number,), DELETE))
        if others:
            other = next((word for word in others if values.index(word) > values.index(value)), others[0])
            flipped = [other if word == value else word for word in listed]
            change = f"{field}: {value} becomes {other}"
            yield answer.mutant("flip an option", change, ((), flipped if len(listed) > 1 else other))
    if others:
        yield answer.mutant("add a value", f"{field}: {others[0]} is added", ((), [*listed, others[0]]))


# --- whole entries, facts, certainty, timing -----------------------------------------------------


def _of_entries(files: Files) -> Iterator[Mutant]:
    for rule in (rule for section in _sections(files) for rule in _rules(section)):
        yield rule.mutant("delete a rule", "the rule is deleted", ((), DELETE))
    for notice in _entries(files, "notices", "notices", "notice", "id"):
        yield notice.mutant("delete a notice", "the notice is deleted", ((), DELETE))
    for place in _entries(files, "path", "places", "place", None):
        yield place.mutant("delete a place", "the place is deleted", ((), DELETE))
    for question in _questions(files):
        for team in _team(question):
            yield team.mutant("delete a question", "the question for the care team is deleted", ((), DELETE))


def _of_facts(files: Files) -> Iterator[Mutant]:
    """Facts change places with those of another rule: one as firm in the same section, and any in the next."""
    sections = [_rules(section) for section in _sections(files)]
    for number, rules in enumerate(sections):
        for place, rule in enumerate(rules):
            after = rules[place + 1 :] + rules[:place]
            near = [other for other in after if other.data["certainty"] == rule.data["certainty"]]
            far = sections[(number + 1) % len(sections)]
            for kind, others in {"swap facts as firm": near, "swap any facts": far}.items():
                other = next((other for other in others if other.data["facts"] != rule.data["facts"]), None)
                if other is not None:
                    back = Edit(other.name, (*other.path, "facts"), rule.data["facts"])
                    change = f"it changes facts with {other.thing}"
                    yield rule.mutant(kind, change, (("facts",), other.data["facts"]), more=(back,))
            if len(rule.data["facts"]) > 1:
                for n, fact in enumerate(rule.data["facts"]):
                    yield rule.mutant("drop a fact", f"the fact {fact} is dropped", (("facts", n), DELETE))


def _of_certainty(files: Files) -> Iterator[Mutant]:
    """A hedge is lost: from the rule alone, from the rule and the facts it tells, or from its words."""
    listed = {site.data["id"]: site for site in _entries(files, "facts", "facts", "fact", "id")}
    firmer = {"possible": "usual", "usual": "stated"}
    for rule in (rule for section in _sections(files) for rule in _rules(section)):
        certainty = rule.data["certainty"]
        if certainty not in firmer:
            continue
        edit = (("certainty",), firmer[certainty])
        change = f"{certainty} becomes {firmer[certainty]}"
        yield rule.mutant("harden a certainty", change, edit)
        softest = [listed[fact] for fact in rule.data["facts"] if listed[fact].data["certainty"] == certainty]
        facts = tuple(Edit(fact.name, (*fact.path, "certainty"), firmer[certainty]) for fact in softest)
        yield rule.mutant("harden a fact", f"{change}, in the rule and in its facts", edit, more=facts)
        hard = _HEDGE.sub(lambda found: FIRMER[found.group().lower()], rule.data["say"])
        if hard != rule.data["say"]:
            yield rule.mutant("harden the words", "its words lose every hedge", (("say",), hard))


def _of_timing(files: Files) -> Iterator[Mutant]:
    for section in _sections(files):
        for stage, timing in section.data["timing"].items():
            other = TIMINGS[(TIMINGS.index(timing) + 1) % len(TIMINGS)]
            change = f"at {stage}, {timing} becomes {other}"
            yield section.mutant("move a section", change, (("timing", stage), other))


def _of_defaults(files: Files) -> Iterator[Mutant]:
    for question in _questions(files):
        if "default" in question.data:
            values = [option["value"] for option in question.data["options"]]
            other = next(value for value in values if value != question.data["default"])
            yield question.mutant("flip a default", f"the default becomes {other}", (("default",), other))
    for place in _entries(files, "path", "places", "place", None):
        drawn = place.data.get("map", "true")
        change = "the path is no longer drawn" if drawn == "true" else "the path is drawn all the same"
        yield place.mutant("flip a default", change, (("map",), "false" if drawn == "true" else "true"))
