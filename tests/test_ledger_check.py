"""What falls short on some profile is found, named and given a remedy; what is in order is not complained about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explainer import digest, oracle, space
from explainer.compose import Composer
from explainer.engine import Decision
from explainer.explanation import Explanation
from explainer.findings import Subject
from explainer.ledger import take_part
from explainer.ledger_check import differences, findings_of, ledger_check
from explainer.profile import ProfileModel
from tests.spoil import SAMPLE, changed_sample, sample


def found(subject: Subject) -> list[str]:
    """The findings, as `thing: message`."""
    by_hand = oracle.read(subject.folder)
    ledger = take_part(subject, by_hand, space.profiles(subject.knowledge.profile))
    return [f"{finding.rule}: {finding.message}" for finding in findings_of(ledger, subject, by_hand)]


def test_rules_in_order_have_no_findings() -> None:
    """A check that complains about everything would soon be ignored."""
    assert found(Subject.read(SAMPLE)) == []


COLOR = """  - field: color
    name: the color
    text: Which color?
    why: We like colors.
    where: Look at it.
    unsure: That is fine.
    team:
      - say: Which color is it?
    options:
      - {value: red, label: Red, phrase: it is red}
      - {value: blue, label: Blue, phrase: it is blue}

  - field: repot"""
FERN = "        say: Where should my fern stand?\n"
ALWAYS = "timing:\n  dry: later\n  wet: next\n  unknown: any"
ANYTIME = "timing:\n  dry: any\n  wet: any\n  unknown: any"
EITHER_WAY = """when:
          any:
            - {place: hall, plant: fern}
            - {place: hall, plant: [cactus, orchid]}
            - {place: [window, heater], repot: true}"""
HOT = """  - id: hot
    phrase: it is hot
    when: {not: {place: hall}}

  - id: thirsty"""

WRONG = {
    "dead": (
        ("pots", "        say: A plant", "        when: {repot: false}\n        say: A plant"),
        "pots.bigger: this is dead: no profile brings it",
    ),
    "never certain": (
        ("watering", "when: {plant: fern}", "when: {plant: orchid}"),
        "watering.moist: this is never certain, only possible at most",
    ),
    "a possibility that never comes true": (
        ("watering", "when: {place: [window, heater]}", "when: {any: [{place: heater}, {water: dry, plant: orchid}]}"),
        "watering.warm-place: this is told as a possibility, but no answers that go with these ones make it true",
    ),
    "a possibility that is true in any case": (
        ("watering", "when: {place: [window, heater]}", EITHER_WAY),
        "watering.warm-place: this is told as a possibility, but is true whatever the unknown answers are",
    ),
    "always on": (
        ("pots", "        say: A plant", "        when: {repot: true}\n        say: A plant"),
        "pots.bigger: this has a condition, but is certain wherever its section is shown",
    ),
    "a twin": (
        ("watering", "when: {concept: thirsty}", "when: {all: [{water: wet}, {not: {plant: fern}}]}"),
        "watering.at-once: this is the twin of watering.not-too-much",
    ),
    "a twin in words": (
        ("watering", "say: Water it at once.", "say: Wait until the soil is dry."),
        "watering.at-once: this is the twin of watering.not-too-much",
    ),
    "a concept's twin": (("concepts", "  - id: thirsty", HOT), "concept hot: this is the twin of concept warm"),
    "a section that is dead": (
        ("pots", "shown_when: {repot: true}", "shown_when: {plant: orchid, water: dry}"),
        "section pots: this is dead: no profile brings it",
    ),
    "a place that an earlier one takes": (
        ("path", "{water: dry}", "{water: [dry, unknown]}"),
        "place 3: this is dead: no profile brings it, or one above it takes them all",
    ),
    "what never goes on": (
        ("watering", "when: {plant: fern}", "when: {plant: fern}\n        goes_on_when: {water: wet}"),
        "goes-on watering.moist: this never goes on: its section never lies behind when that is true",
    ),
    "what never leads": (
        ("pots", ALWAYS, f"leads_when: {{repot: false}}\n{ANYTIME}"),
        "section pots: this never leads: its `leads_when` is not true for any profile to which it is shown",
    ),
    "a title for a place where it never stands": (
        ("pots", "title: A new pot", "title: A new pot\ntitle_now: A pot for now"),
        "section pots: this never stands under what happens now, and has a `title_now`",
    ),
    "a question for nobody": (
        ("questionnaire", "when: {plant: fern}\n        say: Where", "when: {plant: orchid}\n        say: Where"),
        "question place: no family is given the question 'Where should my fern stand?'",
    ),
    "a question after one for everybody": (
        (
            "questionnaire",
            f"      - when: {{plant: fern}}\n{FERN}      - say: Where should my plant stand?\n",
            f"      - say: Where should my plant stand?\n      - when: {{plant: fern}}\n{FERN}",
        ),
        "question place: no family is given the question 'Where should my fern stand?'",
    ),
    "a question that a statement never brings": (
        ("watering", "when: {concept: thirsty}", "when: {plant: orchid}"),
        "watering.at-once: no family is given the question 'How long can it go without water?'",
    ),
    "a concept that nothing names": (
        (
            "concepts",
            "  - id: thirsty",
            "  - id: unheard_of\n    phrase: it is so\n    when: {water: wet}\n\n  - id: thirsty",
        ),
        "concept unheard_of: no condition names this",
    ),
    "a path that is drawn without a stop": (
        ("path", "  - {stage: dry, label: Dried out}\n", ""),
        "place 1: this draws the path, which has no stop for their stage, in ",
    ),
    "no place": (
        ("path", "when: {water: wet}", "when: {water: wet, plant: fern}"),
        "place 1: no place in path.yaml is for them, and their page says that it cannot explain, in ",
    ),
    "silence": (
        ("watering", "unknown]}\ntiming", "unknown], place: [window, heater]}\ntiming"),
        "watering.warm-place: place: window would make this certain, but nothing is told while that is unknown",
    ),
    "asked in vain": (("questionnaire", "  - field: repot", COLOR), "question color: its answer changes nothing"),
    "a contradiction": (
        ("contradictions", "[watering.at-once, watering.not-too-much]", "[watering.moist, watering.warm-place]"),
        "watering.moist: watering.moist and watering.warm-place: these statements contradict each other",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_found(mistake: str, tmp_path: Path) -> None:
    """Each kind of mistake that shows only over all profiles is found and named, and the right rule with it."""
    change, expected = WRONG[mistake]
    said = found(sample(tmp_path, change))
    assert any(finding.startswith(expected) for finding in said), said


def test_an_engine_that_errs_is_found() -> None:
    """Where engine and oracle differ, the statement is named, with how many profiles it is wrong for."""
    subject, spoilt = Subject.read(SAMPLE), oracle.read(SAMPLE)
    ledger = take_part(subject, oracle.read(SAMPLE), space.profiles(subject.knowledge.profile))
    rules: Any = spoilt.statements["watering"]
    rules["watering.moist"]["plant"] = "cactus"
    said = [finding for finding in findings_of(ledger, subject, spoilt) if "do not agree" in finding.message]
    assert [finding.rule for finding in said] == ["watering.moist"]
    assert "in 48 profiles, such as plant: fern" in said[0].message


def test_a_firm_statement_that_may_turn_out_false_is_found() -> None:
    """Were the engine to call open things certain, the completions would show it."""
    subject = Subject.read(SAMPLE)
    by_hand = oracle.read(SAMPLE)
    ledger = take_part(subject, by_hand, space.profiles(subject.knowledge.profile))
    rows = ledger.tables["watering.moist"].rows
    rows[("unknown",), "definite"] = rows.pop((("unknown",), "conditional"))
    said = " ".join(finding.message for finding in findings_of(ledger, subject, by_hand))
    assert "this is told as certain, but unknown answers may still make it false" in said


# --- the digest ------------------------------------------------------------------------------


def test_the_check_wants_the_digest_kept(tmp_path: Path) -> None:
    """Without a digest, or with one of other rules, the check says how to see what changed and how to keep it."""
    rules = changed_sample(tmp_path)
    (missing,) = ledger_check(Subject.read(rules), lambda _: None).findings
    assert (missing.place, "--accept" in missing.remedy) == ("rules/ledger.txt", True)
    assert not ledger_check(Subject.read(rules), lambda _: None, accept=True).findings
    kept = (rules / digest.FILE).read_text("utf-8")
    result = ledger_check(Subject.read(rules), lambda _: None)
    assert not result.findings
    assert result.counts["profiles"] == space.count(Subject.read(rules).knowledge.profile)
    changed_sample(tmp_path, ("watering", "when: {plant: fern}", "when: {plant: cactus}"))
    (stale,) = ledger_check(Subject.read(rules), lambda _: None).findings
    assert "watering.moist" in stale.message
    assert f"--only ledger {rules} --diff" in stale.remedy  # of these rules, and not of those that ship
    assert (rules / digest.FILE).read_text("utf-8") == kept
    shown = differences(Subject.read(rules), lambda _: None)
    assert [finding.message for finding in shown.findings] == [
        "definite → no for 24 profiles (plant: fern)",
        "no → definite for 24 profiles (plant: cactus)",
    ]
    assert {finding.line for finding in shown.findings} == {21}
    (rules / digest.FILE).write_text("spoilt", encoding="utf-8")
    (spoilt,) = ledger_check(Subject.read(rules), lambda _: None).findings
    assert "this is not a digest" in spoilt.message


def test_differences_want_a_digest(tmp_path: Path) -> None:
    """With nothing to compare with, that is said, and nothing is run for minutes first."""
    assert differences(Subject.read(changed_sample(tmp_path)), lambda _: None).not_run


def test_too_many_profiles_are_told_and_not_gone_through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A questionnaire that has grown too large is a finding, not a check that never ends."""
    rules = changed_sample(tmp_path)
    ledger_check(Subject.read(rules), lambda _: None, accept=True)
    monkeypatch.setattr("explainer.ledger_check.MOST_PROFILES", 10)
    monkeypatch.setattr("explainer.ledger_check.take", None)
    for check in (ledger_check, differences):
        (finding,) = check(Subject.read(rules), lambda _: None).findings
        assert "cannot be gone through" in finding.message


def test_a_ledger_with_faults_is_not_kept(tmp_path: Path) -> None:
    """What is wrong with the rules does not become what they are compared with from then on."""
    rules = changed_sample(
        tmp_path, ("concepts", "concepts:\n", "concepts:\n  - {id: idle, phrase: x, when: {plant: fern}}\n")
    )
    *_, idle, kept = ledger_check(Subject.read(rules), lambda _: None, accept=True).findings
    assert "no condition names this" in idle.message
    assert kept.message == "ledger.txt stays as it was, for there are findings"
    assert not (rules / digest.FILE).exists()


def test_half_a_ledger_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While some profile cannot be explained, what the others are told does not pass for what all are told."""
    rules = changed_sample(tmp_path)
    compose = Composer.compose

    def failing(self: Composer, profile: ProfileModel, decision: Decision) -> Explanation:
        if profile.answers["plant"] == "cactus":
            raise RuntimeError("thorns")
        return compose(self, profile, decision)

    monkeypatch.setattr(Composer, "compose", failing)
    findings = ledger_check(Subject.read(rules), lambda _: None, accept=True).findings
    assert any("cannot be explained" in finding.message for finding in findings)
    assert not (rules / digest.FILE).exists()
