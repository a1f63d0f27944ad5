"""The shape of rules/: everything we say and when we say it, as frozen models."""

# Without `from __future__ import annotations`, from which pydantic would have to compile every annotation once more.

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from explainer import logic
from explainer.profile import Field as ProfileField
from explainer.profile import ProfileModel, profile_model
from explainer.values import (
    Amount,
    Asked,
    Clause,
    Day,
    FactIds,
    FieldName,
    Fingerprint,
    Flag,
    Joint,
    NewFactId,
    NoticeWhen,
    Number,
    OptionValue,
    Person,
    RuleWhen,
    SkipWhen,
    Slug,
    Spoken,
    StatementId,
    Text,
    Word,
    Words,
    each_once,
    pattern,
)

Certainty = Literal["stated", "usual", "possible"]  # from firm to least firm
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
Timing = Literal["now", "next", "any", "later", "earlier"]  # in the order of an explanation
TIMINGS: tuple[Timing, ...] = get_args(Timing)
Position = Literal["leads", Timing]  # likewise
POSITIONS: tuple[Position, ...] = get_args(Position)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


# --- questionnaire.yaml ----------------------------------------------------------------------


class Option(_Model):
    """One allowed answer. `phrase` speaks it inside "If …"; `known` inside "because …", if that differs.

    `action` is for a choice that readers may change while they read: what a button says that makes it.
    """

    value: OptionValue
    label: Text
    help: Text | None = None
    phrase: Clause
    known: Clause | None = None
    action: Text | None = None


class TogetherPhrase(_Model):
    """How several options of one question are spoken as one ("leukemia cells were found in the spinal fluid")."""

    values: Annotated[Words, Field(min_length=2)]
    phrase: Clause


class TeamQuestion(_Model):
    """A question to put to the care team while the answer is unknown; of several, the first whose `when` holds."""

    when: SkipWhen = logic.TRUE
    say: Asked


class Question(_Model):
    """What is asked. Once `asked_anew_when` comes true or is true no more, an answer from before is asked for again.

    `unsure` says what not being sure leads to, and `unsure_help` when else to choose it.
    """

    field: FieldName
    name: Text
    text: Text
    why: Text
    where: Text
    unsure: Text
    unsure_help: Text | None = None
    default: Word = logic.UNKNOWN
    asked_when: SkipWhen = logic.TRUE
    allowed_when: SkipWhen | None = None
    asked_anew_when: SkipWhen = logic.FALSE
    options: tuple[Option, ...] = Field(min_length=2)
    together: tuple[TogetherPhrase, ...] = ()
    team: tuple[TeamQuestion, ...] = ()

    def option(self, value: str) -> Option:
        return self._options[value]

    @cached_property
    def _options(self) -> dict[str, Option]:
        return {option.value: option for option in self.options}


class Questionnaire(_Model):
    questions: tuple[Question, ...] = Field(min_length=1)


# --- concepts.yaml, notices.yaml, glossary.yaml, path.yaml, phrases.yaml ----------------------


class Concept(_Model):
    """Something derived from answers. `phrase` says that it holds."""

    id: Word
    phrase: Clause
    when: RuleWhen


class Concepts(_Model):
    concepts: tuple[Concept, ...]


class Notice(_Model):
    """Our own word to the reader, with no medical claim. `{page}` stands for the related page's title.

    The one that is `until_reviewed` is for everybody, as long as some section that is read has no review that holds.
    Where others have one, it says `say_in_part`.
    One that is `about_answers` is told where answers are checked, too.
    """

    id: Slug
    when: NoticeWhen = logic.TRUE
    until_reviewed: Flag = False
    about_answers: Flag = False
    say: Annotated[Text, pattern("page", all_of_them=False)]
    say_in_part: Text | None = None

    @property
    def in_part(self) -> "Notice":
        """The notice where some of what is read has a review."""
        return self.model_copy(update={"say": self.say_in_part}) if self.say_in_part else self


class Notices(_Model):
    notices: tuple[Notice, ...]


class Term(_Model):
    """A hard word. Its meaning tells facts of the document, or is a general definition of ours.

    `treatment` marks the name of a drug or of another single treatment: it is told only where a fact names it.
    A meaning that says a word of `treating` wants it said either way.
    """

    term: Text
    also: tuple[Text, ...] = ()
    meaning: Text
    treatment: Flag | None = None
    facts: FactIds = ()
    origin: Literal["document", "editorial"] = "document"


class Glossary(_Model):
    treating: Spoken = ()
    terms: tuple[Term, ...]


class Stop(_Model):
    """One stop on the drawn path; the child is there at this `stage`."""

    stage: Word
    label: Text


class Place(_Model):
    """Where the child is on the path, in words; the first whose `when` holds. `map` draws the path beside it."""

    when: NoticeWhen = logic.TRUE
    map: Flag = True
    say: Text


