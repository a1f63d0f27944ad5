"""Loading a rules folder: what fits together becomes knowledge, and every mistake is told once, at its line."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import resources
from explainer.compose import Composer
from explainer.errors import KnowledgeError
from explainer.knowledge import Knowledge
from explainer.loader import knowledge, load
from explainer.render import FORMS, render
from tests.mangle import mangled

HERE = Path(__file__).parent
SAMPLE = HERE / "sample"
BROKEN = {path.stem: path for path in sorted((HERE / "broken").glob("*.yaml"))}
REQUIRED = [
    "certainty",
    "concepts",
    "contradictions",
    "facts",
    "glossary",
    "notices",
    "path",
    "phrases",
    "questionnaire",
    "reading",
    "source",
    "topics",
]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules folder to spoil: a copy of the sample."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "rules"))


def faults_of(folder: Path) -> list[str]:
    """What loading the folder complains about, without the folder's name."""
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    return [line.removeprefix(f"{folder.name}/") for line in str(caught.value).splitlines()]


def drop_in(name: str, folder: Path) -> str:
    """Puts a file of tests/broken in the place of the one it replaces; gives the fault that it expects."""
    text = BROKEN[name].read_text(encoding="utf-8")
    replaces, expect, _ = text.split("\n", 2)
    target = folder / replaces.removeprefix("# replaces: ")
    assert target.is_file()
    target.write_text(text, encoding="utf-8")
    return expect.removeprefix("# expect: ")


# --- what loads ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_new_questions_rules_and_scenarios_need_no_python(form: str) -> None:
    """A folder about pot plants is loaded, decided upon and explained in every form by the same program."""
    plants = load(SAMPLE)
    composer = Composer(plants)
    explanation = composer.explain(plants.profile.read(plants.scenarios[0].profile), made_on=date(2024, 2, 29))
    assert [statement.id for section in explanation.sections for statement in section.statements] == [
        "watering.water",
        "watering.moist",
        "watering.warm-place",
        "watering.look-often",
        "watering.at-once",
    ]
    page = re.sub(r"</?button[^>]*>", "", render(explanation, form))  # hard words are buttons
    for words in (
        "The soil has dried out.",
        "This is about pot plants.",
        "Water it at once.",
        "the plant is thirsty: ",
    ):
        assert words in page


def test_the_sample_holds_possibilities_and_other_answers(rules: Path) -> None:
    """Not being sure, asking for more, and an answer that is not covered work in any questionnaire."""
    plants = load(rules)
    composer = Composer(plants)
    unsure, more, orchid = (
        composer.explain(plants.profile.read(answers)) for answers in ({}, {"repot": "true"}, {"plant": "orchid"})
    )
    assert {s.condition for s in unsure.sections[0].statements} >= {None, "the pot stands in a warm place"}
    assert [section.id for section in more.sections] == ["watering", "pots"]
    assert not orchid.sections
    assert orchid.notices[1].text.endswith("Please read “The Care of Orchids (orchids)”.")


def test_the_shipped_rules_load_once() -> None:
    """The knowledge that ships fits together, and a process reads it a single time."""
    assert knowledge() == load(resources.folder("rules"))
    assert knowledge() is knowledge()


@pytest.mark.parametrize("folder", [SAMPLE, resources.folder("rules")])
def test_the_same_folder_gives_the_same_knowledge(folder: Path) -> None:
    """Loading depends on nothing but the files."""
    first, second = load(folder), load(folder)
    assert first.profile.questions == second.profile.questions
    assert first == second


# --- what does not ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", BROKEN)
def test_one_mistake_is_one_fault_at_its_line(name: str, rules: Path) -> None:
    """Each mistake is told once, at its file and line, with what is wrong and what is allowed; no other is blamed."""
    expected = drop_in(name, rules)
    assert faults_of(rules) == [expected]


def test_the_mistakes_of_all_files_are_told_at_once_in_order(rules: Path) -> None:
    """Nobody has to mend a folder one run at a time: faults stand one a line, sorted by file and line number."""
    names = ["a-tab-for-indentation", "a-day-that-does-not-exist", "a-timing-that-does-not-exist"]
    expected = [drop_in(name, rules) for name in names]
    watering = rules / "watering.yaml"
    watering.write_text(watering.read_text(encoding="utf-8").replace("certainty: usual", "certainty: sure"), "utf-8")
    expected.append("watering.yaml:25: 'sure' is not allowed; allowed: stated, usual, possible")  # after line 9
    assert faults_of(rules) == expected


def test_every_circle_of_concepts_is_told(rules: Path) -> None:
    """Two circles are two faults, each with its own members."""
    concept = "  - {{id: {0}, phrase: {0}, when: {{concept: {1}}}}}\n"
    text = "concepts:\n" + "".join(map(concept.format, "abcde", "bacde"))
    (rules / "concepts.yaml").write_text(text, encoding="utf-8")
    circles = [line for line in faults_of(rules) if "circle" in line]
    assert [line.rpartition(": ")[2] for line in circles] == ["a → b → a", "c → c", "d → d", "e → e"]


