"""The shape of rules/: everything we say and when we say it, as frozen models.

Conditions and references are checked against the Vocabulary of the same folder, which the loader passes
as pydantic's validation context; each mistake is reported at its own place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from explainer import logic
from explainer.errors import nearest, shown
from explainer.profile import Field as ProfileField
from explainer.profile import ProfileModel, profile_model

Certainty = Literal["stated", "usual", "possible"]
CERTAINTIES: tuple[Certainty, ...] = ("stated", "usual", "possible")  # from firm to least firm
Timing = Literal["now", "next", "later", "any", "earlier"]
TIMINGS: tuple[Timing, ...] = ("now", "next", "later", "any", "earlier")  # in the order of an explanation


@dataclass(frozen=True, slots=True)
class Names:
    """What the files of one folder may refer to."""

    vocabulary: logic.Vocabulary
    facts: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _names(info: ValidationInfo) -> Names:
    names = info.context
    if not isinstance(names, Names):
        raise TypeError("knowledge is validated with context=Names(...)")
    return names


def _mistake(message: str) -> PydanticCustomError:
    return PydanticCustomError("knowledge", "{said}", {"said": message})


def _condition(*, concepts: bool, may_name_unknown: bool) -> BeforeValidator:
    def read(raw: Any, info: ValidationInfo) -> logic.When:
        known = _names(info).vocabulary
        vocabulary = known if concepts else logic.Vocabulary(known.fields)
        try:
            return logic.parse(raw, vocabulary, may_name_unknown=may_name_unknown)
        except logic.WhenError as error:
            details = [InitErrorDetails(type=_mistake(said), loc=path, input=None) for path, said in error.mistakes]
            raise ValidationError.from_exception_data("when", details) from None

    return BeforeValidator(read)


def _one_of(kind: str, allowed: str) -> AfterValidator:
    def check(name: str, info: ValidationInfo) -> str:
        names: tuple[str, ...] = getattr(_names(info), allowed)
        if name not in names:
            raise _mistake(f"unknown {kind} {shown(name)}; {nearest(name, names)}")
        return name

    return AfterValidator(check)


def _unwrap(text: str) -> str:
    """Joins the lines of a paragraph; only a list line ("- ") begins anew."""
    return re.sub(r"\s*\n\s*(?!- )", " ", text)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_unwrap)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FactId = Annotated[str, _one_of("fact", "facts")]
SectionId = Annotated[str, _one_of("section", "sections")]
RuleWhen = Annotated[Any, _condition(concepts=True, may_name_unknown=False)]
NoticeWhen = Annotated[Any, _condition(concepts=True, may_name_unknown=True)]
SkipWhen = Annotated[Any, _condition(concepts=False, may_name_unknown=True)]


# --- questionnaire.yaml ----------------------------------------------------------------------


class Option(_Model):
    """One allowed answer. `phrase` speaks it inside "If …"; `known` inside "because …", if that differs."""

    value: Word
    label: Text
    help: Text | None = None
    phrase: Text
    known: Text | None = None


class TogetherPhrase(_Model):
    """How several options of one question are spoken as one ("leukemia cells were found in the spinal fluid")."""

    values: tuple[Word, ...] = Field(min_length=2)
    phrase: Text


class TeamQuestion(_Model):
    """A question to put to the care team while the answer is unknown; of several, the first whose `when` holds."""

    when: SkipWhen = logic.TRUE
    say: Text


class Question(_Model):
    field: Word
    name: Text
    text: Text
    why: Text
    where: Text
    unsure: Text
    default: Word = logic.UNKNOWN
    asked_when: SkipWhen = logic.TRUE
    allowed_when: SkipWhen | None = None
    options: tuple[Option, ...] = Field(min_length=2)
    together: tuple[TogetherPhrase, ...] = ()
    team: tuple[TeamQuestion, ...] = ()

    def option(self, value: str) -> Option:
        return next(option for option in self.options if option.value == value)


class Questionnaire(_Model):
    questions: tuple[Question, ...] = Field(min_length=1)


# --- concepts.yaml, notices.yaml, glossary.yaml, path.yaml, phrases.yaml ----------------------


class Concept(_Model):
    """Something derived from answers. `phrase` says that it holds."""

    id: Word
    phrase: Text
    when: RuleWhen


class Concepts(_Model):
    concepts: tuple[Concept, ...] = ()


class Notice(_Model):
    """Our own word to the reader, with no medical claim. `{page}` stands for the related page's title."""

    id: Slug
    when: NoticeWhen = logic.TRUE
    say: Text


