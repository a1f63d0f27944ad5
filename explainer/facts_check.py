"""The check "facts": each fact is told, as firmly as the document tells it, and nothing else is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from explainer import logic
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.glossary import Glossary
from explainer.knowledge import CERTAINTIES, Certainty, Fact, Force, Forces, Knowledge, Rule, Term
from explainer.quantities import HIGHEST_RANK, Measure, amounts, measures, ranks, without_measures
from explainer.sentences_check import texts

_NO_HEDGE = re.compile(r"\b(?:how|less|more) often\b|\bthe most\b", re.IGNORECASE)
"""What asks or compares holds the same words as a hedge and is none."""
_REFERS = re.compile(r"(?:it|its|they|these|this)\b", re.IGNORECASE)
_BRANDED = re.compile(r"[a-z][\w-]+ \((?=[A-Z])\w*[a-z]\w*\)")


def facts_check(subject: Subject, progress: Progress) -> Result:
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
        progress((number + 1) / len(known.statements))
    for term in known.glossary:
        if term.facts:
            findings += _misdefined(subject, term, [*map(known.fact, term.facts)], treatments)
    findings += _unsaid(subject, treatments)
    findings += _to_others(subject)
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
    for word in _found(force.forbids, _NO_HEDGE.sub(" ", text)):
        if word not in theirs:
            said = f"“{word}” does not fit what is {certainty}, and none of its facts says it"
            yield subject.finding(thing, said, "say it as its facts do, or allow the word in certainty.yaml")


def _found(words: Sequence[str], text: str) -> list[str]:
    """Which of the words stand in the text, in its order; of overlapping ones the longest. Apostrophes are alike."""
    text = text.replace("’", "'")
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
        """Each measure in a text: how it is written, what it means, and the treatments of which it is said.

        These are named before it, since the measure before, or else after it, in the same line or sentence; or, of what
        "it" or "they" are, in the one before; or else they are what the text is `about`.
        """
        found = []
        before = frozenset[str]()
        for sentence in re.split(r"(?<=[.;!?])\s+|\n", text):
            names: list[set[str]] = [set()]  # ahead of each measure, and behind the last
            said: list[tuple[str, Measure]] = []
            for piece, term in self._glossary.split(sentence):
                if term:
                    names[-1].add(term.term)
                else:
                    here = list(measures(piece))
                    said += here
                    names += [set() for _ in here]
            meant = before if _REFERS.match(sentence) else frozenset()
            for number, (written, measure) in enumerate(said):
                of = names[number] or (names[number + 1] if number == 0 else set())
                found.append((written, measure, frozenset(of) or meant or about))
            before = frozenset().union(*names) or meant
        return found


class _Held(NamedTuple):
    """A text, and what the facts say to which it is held. From its start, it speaks of the treatments of `about`.

    They are its `own`, or else all that there are.
    """

    subject: Subject
    thing: str
    text: str
    told: str
    treatments: _Treatments
    about: frozenset[str] = frozenset()
    own: bool = True

    def foreign(self, said: str, todo: str = "say it as its facts do") -> Finding:
        """A finding about what no fact says."""
        if self.own:
            return self.subject.finding(self.thing, f"{said}, and none of its facts does", todo)
        return self.subject.finding(self.thing, f"{said}, and no fact does", "take it out")

    def finding(self, said: str) -> Finding:
        return self.subject.finding(self.thing, said, "say it as its facts do")


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
    yield from _foreign_measures(asks, named_only=True)
    yield from _foreign_ways(says)
    yield from _turned_around(says._replace(told=f"{told} {whom}"))


def _misdefined(subject: Subject, term: Term, facts: Sequence[Fact], treatments: _Treatments) -> Iterator[Finding]:
    """A meaning that tells facts is held to them."""
    thing = f"term {term.term}"
    told = " ".join((*(fact.fact for fact in facts), term.term, *term.also))
    means = _Held(subject, thing, term.meaning, told, treatments, frozenset(treatments.named(term.term)))
    yield from _foreign_names(means)
    yield from _foreign_numbers(means)
    yield from _foreign_measures(means)
    yield from _foreign_ways(means)
    yield from _turned_around(means)
    least = max((fact.certainty for fact in facts), key=CERTAINTIES.index)
    yield from _too_firm_or_soft(subject, thing, least, term.meaning, facts)


def _unheard_of(subject: Subject, treatments: _Treatments) -> Iterator[Finding]:
    """Whatever else there is to read names no treatment and no number that is in no fact, and no share of children."""
    known = subject.knowledge
    told = " ".join(fact.fact for fact in known.facts)
    without_shares = " ".join(fact.fact for fact in known.facts if "%" not in fact.fact)
    held_apart = {*known.statements, *(f"term {term.term}" for term in known.glossary if term.facts)}
    for thing, text in texts(known):
        held = _Held(subject, thing, text, told, treatments, own=False)
        if thing not in held_apart:
            yield from _foreign_names(held)
            yield from _foreign_numbers(held._replace(told=without_shares))
            yield from _foreign_measures(held._replace(told=without_shares))
        yield from _never_said(held)
    for thing, text in _stories(known):  # a made-up child may be nine years old
        held = _Held(subject, thing, text, told, treatments, own=False)
        yield from _foreign_names(held)
        yield from _never_said(held)


def _never_said(held: _Held) -> Iterator[Finding]:
    for words in _found(held.subject.knowledge.forces.never, held.text):
        said = f"“{words}” is what we never say (certainty.yaml): we promise nothing, and give no advice and no figures"
        yield held.subject.finding(held.thing, said, "take it out, or say it as the facts do")


def _stories(known: Knowledge) -> Iterator[tuple[str, str]]:
    for scenario in known.scenarios:
        told = [scenario.title, scenario.story, scenario.teaches, *scenario.notice]
        for step in scenario.steps:
            told += [step.title, step.story, *step.notice]
        yield f"scenario {scenario.id}", "\n".join(told)


def _foreign_names(held: _Held) -> Iterator[Finding]:
    for named in held.treatments.foreign(held.text, held.told):
        yield held.foreign(f"this names {named}", "take the name out, or name the fact that tells it")


def _foreign_numbers(held: _Held) -> Iterator[Finding]:
    """Numbers that no fact names, less those of measures. What the text itself lists, it may count."""
    told = held.treatments.without(held.told)
    text = without_measures(held.treatments.without(held.text))
    theirs = {amount for _, amount in amounts(told)}
    counted = {held.text.count("\n- "), len(held.treatments.named(held.text))} - {0}
    foreign = [word for word, amount in amounts(text) if amount not in theirs | counted]
    their_ranks = {rank for _, rank in ranks(told)}
    most = max((amount for amount in theirs if amount <= HIGHEST_RANK), default=0)  # three phases have a third
    foreign += [word for word, rank in ranks(text) if rank not in their_ranks and rank > most]
    for word in foreign:
        yield held.foreign(f"this says “{word}”", "take the number out, or name the fact that tells it")


def _foreign_measures(held: _Held, *, named_only: bool = False) -> Iterator[Finding]:
    """How much, how often or how long, if the facts say so of nothing, or of other treatments alone.

    With `named_only`, what is said of no treatment goes by.
    """
    theirs: dict[Measure, set[str]] = {}
    written: dict[str, list[str]] = {}
    for said, measure, named in held.treatments.measured(held.told):
        theirs.setdefault(measure, set()).update(named)
        written.setdefault(measure.unit, []).append(f"“{said}”")
    for said, measure, named in held.treatments.measured(held.text, held.about):
        if measure in theirs:
            if theirs[measure] and not theirs[measure].issuperset(named):
                whose = f"{_and(named)}, and its facts say it of {_and(theirs[measure])}"
                yield held.finding(f"this says “{said}” of {whose}")
        elif not (measure.is_unit_alone and measure.unit in written) and (named or not named_only):
            if held.own and measure.unit in written:
                yield held.finding(f"this says “{said}”, and its facts say {' and '.join(written[measure.unit])}")
            else:
                yield held.foreign(f"this says “{said}”")


def _foreign_ways(held: _Held) -> Iterator[Finding]:
    """A way into the body of which the facts say nothing."""
    for words in held.subject.knowledge.forces.ways:
        if (said := _found(words, held.text)) and not _found(words, held.told):
            yield held.foreign(f"this says “{said[0]}”")


def _and(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))


# --- nothing turned around -------------------------------------------------------------------


def _turned_around(held: _Held) -> Iterator[Finding]:
    """A "not" that no fact has, and what is "less" or "later" where the facts say "more" or "sooner"."""
    forces = held.subject.knowledge.forces
    not_ = _negated(forces, held.text)
    if not_ and not _negated(forces, held.told):
        yield held.foreign(f"this says “{not_[0]}”")
    for pair in forces.opposites:
        for ours, theirs in ((pair.one, pair.other), (pair.other, pair.one)):
            said, against = _found(ours, held.text), _found(theirs, held.told)
            if said and against and not _found(ours, held.told):
                yield held.finding(f"this says “{said[0]}”, and its facts say “{against[0]}”")


def _negated(forces: Forces, text: str) -> list[str]:
    return _found(forces.negations, text) or re.findall(r"\w+n['’]t\b", text)


def _tellers(known: Knowledge) -> dict[str, dict[str, Rule]]:
    """The rules that tell each fact, by their names."""
    found: dict[str, dict[str, Rule]] = {}
    for name, (_, rule) in known.statements.items():
        for fact in rule.facts:
            found.setdefault(fact, {})[name] = rule
    return found


def _unsaid(subject: Subject, treatments: _Treatments) -> Iterator[Finding]:
    """A treatment or a "not" of a fact that none of the statements has that tell it."""
    known = subject.knowledge
    for fact, rules in _tellers(known).items():
        theirs, ours = known.fact(fact).fact, " ".join(rule.say for rule in rules.values())
        gone = treatments.foreign(theirs, ours)
        if not _negated(known.forces, ours):
            gone += _negated(known.forces, theirs)[:1]
        for words in gone:
            said = f"the fact {fact} says “{words}”, and none of those that tell it does: {', '.join(rules)}"
            yield subject.finding(next(iter(rules)), said, "say it as its facts do")


# --- to nobody else --------------------------------------------------------------------------

_AS = re.compile(r"\bas ([\w-]+\.\d+[a-z])\b")
_EMPHASIS = ", with emphasis"


def _to_others(subject: Subject) -> Iterator[Finding]:
    """A fact that is told for one answer alone where its `who` does not name that answer, or not told where it does."""
    known = subject.knowledge
    nothing = dict.fromkeys(known.vocabulary.fields, logic.UNKNOWN)
    whos = {fact.id: fact.who for fact in known.facts}
    for fact, rules in _tellers(known).items():
        who = whos[fact]
        for field, value, concerned in _named(known, who, whos):
            told = [
                n for n, rule in rules.items() if logic.holds(rule.when, {**nothing, field: value}, known.definition)
            ]
            whom = f"to those with {field}: {value}" if field else "to all"
            wrong = {next(iter(rules)): f"no rule tells it {whom}"} if concerned and not told else {}
            if not concerned:
                wrong = dict.fromkeys(told, f"this rule tells it {whom}, too")
            for name, said in wrong.items():
                remedy = "mend `when`, or `who` in facts.yaml if that is wrong"
                yield subject.finding(name, f"the fact {fact} says “{who}” in `who`, and {said}", remedy)


def _named(known: Knowledge, who: str, whos: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Each answer to the questions that `who` names, and whether the fact concerns it; one without a name for all.

    Only what is said in the words of conditions is read: "all", or "field value", with an "or" between several.
    """
    plain = who.partition(_EMPHASIS)[0]
    if plain == "all":
        yield "", "", True
    whole = _AS.sub(lambda found: whos.get(found[1], ""), plain)
    for field, values in known.vocabulary.fields.items():
        said = re.findall(rf"\b{field} (\w+(?: or \w+)*)", whole)
        concerned = {value for each in said for value in each.split(" or ")} & {*values}
        for value in values if concerned else ():
            yield field, value, value in concerned
