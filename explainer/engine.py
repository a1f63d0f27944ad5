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
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, count
from operator import attrgetter, itemgetter
from typing import Any, Literal, NamedTuple

from explainer import logic
from explainer.errors import EngineError, shown
from explainer.knowledge import Concept, Knowledge
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
_STATE: Mapping[Applies, State] = {"definite": "true", "conditional": "open"}

# durable_rules fails at 65 first conditions that match one fact and at 255 keys in one fact, and hangs at 512
# conditions: stay below.
_MOST_RULES = 63
_MOST_TESTS = 200
_MOST_NAMES = 200
_MOST_KEPT = 10_000
"""So many outcomes are kept for each condition, and so many that came of several alternatives in each network."""
_SID = "s"
_numbers = count()


class Firing(NamedTuple):
    """One rule that fired: what it showed or derived, how surely, and on which answers and concepts."""

    kind: Kind
    name: str
    applies: Applies
    on: Mapping[str, str]


class Decision(NamedTuple):
    """What the rules say about one profile. A name that is not listed is false, or not shown."""

    concepts: Mapping[str, State]
    sections: tuple[str, ...]
    notices: tuple[str, ...]
    statements: Mapping[str, Applies]
    trace: tuple[Firing, ...]


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
        questions = knowledge.profile.questions
        self._accepted = {name: question.accepted for name, question in questions.items()}
        self._allowed = {(name, word) for name, words in self._accepted.items() for word in words}
        self._concepts = {concept.id: _key("concept", concept.id) for concept in knowledge.concepts}
        if len(self._accepted) + len(self._concepts) > _MOST_NAMES:
            raise EngineError(f"there are more than {_MOST_NAMES} questions and concepts, which is past the engine")
        sections = [_key("section", section.id) for section in knowledge.sections]
        self._nothing_known = dict.fromkeys((*self._accepted, *self._concepts.values(), *sections), "false")
        strata = list(_stratify(knowledge.concepts))
        rules = list(_rules(strata, knowledge))
        sizes = [len(knowledge.concepts), len(knowledge.sections), len(knowledge.notices)]
        self._first = list(accumulate(sizes))  # the places of the first section, notice and statement
        lone = {
            concept.id: (concept.when.field, _states(concept.when, self._accepted[concept.when.field]))
            for concept in knowledge.concepts
            if isinstance(concept.when, logic.Answer)
        }
        self._networks = [_Network(together, lone) for together in _by_turn(strata, rules, lone)]

    def decide(self, profile: ProfileModel) -> Decision:
        """Derives the concepts and collects what to show. Raises EngineError for answers no profile allows."""
        answers = profile.answers
        self._check(answers)
        known: dict[str, Any] = self._nothing_known | answers
        fired: dict[int, Firing] = {}
        for network in self._networks:
            network.fire(known, fired)
        places = sorted(fired)
        trace = tuple(map(fired.__getitem__, places))
        sections, notices, statements = [bisect_left(places, first) for first in self._first]
        return Decision(
            concepts={name: known[key] for name, key in self._concepts.items()},
            sections=tuple([firing.name for firing in trace[sections:notices]]),
            notices=tuple([firing.name for firing in trace[notices:statements]]),
            statements={firing.name: firing.applies for firing in trace[statements:]},
            trace=trace,
        )

    def _check(self, answers: Mapping[str, str]) -> None:
        """Refuses what no profile that was checked can hold: durable_rules is never to see it."""
        try:
            if len(answers) == len(self._accepted) and answers.items() <= self._allowed:
                return
        except TypeError:  # a list, say
            pass
        if answers.keys() != self._accepted.keys():
            raise EngineError("this profile answers the questions of other rules")
        name = next(name for name, word in answers.items() if word not in self._accepted[name])
        raise EngineError(f"{shown(answers[name])} is not an answer to {name}")


# --- compiling -------------------------------------------------------------------------------


