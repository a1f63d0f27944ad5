"""The rules engine: conditions compiled to durable_rules, a forward-chaining Rete network.

Answers go in; concepts are derived, a stratum at a time; then the sections and notices to show and the
statements of those sections are collected. Every firing is kept for the trace.

All that is particular to durable_rules stays in this module. Its compiled part is driven directly, and
within narrow bounds (docs/decisions/0002-driving-durable-rules.md says what lies outside them):
each rule is one pattern over one fact, without negation; each network is small and has a rule that
always fires; evaluations of a network take turns in its one state, and the fact of each is retracted after it.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal, NamedTuple

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
# keys in one fact, and hangs at 512 conditions: stay below.
_MOST_RULES = 60
_MOST_CONDITIONS = 200
_MOST_NAMES = 200
_SID = "decision"
_numbers = count()


class Firing(NamedTuple):
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
        self._nothing_derived: dict[str, State] = dict.fromkeys((concept.id for concept in knowledge.concepts), "false")
        if len(self._accepted) + len(self._nothing_derived) > _MOST_NAMES:
            raise EngineError(f"there are more than {_MOST_NAMES} questions and concepts, which is past the engine")
        self._keys = [_key("answer", name) for name in self._accepted]
        self._nothing_known = dict.fromkeys((_key("concept", concept.id) for concept in knowledge.concepts), "false")
        self._nothing_known |= dict.fromkeys((_key("section", section.id) for section in knowledge.sections), "hidden")
        strata = list(_stratify(knowledge.concepts))
        self._networks = [_Network(together) for together in _by_turn(strata, list(_rules(strata, knowledge)))]

    def decide(self, profile: ProfileModel) -> Decision:
        """Derives the concepts and collects what to show. Raises EngineError for answers no profile allows."""
        answers = profile.answers
        if answers.keys() != self._accepted.keys():
            raise EngineError("this profile answers the questions of other rules")
        for name, word in answers.items():
            if word not in self._accepted[name]:
                raise EngineError(f"{shown(word)} is not an answer to {name}")
        concepts = self._nothing_derived.copy()
        known = self._nothing_known | dict(zip(self._keys, map(answers.__getitem__, self._accepted), strict=True))
        fired: dict[int, Firing] = {}
        for network in self._networks:
            found = network.fire(known)
            fired |= found
            for kind, name, applies, _ in found.values():
                if kind == "concept":
                    concepts[name] = known[_key(kind, name)] = "true" if applies == "definite" else "open"
                elif kind == "section":
                    known[_key(kind, name)] = "shown"
        trace = tuple([fired[place] for place in sorted(fired)])
        parts: dict[Kind, list[str]] = {"section": [], "notice": []}
        statements: dict[str, Applies] = {}
        for kind, name, applies, _ in trace:
            if kind == "statement":
                statements[name] = applies
            elif kind != "concept":
                parts[kind].append(name)
        return Decision(concepts, tuple(parts["section"]), tuple(parts["notice"]), statements, trace)


# --- compiling -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """One form of a rule: `definite` fires where the condition is true, `conditional` where it is true or open.

    Where a lone answer or concept decides, the conditional form fires only where that is open, which saves a firing.
    What has a later `place` stands later in the trace. A statement fires only where its `section` is shown.
    """

    target: Target
    applies: Applies
    when: logic.When
    place: int = 0
    section: str | None = None


def _rules(strata: Iterable[Iterable[Concept]], knowledge: Knowledge) -> Iterator[_Rule]:
    """Both forms of every rule, in the order of the trace. Sections and notices are shown or not, and have one."""
    place = count()
    for concept in (concept for stratum in strata for concept in stratum):
        yield from _both_forms(_Rule(("concept", concept.id), "definite", concept.when, next(place)))
    for section in knowledge.sections:
        yield _Rule(("section", section.id), "definite", section.shown_when, next(place))
    for notice in knowledge.notices:
        yield _Rule(("notice", notice.id), "definite", notice.when, next(place))
    for name, (section, rule) in knowledge.statements.items():
        yield from _both_forms(_Rule(("statement", name), "definite", rule.when, next(place), section.id))


def _both_forms(rule: _Rule) -> tuple[_Rule, _Rule]:
    return rule, replace(rule, applies="conditional")


def _stratify(concepts: Iterable[Concept]) -> Iterator[list[Concept]]:
    """Concepts in layers: each stands on answers and on concepts of the layers before it."""
    waiting = list(concepts)
    while waiting:
        names = {concept.id for concept in waiting}
        ready = [concept for concept in waiting if not names & set(_stands_on(concept.when))]
        if not ready:
            raise EngineError(f"these concepts stand on each other in a circle: {', '.join(sorted(names))}")
        yield ready
        waiting = [concept for concept in waiting if concept not in ready]


def _stands_on(when: logic.When) -> Iterator[str]:
    for literal in logic.literals(when):
        if isinstance(literal, logic.Derived):
            yield literal.concept


def _by_turn(strata: Sequence[Iterable[Concept]], rules: Sequence[_Rule]) -> Iterator[list[_Rule]]:
    """The rules in turns: each as soon as the concepts that it stands on, and the sections, are known."""
    derived_in = {concept.id: turn for turn, stratum in enumerate(strata, 1) for concept in stratum}
    turns = {rule: max((derived_in[name] for name in _stands_on(rule.when)), default=0) for rule in rules}
    sections_in = 1 + max((turn for rule, turn in turns.items() if rule.target[0] == "section"), default=0)
    turns |= {rule: max(turn, sections_in) for rule, turn in turns.items() if rule.section}
    for number in sorted(set(turns.values())):
        yield [rule for rule, turn in turns.items() if turn == number]


def _words(literal: logic.Literal, applies: Applies, *, alone: bool) -> tuple[str, tuple[str, ...]]:
    """The key of the message that a literal looks at, and the words there that meet it."""
    match literal:
        case logic.Answer(field, values):
            key, sure, unsure = _key("answer", field), values, logic.UNKNOWN
        case logic.Derived(concept, holds):
            key, sure, unsure = _key("concept", concept), ("true" if holds else "false",), "open"
    if applies == "definite":
        return key, sure
    maybe = () if unsure in sure else (unsure,)
    return key, maybe if alone else (*sure, *maybe)


_Condition = tuple[tuple[str, tuple[str, ...]], ...]
"""Keys of the message, and for each the words that meet it: all are to be met."""


def _condition(alternative: Sequence[logic.Literal], applies: Applies) -> _Condition | None:
    """What a list of literals asks in one form. None where that form adds nothing."""
    if not alternative:
        return () if applies == "definite" else None
    alone = len(alternative) == 1
    tests = tuple(_words(literal, applies, alone=alone) for literal in alternative)
    return tests if all(words for _, words in tests) else None


_Pattern = dict[str, Any]


def _pattern(condition: _Condition) -> _Pattern:
    """One durable_rules pattern. Several keys in one pattern, or `$or` over several fields, would be misread."""
    tests: list[_Pattern] = []
    for key, words in condition:
        choices: list[_Pattern] = [{key: word} for word in words]
        tests.append(choices[0] if len(choices) == 1 else {"$or": choices})
    return tests[0] if len(tests) == 1 else {"$and": tests}


_ALWAYS: _Pattern = {"kind": "decision"}


def _key(kind: str, name: str) -> str:
    return f"{kind}_{name}"


def _too_large(rule: _Rule, how: str) -> EngineError:
    return EngineError(f"the condition of {rule.target[1]} {how}; give parts of it a name in concepts.yaml")


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """One alternative of a rule in one form: what it stands on, each name with its key in the message.

    `firing` is made ahead where the words can be no others.
    """

    rule: _Rule
    on: tuple[tuple[str, str], ...]
    firing: Firing | None


class _Met(NamedTuple):
    """What fires under one condition, by place.

    To `sure` nothing can be added; `parts` may have to be joined with other forms of the same target.
    """

    sure: dict[int, Firing]
    parts: dict[int, list[_Form]]


class _Network:
    """Rules compiled into as many small rulesets as durable_rules' limits ask for; each condition is asked once."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        asked: dict[_Condition, _Met] = {(): _Met({}, {})}
        for rule in rules:
            alternatives = logic.alternatives(rule.when)
            for alternative in alternatives:
                tests = _condition(alternative, rule.applies)
                if tests is None:
                    continue
                if sum(len(words) for _, words in tests) > _MOST_CONDITIONS:
                    raise _too_large(rule, f"names more than {_MOST_CONDITIONS} values")
                condition = ((_key("section", rule.section), ("shown",)), *tests) if rule.section else tests
                met = asked.setdefault(condition, _Met({}, {}))
                form = _form(rule, alternative, tests)
                if form.firing and len(alternatives) == 1 and len(alternative) <= 1:  # its two forms exclude each other
                    met.sure[rule.place] = form.firing
                else:
                    met.parts.setdefault(rule.place, []).append(form)
        self._rulesets = [_Ruleset(chunk) for chunk in _chunks(asked)]

    def fire(self, known: Mapping[str, str]) -> dict[int, Firing]:
        """What fires on all that is known about a child, by its place and each target once.

        A target is definite where its condition is true and conditional where it is open.
        """
        fired: dict[int, Firing] = {}
        parts: dict[int, list[_Form]] = {}
        for ruleset in self._rulesets:
            for met in ruleset.fire(known):
                fired |= met.sure
                for place, forms in met.parts.items():
                    parts[place] = parts[place] + forms if place in parts else forms
        for place, forms in parts.items():
            fired[place] = _joined(forms, known)
        return fired


