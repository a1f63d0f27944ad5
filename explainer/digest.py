"""The digest of a ledger: a file beside the rules that says what every profile is told, for people to compare.

One block for each thing that is decided. Each line of it gives an outcome, the number of profiles that have it and
their answers; a field that is not named may have any answer that goes with the others.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from explainer.errors import KnowledgeError
from explainer.knowledge import Knowledge
from explainer.ledger import NO, Key, Ledger, Table

FILE = "ledger.txt"
_HEAD = "# What every profile is told. Made by `explainer check --only ledger --accept`; not to be edited by hand.\n"

Pattern = Mapping[str, tuple[str, ...]]
"""Answers by field; a field that is left out may have any."""


@dataclass(frozen=True)
class Row:
    """The profiles that share an outcome and fit one pattern."""

    outcome: str
    count: int
    pattern: Pattern

    def fits(self, answers: Mapping[str, str]) -> bool:
        return all(answers[name] in words for name, words in self.pattern.items())


@dataclass(frozen=True)
class Block:
    """One thing that is decided: a fingerprint of its words, and who is told what."""

    words: str
    rows: tuple[Row, ...]

    def count(self, outcome: str) -> int:
        return sum(row.count for row in self.rows if row.outcome == outcome)

    def outcome(self, answers: Mapping[str, str]) -> str:
        return next((row.outcome for row in self.rows if row.fits(answers)), NO)


@dataclass(frozen=True)
class Digest:
    profiles: int
    explanations: int
    blocks: Mapping[str, Block]

    @property
    def text(self) -> str:
        """The file."""
        lines = [f"profiles {self.profiles}", f"explanations {self.explanations}"]
        for name, block in self.blocks.items():
            lines += ["", f"{name} | {block.words}"]
            for row in block.rows:
                fields = "; ".join(f"{field}: {', '.join(words)}" for field, words in row.pattern.items())
                lines.append(f"  {row.outcome} {row.count}" + (f" | {fields}" if fields else ""))
        return _HEAD + "\n".join(lines) + "\n"


def of(ledger: Ledger, knowledge: Knowledge) -> Digest:
    blocks = {
        name: Block(_words(name, knowledge), tuple(_rows(table, knowledge))) for name, table in ledger.tables.items()
    }
    return Digest(ledger.profiles, ledger.explanations, blocks)


def read(folder: Path) -> Digest | None:
    """The digest that is kept in a rules folder; None when there is none.

    Raises KnowledgeError when the file is not one.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    place = f"{folder.resolve().name}/{FILE}"
    number = 0
    counts: dict[str, int] = {}
    blocks: dict[str, Block] = {}
    name = words = ""
    try:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):  # noqa: B007 - told below
            head, _, rest = line.partition(" | ")
            if line.startswith("  "):
                outcome, count = head.split()
                pattern = dict(_pattern(field) for field in rest.split("; ") if field)
                blocks[name] = Block(words, (*blocks[name].rows, Row(outcome, int(count), pattern)))
            elif rest:
                name, words = head, rest
                blocks[name] = Block(words, ())
            elif line and not line.startswith("#"):
                what, count = line.split()
                counts[what] = int(count)
        return Digest(counts["profiles"], counts["explanations"], blocks)
    except (ValueError, KeyError):
        said = "this is not a digest of a ledger; delete the file, and make it anew with `explainer check --accept`"
        raise KnowledgeError.at(place, said, number) from None


def readable(folder: Path) -> Digest | None:
    """The digest, where there is one that can be read. What is wrong with another, the check named ledger says."""
    try:
        return read(folder)
    except KnowledgeError:
        return None


def seen(folder: Path) -> dict[str, int]:
    """How many profiles see each statement, if only as a possibility; nothing while nobody has counted."""
    kept = readable(folder)
    return {name: sum(row.count for row in block.rows) for name, block in kept.blocks.items()} if kept else {}


def _pattern(text: str) -> tuple[str, tuple[str, ...]]:
    field, _, words = text.partition(": ")
    if not words:
        raise ValueError(text)
    return field, tuple(words.split(", "))


# --- differences -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What changed for one thing: its words, or what these profiles are told of it."""

    thing: str
    before: str
    after: str
    count: int
    pattern: Pattern


