"""The check "facts": each fact is told, as firmly as the document tells it, and nothing else is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.glossary import Glossary
from explainer.knowledge import CERTAINTIES, Certainty, Fact, Force, Knowledge, Rule, Term
from explainer.quantities import HIGHEST_RANK, Measure, amounts, measures, ranks
from explainer.sentences_check import texts

_NO_HEDGE = re.compile(r"\b(?:less|more) often\b|\bthe most\b", re.IGNORECASE)
"""What compares holds the same words as a hedge and is none."""
_BRANDED = re.compile(r"[a-z][\w-]+ \((?=[A-Z])\w*[a-z]\w*\)")


def facts_check(subject: Subject, told: Progress) -> Result:
    """Loading has refused a fact that nobody tells and a certainty firmer than its facts; here the words are read."""
    known = subject.knowledge
    findings: list[Finding] = []
    rows: list[tuple[str, str, str, str]] = []
    treatments = _Treatments(known.glossary)
    for number, (name, (_, rule)) in enumerate(known.statements.items()):
        tells = [*map(known.fact, rule.facts)]
        force = known.forces.of(rule.certainty)
        findings += _unmatched(subject, name, rule, force, tells)
        findings += _invented(subject, name, rule, tells, treatments)
        rows.append((name, rule.certainty, ", ".join(_found(force.needs, rule.say)), ", ".join(rule.facts)))
        told((number + 1) / (len(known.statements) + len(known.glossary)))
    for term in known.glossary:
        if term.facts:
            findings += _misdefined(subject, term, [*map(known.fact, term.facts)], treatments)
    findings += _unsaid(subject)
    findings += _unheard_of(subject, treatments)
    return Result(
        name="facts",
        title="Every fact is told, as firmly as the document tells it, and nothing else",
        counts={
            "facts listed": len(known.facts),
            "facts told": len({fact for _, rule in known.statements.values() for fact in rule.facts}),
            **{
                f"statements that are {certainty}": sum(row[1] == certainty for row in rows)
                for certainty in CERTAINTIES
            },
            "meanings that tell facts": sum(bool(term.facts) for term in known.glossary),
            "names of treatments looked for": treatments.count,
        },
        findings=tuple(findings),
        tables=(
            Listing(
                title="How firm each statement is",
                columns=("statement", "certainty", "by its words", "facts"),
                rows=tuple(rows),
            ),
        ),
    )


# --- as firm as the document -----------------------------------------------------------------


def _unmatched(subject: Subject, name: str, rule: Rule, force: Force, facts: Sequence[Fact]) -> Iterator[Finding]:
    if force.needs and not _found(force.needs, _NO_HEDGE.sub(" ", rule.say)):
        said = f"this is {rule.certainty}, but no word says so"
        yield subject.finding(name, said, f"use one of: {', '.join(force.needs)} (certainty.yaml)")
    yield from _too_firm_or_soft(subject, name, rule.certainty, rule.say, facts)


def _too_firm_or_soft(
    subject: Subject, thing: str, certainty: Certainty, text: str, facts: Sequence[Fact]
) -> Iterator[Finding]:
    force = subject.knowledge.forces.of(certainty)
    theirs = {word for fact in facts for word in _found(force.forbids, fact.fact)}
    for word in _found(force.forbids, text):
        if word not in theirs:
            said = f"“{word}” does not fit what is {certainty}, and none of its facts says it"
            yield subject.finding(thing, said, "say it as its facts do, or allow the word in certainty.yaml")


def _found(words: Sequence[str], text: str) -> list[str]:
    """Which of the words stand in the text, in its order; of overlapping ones the longest."""
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = rf"(?<![\w-])(?:{longest_first})(?![\w-])"
    return list(dict.fromkeys(found.lower() for found in re.findall(pattern, text, re.IGNORECASE))) if words else []


# --- nothing else ----------------------------------------------------------------------------


class _Treatments:
    """The names of drugs and other single treatments, in all their forms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._glossary = Glossary([term for term in terms if term.treatment])
        self.count = sum(bool(term.treatment) for term in terms)
        self.named = cache(self._named)  # all texts are held to the same facts
        self.without = cache(self._without)
        self.measured = cache(self._measured)

    def _named(self, text: str) -> dict[str, str]:
        """Each treatment that a text names, and how it names it. A name with a brand in brackets is one, too."""
        pieces = list(self._glossary.split(text))
        listed = {term.term: piece for piece, term in pieces if term}
        others = _BRANDED.findall("".join(piece if term is None else "…" for piece, term in pieces))
        return {**{name: name for name in others}, **listed}

    def foreign(self, text: str, told: str) -> list[str]:
        """How a text names each treatment that what is `told` does not name."""
        theirs = self.named(told)
        return [named for treatment, named in self.named(text).items() if treatment not in theirs]

    def _without(self, text: str) -> str:
        """The text less these names, some of which hold digits."""
        return "".join(" " if term else piece for piece, term in self._glossary.split(text))

    def _measured(self, text: str, about: frozenset[str] = frozenset()) -> list[tuple[str, Measure, frozenset[str]]]:
        """Each measure in a text: how it is written, what it means, and the treatments named before it.

        These are the ones of the same line or sentence, since the measure before, or what the text is `about`.
        """
        found = []
        for sentence in re.split(r"(?<=[.:;!?])\s+|\n", text):
            named = set[str]()
            for piece, term in self._glossary.split(sentence):
                if term:
                    named.add(term.term)
                else:
                    for said, measure in measures(piece):
                        found.append((said, measure, frozenset(named) or about))
                        named.clear()
        return found


