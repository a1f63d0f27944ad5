"""The proof of the knowledge: every check by name, run one after another, and its summary."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from explainer.errors import Fault
from explainer.facts_check import facts_check
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.knowledge import Knowledge
from explainer.ledger_check import ledger_check
from explainer.mutation import full as every_mutant
from explainer.mutation import sampled as some_mutants
from explainer.pages_check import pages_check
from explainer.reviews_check import reviews_check
from explainer.sentences_check import sentences_check
from explainer.source_check import source_check

Check = Callable[[Subject, Progress], Result]
_FIT = "The files fit together"


def knowledge_check(subject: Subject, _: Progress) -> Result:
    """That the files fit together was seen when they loaded; what is left is to count what they hold."""
    return Result(name="knowledge", title=_FIT, counts=counts(subject.knowledge))


def unfit(faults: Iterable[Fault]) -> Result:
    """What there is to say of files that do not fit together."""
    return Result(name="knowledge", title=_FIT, findings=tuple(map(Finding.of, faults)))


CHECKS: dict[str, Check] = {
    "knowledge": knowledge_check,
    "ledger": ledger_check,
    "facts": facts_check,
    "source": source_check,
    "sentences": sentences_check,
    "pages": pages_check,
    "reviews": reviews_check,
    "mutants": some_mutants,
}
"""Every check, in the order in which they run."""

FULL: dict[str, Check] = {"mutants": every_mutant}
"""Checks that otherwise look at a sample only, looking at everything."""


def run(subject: Subject, checks: Mapping[str, Check]) -> list[Result]:
    """Runs the checks, with a progress bar on standard error where that is a terminal."""
    columns = (TextColumn("{task.description:10}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    results = []
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        for name, check in checks.items():
            task = bar.add_task(name, total=1.0)

            def progress(done: float, task: TaskID = task) -> None:
                bar.update(task, completed=done)

            results.append(check(subject, progress))
            progress(1.0)
    return results


def passed(results: Iterable[Result]) -> bool:
    return not any(result.findings for result in results)


def as_json(results: Sequence[Result]) -> str:
    """`{"passed": bool, "checks": [Result, …]}`."""
    found = {"passed": passed(results), "checks": [result.model_dump(mode="json") for result in results]}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def as_text(results: Sequence[Result], *, tables: bool = False) -> str:
    """What was looked at, what was measured (`tables`), every finding on a line of its own, and a summary."""
    console = Console(soft_wrap=True)
    with console.capture() as captured:
        for result in results:
            console.print(f"[bold]{result.title}[/bold] ({result.name})")
            console.print(_grid((str(number), name) for name, number in result.counts.items()))
            for table in result.tables if tables else ():
                console.print(f"\n{_aligned(table)}", markup=False, highlight=False)
            console.print()
        for finding in (finding for result in results for finding in result.findings):  # below all that may be long
            console.print(str(finding), markup=False, highlight=False)
        console.print("" if passed(results) else "\n", end="")
        console.print(_grid((_verdict(result), result.name) for result in results))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _verdict(result: Result) -> str:
    return result.verdict if result.not_run is None else f"not run ({result.not_run})"


_WIDEST = 160


def _aligned(table: Listing) -> str:
    """A table in columns; one too wide for a terminal is left to the other forms."""
    rows = [table.columns, *(tuple(map(str, row)) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * len(widths) > _WIDEST:
        return f"{table.title}: too wide to show here; see --format json"
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join((table.title, *lines))


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    for row in rows:
        table.add_row(*row)
    return table


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
