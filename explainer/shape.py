"""Says in an author's words what pydantic finds wrong with the shape of a file in rules/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from explainer.errors import Fault, closest, nearest, shown
from explainer.values import Names
from explainer.yamltext import KeyPath, YamlText

M = TypeVar("M", bound=BaseModel)


def shaped(file: YamlText, model: type[M], names: Names) -> M | Iterable[Fault]:
    """What a file holds as a `model`, or the faults that keep it from being one, in no order. Never raises."""
    if file.faults:
        return file.faults
    try:
        return model.model_validate(file.data, context=names)
    except ValidationError as error:
        return _shape_faults(file, model, error.errors(include_url=False))


def _shape_faults(file: YamlText, model: type[BaseModel], found: list[ErrorDetails]) -> Iterator[Fault]:
    """What pydantic found, in our own words. A key that is misspelt is not missing as well."""
    keys = {
        details["loc"]: _keys(_model_at(model, details["loc"][:-1]))
        for details in found
        if details["type"] == "extra_forbidden"
    }
    meant = {(*path[:-1], closest(path[-1], allowed)) for path, allowed in keys.items()}
    for details in found:
        path, wrong = details["loc"], shown(details["input"])
        match details["type"]:
            case "missing" if path in meant:
                continue
            case "missing":
                yield file.fault(path[:-1], f"the key {shown(path[-1])} is missing")
                continue
            case "extra_forbidden":
                said = f"unknown key {shown(path[-1])}; {nearest(path[-1], keys[path])}"
            case "string_type" | "string_too_short":
                said = f"{_called(path)} wants text, found {wrong}"
            case "model_type" | "dict_type" | "mapping_type":
                said = f"{_called(path)} wants keys with values (key: value), found {wrong}"
            case "tuple_type":
                said = f"{_called(path)} wants a list, found {wrong}"
            case "too_short":
                least, length = details["ctx"]["min_length"], len(details["input"])
                if length >= least:  # pydantic counts only the valid ones, and the others have faults of their own
                    continue
                said = f"{_called(path)} wants at least {least} in its list, found {length}"
            case "literal_error":
                allowed = details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
                said = f"{wrong} is not allowed; {nearest(details['input'], allowed)}"
            case _:  # our own validators speak in whole sentences
                said = details["msg"]
        yield file.fault(path, said)


def _called(path: KeyPath) -> str:
    match path:
        case ():
            return "the file"
        case (*_, str(key), int()):
            return f"each entry of {shown(key)}"
        case _:
            return shown(path[-1])


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, str) and found is not None:
            known = found.model_fields.get(step)
            found = _model_in(known.annotation) if known else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