class _Held(NamedTuple):
    """A text, and what the facts say to which it is held. From its start, it speaks of the treatments of `about`."""

    subject: Subject
    thing: str
    text: str
    told: str
    treatments: _Treatments
    about: frozenset[str] = frozenset()

    def finding(self, said: str, todo: str = "say it as its facts do") -> Finding:
        return self.subject.finding(self.thing, said, todo)


def _invented(
    subject: Subject, name: str, rule: Rule, facts: Sequence[Fact], treatments: _Treatments
) -> Iterator[Finding]:
    told = " ".join(fact.fact for fact in facts)
    whom = " ".join(fact.who for fact in facts)
    says = _Held(subject, name, rule.say, told, treatments)
    asks = says._replace(text=rule.ask or "")
    yield from _foreign_names(says._replace(text=f"{says.text} {asks.text}"))
    yield from _foreign_numbers(says)
    yield from _foreign_numbers(asks)
    yield from _foreign_measures(says)
    yield from _turned_around(says._replace(told=f"{told} {whom}"))


def _misdefined(subject: Subject, term: Term, facts: Sequence[Fact], treatments: _Treatments) -> Iterator[Finding]:
    """A meaning that tells facts is held to them."""
    thing = f"term {term.term}"
    told = " ".join((*(fact.fact for fact in facts), term.term, *term.also))
    means = _Held(subject, thing, term.meaning, told, treatments, frozenset(treatments.named(term.term)))
    yield from _foreign_names(means)
    yield from _foreign_numbers(means)
    yield from _foreign_measures(means)
    yield from _turned_around(means)
    least = max((fact.certainty for fact in facts), key=CERTAINTIES.index)
    yield from _too_firm_or_soft(subject, thing, least, term.meaning, facts)


def _unheard_of(subject: Subject, treatments: _Treatments) -> Iterator[Finding]:
    """Whatever else there is to read names no treatment and no number that is in no fact."""
    known = subject.knowledge
    told = " ".join(fact.fact for fact in known.facts)
    held_apart = {*known.statements, *(f"term {term.term}" for term in known.glossary if term.facts)}
    for thing, text in texts(known):
        held = _Held(subject, thing, text, told, treatments)
        if thing not in held_apart:
            yield from _in_no_fact(held)
            yield from _foreign_numbers(held)
            yield from _foreign_measures(held)
        yield from _never_said(held)
    for thing, text in _stories(known):  # a made-up child may be nine years old
        held = _Held(subject, thing, text, told, treatments)
        yield from _in_no_fact(held)
        yield from _never_said(held)


def _in_no_fact(held: _Held) -> Iterator[Finding]:
    for named in held.treatments.foreign(held.text, held.told):
        yield held.finding(f"this names {named}, and no fact does", "take the name out")


