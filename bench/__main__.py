"""Runs the benchmark: `python -m bench`, or with the names of some measures, `python -m bench decide growth`.

Prints a table. A run of all measures also leaves docs/bench.json.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench.table import Row, as_json, as_text

MEASURES = ("decide", "explain", "growth", "cached", "process", "web", "batch")
RESULTS = Path(__file__).resolve().parents[1] / "docs" / "bench.json"


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


if __name__ == "__main__":
    main(sys.argv[1:])
