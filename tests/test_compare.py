"""Comparing what two children are told: symmetric, complete, and each difference with the answers behind it."""

from __future__ import annotations

import html
import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from explainer import Profile, explain
from explainer.causes import Cause
from explainer.compare import Comparison, SectionPair, StatementPair, TextPair, compare
from explainer.compose import Composer, composer
from explainer.explanation import Explanation
from explainer.profile import ProfileModel
from explainer.render import merged, render_template
from explainer.scenarios import find
from tests.oracle import shipped, state
from tests.strategies import profiles
from tests.work import work

FORMS = ("txt", "md", "html")


SIDES = {"before": "after", "after": "before", "before_text": "after_text", "after_text": "before_text"}
TURNS = {"added": "removed", "definite": "conditional", "goes_on": "over"}
TURNS |= {turn: difference for difference, turn in TURNS.items()}


def mirrored(found: Any) -> Any:
    """What a comparison found, or a part of it, as it is seen from the other side."""
    match found:
        case dict():
            told = {SIDES.get(key, key): mirrored(value) for key, value in found.items()}
            if "difference" in told:
                told["difference"] = TURNS.get(told["difference"], told["difference"])
            return told
        case list() | tuple():
            return type(found)(map(mirrored, found))
        case _:
            return found


def compared(one: ProfileModel, other: ProfileModel) -> Comparison:
    return compare(composer(), one, other)


def told(explanation: Explanation) -> dict[str, tuple[str, str | None]]:
    return {s.id: (s.applies, s.condition) for section in explanation.sections for s in section.statements}


def parts(comparison: Comparison) -> list[StatementPair | SectionPair | TextPair]:
    return [*comparison.statements, *comparison.sections, *comparison.notices, *comparison.questions]


def causes(comparison: Comparison) -> list[tuple[str, tuple[Cause, ...]]]:
    """Each difference with its causes."""
    return [(part.id, part.causes) for part in parts(comparison) if part.difference != "same"]


@given(profiles())
def test_a_profile_does_not_differ_from_itself(profile: ProfileModel) -> None:
    """Nothing is marked where nothing differs, and everything is shared."""
    found = compared(profile, profile)
    assert found.is_empty
    assert not found.answers
    assert not causes(found)
    assert {pair.id for pair in found.shared} == set(told(explain(profile)))


@given(profiles(), profiles())
def test_it_is_symmetric(one: ProfileModel, other: ProfileModel) -> None:
    """Seen from the other side it is the same comparison, in the same order."""
    assert compared(other, one).model_dump() == mirrored(compared(one, other).model_dump())


@given(profiles(), profiles())
def test_it_holds_both_explanations_and_nothing_else(one: ProfileModel, other: ProfileModel) -> None:
    """Every statement, notice and question of either is there once, and is marked for what it is."""
    before, after = explain(one), explain(other)
    found = compared(one, other)
    pairs = [pair for section in found.sections for pair in section.statements]
    assert len({pair.id for pair in pairs}) == len(pairs) == len(found.statements) + len(found.shared)
    for statements, side in ((told(before), "before"), (told(after), "after")):
        held = {pair.id: getattr(pair, side) for pair in pairs if getattr(pair, side)}
        assert {name: (held[name].applies, held[name].condition) for name in held} == statements
    for pair in pairs:
        expected = (told(before).get(pair.id), told(after).get(pair.id))
        match pair.difference:
            case "same":
                assert expected[0] == expected[1]
            case "added" | "removed":
                assert expected[pair.difference == "added"]
                assert expected[pair.difference == "removed"] is None
            case "goes_on" | "over":
                assert expected[0] == expected[1]
                assert pair.before
                assert pair.after
                assert [pair.before.goes_on, pair.after.goes_on] == [
                    pair.difference == side for side in ("over", "goes_on")
                ]
            case "condition":
                assert [state and state[0] for state in expected] == ["conditional", "conditional"]
            case turned:
                assert [state and state[0] for state in expected] == sorted(
                    ("definite", "conditional"), key=lambda applies: applies == turned
                )
    for texts, first, second in (
        (found.notices, before.notices, after.notices),
        (found.questions, before.questions, after.questions),
    ):
        assert {t.text for t in texts if t.difference != "added"} == {part.text for part in first}
        assert {t.text for t in texts if t.difference != "removed"} == {part.text for part in second}
        assert len({(t.id, t.text) for t in texts}) == len(texts)
    for section in found.sections:
        timings = [{s.id: s.timing for s in side.sections}.get(section.id) for side in (before, after)]
        oracle, sides = shipped(), zip((section.before, section.after), timings, (one, other), strict=True)
        for place, timing, child in sides:
            assert place == (oracle.outcome(f"section {section.id}", child.answers) if timing else None)
            assert place in (timing, "leads")


