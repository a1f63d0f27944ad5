"""CLIPS, through clipspy: a rule for each row, defined once; a child is one fact, and what fires joins a list.

With clipspy 1.0.6 a decision takes twice as long when some thousands have gone before in the same environment. So
that it is measured at its best, environments are built ahead, and a new one serves after some hundred decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import clips

from bench.peers.rows import Row, Rows
from explainer import logic

YOUNG = 300
"""Decisions after which an environment is no longer young."""


class Clips:
    """As many decisions as given find an environment that is young; after these the last one goes on."""

    def __init__(self, rows: Rows, decisions: int) -> None:
        self._ready = [_environment(rows) for _ in range(decisions // YOUNG + 1)]
        self._left = 0
        # Symbols are made once: that is quicker than text that CLIPS has to read, or symbols made for each child.
        self._symbols = {
            word: clips.Symbol(word) for field in rows.knowledge.profile.questions.values() for word in field.accepted
        }

    def fired(self, answers: Mapping[str, str]) -> Sequence[int]:
        if not self._left and self._ready:
            self._left = YOUNG
            self._environment = self._ready.pop()
            self._child = self._environment.find_template("child")
            self._told = self._environment.find_global("told")
        self._left -= 1
        self._environment.reset()
        symbols = self._symbols
        self._child.assert_fact(**{name: symbols[word] for name, word in answers.items()})
        self._environment.run()
        told: Sequence[int] = self._told.value
        return told


def _environment(rows: Rows) -> clips.Environment:
    made = clips.Environment()
    for construct in constructs(rows):
        made.build(construct)
    return made


def constructs(rows: Rows) -> Iterator[str]:
    """The templates and rules. Concepts are derived first, a stratum at a time, then sections, then statements."""
    slots = " ".join(f"(slot {question.field} (type SYMBOL))" for question in rows.knowledge.questions)
    yield f"(deftemplate child {slots})"
    yield "(deftemplate derived (slot concept (type SYMBOL)) (slot state (type SYMBOL)))"
    yield "(deftemplate shown (slot section (type SYMBOL)))"
    yield "(defglobal ?*told* = (create$))"
    for number, stratum in enumerate(rows.strata):
        first = 10 * (len(rows.strata) - number)
        for row in stratum:
            name = row.target[1]
            if row.applies == "definite":
                yield _rule(row, first, "", f"(assert (derived (concept {name}) (state true)))")
            else:
                unless = f"(not (derived (concept {name}) (state true)))"
                yield _rule(row, first - 1, unless, f"(assert (derived (concept {name}) (state open)))")
        for name in dict.fromkeys(row.target[1] for row in stratum):
            yield (
                f"(defrule not-{name} (declare (salience {first - 2})) (child) (not (derived (concept {name})))"
                f" => (assert (derived (concept {name}) (state false))))"
            )
    for row in rows.sections:
        yield _rule(row, 0, "", f"(assert (shown (section {row.target[1]})))")
    for row in rows.notices:
        yield _rule(row, 0, "", "")
    for section, told in rows.statements.items():
        for row in told:
            yield _rule(row, -1, f"(shown (section {section}))", "")


def _rule(row: Row, salience: int, also: str, then: str) -> str:
    slots = [
        f"({literal.field} {'|'.join(words)})" for literal, words in row.tests if isinstance(literal, logic.Answer)
    ]
    derived = [
        f"(derived (concept {literal.concept}) (state {'|'.join(words)}))"
        for literal, words in row.tests
        if isinstance(literal, logic.Derived)
    ]
    pattern = " ".join([also, f"(child {' '.join(slots)})", *derived])
    tell = f"(bind ?*told* (create$ ?*told* {row.number}))"
    return f"(defrule row-{row.number} (declare (salience {salience})) {pattern} => {then} {tell})"
