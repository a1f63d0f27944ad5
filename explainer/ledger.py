"""The ledger: what each profile there can be is told, worked out by the real engine and composed for real.

Taken on all cores, a part of the space at a time. What is kept is one table for each thing that is decided (a
statement, a section, a place and so on): its outcome for all answers to the few questions that its rule looks at.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from explainer import oracle, space
from explainer.engine import Decision
from explainer.errors import InputError
from explainer.explanation import Explanation
from explainer.findings import Progress, Subject
from explainer.knowledge import Knowledge
from explainer.logic import UNKNOWN
from explainer.oracle import Oracle, Raw
from explainer.processes import cores, end_with_parent, without_interrupts
from explainer.profile import ProfileModel

Key = tuple[str, ...]
"""Answers to the fields of a table, in their order."""

NO = "no"
"""The outcome of what is not shown, or does not hold."""

FEW = 2_000
"""With fewer profiles than this, starting processes takes longer than the work."""

_LEAST_SHARDS = 100
_MOST_EXAMPLES = 3


@dataclass
class Table:
    """One thing that is decided: its outcome by the answers to `fields`, with the number of profiles of each."""

    fields: tuple[str, ...]
    rows: Counter[tuple[Key, str]] = field(default_factory=Counter)

    def count(self, outcome: str) -> int:
        """How many profiles have this outcome."""
        return sum(number for (_, found), number in self.rows.items() if found == outcome)

    @property
    def told(self) -> int:
        """How many profiles have any outcome but NO."""
        return self.rows.total() - self.count(NO)

    def outcomes(self) -> dict[Key, str]:
        return dict(self.rows.keys())


@dataclass
class Faults:
    """What went wrong, by what it was: how often, and the first few profiles."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)

    def add(self, kind: str, thing: str, answers: Mapping[str, str]) -> None:
        self.counts[kind, thing] += 1
        examples = self.examples.setdefault((kind, thing), [])
        if len(examples) < _MOST_EXAMPLES:
            examples.append(dict(answers))

    def merge(self, other: Faults) -> None:
        self.counts += other.counts
        for fault, examples in other.examples.items():
            self.examples[fault] = [*self.examples.get(fault, []), *examples][:_MOST_EXAMPLES]


@dataclass
class Ledger:
    """What all profiles are told. `tables` go by the name of the thing, as places do in Subject."""

    tables: dict[str, Table]
    profiles: int = 0
    told: set[bytes] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)  # ids and texts of the questions for the care team
    faults: Faults = field(default_factory=Faults)

    @property
    def explanations(self) -> int:
        """How many different explanations there are."""
        return len(self.told)

    def merge(self, other: Ledger) -> None:
        self.profiles += other.profiles
        self.told |= other.told
        self.asked |= other.asked
        self.faults.merge(other.faults)
        for name, table in other.tables.items():
            self.tables[name].rows += table.rows


def empty(by_hand: Oracle) -> Ledger:
    """A ledger without profiles. The fields of a table are all that its conditions name, in the oracle's reading."""

    def table(*whens: Raw) -> Table:
        named = set().union(*map(by_hand.fields_of, whens))
        return Table(tuple(field for field in by_hand.fields if field in named))

    stage: Raw = {by_hand.stage_field: ""}
    tables = {f"question {name}": table(when) for name, when in by_hand.questions.items()}
    tables |= {f"concept {name}": table(when) for name, when in by_hand.concepts.items()}
    tables |= {f"notice {name}": table(when) for name, when in by_hand.notices.items()}
    tables |= {f"place {number + 1}": table(*by_hand.places[: number + 1]) for number in range(len(by_hand.places))}
    for section, shown_when in by_hand.sections.items():
        tables[f"section {section}"] = table(stage, shown_when, by_hand.leads.get(section, {}))
        for name, when in by_hand.statements[section].items():
            tables[name] = table(shown_when, when)
            if name in by_hand.goes_on:
                tables[f"goes-on {name}"] = table(stage, shown_when, when, by_hand.goes_on[name])
    return Ledger(tables)


