"""Conditions: how they are read, what they are worth, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import oracle
from explainer.logic import (
    FALSE,
    TRUE,
    AllOf,
    Answer,
    AnyOf,
    Derived,
    Vocabulary,
    When,
    WhenError,
    all_of,
    alternatives,
    any_of,
    concepts_of,
    fields_of,
    holds,
    literals,
    negate,
    no_concepts,
    parse,
    reduce,
    simplify,
    words_of,
)
from explainer.oracle import Oracle, Raw
from tests.oracle import conditions
from tests.strategies import UNKNOWN, VALUES

FEW = {name: VALUES[name] for name in ("risk_group", "mrd", "csf_at_diagnosis")}
CONCEPTS: dict[str, Raw] = {
    "higher_risk": {"any": [{"risk_group": "high"}, {"mrd": "detected"}]},
    "cells_in_csf": {"csf_at_diagnosis": ["some", "many"]},
    "neither": {"not": {"any": [{"concept": "higher_risk"}, {"concept": "cells_in_csf"}]}},
}
WORDS = Vocabulary(FEW, tuple(CONCEPTS))

STANDARD, HIGH = Answer("risk_group", ("standard",)), Answer("risk_group", ("high",))
NONE, SOME, MANY = (Answer("csf_at_diagnosis", (value,)) for value in FEW["csf_at_diagnosis"])
ANY_CELLS = Answer("csf_at_diagnosis", ("some", "many"))
DETECTED = Answer("mrd", ("detected",))
CONCEPT = Derived("higher_risk")
NO_CONCEPT = Derived("higher_risk", holds=False)


def answers_to(fields: Mapping[str, tuple[str, ...]]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({name: st.sampled_from((*values, UNKNOWN)) for name, values in fields.items()})


def read(raw: Raw, words: Vocabulary) -> When:
    """A condition; also one that `parse` refuses because it can never be true."""
    try:
        return parse(raw, words)
    except WhenError:
        return FALSE


def definition(derived: Derived) -> When:
    when = parse(CONCEPTS[derived.concept], WORDS)
    return when if derived.holds else negate(when, WORDS)


def value(when: When, answers: Mapping[str, str]) -> int:
    return {TRUE: oracle.TRUE, FALSE: oracle.FALSE}.get(simplify(when, answers, definition), oracle.OPEN)


def completions(answers: Mapping[str, str]) -> list[dict[str, str]]:
    """All that could turn out once nothing is unknown any more."""
    ways = product(*(FEW[name] if word == UNKNOWN else (word,) for name, word in answers.items()))
    return [dict(zip(answers, way, strict=True)) for way in ways]


few_conditions = conditions(FEW).map(lambda raw: read(raw, WORDS))


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ({"risk_group": "high"}, HIGH),
        ({"risk_group": ["high"]}, HIGH),
        ({"csf_at_diagnosis": ["many", "some"]}, ANY_CELLS),
        ({"concept": "higher_risk"}, CONCEPT),
        ({"risk_group": "high", "csf_at_diagnosis": "none"}, AllOf((HIGH, NONE))),
        ({"all": [{"risk_group": "high"}]}, HIGH),
        ({"any": [{"risk_group": "high"}, {"concept": "higher_risk"}]}, AnyOf((HIGH, CONCEPT))),
        (
            {"any": [{"risk_group": "high"}, {"any": [{"csf_at_diagnosis": "none"}, {"mrd": "detected"}]}]},
            AnyOf((HIGH, NONE, DETECTED)),
        ),
        (
            {"risk_group": "high", "all": [{"csf_at_diagnosis": "none"}, {"mrd": "detected"}]},
            AllOf((HIGH, NONE, DETECTED)),
        ),
    ],
)
def test_a_condition_is_read_into_one_normal_form(raw: Raw, when: When) -> None:
    """However an author groups and orders the parts, the same condition is read from them."""
    assert parse(raw, WORDS) == when


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ({"risk_group": "high"}, STANDARD),
        ({"csf_at_diagnosis": "none"}, ANY_CELLS),
        ({"concept": "higher_risk"}, NO_CONCEPT),
        ({"not": {"csf_at_diagnosis": "none"}}, NONE),
        ({"any": [{"risk_group": "high"}, {"concept": "higher_risk"}]}, AllOf((STANDARD, NO_CONCEPT))),
        ({"risk_group": "high", "csf_at_diagnosis": ["some", "many"]}, AnyOf((STANDARD, NONE))),
    ],
)
def test_not_becomes_the_other_options(raw: Raw, when: When) -> None:
    """A `not` leaves no negation behind, which the engine could not be trusted with."""
    assert parse({"not": raw}, WORDS) == when


@pytest.mark.parametrize(
    "raw",
    [
        {"risk_group": ["standard", "high"]},
        {"any": [{"risk_group": "standard"}, {"risk_group": "high"}]},
        {
            "any": [
                {"csf_at_diagnosis": "none"},
                {"concept": "higher_risk"},
                {"any": [{"csf_at_diagnosis": "some"}, {"csf_at_diagnosis": "many"}]},
            ]
        },
        {"not": {"all": [{"risk_group": "standard"}, {"risk_group": "high"}]}},
        {"any": [{"csf_at_diagnosis": "none"}, {"not": {"csf_at_diagnosis": "none"}}]},
    ],
)
def test_the_same_answer_given_every_way_is_true(raw: Raw) -> None:
    """What holds for every answer holds without one."""
    assert parse(raw, WORDS) == TRUE


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ({"all": [{"csf_at_diagnosis": ["none", "some"]}, {"csf_at_diagnosis": ["some", "many"]}]}, SOME),
        (
            {"any": [{"csf_at_diagnosis": "many"}, {"risk_group": "high"}, {"csf_at_diagnosis": "some"}]},
            AnyOf((ANY_CELLS, HIGH)),
        ),
        (
            {"any": [{"csf_at_diagnosis": "many"}, {"csf_at_diagnosis": "some"}, {"csf_at_diagnosis": "many"}]},
            ANY_CELLS,
        ),
        ({"all": [{"concept": "higher_risk"}, {"concept": "higher_risk"}]}, CONCEPT),
        ({"all": [{"risk_group": ["standard", "high"]}, {"csf_at_diagnosis": "none"}]}, NONE),
        (
            {"any": [{"all": [{"csf_at_diagnosis": "none"}, {"csf_at_diagnosis": "some"}]}, {"risk_group": "high"}]},
            HIGH,
        ),
    ],
)
def test_parts_about_one_answer_are_merged(raw: Raw, when: When) -> None:
    """Nobody is told of a part that changes nothing, or of the same answer twice."""
    assert parse(raw, WORDS) == when


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [{"csf_at_diagnosis": "none"}, {"csf_at_diagnosis": ["some", "many"]}]},
        {"not": {"risk_group": ["standard", "high"]}},
        {"any": [{"all": [{"risk_group": "high"}, {"not": {"risk_group": "high"}}]}]},
    ],
)
def test_a_condition_that_can_never_be_true_is_refused(raw: Raw) -> None:
    """A rule that nobody will ever see is a mistake of its author."""
    with pytest.raises(WhenError) as caught:
        parse(raw, WORDS)
    assert caught.value.mistakes == [((), "this can never be true")]


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        (
            "high",
            (),
            "a condition is wanted: {field: answer}, all, any, not or concept; found 'high'",
        ),
        ([], (), "a condition is wanted: {field: answer}, all, any, not or concept; found []"),
        ({}, (), "a condition is wanted: {field: answer}, all, any, not or concept; found {}"),
        (
            {"any": ["high"]},
            ("any", 0),
            "a condition is wanted: {field: answer}, all, any, not or concept; found 'high'",
        ),
        (
            {"not": "high"},
            ("not",),
            "a condition is wanted: {field: answer}, all, any, not or concept; found 'high'",
        ),
        ({"all": []}, ("all",), "`all` wants a list of conditions, found []"),
        ({"any": {"risk_group": "high"}}, ("any",), "`any` wants a list of conditions, found {'risk_group': 'high'}"),
        (
            {"risk_goup": "high"},
            ("risk_goup",),
            "unknown field 'risk_goup'; allowed: all, any, not, concept, risk_group, mrd, csf_at_diagnosis "
            "(did you mean risk_group?)",
        ),
        (
            {"concept": "high_risk"},
            ("concept",),
            "unknown concept 'high_risk'; allowed: higher_risk, cells_in_csf, neither (did you mean higher_risk?)",
        ),
        (
            {"concept": ["neither"]},
            ("concept",),
            "`concept` wants one; use any or all for several, found ['neither']",
        ),
        (
            {"risk_group": "hihg"},
            ("risk_group",),
            "'hihg' is not an answer to risk_group; allowed: standard, high (did you mean high?)",
        ),
        ("higher_risk", (), "'higher_risk' is a concept; say `concept: higher_risk`"),
        ({"any": ["neither"]}, ("any", 0), "'neither' is a concept; say `concept: neither`"),
        ({"higher_risk": "true"}, ("higher_risk",), "'higher_risk' is a concept; say `concept: higher_risk`"),
        ({"higher_risk": None}, ("higher_risk",), "'higher_risk' is a concept; say `concept: higher_risk`"),
        (
            {"not": {"some": "x"}},
            ("not", "some"),
            "'some' is an answer to csf_at_diagnosis, not a field; say csf_at_diagnosis: some",
        ),
        *(
            (
                {"some": nothing},
                ("some",),
                "'some' is an answer to csf_at_diagnosis, not a field; several answers stand in brackets, [so, or so]",
            )
            for nothing in (None, "")
        ),
        (
            {"or": [{"risk_group": "high"}]},
            ("or",),
            "unknown field 'or'; allowed: all, any, not, concept, risk_group, mrd, csf_at_diagnosis "
            "(did you mean any?)",
        ),
        (
            {"and": [{"risk_group": "high"}]},
            ("and",),
            "unknown field 'and'; allowed: all, any, not, concept, risk_group, mrd, csf_at_diagnosis "
            "(did you mean all?)",
        ),
        (
            {"risk_group": "not high"},
            ("risk_group",),
            "'not high' is not an answer to risk_group; say `not: {risk_group: high}`",
        ),
        (
            {"csf_at_diagnosis": ["not some"]},
            ("csf_at_diagnosis", 0),
            "'not some' is not an answer to csf_at_diagnosis; say `not: {csf_at_diagnosis: some}`",
        ),
        *(
            (
                {"csf_at_diagnosis": several},
                ("csf_at_diagnosis",),
                f"'{several}' is not an answer to csf_at_diagnosis; say csf_at_diagnosis: [{listed}]",
            )
            for several, listed in {
                "many or some": "many, some",
                "none, some": "none, some",
                "none,some or many": "none, some, many",
            }.items()
        ),
        (
            {"csf_at_diagnosis": "none or lots"},
            ("csf_at_diagnosis",),
            "'none or lots' is not an answer to csf_at_diagnosis; allowed: none, some, many",
        ),
        (
            {"csf_at_diagnosis": "some or some"},
            ("csf_at_diagnosis",),
            "'some or some' is not an answer to csf_at_diagnosis; allowed: none, some, many",
        ),
        (
            {"risk_group": "not so"},
            ("risk_group",),
            "'not so' is not an answer to risk_group; allowed: standard, high",
        ),
        ({"risk_group": True}, ("risk_group",), "True is not an answer to risk_group; allowed: standard, high"),
        (
            {"csf_at_diagnosis": ["none", {}]},
            ("csf_at_diagnosis", 1),
            "{} is not an answer to csf_at_diagnosis; allowed: none, some, many",
        ),
        (
            {"csf_at_diagnosis": []},
            ("csf_at_diagnosis",),
            "csf_at_diagnosis wants at least one value; allowed: none, some, many",
        ),
        ({"csf_at_diagnosis": ["none", "some", "none"]}, ("csf_at_diagnosis", 2), "'none' stands here twice"),
        ({"risk_group": UNKNOWN}, ("risk_group",), "'unknown' is not an answer to risk_group; allowed: standard, high"),
    ],
)
def test_a_mistake_is_reported_where_it_stands(raw: object, path: tuple[str | int, ...], said: str) -> None:
    """An author reads which part is wrong, what is allowed there, and what was probably meant."""
    with pytest.raises(WhenError) as caught:
        parse(raw, WORDS)
    assert caught.value.mistakes == [(path, said)]


def test_where_no_concept_may_stand_an_author_is_told_what_to_do() -> None:
    """Skip logic knows answers only."""
    with pytest.raises(WhenError) as caught:
        parse({"concept": "higher_risk"}, Vocabulary(FEW))
    said = "no concept may stand here, found 'higher_risk'; write out its answers"
    assert caught.value.mistakes == [(("concept",), said)]


def test_all_mistakes_are_reported_at_once() -> None:
    """Nobody has to mend a condition one run at a time."""
    raw = {
        "any": [{"all": "high"}, {"not": {"csf_at_diagnosis": ["none", "lots"]}}, {"concept": "x", "colour": "red"}],
        "mrd": "?",
    }
    with pytest.raises(WhenError) as caught:
        parse(raw, WORDS)
    assert [path for path, _ in caught.value.mistakes] == [
        ("any", 0, "all"),
        ("any", 1, "not", "csf_at_diagnosis", 1),
        ("any", 2, "concept"),
        ("any", 2, "colour"),
        ("mrd",),
    ]


@pytest.mark.parametrize(
    ("raw", "met_by"),
    [
        ({"risk_group": UNKNOWN}, {UNKNOWN}),
        ({"risk_group": [UNKNOWN, "high"]}, {UNKNOWN, "high"}),
        ({"any": [{"risk_group": UNKNOWN}, {"risk_group": "standard"}]}, {UNKNOWN, "standard"}),
        ({"all": [{"risk_group": [UNKNOWN, "high"]}, {"risk_group": [UNKNOWN, "standard"]}]}, {UNKNOWN}),
        ({"not": {"risk_group": "standard"}}, {"high"}),
        ({"risk_group": ["standard", "high"]}, {UNKNOWN, "standard", "high"}),
    ],
)
def test_unknown_is_met_by_that_answer_where_it_may_be_named(raw: Raw, met_by: set[str]) -> None:
    """Notices and skip logic can speak to those who are not sure."""
    when = parse(raw, WORDS, may_name_unknown=True)
    assert {
        word for word in (*FEW["risk_group"], UNKNOWN) if value(when, {"risk_group": word}) == oracle.TRUE
    } == met_by


def test_unknown_is_never_named_inside_not() -> None:
    """The opposite of "I'm not sure" is no answer, so nobody can write it."""
    with pytest.raises(WhenError) as caught:
        parse({"any": [{"not": {"risk_group": UNKNOWN}}]}, WORDS, may_name_unknown=True)
    assert [path for path, _ in caught.value.mistakes] == [("any", 0, "not", "risk_group")]


# --- using -----------------------------------------------------------------------------------


@given(conditions(VALUES, tuple(CONCEPTS), once=True), answers_to(VALUES))
def test_a_condition_is_worth_what_the_oracle_says(raw: Raw, answers: dict[str, str]) -> None:
    """Conditions, concepts on concepts among them, have Kleene's values."""
    when = read(raw, Vocabulary(VALUES, tuple(CONCEPTS)))
    assert value(when, answers) == Oracle(VALUES, CONCEPTS).value(raw, answers)


