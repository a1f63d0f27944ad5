"""Counts what a rules folder holds. Loading it has cross-checked it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from explainer.knowledge import Knowledge


def counts(knowledge: Knowledge) -> dict[str, int]:
    """How many there are of each kind of thing in the knowledge."""
    rules = [rule for section in knowledge.sections for rule in section.rules]
    return {
        "questions": len(knowledge.questions),
        "concepts": len(knowledge.concepts),
        "sections": len(knowledge.sections),
        "rules": len(rules),
        "facts listed": len(knowledge.facts),
        "facts told": len({fact for rule in rules for fact in rule.facts}),
        "questions for the care team": sum(rule.ask is not None for rule in rules)
        + sum(len(question.team) for question in knowledge.questions),
        "notices": len(knowledge.notices),
        "terms": len(knowledge.glossary),
        "scenarios": len(knowledge.scenarios),
    }


def report(knowledge: Knowledge) -> str:
    """The counts as a table, in colour where standard output is a terminal."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    for name, number in counts(knowledge).items():
        table.add_row(str(number), name)
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