class Path(_Model):
    """Which sections there are, in order, and the path that the treatment takes."""

    sections: tuple[Slug, ...] = Field(min_length=1)
    stage_field: Word
    stops: tuple[Stop, ...]
    places: tuple[Place, ...]

    def number(self, say: str) -> int:
        """The number of the place that says this, from 1. No two say the same."""
        return next(number for number, place in enumerate(self.places, 1) if place.say == say)


class Phrases(_Model):
    """The words between our words. What stands in braces in a pattern is filled in."""

    and_: Joint = Field(alias="and")
    comma: Joint
    or_: Joint = Field(alias="or")
    either: Annotated[Text, pattern("choices")]
    either_or: Joint
    through: Annotated[Text, pattern("concept", "reasons")]
    not_known: Annotated[Text, pattern("names")]
    passage: Annotated[Text, pattern("heading", "number")]
    related_page: Annotated[Text, pattern("title", "short")]


# --- certainty.yaml, reading.yaml -------------------------------------------------------------


class Force(_Model):
    """How words say one certainty: a statement holds one of `needs`, if there are any, and none of `forbids`."""

    needs: Spoken = ()
    forbids: Spoken = ()


class Opposites(_Model):
    """Words that point one way, and words that point the other way."""

    one: Spoken
    other: Spoken


class Forces(_Model):
    """How words say each certainty, the words that turn a text around ("not", "less"), and what is `never` said.

    `ways` are those into the body: each list holds the words for one.
    """

    stated: Force
    usual: Force
    possible: Force
    negations: Spoken = ()
    opposites: tuple[Opposites, ...] = ()
    ways: tuple[Spoken, ...] = ()
    never: Spoken = ()

    def of(self, certainty: Certainty) -> Force:
        return {"stated": self.stated, "usual": self.usual, "possible": self.possible}[certainty]


class Gates(_Model):
    """What no explanation may pass: school grades, words in a sentence, lines in a list, and so on."""

    flesch_kincaid: Amount
    smog: Amount
    sentence_words: Number
    passive_percent: Number
    list_lines: Number
    heading_words: Number
    chunk_words: Number


class ExplainedInPlace(_Model):
    """A long word that has no entry in the glossary: where it first stands, the words of `by` explain it."""

    word: Text
    by: Text


class Reading(_Model):
    """How plain our words are, and which long words need no entry in the glossary."""

    gates: Gates
    everyday: Spoken = ()
    explained_in_place: tuple[ExplainedInPlace, ...] = ()
    names: Spoken = ()


# --- one file a section, source.yaml, facts.yaml, scenarios -----------------------------------


class Rule(_Model):
    """Shows one Statement: when, what to say, the facts it tells, and how firmly the document says them.

    Where its section lies behind, the statement still matters while `goes_on_when` holds.
    """

    id: Slug
    facts: Annotated[FactIds, Field(min_length=1)]
    certainty: Certainty
    when: RuleWhen = logic.TRUE
    goes_on_when: SkipWhen = logic.FALSE
    say: Text
    ask: Asked | None = None


class Topic(_Model):
    """A run of statements under one heading inside a section."""

    title: Text
    rules: tuple[Rule, ...] = Field(min_length=1)


class Review(_Model):
    """A clinician has checked a section: who, when, which revision of the document and which words (review.py)."""

    by: Person
    on: Day
    source_revised: Day
    words: Fingerprint


class Section(_Model):
    """One heading of the explanation. Where it stands under what happens now, it may have a title of its own.

    While `leads_when` holds, it stands ahead of all other sections, whatever its timing.
    """

    id: Slug
    title: Text
    title_now: Text | None = None
    reviewed: Review | None = None
    everyone: Clause
    shown_when: NoticeWhen = logic.TRUE
    leads_when: SkipWhen = logic.FALSE
    timing: Annotated[Mapping[str, Timing], AfterValidator(MappingProxyType)]
    topics: tuple[Topic, ...] = Field(min_length=1)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for topic in self.topics for rule in topic.rules)

    def title_at(self, timing: Timing) -> str:
        """What it is called where it stands at such a place."""
        return (self.title_now if timing == "now" else None) or self.title

    def statement_id(self, rule: Rule) -> str:
        """The name of the statement that one of its rules shows, such as `induction.fourth-drug`."""
        return f"{self.id}.{rule.id}"


class Heading(_Model):
    """One heading of the document and how many passages stand under it.

    What stands under the document's own title, or ahead of it, has a heading of our making: `stands` says where.
    """

    id: Slug
    title: Text
    passages: Number
    stands: Literal["under-heading", "under-title", "before-title"] = "under-heading"


class Fingerprints(_Model):
    """What is kept of the document's sentences, by passage (fingerprint.py), and of the line after the last of them."""

    after: Fingerprint
    passages: Annotated[
        Mapping[str, Annotated[tuple[Fingerprint, ...], Field(min_length=1)]], AfterValidator(MappingProxyType)
    ]


