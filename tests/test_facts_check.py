"""The check "facts": words as firm as the facts, and no drug and no number that the facts do not name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from explainer.facts_check import facts_check
from explainer.findings import Subject
from explainer.resources import folder
from tests.spoil import Change, found, spoilt

FOURTH = "a fourth drug is usually added in the first month."
BLINATUMOMAB = "Some children with B-cell ALL might get blinatumomab (Blincyto) in this phase."
GOAL = "The goal of induction is to bring the leukemia into remission."
RADIATION = "Doctors try to avoid radiation to the brain, above all in younger children."

PLANTED: dict[str, tuple[Change, str, str]] = {
    "a firm word in a possibility": (
        ("consolidation", "This phase may bring one more round", "This phase may always bring one more round"),
        "consolidation.delayed-intensification",
        "“always” does not fit what is possible",
    ),
    "a usual thing in a possibility": (
        (
            "consolidation",
            "This phase may bring one more round",
            "This phase may usually bring one more round",
        ),
        "consolidation.delayed-intensification",
        "“usually” does not fit what is possible",
    ),
    "a possibility without its hedge": (
        ("consolidation", "This phase may bring one more round", "This phase brings one more round"),
        "consolidation.delayed-intensification",
        "this is possible, but no word says so; use one of: can, could, may",
    ),
    "a usual thing without its hedge": (
        ("induction", "often get three drugs in", "get three drugs in"),
        "induction.three-drugs",
        "this is usual, but no word says so",
    ),
    "a usual thing said as certain": (
        ("induction", FOURTH, "a fourth drug is usually, and in fact always, added in the first month."),
        "induction.fourth-drug",
        "“always” does not fit what is usual",
    ),
    "a stated thing watered down": (
        ("induction", GOAL, "The goal of induction is perhaps to bring the leukemia into remission."),
        "induction.goal",
        "“perhaps” does not fit what is stated",
    ),
    "a drug that no fact names": (
        ("consolidation", BLINATUMOMAB, f"{BLINATUMOMAB} Imatinib may be added."),
        "consolidation.blinatumomab",
        "this names Imatinib, and none of its facts does; take the name out",
    ),
    "a drug that nobody knows": (
        ("consolidation", BLINATUMOMAB, f"{BLINATUMOMAB} Some might get nelarabine (Arranon)."),
        "consolidation.blinatumomab",
        "this names nelarabine (Arranon), and none of its facts does",
    ),
    "a drug in a question": (
        ("maintenance", "at what time, and how many of each?", "at what time, and how much dasatinib?"),
        "maintenance.pills",
        "this names dasatinib, and none of its facts does",
    ),
    "another treatment": (
        ("induction", GOAL, "The goal of induction is to bring the leukemia into remission before a transplant."),
        "induction.goal",
        "this names transplant, and none of its facts does",
    ),
    "a number": (
        ("overview", "about 2 to 3 years", "about 2 to 4 years"),
        "overview.how-long",
        "this says “about 2 to 4 years”, and its facts say “about 2 to 3 years”; say it as its facts do",
    ),
    "a nought": (
        ("induction", RADIATION, f"{RADIATION} It has zero effect."),
        "induction.avoid-radiation",
        "this says “zero”, and none of its facts does",
    ),
    "a number in words": (
        ("induction", RADIATION, f"{RADIATION} That means six years or younger."),
        "induction.avoid-radiation",
        "this says “six years”, and none of its facts does",
    ),
    "a percentage": (
        ("induction", "more than 95% of children", "more than 98% of children"),
        "induction.most-reach-remission",
        "this says “more than 98%”, and its facts say “More than 95%”",
    ),
    "a large number in words": (
        ("induction", FOURTH, "a fourth drug is usually added in the first month, in ninety places."),
        "induction.fourth-drug",
        "this says “ninety”, and none of its facts does",
    ),
    "a rank": (
        ("induction", FOURTH, "a fifth drug is usually added in the first month."),
        "induction.fourth-drug",
        "this says “fifth”, and none of its facts does",
    ),
    "a number in a question": (
        ("maintenance", "at what time, and how many of each?", "at what time, and how many of seven?"),
        "maintenance.pills",
        "this says “seven”, and none of its facts does",
    ),
    "a comparison in place of a hedge": (
        ("induction", "is usually given less often than", "is given less often than"),
        "induction.rest-of-treatment",
        "this is usual, but no word says so",
    ),
    "a question in place of a hedge": (
        ("induction", "is usually given less often than before", "is given less often. Ask how often"),
        "induction.rest-of-treatment",
        "this is usual, but no word says so",
    ),
    "a hope": (
        ("overview", "Chemotherapy is the main treatment", "Most get better with the main treatment"),
        "overview.main-treatment",
        "“get better” is what we never say",
    ),
    "a count of what is not listed": (
        ("maintenance", "Most plans use two drugs,", "Most plans use three drugs,"),
        "maintenance.pills",
        "this says “three”, and none of its facts does",
    ),
    "another unit": (
        ("maintenance", "- methotrexate, once a week", "- methotrexate, every month"),
        "maintenance.pills",
        "this says “every month”, and none of its facts does; say it as its facts do",
    ),
    "the schedule of another drug": (
        ("maintenance", "- methotrexate, once a week", "- methotrexate, every day"),
        "maintenance.pills",
        "this says “every day” of methotrexate, and its facts say it of 6-mercaptopurine",
    ),
    "a dose more": (
        ("maintenance", "- methotrexate, once a week", "- methotrexate, twice a week"),
        "maintenance.pills",
        "this says “twice a week”, and its facts say “every week”",
    ),
    "a schedule ahead of another drug": (
        ("maintenance", "both taken as pills:", "both taken as pills. Every day, your child takes methotrexate:"),
        "maintenance.pills",
        "this says “Every day” of methotrexate, and its facts say it of 6-mercaptopurine",
    ),
    "a schedule of what it is": (
        ("maintenance", "both taken as pills:", "both pills. One of them is methotrexate. It is taken daily:"),
        "maintenance.pills",
        "this says “daily” of methotrexate, and its facts say it of 6-mercaptopurine",
    ),
    "the schedule of another drug in a question": (
        ("maintenance", "Which pills are part of", "Should my child take methotrexate every day? Which are part of"),
        "maintenance.pills",
        "this says “every day” of methotrexate",
    ),
    "a way into the body that no fact has": (
        ("recurrent", "          - vincristine\n", "          - vincristine, into the spinal fluid\n"),
        "recurrent.drugs",
        "this says “spinal fluid”, and none of its facts does",
    ),
    "a share of children in a notice": (
        ("notices", "You asked to see what", "It is so in more than 95% of children. You asked to see what"),
        "notice look-ahead",
        "this says “more than 95%”, and no fact does",
    ),
    "a comfort with another apostrophe": (
        ("notices", "You asked to see what", "Don’t worry. You asked to see what"),
        "notice look-ahead",
        "“don't worry” is what we never say",
    ),
    "a contraction": (
        ("maintenance", "if the leukemia is still in remission", "if the leukemia isn't in remission"),
        "maintenance.when",
        "this says “isn't”, and none of its facts does",
    ),
    "a number of something else": (
        ("overview", "about 2 to 3 years", "about 2 to 3 months"),
        "overview.how-long",
        "this says “about 2 to 3 months”, and its facts say “few months”",
    ),
    "another part of a time": (
        ("induction", "usually given twice in the first month", "usually given twice in each month"),
        "induction.twice",
        "this says “each month”, and its facts say “first month”",
    ),
    "a unit that no fact has": (
        ("consolidation", "This phase may bring one more round", "This phase may bring one more round that year"),
        "consolidation.delayed-intensification",
        "this says “year”, and none of its facts does",
    ),
    "a bound turned around": (
        ("induction", "get it more than twice in", "get it up to twice in"),
        "induction.more-than-twice",
        "this says “up to twice”, and its facts say “more than twice”",
    ),
    "a direction turned around": (
        ("induction", "is usually given less often than", "is usually given more often than"),
        "induction.rest-of-treatment",
        "this says “more”, and its facts say “less”",
    ),
    "a sentence turned around": (
        ("induction", GOAL, "The goal of induction is not to bring the leukemia into remission."),
        "induction.goal",
        "this says “not”, and none of its facts does",
    ),
    "a not that is lost": (
        ("induction", "A remission is not always the same", "A remission is always the same"),
        "induction.not-a-cure",
        "the fact induction.1c says “not”, and none of those that tell it does: induction.not-a-cure; say it",
    ),
    "a schedule in a meaning": (
        ("glossary", "pill taken once a week", "pill taken every day"),
        "term methotrexate",
        "this says “every day” of methotrexate, and its facts say it of 6-mercaptopurine",
    ),
    "a meaning turned around": (
        ("glossary", "Another round of intense chemo that may", "Another round of intense chemo that may not"),
        "term delayed intensification",
        "this says “not”, and none of its facts does",
    ),
    "another group": (
        ("induction", "In a high-risk group, a fourth", "In a standard-risk group, a fourth"),
        "induction.fourth-drug",
        "this says “standard-risk”, and its facts say “high”",
    ),
    "another kind of cell": (
        ("consolidation", "Some children with B-cell ALL might", "Some children with T-cell leukemia might"),
        "consolidation.blinatumomab",
        "this says “t-cell”, and its facts say “b-cell”",
    ),
    "another way into the body": (
        ("maintenance", "vincristine, into a vein (IV)", "vincristine, into the spinal fluid"),
        "maintenance.vein-and-steroid",
        "this says “spinal fluid”, and none of its facts does",
    ),
    "a promise": (
        ("induction", GOAL, "Your child will be cured."),
        "induction.goal",
        "“cured” is what we never say (certainty.yaml)",
    ),
    "advice in a scenario": (
        ("scenarios/another-leukemia", "To say what one", "You should know what one"),
        "scenario another-leukemia",
        "“you should” is what we never say",
    ),
    "a figure in a notice": (
        (
            "notices",
            "That does not mean that it will happen",
            "Six children see that. It does not mean that it will happen",
        ),
        "notice look-ahead",
        "this says “six”, and no fact does",
    ),
    "a figure in a question": (
        ("questionnaire", "Treatment comes in phases.", "Treatment comes in nine phases."),
        "question stage",
        "this says “nine”, and no fact does",
    ),
    "a figure in a place": (
        ("path", "Your child is at the start of the path.", "Half of them are at the start of the path."),
        "place 1",
        "this says “half”, and no fact does; take it out",
    ),
    "a figure in a meaning of our own": (
        (
            "glossary",
            "meaning: How many of each kind of cell are in the blood.",
            "meaning: Up to 800 cells are in the blood.",
        ),
        "term blood counts",
        "this says “800”, and no fact does",
    ),
    "a figure in a title": (
        ("maintenance", "title: When it begins", "title: 6 things that come before it"),
        "section maintenance",
        "this says “6”, and no fact does",
    ),
    "a drug in a meaning": (
        (
            "glossary",
            "meaning: A steroid. It may be added to chemo",
            "meaning: A steroid like prednisone. It may be added to chemo",
        ),
        "term hydrocortisone",
        "this names prednisone, and none of its facts does",
    ),
    "a drug in our own word": (
        ("notices", "These pages are about another type", "These pages name nelarabine (Arranon) and another type"),
        "notice other-leukemia",
        "this names nelarabine (Arranon), and no fact does; take it out",
    ),
    "a drug in a scenario": (
        ("scenarios/another-leukemia", "To say what one", "To name nelarabine (Arranon), or say what one"),
        "scenario another-leukemia",
        "this names nelarabine (Arranon), and no fact does; take it out",
    ),
    "a condition forgotten": (
        ("consolidation", "        when: {cell_type: b_cell}\n", ""),
        "consolidation.blinatumomab",
        "and this rule tells it to those with cell_type: t_cell, too; mend `when`",
    ),
    "a drug left out": (
        ("consolidation", "          - etoposide\n", ""),
        "consolidation.extra-drugs",
        "the fact consolidation.3b says “etoposide”, and none of those that tell it does",
    ),
    "a number in a meaning": (
        ("glossary", "Another round of intense chemo that", "Another seven weeks of intense chemo that"),
        "term delayed intensification",
        "this says “seven weeks”, and none of its facts does",
    ),
    "a firm word in a meaning": (
        ("glossary", "Another round of intense chemo that may", "Another round of intense chemo that must and may"),
        "term delayed intensification",
        "“must” does not fit what is possible",
    ),
}


def test_the_shipped_rules_are_as_firm_as_their_facts_and_tell_nothing_else() -> None:
    """Nothing invented, nothing hardened: the check finds nothing, and it has looked at everything."""
    subject = Subject.read(folder("rules"))
    result = facts_check(subject, lambda _: None)
    assert result.findings == ()
    assert result.counts["facts listed"] == result.counts["facts told"] == 76
    (table,) = result.tables
    assert len(table.rows) == len(subject.knowledge.statements)
    assert all(spoken for _, certainty, spoken, _ in table.rows if certainty != "stated")


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    """Each way to harden, to soften or to invent is one finding, at its rule, with what to do."""
    change, thing, said = PLANTED[name]
    subject = spoilt(tmp_path, change)
    (line,) = found(facts_check, subject)
    place, number = subject.places[thing]
    assert line.startswith(f"{place}:{number}: {thing}: ")
    assert said in line
    assert "; " in line


def test_a_condition_turned_around_is_found_from_both_sides(tmp_path: Path) -> None:
    """It tells a fact to those whom it does not concern, and keeps it from those whom it does."""
    change = ("consolidation", "when: {cell_type: b_cell}", "when: {cell_type: t_cell}")
    lines = found(facts_check, spoilt(tmp_path, change))
    assert all(
        "consolidation.blinatumomab: the fact consolidation.6a says “cell_type b_cell” in `who`" in line
        for line in lines
    )
    assert [line.partition("`who`, and ")[2].partition(";")[0] for line in lines] == [
        "no rule tells it to those with cell_type: b_cell",
        "this rule tells it to those with cell_type: t_cell, too",
    ]


def test_a_word_of_the_fact_itself_is_allowed() -> None:
    """“Might have reached” is stated so by the document: telling it so is neither soft nor hard."""
    subject = Subject.read(folder("rules"))
    _, rule = subject.knowledge.statements["induction.intrathecal-chemo"]
    assert rule.certainty == "stated"
    assert "might" in rule.say
    assert "might" in subject.knowledge.forces.stated.forbids


def test_a_date_with_points_is_numbers_like_any_other(tmp_path: Path) -> None:
    """An odd number in a rule is a finding, not the end of the check."""
    change = ("maintenance", "For some children at higher risk,", "From 3.4.2025 on, for some children at higher risk,")
    lines = found(facts_check, spoilt(tmp_path, change))
    assert any("this says “3.4”" in line for line in lines)


def test_authors_choose_the_words(tmp_path: Path) -> None:
    """What counts as a hedge is a list in certainty.yaml, not a decision of the program."""
    change = ("certainty", "needs: [can, could, may, might,", "needs: [can, could, might,")
    lines = found(facts_check, spoilt(tmp_path, change))
    assert any("induction.early-drugs: this is possible, but no word says so" in line for line in lines)


def test_pot_plants_are_held_to_their_facts() -> None:
    """The check knows nothing about leukemia."""
    sample = Subject.read(Path(__file__).parent / "sample")
    assert found(facts_check, sample) == []


def test_whoever_takes_a_guard_away_takes_it_out_of_a_test_too() -> None:
    """The lists that hold our words are part of the rules; no word of them goes by a slip of the hand."""
    known = Subject.read(folder("rules")).knowledge
    listed = json.dumps([known.forces.model_dump(), [one.model_dump() for one in known.contradictions]], sort_keys=True)
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == "69ad6573c85bfdca", "if you mean it, say so here"


HONEST: list[Change] = [
    ("maintenance", "- methotrexate, once a week", "- methotrexate, weekly"),
    ("maintenance", "- a steroid, either prednisone or", "- every 4 to 8 weeks, a steroid, either prednisone or"),
    ("induction", "After 1 month of induction", "After a month of induction"),
    ("induction", "In the 1 or 2 months after", "In the one or two months after"),
    ("induction", "95 out of 100 children", "95 of every 100 children"),
    ("induction", "A remission is not always the same as a cure", "A remission isn't always a cure"),
    ("overview", "about 2 to 3 years", "around two to three years"),
    ("overview", "about 2 to 3 years", "about 2 – 3 years"),
    ("consolidation", "The exact plan differs from", "How often each drug is given differs from"),
]


@pytest.mark.parametrize("change", HONEST, ids=[new for _, _, new in HONEST])
def test_what_says_the_same_in_other_words_is_no_finding(change: Change, tmp_path: Path) -> None:
    """An author may choose the words, as long as they measure and mean the same."""
    assert found(facts_check, spoilt(tmp_path, change)) == []
