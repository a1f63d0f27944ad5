"""The ledger: what each profile there can be is told, worked out by the real engine and composed for real.

Taken on all cores, a part of the space at a time. What is kept is one table for each thing that is decided (a
statement, a concept, a notice or a section): its outcome for all answers to the few questions that its rule looks at.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from explainer import oracle, space
from explainer.engine import Decision
from explainer.knowledge import Knowledge
from explainer.oracle import Oracle, Raw
from explainer.processes import cores
from explainer.proof import Progress, Subject

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
    faults: Faults = field(default_factory=Faults)

    @property
    def explanations(self) -> int:
        """How many different explanations there are."""
        return len(self.told)

    def merge(self, other: Ledger) -> None:
        self.profiles += other.profiles
        self.told |= other.told
        self.faults.merge(other.faults)
        for name, table in other.tables.items():
            self.tables[name].rows += table.rows


def empty(by_hand: Oracle) -> Ledger:
    """A ledger without profiles. The fields of a table are all that its conditions name, in the oracle's reading."""

    def table(*whens: Raw) -> Table:
        named = set().union(*map(by_hand.fields_of, whens))
        return Table(tuple(field for field in by_hand.fields if field in named))

    return Ledger(
        {
            **{f"concept {name}": table(when) for name, when in by_hand.concepts.items()},
            **{f"notice {name}": table(when) for name, when in by_hand.notices.items()},
            **{
                name: made
                for section, shown_when in by_hand.sections.items()
                for name, made in [
                    (f"section {section}", table(shown_when)),
                    *((name, table(shown_when, when)) for name, when in by_hand.statements[section].items()),
                ]
            },
        }
    )


def take(subject: Subject, progress: Progress) -> Ledger:
    """The ledger of every profile there is."""
    if space.count(subject.knowledge.profile) < FEW:
        return take_part(subject, oracle.read(subject.folder), space.profiles(subject.knowledge.profile))
    starts = space.shards(subject.knowledge.profile, _LEAST_SHARDS)
    found = empty(oracle.read(subject.folder))
    context = multiprocessing.get_context("spawn")  # a fork would take along whatever threads there are
    with ProcessPoolExecutor(cores(), context, _begin, (subject.folder,)) as pool:
        try:
            parts = [pool.submit(_part, start) for start in starts]
            for number, part in enumerate(as_completed(parts), start=1):
                found.merge(part.result())
                progress(number / len(starts))
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
            decision = _told(subject, answers, found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the profile that brings it about is what we are after
            found.faults.add("raises", f"{type(error).__name__}: {error}"[:200], answers)
            continue
        outcomes = _outcomes(decision)
        for thing in _contradictions(subject.knowledge, decision):
            found.faults.add("contradicts", thing, answers)
        for fields, tables in by_fields.items():
            key = tuple([answers[name] for name in fields])
            for name, rows in tables:
                rows[key, outcomes.get(name, NO)] += 1
    return found


_subject: Subject
_oracle: Oracle


def _begin(folder: Path) -> None:
    global _subject, _oracle  # what a worker process reads once, for all its parts
    _subject, _oracle = Subject.read(folder), oracle.read(folder)


def _part(start: dict[str, str]) -> Ledger:
    return take_part(_subject, _oracle, space.profiles(_subject.knowledge.profile, start))


def _told(subject: Subject, answers: Mapping[str, str], found: Ledger) -> Decision:
    profile = subject.knowledge.profile.read(answers)
    decision = subject.composer.engine.decide(profile)
    explanation = subject.composer.compose(profile, decision)
    text = explanation.model_dump_json(exclude={"profile"})
    found.told.add(hashlib.sha256(text.encode()).digest()[:16])
    return decision


def _outcomes(decision: Decision) -> dict[str, str]:
    """What is decided about each thing that is not simply absent."""
    return {
        **{f"concept {name}": state for name, state in decision.concepts.items() if state != "false"},
        **{f"section {name}": "shown" for name in decision.sections},
        **{f"notice {name}": "shown" for name in decision.notices},
        **decision.statements,
    }


def _contradictions(knowledge: Knowledge, decision: Decision) -> Iterator[str]:
    for pair in knowledge.contradictions:
        told = [name for name in pair.statements if decision.statements.get(name) == "definite"]
        if len(told) > 1 and not set(pair.unless) & set(decision.notices):
            yield " and ".join(told)