@given(conditions(FEW), answers_to(FEW))
def test_merging_decides_more_than_the_oracle_but_never_otherwise(raw: Raw, answers: dict[str, str]) -> None:
    """Where a field comes up twice, merging may see through it; it never says what a later answer could belie."""
    found, by_hand = value(read(raw, WORDS), answers), Oracle(FEW).value(raw, answers)
    assert by_hand in (found, oracle.OPEN)
    if found != oracle.OPEN:
        assert {Oracle(FEW).value(raw, complete) for complete in completions(answers)} == {found}


@given(few_conditions, answers_to(FEW))
def test_negation_turns_the_value_and_back(when: When, answers: dict[str, str]) -> None:
    """The opposite is true where the condition is false and open where it is open; its opposite is the condition."""
    opposite = negate(when, WORDS)
    assert value(opposite, answers) == oracle.TRUE - value(when, answers)
    assert value(negate(opposite, WORDS), answers) == value(when, answers)


@given(few_conditions, answers_to(FEW))
def test_what_is_left_asks_for_unknown_answers_only(when: When, answers: dict[str, str]) -> None:
    """The open rest of a condition names no answer that was given, and comes out as the whole condition would."""
    rest = simplify(when, answers, definition)
    assert all(answers[name] == UNKNOWN for name in fields_of(rest, definition))
    for complete in completions(answers):
        assert value(rest, complete) == value(when, complete)


