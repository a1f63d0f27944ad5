"""What the rules mean, worked out a second time: plainly, from the raw YAML, apart from loader, logic and engine.

`explainer check` holds the engine to it on every profile there is, and tests do on random conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from explainer.errors import InputError

Raw: TypeAlias = dict[str, Any]

UNKNOWN = "unknown"

FALSE, OPEN, TRUE = range(3)
"""Kleene's three values in order: `all` is the least of its parts, `any` the greatest, `not` turns the scale."""


@dataclass(frozen=True)
class Oracle:
    """Raw conditions by name, and how they decide."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    concepts: Raw = field(default_factory=dict)
    sections: Raw = field(default_factory=dict)
    notices: Raw = field(default_factory=dict)
    statements: Mapping[str, Raw] = field(default_factory=dict)  # by section
    questions: Raw = field(default_factory=dict)  # when each is asked
    stage_field: str = ""
    places: Sequence[Raw] = ()
    timing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by section
    leads: Raw = field(default_factory=dict)  # of the sections that may lead
    goes_on: Raw = field(default_factory=dict)  # of the statements that may go on

    def value(self, when: Raw, answers: Mapping[str, str]) -> int:
        return min((self._value(key, raw, answers) for key, raw in when.items()), default=TRUE)

    def _value(self, key: str, raw: Any, answers: Mapping[str, str]) -> int:
        if key == "all":
            return min(self.value(part, answers) for part in raw)
        if key == "any":
            value = max(self.value(part, answers) for part in raw)
            return TRUE if value == OPEN and self._every_way({key: raw}) else value
        if key == "not":
            value = TRUE - self.value(raw, answers)
            return TRUE if value == OPEN and self._every_way({key: raw}) else value
        if key == "concept":
            return self.value(self.concepts[raw], answers)
        return self._answered(key, raw, answers[key])

    def _answered(self, field: str, raw: Any, answer: str) -> int:
        if answer in _listed(raw):
            return TRUE
        if answer != UNKNOWN:
            return FALSE
        return TRUE if self._every_way({field: raw}) else OPEN

    def _every_way(self, when: Raw) -> bool:
        """Whether one field is given with all its options, which is true even when the answer is unknown."""
        given = set(self._any_of(when))
        named = {name for name, _ in given}
        return any(all((name, word) in given for word in self.fields[name]) for name in named)

    def _any_of(self, when: Raw) -> Iterator[tuple[str, str]]:
        """The answers of which each by itself makes a condition true, as far as it is an `any` of them."""
        if len(when) == 1:
            ((key, raw),) = when.items()
            if key == "any":
                for part in raw:
                    yield from self._any_of(part)
            elif key == "not":
                yield from self._none_of(raw)
            elif key in self.fields:
                yield from ((key, word) for word in _listed(raw))

    def _none_of(self, when: Raw) -> Iterator[tuple[str, str]]:
        """The same for the opposite of a condition; of several things at once, the opposite is an `any`."""
        for key, raw in when.items():
            if key == "all":
                for part in raw:
                    yield from self._none_of(part)
            elif key == "any" and len(raw) == 1:
                yield from self._none_of(raw[0])
            elif key == "not":
                yield from self._any_of(raw)
            elif key in self.fields:
                yield from ((key, word) for word in self.fields[key] if word not in _listed(raw))

    def outcome(self, name: str, answers: Mapping[str, str]) -> str:
        """What comes of one thing, as a ledger has it: a statement, or a `concept …`, `section …` and so on."""
        kind, _, rest = name.rpartition(" ")
        if kind == "concept":
            return ("no", "open", "true")[self.value(self.concepts[rest], answers)]
        if kind == "section":
            return self._position(rest, answers)
        if kind == "question":
            return "asked" if self._holds(self.questions[rest], answers) else "no"
        if kind:
            return "shown" if self._shown(kind, rest, answers) else "no"
        section = self._home(name)
        if not self._holds(self.sections[section], answers):
            return "no"
        return ("no", "conditional", "definite")[self.value(self.statements[section][name], answers)]

    def _holds(self, when: Raw, answers: Mapping[str, str]) -> bool:
        return self.value(when, answers) == TRUE

    def _home(self, statement: str) -> str:
        return next(section for section, rules in self.statements.items() if statement in rules)

    def _position(self, section: str, answers: Mapping[str, str]) -> str:
        if not self._holds(self.sections[section], answers):
            return "no"
        if section in self.leads and self._holds(self.leads[section], answers):
            return "leads"
        return self.timing[section][answers[self.stage_field]]

    def _shown(self, kind: str, name: str, answers: Mapping[str, str]) -> bool:
        if kind == "notice":
            return self._holds(self.notices[name], answers)
        if kind == "place":
            return next((n for n, when in enumerate(self.places, 1) if self._holds(when, answers)), 0) == int(name)
        behind = self.timing[self._home(name)][answers[self.stage_field]] == "earlier"
        return behind and self.outcome(name, answers) != "no" and self._holds(self.goes_on[name], answers)

    def fields_of(self, when: Raw) -> set[str]:
        """Every field that a condition names, also through concepts."""
        found: set[str] = set()
        for key, raw in when.items():
            if key in ("all", "any"):
                found |= set().union(*map(self.fields_of, raw))
            elif key == "not":
                found |= self.fields_of(raw)
            elif key == "concept":
                found |= self.fields_of(self.concepts[raw])
            else:
                found.add(key)
        return found


def read(folder: Path) -> Oracle:
    """The oracle of a rules folder that loads. Raises InputError when it does not do so any more."""

    def load(name: str) -> Any:
        return yaml.load((folder / f"{name}.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506 - text only

    try:
        return _read(load)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        raise InputError.at(folder.resolve().name, "these files have just changed; run this once more") from None


def _read(load: Callable[[str], Any]) -> Oracle:
    path, questions = load("path"), load("questionnaire")["questions"]
    sections = {name: load(name) for name in path["sections"]}
    rules = {
        f"{name}.{rule['id']}": rule
        for name, section in sections.items()
        for topic in section["topics"]
        for rule in topic["rules"]
    }
    return Oracle(
        fields={question["field"]: tuple(option["value"] for option in question["options"]) for question in questions},
        questions={question["field"]: question.get("asked_when", {}) for question in questions},
        concepts={concept["id"]: concept["when"] for concept in load("concepts")["concepts"]},
        sections={name: section.get("shown_when", {}) for name, section in sections.items()},
        notices={notice["id"]: notice.get("when", {}) for notice in load("notices")["notices"]},
        statements={
            section: {name: rule.get("when", {}) for name, rule in rules.items() if name.startswith(f"{section}.")}
            for section in sections
        },
        stage_field=path["stage_field"],
        places=[place.get("when", {}) for place in path["places"]],
        timing={name: section["timing"] for name, section in sections.items()},
        leads={name: section["leads_when"] for name, section in sections.items() if "leads_when" in section},
        goes_on={name: rule["goes_on_when"] for name, rule in rules.items() if "goes_on_when" in rule},
    )


def _listed(raw: Any) -> list[str]:
    return raw if isinstance(raw, list) else [raw]
