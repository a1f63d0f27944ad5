"""The words of rules/: short, calm and our own. How firm and how plain they are is checked by `explainer check`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from explainer import Profile, explain
from explainer.knowledge import Rule, Section
from explainer.loader import knowledge
from explainer.readability import measure
from explainer.render import blocks
from explainer.sentences_check import spoken_section

RULES = list(knowledge().statements.items())
EXPLANATIONS = {scenario.id: explain(Profile(**scenario.profile)) for scenario in knowledge().scenarios}


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_no_section_reads_above_grade_nine(name: str) -> None:
    """Not even the section with the most drug names gets hard to read."""
    for section in EXPLANATIONS[name].sections:
        assert measure("\n".join(spoken_section(section))).flesch_kincaid <= 9, section.id


@pytest.mark.parametrize(("name", "said"), RULES, ids=[name for name, _ in RULES])
def test_a_statement_is_one_to_three_sentences(name: str, said: tuple[Section, Rule]) -> None:
    """A statement is short; a list counts as the end of its sentence."""
    _, rule = said
    count = sum(len(re.findall(r"[.!?:](?=\s|$)", line)) for b in blocks(rule.say) if not b.is_list for line in b.lines)
    assert 1 <= count <= 3, name


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