@given(few_conditions, answers_to(FEW))
def test_a_condition_holds_where_nothing_of_it_is_left(when: When, answers: dict[str, str]) -> None:
    """Skip logic is decided the quick way, and as the rules would decide it."""
    assert holds(when, answers) == (simplify(when, answers, no_concepts) == TRUE)
    for whole in (when, AllOf((CONCEPT, when)), AnyOf((when, NO_CONCEPT, Derived("neither")))):
        assert holds(whole, answers, definition) == (simplify(whole, answers, definition) == TRUE)


@given(few_conditions, answers_to(FEW))
def test_alternatives_say_the_same_as_the_condition(when: When, answers: dict[str, str]) -> None:
    """The engine gets a choice of lists, and that is worth what the condition is worth."""
    choice = AnyOf(tuple(AllOf(needed) for needed in alternatives(when)))
    assert value(choice, answers) == value(when, answers)


@pytest.mark.parametrize(
    ("when", "lists"),
    [
        (TRUE, [()]),
        (FALSE, []),
        (HIGH, [(HIGH,)]),
        (AllOf((HIGH, AnyOf((NONE, CONCEPT)))), [(HIGH, NONE), (HIGH, CONCEPT)]),
        (AllOf((AnyOf((HIGH, NONE)), AnyOf((HIGH, NONE)))), [(HIGH,), (HIGH, NONE), (NONE, HIGH), (NONE,)]),
    ],
)
def test_alternatives_are_listed_once_in_reading_order(when: When, lists: list[tuple[When, ...]]) -> None:
    """The engine gets no rule twice, and always in the same order."""
    assert alternatives(when) == lists


