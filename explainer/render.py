"""Renders an explanation as text, Markdown or one self-contained HTML page. All words are in templates/."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache, partial
from itertools import groupby
from operator import attrgetter, itemgetter
from traceback import walk_tb
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import jinja2
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup
from pydantic_core import to_json

from explainer.compiled import Compiled
from explainer.errors import Fault, InputError, nearest, shown
from explainer.explanation import Explanation, Question, Review, Section, Source, Statement, Term, after_now
from explainer.glossary import Glossary
from explainer.resources import folder

if TYPE_CHECKING:
    from explainer.causes import Cause
    from explainer.compare import StatementPair, TextPair

_SUFFIXES = {"text": "txt", "markdown": "md", "html": "html"}
FORMS = ("json", *_SUFFIXES)
_WIDTH = 80
LONGEST_LIST = 7
"""A list of questions that is longer is broken up."""
ORDER = ("first", "now", "still", "next", "all", "any", "later", "earlier")
"""The headings of a page under which sections stand, as `groupby_timing` names them."""


def render(explanation: Explanation, form: str) -> str:
    """The explanation in one of FORMS, ending in a line break. Equal explanations give equal text.

    Raises InputError for any other form, and TypeError for anything else than an explanation.
    """
    if not isinstance(explanation, Explanation):
        raise TypeError(f"an Explanation is wanted, such as explain(Profile()) gives, not {shown(explanation)}")
    if form not in FORMS:
        raise InputError.at("form", f"{shown(form)} is not a form; {nearest(form, FORMS)}")
    return in_form(form, "explanation", explanation, explanation=explanation)


def in_form(form: str, template: str, told: object, **context: object) -> str:
    """What is told, in one of FORMS: as JSON or by a template, which has one file for each other form."""
    if form == "json":
        return to_json(told, indent=2).decode() + "\n"
    return render_template(f"{template}.{_SUFFIXES[form]}", **context)


def render_template(name: str, **context: object) -> str:
    """A template of templates/ filled in, ending in exactly one line break."""
    made = environment().get_template(f"{name}.jinja").render(**context)
    if made.startswith("\n") or made.endswith("\n\n") or not made.endswith("\n"):
        return made.strip("\n") + "\n"
    return made  # as it is, for copying a page takes as long as a fifth of making it


def fault_in_template(error: Exception) -> Fault | None:
    """What is wrong with a file of templates/, if that is what was raised: it is missing, or does not work."""
    if isinstance(error, jinja2.TemplateNotFound):
        return Fault(f"templates/{error.name}", 0, "the file is missing")
    if isinstance(error, jinja2.TemplateSyntaxError):
        return Fault(f"templates/{error.name}", error.lineno, str(error.message))
    places = [place for frame, line in walk_tb(error.__traceback__) if (place := _in_template(frame, line))]
    return Fault(*places[-1], str(error)) if places and not isinstance(error, OSError) else None


def _in_template(frame: FrameType, line: int) -> tuple[str, int] | None:
    """File and line of a template, if it is one that this frame runs. Jinja has put some of them right already."""
    name = frame.f_code.co_filename.rpartition("templates/")[2]
    if not name.endswith(".jinja"):
        return None
    template = frame.f_globals.get("__jinja_template__")
    return f"templates/{name}", template.get_corresponding_lineno(line) if template else line


@cache
def environment() -> Environment:
    """The templates, with the few filters they need. A name that is missing is an error, never empty text."""
    templates = folder("templates")
    made = Environment(
        loader=FileSystemLoader(templates),
        bytecode_cache=Compiled(templates, __file__),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # else each use of a template asks the disk whether it is still the same
    )
    made.filters |= {
        "blocks": blocks,
        "capitalized": lambda text: text[:1].upper() + text[1:],
        "contents": contents,
        "groupby_timing": groupby_timing,
        "groups": groups,
        "hard_words": hard_words,
        "linked": linked,
        "md": escape_markdown,
        "merged": merged,
        "plain": str,  # what a macro made is no HTML yet
        "question_groups": question_groups,
        "review_lines": review_lines,
        "runs": runs,
        "slug": slug,
        "told": told,
        "told_section": told_section,
        "topics": topics,
        "words": words,
        "wrapped": wrapped,
    }
    made.globals["part"] = part
    return made


# --- filters ---------------------------------------------------------------------------------


class Block(NamedTuple):
    """A paragraph (one line) or a list (its items)."""

    is_list: bool
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """A text taken apart into paragraphs and lists; list lines begin with "- "."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = []
    for is_list, group in groupby(lines, key=lambda line: line.startswith("- ")):
        if is_list:
            found.append(Block(True, tuple(line[2:].strip() for line in group)))
        else:
            found += [Block(False, (line,)) for line in group]
    return found


