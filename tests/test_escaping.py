"""Whatever stands in rules/ or comes from outside is shown as text: no page lets any of it become markup."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from explainer import report, review
from explainer.compare import compare
from explainer.errors import KnowledgeError
from explainer.findings import Finding, Listing, Result, Subject
from explainer.handout import handout
from explainer.knowledge import Knowledge, Scenario
from explainer.loader import load
from explainer.profile import ProfileModel
from explainer.render import render_template
from explainer.resources import folder
from explainer.scenario_file import scenario_yaml
from explainer.web import create
from explainer.yamltext import Data, parse
from tests.planted import MARK, each, plant, planted, write
from tests.spoil import SAMPLE

ESCAPED = "&lt;b&gt;&amp;&#34;&#39;"
RAW = ("<b>&", '&"', "\"'", "&#34;'", '"&#39;', "&amp;lt;", "&amp;gt;", "&amp;amp;", "&amp;#")
"""What would stand in a page if a sign of the mark came through, or were escaped twice."""


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """The shipped rules with marks in every text, and one section that somebody of such a name has reviewed."""
    rules = Path(shutil.copytree(folder("rules"), tmp_path_factory.mktemp("planted") / "rules"))
    for path, data in each(rules):
        write(planted(data), path)
    knowledge = load(rules)
    section = knowledge.sections[1]
    reviewed = parse(review.recorded(knowledge, section, plant("Jane Roe, RN"), knowledge.source.revised), "").data
    path = rules / f"{section.id}.yaml"
    (data,) = (data for file, data in each(rules) if file == path)
    assert isinstance(data, dict)
    assert isinstance(reviewed, dict)
    write({**data, **reviewed}, path)
    return Subject.read(rules)


@pytest.fixture(scope="module")
def pages(subject: Subject) -> Mapping[str, str]:
    """Every page of the site and every file of HTML, by its name."""
    return {**dict(_site(subject)), **dict(_files(subject))}


def _site(subject: Subject) -> Iterator[tuple[str, str]]:
    known = subject.knowledge
    visitor = TestClient(create(composer=subject.composer, contact=plant("Ward 7")), follow_redirects=False)
    for path in ("/", "/example", "/about", "/accessibility", "/method", "/report", "/cleared", "/next", "/nothing"):
        yield path, visitor.get(path).text
    seen: set[str] = set()
    for child in _children(known):
        asked = {name: word for name, word in child.answers.items() if name in child.asked}
        visitor.headers["Cookie"] = f"answers={'.'.join(['1', *(f'{name}:{word}' for name, word in asked.items())])}"
        for path in ("/answers", "/explanation", "/explanation/file"):
            yield f"{path} {asked}", visitor.get(path).text
        for name in asked.keys() - seen:
            yield f"/questions/{name}", visitor.get(f"/questions/{name}").text
        seen |= asked.keys()
    yield from _workbench(visitor, known)
    for question in known.questions:
        for option in question.options:
            visitor.headers["Cookie"] = f"answers=1.leukemia_type:all.-{question.field}:{option.value}"
            yield f"/answers without {question.field} {option.value}", visitor.get("/answers").text


def _workbench(visitor: TestClient, known: Knowledge) -> Iterator[tuple[str, str]]:
    """The educators' pages, also on a child that somebody has uploaded."""
    child, other, *_ = (scenario for scenario in known.scenarios if len(scenario.steps) > 1)
    own = {"file": ("mine.yaml", scenario_yaml(child).encode())}
    shown = f"/educators/scenarios/{child.id}"
    paths = [f"{shown}/class?step=2&part={part}" for part in range(4)]
    paths += [f"/educators/why?of={child.id}&statement={statement}" for statement in known.statements]
    paths += ["/educators", shown, f"{shown}?step=2", f"{shown}/handout?step=2", "/educators/map"]
    paths += [f"/educators/{page}={child.id}" for page in ("picture?of", "save?of", "what-if?stage=finished&was")]
    paths += [f"/educators/compare?a={child.id}&b={other.id}", f"/educators/compare?a={child.id}.2&b=stage:finished"]
    for path in paths:
        yield path, visitor.get(path).text
    for go in ("scenario.1.0", "classroom.2.1", "handout.2.0"):
        yield f"uploaded {go}", visitor.post("/educators/load", data={"go": go}, files=own).text
    wrong = {"file": ("mine.yaml", f"{plant('key')}: {plant('text')}".encode())}
    yield "uploaded in vain", visitor.post("/educators/load", files=wrong).text
    told = {name: plant(name) for name in ("title", "story", "notice")}
    yield "saved in vain", visitor.post("/educators/save?of=", data=told).text