@pytest.mark.parametrize(
    ("answers", "rest"),
    [
        ({"risk_group": "high", "csf_at_diagnosis": "none", "mrd": UNKNOWN}, TRUE),
        ({"risk_group": "standard", "csf_at_diagnosis": "none", "mrd": UNKNOWN}, FALSE),
        ({"risk_group": UNKNOWN, "csf_at_diagnosis": "none", "mrd": "detected"}, HIGH),
        ({"risk_group": UNKNOWN, "csf_at_diagnosis": "some", "mrd": UNKNOWN}, AnyOf((HIGH, DETECTED))),
        (
            {"risk_group": UNKNOWN, "csf_at_diagnosis": UNKNOWN, "mrd": UNKNOWN},
            AnyOf((HIGH, AllOf((ANY_CELLS, DETECTED)))),
        ),
    ],
)
def test_simplifying_leaves_what_is_still_open(answers: dict[str, str], rest: When) -> None:
    """A family is told just what the part still depends on."""
    assert simplify(AnyOf((HIGH, AllOf((ANY_CELLS, DETECTED)))), answers, definition) == rest


def test_simplifying_puts_in_what_concepts_stand_for() -> None:
    """What is still open is always told in answers, which a family knows or can ask for."""
    answers = dict.fromkeys(FEW, UNKNOWN) | {"mrd": "not_detected"}
    assert simplify(CONCEPT, answers, definition) == HIGH
    assert simplify(Derived("neither", holds=False), answers, definition) == AnyOf((HIGH, ANY_CELLS))


