"""The check named reviews: the state of each section is told, and a review that no longer holds is a finding."""

from __future__ import annotations

import shutil
from pathlib import Path

from explainer.findings import Result, Subject
from explainer.resources import folder
from explainer.reviews_check import reviews_check
from tests.program import call

SAMPLE = Path(__file__).parent / "sample"


def checked(path: Path) -> Result:
    return reviews_check(Subject.read(path), lambda _: None)


def test_not_reviewed_is_told_and_is_no_finding() -> None:
    """It is the known state of all shipped sections, told plainly and not hidden behind a pass."""
    result = checked(folder("rules"))
    assert result.counts == {"sections": 8, "not reviewed": 8, "stale": 0, "reviewed": 0}
    assert result.findings == ()
    assert [row[1] for row in result.tables[0].rows] == ["not reviewed"] * 8
    assert "8  not reviewed" in call("check", "--only", "reviews").text


def test_a_stale_review_among_fresh_ones_is_the_one_finding(tmp_path: Path) -> None:
    """It names the section's file, since what, and what to do; the others are told with name and day."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    for section in ("watering", "pots"):
        done = call("review", section, "--by", "Jane Roe, RN", "--on", "2020-03-01", "--folder", str(rules))
        assert done.code == 0
    assert not checked(rules).findings
    pots = rules / "pots.yaml"
    pots.write_text(pots.read_text("utf-8").replace("bigger pot", "larger pot"), "utf-8")
    result = checked(rules)
    assert result.counts == {"sections": 2, "not reviewed": 0, "stale": 1, "reviewed": 1}
    (finding,) = result.findings
    assert (finding.place, finding.rule) == ("rules/pots.yaml", "section pots")
    assert finding.message == "the review is stale: words, conditions or facts have changed since 2020-03-01"
    assert result.tables[0].rows == (
        ("watering", "reviewed", "Jane Roe, RN", "2020-03-01", "2020-02-29"),
        ("pots", "stale", "Jane Roe, RN", "2020-03-01", "2020-02-29"),
    )
    assert call("check", str(rules)).code == 1
