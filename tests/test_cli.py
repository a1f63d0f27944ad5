"""The command line: what works, and how everything that does not work is refused."""

from __future__ import annotations

import gc
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.cli import _ENDINGS
from explainer.render import FORMS
from explainer.resources import folder
from tests.program import PROGRAM, assert_refused, call, run, shell

ANSWERS = b'{"stage": "induction", "risk_group": "high", "look_ahead": true}'
COMMANDS = ("ask", "explain", "why", "scenarios", "compare", "check")
OTHER_PLACE = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}


@pytest.fixture
def answers(tmp_path: Path) -> str:
    path = tmp_path / "answers.json"
    path.write_bytes(ANSWERS)
    return str(path)


# --- what works ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_same_answers_give_the_same_bytes(form: str) -> None:
    """Every form works, ends in one line break, and is the same at every call, hash seed and locale."""
    done = call("explain", "-", "--format", form, stdin=ANSWERS)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(b"\n")
    assert not done.out.endswith(b"\n\n")
    assert run("explain", "-", "--format", form, stdin=ANSWERS, environment=OTHER_PLACE) == done


def test_json_has_the_keys_of_the_contract() -> None:
    """Programs that read the JSON find what the contract promises them."""
    told = json.loads(call("explain", "-", "--format", "json", stdin=ANSWERS).out)
    assert {"profile", "sections", "notices", "questions", "glossary", "source"} <= told.keys()
    assert told["profile"]["stage"] == "induction"
    assert {"id", "title", "timing", "statements"} <= told["sections"][0].keys()
    wanted = {"id", "text", "applies", "condition", "certainty", "facts", "because"}
    assert all(wanted <= statement.keys() for section in told["sections"] for statement in section["statements"])
    assert all({"id", "text"} <= part.keys() for part in (*told["notices"], *told["questions"]))
    assert {"term", "meaning"} <= told["glossary"][0].keys()
    assert {"title", "publisher", "revised"} <= told["source"].keys()


@pytest.mark.parametrize(("ending", "form"), [*_ENDINGS.items(), (".HTML", "html"), ("", "text")])
def test_the_ending_of_the_output_picks_the_form(ending: str, form: str, answers: str, tmp_path: Path) -> None:
    """`--output page.html` writes what `--format html` prints, and nothing else is said."""
    page = tmp_path / f"page{ending}"
    done = call("explain", answers, "--output", str(page))
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert page.read_bytes() == call("explain", answers, "--format", form).out


def test_a_form_asked_for_beats_the_ending(answers: str, tmp_path: Path) -> None:
    """Who names a form gets it, whatever the file is called."""
    page = tmp_path / "page.pdf"
    assert call("explain", answers, "--format", "text", "-o", str(page)).code == 0
    assert page.read_bytes() == call("explain", answers).out


def test_set_changes_one_answer_of_the_file(answers: str) -> None:
    """`--set` beats the file, and the other answers stay."""
    changed = ("--set", "risk_group = standard")
    told = json.loads(call("explain", answers, "--format", "json", *changed).out)
    assert told["profile"]["risk_group"] == "standard"
    assert (told["profile"]["stage"], told["profile"]["look_ahead"]) == ("induction", True)


def test_a_file_that_only_fits_with_the_change_is_read(tmp_path: Path) -> None:
    """An answer in the file that would be refused by itself may be mended by `--set`."""
    path = tmp_path / "answers.yaml"
    path.write_text("relapse_site: csf\n")
    assert call("explain", str(path), "--set", "stage=relapsed").code == 0