@given(profiles(), profiles())
def test_each_difference_names_answers_that_differ(one: ProfileModel, other: ProfileModel) -> None:
    """Nobody is left to guess: at least one answer and the rule that looks at it stand behind every difference."""
    for name, found in causes(compared(one, other)):
        assert found, name
        for cause in found:
            assert (cause.before, cause.after) == (one.answers[cause.field], other.answers[cause.field])
            assert cause.before != cause.after
            assert cause.rule


@given(profiles(), profiles())
def test_with_its_answers_made_alike_a_difference_goes(one: ProfileModel, other: ProfileModel) -> None:
    """The answers named are enough: a statement is told alike as soon as they are alike."""
    known = composer().knowledge
    for pair in compared(one, other).statements:
        alike = {**one.answers, **{cause.field: other.answers[cause.field] for cause in pair.causes}}
        assert state(known, pair.id, alike) == state(known, pair.id, other.answers)


def test_the_way_from_answer_to_statement_is_named() -> None:
    """An educator reads off: this answer, through this concept, brought this statement."""
    first = Profile(leukemia_type="all", stage="consolidation", risk_group="standard", gene_changes="not_found")
    found = compared(first, first.changed({"mrd": "detected"}))
    drugs = next(pair for pair in found.statements if pair.id == "consolidation.extra-drugs")
    assert drugs.difference == "definite"
    assert [(cause.field, cause.through, cause.rule) for cause in drugs.causes] == [
        ("mrd", ("higher_risk",), "consolidation.extra-drugs")
    ]
    assert (drugs.causes[0].before_text, drugs.causes[0].after_text) == (None, "MRD was found")


def test_an_answer_that_differs_without_mattering_is_not_blamed() -> None:
    """Another phase alone moves sections; it is not named as the reason for a drug."""
    one = Profile(leukemia_type="all", stage="induction", risk_group="standard")
    other = Profile(leukemia_type="all", stage="consolidation", risk_group="high")
    drug = next(pair for pair in compared(one, other).statements if pair.id == "induction.fourth-drug")
    assert [cause.field for cause in drug.causes] == ["risk_group"]


@given(profiles(), profiles())
def test_every_form_marks_differences_in_words_and_signs(one: ProfileModel, other: ProfileModel) -> None:
    """Not by colour alone: the sign and the words stand at each difference, and no machinery shows.

    The words are those of two children: nothing is new or gone, and nothing is certain that is told as "may".
    """
    found = compared(one, other)
    for form in FORMS:
        text = render_template(f"compare.{form}", comparison=found)
        assert not re.search(r"\{\{|\{%|\bNone\b(?! are found)|Undefined", text)
        assert form == "html" or not re.search(r"[ \t]$", text, re.MULTILINE)
        plain = re.sub(r"\\(.)", r"\1", text) if form == "md" else html.unescape(text)
        told = Counter(part.difference for part in parts(found))
        assert plain.count("+ Only B") == told["added"]
        assert plain.count("− Only A") == told["removed"]
        assert plain.count("~ Both, but not alike") == sum(
            told[kind] for kind in ("definite", "conditional", "condition", "goes_on", "over")
        )
        assert plain.count("~ Both, but not in the same place") == told["timing"]
        assert not re.search(r"certain|New:|Gone:|Before:|Now:", plain)
    text = render_template("compare.txt", comparison=found)
    assert max(map(len, text.splitlines())) <= 80


def test_titles_are_text_and_never_markup() -> None:
    """A file may be called anything; its name runs no script on the page."""
    title = "<script>alert(1)</script>"
    found = compare(composer(), Profile(), Profile(stage="induction"), (title, None))
    page = render_template("compare.html", comparison=found)
    assert "<script" not in page
    assert "A: &lt;script&gt;" in page


