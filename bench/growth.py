"""What becomes of loading, deciding and memory as rules grow to ten thousand. The rules are generated, not medical."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from bench.children import children
from bench.soak import memory
from bench.table import Row, at_most, without_garbage_collection
from explainer import logic
from explainer.engine import Engine
from explainer.knowledge import Concepts, Knowledge, Questionnaire, Section
from explainer.loader import knowledge
from explainer.values import Names

SIZES = (10, 100, 1_000, 10_000)
LOAD_GOAL = 40
FIELDS = {f"question_{number}": ("red", "green", "blue") for number in range(16)}
IN_A_SECTION = 50
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "growth.svg"


def generated(count: int) -> Knowledge:
    """Knowledge with that many rules, each on two or three of sixteen questions and half of them on a concept, too."""
    chance = random.Random(count)
    concepts = tuple(f"concept_{number}" for number in range(10))
    names = Names(logic.Vocabulary(FIELDS, concepts), facts=("any.1a",))

    def answers(how_many: int) -> dict[str, Any]:
        return {name: chance.choice(FIELDS[name]) for name in chance.sample(list(FIELDS), how_many)}

    def rule(number: int) -> dict[str, Any]:
        when = answers(chance.choice((2, 3))) | ({"concept": chance.choice(concepts)} if number % 2 else {})
        return {"id": f"rule-{number}", "facts": ["any.1a"], "certainty": "stated", "when": when, "say": "Some words."}

    def section(start: int) -> Section:
        rules = [rule(number) for number in range(start, min(count, start + IN_A_SECTION))]
        raw = {"id": f"section-{start}", "title": "A title", "everyone": "everyone", "timing": {}}
        return Section.model_validate(raw | {"topics": [{"title": "A topic", "rules": rules}]}, context=names)

    asked = [
        {"field": name, "name": name, "text": name, "why": name, "where": name, "unsure": name}
        | {"options": [{"value": word, "label": word, "phrase": word} for word in words]}
        for name, words in FIELDS.items()
    ]
    derived = [{"id": name, "phrase": name, "when": {"any": [answers(1), answers(1)]}} for name in concepts]
    changed = {
        "questions": Questionnaire.model_validate({"questions": asked}, context=names).questions,
        "concepts": Concepts.model_validate({"concepts": derived}, context=names).concepts,
        "sections": [section(start) for start in range(0, count, IN_A_SECTION)],
        "notices": (),
    }
    kept = {name: getattr(knowledge(), name) for name in Knowledge.model_fields}
    return Knowledge.model_validate(kept | changed)


def figures(count: int) -> dict[str, float]:
    """Of one size, in this very process: seconds to load, seconds for a decision, how many rules fire, and MB."""
    knowledge()  # what every process has
    before = memory()
    with without_garbage_collection():
        began = process_time()
        made = generated(count)
        engine = Engine(made)
        load = process_time() - began
        found = children(made.profile, 60, seed=4)
        engine.decide(found[0])
        began = process_time()
        decisions = [engine.decide(child) for child in found]
        decide = (process_time() - began) / len(found)
    fired = sum(len(decision.statements) for decision in decisions) / len(found)
    return {"load": load, "decide": decide, "fired": fired, "memory": (memory() - before) / 2**20}


def measure() -> list[Row]:
    """Figures by size, each in a process of its own; the picture of them; and the start of the real knowledge."""
    found = {}
    for size in SIZES:
        command = [sys.executable, "-m", "bench.growth", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[size] = json.loads(done.stdout)
    _draw(found)
    return [*_rows(found), _start()]


def _rows(found: dict[int, dict[str, float]]) -> list[Row]:
    rows = []
    for size, of_size in found.items():
        per_rule = of_size["decide"] / of_size["fired"] * 1e6
        rows += [
            Row(f"{size:,} generated rules: load", of_size["load"] * 1e3, "ms"),
            Row(f"{size:,} generated rules: decide", of_size["decide"] * 1e6, "µs"),
            Row(f"{size:,} generated rules: decide, for each that fires", per_rule, "µs"),
            Row(f"{size:,} generated rules: memory", of_size["memory"], "MB"),
        ]
    return rows


def _start() -> Row:
    """How long a process takes that loads the real knowledge and compiles it, and one that does nothing."""
    loading = "from explainer.compose import composer; composer()"
    spent: dict[str, list[float]] = {loading: [], "pass": []}
    for _ in range(9):
        for code, times in spent.items():
            began = perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(perf_counter() - began)
    ratio = median(ours / theirs for ours, theirs in zip(spent[loading], spent["pass"], strict=True))
    against = f"python -c pass: {median(spent['pass']) * 1e3:.0f} ms"
    return at_most("start, load and compile", median(spent[loading]) * 1e3, "ms", against, ratio, LOAD_GOAL)


def _draw(found: dict[int, dict[str, float]]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "growth"  # the same figures make the same file
    sizes = list(found)
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.4), layout="constrained")
    for axis, (name, title, scale) in zip(
        axes,
        [("load", "load (ms)", 1e3), ("decide", "decide (µs)", 1e6), ("memory", "memory (MB)", 1)],
        strict=True,
    ):
        values = [found[size][name] * scale for size in sizes]
        axis.loglog(sizes, values, "o-", label="measured")
        axis.loglog(sizes, [values[-1] * size / sizes[-1] for size in sizes], ":", color="gray", label="linear")
        axis.set_title(title)
        axis.set_xlabel("rules")
        axis.legend()
    figure.savefig(PICTURE, metadata={"Date": None, "Creator": None})
    plt.close(figure)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures(int(sys.argv[1]))))
