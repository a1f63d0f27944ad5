"""The check "facts": each fact is told, as firmly as the document tells it, and nothing else is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from explainer.glossary import Glossary
from explainer.knowledge import CERTAINTIES, Certainty, Fact, Force, Knowledge, Rule, Term
from explainer.proof import Finding, Progress, Result, Subject, Table
from explainer.sentences import texts

_CARDINALS = [
    *"zero one two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905 - a list of words
    *"thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),  # noqa: SIM905 - as above
]
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905 - as above
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - as above
_LARGE = {"dozen": 12, "dozens": 12, "hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000}
_OTHERS = {"twice": 2, "double": 2, "half": 0.5, "quarter": 0.25, **_LARGE}
_AMOUNTS: dict[str, float] = {
    **{word: number for number, word in enumerate(_CARDINALS) if word != "one"},  # "one of them" counts nothing
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **_OTHERS,
}
_RANKS = {word: rank for rank, word in enumerate(_ORDINALS) if word != "first"}
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
        findings += _misdefined(subject, term, [*map(known.fact, term.facts)], treatments)
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
            Table(
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

    def named(self, text: str) -> dict[str, str]:
        """Each treatment that a text names, and how it names it. A name with a brand in brackets is one, too."""
        pieces = list(self._glossary.split(text))
        listed = {term.term: piece for piece, term in pieces if term}
        others = _BRANDED.findall("".join(piece if term is None else "…" for piece, term in pieces))
        return {**{name: name for name in others}, **listed}

    def foreign(self, text: str, told: str) -> list[str]:
        """How a text names each treatment that what is `told` does not name."""
        theirs = self.named(told)
        return [named for treatment, named in self.named(text).items() if treatment not in theirs]

    def without(self, text: str) -> str:
        """The text less these names, some of which hold digits."""
        return "".join(" " if term else piece for piece, term in self._glossary.split(text))


def _invented(
    subject: Subject, name: str, rule: Rule, facts: Sequence[Fact], treatments: _Treatments
) -> Iterator[Finding]:
    told = " ".join(fact.fact for fact in facts)
    yield from _foreign_names(subject, name, f"{rule.say} {rule.ask or ''}", told, treatments)
    yield from _foreign_numbers(subject, name, rule.say, told, treatments)
    yield from _foreign_numbers(subject, name, rule.ask or "", told, treatments)


def _misdefined(subject: Subject, term: Term, facts: Sequence[Fact], treatments: _Treatments) -> Iterator[Finding]:
    """A meaning that tells facts is held to them. One of ours makes no claim: it names what any fact names."""
    thing = f"term {term.term}"
    told = " ".join((*(fact.fact for fact in facts or subject.knowledge.facts), term.term, *term.also))
    yield from _foreign_names(subject, thing, term.meaning, told, treatments)
    if facts:
        yield from _foreign_numbers(subject, thing, term.meaning, told, treatments)
        least = max((fact.certainty for fact in facts), key=CERTAINTIES.index)
        yield from _too_firm_or_soft(subject, thing, least, term.meaning, facts)


def _unheard_of(subject: Subject, treatments: _Treatments) -> Iterator[Finding]:
    """Whatever else there is to read names no treatment that is in no fact."""
    known = subject.knowledge
    told = " ".join(fact.fact for fact in known.facts)
    held = {*known.statements, *(f"term {term.term}" for term in known.glossary)}  # to facts of their own, above
    for thing, text in (*texts(known), *_stories(known)):
        if thing not in held:
            for named in treatments.foreign(text, told):
                yield subject.finding(thing, f"this names {named}, and no fact does", "take the name out")


def _stories(known: Knowledge) -> Iterator[tuple[str, str]]:
    for scenario in known.scenarios:
        told = [scenario.title, scenario.story, scenario.teaches, *scenario.notice]
        for step in scenario.steps:
            told += [step.title, step.story, *step.notice]
        yield f"scenario {scenario.id}", "\n".join(told)


def _foreign_names(subject: Subject, thing: str, text: str, told: str, treatments: _Treatments) -> Iterator[Finding]:
    for named in treatments.foreign(text, told):
        said = f"this names {named}, and none of its facts does"
        yield subject.finding(thing, said, "take the name out, or name the fact that tells it")


def _foreign_numbers(subject: Subject, thing: str, text: str, told: str, treatments: _Treatments) -> Iterator[Finding]:
    """Numbers that no fact names. What the text itself lists, it may count."""
    amounts = {amount for _, amount in _amounts(treatments.without(told))}
    if "%" in told:
        amounts.add(100.0)
    counted = {text.count("\n- "), len(treatments.named(text))}
    for word, amount in _amounts(treatments.without(text)):
        if amount not in amounts | counted:
            yield _number(subject, thing, word)
    ranks = {_RANKS[word] for word in _words(told) if word in _RANKS}
    most = max((amount for amount in amounts if amount <= len(_ORDINALS)), default=0)  # three phases have a third
    for word in _words(text):
        if word in _RANKS and _RANKS[word] not in ranks and _RANKS[word] > most:
            yield _number(subject, thing, word)


def _number(subject: Subject, thing: str, word: str) -> Finding:
    said = f"this says “{word}”, and none of its facts does"
    return subject.finding(thing, said, "take the number out, or name the fact that tells it")


def _amounts(text: str) -> Iterable[tuple[str, float]]:
    for word in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?|[a-z]+", text.lower()):
        if word[0].isdigit():
            yield word, float(word.replace(",", ""))
        elif word in _AMOUNTS:
            yield word, _AMOUNTS[word]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())