@pytest.mark.parametrize("form", FORMS)
def test_made_on_adds_the_date_and_nothing_else(form: str) -> None:
    """A printed page may carry its date; what it tells stays the same."""
    plain = call("explain", "--set", "stage=induction", "--format", form).text.splitlines()
    dated = call("explain", "--set", "stage=induction", "--format", form, "--made-on", "2025-01-31").text.splitlines()
    if form == "json":
        assert set(dated) - set(plain) == {'  "made_on": "2025-01-31"'}
    else:
        added = [line for line in dated if line not in plain]
        assert len(added) == 1
        assert "January 31, 2025" in added[0]
        assert [line for line in dated if line not in added and line] == [line for line in plain if line]


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS), ("scenarios", "show")])
def test_help_is_narrow_and_its_examples_work(
    command: tuple[str, ...], answers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The help of every command fits a terminal, has no loose ends, and shows examples that work as they are."""
    done = call(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.text.splitlines())) <= 80
    assert not re.search(r"\w\.\.\.$|\[/|\[\[", done.text, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("answers.yaml").write_bytes(Path(answers).read_bytes())
    Path("cohort.jsonl").write_text("{}\n")
    Path("rules").symlink_to(folder("rules"))
    Path("my-scenario.yaml").symlink_to(folder("rules") / "scenarios" / "mrd-found.yaml")
    examples = re.findall(r"^ +explainer (.*)", done.text, re.MULTILINE)
    assert examples
    for example in examples:
        assert call(*example.split(), stdin=b"2\n\n").code == 0, example  # `ask` needs answers


def test_no_arguments_show_the_help() -> None:
    """Who types the bare name learns what there is, and a script that forgot its arguments does not go on."""
    done = call()
    assert (done.code, done.out) == (2, b"")
    assert done.err == call("--help").text


def test_why_speaks_in_text_and_in_json() -> None:
    """Both forms tell of the same statement."""
    asked = ("why", "-", "induction.fourth-drug", "--set", "risk_group=high")
    assert call(*asked, stdin=b"{}").text.startswith("This is told:")
    assert json.loads(call(*asked, "--format", "json", stdin=b"{}").out)["shown"] == "definite"


def test_why_tells_all_least_changes_when_asked() -> None:
    """`--all-minimal` adds the changes that need more answers, and keeps the smallest."""
    asked = ("why", "-", "consolidation.extra-drugs", "--set", "stage=induction", "--format", "json")
    given = b'{"risk_group": "standard", "gene_changes": "not_found", "mrd": "detected"}'
    smallest, every = (json.loads(call(*asked, *more, stdin=given).out)["changes"] for more in ((), ("--all-minimal",)))
    assert len(every) > len(smallest)
    assert every[: len(smallest)] == smallest
    assert "with one of these changes:" in call(*asked[:-2], "--all-minimal", stdin=given).text


def test_why_names_the_part_that_fails() -> None:
    """For a statement that is not shown, each part of its rule is there with how the answers meet it."""
    asked = ("why", "-", "ph.transplant-donor", "--set", "ph_status=negative", "--set", "donor=sibling_match")
    parts = json.loads(call(*asked, "--format", "json", stdin=b"{}").out)["parts"]
    assert {part["text"]: part["met"] for part in parts if part["of"] == "rule"} == {
        "the leukemia has the Philadelphia chromosome": "failed",
        "a matching donor has been found": "met",
    }
    text = " ".join(call(*asked, stdin=b"{}").text.split())
    assert "- the leukemia has the Philadelphia chromosome (this fails; needed by its rule)" in text
    assert "+ a matching donor has been found (this is so; needed by its rule)" in text


def test_scenarios_are_listed_in_every_form() -> None:
    """All of them, or those on one topic; JSON, text and Markdown tell of the same."""
    every = json.loads(call("scenarios", "--format", "json").out)["scenarios"]
    on_mrd = json.loads(call("scenarios", "--topic", "mrd", "--format", "json").out)["scenarios"]
    assert len(every) >= 18 > len(on_mrd) > 1
    for form in ("text", "markdown"):
        told = call("scenarios", "--topic", "mrd", "--format", form).text
        assert [s["id"] for s in every if re.search(rf"^`?{s['id']}(?![a-z-])", told, re.MULTILINE)] == [
            s["id"] for s in on_mrd
        ]
    assert max(map(len, call("scenarios").text.splitlines())) <= 80


@pytest.mark.parametrize("form", FORMS)
def test_a_scenario_is_shown_in_every_form(form: str) -> None:
    """The same bytes every time, with the story and what the family reads."""
    done = call("scenarios", "show", "no-remission-yet", "--step", "2", "--format", form)
    assert (done.code, done.err) == (0, "")
    assert "Some weeks later the care team says" in done.text
    assert "The goal of induction" in done.text
    assert call("scenarios", "show", "no-remission-yet", "--step", "2", "--format", form) == done


def test_a_scenario_in_json_holds_the_explanation_and_what_changed() -> None:
    """A program finds the explanation of the contract inside, and the comparison with the step before."""
    told = json.loads(call("scenarios", "show", "no-remission-yet", "--step", "2", "--format", "json").out)
    assert {"profile", "sections", "notices", "questions", "glossary", "source"} <= told["explanation"].keys()
    assert told["changes"]["answers"][0]["field"] == "remission"
    assert json.loads(call("scenarios", "show", "mrd-found", "--format", "json").out)["changes"] is None


def test_a_scenario_in_a_file_is_shown_like_one_of_ours(tmp_path: Path) -> None:
    """An educator's own file has steps and handouts too; a path is told from a name by its dot or slash."""
    mine = tmp_path / "mine.yaml"
    mine.write_text((folder("rules") / "scenarios" / "no-remission-yet.yaml").read_text("utf-8"), "utf-8")
    for options in ((), ("--step", "2"), ("--step", "2", "--handout"), ("--format", "json")):
        done = call("scenarios", "show", str(mine), *options)
        assert (done.code, done.err) == (0, "")
        assert done == call("scenarios", "show", "no-remission-yet", *options)
    for asked in (["explain"], ["why", "consolidation.extra-drugs"], ["compare", "mrd-found"]):
        assert call(asked[0], str(mine), *asked[1:]) == call(asked[0], "no-remission-yet", *asked[1:])
    mine.write_text(mine.read_text("utf-8").replace("[mrd]", "[mdr]").replace("b_cell", "c_cell"), "utf-8")
    refused = call("scenarios", "show", str(mine))
    assert (refused.code, refused.out) == (2, b"")
    assert [line.partition(": ")[0] for line in refused.err.splitlines()] == [f"{mine}:5", f"{mine}:13"]


@pytest.mark.parametrize(("form", "word"), [("markdown", "# Answer key"), ("html", '<h2 class="key">Answer key</h2>')])
def test_a_handout_is_made(form: str, word: str, tmp_path: Path) -> None:
    """A handout is Markdown unless a page is asked for, by the form or by the ending of the file."""
    done = call("scenarios", "show", "mrd-found", "--handout", "--format", form)
    assert word in done.text
    page = tmp_path / {"markdown": "handout.md", "html": "handout.html"}[form]
    assert call("scenarios", "show", "mrd-found", "--handout", "-o", str(page)).code == 0
    assert page.read_bytes() == done.out
    assert form == "html" or call("scenarios", "show", "mrd-found", "--handout") == done


@pytest.mark.parametrize("form", ["markdown", "html"])
@pytest.mark.parametrize("without", [[], ["key"], ["text"], ["key", "text"]], ids="-".join)
def test_a_handout_comes_without_its_parts(form: str, without: list[str]) -> None:
    """What is left out is gone, all else stays; without what the family reads, the paper says where that is."""
    options = [word for part in without for word in ("--without", part)]
    told = call("scenarios", "show", "mrd-found", "--handout", "--format", form, *options).text
    assert ("Answer key" not in told) == ("key" in without)
    assert ("Questions for your care team" not in told) == ("text" in without)
    assert ("They are about what this family reads." in told) == ("text" in without)
    assert "Questions for the class" in told


@pytest.mark.parametrize(
    "command",
    ["explain {}", "explain --batch {}", "compare mrd-found {}", "scenarios show {}", "check --source {}"],
)
def test_what_is_read_is_never_overwritten(command: str, tmp_path: Path) -> None:
    """A slip of the hand costs no file of answers and no cohort, however its name is written."""
    mine = tmp_path / "mine.json"
    mine.write_text("{}\n", "utf-8")
    (tmp_path / "link.json").symlink_to(mine)
    for name in ("mine.json", "link.json"):
        output = tmp_path / name
        done = call(*(word.format(mine) for word in command.split()), "--format", "json", "--output", str(output))
        assert (done.code, done.out) == (2, b"")
        assert done.err == f"{output}: this is what is read; name another file for the output\n"
        assert mine.read_text("utf-8") == "{}\n"


@pytest.mark.parametrize("form", FORMS)
def test_two_children_are_compared_in_every_form(form: str, answers: str) -> None:
    """A scenario, a file and standard input can each be a side."""
    done = call("compare", "mrd-found", answers, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert "MRD was found" in done.text
    turned = call("compare", "-", "mrd-found", "--format", form, stdin=ANSWERS)
    assert (turned.code, turned.err) == (0, "")
    if form != "json":
        assert "− Only A" in done.text.replace("\\", "")
        assert "+ Only B" in turned.text.replace("\\", "")


def test_a_step_of_a_story_has_a_name() -> None:
    """Two steps are compared, and each is asked why, by the names that they have on the web, too."""
    told = call("compare", "no-remission-yet.2", "no-remission-yet.3").text
    assert (
        "A: No remission after the first month: A remission\nB: No remission after the first month: The MRD test"
        in told
    )
    step = call("scenarios", "show", "no-remission-yet", "--step", "2", "--format", "json")
    assert (
        json.loads(call("explain", "no-remission-yet.2", "--format", "json").out) == json.loads(step.out)["explanation"]
    )
    assert call("scenarios", "show", "no-remission-yet.2", "--format", "json") == step


def test_comparing_a_child_with_itself_finds_nothing() -> None:
    """Where nothing differs it says so."""
    assert "Nothing differs: both are told the same." in call("compare", "mrd-found", "mrd-found").text


def test_check_counts_what_the_rules_hold(tmp_path: Path) -> None:
    """Rules in order are counted and exit 0; every fault is named with its place on standard output, and exit is 1."""
    assert "76  facts told\n" in call("check", "--only", "knowledge").text
    assert call("check", str(folder("rules")), "--only", "knowledge") == call("check", "--only", "knowledge")
    done = call("check", str(tmp_path))
    assert (done.code, done.err) == (1, "")
    assert "concepts.yaml" in done.text
    assert done.text.endswith(" faults found.\n")
    report = tmp_path / "report.html"
    done = call("check", str(tmp_path), "--output", str(report))
    assert (done.code, done.text) == (1, "")
    assert done.err.endswith(" faults found.\n")
    assert not report.exists()  # it tells of rules, and there are none


# --- what is refused -------------------------------------------------------------------------

BAD_FILES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "unknown-field.yaml": (b"stage: induction\ncolour: red\n", ("unknown-field.yaml:2:", "'colour'", "leukemia_type")),
    "unknown-value.json": (b'{"stage": "indukshun"}', ("stage: 'indukshun'", "maintenance", "mean induction?")),
    "wrong-type.json": (b'{"mrd": 3}', ("wrong-type.json", "mrd: 3", "not_detected, detected")),
    "no-number.json": (b'{"mrd": NaN}', ("mrd: nan", "not_detected, detected")),
    "contradiction.yaml": (
        b"stage: induction\nrelapse_site: csf\n",
        ("contradiction.yaml:2:", "relapse_site: 'csf'", "stage to be relapsed (it is induction)"),
    ),
    "broken.json": (b'{\n"stage": ', ("broken.json:2:", "not valid JSON")),
    "broken.yaml": (b"stage: induction\n  mrd: [\n", ("broken.yaml:2:",)),
    "twice.json": (b'{"mrd": "detected", "mrd": "not_detected"}', ("twice.json", "'mrd'", "twice")),
    "twice.yaml": (b"mrd: detected\nmrd: not_detected\n", ("twice.yaml:2:", "'mrd'", "twice")),
    "empty.json": (b"", ("empty.json", "empty")),
    "empty.yaml": (b" \n", ("empty.yaml", "empty")),
    "large.json": (b" " * 10_000_000, ("large.json", "larger than 64,000 bytes")),
    "binary.yaml": (b"stage: \xff\x00\x01", ("binary.yaml:1:", "0xff", "UTF-8")),
    "null.yaml": (b"stage: a\x00b", ("null.yaml",)),
    "null.json": (b'{"stage": "\\u0000"}', ("'\\x00'", "induction")),
    "half-a-character.json": (b'{"stage": "\\ud800"}', ("'\\ud800'", "induction")),
    "half-a-field.json": (b'{"\\ud800": "all"}', ("'\\ud800'", "leukemia_type")),
    "deep.yaml": (b"[" * 1000, ("deep.yaml",)),
    "huge-number.json": (b'{"mrd": 1' + b"0" * 5000 + b"}", ("huge-number.json", "number is too long")),
    "a-list.json": (b"[1]", ("a-list.json", "{stage: induction}")),
    "a-word.yaml": (b"induction", ("a-word.yaml", "{stage: induction}")),
    "wrong-ending.txt": (b"stage: induction", ("wrong-ending.txt", ".json or .yaml", "'.txt'")),
    "no-ending": (b"stage: induction", ("no-ending", ".json or .yaml")),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_profile_file_is_refused(name: str, tmp_path: Path) -> None:
    """The one message names the file, the line where there is one, what is wrong, and what is allowed."""
    content, words = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert_refused(call("explain", str(path)), *words)


@pytest.mark.parametrize("depth", [10, 100, 900, *range(950, 1050, 5), 2000, 15_000])
def test_deeply_nested_json_is_refused_at_every_depth(depth: int) -> None:
    """There is no depth that can be read but not be told about."""
    assert_refused(call("explain", "-", stdin=b'{"stage": %s%s}' % (b"[" * depth, b"]" * depth)), "standard input")


BAD_USAGE: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("explain",), ("PROFILE", "--set field=value")),
    (("explain", "missing.yaml"), ("missing.yaml", "no such file")),
    (("explain", "."), (".: this is a folder",)),
    (("explain", ""), ("PROFILE: no scenario is named ''", ".json or .yaml file")),
    (("explain", "mrd-fund"), ("PROFILE: no scenario is named 'mrd-fund'", "did you mean mrd-found?")),
    (("explain", "x" * 300 + ".yaml"), ("xxx.yaml",)),
    (("explain", "a\0b.yaml"), ("null",)),
    (("explain", "a.yaml", "b.yaml"), ("b.yaml",)),
    (("explain", "--set", "stage"), ("--set", "'stage'", "field=value")),
    (("explain", "--set", "=induction"), ("--set", "'=induction'", "field=value")),
    (("explain", "--set", "stage=indukshun"), ("--set: stage: 'indukshun'", "maintenance", "mean induction?")),
    (("explain", "--set", "stage=\udcff\U0001f600"), ("--set", "'\\udcff\U0001f600'", "induction")),
    (("explain", "\udcff.yaml"), ("\\udcff.yaml", "no such file")),
    (("explain", "--set"), ("--set", "expected one argument")),
    (("explain", "--set", "mrd=detected", "--format", "xml"), ("--format: 'xml'", "json, text, markdown, html")),
    (("explain", "--set", "mrd=detected", "--made-on", "31.1.2025"), ("--made-on: '31.1.2025'", "YYYY-MM-DD")),
    (("explain", "--set", "mrd=detected", "-o", "page.pdf"), ("--output", "'.pdf'", ".html", "--format")),
    (("explain", "--set", "stage=induction", "-o", "no/page.html"), ("no/page.html", "does not exist")),
    (("explain", "--set", "stage=induction", "-o", "."), (".: this is a folder",)),
    (("explain", "--set", "stage=induction", "-o", ""), ("'': this names no file",)),
    (("explain", "--set", "stage=induction", "-o", "circle/page.txt"), ("circle/page.txt",)),
    (("explain", "--set", "stage=induction", "-o", "x" * 300), ("xxx",)),
    (("explain", "--set", "stage=induction", "-o", "a\0b"), ("null",)),
    (("explain", "--set", "stage=induction", "-o", "/dev/full"), ("/dev/full", "No space left")),
    (("explain", "--formt", "json"), ("--formt", "--format")),
    (("exlain",), ("'exlain'", "explain")),
    (("why", "-"), ("STATEMENT",)),
    (("why", "mrd-fund", "induction.fourth-drug"), ("PROFILE: no scenario is named", "did you mean mrd-found?")),
    (("why", "-", "induction.forth-drug"), ("STATEMENT", "'induction.forth-drug'", "mean induction.fourth-drug?")),
    (("why", "-", "fourth-drug"), ("STATEMENT", "'fourth-drug'", "mean induction.fourth-drug?")),
    (("why", "-", "induction.fourth-drug", "--format", "html"), ("--format: 'html'", "text, json")),
    (("scenarios", "--topic", "mdr"), ("--topic: no topic is named 'mdr'", "did you mean mrd?")),
    (("scenarios", "--format", "html"), ("--format: 'html'", "text, json, markdown")),
    (("scenarios", "--topic", "mrd", "show", "mrd-found"), ("show goes before all options", "scenarios show")),
    (("scenarios", "list"), ("'list'",)),
    (("scenarios", "show"), ("NAME",)),
    (("scenarios", "show", "mrd-fund"), ("NAME: no scenario is named 'mrd-fund'", "did you mean mrd-found?")),
    (("scenarios", "show", "mrd-found", "--step", "2"), ("--step: mrd-found has no step 2; allowed: 1 only",)),
    (("scenarios", "show", "no-remission-yet", "--step", "0"), ("--step", "has no step 0; allowed: 1 to 3")),
    (("scenarios", "show", "mrd-found", "--step", "two"), ("--step", "'two'")),
    (("scenarios", "show", "mrd-found", "--format", "xml"), ("--format: 'xml'", "json, text, markdown, html")),
    (("scenarios", "show", "mrd-found", "--handout", "--format", "text"), ("--format: 'text'", "markdown, html")),
    (
        ("scenarios", "show", "mrd-found", "--handout", "--without", "keys"),
        ("--without", "'keys'", "did you mean key?"),
    ),
    (("scenarios", "show", "mrd-found", "--without", "key"), ("--without", "add --handout")),
    (("scenarios", "show", "missing.yaml"), ("missing.yaml: there is no such file",)),
    (("scenarios", "show", "."), (".: this is a folder",)),
    (("scenarios", "show", "-"), ("-: this holds answers alone", "a scenario")),
    (("scenarios", "show", "mrd-found.2"), ("NAME: mrd-found has no step '2'; allowed: 1",)),
    (("compare", "mrd-found"), ("B",)),
    (("compare", "mrd-found", "mrd-fund"), ("B: no scenario is named 'mrd-fund'", "did you mean mrd-found?")),
    (("compare", "no-remission-yet.2", "no-remission-yet.9"), ("B: no-remission-yet has no step '9'", "1, 2, 3")),
    (("compare", "missing.yaml", "mrd-found"), ("missing.yaml", "no such file")),
    (("compare", "-", "-"), ("B", "standard input")),
    (("compare", "mrd-found", "."), (".: this is a folder",)),
    (("compare", "", "mrd-found"), ("A: no scenario is named ''",)),
    (("compare", "mrd-found", "mrd-found", "--format", "xml"), ("--format: 'xml'",)),
    (("why", "-", "induction.fourth-drug", "--all-minimal=yes"), ("--all-minimal",)),
    (("check", "nowhere"), ("nowhere", "no such folder")),
    (("check", ""), ("''", "no such folder")),
    (("review", "pots", "--by", "Jane Roe, RN", "--folder", ""), ("''", "no such folder")),
    (("fingerprint", "page.html", "--folder", ""), ("",)),
    (("check", "--only", "knowledge", "--output", "no/such/folder.json"), ("no/such", "does not exist")),
    (("serve", "--prefix", "/a/../b"), ("--prefix", "'/a/../b' is not a path")),
    (("serve", "--contact", "M\udcfcnchen"), ("--contact", "is not text; delete it")),
    (("serve", "--contact", "a\x01b"), ("--contact", "is not text; delete it")),
    (("check", "--diff", "--accept"), ("--accept", "leave out one of them")),
    (("explain", "--set", "stage=induction", "--made-on", "2025-1-5"), ("--made-on", "'2025-1-5'", "YYYY-MM-DD")),
    (("explain", "--set", "stage=induction", "--made-on", "20250105"), ("--made-on", "'20250105'", "YYYY-MM-DD")),
    (("check", "x" * 300), ("xxx",)),
    (("ask", "--output", "no/page.html"), ("no/page.html", "does not exist")),
    (("ask", "--save", "answers.txt"), ("answers.txt", ".yaml")),
    (("ask", "--format", "xml"), ("--format: 'xml'",)),
]


