"""The words of rules/: readable, explained, as firm as the document and no firmer, and our own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest
import textstat

from explainer import Profile, explain
from explainer.explanation import Explanation, Section
from explainer.glossary import Glossary
from explainer.knowledge import Rule
from explainer.loader import knowledge
from explainer.render import blocks

RULES = [(f"{section.id}.{rule.id}", rule) for section in knowledge().sections for rule in section.rules]
EXPLANATIONS = {scenario.id: explain(Profile(**scenario.profile)) for scenario in knowledge().scenarios}

EVERYDAY = frozenset((Path(__file__).parent / "everyday_words.txt").read_text().split())
"""Words of three syllables and more that need no glossary."""
EXPLAINED_IN_PLACE = frozenset(
    {"antibody", "cytogenetics", "immunophenotype", "intravenous", "nutrition", "percentage", "recurrence"}
)
NAMES_TO_RECOGNISE = frozenset(
    """juvenile lymphoblastic lymphocytic myelomonocytic ph-negative ph-positive philadelphia precursor
    promyelocytic""".split()  # noqa: SIM905 - a list of words reads best as words
)
"""Parts of names that stand on a family's papers; the questionnaire helps to find them there."""

HEDGES = {
    "possible": r"may|might|can|could|some|sometimes|seems?|options?|possible",
    "usual": r"usual|usually|often|most|probably|typically|generally",
}
SOFT = r"may|might|could|perhaps|maybe|sometimes|usually|often|probably|possibly|seems?|option"


def sentences(text: str) -> list[str]:
    """The sentences of a text; each list line counts as one."""
    lines = [line.rstrip(":.") + "." for block in blocks(text) for line in block.lines]
    return [sentence for line in lines for sentence in re.split(r"(?<=[.!?])\s+", line)]


def spoken(section: Section) -> str:
    """What a reader of this section reads, as one text."""
    leads = {statement.condition for statement in section.statements if statement.condition}
    texts = [*(f"If {lead}" for lead in leads), *(statement.text for statement in section.statements)]
    return " ".join(sentence for text in texts for sentence in sentences(text))


def whole(explanation: Explanation) -> str:
    notices = [notice.text for notice in explanation.notices]
    questions = [question.text for question in explanation.questions]
    return " ".join([*map(spoken, explanation.sections), *notices, *questions])


def grade(text: str) -> float:
    return float(textstat.flesch_kincaid_grade(text))


def all_texts() -> Iterator[str]:
    """Everything in rules/ that a family reads."""
    known = knowledge()
    for _, rule in RULES:
        yield from (rule.say, rule.ask or "")
    for section in known.sections:
        yield from (section.title, section.everyone, *(topic.title for topic in section.topics))
    for question in known.questions:
        yield from (question.text, question.why, question.where, question.unsure, *(team.say for team in question.team))
        for option in question.options:
            yield from (option.label, option.help or "", option.phrase, option.known or "")
    yield from (notice.say for notice in known.notices)
    yield from (place.say for place in known.path.places)
    yield from (term.meaning for term in known.glossary)


def test_explanations_read_at_about_grade_six() -> None:
    """A parent who is tired and afraid can read the explanation: mean Flesch-Kincaid grade at most 6.5."""
    assert mean(grade(whole(explanation)) for explanation in EXPLANATIONS.values()) <= 6.5


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_no_section_reads_above_grade_nine(name: str) -> None:
    """Not even the section with the most drug names gets hard to read."""
    for section in EXPLANATIONS[name].sections:
        assert grade(spoken(section)) <= 9, section.id


def test_no_sentence_runs_on() -> None:
    """One idea a sentence: at most 22 words."""
    assert not [sentence for text in all_texts() for sentence in sentences(text) if len(sentence.split()) > 22]


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[name for name, _ in RULES])
def test_a_statement_is_one_to_three_sentences(name: str, rule: Rule) -> None:
    """A statement is short; a list counts as the end of its sentence."""
    count = sum(len(re.findall(r"[.!?:](?=\s|$)", line)) for b in blocks(rule.say) if not b.is_list for line in b.lines)
    assert 1 <= count <= 3, name


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[name for name, _ in RULES])
def test_hedges_keep_their_force(name: str, rule: Rule) -> None:
    """What the document says as possible or usual is said so; what it states is not watered down."""
    if rule.certainty in HEDGES:
        assert re.search(rf"\b({HEDGES[rule.certainty]})\b", rule.say, re.IGNORECASE), name
    else:
        facts = " ".join(fact.fact for fact in knowledge().facts if fact.id in rule.facts)
        assert not set(re.findall(rf"\b({SOFT})\b", rule.say)) - set(re.findall(rf"\b({SOFT})\b", facts)), name


def test_every_hard_word_has_its_entry() -> None:
    """A word of three syllables or more is an everyday word, is explained in place, or stands in the glossary."""
    glossary = Glossary(knowledge().glossary)
    plain = " ".join(piece for text in all_texts() for piece, term in glossary.split(text) if term is None)
    words = {word.lower() for word in re.findall(r"[A-Za-z][a-z]+(?:-[a-z]+)*", plain)}
    hard = {word for word in words if textstat.syllable_count(word) >= 3}
    assert hard - EVERYDAY - EXPLAINED_IN_PLACE - NAMES_TO_RECOGNISE == set()


def test_nothing_promises_alarms_or_advises() -> None:
    """No survival figure, no dose, no promise, no advice to take or leave a treatment."""
    text = " ".join(all_texts()).lower()
    for word in (
        "survival",
        "will be fine",
        "don't worry",
        "do not worry",
        " mg",
        "dose of",
        "you should",
        "we recommend",
    ):
        assert word not in text, word
    assert re.findall(r"\d+ ?%", text) == ["95%"]


def test_each_section_has_at_least_two_questions_for_the_care_team() -> None:
    """Whatever part a family reads, it can take something to ask with it."""
    for section in knowledge().sections:
        assert sum(rule.ask is not None for rule in section.rules) >= 2, section.id


TOOL = Path(__file__).resolve().parents[2] / "shared" / "tools" / "own_words.py"


@pytest.mark.skipif(not TOOL.is_file(), reason="the document is not part of this repository; nothing to compare with")
def test_no_sentence_is_carried_over_from_the_document() -> None:
    """The document is copyrighted: no run of eight of its words stands anywhere in this repository."""
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run([sys.executable, TOOL, root], capture_output=True, text=True, check=False)
    assert run.stdout == ""
    assert run.returncode == 0
