"""Reviews: nothing claims one that did not take place, and none outlives a change of what was reviewed."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from explainer import review
from explainer.compose import Composer
from explainer.explanation import Explanation
from explainer.knowledge import Knowledge
from explainer.loader import knowledge as shipped
from explainer.loader import load
from explainer.render import FORMS, render
from explainer.resources import folder
from explainer.values import latest_day
from explainer.web import create
from tests.program import assert_refused, call

SAMPLE = Path(__file__).parent / "sample"
NOT_REVIEWED = "No doctor or nurse has checked these words yet."
OTHERS_NOT = "No doctor or nurse has checked the other parts yet."


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules folder to review: a copy of the sample."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "rules"))


def record(rules: Path, section: str, by: str = "Jane Roe, RN", on: str = "2020-03-01") -> None:
    done = call("review", section, "--by", by, "--on", on, "--folder", str(rules))
    assert (done.code, done.err) == (0, "")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def explained(rules: Path | Knowledge, **answers: str) -> Explanation:
    plants = load(rules) if isinstance(rules, Path) else rules
    return Composer(plants).explain(plants.profile.read({"water": "dry", **answers}))


def page(explanation: Explanation, form: str) -> str:
    """What a reader reads, on one line."""
    text = render(explanation, form)
    text = html.unescape(re.sub(r"<[^>]+>", " ", text)) if form == "html" else text
    text = re.sub(r"\\(.)", r"\1", text) if form == "markdown" else text
    return " ".join(text.split())


# --- as it ships -----------------------------------------------------------------------------


def test_nobody_has_reviewed_the_shipped_words() -> None:
    """No review has taken place, and the files claim none."""
    assert [section.id for section in shipped().sections if section.reviewed] == []
    assert [notice.id for notice in review.standing(shipped()) if notice.until_reviewed] == ["not-reviewed"]


# --- recording -------------------------------------------------------------------------------


def test_a_review_is_recorded_and_everything_else_stays(rules: Path) -> None:
    """Who, when, which revision and which words; comments and layout of the file stay as they are."""
    before = (rules / "watering.yaml").read_text("utf-8")
    record(rules, "watering")
    after = (rules / "watering.yaml").read_text("utf-8")
    plants = load(rules)
    words = review.fingerprint(plants, plants.sections[0])
    lines = f'reviewed:\n  by: "Jane Roe, RN"\n  on: 2020-03-01\n  source_revised: 2020-02-29\n  words: {words}\n'
    assert after == before.replace("title: Watering\n", f"title: Watering\n{lines}")
    assert list(review.holding(plants)) == ["watering"]


def test_a_new_review_takes_the_place_of_the_old_one(rules: Path) -> None:
    """A section has one review: the last."""
    record(rules, "watering")
    first = (rules / "watering.yaml").read_text("utf-8")
    record(rules, "watering", by="John Doe, MD", on="2021-01-31")
    second = (rules / "watering.yaml").read_text("utf-8")
    assert second == first.replace("Jane Roe, RN", "John Doe, MD").replace("2020-03-01", "2021-01-31")


def test_today_is_the_day_if_none_is_given(rules: Path) -> None:
    """A review is recorded when it is done."""
    assert call("review", "pots", "--by", "Jane Roe, RN", "--folder", str(rules)).code == 0
    reviewed = load(rules).sections[1].reviewed
    assert reviewed
    assert timedelta(0) <= latest_day() - reviewed.on <= timedelta(days=2)


@pytest.mark.parametrize("section", [section.id for section in shipped().sections])
def test_every_shipped_section_can_be_reviewed(section: str, tmp_path: Path) -> None:
    """The command works on the real files, too."""
    copied = Path(shutil.copytree(folder("rules"), tmp_path / "rules"))
    record(copied, section, on="2024-06-24")
    assert list(review.holding(load(copied))) == [section]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("wattering", "--by", "Jane Roe, RN"), "'wattering' is not a section; allowed: watering, pots (did you mean"),
        (("facts", "--by", "Jane Roe, RN"), "'facts' is not a section"),
        (("pots", "--by", " "), "'' is not a person's name; wanted: name and profession"),
        (("pots", "--by", "a\nb: c"), "is not a person's name"),
        (("pots", "--by", "x" * 101), "on one line of 3 to 100 characters"),
        (("pots", "--by", "Jane", "--on", "2999-01-01"), "2999-01-01 is still to come"),
        (("pots", "--by", "Jane", "--on", "2020-02-28"), "before the document was revised (2020-02-29)"),
        (("pots", "--by", "Jane", "--on", "soon"), "--on: 'soon' is not a date"),
        (("pots",), "--by"),
    ],
)
def test_a_review_that_cannot_have_been_is_refused(args: tuple[str, ...], said: str, rules: Path) -> None:
    """One clear message, and the file stays as it was."""
    before = {path: path.read_bytes() for path in rules.rglob("*.yaml")}
    assert_refused(call("review", *args, "--folder", str(rules)), said)
    assert {path: path.read_bytes() for path in rules.rglob("*.yaml")} == before


def test_tomorrow_is_still_to_come_for_everybody(rules: Path) -> None:
    """Where a day has begun nowhere on earth, no review has taken place on it."""
    tomorrow = str(latest_day() + timedelta(days=1))
    assert_refused(call("review", "pots", "--by", "Jane Roe", "--on", tomorrow, "--folder", str(rules)), tomorrow)
    record(rules, "pots", on=str(latest_day()))


# --- what makes it stale ---------------------------------------------------------------------

CHANGES: dict[str, tuple[str, str, str]] = {
    "a word": ("watering", "Water it at once.", "Water it now."),
    "a title": ("watering", "title: Watering", "title: Water"),
    "a title for now": ("watering", "title: Watering", "title: Watering\ntitle_now: Watering now"),
    "what goes on": ("watering", "say: Water it at", "goes_on_when: {water: dry}\n        say: Water it at"),
    "when it leads": (
        "watering",
        "timing:\n  dry: now\n  wet: later",
        "leads_when: {water: dry}\ntiming:\n  dry: any\n  wet: any",
    ),
    "the title of a topic": ("watering", "What yours needs", "What it needs"),
    "a condition": ("watering", "when: {plant: fern}", "when: {plant: cactus}"),
    "when the section is shown": ("watering", "[fern, cactus, unknown]", "[fern, unknown]"),
    "the timing": ("watering", "wet: later", "wet: next"),
    "a question for the team": ("watering", "Which water is best?", "What water is best?"),
    "the facts of a rule": ("watering", "facts: [watering.1a]", "facts: [watering.1a, watering.1b]"),
    "a fact": ("facts", "Most plants need water,", "Many plants need water,"),
    "how a concept is derived": ("concepts", "place: [window, heater]", "place: [heater]"),
    "how a concept is spoken": ("concepts", "the pot is warm", "the pot is hot"),
    "how an answer is spoken": ("questionnaire", "phrase: the plant is a fern", "phrase: your plant is a fern"),
    "how answers are spoken together": ("questionnaire", "phrase: the pot stands in a warm", "phrase: it is in a warm"),
    "a question": ("questionnaire", "Do you also want to read", "Would you like to read"),
    "a notice": ("notices", "This is about pot plants.", "This is on pot plants."),
    "the meaning of a hard word": ("glossary", "It should not dry out.", "It may dry out."),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_was_reviewed_makes_the_review_stale(name: str, rules: Path) -> None:
    """Words that nobody has checked do not pass for checked ones."""
    file, old, new = CHANGES[name]
    record(rules, "watering")
    edit(rules / f"{file}.yaml", old, new)
    if name == "the facts of a rule":
        edit(rules / "watering.yaml", "certainty: stated", "certainty: usual")
    plants = load(rules)
    assert review.holding(plants) == {}
    assert review.stale(plants, plants.sections[0]) == ("words, conditions or facts have changed since 2020-03-01",)
    assert explained(plants).sections[0].reviewed is None


def test_a_new_revision_of_the_document_makes_every_review_stale(rules: Path) -> None:
    """What was right by the old document may be wrong by the new one."""
    record(rules, "watering")
    edit(rules / "source.yaml", "2020-02-29", "2020-06-01")
    plants = load(rules)
    said = "the document was revised on 2020-06-01, and the review is of 2020-02-29"
    assert review.stale(plants, plants.sections[0]) == (said,)
    assert review.holding(plants) == {}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("watering", "# one answer", "# one"),
        ("watering", "certainty: usual\n        when: {plant: fern}", "when: {plant: fern}\n        certainty: usual"),
        ("pots", "title: A new pot", "title: New pots"),
        ("facts", "A plant usually outgrows", "Each plant usually outgrows"),
        ("scenarios/one", "Robin keeps", "Kim keeps"),
        ("source", "title: New pots", "title: Pots"),
    ],
)
def test_other_changes_leave_a_review_as_it_is(file: str, old: str, new: str, rules: Path) -> None:
    """A clinician's time is not wasted on comments, layout, or what stands in other sections."""
    record(rules, "watering")
    edit(rules / f"{file}.yaml", old, new)
    assert list(review.holding(load(rules))) == ["watering"]


