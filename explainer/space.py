"""The space of profiles: every child there can be, so far as the questionnaire tells children apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from explainer import logic
from explainer.profile import Field, ProfileModel

Answers = Mapping[str, str]


def count(model: type[ProfileModel]) -> int:
    """How many valid profiles there are: `unknown` included, skip logic respected."""
    fields = list(model.questions.values())
    later = [_looked_at(fields[number:]) for number in range(len(fields) + 1)]

    @cache
    def below(number: int, seen: tuple[tuple[str, str], ...]) -> int:
        if number == len(fields):
            return 1
        answers = dict(seen)
        words = _choices(fields[number], answers)
        return sum(
            below(number + 1, tuple((name, word) for name, word in given.items() if name in later[number + 1]))
            for given in ({**answers, fields[number].name: word} for word in words)
        )

    return below(0, ())


def profiles(model: type[ProfileModel], start: Answers | None = None) -> Iterator[dict[str, str]]:
    """Every valid profile as answers, those to the first questions given by `start`; each once, always in one order."""
    fields = list(model.questions.values())
    given = dict(start or {})

    def extended(answers: dict[str, str], number: int) -> Iterator[dict[str, str]]:
        if number == len(fields):
            yield answers
            return
        for word in _choices(fields[number], answers):
            yield from extended({**answers, fields[number].name: word}, number + 1)

    return extended(given, len(given))


def shards(model: type[ProfileModel], at_least: int) -> list[dict[str, str]]:
    """Starts that `profiles` takes: together they stand for every profile, each for its own part."""
    starts: list[dict[str, str]] = [{}]
    for field in model.questions.values():
        if len(starts) >= at_least:
            break
        starts = [{**answers, field.name: word} for answers in starts for word in _choices(field, answers)]
    return starts


def _choices(field: Field, answers: Answers) -> tuple[str, ...]:
    return field.outcomes if logic.holds(field.allowed_when, answers) else (field.default,)


def _looked_at(fields: Sequence[Field]) -> set[str]:
    return {name for field in fields for name in logic.fields_of(field.allowed_when, logic.no_concepts)}
