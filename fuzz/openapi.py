"""Our pages as an OpenAPI description, made from the routes of the site, for schemathesis to make requests from."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from explainer.knowledge import Knowledge
from explainer.loader import knowledge
from explainer.web import create

STATUSES = (200, 303, 400, 403, 404, 405, 413, 422)
"""What our pages answer; anything else is a finding."""


def description() -> dict[str, Any]:
    """Every route with what a request may bring along: a query string, the cookie, a form."""
    routes = [route for route in create().routes if isinstance(route, Route)]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pathway Explainer", "version": "1"},
        "paths": {route.path: _operations(route, knowledge()) for route in routes},
    }


def _operations(route: Route, known: Knowledge) -> dict[str, Any]:
    return {
        method.lower(): {
            "parameters": [*_parameters(route, known)],
            "responses": {str(status): {"description": "A page"} for status in STATUSES},
            **({"requestBody": _form(route, known)} if method == "POST" else {}),
        }
        for method in sorted(route.methods or ())
    }


def _parameters(route: Route, known: Knowledge) -> list[dict[str, Any]]:
    values = [option.value for question in known.questions for option in question.options]
    pair = f"-?({'|'.join(question.field for question in known.questions)}):({'|'.join(values)})"
    parameters = [
        _parameter("query", "back_to", {"enum": ["answers", "explanation", ""]}),
        _parameter("query", "missing", {"type": "string"}),
        _parameter("query", "v", {"type": "string"}),
        _parameter("cookie", "answers", {"type": "string", "pattern": rf"^1(\.{pair}){{0,9}}(\.!)?$"}),
        _parameter("header", "Sec-Fetch-Site", {"enum": ["same-origin", "same-site", "cross-site", "none"]}),
    ]
    if route.path.startswith("/educators"):
        texts = ("of", "was", "a", "b", "step", "part", "statement")
        parameters += [_parameter("query", name, {"type": "string"}) for name in texts]
    in_path = {
        "field": [question.field for question in known.questions],
        "name": [scenario.id for scenario in known.scenarios],
    }
    for name in route.param_convertors:
        parameters.append({**_parameter("path", name, {"enum": in_path[name]}), "required": True})
    return parameters


def _parameter(where: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": where, "name": name, "schema": schema}


def _form(route: Route, known: Knowledge) -> dict[str, Any]:
    values = sorted({value for field in known.profile.questions.values() for value in field.accepted})
    properties: dict[str, Any] = {"answer": {"type": "string", "enum": values}}
    if route.path.startswith("/educators"):
        texts = ("text", "go", "title", "story", "teaches", "notice", "topics")
        properties = {name: {"type": "string"} for name in texts}
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")[: 1 + route.path.startswith("/educators")]
    return {"content": {kind: {"schema": {"type": "object", "properties": properties}} for kind in kinds}}