class Group(NamedTuple):
    """Statements that are told together: definite ones, or those under one condition."""

    condition: str | None
    statements: tuple[Statement, ...]


class Topic(NamedTuple):
    """Statements that stand under one title."""

    title: str
    statements: tuple[Statement, ...]

    @property
    def groups(self) -> list[Group]:
        grouped = groupby(self.statements, key=attrgetter("condition"))
        return [Group(condition, tuple(told)) for condition, told in grouped]


def topics(statements: Iterable[Statement]) -> list[Topic]:
    """Statements under their topics' titles."""
    return [Topic(title, tuple(told)) for title, told in groupby(statements, key=attrgetter("topic"))]


def runs(pairs: Iterable[StatementPair]) -> list[tuple[bool, list[StatementPair]]]:
    """Compared statements in their order, taken together as long as they are the same, or are not."""
    return [(same, list(group)) for same, group in groupby(pairs, key=lambda pair: pair.difference == "same")]


Way = tuple[str, str, str, tuple[str, ...]]


def merged(causes: Iterable[Cause], known: Iterable[Cause] = ()) -> list[Cause]:
    """Causes that differ by their rule alone as one that names all these rules; those that are `known` are left out."""
    left_out = set(map(_way, known))
    found: dict[Way, list[Cause]] = {}
    for cause in causes:
        if _way(cause) not in left_out:
            found.setdefault(_way(cause), []).append(cause)
    return [
        alike[0].model_copy(update={"rule": ", ".join(dict.fromkeys(cause.rule for cause in alike))})
        for alike in found.values()
    ]


def groups(pairs: Iterable[TextPair]) -> list[tuple[str, list[list[TextPair]]]]:
    """What is added and then what is removed. What has the same causes is together, so that they are told once."""
    found: dict[str, dict[frozenset[Way], list[TextPair]]] = {"added": {}, "removed": {}}
    for pair in pairs:
        if pair.difference != "same":
            found[pair.difference].setdefault(frozenset(map(_way, pair.causes)), []).append(pair)
    return [(difference, list(alike.values())) for difference, alike in found.items() if alike]


def _way(cause: Cause) -> Way:
    """A cause without the rule to which it leads."""
    return cause.field, cause.before, cause.after, cause.through


def placed(sections: Iterable[Section]) -> list[tuple[str, Section]]:
    """Sections, each with the timing under which it stands, which is "still" for what goes on of one that lies behind.

    That stands by itself, after what is now, so that nobody takes it for over.
    """
    still, others = list[tuple[str, Section]](), list[tuple[str, Section]]()
    for section in sections:
        goes_on = tuple([told for told in section.statements if told.goes_on])
        rest = section.statements[len(goes_on) :]
        if goes_on:
            part = section.model_copy(update={"id": f"{section.id}-still", "statements": goes_on})
            still.append(("still", part))
        if rest:
            others.append((section.timing, section.model_copy(update={"statements": rest}) if goes_on else section))
    return after_now(others, still, itemgetter(0))


def groupby_timing(sections: Iterable[Section]) -> list[tuple[str, list[Section]]]:
    """Sections as they are `placed`, those of the same timing together.

    What is for any time is "all" where nothing has its time yet, and "first" as far as it leads.
    """
    grouped = groupby(placed(sections), key=itemgetter(0))
    found = [(timing, [section for _, section in group]) for timing, group in grouped]
    anytime = [number for number, (timing, _) in enumerate(found) if timing == "any"]
    if {timing for timing, _ in found} <= {"any", "later"}:
        return [("all" if timing == "any" else timing, alike) for timing, alike in found]
    return [("first", found[0][1]), *found[1:]] if len(anytime) > 1 else found