def _form(rule: _Rule, alternative: Sequence[logic.Literal], condition: _Condition) -> _Form:
    names = [part.field if isinstance(part, logic.Answer) else part.concept for part in alternative]
    words = [words[0] for _, words in condition if len(words) == 1]
    fixed = dict(zip(names, words, strict=True)) if len(words) == len(names) else None
    return _Form(
        rule,
        on=tuple((name, key) for name, (key, _) in zip(names, condition, strict=True)),
        firing=None if fixed is None else Firing(*rule.target, rule.applies, fixed),
    )


def _joined(forms: Sequence[_Form], known: Mapping[str, str]) -> Firing:
    """The firing of a target, some forms of which are met."""
    if len(forms) > 1:
        forms = [form for form in forms if form.rule.applies == "definite"] or forms
    first = forms[0]
    if first.firing and len(forms) == 1:
        return first.firing
    on = {name: known[key] for form in forms for name, key in form.on}
    return Firing(*first.rule.target, first.rule.applies, on)


def _chunks(asked: Mapping[_Condition, _Met]) -> Iterator[dict[_Condition, _Met]]:
    """As many conditions at a time as fit into one ruleset."""
    chunk: dict[_Condition, _Met] = {}
    named: set[tuple[str, str]] = set()
    for condition, met in asked.items():
        needed = {(key, word) for key, words in condition for word in words}
        if len(chunk) >= _MOST_RULES or len(named | needed) > _MOST_CONDITIONS:
            yield chunk
            chunk, named = {}, set()
        chunk[condition] = met
        named |= needed
    yield chunk


