"""The check "sentences": grades, long sentences, hard words, and the words that explain them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from explainer import explain
from explainer.address import every_step
from explainer.findings import Result, Subject
from explainer.profile import ProfileModel
from explainer.readability import measure, sentences, words
from explainer.resources import folder
from explainer.sentences_check import hard_words, sentences_check, spoken, texts, too_hard
from tests.copies import POT_PLANTS, document
from tests.spoil import SAMPLE, found, spoilt
from tests.strategies import profiles

SHIPPED = Subject.read(folder("rules"))
GATES = SHIPPED.knowledge.reading.gates


def check(subject: Subject) -> Result:
    return sentences_check(subject, lambda _: None)


def test_the_shipped_words_are_plain() -> None:
    """A parent who is tired and afraid can read every explanation: grade 6 at most, no sentence over 22 words."""
    result = check(SHIPPED)
    assert result.findings == ()
    whole = result.tables[0]
    assert [row[0] for row in whole.rows] == [child.text for _, child in every_step(SHIPPED.knowledge)]
    assert all(float(row[whole.columns.index("Flesch-Kincaid")]) <= 6.0 for row in whole.rows)
    assert all(float(row[whole.columns.index("SMOG")]) <= 8.5 for row in whole.rows)


def test_the_gates_are_those_that_were_agreed() -> None:
    """Nobody makes a text pass by moving the gate."""
    assert (GATES.flesch_kincaid, GATES.smog, GATES.sentence_words, GATES.list_lines) == (6.0, 8.5, 22, 7)


@settings(max_examples=40)
@given(profiles())
def test_every_childs_explanation_is_plain(profile: ProfileModel) -> None:
    """Not only the made-up children of the scenarios: none passes a gate, and no sentence in it runs on."""
    text = spoken(explain(profile))
    assert list(too_hard(GATES, measure(text))) == []
    assert not [sentence for sentence in sentences(text) if len(words(sentence)) > GATES.sentence_words]


def test_a_long_sentence_is_found(tmp_path: Path) -> None:
    """23 words are one too many, 22 are not."""
    goal = "The goal of induction is to bring the leukemia into remission."
    for count, expected in ((22, 0), (23, 1)):
        into = tmp_path / str(count)
        into.mkdir()
        lines = found(sentences_check, spoilt(into, ("induction", goal, " ".join(["so"] * count) + ".")))
        assert len([line for line in lines if "induction.goal: a sentence has 23 words, over 22" in line]) == expected


def test_a_list_of_drugs_is_no_long_sentence(tmp_path: Path) -> None:
    """Each line of a list counts singly."""
    goal = "say: The goal of induction is to bring the leukemia into remission."
    lines = "\n".join(["say: |-", "          These:", *["          - so so so so so so so so so so"] * 3])
    assert not [
        line for line in found(sentences_check, spoilt(tmp_path, ("induction", goal, lines))) if "words, over" in line
    ]


def test_a_statement_of_many_sentences_is_found(tmp_path: Path) -> None:
    """One to three sentences can be taken in at once."""
    change = ("induction", "is not always the same as a cure.", "is not a cure. It is so. It is here. It is now.")
    (line,) = found(sentences_check, spoilt(tmp_path, change))
    assert "induction.not-a-cure: this has 4 sentences, over 3; make two rules of it" in line


@pytest.mark.parametrize("odd", ["{page", "{name}", "<b>cure</b>", "**cure**", "[cure](here)", "`cure`"])
def test_markup_in_what_a_family_reads_is_found(odd: str, tmp_path: Path) -> None:
    """Texts are plain: what looks like markup would be read as it was typed."""
    change = ("induction", "is not always the same as a cure.", f"is not always the same as {odd}.")
    lines = found(sentences_check, spoilt(tmp_path, change))
    assert any("induction.not-a-cure" in line and "would be read as it stands here" in line for line in lines)


@pytest.mark.parametrize("odd", ["ask: Is it so?", "# Is it so?"])
def test_what_is_meant_for_yaml_and_stands_in_a_text_is_found(odd: str, tmp_path: Path) -> None:
    """A line that is indented too far is read out to families, and the question in it reaches nobody."""
    change = ("maintenance", "For some children at higher risk,", f"{odd} For some children at higher risk,")
    lines = found(sentences_check, spoilt(tmp_path, change))
    assert all("maintenance.more-intense" in line for line in lines)
    assert any("would be read as it stands here" in line for line in lines)


UNFINISHED = {
    "no full stop": (
        "more intense, too.",
        "more intense, too",
        "does not end as a sentence does; end it with a full stop",
    ),
    "a small letter": ("For some children at higher", "for some children at higher", "begin it with a capital letter"),
    "a lone mark": (
        "For some children at higher",
        'For "some children at higher',
        "a quotation mark stands alone here",
    ),
    "curly quotes around": (
        "Some children with B-cell ALL might get blinatumomab (Blincyto) in this phase. It is an immunotherapy drug.",
        "“Some children with B-cell ALL might get blinatumomab (Blincyto) in this phase.”",
        "all of this stands in curly quotes",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), UNFINISHED.values(), ids=UNFINISHED)
def test_a_sentence_that_is_not_whole_is_found(old: str, new: str, said: str, tmp_path: Path) -> None:
    """A slip of the keyboard does not get onto the page as it is."""
    section = "consolidation" if "B-cell" in old else "maintenance"
    assert any(said in line for line in found(sentences_check, spoilt(tmp_path, (section, old, new))))


def test_a_misspelt_drug_is_not_to_be_explained_as_a_new_one(tmp_path: Path) -> None:
    """The nearest word of the facts and the glossary comes first."""
    lines = found(
        sentences_check, spoilt(tmp_path, ("consolidation", "might get blinatumomab", "might get blinatumumab"))
    )
    assert any("did you mean “blinatumomab”? If not, use" in line for line in lines)


@pytest.mark.parametrize("word", ["nelarabine", "Keppra", "thioguanine"])
def test_a_word_that_nobody_has_heard_is_found(word: str, tmp_path: Path) -> None:
    """The name of a drug that no fact has need not be long, nor be written with a brand."""
    change = ("induction", "is not always the same as a cure.", f"is not always the same as a cure by {word}.")
    (line,) = found(sentences_check, spoilt(tmp_path, change))
    assert f"induction.not-a-cure: “{word.lower()}” is no everyday word" in line


def test_a_hard_word_is_found(tmp_path: Path) -> None:
    """A long word is an everyday word, or it is explained."""
    change = ("induction", "is not always the same as a cure.", "is not always definitive.")
    (line,) = found(sentences_check, spoilt(tmp_path, change))
    assert "induction.not-a-cure: “definitive” is a long word that nothing explains; use a shorter one" in line


def test_a_word_that_is_not_explained_at_its_first_use_is_found(tmp_path: Path) -> None:
    """What stands in no glossary is explained where a family first meets it."""
    change = ("questionnaire", "The kind of cell is in the first lab report", "It is in the first lab report")
    (line,) = found(sentences_check, spoilt(tmp_path, change))
    assert "question cell_type: “immunophenotype” first stands here, and no “kind of cell” explains it" in line


def test_a_grade_over_the_gate_is_found(tmp_path: Path) -> None:
    """The gates are the author's, in reading.yaml; each scenario that passes one is named."""
    gates = (("reading", "flesch_kincaid: 6.0", "flesch_kincaid: 3.0"), ("reading", "smog: 8.5", "smog: 7.0"))
    lines = found(sentences_check, spoilt(tmp_path, *gates))
    assert any(re.search(r"scenario [\w-]+: it reads at grade \d\.\d by Flesch-Kincaid, over 3\.0; ", x) for x in lines)
    assert any("by SMOG, over 7.0" in line for line in lines)
    assert all("scenarios/" in line for line in lines)


