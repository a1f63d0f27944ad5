"""Plain Python: the rows written out as a function of one `if` after another, and compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.peers.rows import Row, Rows
from explainer import logic


class Plain:
    def __init__(self, rows: Rows) -> None:
        self.source = "\n".join(_lines(rows)) + "\n"
        names: dict[str, Callable[[Mapping[str, str]], list[int]]] = {}
        exec(compile(self.source, "<rules>", "exec"), names)  # noqa: S102 - it is made of our own rules, just above
        self.fired = names["fired"]


def _lines(rows: Rows) -> Iterator[str]:
    yield "def fired(answers):"
    yield "    met = []"
    for question in rows.knowledge.questions:
        yield f"    answer_{question.field} = answers[{question.field!r}]"
    for stratum in rows.strata:
        for concept in dict.fromkeys(row.target[1] for row in stratum):
            mine = [row for row in stratum if row.target[1] == concept]
            yield f"    concept_{concept} = 'false'"
            for applies, state in (("conditional", "open"), ("definite", "true")):
                of_form = [row for row in mine if row.applies == applies]
                yield from _tested(of_form, "    ", f"concept_{concept} = {state!r}")
    for section, told in rows.statements.items():
        name = "shown_" + section.replace("-", "_")
        yield f"    {name} = False"
        yield from _tested([row for row in rows.sections if row.target[1] == section], "    ", f"{name} = True")
        yield f"    if {name}:"
        yield from _tested(told, "        ")
    yield from _tested(rows.notices, "    ")
    yield "    return met"


def _tested(rows: Sequence[Row], indent: str, *then: str) -> Iterator[str]:
    for row in rows:
        tests = [_test(literal, words) for literal, words in row.tests]
        yield f"{indent}if {' and '.join(tests) or 'True'}:"
        for line in (f"met.append({row.number})", *then):
            yield f"{indent}    {line}"


def _test(literal: logic.Literal, words: Sequence[str]) -> str:
    name = f"answer_{literal.field}" if isinstance(literal, logic.Answer) else f"concept_{literal.concept}"
    return f"{name} == {words[0]!r}" if len(words) == 1 else f"{name} in {tuple(words)!r}"