def test_fields_and_literals_are_listed_in_reading_order() -> None:
    """Reasons and questions come in the order in which the rule names them, each field once."""
    when = AllOf((NONE, AnyOf((NO_CONCEPT, HIGH))))
    assert list(fields_of(when, definition)) == ["csf_at_diagnosis", "risk_group", "mrd"]
    assert list(literals(when)) == [NONE, NO_CONCEPT, HIGH]


@pytest.mark.parametrize(
    ("joined", "when"),
    [
        (reduce(AllOf, [TRUE, HIGH, AllOf((NONE, HIGH))]), AllOf((HIGH, NONE))),
        (reduce(AllOf, [HIGH, FALSE]), FALSE),
        (reduce(AnyOf, [FALSE, HIGH]), HIGH),
        (reduce(AnyOf, [HIGH, TRUE]), TRUE),
        (all_of([], WORDS), TRUE),
        (any_of([], WORDS), FALSE),
    ],
)
def test_joining_leaves_out_what_cannot_matter(joined: When, when: When) -> None:
    """A condition is never longer than what it says."""
    assert joined == when


def test_a_word_of_another_type_is_a_mistake_and_not_a_crash() -> None:
    """Whatever a file holds in place of a word, its author reads a message."""
    odd: list[Any] = [None, 3, 1.5, [], {}, [[]], ["high", None], {"high": {}}]
    for word in odd:
        with pytest.raises(WhenError):
            parse({"risk_group": word}, WORDS)
        with pytest.raises(WhenError):
            parse({"concept": word}, WORDS)


