"""The check named source: what a copy of the document says, and what hangs on each change."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from explainer.document import read
from explainer.findings import Result, Subject
from explainer.ledger_check import ledger_check
from explainer.resources import folder
from explainer.revision import KINDS
from explainer.source_check import source_check
from tests.copies import DOCUMENT, POT_PLANTS, SAVED, document, page
from tests.program import assert_refused, call
from tests.spoil import changed_sample

TEXT = POT_PLANTS.read_text("utf-8")
SAMPLE = Path(__file__).parent / "sample"


def checked(text: str, rules: Path = SAMPLE) -> Result:
    return source_check(Subject.read(rules, document(text)), lambda _: None)


def test_without_a_copy_it_says_that_it_has_not_run() -> None:
    """A check that could not look never passes for one that found nothing."""
    result = source_check(Subject.read(SAMPLE), lambda _: None)
    assert result.not_run == "no copy of the document was given"
    assert "not run (no copy of the document was given)  source" in call("check", str(SAMPLE), "--only", "source").text


@pytest.mark.parametrize("name", SAVED)
def test_a_copy_passes_however_it_was_saved(name: str, tmp_path: Path) -> None:
    """The real file, through the command line: every sentence is the same, and nothing is found."""
    path = tmp_path / "copy.html"
    path.write_bytes(SAVED[name](TEXT))
    done = call("check", str(SAMPLE), "--only", "source", "--source", str(path), "--format", "json")
    (result,) = json.loads(done.text)["checks"]
    assert (done.code, done.err, result["findings"]) == (0, "", [])
    assert result["counts"]["sentences same"] == 20
    assert sum(result["counts"].values()) == 20


def test_each_change_names_passage_facts_and_rules() -> None:
    """An author learns what to go over: the facts of the passage, the rules that tell them, and where they stand."""
    (finding,) = checked(TEXT.replace("Dry air may harm", "Dry air can harm")).findings
    assert (finding.place, finding.rule) == ("sample/source.yaml", "watering.2")
    line = (SAMPLE / "source.yaml").read_text("utf-8").splitlines()[finding.line - 1]
    assert line.strip().startswith("watering.2:")
    assert finding.message == (
        "1 of 3 sentences reworded; touches the facts watering.2a, the rules watering.warm-place, watering.look-often"
    )
    assert "take the fingerprints anew" in finding.remedy


def test_a_changed_passage_without_facts_is_told_too() -> None:
    """What no fact was taken from may say something now."""
    (finding,) = checked(TEXT.replace("Call us", "Ring us")).findings
    assert finding.message == "1 of 3 sentences reworded; no fact was taken from this passage"


def test_the_number_of_profiles_is_told_once_it_is_known(tmp_path: Path) -> None:
    """How many children a change concerns decides how much it matters."""
    rules = changed_sample(tmp_path)
    ledger_check(Subject.read(rules), lambda _: None, accept=True)
    (finding,) = checked(TEXT.replace("Dry air may harm", "Dry air can harm"), rules).findings
    assert "watering.warm-place (54 profiles), watering.look-often (" in finding.message


def messages(text: str) -> list[str]:
    return [finding.message for finding in checked(text).findings]


def test_every_kind_of_change_has_its_words() -> None:
    """Moved says where to; new says whether it is a paragraph of its own."""
    moved = TEXT.replace(" Pour slowly.", "").replace("A plant usually", "Pour slowly. A plant usually")
    assert messages(moved)[0].startswith("1 of 3 sentences moved to pots.1; touches")
    assert messages(TEXT.replace(" Pour slowly.", ""))[0].startswith("1 of 3 sentences missing; touches")
    assert messages(TEXT.replace("Pour slowly.", "Pour slowly. Wait."))[0].startswith("1 new sentence; touches")
    added = TEXT.replace("A cactus", "Wait. Do wait.\nA cactus")
    assert messages(added)[0].startswith("2 new sentences, in a new paragraph after it; touches")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2020", "2024", "the copy was last revised on 2024-02-29; source.yaml says 2020-02-29"),
        ("Last Revised:", "About", "the copy does not say when it was last revised; source.yaml says 2020-02-29"),
        ("\nNew pots\n", "\n", "the heading is missing that pots stands under"),
        ("\nThe Care of Pot Plants (pots)\n", "\n", "the document's title is missing that plants stands under"),
    ],
)
def test_a_date_or_heading_that_differs_is_one_finding(old: str, new: str, said: str) -> None:
    """What is around the sentences matters, too."""
    assert messages(TEXT.replace(old, new, 1)) == [said]


@pytest.mark.parametrize("form", [str, page])
def test_a_copy_that_is_cut_is_one_finding(form: Any) -> None:
    """Whoever saved half a page is told so, not asked to go over every fact."""
    (said,) = messages(form(TEXT[: TEXT.index("A cactus")]))
    assert said == "the copy breaks off after watering.2; it lacks 6 sentences of 2 passages, from watering.3 on"


def test_another_document_is_one_finding() -> None:
    """It is told how little was found, and not what all is missing."""
    text = "Watering\nThis is a page about watering cans.\nNew pots\nThis is about teapots. (See below.)"
    assert messages(text) == [
        "only 1 of 20 sentences stand in this copy: it is another document, "
        "or “The Care of Pot Plants” wholly rewritten"
    ]


def test_the_table_tells_every_passage() -> None:
    """A reviewer can look any passage up, with its facts and rules."""
    (table,) = checked(TEXT.replace("Pour slowly", "Pour fast")).tables
    assert table.columns == ("passage", *KINDS, "facts", "rules")
    rows = {row[0]: row[1:] for row in table.rows}
    assert list(rows) == ["plants.1", "plants.2", "watering.1", "watering.2", "watering.3", "pots.1", "line.1"]
    assert rows["watering.1"][:6] == (2, 1, 0, 0, 0, "watering.1a, watering.1b")
    assert rows["pots.1"] == (4, 0, 0, 0, 0, "pots.1a", "pots.bigger")


def test_words_that_are_not_our_own_are_found(tmp_path: Path) -> None:
    """File and line lead to where the document's own words run on; a comment counts, too."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    path = rules / "pots.yaml"
    path.write_text(f"# A plant usually outgrows its pot in two or three years\n{path.read_text('utf-8')}", "utf-8")
    (finding,) = checked(TEXT, rules).findings
    assert (finding.place, finding.line) == ("rules/pots.yaml", 1)
    assert finding.message == (
        "11 words in a row stand in the document, too: a plant usually outgrows its pot in two or three years"
    )


