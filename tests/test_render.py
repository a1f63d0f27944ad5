"""Rendering: every form tells all of an explanation, in order, and nothing of the machinery behind it."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.markdown import Markdown

from explainer import Explanation, Profile, explain
from explainer.errors import InputError
from explainer.explanation import Section, Statement, Term
from explainer.glossary import Glossary
from explainer.loader import knowledge
from explainer.render import (
    FORMS,
    ORDER,
    Block,
    _keeping,
    _linked,
    _told,
    _told_section,
    _words,
    blocks,
    environment,
    escape_markdown,
    linked,
    placed,
    render,
    slug,
    topics,
    words,
    wrapped,
)
from explainer.resources import folder
from tests.program import assert_refused, call
from tests.strategies import leading, profiles

PAGES = ("text", "markdown", "html")
DAY = date(2025, 3, 9)
MARKUP = """<img src=x onerror=alert(1)>&"'"""

explanations = st.builds(explain, profiles())
each_page = pytest.mark.parametrize("form", PAGES)
each_form = pytest.mark.parametrize("form", FORMS)


def plain(text: str) -> str:
    """One line, without list marks, in lower case."""
    return " ".join(re.sub(r"^\s*- ", "", text, flags=re.MULTILINE).split()).lower()


def read(explanation: Explanation, form: str) -> str:
    """What a reader reads of a form, as one plain line. Of HTML, without what "Why?" unfolds."""
    output = render(explanation, form)
    if form == "markdown":
        output = re.sub(r"^[> ]+", "", output, flags=re.MULTILINE)
        output = re.sub(r"\\(.)", r"\1", output)
    elif form == "html":
        output = re.sub(r'<style>.*?</style>|<details class="why">.*?</details>', "", output, flags=re.DOTALL)
        output = html.unescape(re.sub(r"<[^>]+>", "", output))
    return plain(output)


def _stands(section: Section, statement: Statement, explanation: Explanation) -> str:
    """Under which heading a statement of a section stands."""
    if section.timing == "any" and {one.timing for one in explanation.sections} <= {"any", "later"}:
        return "all"
    if statement.goes_on:
        return "still"
    return "first" if section.id == leading(explanation.profile) else section.timing


def reading(explanation: Explanation, form: str) -> Iterator[str]:
    """All that a form has to tell, in order. A page begins with the child's place; its map says more than words."""
    w: Any = words(explanation)
    intro = [w.intro]
    yield w.title
    yield from intro if form != "html" else ()
    if explanation.place:
        yield from (w.place_heading, explanation.place.text, *(stop.label for stop in explanation.place.stops))
    yield from intro if form == "html" else ()
    yield from (w.notices_heading, *(notice.text for notice in explanation.notices))
    for timing in ORDER:
        told = {
            section.title: [one for one in section.statements if _stands(section, one, explanation) == timing]
            for section in explanation.sections
        }
        if any(told.values()):
            yield w.timing[timing]
        for title, statements in told.items():
            if statements:
                yield title
            condition = None
            for statement in statements:
                if statement.condition not in (None, condition):
                    yield f"If {statement.condition}:"
                condition = statement.condition
                yield statement.text
    yield from (w.questions_heading, *(question.text for question in explanation.questions))
    if explanation.glossary:
        yield w.glossary_heading
    for term in explanation.glossary:
        yield from (term.term, term.meaning)
    yield from (w.source_heading, w.source_line, w.revised, explanation.source.notice, *w.reviews, w.disclaimer)


# --- every form, for every child -------------------------------------------------------------


@each_page
@given(explanation=explanations)
def test_every_form_tells_everything_in_order(form: str, explanation: Explanation) -> None:
    """Whoever reads any form reads place, notices, what is now to what is earlier, questions, words and source."""
    text = read(explanation, form)
    end = 0
    for part in reading(explanation, form):
        start = text.find(plain(part), end)
        assert start >= 0, part
        end = start + len(plain(part))


@each_page
@given(explanation=explanations)
def test_no_form_shows_the_machinery(form: str, explanation: Explanation) -> None:
    """No template mark, no Python word, no stray blank and no gap reaches a family."""
    output = render(explanation, form)
    assert not re.search(r"\{\{|\}\}|\{%|%\}|\bNone\b(?! are found)|Undefined", output)
    assert not re.search(r"[ \t]$", output, flags=re.MULTILINE)
    assert form == "html" or "\n\n\n" not in output
    assert output.endswith("\n")
    assert output == output.strip() + "\n"