def test_fields_are_found_through_concepts_on_concepts() -> None:
    """However deep an answer lies, a question about it is asked."""
    layers: dict[str, When] = {"top": Derived("middle"), "middle": AllOf((Derived("bottom"), NONE)), "bottom": HIGH}
    found = fields_of(Derived("top"), lambda derived: layers[derived.concept])
    assert found == {"risk_group": None, "csf_at_diagnosis": None}
    when = AnyOf((HIGH, Derived("top"), Derived("bottom")))
    assert list(concepts_of(when)) == ["top", "bottom"]
    assert list(concepts_of(when, lambda derived: layers[derived.concept])) == ["top", "middle", "bottom", "bottom"]


def test_a_concept_where_none_belongs_is_named() -> None:
    """A programmer who mixes up the two kinds of condition reads which concept it was."""
    with pytest.raises(AssertionError, match=r"^no concept belongs here, found top$"):
        no_concepts(Derived("top"))
    with pytest.raises(AssertionError, match=r"^no concept belongs here, found top$"):
        holds(Derived("top"), {})


def test_a_mistake_shows_in_its_error() -> None:
    """Where nobody catches it, the error still says what is wrong."""
    with pytest.raises(WhenError, match="unknown field 'colour'"):
        parse({"colour": "red"}, WORDS)


def test_an_empty_list_suggests_no_word() -> None:
    """Nothing was written, so nothing was nearly meant."""
    with pytest.raises(WhenError) as caught:
        parse({"risk_group": []}, WORDS)
    assert caught.value.mistakes[0][1] == "risk_group wants at least one value; allowed: standard, high"


def test_parts_inside_parts_are_joined() -> None:
    """A contradiction is found however deep it lies, and what is left reads as one list."""
    inner = {"all": [{"risk_group": "high"}, {"mrd": "detected"}]}
    with pytest.raises(WhenError, match="this can never be true"):
        parse({"all": [inner, {"risk_group": "standard"}]}, WORDS)
    rest = simplify(AllOf((CONCEPT, NONE)), dict.fromkeys(FEW, UNKNOWN), lambda _: AllOf((HIGH, DETECTED)))
    assert rest == AllOf((HIGH, DETECTED, NONE))


def test_words_tell_answers_apart_by_some_fields() -> None:
    """Answers that differ elsewhere only are the same to what looks at these fields, be they several, one or none."""
    one, other = {"a": "yes", "b": "no", "c": "yes"}, {"a": "yes", "b": "yes", "c": "yes"}
    for fields, same in ((["a", "c"], True), (["a", "b"], False), (["b"], False), (["c"], True), ([], True)):
        words = words_of(fields)
        assert (words(one) == words(other)) == same
        assert hash(words(one)) == hash(words(dict(one)))