def _never_said(held: _Held) -> Iterator[Finding]:
    for words in _found(held.subject.knowledge.forces.never, held.text):
        said = f"“{words}” is what we never say (certainty.yaml): we promise nothing, and give no advice and no figures"
        yield held.finding(said, "take it out, or say it as the facts do")


def _stories(known: Knowledge) -> Iterator[tuple[str, str]]:
    for scenario in known.scenarios:
        told = [scenario.title, scenario.story, scenario.teaches, *scenario.notice]
        for step in scenario.steps:
            told += [step.title, step.story, *step.notice]
        yield f"scenario {scenario.id}", "\n".join(told)


def _foreign_names(held: _Held) -> Iterator[Finding]:
    for named in held.treatments.foreign(held.text, held.told):
        said = f"this names {named}, and none of its facts does"
        yield held.finding(said, "take the name out, or name the fact that tells it")


def _foreign_numbers(held: _Held) -> Iterator[Finding]:
    """Numbers that no fact names. What the text itself lists, it may count."""
    text, told = held.treatments.without(held.text), held.treatments.without(held.told)
    theirs = {amount for _, amount in amounts(told)}
    if "%" in told:
        theirs.add(100.0)
    counted = {held.text.count("\n- "), len(held.treatments.named(held.text))} - {0}
    foreign = [word for word, amount in amounts(text) if amount not in theirs | counted]
    their_ranks = {rank for _, rank in ranks(told)}
    most = max((amount for amount in theirs if amount <= HIGHEST_RANK), default=0)  # three phases have a third
    foreign += [word for word, rank in ranks(text) if rank not in their_ranks and rank > most]
    for word in foreign:
        said = f"this says “{word}”, and none of its facts does"
        yield held.finding(said, "take the number out, or name the fact that tells it")


def _foreign_measures(held: _Held) -> Iterator[Finding]:
    """How much, how often or how long, if the facts say so of nothing, or of other treatments alone."""
    theirs: dict[Measure, set[str]] = {}
    for _, measure, named in held.treatments.measured(held.told):
        theirs.setdefault(measure, set()).update(named)
    units = {measure.unit for measure in theirs}
    numbers = {amount for _, amount in amounts(held.told)}
    for said, measure, named in held.treatments.measured(held.text, held.about):
        if measure in theirs:
            if theirs[measure] and not theirs[measure].issuperset(named):
                whose = f"{_and(named)}, and its facts say it of {_and(theirs[measure])}"
                yield held.finding(f"this says “{said}” of {whose}")
        elif not numbers.issuperset(measure.amounts):
            continue  # the number is a finding already
        elif not (measure.is_unit_alone and measure.unit in units):
            yield held.finding(f"this says “{said}”, and none of its facts does")


def _and(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))


# --- nothing turned around -------------------------------------------------------------------


def _turned_around(held: _Held) -> Iterator[Finding]:
    """A "not" that no fact has, and what is "less" or "later" where the facts say "more" or "sooner"."""
    forces = held.subject.knowledge.forces
    not_ = _found(forces.negations, held.text)
    if not_ and not _found(forces.negations, held.told):
        yield held.finding(f"this says “{not_[0]}”, and none of its facts does")
    for pair in forces.opposites:
        for ours, theirs in ((pair.one, pair.other), (pair.other, pair.one)):
            said, against = _found(ours, held.text), _found(theirs, held.told)
            if said and against and not _found(ours, held.told):
                yield held.finding(f"this says “{said[0]}”, and its facts say “{against[0]}”")


def _unsaid(subject: Subject) -> Iterator[Finding]:
    """A "not" of a fact that none of the statements has that tell it."""
    known = subject.knowledge
    tellers: dict[str, dict[str, str]] = {}
    for name, (_, rule) in known.statements.items():
        for fact in rule.facts:
            tellers.setdefault(fact, {})[name] = rule.say
    for fact, told in tellers.items():
        not_ = _found(known.forces.negations, known.fact(fact).fact)
        if not_ and not any(_found(known.forces.negations, text) for text in told.values()):
            said = f"the fact {fact} says “{not_[0]}”, and this does not"
            yield subject.finding(next(iter(told)), said, "say it as its facts do")
