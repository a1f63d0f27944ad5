"""The profile: one child's answers, as a model built from the questions in rules/questionnaire.yaml.

The questions are the only place where fields and their values are listed; a new question needs no Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from explainer.errors import Fault, ProfileError, nearest, shown
from explainer.logic import TRUE, UNKNOWN, When, fields_of, holds, no_concepts


class Field(NamedTuple):
    """One field of the profile: its values, when it is asked, and when an answer is allowed at all."""

    name: str
    values: tuple[str, ...]
    default: str = UNKNOWN
    asked_when: When = TRUE
    allowed_when: When = TRUE

    @property
    def is_flag(self) -> bool:
        """A yes-or-no choice of the reader, not a finding: true or false in JSON, and never unknown."""
        return self.values in (("true", "false"), ("false", "true"))

    @property
    def accepted(self) -> tuple[str, ...]:
        """What may be given as an answer. `unknown` is accepted for a flag, too, and becomes its default."""
        return (*self.values, UNKNOWN)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What the answer may be in the end: that to a flag is never unknown."""
        return self.values if self.is_flag else self.accepted


class ProfileModel(BaseModel):
    """What every profile can do. `profile_model` adds the fields; a missing answer is `unknown`.

    Building one raises pydantic's ValidationError, each error naming the field, the value given, the
    values allowed and the nearest one. `read` raises ProfileError with the same messages instead.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    questions: ClassVar[Mapping[str, Field]] = {}
    flags: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:  # the fields come from rules/questionnaire.yaml, where no type checker looks

        def __init__(self, **answers: object) -> None: ...

        def __getattr__(self, name: str) -> Any: ...

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        answers, wrong = cls._words(data) if isinstance(data, Mapping) else ({}, [("profile", _NOT_A_MAPPING)])
        wrong = wrong or list(cls._misplaced(answers))
        if len(wrong) > _MOST_TOLD:
            wrong = [*wrong[:_MOST_TOLD], ("profile", f"there are {len(wrong) - _MOST_TOLD} more mistakes")]
        if wrong:
            raise ValidationError.from_exception_data(
                "Profile", [InitErrorDetails(type=_error(said), loc=(name,), input=None) for name, said in wrong]
            )
        return handler({name: _value(cls.questions[name], word) for name, word in answers.items()})

    @classmethod
    def read(cls, data: object, place: str = "profile", lines: Mapping[str, int] | None = None) -> Self:
        """A profile from parsed JSON or YAML. Raises ProfileError with every fault.

        `place` and `lines` (field → line) tell where the answers were written.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ProfileError(
                Fault(place, (lines or {}).get(str(fault["loc"][0]), 0), fault["msg"])
                for fault in error.errors(include_url=False, include_input=False)
            ) from None

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; with an `update`, it is held to the same rules as any other. Raises ProfileError, as `read` does."""
        return self.read({**self.model_dump(), **update}) if update else super().model_copy(deep=deep)

    @property
    def answers(self) -> dict[str, str]:
        """Every field's answer as a word: `unknown` where nothing is known, flags as true or false."""
        answers = self.__dict__.copy()
        for name in self.flags:
            answers[name] = _word(answers[name])
        return answers

    @property
    def given(self) -> dict[str, str]:
        """The answers that somebody has given: all but those that go without saying."""
        return {name: word for name, word in self.answers.items() if word != self.questions[name].default}

    @property
    def asked(self) -> tuple[str, ...]:
        """All fields that the questionnaire asks, in order."""
        answers = self.answers
        return tuple(name for name, field in self.questions.items() if holds(field.asked_when, answers))

    @classmethod
    def settle(cls, answers: Mapping[str, str], *, asked_only: bool = False) -> tuple[Self, tuple[str, ...]]:
        """The profile of valid words, less the answers that an earlier answer makes moot; and the fields dropped.

        With `asked_only`, an answer goes as soon as its question is no longer asked, though it might be allowed.
        """
        kept, dropped = cls.settled(answers, asked_only=asked_only)
        return cls.read(kept), dropped

    @classmethod
    def settled(cls, answers: Mapping[str, str], *, asked_only: bool = False) -> tuple[dict[str, str], tuple[str, ...]]:
        """What `settle` does, in words alone."""
        known = {name: word for name, word in answers.items() if word != UNKNOWN}
        kept = {name: known.get(name, field.default) for name, field in cls.questions.items()}
        dropped = []
        for name, field in cls.questions.items():  # in question order, so that what a dropped answer opened falls too
            if kept[name] != field.default and not holds(field.asked_when if asked_only else field.allowed_when, kept):
                kept[name] = field.default
                dropped.append(name)
        return kept, tuple(dropped)

    def changed(
        self, answers: Mapping[str, str], place: str = "profile", lines: Mapping[str, int] | None = None
    ) -> Self:
        """The profile with some answers changed, less those that the changes make moot.

        Raises ProfileError, as `read` does, for a change that is no answer or does not go with the answers that stay.
        """
        wanted = {**self.answers, **answers}
        wrong = any(
            word not in self.questions[name].accepted for name, word in wanted.items() if name in self.questions
        )
        if wrong or not wanted.keys() <= self.questions.keys():
            return self.read(wanted, place, lines)  # raises
        kept, _ = self.settled(wanted)
        return self.read({**kept, **answers}, place, lines)

    @classmethod
    def _words(cls, data: Mapping[Any, Any]) -> tuple[dict[str, str], list[tuple[str, str]]]:
        answers = {name: field.default for name, field in cls.questions.items()}
        wrong: list[tuple[str, str]] = []
        for name, value in data.items():
            field = cls.questions.get(name) if isinstance(name, str) else None
            if field is None:
                is_told = len(wrong) < _MOST_TOLD  # others are only counted: the nearest of thousands takes a second
                hint = nearest(name, list(cls.questions)) if is_told else ""
                wrong.append((str(name), f"unknown field {shown(name)}; {hint}"))
                continue
            word = _word(value) if field.is_flag else value
            if value in (None, ""):  # as programs write what is not known
                said = f"nothing stands here; leave {name} out, or give an answer"
                wrong.append((name, f"{name}: {said}; {nearest('', field.accepted)}"))
            elif word not in field.accepted or not isinstance(word, str):
                meant = _FLAGS.get(str(value).lower(), value) if field.is_flag else value
                wrong.append((name, f"{name}: {shown(value)} is not an answer; {nearest(meant, field.accepted)}"))
            elif word != UNKNOWN:
                answers[name] = word
        return answers, wrong

    @classmethod
    def _misplaced(cls, answers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for name, field in cls.questions.items():
            if answers[name] != field.default and not holds(field.allowed_when, answers):
                goes_with = " and ".join(cls._wanted(field, answers)) or "other answers"
                yield name, f"{name}: {shown(answers[name])} does not go with the other answers; it wants {goes_with}"

    @classmethod
    def _wanted(cls, field: Field, answers: Mapping[str, str]) -> Iterator[str]:
        """The answers that would have to change for `field` to be allowed, as they are and as they might be."""
        for other in fields_of(field.allowed_when, no_concepts):
            accepted = cls.questions[other].accepted
            fitting = [value for value in accepted if holds(field.allowed_when, {**answers, other: value})]
            if fitting:
                yield f"{other} to be {' or '.join(fitting)} (it is {answers[other]})"


@lru_cache(8)
def profile_model(questions: tuple[Field, ...]) -> type[ProfileModel]:
    """The profile model for these fields, in this order."""
    definitions: dict[str, Any] = {
        field.name: (bool, field.default == "true") if field.is_flag else (Literal[field.accepted], field.default)
        for field in questions
    }
    # The package's name, since explainer.Profile is where pickle finds the profile of the shipped rules again.
    model = create_model("Profile", __base__=ProfileModel, __module__="explainer", **definitions)
    model.questions = MappingProxyType({field.name: field for field in questions})
    model.flags = tuple(field.name for field in questions if field.is_flag)
    return model


def with_what_opens(fields: Iterable[str], questions: Mapping[str, Field]) -> tuple[str, ...]:
    """The fields and those on which it hangs whether these may be answered."""
    found = dict.fromkeys(fields)
    waiting = list(found)
    while waiting:
        opening = fields_of(questions[waiting.pop()].allowed_when, no_concepts)
        waiting += opening.keys() - found.keys()
        found |= opening
    return tuple(found)


_MOST_TOLD = 20
_FLAGS = {"yes": "true", "y": "true", "1": "true", "no": "false", "n": "false", "0": "false"}
"""What is meant by other words for a flag; they are suggested, and never taken."""
_NOT_A_MAPPING = "a profile is a mapping of fields to answers, such as {stage: induction}"


def _error(message: str) -> PydanticCustomError:
    return PydanticCustomError("profile", "{said}", {"said": message})


def _word(value: object) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _value(field: Field, word: str) -> str | bool:
    return word == "true" if field.is_flag else word