def _children(known: Knowledge) -> list[ProfileModel]:
    """Every made-up child at every step, one for every answer in every stage, and one of whom nothing is known."""
    steps = [step for child in known.scenarios for step in _steps(child)]
    stages = [{}, *({known.path.stage_field: stop.stage} for stop in known.path.stops)]
    single = [
        {**stage, question.field: option.value}
        for stage in stages
        for question in known.questions
        for option in question.options
    ]
    return [known.profile.settle(answers)[0] for answers in [*steps, *single, {}]]


def _steps(child: Scenario) -> Iterator[dict[str, str]]:
    answers = dict(child.profile)
    yield answers
    for step in child.steps:
        answers = {**answers, **step.answers}
        yield answers


def _files(subject: Subject) -> Iterator[tuple[str, str]]:
    composer, known = subject.composer, subject.knowledge
    for child, other in zip(known.scenarios, known.scenarios[1:] + known.scenarios[:1], strict=True):
        for step in range(1, len(child.steps) + 2):
            made = handout(composer, child, step)
            told = {"lesson": made.lesson, "explanation": made.lesson.explanation}
            yield f"{child.id} {step}", render_template("scenario.html", **told)
            yield f"handout {child.id} {step}", render_template("handout.html", **made.shown())
        first, second = (known.profile.read(dict(side.profile)) for side in (child, other))
        compared = compare(composer, first, second, (plant("answers.yaml"), other.title))
        yield f"compare {child.id} {other.id}", render_template("compare.html", comparison=compared)
    finding = Finding(place=MARK, line=1, rule=plant("rule"), message=plant("message"), remedy=plant("remedy"))
    table = Listing(title=plant("table"), columns=(plant("column"), "number"), rows=((plant("cell"), 1),))
    found = Result(name="x", title=plant("title"), counts={plant("count"): 1}, findings=(finding,), tables=(table,))
    skipped = Result(name="y", title=plant("other"), not_run=plant("reason"))
    yield "report", report.told(subject, [found, skipped], "html", tables=True)


def test_no_text_of_the_rules_becomes_markup(pages: Mapping[str, str]) -> None:
    """Each sign of HTML in each text is escaped on each page, and escaped once."""
    assert len(pages) > 250
    for name, page in pages.items():
        shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        assert ESCAPED in shown, name
        found = [shown[max(0, shown.index(raw) - 60) :][:120] for raw in RAW if raw in shown]
        assert not found, (name, found)


UNREAD = {
    *(("certainty", key) for key in ("needs", "forbids", "negations", "one", "other", "ways", "never")),
    *(("facts", "who"), ("reading", "everyday")),
    *(("glossary", "also"), ("glossary", "meaning"), ("questionnaire", "phrase")),
}
"""Texts by their file and key that need not be on any page: what checks look at, other forms of a hard word, and words
that only some other text or some condition would bring."""


def test_every_text_is_on_a_page(subject: Subject, pages: Mapping[str, str]) -> None:
    """The test above has met each text of each file, so that a new place for words cannot be forgotten."""
    lines = {line for page in pages.values() for line in page.splitlines()}  # most are on many pages
    told = " ".join(re.sub(r"<[^>]*>", "", line) for line in lines)
    shown = " ".join(html.unescape(told).split()).lower()
    missing = {
        (path.stem, key)
        for path, data in each(subject.folder)
        for key, text in _marked(data)
        for part in re.split(r"\n- |\{[^}]*\}|\n", f"\n{text}")
        if " ".join(part.split()).lower() not in shown
    }
    assert missing <= UNREAD


