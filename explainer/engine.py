"""The rules engine: conditions compiled to durable_rules, a forward-chaining Rete network.

Answers go in; concepts are derived, a stratum at a time; then the sections and notices to show and the
statements of those sections are collected. Every firing is kept for the trace.

All that is particular to durable_rules stays in this module. Its compiled part is driven directly, and
within narrow bounds (docs/decisions/0002-driving-durable-rules.md says what lies outside them):
each rule is one pattern over one fact, without negation; each network is small and has a rule that
always fires; evaluations of a network take turns, each under the same session id, which is deleted after it.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from explainer import logic
from explainer.errors import EngineError, shown
from explainer.knowledge import Concept, Knowledge
from explainer.loader import knowledge as shipped_knowledge
from explainer.loader import once
from explainer.profile import ProfileModel

try:
    import durable_rules_engine as _durable
except ImportError as error:  # the message comes when an engine is wanted, so that `explainer --help` still works
    _durable = None
    _IMPORT_ERROR = str(error)

State = Literal["true", "open", "false"]
Applies = Literal["definite", "conditional"]
Kind = Literal["concept", "section", "notice", "statement"]
Target = tuple[Kind, str]

# durable_rules fails at 65 first conditions that match one fact, at 15 choices ($or) joined in one pattern and at 255
# keys in one fact, and hangs at 512 conditions: stay far below.
_MOST_RULES = 40
_MOST_CONDITIONS = 200
_MOST_NAMES = 200
_SID = "decision"
_numbers = count()


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule that fired: what it showed or derived, how surely, and on which answers and concepts."""

    kind: Kind
    name: str
    applies: Applies
    on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say about one profile. A name that is not listed is false, or not shown."""

    concepts: Mapping[str, State]
    sections: tuple[str, ...]
    notices: tuple[str, ...]
    statements: Mapping[str, Applies]
    trace: tuple[Firing, ...]


@once
def engine() -> Engine:
    """The engine of the knowledge that ships with the package, compiled once per process."""
    return Engine(shipped_knowledge())


class Engine:
    """Compiled knowledge. May be called from many threads at once; the same profile always decides the same.

    Raises EngineError when durable_rules cannot be loaded or refuses a rule.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        if _durable is None:
            raise EngineError(
                f"durable_rules cannot be loaded ({_IMPORT_ERROR}). It has to be built for this Python; install it "
                "again with CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject in the environment."
            )
        self._accepted = {name: question.accepted for name, question in knowledge.profile.questions.items()}
        self._concepts = tuple(concept.id for concept in knowledge.concepts)
        if len(self._accepted) + len(self._concepts) > _MOST_NAMES:
            raise EngineError(f"there are more than {_MOST_NAMES} questions and concepts, which is past the engine")
        self._strata = [
            _Network(form for concept in stratum for form in _both_forms(("concept", concept.id), concept.when))
            for stratum in _stratify(knowledge.concepts)
        ]
        self._frame = _Network(
            [
                *(_Rule(("section", section.id), "definite", section.shown_when) for section in knowledge.sections),
                *(_Rule(("notice", notice.id), "definite", notice.when) for notice in knowledge.notices),
            ]
        )
        self._sections = {
            section.id: _Network(
                form
                for rule in section.rules
                for form in _both_forms(("statement", section.statement_id(rule)), rule.when)
            )
            for section in knowledge.sections
        }
        self._order = {section.id: number for number, section in enumerate(knowledge.sections)}

    def decide(self, profile: ProfileModel) -> Decision:
        """Derives the concepts and collects what to show. Raises EngineError for answers no profile allows."""
        answers = profile.answers
        if answers.keys() != self._accepted.keys():
            raise EngineError("this profile answers the questions of other rules")
        for name, word in answers.items():
            if word not in self._accepted[name]:
                raise EngineError(f"{shown(word)} is not an answer to {name}")
        concepts: dict[str, State] = dict.fromkeys(self._concepts, "false")
        trace: list[Firing] = []
        for network in self._strata:
            for firing in network.fire(_message(answers, concepts), answers, concepts):
                concepts[firing.name] = "true" if firing.applies == "definite" else "open"
                trace.append(firing)
        message = _message(answers, concepts)  # all concepts are known now, so one message serves all that follows
        frame = self._frame.fire(message, answers, concepts)
        trace += frame
        sections = sorted((f.name for f in frame if f.kind == "section"), key=self._order.__getitem__)
        for section in sections:
            trace += self._sections[section].fire(message, answers, concepts)
        return Decision(
            concepts=concepts,
            sections=tuple(sections),
            notices=tuple(firing.name for firing in frame if firing.kind == "notice"),
            statements={firing.name: firing.applies for firing in trace if firing.kind == "statement"},
            trace=tuple(trace),
        )