def differences(before: Digest, after: Digest, profiles: Iterable[Mapping[str, str]]) -> list[Change]:
    """What changed between two digests, by the profiles that there are now.

    A thing that is new was told to nobody before; one that is gone is told to nobody now.
    """
    changed = {
        name: (before.blocks.get(name, _NOBODY), after.blocks.get(name, _NOBODY))
        for name in [*after.blocks, *(name for name in before.blocks if name not in after.blocks)]
        if before.blocks.get(name) != after.blocks.get(name)
    }
    fields = {
        name: tuple(dict.fromkeys(field for block in pair for row in block.rows for field in row.pattern))
        for name, pair in changed.items()
    }
    seen: dict[str, Counter[Key]] = {name: Counter() for name in changed}
    for answers in profiles if changed else ():
        for name, looked_at in fields.items():
            seen[name][tuple([answers.get(field, "") for field in looked_at])] += 1
    return [
        change for name, (old, new) in changed.items() for change in _changes(name, old, new, fields[name], seen[name])
    ]


_NOBODY = Block("", ())


def _changes(name: str, old: Block, new: Block, fields: tuple[str, ...], seen: Counter[Key]) -> Iterator[Change]:
    table: dict[str, Table] = defaultdict(lambda: Table(fields))
    for key, count in seen.items():
        answers = dict(zip(fields, key, strict=True))
        outcomes = old.outcome(answers), new.outcome(answers)
        if outcomes[0] != outcomes[1]:
            table[" ".join(outcomes)].rows[key, "changed"] += count
    if old.words != new.words and old.rows and new.rows:
        yield Change(name, "its words", "other words", sum(row.count for row in new.rows), {})
    for outcome, rows in table.items():
        before, after = outcome.split()
        for row in _merged(rows, dict(_domains(seen, fields))):
            yield Change(name, before, after, row.count, row.pattern)


# --- patterns --------------------------------------------------------------------------------


def _rows(table: Table, knowledge: Knowledge) -> Iterator[Row]:
    order = {name: question.accepted for name, question in knowledge.profile.questions.items()}
    yield from _merged(table, {name: order[name] for name in table.fields})


def _domains(seen: Iterable[Key], fields: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, name in enumerate(fields):
        yield name, tuple(sorted({key[number] for key in seen}))


def _merged(table: Table, order: Mapping[str, tuple[str, ...]]) -> list[Row]:
    """The rows of a table but those of NO, joined where all but one field are the same, until nothing joins."""
    found: dict[tuple[str, tuple[frozenset[str], ...]], int] = {
        (outcome, tuple(frozenset([word]) for word in key)): count
        for (key, outcome), count in table.rows.items()
        if outcome != NO
    }
    before = len(found) + 1
    while len(found) < before:
        before = len(found)
        for number in reversed(range(len(table.fields))):
            joined: dict[tuple[str, tuple[frozenset[str], ...]], tuple[frozenset[str], int]] = {}
            for (outcome, sets), count in found.items():
                rest = (outcome, (*sets[:number], frozenset[str](), *sets[number + 1 :]))
                words, sum_so_far = joined.get(rest, (frozenset[str](), 0))
                joined[rest] = words | sets[number], sum_so_far + count
            found = {
                (outcome, (*sets[:number], words, *sets[number + 1 :])): count
                for (outcome, sets), (words, count) in joined.items()
            }
    rows = [
        Row(
            outcome,
            count,
            {
                name: tuple(word for word in order[name] if word in words)
                for name, words in zip(table.fields, sets, strict=True)
                if len(words) < len(order[name])
            },
        )
        for (outcome, sets), count in found.items()
    ]
    return sorted(rows, key=lambda row: (row.outcome != "definite", row.outcome, str(row.pattern)))


def _words(name: str, knowledge: Knowledge) -> str:
    """A fingerprint of the words that a thing brings, so that a change of them shows."""
    kind, _, rest = name.rpartition(" ")
    match kind:
        case "question":
            words = knowledge.question(rest).model_dump_json(exclude={"asked_when", "allowed_when"}, fallback=str)
        case "concept":
            words = knowledge.concept(rest).phrase
        case "notice":
            notice = next(notice for notice in knowledge.notices if notice.id == rest)
            words = f"{notice.say}\n{notice.say_in_part}\n{notice.about_answers}"
        case "section":
            section = next(section for section in knowledge.sections if section.id == rest)
            topics = [topic.title for topic in section.topics]
            words = "\n".join(filter(None, [section.title, section.title_now, section.everyone, *topics]))
        case "place":
            place = knowledge.path.places[int(rest) - 1]
            words = f"{place.say}\n{place.map}"
        case "goes-on":
            words = ""  # those of the statement, which has a block of its own
        case _:
            rule = knowledge.statements[name][1]
            words = "\n".join([rule.say, rule.ask or "", *rule.facts, rule.certainty])
    return hashlib.sha256(words.encode()).hexdigest()[:12]