def _marked(data: Data, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text that holds a mark, with the key it stands under."""
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _marked(inner, name)
    elif isinstance(data, list):
        for inner in data:
            yield from _marked(inner, key)
    elif MARK in data:
        yield key, data


def _structure(data: Data, *path: str | int) -> Iterator[tuple[str | int, ...]]:
    """The place of each text that got no mark."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in inner:
        yield from _structure(part, *path, key)
    if isinstance(data, str) and MARK not in data:
        yield path


def _with_mark(data: Data, path: tuple[str | int, ...]) -> Data:
    """The data with a mark at one place."""
    if not path:
        return f"{data}{MARK}"
    key, *rest = path
    if isinstance(data, dict):
        return {name: _with_mark(part, tuple(rest)) if name == key else part for name, part in data.items()}
    return [_with_mark(part, tuple(rest)) if number == key else part for number, part in enumerate(data)]


def test_what_gets_no_mark_can_hold_none(tmp_path: Path) -> None:
    """Names, conditions, days and numbers are refused with a mark in them, so that no page has to escape them."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    tried: set[str] = set()
    for path, data in each(rules):
        kept = path.read_bytes()
        for place in _structure(planted(data)):
            kind = f"{path.stem} {' '.join(part for part in place if isinstance(part, str))}"
            if kind not in tried:
                tried.add(kind)
                write(_with_mark(data, place), path)
                with pytest.raises(KnowledgeError, match="b>&"):
                    load(rules)
        path.write_bytes(kept)
    assert {word for kind in tried for word in kind.split()} & {"id", "when", "facts", "profile", "timing", "revised"}
    assert len(tried) > 50


OUTSIDE: dict[str, tuple[str, str, dict[str, str]]] = {
    "the address": ("GET", f"/{MARK}", {}),
    "the name of a question": ("GET", f"/questions/{MARK}", {}),
    "the query": ("GET", f"/questions/stage?back_to={MARK}&missing={MARK}&{MARK}={MARK}", {}),
    "a form": ("POST", f"/questions/stage?back_to={MARK}", {"answer": MARK, MARK: MARK}),
    "the cookie": ("GET", "/", {"cookie": f"answers=1.stage:{MARK}"}),
    "an answer set aside": ("GET", "/answers", {"cookie": f"answers=1.stage:induction.-mrd:{MARK}"}),
    "the name of the host": ("GET", "/explanation", {"cookie": "answers=1.stage:induction", "host": MARK}),
    "the port": ("GET", "/explanation", {"cookie": "answers=1.stage:induction", "host": f"x:{MARK}"}),
    "a made-up child in an address": ("GET", f"/educators/what-if?was={MARK}", {}),
    "an answer in an address": ("GET", f"/educators/picture?of=stage:{MARK}.{MARK}:x", {}),
    "a field in an address": ("GET", f"/educators/what-if?was=&{MARK}={MARK}", {}),
    "a statement in an address": ("GET", f"/educators/why?of=&statement={MARK}", {}),
    "a topic in an address": ("GET", f"/educators?topic={MARK}", {}),
    "what is to be saved": ("POST", "/educators/save?of=", {"answer": MARK, "title": MARK, "story": MARK}),
    "what is to be opened": ("POST", "/educators/load", {"answer": MARK, "text": MARK, "go": MARK}),
    "the method": (MARK, "/", {}),
    "another header": ("GET", "/", {"x-forwarded-host": MARK, "user-agent": MARK, "accept-language": MARK}),
    "where a form comes from": ("POST", "/clear", {"origin": MARK}),
}


@pytest.mark.parametrize(("method", "path", "sent"), OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_that_a_request_brings_becomes_markup(method: str, path: str, sent: dict[str, str]) -> None:
    """Whoever sends a visitor a link or a form puts nothing into our pages by it."""
    form = sent if "answer" in sent else {}
    visitor = TestClient(create(), follow_redirects=True)
    page = visitor.request(method, path, data=form, headers={} if form else sent)
    assert "<h1>" in page.text
    assert not [raw for raw in RAW if raw in page.text]


def test_no_template_says_that_a_text_is_safe() -> None:
    """Only what escapes its pieces makes HTML: `linked`, in render.py, and nothing else."""
    for path in folder("templates").rglob("*.jinja"):
        assert not re.search(r"\|\s*safe\b|autoescape|Markup|xmlattr|tojson", path.read_text("utf-8")), path.name
    for path in Path(review.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert path.name == "render.py" or not re.search(r"\bMarkup\b|autoescape", text), path.name
        assert path.name in ("render.py", "compiled.py") or "jinja2" not in text, path.name


def test_every_page_is_escaped_by_its_name() -> None:
    """The ending of a template says that it makes HTML; one that has tags has that ending."""
    for path in folder("templates").rglob("*.jinja"):
        has_tags = re.search(r"^</?\w+|</\w+>$", path.read_text("utf-8"), flags=re.MULTILINE)
        assert not has_tags or path.name.endswith(".html.jinja"), path.name
