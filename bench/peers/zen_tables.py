"""zen-engine: one decision graph, with a decision table for the rows of each section.

An expression node derives the concepts. A switch leads to the tables of the sections that are shown; each collects the
numbers of its rows that are met.

It may be kept in two ways. Through a loader whose content is given with the engine, decisions are compiled once and
evaluated where they are called; this is its quickest. A decision of `create_decision`, with which its documents begin,
takes several times as long.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import zen

from bench.peers.rows import Row, Rows, strata
from explainer import logic

Node = dict[str, Any]


class Zen:
    def __init__(self, rows: Rows, *, loader: bool = True) -> None:
        graph = graph_of(rows)
        self._evaluate: Callable[[Mapping[str, str]], Any]
        if loader:
            engine = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph}}})
            self._evaluate = lambda answers: engine.evaluate("rules", answers)
        else:
            self._evaluate = zen.ZenEngine().create_decision(json.dumps(graph)).evaluate

    def fired(self, answers: Mapping[str, str]) -> list[int]:
        result = self._evaluate(answers)["result"]
        return [row["row"] for table in result.values() for row in table]


class ZenExpressions:
    """Not rules but one expression, which gives the outcome of each rule in its place: no row is named, nor why."""

    def __init__(self, rows: Rows) -> None:
        knowledge = rows.knowledge
        parts = [
            f"[{', '.join(_outcome(_inlined(rule.when, knowledge.definition)) for rule in section.rules)}]"
            for section in knowledge.sections
        ]
        shown = [_expression(_inlined(section.shown_when, knowledge.definition)) for section in knowledge.sections]
        told = ", ".join(f"{when} ? {part} : null" for when, part in zip(shown, parts, strict=True))
        self._expression = zen.compile_expression(f"[{told}]")
        self._names = [[section.statement_id(rule) for rule in section.rules] for section in knowledge.sections]

    def statements(self, answers: Mapping[str, str]) -> dict[str, str]:
        outcomes = self._expression.evaluate(answers)
        return {
            name: outcome
            for names, found in zip(self._names, outcomes, strict=True)
            if found
            for name, outcome in zip(names, found, strict=True)
            if outcome
        }


def graph_of(rows: Rows) -> Node:
    """The decision graph in zen's own form, JDM."""
    concepts = [
        {"id": f"c{number}", "key": f"concept_{concept.id}", "value": _state(concept.when)}
        for number, concept in enumerate(concept for stratum in strata(rows.knowledge) for concept in stratum)
    ]
    derive = _node("derive", "expressionNode", passThrough=True, expressions=concepts)
    by_section = [[row for row in rows.sections if row.target[1] == section] for section in rows.statements]
    statements = [
        {"id": f"to-{section}", "condition": " or ".join(f"({_tested(row) or 'true'})" for row in shown)}
        for section, shown in zip(rows.statements, by_section, strict=True)
    ]
    tables = {
        "derived": [row for stratum in rows.strata for row in stratum],
        "framed": [*rows.sections, *rows.notices],
    }
    nodes = [
        _node("in", "inputNode"),
        derive,
        _node("switch", "switchNode", hitPolicy="collect", statements=statements),
        *(_table(name, told) for name, told in (tables | rows.statements).items()),
        _node("out", "outputNode"),
    ]
    edges = [_edge("in", "derive"), _edge("derive", "switch")]
    for name in tables:
        edges += [_edge("derive", name), _edge(name, "out")]
    for section in rows.statements:
        edges += [_edge("switch", section) | {"sourceHandle": f"to-{section}"}, _edge(section, "out")]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _node(name: str, kind: str, **content: object) -> Node:
    return (
        {"id": name, "name": name, "type": kind, "content": content}
        if content
        else {
            "id": name,
            "name": name,
            "type": kind,
        }
    )


def _edge(source: str, target: str) -> Node:
    return {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}


def _table(name: str, rows: Sequence[Row]) -> Node:
    return _node(
        name,
        "decisionTableNode",
        hitPolicy="collect",
        inputs=[{"id": "when", "name": "when"}],
        outputs=[{"id": "row", "name": "row", "field": "row"}],
        rules=[{"_id": f"row-{row.number}", "when": _tested(row), "row": str(row.number)} for row in rows],
        passThrough=False,
        outputPath=name,
        executionMode="single",
    )


def _tested(row: Row) -> str:
    """The tests of a row as an expression; an empty cell is met by everything."""
    return " and ".join(_test(literal, words) for literal, words in row.tests)


def _test(literal: logic.Literal, words: Sequence[str], before: str = "") -> str:
    name = literal.field if isinstance(literal, logic.Answer) else f"{before}concept_{literal.concept}"
    return f"{name} == '{words[0]}'" if len(words) == 1 else f"{name} in {json.dumps(words)}"


def _state(when: logic.When) -> str:
    """True, open or false. Inside the node that derives them, `$` holds the concepts before."""
    return f"{_expression(when, '$.')} ? 'true' : ({_expression(when, '$.', maybe=True)} ? 'open' : 'false')"


def _outcome(when: logic.When) -> str:
    return f"{_expression(when)} ? 'definite' : ({_expression(when, maybe=True)} ? 'conditional' : null)"


def _expression(when: logic.When, before: str = "", *, maybe: bool = False) -> str:
    """Where a condition is true or, with `maybe`, where it is true or open."""
    match when:
        case logic.AllOf(parts):
            return f"({' and '.join(_expression(part, before, maybe=maybe) for part in parts) or 'true'})"
        case logic.AnyOf(parts):
            return f"({' or '.join(_expression(part, before, maybe=maybe) for part in parts) or 'false'})"
        case logic.Answer(_, values):
            return _test(when, (*values, *(() if not maybe or logic.UNKNOWN in values else (logic.UNKNOWN,))))
        case logic.Derived(_, holds):
            word = "true" if holds else "false"
            return _test(when, (word, "open") if maybe else (word,), before)


def _inlined(when: logic.When, definition: logic.Definition) -> logic.When:
    """The condition in answers alone."""
    match when:
        case logic.AllOf(parts):
            return logic.AllOf(tuple(_inlined(part, definition) for part in parts))
        case logic.AnyOf(parts):
            return logic.AnyOf(tuple(_inlined(part, definition) for part in parts))
        case logic.Derived():
            return _inlined(definition(when), definition)
        case answer:
            return answer