# --- compiling -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """One form of a rule: `definite` fires where the condition is true, `conditional` where it is true or open."""

    target: Target
    applies: Applies
    when: logic.When


def _both_forms(target: Target, when: logic.When) -> Iterator[_Rule]:
    yield _Rule(target, "definite", when)
    yield _Rule(target, "conditional", when)


def _stratify(concepts: Iterable[Concept]) -> Iterator[list[Concept]]:
    """Concepts in layers: each stands on answers and on concepts of the layers before it."""
    waiting = list(concepts)
    while waiting:
        names = {concept.id for concept in waiting}
        ready = [concept for concept in waiting if not names & set(_stands_on(concept))]
        if not ready:
            raise EngineError(f"these concepts stand on each other in a circle: {', '.join(sorted(names))}")
        yield ready
        waiting = [concept for concept in waiting if concept not in ready]


def _stands_on(concept: Concept) -> Iterator[str]:
    for literal in logic.literals(concept.when):
        if isinstance(literal, logic.Derived):
            yield literal.concept


def _words(literal: logic.Literal, applies: Applies) -> tuple[str, tuple[str, ...]]:
    """The key of the message that a literal looks at, and the words there that meet it."""
    match literal:
        case logic.Answer(field, values):
            return f"answer_{field}", values if applies == "definite" else (*values, *({logic.UNKNOWN} - {*values}))
        case logic.Derived(concept, holds):
            word = "true" if holds else "false"
            return f"concept_{concept}", (word,) if applies == "definite" else (word, "open")


_Pattern = dict[str, Any]


def _pattern(alternative: Sequence[logic.Literal], applies: Applies) -> _Pattern:
    """One durable_rules pattern. Several keys in one pattern, or `$or` over several fields, would be misread."""
    tests: list[_Pattern] = []
    for literal in alternative:
        key, words = _words(literal, applies)
        choices: list[_Pattern] = [{key: word} for word in words]
        tests.append(choices[0] if len(choices) == 1 else {"$or": choices})
    if not tests:
        return _ALWAYS
    return tests[0] if len(tests) == 1 else {"$and": tests}


_ALWAYS: _Pattern = {"kind": "decision"}


def _message(answers: Mapping[str, str], concepts: Mapping[str, State]) -> str:
    """The one fact that is asserted: all that is known about the child, under the keys of `_words`."""
    return json.dumps(
        {
            "id": _SID,
            "sid": _SID,
            **_ALWAYS,
            **{f"answer_{name}": word for name, word in answers.items()},
            **{f"concept_{name}": state for name, state in concepts.items()},
        }
    )


def _too_large(rule: _Rule, how: str) -> EngineError:
    return EngineError(f"the condition of {rule.target[1]} {how}; give parts of it a name in concepts.yaml")