class RelatedPage(_Model):
    """The publisher's page on another leukemia; `short` is what the title ends with in brackets."""

    answer: Word
    title: Text
    short: Text


class Source(_Model):
    title: Text
    short: Text
    publisher: Text
    revised: Day
    notice: Text
    headings: tuple[Heading, ...]
    related_field: Word
    related: tuple[RelatedPage, ...] = ()
    fingerprints: Fingerprints | None = None

    @cached_property
    def passages(self) -> tuple[str, ...]:
        """Every passage by its name, such as `induction.3`, in order."""
        return tuple(f"{heading.id}.{n}" for heading in self.headings for n in range(1, heading.passages + 1))


class Fact(_Model):
    """One thing the document states, in our words. `who` says whom it concerns; tests hold us to it."""

    id: NewFactId
    certainty: Certainty
    who: Text
    fact: Text


class Facts(_Model):
    facts: tuple[Fact, ...]


class Contradiction(_Model):
    """Statements of which no child must be told two as certain, `unless` a notice says that answers do not fit."""

    statements: Annotated[tuple[StatementId, ...], AfterValidator(each_once), Field(min_length=2)]
    unless: tuple[Slug, ...] = ()


class Contradictions(_Model):
    contradictions: tuple[Contradiction, ...]


class TeachingTopic(_Model):
    """What a scenario can be about, for educators to choose by."""

    id: Slug
    title: Text


class TeachingTopics(_Model):
    topics: tuple[TeachingTopic, ...] = Field(min_length=1)


class ScenarioStep(_Model):
    """What happens next to a made-up child: the answers that change by it. Those it makes moot fall away."""

    title: Text
    story: Text
    answers: Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]
    notice: tuple[Text, ...]


class Scenario(_Model):
    """A made-up child to teach with. One may be the `example` shown to families who are not ready to answer.

    A child whose story goes on has `steps`; the first of all is the scenario's own profile.
    """

    id: Slug
    title: Text
    story: Text
    teaches: Text
    topics: Annotated[Spoken, Field(min_length=1)]
    notice: tuple[Text, ...]
    example: Flag = False
    profile: Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]
    steps: tuple[ScenarioStep, ...] = ()


# --- all of it --------------------------------------------------------------------------------


class Knowledge(_Model):
    """All of rules/, loaded and cross-checked. Immutable, so it may be shared between threads."""

    questions: tuple[Question, ...]
    concepts: tuple[Concept, ...]
    sections: tuple[Section, ...]
    notices: tuple[Notice, ...]
    glossary: tuple[Term, ...]
    path: Path
    phrases: Phrases
    forces: Forces
    reading: Reading
    source: Source
    facts: tuple[Fact, ...]
    topics: tuple[TeachingTopic, ...]
    scenarios: tuple[Scenario, ...]
    contradictions: tuple[Contradiction, ...]

    @cached_property
    def profile(self) -> type[ProfileModel]:
        """The Profile model of these questions."""
        return profile_model(tuple(map(profile_field, self.questions)))

    @cached_property
    def vocabulary(self) -> logic.Vocabulary:
        return logic.Vocabulary(
            {question.field: tuple(option.value for option in question.options) for question in self.questions},
            tuple(concept.id for concept in self.concepts),
        )

    @cached_property
    def _definitions(self) -> dict[logic.Derived, logic.When]:
        return {
            logic.Derived(concept.id, holds): concept.when if holds else logic.negate(concept.when, self.vocabulary)
            for concept in self.concepts
            for holds in (True, False)
        }

    def definition(self, derived: logic.Derived) -> logic.When:
        """What a concept, or its opposite, stands for."""
        return self._definitions[derived]

    @cached_property
    def statements(self) -> dict[str, tuple[Section, Rule]]:
        """Every statement there can be, by its id: the rule that shows it, and the section of that rule."""
        return {section.statement_id(rule): (section, rule) for section in self.sections for rule in section.rules}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.field: question for question in self.questions}

    @cached_property
    def _concepts(self) -> dict[str, Concept]:
        return {concept.id: concept for concept in self.concepts}

    @cached_property
    def _facts(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def looked_at(self) -> dict[str, tuple[str, ...]]:
        """The questions that each statement's rule looks at, itself or through concepts, by the statement's id."""
        return {name: tuple(logic.fields_of(rule.when, self.definition)) for name, (_, rule) in self.statements.items()}

    def question(self, field: str) -> Question:
        return self._questions[field]

    def concept(self, name: str) -> Concept:
        return self._concepts[name]

    def fact(self, name: str) -> Fact:
        return self._facts[name]


def profile_field(question: Question) -> ProfileField:
    return ProfileField(
        name=question.field,
        values=tuple(option.value for option in question.options),
        default=question.default,
        asked_when=question.asked_when,
        allowed_when=question.asked_when if question.allowed_when is None else question.allowed_when,
    )
