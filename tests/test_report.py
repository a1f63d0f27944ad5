"""The report that a hospital's reviewer reads."""

from __future__ import annotations

import html
import re
from html import escape
from pathlib import Path

import pytest

from explainer import digest, logic, report
from explainer.check import CHECKS, run
from explainer.findings import Finding, Result, Subject
from explainer.resources import folder
from tests.program import assert_refused, call
from tests.spoil import SAMPLE, sample

SUBJECT = Subject.read(folder("rules"))
QUICK = [name for name in CHECKS if name not in ("ledger", "mutants")]


@pytest.fixture(scope="module")
def page() -> str:
    """The whole report, with the checks that take no time."""
    return report.told(SUBJECT, run(SUBJECT, {name: CHECKS[name] for name in QUICK}), "html", tables=True)


def test_every_rule_is_in_it_with_all_that_a_reviewer_needs(page: str) -> None:
    """Words, question, condition in plain English, facts, certainty, reading grade, place and number of profiles."""
    told = page.replace("\n", " ")
    kept = digest.read(folder("rules"))
    assert kept
    for name, (section, rule) in SUBJECT.knowledge.statements.items():
        start = told.index(f'<section class="rule" aria-labelledby="rule-{name}">')
        part = told[start : told.index("</section>", start)]
        for text in (*re.split(r"\n- |\n", rule.say), rule.ask or "", rule.certainty):
            assert str(escape(text, quote=False)) in part.replace("&#39;", "'"), (name, text)
        for fact in rule.facts:
            assert f"Fact {fact}" in part, name
        for_all = rule.when == logic.TRUE
        condition = section.everyone if for_all else SUBJECT.composer.phrasing.condition(rule.when)
        assert condition in part.replace("&#39;", "'"), name
        assert "{}:{}".format(*SUBJECT.places[name]) in part
        assert f"{kept.blocks[name].count('definite'):,} without an “If”" in part
        assert re.search(r"Reading grade:</b> -?\d+\.\d", part), name


def test_it_says_that_nobody_has_reviewed_it(page: str) -> None:
    """What programs checked must not pass for what a clinician has."""
    assert "No clinician has reviewed any of these words yet." in page
    assert page.count("Not reviewed by a clinician.") == len(SUBJECT.knowledge.sections)


def test_each_check_and_its_tables_are_in_it(page: str) -> None:
    """A reviewer sees what was looked at, what was found, and what was not run."""
    for name in QUICK:
        assert f"({name})" in page
    assert "not run: no copy of the document was given" in page
    assert "highest grade by Flesch-Kincaid" in page


def test_what_stands_around_the_sections_is_there_to_be_reviewed(page: str) -> None:
    """A review covers it, so a reviewer has to read it: questions and their help, notices, places and hard words."""
    known = SUBJECT.knowledge
    words = [notice.say for notice in known.notices] + [place.say for place in known.path.places]
    words += [text for question in known.questions for text in (question.text, question.why, question.where)]
    words += [option.help for question in known.questions for option in question.options if option.help]
    words += [team.say for question in known.questions for team in question.team]
    words += [term.meaning for term in known.glossary]
    assert [text for text in words if text not in html.unescape(page)] == []


def test_findings_are_told_and_escaped() -> None:
    """What falls short stands there with its place and what to do; no markup comes in with it."""
    finding = Finding(place="rules/a.yaml", line=3, rule="a.b", message="<b>bad</b>", remedy="mend & run")
    page = report.told(SUBJECT, [Result(name="x", title="X", findings=(finding,))], "html", tables=True)
    assert "rules/a.yaml:3 a.b: &lt;b&gt;bad&lt;/b&gt;. <b>To do:</b> mend &amp; run." in page
    assert "1 finding<" in page


def test_without_a_ledger_nothing_is_counted(tmp_path: Path) -> None:
    """No number is made up where nobody has counted."""
    page = report.told(sample(tmp_path), [], "html", tables=True)
    assert "Nobody has counted yet" in page
    assert "without an “If”" not in page


def test_the_command_writes_it(tmp_path: Path) -> None:
    """The ending of the output picks the form, as with explanations; other forms are refused."""
    out = tmp_path / "report.html"
    done = call("check", str(SAMPLE), "--only", "knowledge", "--output", str(out))
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert "<h1>Report for reviewers</h1>" in out.read_text("utf-8")
    assert_refused(call("check", "--only", "knowledge", "--format", "markdown"), "text, json, html")
    assert_refused(call("check", "--only", "knowledge", "--output", str(tmp_path / "r.md")), ".html")