class _Rule(NamedTuple):
    """One form of a rule: `definite` fires where the condition is true, `conditional` where it is true or open.

    Where a lone answer or concept decides, the conditional form fires only where that is open, which saves a firing.
    What has a later `place` stands later in the trace. A statement fires only where its `section` is shown. One that
    has no condition of its own fires along `with_section`, on the section's condition, and stands on nothing. A
    definite form beside which there is a conditional one is `twofold`.
    """

    target: Target
    applies: Applies
    when: logic.When
    place: int = 0
    section: str | None = None
    with_section: bool = False
    twofold: bool = False


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
        if any(logic.alternatives(rule.when)):
            yield from _both_forms(_Rule(("statement", name), "definite", rule.when, next(place), section.id))
        else:
            yield _Rule(("statement", name), "definite", section.shown_when, next(place), with_section=True)


def _both_forms(rule: _Rule) -> tuple[_Rule, _Rule]:
    return rule._replace(twofold=True), rule._replace(applies="conditional")


def _stratify(concepts: Iterable[Concept]) -> Iterator[list[Concept]]:
    """Concepts in layers: each stands on answers and on concepts of the layers before it."""
    waiting = list(concepts)
    while waiting:
        names = {concept.id for concept in waiting}
        ready = [concept for concept in waiting if not names & set(logic.concepts_of(concept.when))]
        if not ready:
            raise EngineError(f"these concepts stand on each other in a circle: {', '.join(sorted(names))}")
        yield ready
        waiting = [concept for concept in waiting if concept not in ready]


_Lone = Mapping[str, tuple[str, Mapping[str, State]]]
"""Concepts that a lone answer decides, which is asked in their place: its field, and what each word makes of them."""


def _states(when: logic.Answer, words: Iterable[str]) -> dict[str, State]:
    return {word: "true" if word in when.values else "open" if word == logic.UNKNOWN else "false" for word in words}


def _by_turn(strata: Iterable[Iterable[Concept]], rules: Sequence[_Rule], lone: _Lone) -> Iterator[list[_Rule]]:
    """The rules in turns: each as soon as the concepts that it stands on, and the sections, are known."""
    derived_in: dict[str, int] = {}

    def turn(when: logic.When) -> int:
        return max((derived_in[name] for name in logic.concepts_of(when) if name not in lone), default=0)

    for concept in chain.from_iterable(strata):
        derived_in[concept.id] = 1 + turn(concept.when)
    turns = {rule: turn(rule.when) for rule in rules}
    sections_in = 1 + max((turn for rule, turn in turns.items() if rule.target[0] == "section"), default=0)
    turns |= {rule: max(turn, sections_in) for rule, turn in turns.items() if rule.section}
    for number in sorted(set(turns.values())):
        yield [rule for rule, turn in turns.items() if turn == number]


_Test = tuple[str, tuple[str, ...]]
"""A key of what is known, and the words there that meet it."""
_Condition = tuple[_Test, ...]
"""Tests all of which are to be met."""


def _test(literal: logic.Literal, applies: Applies, lone: _Lone, *, alone: bool) -> _Test:
    """What a literal asks in one form."""
    match literal:
        case logic.Answer(key, sure):
            unsure: tuple[str, ...] = () if logic.UNKNOWN in sure else (logic.UNKNOWN,)
        case logic.Derived(concept, holds) if concept in lone:
            key, states = lone[concept]
            wanted = "true" if holds else "false"
            sure = tuple(word for word, state in states.items() if state == wanted)
            unsure = tuple(word for word, state in states.items() if state == "open")
        case logic.Derived(concept, holds):
            key, sure, unsure = _key("concept", concept), ("true" if holds else "false",), ("open",)
    if applies == "definite":
        return key, sure
    return key, unsure if alone else (*sure, *unsure)


def _condition(alternative: Sequence[logic.Literal], applies: Applies, lone: _Lone) -> _Condition | None:
    """What a list of literals asks in one form. None where that form adds nothing."""
    if not alternative:
        return () if applies == "definite" else None
    alone = len(alternative) == 1
    tests = tuple(_test(literal, applies, lone, alone=alone) for literal in alternative)
    return tests if all(words for _, words in tests) else None


def _pattern(names: Sequence[str]) -> dict[str, Any]:
    """One durable_rules pattern: the fact has all of these keys. Of several keys in one pattern it would read one."""
    tests = [{name: 1} for name in names]
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _key(kind: str, name: str) -> str:
    return f"{kind} {name}"


