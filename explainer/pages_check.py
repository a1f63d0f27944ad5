"""The check "pages": what a program can judge of each rendered explanation, and what needs a reader.

The items are informed by PEMAT-P (understandable, actionable print), the Clear Communication Index of the CDC, and
IPDAS (patient decision aids). They are none of these instruments, and no score is drawn from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from explainer.address import every_step
from explainer.explanation import Explanation
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.knowledge import Gates
from explainer.markup import Element, parse
from explainer.readability import Measured, measure, words
from explainer.render import ORDER, render
from explainer.sentences_check import hard_words, too_hard

PASSED, FAILED, NOTHING, READER = "passed", "failed", "nothing to judge", "needs a reader"

_HEADINGS = ("h1", "h2", "h3", "h4")
_UNSEEN = ("style", "title", ".hidden", ".note")  # not on the page, or said a second time
_ASIDE = (*_UNSEEN, ".why", "nav", "svg", "summary", "dl")  # what is looked up, not read
_BLOCKS = ("p", "li", "dt", "dd")


@dataclass(frozen=True)
class Card:
    """One rendered explanation, and what its judges ask of it."""

    subject: Subject
    explanation: Explanation
    page: Element

    @property
    def gates(self) -> Gates:
        return self.subject.knowledge.reading.gates

    @cached_property
    def opening(self) -> list[Element]:
        """What stands before the first heading that can be seen after the title."""
        found: list[Element] = []
        for element in self.page.all("h1", "h2", *_BLOCKS, skip=_UNSEEN):
            if element.tag == "h2" and "hidden" not in element.classes:
                break
            found.append(element)
        return found

    @cached_property
    def first_section(self) -> list[Element]:
        """The opening and what follows it under its first heading."""
        seen = 0
        found = []
        for element in self.page.all("h1", "h2", *_BLOCKS, skip=_UNSEEN):
            seen += element.tag == "h2"
            if seen > 1:
                break
            found.append(element)
        return found

    @cached_property
    def spoken(self) -> list[str]:
        """What is read, a paragraph or list line each; less what is looked up."""
        return [element.text(*_UNSEEN) for element in self.page.all(*_BLOCKS, skip=_ASIDE)]

    @cached_property
    def measured(self) -> Measured:
        return measure("\n".join(self.spoken))

    def has(self, name: str) -> bool:
        """Whether an element of this class says anything."""
        return any(element.text() for element in self.page.all(f".{name}"))


Judge = Callable[[Card], Iterator[str] | None]
"""Yields each place that falls short. None: the page has nothing of the kind."""


@dataclass(frozen=True)
class Item:
    """What is asked of a page, whose idea it is, and what to do where it falls short. No judge: it takes a reader."""

    by: str
    asks: str
    judge: Judge | None = None
    remedy: str = ""


def pages_check(subject: Subject, progress: Progress) -> Result:
    """One card for each step of each scenario, rendered as the HTML page that a family saves."""
    known = subject.knowledge
    findings: list[Finding] = []
    verdicts: dict[str, list[str]] = {}
    steps = every_step(known)
    for number, (scenario, child) in enumerate(steps):
        explanation = subject.composer.explain(child.profile, made_on=known.source.revised)
        for item, places in judged(subject, explanation, render(explanation, "html")):
            verdicts.setdefault(child.text, []).append(_verdict(item, places))
            for place in places or ():
                said = f"the page falls short of “{item.asks}” ({item.by}): {place}"
                findings.append(subject.finding(f"scenario {scenario.id}", said, item.remedy))
        progress((number + 1) / len(steps))
    return Result(
        name="pages",
        title="Every page, by a scorecard informed by PEMAT-P, the CDC index and IPDAS (not a certified score)",
        counts={
            "pages": len(verdicts),
            "items that a program judges": sum(item.judge is not None for item in ITEMS),
            "items that need a reader": sum(item.judge is None for item in ITEMS),
        },
        findings=tuple(dict.fromkeys(findings)),
        tables=(
            Listing(title="Scorecard", columns=("informed by", "item", "verdict"), rows=tuple(_summed(verdicts))),
            Listing(
                title="Scorecard of each page",
                columns=("informed by", "item", *verdicts),
                rows=tuple((item.by, item.asks, *column) for item, column in _columns(verdicts)),
            ),
        ),
    )


def _columns(verdicts: Mapping[str, Sequence[str]]) -> Iterator[tuple[Item, tuple[str, ...]]]:
    """Each item with its verdict on each page."""
    for row, item in enumerate(ITEMS):
        yield item, tuple(column[row] for column in verdicts.values())


def _summed(verdicts: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    for item, column in _columns(verdicts):
        counted = Counter(column)
        said = (
            verdict if count == len(column) else f"{verdict} on {count} pages" for verdict, count in counted.items()
        )
        yield item.by, item.asks, ", ".join(said)


def judged(subject: Subject, explanation: Explanation, page: str) -> Iterator[tuple[Item, list[str] | None]]:
    """Each item with the places that fall short of it; None where there is nothing to judge, or a reader has to."""
    card = Card(subject, explanation, parse(page))
    for item in ITEMS:
        places = item.judge(card) if item.judge else None
        yield item, None if places is None else list(places)


def _verdict(item: Item, places: list[str] | None) -> str:
    if places is None:
        return READER if item.judge is None else NOTHING
    return FAILED if places else PASSED


# --- PEMAT-P -------------------------------------------------------------------------------------


def _purpose(card: Card) -> Iterator[str]:
    if len([title for title in card.page.all("h1") if title.text()]) != 1:
        yield "there is not exactly one title"
    if not any("purpose" in element.classes and element.text() for element in card.opening):
        yield "no paragraph before the first heading says what the page is for"


def _everyday_words(card: Card) -> Iterator[str]:
    for text in card.spoken:
        for word in hard_words(card.subject, text):
            yield f"“{word}” in “{_short(text)}”"


def _terms(card: Card) -> Iterator[str]:
    """Above the sections and in each of them, the first use of a word of the glossary opens the note on it."""
    notes = {note.attributes.get("id"): note for note in card.page.all(".note")}
    above = [*card.page.all(".lead"), *(line for box in card.page.all(".notices") for line in box.all("li"))]
    sections = [section.all("p", "li", skip=(".why",)) for section in card.page.all("section")]
    for blocks in (above, *sections):
        seen: set[str] = set()
        for block in blocks:
            buttons = {
                button.text(): notes.get(button.attributes.get("popovertarget", "")) for button in block.all(".term")
            }
            for piece, term in card.subject.composer.glossary.split(block.text()):
                if term is None or term.term in seen:
                    continue
                seen.add(term.term)
                note = buttons.get(piece.partition(" (")[0])  # the short form in brackets stands beside the button
                if note is None or term.meaning not in note.text():
                    yield f"“{piece}” in “{_short(block.text())}” does not open a note with its meaning"


def _active(card: Card) -> Iterator[str]:
    if card.measured.passive_percent > card.gates.passive_percent:
        yield f"{card.measured.passive_percent} % of the sentences are passive, over {card.gates.passive_percent} %"


def _numbers(card: Card) -> Iterator[str] | None:
    with_percent = [statement for statement in card.page.all(".text") if "%" in statement.text()]
    if not any(re.search(r"\d", text) for text in card.spoken):
        return None
    return (
        f"a percentage is not said as “… out of 100”: “{_short(statement.text())}”"
        for statement in with_percent
        if " out of 100" not in statement.text()
    )


def _chunks(card: Card) -> Iterator[str]:
    heading, count = "", 0
    for element in card.page.all(*_HEADINGS, *_BLOCKS, skip=_ASIDE):
        if element.tag in _HEADINGS:
            heading, count = element.text(), 0
        else:
            before, count = count, count + len(words(element.text(*_UNSEEN)))
            if before <= card.gates.chunk_words < count:
                yield f"over {card.gates.chunk_words} words stand under “{heading}” without another heading"
    for section in card.page.all("section"):
        if not section.first("h3"):
            yield f"a section has no heading: “{_short(section.text(*_ASIDE))}”"


def _headings(card: Card) -> Iterator[str]:
    path: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for element in card.page.all(*_HEADINGS):
        text, level = element.text(), int(element.tag[1])
        path = [*path[: level - 1], text]
        if not text:
            yield f"a heading on line {element.line} is empty"
        elif len(words(text)) > card.gates.heading_words:
            yield f"the heading “{text}” is longer than {card.gates.heading_words} words"
        elif tuple(path) in seen:
            yield f"the heading “{text}” stands twice in the same part"
        seen.add(tuple(path))


def _sequence(card: Card) -> Iterator[str]:
    before = 0
    for element in card.page.all(*_HEADINGS):
        level = int(element.tag[1])
        if level > before + 1:
            yield f"the heading “{element.text()}” skips a level"
        before = level
    parts = [heading.attributes.get("id") for heading in card.page.all("h2")]
    timings = [part for part in parts if part in ORDER]
    if timings != [timing for timing in ORDER if timing in timings]:
        yield f"the parts do not follow the path: {', '.join(map(str, timings))}"


def _summary(card: Card) -> Iterator[str]:
    if not any("lead" in element.classes and element.text() for element in card.opening):
        yield "nothing sums the page up before its first heading"


def _cues(card: Card) -> Iterator[str]:
    if not _styled(card, "lead", "font-size"):
        yield "the summary is not set in larger letters"
    if not card.page.first(".notices") or not _styled(card, "notices", "border", "background"):
        yield "no box sets off what has to be read first"
    if not card.page.all("ul", "ol", skip=_ASIDE):
        yield "there is no list"


def _tables(card: Card) -> Iterator[str] | None:
    tables = card.page.all("table")
    if not tables:
        return None
    return (f"the table on line {table.line} has no headings" for table in tables if not table.first("th"))


def _reader(card: Card) -> Iterator[str]:
    for name in ("purpose", "action"):
        for element in card.page.all(f".{name}"):
            if not re.search(r"\byou(rs?)?\b", element.text(), re.IGNORECASE):
                yield f"“{_short(element.text())}” does not speak to the reader"


def _action(card: Card) -> Iterator[str]:
    if not card.has("action"):
        yield "the page names nothing that the reader can do"


def _steps(card: Card) -> Iterator[str]:
    steps = card.page.first(".steps")
    if steps is None or len(steps.all("li")) < 2:  # noqa: PLR2004 - one step is no steps
        yield "what the reader can do is not broken into steps"


def _tool(card: Card) -> Iterator[str]:
    if not any(asked.all("li") for asked in card.page.all(".ask")):
        yield "there is no list of questions to take along"


# --- CDC Clear Communication Index ------------------------------------------------------------------


def _main_message(card: Card) -> Iterator[str]:
    after_title = [element for element in card.opening if element.tag != "h1"]
    if not after_title or "lead" not in after_title[0].classes:
        yield "the main message is not the first thing after the title"


def _emphasis(card: Card) -> Iterator[str]:
    if not _styled(card, "lead", "font-size"):
        yield "the main message looks like any other line"


def _call_to_action(card: Card) -> Iterator[str]:
    if not any("action" in element.classes and element.text() for element in card.first_section):
        yield "the first part does not say what the reader can do"


def _short_lists(card: Card) -> Iterator[str]:
    for listed in card.page.all("ul", "ol", skip=("nav",)):
        lines = sum(isinstance(child, Element) and child.tag == "li" for child in listed.children)
        if lines > card.gates.list_lines:
            said = f"a list has {lines} lines, over {card.gates.list_lines}"
            yield f"{said}: “{_short(listed.text())}”"


def _known_and_unknown(card: Card) -> Iterator[str]:
    if not card.has("limits"):
        yield "the page does not say what it does not know"
    said = {
        statement.attributes.get("id"): condition.text()
        for group in card.page.all(".group")
        for condition in group.all(".condition")
        for statement in group.all(".statement")
    }
    for section in card.explanation.sections:
        for told in section.statements:
            if told.condition and told.condition not in said.get(told.id, ""):
                yield f"what {told.id} depends on is not said"


# --- IPDAS ---------------------------------------------------------------------------------------


def _citations(card: Card) -> Iterator[str]:
    source = card.explanation.source
    if not any(source.title in found.text() and source.publisher in found.text() for found in card.page.all(".cited")):
        yield "the source is not named with its title and publisher"
    reasons = {element.attributes.get("id"): element.text() for element in card.page.all(".statement")}
    for section in card.explanation.sections:
        for told in section.statements:
            if not all(passage in reasons.get(told.id, "") for passage in told.passages):
                yield f"{told.id} does not name its passage of the source"


def _dated(card: Card) -> Iterator[str]:
    if not _says_day(card, "cited", card.explanation.source.revised.year):
        yield "the day of the source's last revision is missing"
    if card.explanation.made_on and not _says_day(card, "made", card.explanation.made_on.year):
        yield "the day on which the page was made is missing"


def _updates(card: Card) -> Iterator[str]:
    if not card.has("updates"):
        yield "the page does not say what happens when its source is revised"


def _uncertainty(card: Card) -> Iterator[str]:
    shown = {element.attributes.get("id"): element.first(".text") for element in card.page.all(".statement")}
    for section in card.explanation.sections:
        for told in section.statements:
            text = shown.get(told.id)
            needs = card.subject.knowledge.forces.of(told.certainty).needs
            spoken = text.text().lower() if text else ""
            if needs and not any(re.search(rf"\b{re.escape(word)}\b", spoken) for word in needs):
                yield f"{told.id} is {told.certainty}, and its words on the page do not say so"


def _grade(card: Card) -> Iterator[str]:
    yield from (f"all that is read on the page: {said}" for said in too_hard(card.gates, card.measured))


def _says_day(card: Card, name: str, year: int) -> bool:
    day = re.compile(rf"\b[A-Z][a-z]+ \d{{1,2}}, {year}\b")
    return any(day.search(element.text()) for element in card.page.all(f".{name}"))


def _styled(card: Card, name: str, *properties: str) -> bool:
    """Whether the page's own style gives a class one of these properties, and an element of the page has it."""
    style = card.page.first("style")
    rules = re.findall(rf"\.{name}\b[^{{}}]*{{([^}}]*)}}", style.text() if style else "")
    return bool(card.page.all(f".{name}")) and any(wanted in rule for rule in rules for wanted in properties)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"  # noqa: PLR2004 - enough to find it by


