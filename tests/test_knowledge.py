"""The shape of rules/: frozen, and able to say what its own names stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from explainer import logic
from explainer.loader import load

PLANTS = load(Path(__file__).parent / "sample")


def parts(value: object) -> Iterator[object]:
    """A value and all that it is made of."""
    yield value
    inner: object = ()
    if isinstance(value, BaseModel):
        inner = tuple(getattr(value, name) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        inner = tuple(value.values())
    if isinstance(value, tuple):
        inner = value
    for part in inner if isinstance(inner, tuple) else ():
        yield from parts(part)


def test_knowledge_is_frozen() -> None:
    """Threads share it, so that nothing in it may change."""
    unchanging = (str, bool, int, float, date, type(None), tuple, logic.Answer, logic.Derived, logic.AllOf, logic.AnyOf)
    for part in parts(PLANTS):
        if isinstance(part, BaseModel):
            with pytest.raises(ValidationError, match="frozen"):
                setattr(part, next(iter(type(part).model_fields)), None)
        elif isinstance(part, Mapping):
            with pytest.raises(TypeError):
                part["x"] = "y"  # type: ignore[index]  # that is the point
        else:
            assert isinstance(part, unchanging)


def test_a_concept_and_its_opposite_are_defined_apart() -> None:
    """What stands for "not warm" is the other options, so that nothing ever needs negation."""
    assert PLANTS.definition(logic.Derived("warm")) == logic.Answer("place", ("window", "heater"))
    assert PLANTS.definition(logic.Derived("warm", holds=False)) == logic.Answer("place", ("hall",))