@given(explanations)
def test_text_fits_a_terminal(explanation: Explanation) -> None:
    """No line of the text form is longer than 80 columns."""
    assert max(map(len, render(explanation, "text").splitlines())) <= 80


@given(explanations)
def test_markdown_means_what_it_shows(explanation: Explanation) -> None:
    """Headings are in order and none is empty; each possibility is one quotation, and none is opened twice."""
    tokens = Markdown(render(explanation, "markdown")).parsed
    blocks = [token for token in tokens if token.level == 0 and not token.type.endswith("_close")]
    levels = [int(token.tag[1]) for token in blocks if token.type == "heading_open"]
    assert levels[0] == 1
    assert all(1 < level <= above + 1 for above, level in pairwise(levels))
    for block, following in pairwise([*blocks, None]):
        if block and block.type == "heading_open":
            assert following
            assert following.type != "heading_open" or following.tag > block.tag
    told = [topic for _, section in placed(explanation.sections) for topic in topics(section.statements)]
    for topic in told:
        conditions = [group.condition for group in topic.groups if group.condition]
        assert len(conditions) == len(set(conditions))
    quoted = sum(token.type == "blockquote_open" for token in tokens)
    assert quoted == sum(group.condition is not None for topic in told for group in topic.groups)


@each_page
@given(explanation=explanations)
def test_every_form_gives_the_reasons(form: str, explanation: Explanation) -> None:
    """Where an answer decided, the form says which one ("If …" says it of open ones); the page gives every reason."""
    output = render(explanation, form)
    text = plain(
        html.unescape(output) if form == "html" else re.sub(r"^[> ]+|\\(?=\W)", "", output, flags=re.MULTILINE)
    )
    for section in explanation.sections:
        for statement in section.statements:
            if form == "html" or not (statement.for_everyone or statement.condition):
                assert plain("; ".join(statement.because)) in text


@given(explanations)
def test_json_is_the_explanation(explanation: Explanation) -> None:
    """Other programs read from the JSON form exactly what the explanation holds."""
    assert Explanation.model_validate(json.loads(render(explanation, "json"))) == explanation


# --- what families are owed ------------------------------------------------------------------

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "nothing answered": {},
    "in induction": {"leukemia_type": "all", "stage": "induction"},
    "after a relapse": {"leukemia_type": "all", "stage": "relapsed"},
    "another leukemia": {"leukemia_type": "aml"},
}


@each_form
@pytest.mark.parametrize("answers", EXAMPLES.values(), ids=EXAMPLES)
def test_every_form_says_that_nobody_has_reviewed_it(form: str, answers: Mapping[str, str]) -> None:
    """No family takes these words for words that a clinician has checked."""
    assert "no doctor or nurse has checked these words yet" in read(explain(Profile(**answers)), form)


@each_page
@pytest.mark.parametrize("answers", EXAMPLES.values(), ids=EXAMPLES)
def test_every_form_sends_the_reader_to_the_care_team(form: str, answers: Mapping[str, str]) -> None:
    """The last words of every form are that it does not replace the care team, and that they may be asked."""
    last = read(explain(Profile(**answers)), form)[-200:]
    assert "does not replace your child's care team. please ask them" in last


@each_page
def test_another_leukemia_is_not_explained(form: str) -> None:
    """To a family whose child has another leukemia nothing claims to explain its treatment."""
    claim = re.compile(r"\bexplain(s|ed)\b")
    assert claim.search(read(explain(Profile(leukemia_type="all")), form))
    assert not claim.search(read(explain(Profile(leukemia_type="aml")), form))


@each_form
def test_the_day_stands_there_when_it_is_given(form: str) -> None:
    """A page tells the day it was made only to who asked for it, so that equal answers give equal pages."""
    day = "2025-03-09" if form == "json" else "march 9, 2025"
    assert day in read(explain(Profile(), made_on=DAY), form)
    undated = read(explain(Profile()), form)
    assert day not in undated
    assert form == "json" or "made on" not in undated


@each_form
def test_equal_explanations_give_equal_text(form: str) -> None:
    """The same answers always read the same."""
    assert render(explain(Profile(stage="induction")), form) == render(explain(Profile(stage="induction")), form)