def test_too_much_passive_voice_is_found(tmp_path: Path) -> None:
    """Who does what stays clear."""
    lines = found(sentences_check, spoilt(tmp_path, ("reading", "passive_percent: 25", "passive_percent: 5")))
    assert any("% of its sentences are passive, over 5 %" in line for line in lines)


def test_the_document_stands_beside() -> None:
    """With a copy given, its figures are in the table, without what stands around it; else nothing is said of it."""
    text = POT_PLANTS.read_text("utf-8")
    copied = check(Subject.read(SAMPLE, document(text)))
    (row,) = [row for row in copied.tables[0].rows if row[0] == "the document itself"]
    assert 0 < int(row[1]) < len(words(text))
    assert not [row for row in check(SHIPPED).tables[0].rows if row[0] == "the document itself"]


def test_everything_that_a_family_reads_is_looked_at() -> None:
    """No text of rules/ escapes the gates: each kind of thing is there, and conditions are too."""
    kinds = {thing.split(" ")[0].split(".")[0] for thing, _ in texts(SHIPPED.knowledge)}
    sections = {section.id for section in SHIPPED.knowledge.sections}
    assert kinds == {"place", "notice", "section", "question", "concept", "term", "source", *sections}
    assert "If the leukemia counts as high-risk" in spoken(explain(SHIPPED.knowledge.profile(stage="induction")))


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("Your family can ask for another example.", []),
        ("Chemotherapy for acute lymphoblastic leukemia.", []),
        ("A definitive prognosis.", ["definitive", "prognosis"]),
    ],
)
def test_everyday_words_and_words_of_the_glossary_are_not_hard(text: str, hard: list[str]) -> None:
    """Only what a reader may not know, and gets no help with, is hard."""
    assert hard_words(SHIPPED, text) == hard


def test_pot_plants_are_graded_too() -> None:
    """The check knows nothing about leukemia, and a single short explanation has no SMOG grade to fail."""
    sample = Subject.read(Path(__file__).parent / "sample")
    assert found(sentences_check, sample) == []