def test_a_fact_is_told_in_the_section_of_its_heading(tmp_path: Path) -> None:
    """A fact in a foreign section would reach children whom it does not concern."""
    copied = Path(shutil.copytree(resources.folder("rules"), tmp_path / "rules"))
    support = copied / "support.yaml"
    moved = support.read_text("utf-8").replace("facts: [support.1c]", "facts: [support.1c, induction.1a]")
    support.write_text(moved, "utf-8")
    (fault,) = faults_of(copied)
    assert re.fullmatch(r"support\.yaml:\d+: induction\.1a belongs to the section induction; tell it there", fault)


def put_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, ": there is no such file"),
    "empty": (lambda path: path.write_bytes(b""), ": the file is empty"),
    "not text": (
        lambda path: path.write_bytes(b"\n\xff"),
        ":2: byte 0xff is not UTF-8 text; save the file as UTF-8",
    ),
    "too large": (lambda path: path.write_bytes(b"#" * 200_001), ": the file is larger than 200,000 bytes"),
    "a folder": (put_folder, ": this is a folder, not a file"),
    "unreadable": (put_link_to_itself, f": the file cannot be read ({os.strerror(errno.ELOOP)})"),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *product(REQUIRED, SPOILT),
        *product(["watering", "scenarios/one"], [kind for kind in SPOILT if kind != "missing"]),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(name: str, kind: str, rules: Path) -> None:
    """A file that is missing or no text is told as such, and no other file is blamed for what it would have held."""
    spoil, said = SPOILT[kind]
    spoil(rules / f"{name}.yaml")
    assert faults_of(rules) == [f"{name}.yaml{said}"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sunlight.yaml", "sunlight.yaml: no section is named 'sunlight' in path.yaml; allowed: watering, pots"),
        ("water.yml", "water.yml: this file would not be read; name it water.yaml"),
        ("scenarios/three.YAML", "scenarios/three.YAML: this file would not be read; name it three.yaml"),
        ("scenarios/three.yaml.txt", "scenarios/three.yaml.txt: this file would not be read; name it three.yaml"),
        (
            "scenarios/two.yaml~",
            "scenarios/two.yaml~: this file would not be read; move it elsewhere, for there is a two.yaml",
        ),
        (
            "scenario/two.yaml",
            "scenario/two.yaml: this file would not be read; move it to scenarios/, if it is one",
        ),
        (
            "scenarios/mrd/two.yaml",
            "scenarios/mrd/two.yaml: this file would not be read; move it to scenarios/, if it is one",
        ),
    ],
)
def test_a_file_that_nothing_reads_is_one_fault(name: str, expected: str, rules: Path) -> None:
    """Nobody writes rules or scenarios that are then left out in silence."""
    source = "scenarios/one.yaml" if "/" in name else "pots.yaml"
    text = (rules / source).read_text(encoding="utf-8").replace("id: pots", "id: sunlight")
    (rules / name).parent.mkdir(exist_ok=True)
    (rules / name).write_text(text, encoding="utf-8")
    assert faults_of(rules) == [expected]


@pytest.mark.parametrize("name", ["README.md", ".watering.yaml", "scenarios/.#one.yaml"])
def test_other_files_are_left_alone(name: str, rules: Path) -> None:
    """Notes beside the rules, and what an editor keeps while it is open, are no mistakes."""
    before = load(rules)
    (rules / name).write_text("no: [rules", encoding="utf-8")
    assert load(rules) == before


def test_a_folder_that_does_not_exist_is_one_fault(rules: Path) -> None:
    """A wrong path is told as a wrong path, not as many missing files."""
    for path, said in {rules / "nowhere": "there is no such folder", rules / "path.yaml": "this is no folder"}.items():
        for named in (path, str(path)):
            with pytest.raises(KnowledgeError) as caught:
                load(named)
            assert str(caught.value) == f"{path}: {said}"


def test_faults_name_the_folder_even_when_it_is_here(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of the working folder names its files like any other check."""
    (rules / "facts.yaml").unlink()
    monkeypatch.chdir(rules)
    with pytest.raises(KnowledgeError, match=r"^rules/facts\.yaml: there is no such file$"):
        load(Path())


@pytest.fixture(scope="module")
def mangled_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path_factory.mktemp("mangled") / "rules"))


def slips_in(path: Path) -> st.SearchStrategy[tuple[Path, str]]:
    return st.tuples(st.just(path), mangled(path.read_text(encoding="utf-8")))


@given(slip=st.sampled_from(sorted(SAMPLE.rglob("*.yaml"))).flatmap(slips_in))
def test_a_slip_of_the_hand_never_breaks_more_than_the_file(slip: tuple[Path, str], mangled_rules: Path) -> None:
    """Whatever happens to a file, loading tells faults in an author's words, or what it loads can be explained."""
    original, text = slip
    path = mangled_rules / original.relative_to(SAMPLE)
    path.write_bytes(text.encode())
    try:
        found: Knowledge | KnowledgeError = load(mangled_rules)
    except KnowledgeError as error:
        found = error
    finally:
        shutil.copyfile(original, path)
    if isinstance(found, KnowledgeError):
        assert str(found).splitlines() == [str(fault) for fault in found.faults]
        assert "Input should" not in str(found)
    else:
        explanation = Composer(found).explain(found.profile())
        assert all(render(explanation, form) for form in FORMS)