@pytest.mark.parametrize(("args", "words"), BAD_USAGE, ids=[" ".join(args)[:60] for args, _ in BAD_USAGE])
def test_bad_usage_is_refused(
    args: tuple[str, ...], words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one message names the option or file, the bad value, and what is allowed; nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    Path("circle").symlink_to("circle")
    assert_refused(call(*args, stdin=b"{}"), *words)
    assert list(tmp_path.iterdir()) == [tmp_path / "circle"]


def test_faults_of_the_file_are_told_before_those_of_the_changes(tmp_path: Path) -> None:
    """A mistake in the file is never blamed on `--set`, nor one in `--set` on a line of the file."""
    path = tmp_path / "answers.yaml"
    path.write_text("stage: induction\nmrd: maybe\n")
    assert_refused(call("explain", str(path), "--set", "risk_group=high"), f"{path}:2: mrd: 'maybe'")
    path.write_text("stage: induction\n")
    assert_refused(call("explain", str(path), "--set", "stage=maybe"), "--set: stage: 'maybe'")


@pytest.mark.parametrize("command", ["explain", "why"])
def test_a_file_without_permission_is_refused(command: str, answers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is named, with the reason."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert_refused(call(command, answers, *(["ph.pills"] if command == "why" else [])), answers, "Permission denied")


@pytest.mark.parametrize("command", ["explain", "ask"])
def test_an_output_without_permission_is_refused(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may not be written is refused at once, before any question is asked."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    page = str(tmp_path / "page.html")
    assert_refused(call(command, "--output", page, *(["--set", "stage=induction"] * (command == "explain"))), page)


near_yaml = st.lists(
    st.tuples(st.sampled_from(["stage", "mrd", "look_ahead", "x"]), st.sampled_from(["induction", "true", "[", "~"])),
).map(lambda lines: "\n".join(f"{key}: {value}" for key, value in lines).encode())
near_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
).map(lambda data: json.dumps(data).encode())


@given(st.binary() | st.text().map(str.encode) | near_yaml | near_json, st.sampled_from([".yaml", ".json", "-"]))
def test_no_bytes_break_the_program(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    """Whatever a profile file holds, it is explained or refused; nothing else ever happens."""
    path = tmp_path_factory.getbasetemp() / f"fuzz{ending}"
    path.write_bytes(content)
    done = call("explain", "-" if ending == "-" else str(path), stdin=content)
    assert done.code in (0, 2)
    assert bool(done.out) == (done.code == 0)
    assert bool(done.err) == (done.code == 2)


# --- what only a process of its own can show --------------------------------------------------


@pytest.mark.parametrize(
    ("args", "word", "environment"),
    [
        (("explain", "-"), "standard input", {}),
        (("explain", b"\xff.yaml"), "\\udcff.yaml", {}),
        (("explain", b"\xff.yaml"), "\\udcff.yaml", OTHER_PLACE),
        (("explain", "--set", b"stage=\xff"), "'\\udcff'", OTHER_PLACE),
        (("explain", "--formt"), "--formt", {}),
        (("\U0001f600",), "is not a command", OTHER_PLACE),
    ],
)
def test_the_installed_program_refuses_as_promised(
    args: tuple[str | bytes, ...], word: str, environment: dict[str, str]
) -> None:
    """The real program gives the exit code and the one message too, in every locale."""
    assert_refused(run(*args, stdin=b"{", environment=environment), word)


@pytest.mark.parametrize("command", ["explain --set stage=induction", "--help", "check --only knowledge"])
def test_a_full_standard_output_is_told(command: str) -> None:
    """Nobody takes half an explanation for a whole one: a full disk is exit code 2 and a message."""
    assert_refused(shell(f'"$0" {command} > /dev/full'), "standard output", "No space left")


@pytest.mark.parametrize("options", ["--set stage=induction -o", "--batch {} --output"])
def test_standard_output_by_its_other_name_is_never_replaced(options: str, tmp_path: Path) -> None:
    """Where it leads into a file that is added to, what was there stays."""
    log, children = tmp_path / "log", tmp_path / "children.jsonl"
    log.write_text("keep\n")
    children.write_text("{}\n")
    done = shell(f'"$0" explain {options.format(children)} /dev/stdout --format json >> "$1"', log)
    assert (done.code, done.err) == (0, "")
    assert log.read_text("utf-8").startswith("keep\n{")


def test_bad_input_is_exit_code_2_though_nothing_can_be_said() -> None:
    """Neither a full disk nor nobody behind standard error turns a mistake into something else."""
    assert shell('"$0" explain --set foo=bar 2> /dev/full').code == 2
    assert shell('set -o pipefail; "$0" nothing 2>&1 > /dev/null | true').code == 2


def test_a_line_that_never_ends_is_refused() -> None:
    """`ask` takes no more memory than an answer may need."""
    done = shell('"$0" ask < /dev/zero')
    assert (done.code, done.out) == (2, b"")
    assert done.err.endswith("standard input: no answer is longer than 4,096 bytes\n")


@pytest.mark.parametrize("unbuffered", ["", "PYTHONUNBUFFERED=1"])
def test_an_explanation_that_is_cut_short_is_told(unbuffered: str, tmp_path: Path) -> None:
    """When standard output takes only the beginning, that is an error, however Python is set up."""
    script = f'ulimit -f 8; {unbuffered} "$0" explain --set stage=induction --format html > "$1"'
    assert_refused(shell(script, tmp_path / "page.html"), "standard output", "File too large")


def test_the_name_of_a_file_gives_the_terminal_no_orders(tmp_path: Path) -> None:
    """What a terminal would obey is spelt out, wherever a message or a comparison names the file."""
    path = tmp_path / "x\x1b]0;title\x07\x1b[31mred.yaml"
    path.write_text("stage: indukshun", "utf-8")
    for done in (run("explain", str(path)), run("explain", "--batch", str(path)), run("explain", f"{path}x")):
        assert "red.yaml" in done.err
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.err)
    path.write_text("stage: induction", "utf-8")
    assert "\x1b" not in run("compare", str(path), "mrd-found").text


def test_standard_error_by_its_name_is_never_replaced(tmp_path: Path) -> None:
    """Where it leads into a log, what was there stays."""
    log = tmp_path / "log"
    log.write_text("keep\n")
    done = shell('"$0" explain --set stage=induction --format json --output /dev/stderr 2>> "$1"', log)
    assert done.code == 0
    assert log.read_text("utf-8").startswith("keep\n{")


def test_a_file_in_memory_is_replaced_like_any_other() -> None:
    """What stands below /dev is not always a device."""
    page = Path(f"/dev/shm/explainer-{os.getpid()}.json")  # noqa: S108 - that folder is what is tried
    try:
        for _ in range(2):
            assert call("explain", "--set", "stage=induction", "--output", str(page)).code == 0
        assert json.loads(page.read_text("utf-8"))["sections"]
    finally:
        page.unlink(missing_ok=True)


def test_a_device_is_written_to_and_never_replaced() -> None:
    """`--output /dev/full` says that it is full; afterwards it is the same device."""
    assert_refused(run("explain", "--set", "stage=induction", "-o", "/dev/full"), "/dev/full", "No space left")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    done = shell('"$0" explain --set stage=induction --output /dev/stdout | cat')
    assert done == run("explain", "--set", "stage=induction")


def test_a_failed_write_leaves_the_old_page(tmp_path: Path) -> None:
    """When the disk is full the page of yesterday is still there, whole, and no half page lies beside it."""
    page = tmp_path / "page.html"
    page.write_text("the page of yesterday")
    done = shell('ulimit -f 8; "$0" explain --set stage=induction --output "$1"', page)
    assert_refused(done, str(page), "File too large")
    assert list(tmp_path.iterdir()) == [page]
    assert page.read_text() == "the page of yesterday"


def test_closed_streams_are_refused() -> None:
    """A program that starts this one without its standard streams gets an exit code, not a crash."""
    assert_refused(shell('"$0" explain - <&-'), "standard input", "this is closed")
    assert_refused(shell('"$0" explain --set stage=induction >&-'), "standard output", "closed")
    assert shell('"$0" explain missing.yaml 2>&-').code == 2


@pytest.mark.parametrize("args", [("explain", "--set", "stage=induction"), ("check", "--only", "knowledge")])
def test_a_reader_that_has_read_enough_is_no_error(args: tuple[str, ...]) -> None:
    """`explain … | head -1` ends quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = subprocess.run([PROGRAM, *args], stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


# --- how long it takes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "goes_on"),
    [
        (("serve", "--host", "x" * 64), True),
        (("ask",), True),
        (("check", "--only", "nothing"), True),
        (("explain", "--batch", "missing.jsonl"), True),
        (("explain", "--set", "stage=induction"), False),
        (("scenarios",), False),
    ],
)
def test_only_commands_that_end_soon_go_without_the_garbage_collector(command: tuple[str, ...], goes_on: bool) -> None:
    """A short command saves the time; one that goes on for hours does not grow for want of it."""
    gc.disable()  # as the program does at its start
    try:
        call(*command)
        assert gc.isenabled() == goes_on
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("command", "needed", "not_needed"),
    [
        (["--help"], {"explainer.cli"}, {"pydantic", "jinja2", "yaml", "starlette", "rich", "durable_rules_engine"}),
        (
            ["explain", "--set=stage=finished"],
            {"explainer.render"},
            {"importlib.metadata", "email", "starlette", "rich", "explainer.compare"},
        ),
    ],
)
def test_a_command_loads_only_what_it_needs(command: list[str], needed: set[str], not_needed: set[str]) -> None:
    """Help comes at once: no rules, no templates. Explaining loads no web server, and nothing that seeks plugins."""
    script = f"import sys; from explainer.__main__ import main; sys.argv[1:] = {command}; main()"
    watched = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {script}"
    loaded = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=True).stderr.split()
    assert needed <= set(loaded)
    assert not not_needed & set(loaded)