def test_a_review_written_by_hand_does_not_hold(rules: Path) -> None:
    """Whoever makes up the fingerprint, or takes it from another section, has no review."""
    record(rules, "watering")
    lines = re.search(r"(?m)^reviewed:\n(?:  .*\n)+", (rules / "watering.yaml").read_text("utf-8"))
    assert lines
    edit(rules / "pots.yaml", "title: A new pot\n", f"title: A new pot\n{lines.group()}")
    assert list(review.holding(load(rules))) == ["watering"]


# --- what families see -----------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_notice_stands_until_every_section_that_is_read_is_reviewed(form: str, rules: Path) -> None:
    """One section that nobody has checked is enough for the notice to stay, in every form."""

    def says_not_reviewed() -> bool:
        return "This is about pot plants." in page(explained(rules, repot="true"), form)

    assert says_not_reviewed()
    record(rules, "watering")
    assert says_not_reviewed()
    record(rules, "pots")
    assert not says_not_reviewed()
    edit(rules / "pots.yaml", "bigger pot", "larger pot")
    assert says_not_reviewed()


@pytest.mark.parametrize("form", FORMS)
def test_where_some_sections_are_reviewed_no_notice_says_that_none_is(form: str, rules: Path) -> None:
    """The first review does not make a page contradict itself: its notice speaks of a part, on the site, too."""
    edit(
        rules / "notices.yaml",
        "until_reviewed: true",
        "say_in_part: This was checked in part.\n    until_reviewed: true",
    )

    def said() -> list[bool]:
        pages = page(explained(rules, repot="true"), form), visit(load(rules), "/about")
        return [words in text for text in pages for words in ("This is about pot plants.", "This was checked in part.")]

    assert said() == [True, False] * 2
    record(rules, "watering")
    assert said() == [False, True] * 2
    assert "checked in part" not in page(explained(rules), form)
    record(rules, "pots")
    assert said() == [False, False] * 2