def test_a_comparison_takes_the_time_of_a_few_explanations() -> None:
    """It looks at the two profiles and at nothing else: one is less work than 3 explanations, if all are new."""
    known = composer().knowledge
    children = [known.profile.read(dict(s.profile)) for s in known.scenarios][:20]
    one, other = Composer(known), Composer(known)
    explaining = work(lambda: [one.explain(child) for child in children])
    comparing = work(lambda: [compare(other, *pair) for pair in zip(children, children[::-1], strict=True)])
    assert comparing < 3 * explaining


@pytest.mark.parametrize("form", FORMS)
def test_a_cause_is_told_once(form: str) -> None:
    """Under one difference no two lines differ by a rule alone; a section that goes names the cause for all of it."""
    was = composer().knowledge.profile.read(dict(find(composer().knowledge, "mrd-found").profile))
    now, _ = type(was).settle({**was.answers, "stage": "relapsed"})
    text = html.unescape(render_template(f"compare.{form}", comparison=compare(composer(), was, now)))
    causes = re.findall(r"The answer that differs: (.+?) → ", " ".join(re.sub(r"\\(.)", r"\1", text).split()))
    assert 0 < len(causes) < 40
    found = compare(composer(), was, now)
    gone = next(section for section in found.sections if section.difference == "removed")
    assert merged(gone.causes * 2) == merged(gone.causes)
    assert not merged(gone.causes, gone.explains)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "html"])
def test_what_is_searched_for_is_found_as_it_is_typed(form: str) -> None:
    """In a terminal and in a file, "+ 1 new" holds ordinary blanks; only a page keeps a line from ending there."""
    children = [composer().knowledge.profile.read(dict(s.profile)) for s in composer().knowledge.scenarios]
    for one, other in pairwise(children):
        assert "\u00a0" not in render_template(f"compare.{form}", comparison=compare(composer(), one, other))


def test_a_part_that_moves_to_the_head_of_the_page_is_told() -> None:
    """Where no remission is reached, the part on that is read first; both sides say where it stands, and why."""
    given = {"leukemia_type": "all", "stage": "induction"}
    before, after = (Profile(**given, remission=word) for word in ("reached", "not_reached"))
    found = compare(composer(), before, after)
    moved = next(section for section in found.sections if section.id == "residual")
    assert (moved.difference, moved.before, moved.after) == ("timing", "any", "leads")
    assert [cause.field for cause in moved.causes] == ["remission"]


def test_what_is_new_comes_first_and_what_is_gone_is_folded() -> None:
    """Whoever looks for what a change brings need not read through all that it takes away."""
    was = composer().knowledge.profile.read(dict(find(composer().knowledge, "mrd-found").profile))
    now, _ = type(was).settle({**was.answers, "stage": "relapsed"})
    found = compare(composer(), was, now)
    kinds = [section.difference for section in found.news_first]
    assert kinds == sorted(kinds, key=["added", "same", "timing", "removed"].index)
    page = html.unescape(render_template("compare_marked.html", comparison=found))
    gone = [section for section in found.sections if section.difference == "removed"]
    assert len(gone) > 2
    for section in gone:
        folded = page[: page.index(f"</b>: {section.title}, {len(section.statements)} statements")]
        assert folded.rindex("<details") > folded.rfind("</details")
    assert page.index("+ New") < page.index("− Gone")


def test_what_still_matters_to_one_alone_is_told() -> None:
    """A family in maintenance reads on chemo into the spinal fluid first; after treatment, it is folded away."""
    now, over = (Profile(leukemia_type="all", stage=stage) for stage in ("maintenance", "finished"))
    found = compared(now, over)
    (induction,) = (section for section in found.sections if section.id == "induction")
    assert induction.difference == "same"
    ended = {pair.id: pair for pair in induction.statements if pair.difference == "over"}
    assert "induction.intrathecal-chemo" in ended
    assert "induction.goal" not in ended
    assert [(cause.field, cause.rule) for cause in ended["induction.seizures"].causes] == [
        ("stage", "induction.seizures")
    ]
