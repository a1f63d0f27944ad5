"""Runs the benchmark: `python -m bench`, or with the names of some measures, `python -m bench decide growth`.

Prints a table. A run of all measures also leaves docs/bench.json, and its table in docs/bench.md.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench.table import Row, as_json, as_text

MEASURES = ("decide", "explain", "growth", "workbench", "cached", "process", "web", "batch")
RESULTS = Path(__file__).resolve().parents[1] / "docs" / "bench.json"
START, END = "<!-- the last run -->\n", "<!-- its end -->\n"


def main(names: list[str]) -> None:
    wrong = [name for name in names if name not in MEASURES]
    if wrong:
        sys.exit(f"bench: there is no {', '.join(wrong)}; choose among {', '.join(MEASURES)}")
    rows: list[Row] = []
    for name in names or MEASURES:
        sys.stderr.write(f"{name} …\n")
        rows += import_module(f"bench.{name}").measure()
    sys.stdout.write(as_text(rows))
    if not names:
        RESULTS.write_text(as_json(rows), encoding="utf-8")
        told = RESULTS.with_suffix(".md")
        told.write_text(with_table(told.read_text(encoding="utf-8"), as_text(rows)), encoding="utf-8")


def with_table(text: str, table: str) -> str:
    """The text with another table between the marks."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{table}{END}{after}"


if __name__ == "__main__":
    main(sys.argv[1:])