def take(subject: Subject, progress: Progress) -> Ledger:
    """The ledger of every profile there is."""
    by_hand = oracle.read(subject.folder)
    if space.count(subject.knowledge.profile) < FEW:
        return take_part(subject, by_hand, space.profiles(subject.knowledge.profile))
    starts = space.shards(subject.knowledge.profile, _LEAST_SHARDS)
    found = empty(by_hand)
    context = multiprocessing.get_context("spawn")  # a fork would take along whatever threads there are
    with ProcessPoolExecutor(cores(), context, _begin, (subject.folder, by_hand)) as pool:
        try:
            with without_interrupts():  # each of these starts a worker, as long as there are too few
                parts = [pool.submit(_part, start) for start in starts]
            for number, part in enumerate(as_completed(parts), start=1):
                found.merge(part.result())
                progress(number / len(starts))
        except BrokenProcessPool:
            said = "a worker was stopped from outside, or these files have changed meanwhile; run this once more"
            raise InputError.at(subject.folder.resolve().name, said) from None
        except BaseException:
            pool.shutdown(cancel_futures=True)  # and wait: what still ran at the exit might write to a closed pipe
            raise
    return found


def take_part(subject: Subject, by_hand: Oracle, profiles: Iterable[dict[str, str]]) -> Ledger:
    """The ledger of some profiles, in this process. `by_hand` tells which answers each thing can hang on."""
    found = empty(by_hand)
    by_fields: dict[tuple[str, ...], list[tuple[str, Counter[tuple[Key, str]]]]] = {}
    for name, table in found.tables.items():
        by_fields.setdefault(table.fields, []).append((name, table.rows))
    for answers in profiles:
        found.profiles += 1
        try:
            outcomes = _told(subject, answers, found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the profile that brings it about is what we are after
            found.faults.add("raises", f"{type(error).__name__}: {error}"[:200], answers)
            continue
        for fields, tables in by_fields.items():
            key = tuple([answers[name] for name in fields])
            for name, rows in tables:
                rows[key, outcomes.get(name, NO)] += 1
    return found


_subject: Subject
_oracle: Oracle


def _begin(folder: Path, by_hand: Oracle) -> None:
    global _subject, _oracle  # what a worker process has once, for all its parts
    end_with_parent()
    _subject, _oracle = Subject.read(folder), by_hand


def _part(start: dict[str, str]) -> Ledger:
    return take_part(_subject, _oracle, space.profiles(_subject.knowledge.profile, start))


def _told(subject: Subject, answers: Mapping[str, str], found: Ledger) -> dict[str, str]:
    """What is decided about each thing that is not simply absent. What else there is to find joins `found`."""
    profile = subject.knowledge.profile.read(answers)
    decision = subject.composer.engine.decide(profile)
    explanation = subject.composer.compose(profile, decision)
    text = explanation.model_dump_json(exclude={"profile"})
    found.told.add(hashlib.sha256(text.encode()).digest()[:16])
    found.asked.update([(question.id, question.text) for question in explanation.questions])
    position = subject.composer.parts.position
    outcomes: dict[str, str] = {
        **{f"question {name}": "asked" for name in profile.asked},
        **{f"concept {name}": state for name, state in decision.concepts.items() if state != "false"},
        **{f"notice {name}": "shown" for name in decision.notices},
        **{f"section {s.id}": position(s, answers) for s in subject.knowledge.sections if s.id in decision.sections},
        **decision.statements,
    }
    number = subject.knowledge.path.number(explanation.place.text) if explanation.place else None
    if number:
        outcomes[f"place {number}"] = "shown"
    for section in explanation.sections:
        outcomes |= {f"goes-on {statement.id}": "shown" for statement in section.statements if statement.goes_on}
    for kind, thing in _faults(subject.knowledge, profile, decision, explanation, number):
        found.faults.add(kind, thing, answers)
    return outcomes


def _faults(
    knowledge: Knowledge, profile: ProfileModel, decision: Decision, explanation: Explanation, place: int | None
) -> Iterator[tuple[str, str]]:
    """What a child must not be told, or not be left without."""
    for thing in _contradictions(knowledge, decision):
        yield "contradicts", thing
    stage = knowledge.path.stage_field
    if stage in profile.asked and not explanation.place:
        yield "no place", "place 1"
    stops = explanation.place.stops if explanation.place else ()
    if stops and profile.answers[stage] != UNKNOWN and not any(stop.here for stop in stops):
        yield "no stop", f"place {place}"


def _contradictions(knowledge: Knowledge, decision: Decision) -> Iterator[str]:
    for pair in knowledge.contradictions:
        told = [name for name in pair.statements if decision.statements.get(name) == "definite"]
        if len(told) > 1 and not set(pair.unless) & set(decision.notices):
            yield " and ".join(told)