_PEMAT, _CDC, _IPDAS = "PEMAT-P", "CDC index", "IPDAS"
_PAGE = "mend the words in templates/words*.jinja, or the page in templates/explanation_body.html.jinja and its parts"
_RULES = "mend the words in rules/"

ITEMS = (
    Item(_PEMAT, "its purpose is evident", _purpose, _PAGE),
    Item(
        _PEMAT, "it uses common, everyday words", _everyday_words, "use a shorter word, or explain it in glossary.yaml"
    ),
    Item(
        _PEMAT,
        "medical terms are defined where they first stand",
        _terms,
        "look at the filter `linked`, which links them",
    ),
    Item(_PEMAT, "it uses the active voice", _active, "say who does it (the limit is in reading.yaml)"),
    Item(_PEMAT, "numbers are clear", _numbers, "say a percentage as a number out of 100 as well"),
    Item(_PEMAT, "it comes in short pieces, each with a heading", _chunks, "add a topic with a title of its own"),
    Item(_PEMAT, "its headings are informative", _headings, "name what stands under the heading, in a few words"),
    Item(_PEMAT, "its sequence is logical", _sequence, _PAGE),
    Item(_PEMAT, "it has a summary", _summary, "give path.yaml a place for this child"),
    Item(_PEMAT, "visual cues draw attention to key points", _cues, _PAGE),
    Item(_PEMAT, "tables have headings", _tables, "give each column a heading"),
    Item(_PEMAT, "it speaks to the reader directly", _reader, "say “you”"),
    Item(_PEMAT, "it names at least one action", _action, _PAGE),
    Item(_PEMAT, "it breaks the action into steps", _steps, _PAGE),
    Item(_PEMAT, "it gives a tangible tool: questions to take along", _tool, "give a rule that is shown here an `ask`"),
    Item(_PEMAT, "its pictures help and do not distract"),
    Item(_PEMAT, "nothing in it distracts from its purpose"),
    Item(_CDC, "its main message comes first", _main_message, "give path.yaml a place for this child"),
    Item(_CDC, "its main message is emphasised", _emphasis, _PAGE),
    Item(_CDC, "a call to action stands in its first part", _call_to_action, _PAGE),
    Item(_CDC, "no list is longer than can be taken in", _short_lists, "break the list up under headings"),
    Item(_CDC, "it says what is known and what is not", _known_and_unknown, _PAGE),
    Item(_CDC, "it fits those who read it, and respects them"),
    Item(_CDC, "it tells the weight of risks and benefits as they matter to them"),
    Item(_IPDAS, "it names its source, and the passage behind each statement", _citations, _PAGE),
    Item(_IPDAS, "it tells the dates of its source and of itself", _dated, _PAGE),
    Item(_IPDAS, "it tells what happens when its source is revised", _updates, _PAGE),
    Item(_IPDAS, "it tells how uncertain each statement is", _uncertainty, _RULES),
    Item(_IPDAS, "its reading level is measured, and within the gates", _grade, _RULES),
    Item(_IPDAS, "it is balanced: no choice is made to look better than it is"),
)
"""In the order in which the report shows them."""