def contents(groups: Iterable[tuple[str, list[Section]]], headings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Where the list of contents leads: a name on the page, and the words of the link, for each of `groupby_timing`.

    What has no time of its own is listed by its sections: a heading common to all says nothing of what is there, such
    as where to find help.
    """
    found: list[tuple[str, str]] = []
    for timing, sections in groups:
        if timing in ("all", "any"):
            found += [(f"section-{section.id}", section.title) for section in sections]
        else:
            found.append((timing, headings[timing]))
    return tuple(found)


def words(explanation: Explanation) -> TemplateModule:
    """The words around what an explanation tells, from templates/words.jinja. Those of another may be the same."""
    sections = tuple([(section.title, section.reviewed) for section in explanation.sections])
    return _words(explanation.place is not None, sections, explanation.source, explanation.made_on)


@lru_cache(256)
def _words(
    place: bool,
    sections: tuple[tuple[str, Review | None], ...],
    source: Source,
    made_on: date | None,
) -> TemplateModule:
    told = {"place": place, "sections": sections, "source": source, "made_on": made_on}
    return environment().get_template("words.jinja").make_module(told)


def review_lines(
    sections: Sequence[tuple[str, Review | None]],
    reviewed: str,
    not_reviewed: str,
    others_not: str,
    day: Callable[[date], str],
) -> list[str]:
    """Who has checked which sections, and that nobody has checked the others.

    `reviewed` is a pattern for {by}, {day} and {titles}; `others_not` speaks of the sections that nobody has checked.
    """
    titles: dict[Review, list[str]] = {}
    for title, review in sections:
        if review:
            titles.setdefault(review, []).append(title)
    lines = [reviewed.format(by=by.by, day=day(by.on), titles="; ".join(told)) for by, told in titles.items()]
    if not lines:
        return [not_reviewed]
    return [*lines, others_not] if any(review is None for _, review in sections) else lines


class QuestionList(NamedTuple):
    heading: str | None
    questions: tuple[str, ...]


class QuestionGroup(NamedTuple):
    """Questions under one heading, in lists short enough to take in."""

    heading: str
    lists: tuple[QuestionList, ...]


def question_groups(explanation: Explanation, unknown: str, still: str) -> list[QuestionGroup]:
    """Questions under the title of the section that brings them. Where they are many, each topic has its list.

    `unknown` is the heading of what is asked about answers not known, and `still` that of what goes on of phases that
    lie behind. Nothing else of these brings a question.
    """
    headings: dict[str | None, str] = {None: unknown}
    headings |= {one.id: still if one.timing == "earlier" else one.title for one in explanation.sections}
    grouped = groupby(explanation.questions, key=lambda question: headings[question.section])
    return [QuestionGroup(heading, tuple(_lists(list(group)))) for heading, group in grouped]


def _lists(questions: list[Question]) -> Iterator[QuestionList]:
    if len(questions) <= LONGEST_LIST:
        yield QuestionList(None, tuple([question.text for question in questions]))
        return
    for topic, group in groupby(questions, key=lambda question: question.topic):
        told = tuple([question.text for question in group])
        count = -(-len(told) // LONGEST_LIST)
        size = -(-len(told) // count)  # lists of about the same length
        for start in range(0, len(told), size):
            yield QuestionList(None if start else topic, told[start : start + size])


def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """Text that fits 80 columns, indented; `first` stands before its first line (a bullet, say)."""
    margin = " " * indent
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent=margin + first,
        subsequent_indent=margin + " " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, at the beginning of a line, too."""
    text = re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", text)
    return re.sub(r"^(\d+(?=[.)])|(?=[-+=]))", r"\1\\", text)


@lru_cache(1024)
def slug(text: str) -> str:
    """A name for an anchor: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@lru_cache(256)
def hard_words(terms: tuple[Term, ...]) -> Glossary[Term]:
    """The terms of an explanation, ready to be looked up in its texts."""
    return Glossary(terms)


def part(name: str, **context: Hashable) -> Markup:
    """A part of a page: a template of HTML, filled in. Pages are made of the same parts, so each is made only once."""
    return _keeping(name)(**context)


@cache
def _keeping(name: str) -> Callable[..., Markup]:
    return lru_cache(1024)(partial(_part, name))


def _part(name: str, **context: object) -> Markup:
    return Markup(environment().get_template(f"{name}.html.jinja").render(**context))  # noqa: S704 - it is escaped there


_GLUED = re.compile(r"(?=[^\s<]|<button[^<]*</button>[^\s<])[^\s<>]*<button[^<]*</button>[^\s<]*")
_WHOLE = r'<span class="whole">\g<0></span>'
"""A browser may break a line before or after a button, even if a bracket or a comma stands there."""


@pass_context
def linked(context: Context, text: str, seen: list[str]) -> Markup:
    """HTML in which each hard word opens the note on it, unless `seen` holds it already; then it joins `seen`."""
    return _noted(_linked, text, [text], context["glossary"], seen)


@pass_context
def told(context: Context, topic: Topic, seen: list[str]) -> Markup:
    """A topic as HTML, its hard words `linked`."""
    return _noted(_told, topic, _texts(topic.statements), context["glossary"], seen)


def _texts(statements: Iterable[Statement]) -> Iterator[str]:
    return (text for told in statements for text in (told.condition, told.text) if text)


def _noted(
    make: Callable[..., _Noted], thing: object, texts: Iterable[str], glossary: Glossary[Term], seen: list[str]
) -> Markup:
    terms = {term.term: term for text in texts for term in glossary.terms_in(text)}
    made, new = make(thing, tuple(terms.values()), tuple([name for name in seen if name in terms]))
    seen += new
    return made


# Explanations are made of the same sections, and these of the same topics and texts, so each is made only once.

_Noted = tuple[Markup, tuple[str, ...]]
"""HTML, and the hard words that open a note in it."""


@lru_cache(2048)
def _linked(text: str, terms: tuple[Term, ...], seen: tuple[str, ...]) -> _Noted:
    new = list(seen)
    told = "".join(_link(hard_words(terms), text, new))
    return Markup(_GLUED.sub(_WHOLE, told)), tuple(new[len(seen) :])  # noqa: S704 - its pieces are escaped


@lru_cache(4096)
def _told(topic: Topic, terms: tuple[Term, ...], seen: tuple[str, ...]) -> _Noted:
    new = list(seen)
    made = _part("topic", topic=topic, glossary=hard_words(terms), seen=new)
    return made, tuple(new[len(seen) :])


def told_section(section: Section, glossary: Glossary[Term], folded: bool) -> Markup:
    """A section as HTML, its hard words `linked`, what lies behind or far ahead `folded` away."""
    terms = frozenset[Term]().union(*map(glossary.all_in, _texts(section.statements)))
    return _told_section(_Form(section.title, tuple(map(id, section.statements)), folded, terms, section, glossary))


@dataclass(frozen=True, slots=True)
class _Form:
    """What the HTML of a section depends on, and all that it is made of.

    The same `statements` stand in many sections, and are told apart by their ids, for `section` holds on to them.
    """

    title: str
    statements: tuple[int, ...]
    folded: bool
    terms: frozenset[Term]
    section: Section = field(compare=False)
    glossary: Glossary[Term] = field(compare=False)


@lru_cache(1024)
def _told_section(form: _Form) -> Markup:
    return _part("section", section=form.section, folded=form.folded, glossary=form.glossary)


def _link(glossary: Glossary[Term], text: str, seen: list[str]) -> Iterator[Markup]:
    for piece, term in glossary.split(text):
        if term is None or term.term in seen:
            yield Markup.escape(piece)
        else:
            seen.append(term.term)
            # A button is one block of lines. What stands in brackets stays outside, where lines may break.
            name, bracket, short = piece.partition(" (")
            yield Markup('<button class="term" popovertarget="word-{}">{}</button>').format(slug(term.term), name)
            yield Markup.escape(bracket + short)
