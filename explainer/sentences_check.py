"""The check "sentences": how hard our words are to read, for each statement, section and whole explanation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from explainer.address import every_step
from explainer.explanation import Explanation, Section
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.fingerprint import article
from explainer.knowledge import Gates, Knowledge
from explainer.readability import LONG, Measured, is_familiar, measure, sentences, syllables, words

_SHORTER = "split a sentence, or use a shorter word (gates are in reading.yaml)"
_NONE = "–"
_MOST_SENTENCES = 3  # in a statement
_MARKUP = re.compile(
    r"\{(?!page\})[^}]*\}?|</?\w+[^>]*>|\*\*|__|`|\[[^\]]*\]\("
    r"|(?:^|\s)#|(?<!\S)(?:id|facts|certainty|when|goes_on_when|say|ask|meaning|origin|also|treatment):(?!\S)"
)
"""What visitors would read as it is: markup, comments, and keys of YAML that are indented too far."""


def sentences_check(subject: Subject, progress: Progress) -> Result:
    """Grades over all scenarios, and sentences and words over everything that is in rules/.

    The figures of the document stand beside ours when a copy of it is given.
    """
    known = subject.knowledge
    findings = [
        *_overlong(subject),
        *_marked_up(subject),
        *_unfinished(subject),
        *_run_on(subject),
        *_hard_words(subject),
        *_explained_late(subject),
    ]
    whole: dict[str, Measured] = {}
    parts: dict[str, list[Measured]] = {}
    steps = every_step(known)
    for number, (scenario, child) in enumerate(steps):
        explanation = subject.composer.explain(child.profile)
        whole[child.text] = _measure(subject, spoken(explanation))
        findings += _too_hard(subject, scenario.id, whole[child.text])
        for section in explanation.sections:
            parts.setdefault(section.id, []).append(_measure(subject, "\n".join(spoken_section(section))))
        progress((number + 1) / len(steps))
    single = {name: _measure(subject, rule.say) for name, (_, rule) in known.statements.items()}
    passive = sum(len(measured.passive) for measured in single.values())
    theirs = {"the document itself": _measure(subject, article(subject.copy, known.source))} if subject.copy else {}
    return Result(
        name="sentences",
        title="Every sentence is plain",
        counts={
            "sentences in statements": sum(measured.sentences for measured in single.values()),
            "of them passive": passive,
            "words in the longest sentence": max(
                len(words(line)) for _, text in texts(known) for line in sentences(text)
            ),
            "explanations": len(whole),
            "highest grade by Flesch-Kincaid": _highest(measured.flesch_kincaid for measured in whole.values()),
            "highest grade by SMOG": _highest(measured.smog for measured in whole.values()),
        },
        findings=tuple(findings),
        tables=(
            Listing(title="Each explanation", columns=_COLUMNS, rows=tuple(_rows({**whole, **theirs}))),
            Listing(
                title="Each section, over all explanations: from and to", columns=_RANGES, rows=tuple(_ranges(parts))
            ),
            Listing(title="Each statement", columns=_COLUMNS, rows=tuple(_rows(single))),
            Listing(
                title="Sentences in the passive voice",
                columns=("statement", "sentence"),
                rows=tuple((name, sentence) for name, measured in single.items() for sentence in measured.passive),
            ),
        ),
    )


# --- what a family reads -----------------------------------------------------------------------


def spoken(explanation: Explanation) -> str:
    """All that a reader reads of an explanation, less headings, meanings of words and the words of templates."""
    place = [explanation.place.text] if explanation.place else []
    notices = [notice.text for notice in explanation.notices]
    questions = [question.text for question in explanation.questions]
    told = (text for section in explanation.sections for text in spoken_section(section))
    return "\n".join((*place, *notices, *told, *questions))


def spoken_section(section: Section) -> Iterator[str]:
    """Its statements, and each condition where it opens a group of them."""
    before = None
    for statement in section.statements:
        if statement.condition and statement.condition != before:
            yield f"If {statement.condition}:"
        before = statement.condition
        yield statement.text


def texts(known: Knowledge) -> Iterator[tuple[str, str]]:
    """Everything in rules/ that a family reads, as (name of the thing, text); in the order in which they meet it."""
    yield from _asked(known)
    for stop in known.path.stops:
        yield "place 1", stop.label
    for number, place in enumerate(known.path.places, 1):
        yield f"place {number}", place.say
    for notice in known.notices:
        yield f"notice {notice.id}", notice.say
        if notice.say_in_part:
            yield f"notice {notice.id}", notice.say_in_part
    yield from _told(known)
    for concept in known.concepts:
        yield f"concept {concept.id}", concept.phrase
    for term in known.glossary:
        yield f"term {term.term}", term.meaning
    yield "source", known.source.notice


def _told(known: Knowledge) -> Iterator[tuple[str, str]]:
    for section in known.sections:
        titles = (section.title, section.title_now or section.title, *(topic.title for topic in section.topics))
        for heading in (*dict.fromkeys(titles), section.everyone):
            yield f"section {section.id}", heading
        for rule in section.rules:
            yield section.statement_id(rule), rule.say
            if rule.ask:
                yield section.statement_id(rule), rule.ask


def _asked(known: Knowledge) -> Iterator[tuple[str, str]]:
    for question in known.questions:
        thing = f"question {question.field}"
        for text in (question.text, question.why, question.where, question.unsure, *(t.say for t in question.team)):
            yield thing, text
        yield thing, question.name
        if question.unsure_help:
            yield thing, question.unsure_help
        for option in question.options:
            yield thing, "\n".join(filter(None, (option.label, option.help)))
            for phrase in (option.phrase, option.known, option.action):
                if phrase:
                    yield thing, phrase
        for together in question.together:
            yield thing, together.phrase


def hard_words(subject: Subject, text: str) -> list[str]:
    """The long words of a text that are neither everyday words, nor names, nor in the glossary."""
    return sorted(word for word in _to_explain(subject, text) if syllables(word) >= LONG)


def _to_explain(subject: Subject, text: str) -> set[str]:
    """The words of a text that are neither everyday words, nor names, nor in the glossary."""
    reading = subject.knowledge.reading
    easy = {*reading.everyday, *reading.names, *(entry.word for entry in reading.explained_in_place)}
    plain = "".join(piece if term is None else "…" for piece, term in subject.composer.glossary.split(text))
    return _spelt(plain) - easy


def _spelt(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Za-z][a-z]+(?:['’-][a-z]+)*", text)}


# --- gates ---------------------------------------------------------------------------------------


def too_hard(gates: Gates, measured: Measured) -> Iterator[str]:
    """What of a whole explanation is past the gates."""
    if measured.flesch_kincaid > gates.flesch_kincaid:
        yield f"it reads at grade {measured.flesch_kincaid:.1f} by Flesch-Kincaid, over {gates.flesch_kincaid}"
    if measured.smog is not None and measured.smog > gates.smog:
        yield f"it reads at grade {measured.smog:.1f} by SMOG, over {gates.smog}"
    if measured.passive_percent > gates.passive_percent:
        yield f"{measured.passive_percent} % of its sentences are passive, over {gates.passive_percent} %"


def _too_hard(subject: Subject, scenario: str, measured: Measured) -> Iterator[Finding]:
    for said in too_hard(subject.knowledge.reading.gates, measured):
        yield subject.finding(f"scenario {scenario}", said, _SHORTER)


def _overlong(subject: Subject) -> Iterator[Finding]:
    for name, (_, rule) in subject.knowledge.statements.items():
        prose = "\n".join(line for line in rule.say.splitlines() if not line.startswith("- "))
        if (count := len(sentences(prose))) > _MOST_SENTENCES:
            said = f"this has {count} sentences, over {_MOST_SENTENCES}"
            yield subject.finding(name, said, "make two rules of it")


def _marked_up(subject: Subject) -> Iterator[Finding]:
    """What would be read as it is typed: markup, and blanks that nothing fills in."""
    for thing, text in texts(subject.knowledge):
        if found := _MARKUP.search(text):
            yield subject.finding(thing, f"“{found.group()}” would be read as it stands here", "say it in plain words")


_ENDS = re.compile(r"[.!?][”\"')]*$")


def _unfinished(subject: Subject) -> Iterator[Finding]:
    """A statement or a notice that does not begin or end as a sentence does; quotation marks that have no partner."""
    known = subject.knowledge
    whole = [(name, rule.say) for name, (_, rule) in known.statements.items()]
    whole += [(f"notice {notice.id}", notice.say) for notice in known.notices]
    for thing, text in whole:
        prose = text.partition("\n- ")[0]
        if not (_ENDS.search(prose) or (prose != text and prose.endswith(":"))):
            yield subject.finding(thing, f"“…{prose[-20:]}” does not end as a sentence does", "end it with a full stop")
        if prose[0].islower():
            yield subject.finding(
                thing, f"“{prose[:20]}…” does not begin as a sentence does", "begin it with a capital letter"
            )
    for thing, text in texts(known):
        if text.count('"') % 2 or text.count("“") != text.count("”"):
            yield subject.finding(thing, "a quotation mark stands alone here", "take it out, or write its partner")
        elif re.fullmatch(r"[“”][^“”]*[“”]", text):
            said = "all of this stands in curly quotes, which a page would show"
            yield subject.finding(thing, said, 'take them out, or write straight ones (")')


def _run_on(subject: Subject) -> Iterator[Finding]:
    most = subject.knowledge.reading.gates.sentence_words
    for thing, text in texts(subject.knowledge):
        for sentence in sentences(text):
            if (length := len(words(sentence))) > most:
                said = f"a sentence has {length} words, over {most}: “{sentence}”"
                yield subject.finding(thing, said, "split it, or make a list of it")


_EXPLAIN = (
    "explain it in glossary.yaml, or list it in reading.yaml; a drug or another treatment belongs into glossary.yaml "
    "with `treatment: true`, never into reading.yaml"
)


def _hard_words(subject: Subject) -> Iterator[Finding]:
    """Long words, and those on no list at all: one may be the name of a drug that no fact has, however short it is."""
    known = subject.knowledge
    heard = {word for fact in known.facts for word in _spelt(fact.fact)}
    listed = sorted(
        {word for term in known.glossary for form in (term.term, *term.also) for word in _spelt(form)} | heard
    )
    for thing, text in texts(known):
        for word in sorted(_to_explain(subject, text)):
            if syllables(word) >= LONG:
                said = f"“{word}” is a long word that nothing explains"
                yield subject.finding(thing, said, f"{_meant(word, listed)}use a shorter one, or {_EXPLAIN}")
            elif word not in heard and not is_familiar(word):
                said = f"“{word}” is no everyday word, and stands neither in the glossary nor in a fact"
                yield subject.finding(thing, said, f"{_meant(word, listed)}use another one, or {_EXPLAIN}")


def _meant(word: str, listed: list[str]) -> str:
    """The word of the glossary or of a fact that is nearly this one."""
    near = get_close_matches(word, listed, 1, 0.8)
    return f"did you mean “{near[0]}”? If not, " if near else ""


def _explained_late(subject: Subject) -> Iterator[Finding]:
    """Words that are explained in place have to be so in the text where they first stand."""
    for entry in subject.knowledge.reading.explained_in_place:
        first = next((found for found in texts(subject.knowledge) if _says(found[1], entry.word)), None)
        if first is not None and not _says(first[1], entry.by):
            said = f"“{entry.word}” first stands here, and no “{entry.by}” explains it"
            yield subject.finding(first[0], said, "explain it here, or change the entry in reading.yaml")


def _says(text: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text, re.IGNORECASE) is not None


# --- tables --------------------------------------------------------------------------------------

_COLUMNS = (
    "of",
    "words",
    "sentences",
    "longest",
    "Flesch-Kincaid",
    "SMOG",
    "Dale-Chall",
    "without explained words",
    "% passive",
)
_RANGES = ("section", "explanations", "Flesch-Kincaid", "SMOG", "Dale-Chall", "without explained words", "% passive")


def _measure(subject: Subject, text: str) -> Measured:
    glossary = subject.composer.glossary
    return measure(text, lambda prose: "".join(piece if term is None else " " for piece, term in glossary.split(prose)))


def _rows(measured: Mapping[str, Measured]) -> Iterator[tuple[str | int | float, ...]]:
    for name, found in measured.items():
        yield (
            name,
            found.words,
            found.sentences,
            found.longest,
            round(found.flesch_kincaid, 1),
            _NONE if found.smog is None else round(found.smog, 1),
            round(found.dale_chall, 1),
            round(found.dale_chall_plain, 1),
            found.passive_percent,
        )


def _ranges(parts: Mapping[str, Iterable[Measured]]) -> Iterator[tuple[str | int | float, ...]]:
    for section, found in parts.items():
        listed = list(found)
        yield (
            section,
            len(listed),
            _range(one.flesch_kincaid for one in listed),
            _range(one.smog for one in listed if one.smog is not None),
            _range(one.dale_chall for one in listed),
            _range(one.dale_chall_plain for one in listed),
            _range(one.passive_percent for one in listed),
        )


def _range(numbers: Iterable[float]) -> str:
    listed = sorted({round(number, 1) for number in numbers})
    return " to ".join(str(number) for number in dict.fromkeys((listed[0], listed[-1]))) if listed else _NONE


def _highest(numbers: Iterable[float | None]) -> float | str:
    return max((round(number, 1) for number in numbers if number is not None), default=_NONE)