class _Ruleset:
    """One compiled ruleset of durable_rules. It tells what belongs to the conditions that are met."""

    def __init__(self, asked: Mapping[_Condition, _Met]) -> None:
        self._met: dict[str, _Met] = {_CATCH_ALL: asked.get((), _Met({}, {}))}
        self._definition = {_CATCH_ALL: {"all": [{"m": _ALWAYS}]}}
        for number, condition in enumerate(filter(None, asked)):
            name = f"{number:02}"  # two characters, as all names of rules have here
            self._met[name] = asked[condition]
            self._definition[name] = {"all": [{"m": _pattern(condition)}]}
        self._keys = sorted({key for condition in asked for key, _ in condition})
        self._message = json.dumps({"id": _SID, "sid": _SID, **_ALWAYS, **dict.fromkeys(self._keys, "%s")})
        self._lock = threading.Lock()
        self._compile()
        _rulesets.add(self)

    def _compile(self) -> None:
        try:
            handle = _durable.create_ruleset(f"explainer-{next(_numbers)}", json.dumps(self._definition))
        except Exception as error:  # durable_rules raises its own bare exceptions, with a number for a message
            raise EngineError(f"durable_rules refused the rules: {error}") from error
        self._compiled = _Compiled(handle)
        # Not at exit: a daemon thread may still decide then, and the process frees the memory anyway.
        weakref.finalize(self, _Compiled.delete, self._compiled).atexit = False

    def fire(self, known: Mapping[str, str]) -> list[_Met]:
        message = self._message % tuple([known[key] for key in self._keys])  # plain words, which need no escaping
        names: list[str] = []
        with self._lock:
            if self._compiled.state == "busy":  # an evaluation was broken off (Ctrl-C, say), its answers are in there
                self._compile()
            compiled = self._compiled
            handle, advance = compiled.handle, _durable.complete_and_start_action
            compiled.state = "busy"
            _, state = _durable.assert_fact(handle, message)
            _, firing = _durable.start_action_for_state(handle, state) or (None, None)
            while firing is not None:  # every action is finished: a state with an open one is not to be used again
                names.append(firing[2:4])  # its one key, after a brace and a quote; the rest is our own message again
                firing = advance(handle, state)
            if _CATCH_ALL not in names:
                raise EngineError("durable_rules lost a firing")
            _durable.retract_fact(handle, _FACT)
            compiled.state = "idle"
        return [self._met[name] for name in names]

    def free(self) -> None:
        """Makes a ruleset usable in a forked child, whose parent may have been in the midst of an evaluation."""
        self._lock = threading.Lock()


class _Compiled:
    """A ruleset as durable_rules holds it, and the one state in which all its evaluations take place, one by one."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.state: Literal["fresh", "busy", "idle"] = "fresh"

    def delete(self) -> None:
        if self.state == "idle":  # to delete one that was left in the midst may crash the process
            _durable.delete_state(self.handle, _SID)
        _durable.delete_ruleset(self.handle)


_rulesets: weakref.WeakSet[_Ruleset] = weakref.WeakSet()


def _free_rulesets() -> None:
    for ruleset in _rulesets:
        ruleset.free()


os.register_at_fork(after_in_child=_free_rulesets)

_CATCH_ALL = "**"
_FACT = json.dumps({"id": _SID, "sid": _SID})