_Named = tuple[str, str, Mapping[str, str] | None]
"""What a firing stands on: its name, its key in what is known, and what the words there mean, if not themselves."""


def _named(literal: logic.Literal, lone: _Lone) -> _Named:
    if isinstance(literal, logic.Answer):
        return literal.field, literal.field, None
    return literal.concept, *lone.get(literal.concept, (_key("concept", literal.concept), None))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one alternative of a rule adds to what its target stands on. `number` counts the alternatives."""

    number: int
    firing: Firing


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What follows where a condition is met, by place: what fires, and parts to which others may add."""

    fired: dict[int, Firing] = field(default_factory=dict)
    parts: dict[int, tuple[_Part, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """One alternative of a rule in one form, under its condition.

    It stands by itself if it is `alone`. Otherwise it is joined with what else of the rule fires, and that takes the
    place of what stands by itself: so the definite form is told where both are met.
    """

    rule: _Rule
    number: int
    on: tuple[_Named, ...]
    alone: bool


class _Met:
    """What belongs to a condition. Its outcome is kept, once for each combination of the words that meet it."""

    __slots__ = ("_forms", "_of_words", "_words", "always")

    def __init__(self, condition: _Condition) -> None:
        loose = [key for key, words in condition if len(words) > 1]
        self._words: Callable[[Mapping[str, str]], object] | None = itemgetter(*loose) if loose else None
        self._of_words: dict[object, _Outcome] = {}
        self._forms: list[_Form] = []
        self.always: _Outcome | None = None
        """The outcome, once it is known, of a condition that only the same words meet."""

    def add(self, form: _Form) -> None:
        self._forms.append(form)

    def outcome(self, known: Mapping[str, str]) -> _Outcome:
        """What follows where the words that are known meet it."""
        words = self._words(known) if self._words else None
        found = self._of_words.get(words)
        if found is None:
            found = self._made(known)
            if self._words is None:
                self.always = found
            elif len(self._of_words) < _MOST_KEPT:
                self._of_words[words] = found
        return found

    def _made(self, known: Mapping[str, str]) -> _Outcome:
        outcome = _Outcome()
        for form in self._forms:
            rule = form.rule
            on = {name: meant[known[key]] if meant else known[key] for name, key, meant in form.on}
            firing = Firing(*rule.target, rule.applies, on)
            if not form.alone:
                outcome.parts[rule.place] = (*outcome.parts.get(rule.place, ()), _Part(form.number, firing))
            else:
                outcome.fired[rule.place] = firing
        return outcome


class _Network:
    """Rules compiled into as many small rulesets as durable_rules' limits ask for; each condition is asked once."""

    def __init__(self, rules: Sequence[_Rule], lone: _Lone) -> None:
        asked: dict[_Condition, _Met] = {(): _Met(())}
        for rule in rules:
            alternatives = logic.alternatives(rule.when)
            gate = ((_key("section", rule.section), ("true",)),) if rule.section else ()
            for number, alternative in enumerate(alternatives):
                tests = _condition(alternative, rule.applies, lone)
                if tests is None:
                    continue
                if len(tests) >= _MOST_TESTS:
                    said = f"joins {len(tests)} answers and concepts; give parts of it a name in concepts.yaml"
                    raise EngineError(f"the condition of {rule.target[1]} {said}")
                on = () if rule.with_section else tuple(_named(literal, lone) for literal in alternative)
                alone = len(alternatives) == 1 and (not rule.twofold or len(alternative) <= 1)
                condition = (*gate, *tests)
                asked.setdefault(condition, _Met(condition)).add(_Form(rule, number, on, alone))
        self._rulesets = [_Ruleset(chunk) for chunk in _chunks(asked)]
        derived = {rule.place: _key(*rule.target) for rule in rules if rule.target[0] in ("concept", "section")}
        self._derived = tuple(derived.items())
        self._joined: dict[tuple[_Part, ...], Firing] = {}

    def fire(self, known: dict[str, str], fired: dict[int, Firing]) -> None:
        """Adds what fires on all that is known about a child, by its place, and to what is known what is derived.

        A target is definite where its condition is true and conditional where it is open.
        """
        parts: dict[int, tuple[_Part, ...]] = {}
        for ruleset in self._rulesets:
            for met in ruleset.fire(known):
                outcome = met.always or met.outcome(known)
                if outcome.fired:
                    fired |= outcome.fired
                if outcome.parts:
                    for place, more in outcome.parts.items():
                        parts[place] = parts[place] + more if place in parts else more
        for place, some in parts.items():
            fired[place] = self._joined.get(some) or self._join(some)
        for place, key in self._derived:
            if place in fired:
                known[key] = _STATE[fired[place].applies]

    def _join(self, parts: tuple[_Part, ...]) -> Firing:
        """The firing of a target of which several alternatives may be met, in their order; it is kept."""
        met = [part for part in parts if part.firing.applies == "definite"] or parts
        on: dict[str, str] = {}
        for part in sorted(met, key=attrgetter("number")):
            on |= part.firing.on
        firing = met[0].firing._replace(on=on)
        if len(self._joined) < _MOST_KEPT:
            self._joined[parts] = firing
        return firing


def _chunks(asked: Mapping[_Condition, _Met]) -> Iterator[dict[_Condition, _Met]]:
    """As many conditions at a time as fit into one ruleset."""
    chunk: dict[_Condition, _Met] = {}
    tests: set[_Test] = set()
    for condition, met in asked.items():
        if len(chunk) >= _MOST_RULES or len(tests.union(condition)) > _MOST_TESTS:
            yield chunk
            chunk, tests = {}, set()
        chunk[condition] = met
        tests.update(condition)
    yield chunk


class _Ruleset:
    """One compiled ruleset of durable_rules. It tells what belongs to the conditions that are met.

    Tests are numbered, and the fact has a key for each that is met: `{"0": 1, "7": 1}`. So no word reaches
    durable_rules, and what it has to read, and repeats at each firing, is short.
    """

    def __init__(self, asked: Mapping[_Condition, _Met]) -> None:
        keys: dict[_Test, str] = {}
        self._met = {_CATCH_ALL: asked.get((), _Met(()))}
        self._definition = {_CATCH_ALL: {"all": [{"m": {"id": _SID}}]}}  # which every fact has
        for number, condition in enumerate(filter(None, asked)):
            name = f"{number:02}"  # two characters, as all names of rules have here
            pattern = _pattern([keys.setdefault(test, f"{len(keys):x}") for test in condition])
            self._definition[name] = {"all": [{"m": pattern}]}
            self._met[name] = asked[condition]
        adds: dict[str, dict[str, str]] = {}  # to the fact, for each word of what is known; most add nothing
        for (known, words), key in keys.items():
            by_word = adds.setdefault(known, defaultdict(str))
            for word in words:
                by_word[word] += f',"{key}":1'
        self._adds = tuple(adds.items())
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
        """What belongs to each condition that is met, in the order in which durable_rules tells it."""
        fact = "".join([by_word[known[key]] for key, by_word in self._adds])
        met: list[_Met] = []
        with self._lock:
            if self._compiled.state == "busy":  # an evaluation was broken off (Ctrl-C, say), its answers are in there
                self._compile()
            compiled = self._compiled
            handle, advance, by_name = compiled.handle, _durable.complete_and_start_action, self._met
            compiled.state = "busy"
            _, state = _durable.assert_fact(handle, f"{_FACT}{fact}}}")
            _, firing = _durable.start_action_for_state(handle, state) or (None, None)
            while firing is not None:  # every action is finished: a state with an open one is not to be used again
                met.append(by_name[firing[2:4]])  # its one key, after a brace and a quote; the rest is our own fact
                firing = advance(handle, state)
            if self._met[_CATCH_ALL] not in met:
                raise EngineError("durable_rules lost a firing")
            _durable.retract_fact(handle, _GONE)
            compiled.state = "idle"
        return met

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
_FACT = f'{{"id":"{_SID}","sid":"{_SID}"'
_GONE = json.dumps({"id": _SID, "sid": _SID})