def test_a_section_that_is_not_read_does_not_count(rules: Path) -> None:
    """What a family does not see need not have been checked for it; where nothing is shown, nothing was checked."""
    record(rules, "watering")
    assert [notice.id for notice in explained(rules).notices] == []
    plants = load(rules)
    nothing = Composer(plants).explain(plants.profile.read({"plant": "orchid"}))
    assert nothing.sections == ()
    assert all(page(nothing, form) for form in FORMS)
    assert [notice.id for notice in nothing.notices] == ["harmless", "other-plant"]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_pages_say_who_has_checked_what(form: str, rules: Path) -> None:
    """By name, day and part; what nobody has checked is told with it, and a stale review is none."""
    assert NOT_REVIEWED in page(explained(rules, repot="true"), form)
    record(rules, "watering")
    told = page(explained(rules, repot="true"), form)
    assert f"Jane Roe, RN checked these parts on March 1, 2020: Watering. {OTHERS_NOT}" in told
    record(rules, "pots")
    told = page(explained(rules, repot="true"), form)
    assert "Jane Roe, RN checked these parts on March 1, 2020: Watering; A new pot." in told
    assert "No doctor" not in told
    record(rules, "pots", by="John Doe, MD", on="2020-05-09")
    told = page(explained(rules, repot="true"), form)
    assert "2020: Watering. John Doe, MD checked these parts on May 9, 2020: A new pot." in told
    edit(rules / "watering.yaml", "Water it at once.", "Water it now.")
    told = page(explained(rules, repot="true"), form)
    assert "Jane Roe" not in told
    assert f"A new pot. {OTHERS_NOT}" in told


def test_json_says_who_has_checked_each_section(rules: Path) -> None:
    """`reviewed` is null, or holds who and when."""
    record(rules, "watering")
    found = explained(rules, repot="true").model_dump(mode="json")["sections"]
    assert [section["reviewed"] for section in found] == [{"by": "Jane Roe, RN", "on": "2020-03-01"}, None]


MARKUP = """Dr. <b onclick=alert(1)>"O'Roe" & {titles} {{ 7 * 7 }} [x](y)"""


@pytest.mark.parametrize("form", FORMS)
def test_a_name_is_shown_as_it_is(form: str, rules: Path) -> None:
    """A name can neither change a page nor fill in a pattern."""
    record(rules, "watering", by=MARKUP)
    explanation = explained(rules)
    assert explanation.sections[0].reviewed
    assert explanation.sections[0].reviewed.by == MARKUP
    output = render(explanation, form)
    assert form != "html" or "<b onclick" not in output
    assert form != "markdown" or "[x](y)" not in output
    if form != "json":
        assert " ".join(MARKUP.split()) in page(explanation, form) or form == "html"
    if form == "html":
        assert " ".join(MARKUP.split()) in " ".join(html.unescape(output).split())


def visit(plants: Knowledge, path: str) -> str:
    return TestClient(create(composer=Composer(plants))).get(path).text


def test_the_site_says_that_nobody_has_reviewed_it_until_all_of_it_is(rules: Path) -> None:
    """Its pages speak for all sections, so one that nobody has checked is enough; the page on method names each."""
    said: Callable[[], str] = lambda: visit(load(rules), "/about")  # noqa: E731
    assert "This is about pot plants." in said()
    record(rules, "watering")
    assert "This is about pot plants." in said()
    method = html.unescape(visit(load(rules), "/method"))
    assert "<b>Watering:</b> checked by Jane Roe, RN on March 1, 2020" in method
    assert "<b>A new pot:</b> not checked by a doctor or nurse" in method
    record(rules, "pots")
    assert "This is about pot plants." not in said()
    edit(rules / "source.yaml", "2020-02-29", "2020-06-01")
    assert "This is about pot plants." in said()
    assert NOT_REVIEWED in visit(load(rules), "/method")
