"""The file that shows in review whose explanations a change of rules has changed."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import digest, oracle, space
from explainer.digest import Change, Digest
from explainer.errors import KnowledgeError
from explainer.findings import Subject
from explainer.ledger import take_part
from tests.spoil import SAMPLE, sample

PLANTS = Subject.read(SAMPLE)


def digest_of(subject: Subject) -> Digest:
    profiles = space.profiles(subject.knowledge.profile)
    return digest.of(take_part(subject, oracle.read(subject.folder), profiles), subject.knowledge)


NOW = digest_of(PLANTS)


def differences(before: Digest, after: Subject) -> list[Change]:
    return digest.differences(before, digest_of(after), space.profiles(after.knowledge.profile))


def test_the_file_says_all_that_was_found(tmp_path: Path) -> None:
    """What is written is read back the same; the same rules always write the same file."""
    (tmp_path / digest.FILE).write_text(NOW.text, encoding="utf-8")
    assert digest.read(tmp_path) == NOW
    assert digest_of(Subject.read(SAMPLE)).text == NOW.text
    assert digest.read(tmp_path / "nowhere") is None


def test_the_file_reads_well() -> None:
    """A reviewer sees who is told a statement as certain, and who as a possibility, by the questionnaire's values."""
    assert "\n  definite 24 | plant: fern\n" in NOW.text
    block = NOW.blocks["watering.moist"]
    assert [(row.outcome, row.pattern) for row in block.rows] == [
        ("definite", {"plant": ("fern",)}),
        ("conditional", {"plant": ("unknown",)}),
    ]


@given(st.sampled_from(list(space.profiles(PLANTS.knowledge.profile))), st.sampled_from(sorted(NOW.blocks)))
def test_the_file_knows_the_outcome_of_every_profile(answers: dict[str, str], name: str) -> None:
    """The patterns are exact: read as they stand, they give what the engine decides."""
    profile = PLANTS.knowledge.profile.read(answers)
    decision, place = PLANTS.composer.engine.decide(profile), PLANTS.composer.explain(profile).place
    known = PLANTS.knowledge
    outcomes = {
        **{f"question {field}": "asked" for field in profile.asked},
        **{f"concept {concept}": state for concept, state in decision.concepts.items() if state != "false"},
        **{f"section {s.id}": s.timing[answers["water"]] for s in known.sections if s.id in decision.sections},
        **{f"notice {notice}": "shown" for notice in decision.notices},
        **{
            f"place {number}": "shown"
            for number, one in enumerate(known.path.places, 1)
            if place and one.say == place.text
        },
        **decision.statements,
    }
    assert NOW.blocks[name].outcome(answers) == outcomes.get(name, "no")


# --- what has changed ------------------------------------------------------------------------


def test_nothing_has_changed_between_the_same_rules() -> None:
    """A digest does not differ from itself."""
    assert differences(NOW, PLANTS) == []


def test_a_changed_condition_shows_for_whom(tmp_path: Path) -> None:
    """These profiles' explanations changed, in this statement: from what to what, and how many they are."""
    after = sample(tmp_path, ("watering", "when: {plant: fern}", "when: {plant: cactus}"))
    number = NOW.blocks["watering.moist"].count("definite")
    assert differences(NOW, after) == [
        Change("watering.moist", "definite", "no", number, {"plant": ("fern",)}),
        Change("watering.moist", "no", "definite", number, {"plant": ("cactus",)}),
    ]


def test_changed_words_show(tmp_path: Path) -> None:
    """New words for the same children are a change too."""
    after = sample(tmp_path, ("watering", "A fern usually wants moist soil.", "A fern usually likes moist soil."))
    (change,) = differences(NOW, after)
    assert (change.thing, change.before, change.after, change.pattern) == (
        "watering.moist",
        "its words",
        "other words",
        {},
    )


def test_a_new_rule_and_a_rule_that_is_gone_show(tmp_path: Path) -> None:
    """A renamed rule is one that is gone and one that is new, each for all who were told it."""
    after = sample(tmp_path, ("watering", "id: moist", "id: damp"))
    changes = differences(NOW, after)
    assert {(change.thing, change.before, change.after) for change in changes} == {
        ("watering.damp", "no", "definite"),
        ("watering.damp", "no", "conditional"),
        ("watering.moist", "definite", "no"),
        ("watering.moist", "conditional", "no"),
    }


@pytest.mark.parametrize(
    "text",
    ["nonsense", "profiles many", "explanations 3", "profiles 1\nexplanations 1\n\n  definite 3 | a: b", "\ufffe\x00 "],
)
def test_a_spoilt_file_is_one_clear_fault(text: str, tmp_path: Path) -> None:
    """Whoever edited it by hand is told the line and how to make it anew."""
    (tmp_path / digest.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"ledger\.txt:\d+: this is not a digest"):
        digest.read(tmp_path)
    assert digest.readable(tmp_path) is None  # reports and other checks go on without it
    assert digest.seen(tmp_path) == {}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever is in the file, it is read, or refused with that one fault."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KnowledgeError):
        Path(folder, digest.FILE).write_bytes(content)
        digest.read(Path(folder))