def test_a_file_that_is_no_utf_8_does_not_stop_the_search(tmp_path: Path) -> None:
    """Notes that somebody left in the folder are searched as far as they can be read."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    (rules / "notes.txt").write_bytes(b"caf\xe9: a plant usually outgrows its pot in two or three years\n")
    assert [finding.place for finding in checked(TEXT, rules).findings] == ["rules/notes.txt"]


def test_a_folder_without_fingerprints_is_told_how_to_get_them(tmp_path: Path) -> None:
    """Nothing to compare with is a finding: the question was whether the document has changed."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    source = rules / "source.yaml"
    text = source.read_text("utf-8")
    source.write_text(re.sub(r"(?m)^fingerprints:\n(  .*\n)+", "", text), "utf-8")
    (finding,) = checked(TEXT, rules).findings
    assert "explainer fingerprint FILE" in finding.remedy
    done = call("fingerprint", str(POT_PLANTS), "--folder", str(rules))
    assert (done.code, done.err) == (0, "")
    assert source.read_text("utf-8") == text
    assert not checked(TEXT, rules).findings


def test_taking_fingerprints_anew_is_all_that_is_left_after_a_revision(tmp_path: Path) -> None:
    """Once the authors have worked it in, one command makes the new text the one that is compared with."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    revised = TEXT.replace("Pour slowly", "Pour fast").replace("February 29, 2020", "June 1, 2020")
    copy = tmp_path / "copy.txt"
    copy.write_text(revised, "utf-8")
    before = (rules / "source.yaml").read_text("utf-8")
    assert_refused(call("fingerprint", str(copy), "--folder", str(rules)), "2020-06-01", "source.yaml says 2020-02-29")
    assert (rules / "source.yaml").read_text("utf-8") == before
    (rules / "source.yaml").write_text(before.replace("2020-02-29", "2020-06-01"), "utf-8")
    assert len(checked(revised, rules).findings) == 1
    assert call("fingerprint", str(copy), "--folder", str(rules)).code == 0
    assert not checked(revised, rules).findings


def test_a_document_with_a_paragraph_more_or_less_is_recorded(tmp_path: Path) -> None:
    """Until its fingerprints are taken no others can fit, so that those that are there do not stand in the way."""
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    copy, source = tmp_path / "copy.txt", rules / "source.yaml"
    before, once = source.read_text("utf-8"), "Nobody knows why.\nNew pots"
    for passages, revised in ((4, TEXT.replace("New pots", once)), (3, TEXT)):
        copy.write_text(revised, "utf-8")
        source.write_text(re.sub(r"passages: [34]\}", f"passages: {passages}}}", source.read_text("utf-8")), "utf-8")
        done = call("fingerprint", str(copy), "--folder", str(rules))
        assert (done.code, done.err) == (0, "")
        assert not checked(revised, rules).findings
    assert source.read_text("utf-8") == before


@pytest.mark.parametrize("command", ["check --source", "fingerprint"])
@pytest.mark.parametrize("raw", [b"", bytes(range(256)) * 9, b"%PDF-1.4", None])
def test_what_is_no_copy_is_refused(command: str, raw: bytes | None, tmp_path: Path) -> None:
    """Exit code 2 and one message for what is not readable text: that is no state of the document."""
    path = tmp_path / "copy.txt"
    if raw is not None:
        path.write_bytes(raw)
    assert_refused(call(*command.split(), str(path)), str(path))


def test_a_copy_that_no_check_would_look_at_is_refused() -> None:
    """Nobody takes a copy for compared that was not."""
    done = call("check", "--only", "reviews", "--source", str(POT_PLANTS))
    assert_refused(done, "--source: this is for the check named source")


def test_a_document_that_differs_is_a_fault_that_was_found(tmp_path: Path) -> None:
    """Exit code 1, so that a machine can watch over the document."""
    path = tmp_path / "copy.txt"
    path.write_text(TEXT.replace("Pour slowly", "Pour fast"), "utf-8")
    done = call("check", str(SAMPLE), "--source", str(path))
    assert (done.code, done.err) == (1, "")
    assert "watering.1: 1 of 3 sentences reworded" in done.text


NO_DOCUMENT = "the document is not part of this repository; all of this runs on a made-up one, too"


@pytest.fixture(scope="module")
def shipped() -> Subject:
    return Subject.read(folder("rules"))


@pytest.mark.skipif(not DOCUMENT.is_file(), reason=NO_DOCUMENT)
@pytest.mark.parametrize("name", SAVED)
def test_the_real_document_is_the_same_however_it_was_saved(name: str, shipped: Subject, tmp_path: Path) -> None:
    """The copy that the facts were taken from has no finding in any form, and none of its words are in our files."""
    path = tmp_path / "copy"
    path.write_bytes(SAVED[name](DOCUMENT.read_text("utf-8")))
    subject = Subject(shipped.folder, shipped.knowledge, shipped.composer, shipped.places, read(str(path)))
    result = source_check(subject, lambda _: None)
    assert [str(finding) for finding in result.findings] == []
    assert result.counts["sentences same"] == 88


@pytest.mark.skipif(not DOCUMENT.is_file(), reason=NO_DOCUMENT)
@pytest.mark.parametrize("number", range(1, 60, 7))
def test_a_change_of_the_real_document_is_found_where_it_is(number: int, shipped: Subject) -> None:
    """One word more in any line of the article is one finding, and it names that line's facts."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    long = [n for n, line in enumerate(lines) if len(line) > 120 and lines.index("Induction") < n < len(lines) - 6]
    changed = long[number % len(long)]
    lines[changed] = lines[changed].replace(" ", " newly ", 1)
    subject = Subject(shipped.folder, shipped.knowledge, shipped.composer, shipped.places, document("\n".join(lines)))
    (finding,) = source_check(subject, lambda _: None).findings
    assert "reworded; touches the facts " in finding.message


def test_a_copy_that_breaks_off_and_has_the_rest_further_up_lacks_nothing() -> None:
    """Where every later sentence stands elsewhere in the copy, it is told as moved, and the check does not fail."""
    rest = " Take one that is a little wider. Put it back in the same place. (See below.)"
    text = TEXT.replace(rest, "").replace("Pour slowly.", f"Pour slowly.{rest}")
    found = checked(text[: text.index("two or three years.") + len("two or three years.")]).findings
    assert found
    assert not any("breaks off" in finding.message for finding in found)
    assert any("moved" in finding.message for finding in found)