class Notices(_Model):
    notices: tuple[Notice, ...]


class Term(_Model):
    """A hard word. Its meaning tells facts of the document, or is a general definition of ours."""

    term: Text
    also: tuple[Text, ...] = ()
    meaning: Text
    facts: tuple[FactId, ...] = ()
    origin: Literal["document", "editorial"] = "document"


class Glossary(_Model):
    terms: tuple[Term, ...]


class Stop(_Model):
    """One stop on the drawn path; the child is there at this `stage`."""

    stage: Word
    label: Text


class Place(_Model):
    """Where the child is on the path, in words; the first whose `when` holds. `map` draws the path beside it."""

    when: NoticeWhen = logic.TRUE
    map: bool = True
    say: Text


class Path(_Model):
    """Which sections there are, in order, and the path that the treatment takes."""

    sections: tuple[Slug, ...] = Field(min_length=1)
    stage_field: Word
    stops: tuple[Stop, ...]
    places: tuple[Place, ...]


class Phrases(_Model):
    """The words between our words. What stands in braces in a pattern is filled in."""

    and_: str = Field(alias="and")
    comma: str
    or_: str = Field(alias="or")
    either: Text
    either_or: str
    through: Text
    not_known: Text
    passage: Text
    related_page: Text


# --- one file a section, source.yaml, facts.yaml, scenarios -----------------------------------


class Rule(_Model):
    """Shows one Statement: when, what to say, the facts it tells, and how firmly the document says them."""

    id: Slug
    facts: tuple[FactId, ...] = Field(min_length=1)
    certainty: Certainty
    when: RuleWhen = logic.TRUE
    say: Text
    ask: Text | None = None


class Topic(_Model):
    """A run of statements under one heading inside a section."""

    title: Text
    rules: tuple[Rule, ...] = Field(min_length=1)


class Section(_Model):
    id: Slug
    title: Text
    everyone: Text
    shown_when: NoticeWhen = logic.TRUE
    timing: Mapping[str, Timing]
    topics: tuple[Topic, ...] = Field(min_length=1)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for topic in self.topics for rule in topic.rules)


class Heading(_Model):
    """One heading of the document and how many passages stand under it."""

    id: Slug
    title: Text
    passages: int = Field(ge=1)


class RelatedPage(_Model):
    """The publisher's page on another leukemia; `short` is what the title ends with in brackets."""

    answer: Word
    title: Text
    short: Text


class Source(_Model):
    title: Text
    short: Text
    publisher: Text
    revised: date
    notice: Text
    headings: tuple[Heading, ...]
    related_field: Word
    related: tuple[RelatedPage, ...] = ()


class Fact(_Model):
    """One thing the document states, in our words. `who` says whom it concerns; tests hold us to it."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[0-9]+[a-z]$")]
    certainty: Certainty
    who: Text
    fact: Text


class Facts(_Model):
    facts: tuple[Fact, ...]


class Scenario(_Model):
    """A made-up child to teach with."""

    id: Slug
    title: Text
    story: Text
    teaches: Text
    notice: tuple[Text, ...]
    profile: Mapping[str, str]


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
    source: Source
    facts: tuple[Fact, ...]
    scenarios: tuple[Scenario, ...]

    @cached_property
    def profile(self) -> type[ProfileModel]:
        """The Profile model of these questions."""
        return profile_model([profile_field(question) for question in self.questions])

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

    def question(self, field: str) -> Question:
        return next(question for question in self.questions if question.field == field)

    def concept(self, name: str) -> Concept:
        return next(concept for concept in self.concepts if concept.id == name)


def profile_field(question: Question) -> ProfileField:
    return ProfileField(
        name=question.field,
        values=tuple(option.value for option in question.options),
        default=question.default,
        asked_when=question.asked_when,
        allowed_when=question.asked_when if question.allowed_when is None else question.allowed_when,
    )
