"""The check "pages": what must pass, passes on every page; what is planted, is found; what takes a reader, says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings

from explainer import explain
from explainer.address import every_step
from explainer.findings import Result, Subject
from explainer.logic import fields_of
from explainer.pages_check import FAILED, ITEMS, NOTHING, PASSED, READER, judged, pages_check
from explainer.profile import ProfileModel
from explainer.render import LONGEST_LIST, question_groups, render
from explainer.resources import folder
from tests.spoil import spoilt
from tests.strategies import profile_of, profiles

SHIPPED = Subject.read(folder("rules"))
DAY = date(2026, 5, 4)
CHILD = explain(profile_of({"leukemia_type": "all", "stage": "induction", "risk_group": "high"}), made_on=DAY)


@cache
def page() -> str:
    return render(CHILD, "html")


@cache
def shipped() -> Result:
    return pages_check(SHIPPED, lambda _: None)


def falls_short(html: str) -> dict[str, list[str]]:
    """The items that a page falls short of, with the places."""
    return {item.asks: places for item, places in judged(SHIPPED, CHILD, html) if places}


def test_every_scenario_passes_what_a_program_can_judge() -> None:
    """Each page is clear about its purpose, its words, its steps and its source, or the place is named."""
    result = shipped()
    assert result.findings == ()
    summed, matrix = result.tables
    assert matrix.columns[2:] == tuple(child.text for _, child in every_step(SHIPPED.knowledge))
    verdicts = {verdict for row in matrix.rows for verdict in row[2:]}
    assert verdicts == {PASSED, NOTHING, READER}
    assert len(summed.rows) == len(matrix.rows) == len(ITEMS)


@settings(max_examples=20)
@given(profiles())
def test_every_childs_page_passes(profile: ProfileModel) -> None:
    """Not only those of the scenarios."""
    explanation = explain(profile, made_on=DAY)
    for item, places in judged(SHIPPED, explanation, render(explanation, "html")):
        assert not places, (item.asks, places)


def test_every_set_of_notices_is_short_enough() -> None:
    """However many answers do not fit together, what a family is to read first does not get too long."""
    known = SHIPPED.knowledge
    looked_at = {name for notice in known.notices for name in fields_of(notice.when, known.definition)}
    fields = [field for name, field in known.profile.questions.items() if name in looked_at]
    children: dict[tuple[str, ...], ProfileModel] = {}
    for words in product(*(field.values if field.is_flag else field.accepted for field in fields)):
        child, _ = known.profile.settle({field.name: word for field, word in zip(fields, words, strict=True)})
        children.setdefault(SHIPPED.composer.engine.decide(child).notices, child)
    assert max(map(len, children)) > 5  # or else no child here gives answers that do not fit together
    for child in children.values():
        explanation = explain(child, made_on=DAY)
        for item, places in judged(SHIPPED, explanation, render(explanation, "html")):
            assert not places, (item.asks, places)


def without(name: str) -> Callable[[str], str]:
    """Takes the paragraphs of a class out of a page."""
    return lambda html: re.sub(rf'<p class="[^"]*\b{name}\b[^"]*">.*?</p>', "", html, flags=re.DOTALL)


def instead(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    def change(html: str) -> str:
        assert old in html, old
        return html.replace(old, new, count)

    return change


TEN = f"<ul>{'<li>one thing</li>' * 10}</ul>"
PLANTED: dict[str, tuple[Callable[[str], str], str, str]] = {
    "no title": (instead("<h1>", "<h2>"), "its purpose is evident", "not exactly one title"),
    "no purpose": (without("purpose"), "its purpose is evident", "what the page is for"),
    "a hard word": (instead("Add your own.", "Add your prognosis."), "it uses common, everyday words", "“prognosis”"),
    "a term without its note": (
        lambda html: re.sub(r'<button class="term" popovertarget="word-remission">(.*?)</button>', r"\1", html),
        "medical terms are defined where they first stand",
        "“remission” in",
    ),
    "a note that is empty": (
        lambda html: re.sub(r'(id="word-remission".*?)<p>.*?</p>', r"\1", html, count=1, flags=re.DOTALL),
        "medical terms are defined where they first stand",
        "“remission” in",
    ),
    "passive voice everywhere": (
        instead("Add your own.", "It is given. " * 150),
        "it uses the active voice",
        "% of the sentences are passive, over 25 %",
    ),
    "a bare percentage": (
        instead(" 95 out of 100 children.", " nearly all."),
        "numbers are clear",
        "a percentage is not said as “… out of 100”",
    ),
    "a chunk too long": (
        instead("Add your own.", "word " * 250),
        "it comes in short pieces, each with a heading",
        "over 200 words stand under “Questions for your care team”",
    ),
    "a section without its heading": (
        lambda html: re.sub(r"<h3 id=\"title-induction\">.*?</h3>", "", html),
        "it comes in short pieces, each with a heading",
        "a section has no heading",
    ),
    "a heading without words": (instead("<h4>The goal</h4>", "<h4></h4>"), "its headings are informative", "is empty"),
    "a heading that runs on": (
        instead("<h4>The goal</h4>", f"<h4>{'goal ' * 13}</h4>"),
        "its headings are informative",
        "is longer than 12 words",
    ),
    "a heading twice": (
        instead("<h4>What the first month is like</h4>", "<h4>The goal</h4>"),
        "its headings are informative",
        "“The goal” stands twice in the same part",
    ),
    "a level left out": (
        lambda html: re.sub(r"<h3 id=\"title-induction\">.*?</h3>", "", html),
        "its sequence is logical",
        "“The goal” skips a level",
    ),
    "parts out of order": (
        lambda html: html.replace('<h2 id="now">', '<h2 id="x">').replace('<h2 id="later">', '<h2 id="now">'),
        "its sequence is logical",
        "the parts do not follow the path: next, any, now",
    ),
    "no summary": (without("lead"), "it has a summary", "nothing sums the page up"),
    "no larger letters": (
        lambda html: re.sub(r"\.lead \{.*?\}", "", html),
        "visual cues draw attention to key points",
        "larger letters",
    ),
    "no box": (
        instead('<ul class="notices">', '<ul class="other">'),
        "visual cues draw attention to key points",
        "no box",
    ),
    "a table without headings": (
        instead('<h2 id="questions">', '<table><tr><td>1</td></tr></table><h2 id="questions">'),
        "tables have headings",
        "has no headings",
    ),
    "it does not speak to the reader": (
        lambda html: re.sub(r'(<p class="action">).*?</p>', r"\1Take questions along.</p>", html),
        "it speaks to the reader directly",
        "does not speak to the reader",
    ),
    "no action": (without("action"), "it names at least one action", "nothing that the reader can do"),
    "no steps": (
        lambda html: re.sub(r'<ol class="steps">.*?</ol>', "", html, flags=re.DOTALL),
        "it breaks the action into steps",
        "not broken into steps",
    ),
    "no questions": (
        lambda html: re.sub(r'<ul class="ask">.*?</ul>', "", html, flags=re.DOTALL),
        "it gives a tangible tool: questions to take along",
        "no list of questions",
    ),
    "something before the main message": (
        instead('<p class="lead">', '<p>Hello.</p><p class="lead">'),
        "its main message comes first",
        "not the first thing after the title",
    ),
    "a call to action that comes late": (
        lambda html: without("action")(html).replace(
            '<ol class="steps">', '<p class="action">You ask.</p><ol class="steps">'
        ),
        "a call to action stands in its first part",
        "the first part does not say what the reader can do",
    ),
    "a list of ten": (
        instead("<h4>The goal</h4>", f"<h4>The goal</h4>{TEN}"),
        "no list is longer than can be taken in",
        "a list has 10 lines, over 7: “one thing",
    ),
    "what is not known": (
        without("limits"),
        "it says what is known and what is not",
        "does not say what it does not know",
    ),
    "a condition left out": (
        lambda html: re.sub(r'<p class="condition">.*?</p>', "", html, count=1, flags=re.DOTALL),
        "it says what is known and what is not",
        "depends on is not said",
    ),
    "no source": (
        without("cited"),
        "it names its source, and the passage behind each statement",
        "title and publisher",
    ),
    "no passage": (
        lambda html: re.sub(r"<p><b>In the source:.*?</p>", "", html, count=1),
        "it names its source, and the passage behind each statement",
        "induction.goal does not name its passage",
    ),
    "no day of revision": (
        lambda html: re.sub(r"Last revised: [^<]*", "", html),
        "it tells the dates of its source and of itself",
        "last revision is missing",
    ),
    "no day of making": (
        without("made"),
        "it tells the dates of its source and of itself",
        "the page was made is missing",
    ),
    "no update policy": (without("updates"), "it tells what happens when its source is revised", "is revised"),
    "a hedge lost on the way": (
        instead("might be options", "are there"),
        "it tells how uncertain each statement is",
        "is possible, and its words on the page do not say so",
    ),
    "a grade too high": (
        instead(
            "Add your own.",
            "Consolidation intensification recapitulates aforementioned chemotherapeutic regimens. " * 40,
        ),
        "its reading level is measured, and within the gates",
        "by Flesch-Kincaid, over 6.0",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str) -> None:
    """Each item fails where it should, and names the place."""
    change, asks, said = PLANTED[name]
    changed = change(page())
    assert changed != page()
    assert any(said in place for place in falls_short(changed).get(asks, [])), falls_short(changed)


def test_the_page_itself_falls_short_of_nothing() -> None:
    """What the planted faults are compared with is sound."""
    assert falls_short(page()) == {}


def test_what_takes_a_reader_is_not_judged() -> None:
    """A program does not claim to see whether a picture helps, or whether a choice is made to look good."""
    for_readers = [item for item, places in judged(SHIPPED, CHILD, page()) if item.judge is None and places is None]
    assert len(for_readers) >= 5
    assert all(item.judge is None or item.remedy for item in ITEMS)


def test_it_is_called_informed_by_and_draws_no_score() -> None:
    """Nothing claims a certificate."""
    result = shipped()
    assert "informed by" in result.title
    assert "not a certified score" in result.title
    assert not [name for name in result.counts if "score" in name or "%" in name]


def test_a_finding_names_the_page_the_item_and_the_remedy(tmp_path: Path) -> None:
    """What falls short is found at its scenario, with what to do."""
    subject = spoilt(tmp_path, ("induction", " That is more than\n          95 out of 100 children.", ""))
    result = pages_check(subject, lambda _: None)
    (line,) = [str(finding) for finding in result.findings if finding.rule.endswith(" standard-risk-in-induction")]
    assert line.startswith("rules/scenarios/standard-risk-in-induction.yaml:1: ")
    assert "falls short of “numbers are clear” (PEMAT-P)" in line
    assert line.endswith("; say a percentage as a number out of 100 as well")
    assert FAILED in {verdict for row in result.tables[1].rows for verdict in row[2:]}


@settings(max_examples=40)
@given(profiles())
def test_long_lists_of_questions_are_broken_up_and_keep_their_order(profile: ProfileModel) -> None:
    """No list is too long to take in, and no question is lost."""
    explanation = explain(profile)
    lists = [listed for group in question_groups(explanation, "unknown", "still") for listed in group.lists]
    assert all(0 < len(listed.questions) <= LONGEST_LIST for listed in lists)
    assert [said for listed in lists for said in listed.questions] == [asked.text for asked in explanation.questions]