class _Network:
    """Rules compiled into as many small rulesets as durable_rules' limits ask for."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._rulesets: list[_Ruleset] = []
        chunk: dict[str, tuple[_Rule, tuple[logic.Literal, ...]]] = {}
        conditions: set[tuple[str, str]] = set()
        for rule in rules:
            for alternative in logic.alternatives(rule.when):
                needed = {
                    (key, word) for key, words in (_words(part, rule.applies) for part in alternative) for word in words
                }
                if len(needed) > _MOST_CONDITIONS:
                    raise _too_large(rule, f"names more than {_MOST_CONDITIONS} values")
                if len(chunk) >= _MOST_RULES or len(conditions | needed) > _MOST_CONDITIONS:
                    self._rulesets.append(_Ruleset(chunk))
                    chunk, conditions = {}, set()
                chunk[f"r{len(chunk)}"] = rule, alternative
                conditions |= needed
        if chunk:
            self._rulesets.append(_Ruleset(chunk))

    def fire(self, message: str, answers: Mapping[str, str], concepts: Mapping[str, State]) -> list[Firing]:
        """What fires on the message of these answers and concepts, each target once.

        A target is definite where its condition is true and conditional where it is open.
        """
        found: dict[Target, dict[Applies, dict[str, str]]] = {}
        for ruleset in self._rulesets:
            for rule, alternative in ruleset.fire(message):
                on = found.setdefault(rule.target, {}).setdefault(rule.applies, {})
                for literal in alternative:
                    if isinstance(literal, logic.Derived):
                        on[literal.concept] = concepts[literal.concept]
                    else:
                        on[literal.field] = answers[literal.field]
        return [
            Firing(kind, name, applies, forms[applies])
            for (kind, name), forms in found.items()
            for applies in ("definite" if "definite" in forms else "conditional",)
        ]


class _Ruleset:
    """One compiled ruleset of durable_rules."""

    def __init__(self, rules: Mapping[str, tuple[_Rule, tuple[logic.Literal, ...]]]) -> None:
        self._rules = dict(rules)
        self._definition = {
            name: {"all": [{"m": _pattern(alternative, rule.applies)}]} for name, (rule, alternative) in rules.items()
        }
        self._definition[_CATCH_ALL] = {"all": [{"m": _ALWAYS}]}
        self._lock = threading.Lock()
        self._compile()
        _rulesets.add(self)

    def _compile(self) -> None:
        try:
            self._handle = _durable.create_ruleset(f"explainer-{next(_numbers)}", json.dumps(self._definition))
        except Exception as error:  # durable_rules raises its own bare exceptions, with a number for a message
            raise EngineError(f"durable_rules refused the rules: {error}") from error
        # Not at exit: a daemon thread may still decide then, and the process frees the memory anyway.
        weakref.finalize(self, _durable.delete_ruleset, self._handle).atexit = False
        self._is_settled = True

    def fire(self, message: str) -> list[tuple[_Rule, tuple[logic.Literal, ...]]]:
        names: list[str] = []
        with self._lock:
            if not self._is_settled:  # an evaluation was broken off (Ctrl-C, say), and its answers are still in there
                self._compile()
            self._is_settled = False
            _, state = _durable.assert_fact(self._handle, message)
            _, firing = _durable.start_action_for_state(self._handle, state) or (None, None)
            while firing is not None:  # every action is finished: a state deleted before its first one crashes
                names.append(firing[2 : firing.index('"', 2)])  # its one key; the rest is our own message again
                firing = _durable.complete_and_start_action(self._handle, state)
            _durable.delete_state(self._handle, _SID)
            self._is_settled = True
        if _CATCH_ALL not in names:
            raise EngineError("durable_rules lost a firing")
        return [self._rules[name] for name in names if name != _CATCH_ALL]

    def free(self) -> None:
        """Makes a ruleset usable in a forked child, whose parent may have been in the midst of an evaluation."""
        self._lock = threading.Lock()


_rulesets: weakref.WeakSet[_Ruleset] = weakref.WeakSet()


def _free_rulesets() -> None:
    for ruleset in _rulesets:
        ruleset.free()


os.register_at_fork(after_in_child=_free_rulesets)

_CATCH_ALL = "always"