# --- HTML cannot be broken out of ------------------------------------------------------------


class Tags(HTMLParser):
    """Lists the tags of a page, and the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def with_markup(part: Any, key: str = "") -> Any:
    """The same data with markup in every text, other than words that stand for a choice."""
    if isinstance(part, dict):
        return {name: with_markup(inner, name) for name, inner in part.items()}
    if isinstance(part, list):
        return [with_markup(inner, key) for inner in part]
    chosen = key in ("timing", "applies", "certainty", "origin", "revised", "made_on")
    return part if chosen or not isinstance(part, str) else part + MARKUP


def test_no_text_can_bring_markup_into_the_page() -> None:
    """Whatever a rule, a term or the source says, it is shown and never run."""
    calm = explain(Profile(stage="induction", look_ahead=True), made_on=DAY)
    hostile = Explanation.model_validate(with_markup(calm.model_dump(mode="json")))
    expected, found = Tags(render(calm, "html")), Tags(render(hostile, "html"))
    assert found.attributes == expected.attributes
    assert set(found.tags) <= set(expected.tags)
    for part in (calm.place, *calm.notices, *calm.questions, *calm.sections[0].statements):
        assert part
        assert plain(part.text + MARKUP) in plain(found.text)


# --- filters ---------------------------------------------------------------------------------


def test_blocks_tell_lists_from_paragraphs() -> None:
    """Lines that begin with "- " become the items of a list, other lines a paragraph each."""
    found = blocks("These two:\n- one\n- two - and a half\n\nThe end.")
    assert found == [
        Block(False, ("These two:",)),
        Block(True, ("one", "two - and a half")),
        Block(False, ("The end.",)),
    ]
    assert blocks("") == []


spoken = st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60), min_size=1)


@given(spoken, st.integers(0, 6), st.sampled_from(["", "- ", "[ ] "]))
def test_wrapped_text_keeps_its_words(text: list[str], indent: int, first: str) -> None:
    """Wrapping loses no word, fits 80 columns, and lines up under what stands first."""
    lines = wrapped(" ".join(text), indent, first).split("\n")
    margin = " " * (indent + len(first))
    assert lines[0].startswith(" " * indent + first)
    assert all(line.startswith(margin) for line in lines[1:])
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(line[len(margin) :] for line in lines) == " ".join(text)


@given(spoken.map(" ".join))
@example("- no list")
@example("+ no list")
@example("12) no list")
@example("# no heading")
@example("---")
@example("> no quotation")
@example("no &amp; entity, no ~~strike~~, no [link](x)")
def test_escaped_markdown_shows_the_text_itself(text: str) -> None:
    """No text turns into a heading, a list, a link or emphasis, whatever it begins with or holds."""
    tokens = Markdown(escape_markdown(text)).parsed
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children or []) == text


@given(st.text())
def test_a_slug_fits_an_address(text: str) -> None:
    """An anchor holds lower-case letters, digits and single hyphens only."""
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug(text))


def test_terms_have_slugs_of_their_own() -> None:
    """No two hard words lead to the same place."""
    slugs = [slug(term.term) for term in knowledge().glossary]
    assert all(slugs)
    assert len(set(slugs)) == len(slugs)


def term(word: str, *also: str, meaning: str = "") -> Term:
    return Term(term=word, also=also, meaning=meaning, origin="editorial")


def test_a_hard_word_is_linked_once() -> None:
    """The first time that a word stands in a section it opens its note; what it says is escaped."""
    context = {"glossary": Glossary([term("chemotherapy", "chemo"), term("<b>")])}
    seen: list[str] = []
    first = linked(context, "Chemo & <b>", seen)  # type: ignore[arg-type]  # all that it asks of the context
    word = '<button class="term" popovertarget="word-{}">{}</button>'
    assert linked(context, "(chemo), <b>.", []) == (  # type: ignore[arg-type]
        f'<span class="whole">({word.format("chemotherapy", "chemo")}),</span> '
        f'<span class="whole">{word.format("b", "&lt;b&gt;")}.</span>'
    )
    assert first == f"{word.format('chemotherapy', 'Chemo')} &amp; {word.format('b', '&lt;b&gt;')}"
    assert linked(context, "chemotherapy", seen) == "chemotherapy"  # type: ignore[arg-type]


def test_a_short_form_in_brackets_stands_beside_its_button() -> None:
    """A button is one block of lines: with the bracket in it, what follows would stand far off on a narrow screen."""
    context = {"glossary": Glossary([term("minimal residual disease", "minimal residual disease (MRD)", "MRD")])}
    made = linked(context, "called minimal residual disease (MRD).", [])  # type: ignore[arg-type]
    assert made.endswith(">minimal residual disease</button> (MRD).")


@given(
    st.lists(
        st.sampled_from([form for word in knowledge().glossary for form in (word.term, *word.also)]).flatmap(
            lambda form: st.sampled_from([form, form.upper(), form.title(), form.replace("s", "ſ")])
        )
        | st.sampled_from([" ", "-", "(", ")", ". ", "a"])
    ).map("".join)
)
def test_hard_words_are_found_however_they_are_written(text: str) -> None:
    """Capitals, brackets and hyphens around hard words never stop a page, and no letter is lost."""
    pieces = [piece for piece, _ in Glossary(knowledge().glossary).split(text)]
    assert "".join(pieces) == text
    assert all(pieces)


def test_an_unknown_form_is_refused() -> None:
    """An integrator who asks for a form that does not exist is told which ones do."""
    with pytest.raises(InputError, match=r"'pdf' is not a form; allowed: json, text, markdown, html"):
        render(explain(Profile()), "pdf")


# --- what is made once for all -----------------------------------------------------------------


@given(explanations)
@settings(max_examples=30)
def test_a_page_does_not_hang_on_the_pages_before(explanation: Explanation) -> None:
    """What was made for other families reads exactly as it would if it were made for this one."""
    after_others = render(explanation, "html")
    for made in (_keeping, _linked, _told, _told_section, _words):
        made.cache_clear()
    assert render(explanation, "html") == after_others


@given(explanations)
@settings(max_examples=30)
def test_json_has_one_form(explanation: Explanation) -> None:
    """An explanation's JSON is laid out as Python would lay it out, with all letters as they are."""
    told = explanation.model_dump(mode="json")
    assert render(explanation, "json") == json.dumps(told, ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "templates/explanation.txt.jinja: the file is missing"),
        ("one\n{% if %}", "templates/explanation.txt.jinja:2: Expected an expression"),
        ("one\n\n{{ nobody.name }}", "templates/explanation.txt.jinja:3: 'nobody' is undefined"),
        ("{% include 'other.jinja' %}", "templates/other.jinja: the file is missing"),
        ("{{ explanation.nothing }}", "templates/explanation.txt.jinja:1: 'explainer.explanation.Explanation object'"),
        ("{{ 1 + 'a' }}", "templates/explanation.txt.jinja:1: unsupported operand"),
    ],
    ids=["missing", "syntax", "name", "include", "attribute", "sum"],
)
def test_a_template_that_does_not_work_is_told(
    text: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes the words of a page is told the file and the line, and not that of a program."""
    templates = Path(shutil.copytree(folder("templates"), tmp_path / "templates"))
    changed = templates / "explanation.txt.jinja"
    changed.unlink() if text is None else changed.write_text(text)
    monkeypatch.setattr("explainer.render.folder", lambda _: templates)
    monkeypatch.setattr("explainer.render.environment", cache(environment.__wrapped__))
    assert_refused(call("explain", "--set", "stage=induction"), said)


def test_a_template_of_questions_that_does_not_work_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The questionnaire in a terminal fills its words in one by one."""
    templates = Path(shutil.copytree(folder("templates"), tmp_path / "templates"))
    words = (templates / "ask.jinja").read_text("utf-8")
    (templates / "ask.jinja").write_text(words.replace("{{ question.text", "{{ nobody.text"), "utf-8")
    monkeypatch.setattr("explainer.render.folder", lambda _: templates)
    monkeypatch.setattr("explainer.ask.environment", cache(environment.__wrapped__))
    wrong = [number for number, said in enumerate(words.splitlines(), 1) if "{{ question.text" in said]
    done = call("ask", stdin=b"1\n")
    assert done.code == 2
    assert f"templates/ask.jinja:{wrong[0]}: 'nobody' is undefined" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("told", [None, Profile(stage="induction"), {}])
def test_only_an_explanation_is_rendered(told: Any) -> None:
    """A profile in its place is a mistake that is told, not a page without sections."""
    for form in FORMS:
        with pytest.raises(TypeError, match="an Explanation is wanted"):
            render(told, form)
