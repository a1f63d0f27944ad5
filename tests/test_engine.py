"""The engine: it decides what the rules say, and stays clear of what durable_rules cannot do."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from unittest.mock import Mock

import durable_rules_engine
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from pydantic import ValidationError

from explainer import Profile, logic
from explainer import engine as engine_module
from explainer.compose import composer
from explainer.engine import (
    Decision,
    Engine,
    Firing,
    _both_forms,
    _condition,
    _free_rulesets,
    _Lone,
    _Network,
    _Rule,
)
from explainer.errors import EngineError, shown
from explainer.knowledge import Concepts, Knowledge, Section
from explainer.loader import knowledge
from explainer.logic import AllOf, Answer, AnyOf, Derived, When
from explainer.oracle import Oracle, Raw
from explainer.profile import Field, ProfileModel, profile_model
from explainer.values import Names
from tests.oracle import Verdict, conditions, decide, shipped
from tests.strategies import UNKNOWN, VALUES, answers, profiles

_FREE = ["risk_group", "cell_type", "ph_status", "gene_changes", "csf_at_diagnosis", "remission", "mrd", "donor"]
FREE = {name: VALUES[name] for name in _FREE}
"""The fields that may all be answered in one and the same stage, consolidation."""


def verdict(decision: Decision) -> Verdict:
    return Verdict(dict(decision.concepts), decision.sections, decision.notices, {**decision.statements})


@st.composite
def worlds(draw: st.DrawFn) -> Oracle:
    """Random rules: up to three concepts, each on answers and those before it, and up to three statements."""
    concepts: Raw = {}
    for name in ("first", "second", "third")[: draw(st.integers(0, 3))]:
        concepts[name] = draw(conditions(FREE, tuple(concepts), once=True))
    whens = draw(st.lists(conditions(FREE, tuple(concepts), once=True), min_size=1, max_size=3))
    return world(concepts, {f"support.s{number}": when for number, when in enumerate(whens)})


def world(concepts: Raw, statements: Raw) -> Oracle:
    return Oracle(
        fields=VALUES,
        concepts=concepts,
        sections={"support": {"stage": "consolidation"}},
        statements={"support": statements},
    )


def knowledge_of(oracle: Oracle) -> Knowledge:
    """The shipped knowledge, but with the concepts and sections of `oracle`, and without notices."""
    names = Names(logic.Vocabulary(oracle.fields, tuple(oracle.concepts)), facts=("support.1a",))

    def section(name: str, shown_when: Raw) -> Section:
        told = {"facts": ["support.1a"], "certainty": "stated", "say": name}
        rules = [told | {"id": rule.partition(".")[2], "when": when} for rule, when in oracle.statements[name].items()]
        raw = {"id": name, "title": name, "everyone": name, "shown_when": shown_when, "timing": {}}
        return Section.model_validate(raw | {"topics": [{"title": name, "rules": rules}]}, context=names)

    concepts = [{"id": name, "phrase": name, "when": when} for name, when in oracle.concepts.items()]
    changed = {
        "concepts": Concepts.model_validate({"concepts": concepts}, context=names).concepts,
        "sections": [section(name, shown_when) for name, shown_when in oracle.sections.items()],
        "notices": (),
    }
    kept = {name: getattr(knowledge(), name) for name in Knowledge.model_fields}
    return Knowledge.model_validate(kept | changed)


def engine_of(oracle: Oracle) -> Engine:
    """Its rules, compiled; hypothesis is to look for others where some can never be true."""
    try:
        return Engine(knowledge_of(oracle))
    except ValidationError:
        reject()


def network(whens: Mapping[str, When]) -> _Network:
    """Statements by name, compiled in both forms."""
    rules = [_Rule(("statement", name), "definite", when, place) for place, (name, when) in enumerate(whens.items())]
    return _Network([form for rule in rules for form in _both_forms(rule)], {})


def expected(whens: Mapping[str, When], words: Mapping[str, str]) -> dict[str, str]:
    """What `network` has to fire, as explainer.logic sees it."""
    rest = {name: logic.simplify(when, words, logic.no_concepts) for name, when in whens.items()}
    return {name: "definite" if r == logic.TRUE else "conditional" for name, r in rest.items() if r != logic.FALSE}


def firings_of(compiled: _Network, words: Mapping[str, str]) -> list[Firing]:
    """What a network fires on answers alone."""
    told: dict[int, Firing] = {}
    compiled.fire(dict(words), told)
    return [*told.values()]


def fired(compiled: _Network, words: Mapping[str, str]) -> dict[str, str]:
    firings = firings_of(compiled, words)
    assert len({firing.name for firing in firings}) == len(firings)
    return {firing.name: firing.applies for firing in firings}


def run(code: str, **environment: str) -> str:
    """What a fresh process prints: some hazards would take this one down or leave threads in it."""
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def durable(patterns: Mapping[str, Any], message: Mapping[str, Any]) -> list[str]:
    """The rules that durable_rules fires when it is handed these patterns as they are."""
    rules = {name: {"all": [{"m": pattern}]} for name, pattern in patterns.items()}
    handle = durable_rules_engine.create_ruleset(f"raw-{len(patterns)}", json.dumps(rules))
    _, state = durable_rules_engine.assert_fact(handle, json.dumps({"id": "1", "sid": "1", **message}))
    _, firing = durable_rules_engine.start_action_for_state(handle, state) or (None, None)
    names = []
    while firing:
        names += json.loads(firing)
        firing = durable_rules_engine.complete_and_start_action(handle, state)
    return names


# --- deciding --------------------------------------------------------------------------------


@given(profiles())
def test_the_engine_decides_what_the_rules_say(profile: ProfileModel) -> None:
    """Concepts, sections, notices and statements are those of the raw rules, worked out a second time by hand."""
    assert verdict(composer().engine.decide(profile)) == decide(shipped(), profile.answers)


@given(worlds(), profiles(leukemia_type="all", stage="consolidation"))
def test_the_engine_decides_what_any_rules_say(oracle: Oracle, profile: ProfileModel) -> None:
    """Whatever an author writes, concepts on concepts among it, the engine and the oracle read it the same way."""
    assert verdict(engine_of(oracle).decide(profile)) == decide(oracle, profile.answers)


@given(conditions(VALUES), answers())
def test_the_engine_fires_where_logic_finds_a_condition_true_or_open(raw: Raw, words: dict[str, str]) -> None:
    """What is told and the words that say what is still open come from two places, and those always agree."""
    try:
        whens = {"statement": logic.parse(raw, logic.Vocabulary(VALUES))}
    except logic.WhenError:  # it can never be true
        reject()
    assert fired(network(whens), words) == expected(whens, words)


def test_concepts_are_derived_a_stratum_at_a_time() -> None:
    """A concept may stand on concepts, also on their absence, wherever in the file those are defined."""
    oracle = world(
        {
            "third": {"any": [{"concept": "second"}, {"mrd": "detected"}]},
            "second": {"not": {"concept": "first"}},
            "first": {"risk_group": "high"},
        },
        {"support.s": {"not": {"concept": "third"}}},
    )
    small = Engine(knowledge_of(oracle))
    for risk, states in {
        "high": {"first": "true", "second": "false", "third": "open"},
        "standard": {"first": "false", "second": "true", "third": "true"},
        UNKNOWN: {"first": "open", "second": "open", "third": "open"},
    }.items():
        profile = Profile(leukemia_type="all", stage="consolidation", risk_group=risk)
        assert small.decide(profile).concepts == states
        assert verdict(small.decide(profile)) == decide(oracle, profile.answers)


def test_concepts_in_a_circle_are_refused_by_name() -> None:
    """No order of evaluation could be right, so the members are named instead."""
    circle = world({"hen": {"concept": "egg"}, "egg": {"concept": "hen"}}, {"support.s": {"concept": "egg"}})
    with pytest.raises(EngineError, match="egg, hen"):
        Engine(knowledge_of(circle))


# --- the trace -------------------------------------------------------------------------------


@given(profiles())
def test_the_trace_names_what_each_firing_stands_on(profile: ProfileModel) -> None:
    """Every firing lists answers and concepts as they are; what is definite stands on nothing that is open."""
    decision = composer().engine.decide(profile)
    current = {**profile.answers, **decision.concepts}
    for firing in decision.trace:
        assert firing.on == {name: current[name] for name in firing.on}
        if firing.kind in ("concept", "statement"):
            assert bool({UNKNOWN, "open"} & {*firing.on.values()}) == (firing.applies == "conditional")


@given(profiles())
def test_the_trace_is_told_in_order_and_once(profile: ProfileModel) -> None:
    """First what is derived, then which sections and notices are shown, then statements; nothing is told twice."""
    trace = composer().engine.decide(profile).trace
    steps = [{"concept": 0, "section": 1, "notice": 1, "statement": 2}[firing.kind] for firing in trace]
    assert steps == sorted(steps)
    assert len({(firing.kind, firing.name) for firing in trace}) == len(trace)


def test_a_new_engine_traces_all_that_it_decides() -> None:
    """Whatever is derived, shown or told is in the trace, and nothing else is; the answers and states are named."""
    new = Engine(knowledge())
    for child in [Profile(), *(Profile.read(dict(scenario.profile)) for scenario in knowledge().scenarios)]:
        decision = new.decide(child)
        assert verdict(decision) == decide(shipped(), child.answers)
        assert {(firing.kind, firing.name) for firing in decision.trace} == {
            *(("concept", name) for name, state in decision.concepts.items() if state != "false"),
            *(("section", name) for name in decision.sections),
            *(("notice", name) for name in decision.notices),
            *(("statement", name) for name in decision.statements),
        }


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_decides_the_same(seed: str) -> None:
    """The same answers give the same decision, trace included, in every process and every time."""
    code = (
        "from explainer.compose import composer; from explainer.loader import knowledge as k\n"
        "for s in k().scenarios: print(composer().engine.decide(k().profile.read(dict(s.profile))))"
    )
    children = [Profile.read(dict(scenario.profile)) for scenario in knowledge().scenarios]
    told = run(code, PYTHONHASHSEED=seed).splitlines()
    assert told
    assert told == [str(composer().engine.decide(child)) for child in children]
    assert told == [str(composer().engine.decide(child)) for child in reversed(children)][::-1]


# --- hazards of durable_rules, each beside the proof that we stay clear of it ----------------------


def test_threads_may_share_an_engine() -> None:
    """A ruleset takes one evaluation at a time only, so callers from many threads take turns and none is told wrong."""
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
from explainer.compose import composer
from explainer.loader import knowledge

sys.setswitchinterval(1e-6)
children = [knowledge().profile.read(dict(scenario.profile)) for scenario in knowledge().scenarios]
alone = [composer().engine.decide(child) for child in children]
with ThreadPoolExecutor(8) as pool:
    print(list(pool.map(composer().engine.decide, children * 200)) == alone * 200)
"""
    assert run(code) == "True\n"


@pytest.mark.parametrize(
    "function", ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"]
)
def test_a_decision_that_is_broken_off_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """Ctrl-C or a time limit in the midst of one child's decision never puts its answers into the next child's."""
    deciding = Engine(knowledge())
    one, other = Profile(stage="induction", risk_group="high"), Profile(stage="relapsed", relapse_timing="late")
    right = deciding.decide(other)
    real = getattr(durable_rules_engine, function)
    for stop_at in range(1, 40, 3):
        calls = iter(range(1, 10_000))

        def interrupted(*given: object, calls: Iterator[int] = calls, stop_at: int = stop_at) -> object:
            done = real(*given)
            if next(calls) == stop_at:
                raise KeyboardInterrupt
            return done

        with monkeypatch.context() as patch:
            patch.setattr(durable_rules_engine, function, interrupted)
            with suppress(KeyboardInterrupt):
                deciding.decide(one)
        assert deciding.decide(other) == right


def test_a_forked_process_decides() -> None:
    """A child that is forked while other threads decide does not wait for ever for a lock that they held."""
    code = """
import os, threading
from explainer import Profile
from explainer.compose import composer
profile = Profile(stage="induction")
right = composer().engine.decide(profile)
done = threading.Event()
def busy():
    while not done.is_set():
        composer().engine.decide(profile)
for _ in range(3):
    threading.Thread(target=busy, daemon=True).start()
children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(0 if composer().engine.decide(profile) == right else 1)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
done.set()
"""
    assert run(code, PYTHONWARNINGS="ignore::DeprecationWarning").strip() == str([0] * 20)


def test_threads_that_start_together_share_one_engine() -> None:
    """The rules are loaded and compiled once, also when the first requests come all at the same time."""
    code = """
import threading
from explainer.compose import composer
found, start = [], threading.Barrier(8)
def first():
    start.wait()
    found.append(composer())
threads = [threading.Thread(target=first) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), len(set(map(id, found))))
"""
    assert run(code).split() == ["8", "1"]  # eight answers, one object


@pytest.fixture(scope="module")
def long_run() -> dict[str, int]:
    """What 20,000 decisions in one process, after a warm-up, leave behind: pages of memory and threads."""
    code = """
import json, threading
from pathlib import Path
from explainer import Profile
from explainer.compose import composer

profiles = [Profile(leukemia_type="aml"), Profile(stage="relapsed", relapse_site="csf")]
expected = [composer().engine.decide(profile) for profile in profiles]

def pages_after(times):
    for number in range(times):
        assert composer().engine.decide(profiles[number % 2]) == expected[number % 2]
    return int(Path("/proc/self/statm").read_text().split()[1])

before = pages_after(2_000)
print(json.dumps({"pages": pages_after(20_000) - before, "threads": threading.active_count()}))
"""
    left: dict[str, int] = json.loads(run(code))
    return left


def test_memory_stays_flat(long_run: dict[str, int]) -> None:
    """A server may decide for ever: 20,000 decisions leave less than one page of memory for every hundred of them."""
    assert long_run["pages"] < 200


def test_no_timer_threads_are_started(long_run: dict[str, int]) -> None:
    """The host of durable_rules starts threads that take firings from under a caller; we never start it."""
    host = """
import os, threading
from durable.lang import assert_fact, m, ruleset, when_all

with ruleset("hazard"):
    @when_all(m.answer == "x")
    def fire(c): pass

assert_fact("hazard", {"answer": "x"})
print(threading.active_count(), flush=True)
os._exit(0)
"""
    assert int(run(host)) > 1
    assert long_run["threads"] == 1


def test_states_do_not_pile_up() -> None:
    """With 1,024 live states durable_rules is out of memory; all decisions of a ruleset take place in one."""
    live = """
import json
import durable_rules_engine as durable

handle = durable.create_ruleset("hazard", json.dumps({"r": {"all": [{"m": {"answer": "x"}}]}}))
try:
    for number in range(2_000):
        durable.assert_fact(handle, json.dumps({"id": "1", "sid": str(number), "answer": "x"}))
except MemoryError:
    print(number)
"""
    assert int(run(live)) == 1_024
    first = composer().engine.decide(Profile(leukemia_type="aml"))
    assert all(composer().engine.decide(Profile(leukemia_type="aml")) == first for _ in range(5_000))


def spy(monkeypatch: pytest.MonkeyPatch, function: str) -> Mock:
    """Remembers every call of one function of durable_rules, and passes it on."""
    mock = Mock(wraps=getattr(durable_rules_engine, function))
    monkeypatch.setattr(durable_rules_engine, function, mock)
    return mock


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The rulesets that durable_rules is given for the shipped rules."""
    create = spy(monkeypatch, "create_ruleset")
    Engine(knowledge())
    return [json.loads(call.args[1]) for call in create.call_args_list]


def keys_tested(pattern: Any) -> set[str]:
    """The keys a pattern asks for. Fails on anything but a test that is met, and several of them joined."""
    [(key, inner)] = pattern.items()
    if key == "$and":
        assert len(inner) > 1
        return set().union(*(keys_tested(part) for part in inner))
    assert re.fullmatch("id|[0-9a-f]+", key)
    assert inner == ("s" if key == "id" else 1)
    return {key}


def test_the_shipped_rules_stay_within_the_narrow_grammar(compiled: list[dict[str, Any]]) -> None:
    """Each engine rule is one pattern without negation, comparison or `sid`, and no ruleset comes near a limit."""
    assert compiled
    for definition in compiled:
        assert len(definition) < 65
        for rule in definition.values():
            [pattern] = rule["all"]
            assert rule == {"all": [{"m": pattern["m"]}]}
            assert keys_tested(pattern["m"])


def test_what_rules_share_is_asked_once(compiled: list[dict[str, Any]]) -> None:
    """Each firing takes its time, so rules with the same condition share one rule of a ruleset."""
    for definition in compiled:
        patterns = [json.dumps(rule) for rule in definition.values()]
        assert len(set(patterns)) == len(patterns)


def test_what_a_ruleset_fired_before_leaves_no_mark() -> None:
    """All evaluations share one state; whichever child came before, the next one is told the same."""
    children = [Profile.read(dict(scenario.profile)) for scenario in knowledge().scenarios]
    alone = [Engine(knowledge()).decide(child) for child in children]
    for before in children:
        for child, right in zip(children, alone, strict=True):
            composer().engine.decide(before)
            assert composer().engine.decide(child) == right


@given(conditions(VALUES, ("first",)))
def test_any_condition_stays_within_the_narrow_grammar(raw: Raw) -> None:
    """However an author writes a condition, nothing reaches durable_rules that it would misread."""
    try:
        when = logic.parse(raw, logic.Vocabulary(VALUES, ("first",)))
    except logic.WhenError:  # it can never be true
        reject()
    with pytest.MonkeyPatch.context() as patch:
        create = spy(patch, "create_ruleset")
        network({"statement": when})
    for call in create.call_args_list:
        for rule in json.loads(call.args[1]).values():
            assert keys_tested(rule["all"][0]["m"])


def test_a_ruleset_where_nothing_matches_still_finishes_an_action(compiled: list[dict[str, Any]]) -> None:
    """Deleting a state in which no action started can crash the process, so one rule of each ruleset always fires."""
    for _ in range(100):  # each is freed at once, and its state with it
        quiet = network({"statement": Answer("field", ("x",))})
        assert firings_of(quiet, {"field": "y"}) == []
    for definition in compiled:
        assert {"all": [{"m": {"id": "s"}}]} in definition.values()


@pytest.mark.parametrize("word", ["relapsd", "", 1, None, 2**63, ["relapsed"], "\ud800", "x" * 70_000])
def test_only_words_of_the_questionnaire_reach_the_engine(word: object) -> None:
    """A profile that was made without its checks is refused, for durable_rules mixes up types and cuts long texts."""
    assert durable({"text": {"a": "1"}}, {"a": 1}) == ["text"]
    with pytest.raises(EngineError, match=f"^{re.escape(shown(word))} is not an answer to stage$"):
        composer().engine.decide(Profile.model_construct(**{**Profile().model_dump(), "stage": word}))


def test_a_profile_of_other_questions_is_refused() -> None:
    """Answers to the questions of other rules are never taken for answers to ours."""
    other = profile_model((Field("stage", ("induction", "relapsed")),))
    with pytest.raises(EngineError, match=r"^this profile answers the questions of other rules$"):
        composer().engine.decide(other(stage="relapsed"))


def test_an_or_across_fields_is_told_once() -> None:
    """Where several parts of an `any` are met, durable_rules would fire for each; the trace holds one, naming all."""
    assert durable({"r": {"$or": [{"a": "x"}, {"b": "x"}]}}, {"a": "x", "b": "x"}) == ["r", "r"]
    either = AnyOf((Answer("a", ("x",)), Answer("b", ("x",))))
    [firing] = firings_of(network({"s": either}), {"a": "x", "b": "x"})
    assert (firing.applies, firing.on) == ("definite", {"a": "x", "b": "x"})


def test_every_part_of_an_all_counts() -> None:
    """Of several keys in one pattern durable_rules reads only the first; ours are joined so that all are read."""
    assert durable({"r": {"a": "x", "b": "x"}}, {"a": "x", "b": "y"}) == ["r"]
    whens = {"s": AllOf((Answer("a", ("x",)), Answer("b", ("x",))))}
    assert fired(network(whens), {"a": "x", "b": "y"}) == {}
    assert fired(network(whens), {"a": "x", "b": "x"}) == {"s": "definite"}


ALL_X = {"shared": "x", **{f"f{number}": "x" for number in range(100)}}
MIXED = {"shared": "x", **{f"f{number}": ("x", "y", "z", UNKNOWN)[number % 4] for number in range(100)}}
SHARED = Answer("shared", ("x",))
DIFFERENT = {f"s{number}": Answer(f"f{number % 100}", ("xyz"[number // 100],)) for number in range(300)}


@pytest.mark.parametrize("words", [ALL_X, MIXED, {**MIXED, "shared": "x7"}, dict.fromkeys(ALL_X, UNKNOWN)])
@pytest.mark.parametrize(
    "whens",
    [
        DIFFERENT,
        {name: AllOf((SHARED, when)) for name, when in DIFFERENT.items()},
        dict.fromkeys(DIFFERENT, SHARED),
        {f"s{number}": Answer("shared", (f"x{number}",)) for number in range(600)},
    ],
    ids=["different first conditions", "one first condition shared", "one condition", "600 conditions"],
)
def test_many_rules_are_split_over_several_rulesets(whens: dict[str, When], words: dict[str, str]) -> None:
    """A section may grow past what one ruleset of durable_rules can hold, and still decides right."""
    assert fired(network(whens), words) == expected(whens, words)


def test_no_ruleset_holds_too_many_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    """512 conditions in one ruleset hang durable_rules at once, so rules that join many answers are spread thinner."""
    create = Mock()
    monkeypatch.setattr(durable_rules_engine, "create_ruleset", create)
    monkeypatch.setattr(durable_rules_engine, "delete_ruleset", Mock())
    network({f"s{n}": AllOf(tuple(Answer(f"f{n}_{part}", ("x",)) for part in range(10))) for n in range(40)})
    assert create.call_count > 1
    assert all(len(set(re.findall(r'"([0-9a-f]+)": 1', call.args[1]))) <= 200 for call in create.call_args_list)


@pytest.mark.parametrize(
    ("patterns", "code"),
    [
        ({f"r{number}": {f"f{number}": "x"} for number in range(65)}, 303),
        ({f"r{number}": {"shared": "x"} for number in range(260)}, 108),
    ],
    ids=["65 first conditions", "260 rules that share one"],
)
def test_durable_rules_fails_where_we_split_or_refuse(patterns: dict[str, Any], code: int) -> None:
    """The limits that we stay clear of are there; should they go, so may our splitting."""
    with pytest.raises(durable_rules_engine.error, match=f"error code: {code}"):
        durable(patterns, ALL_X)


def test_a_condition_past_the_limits_is_refused_by_name() -> None:
    """An author reads which condition is too large for the engine, and what to do about it."""
    large = AllOf(tuple(Answer(f"f{number}", ("x",)) for number in range(200)))
    said = "the condition of induction.large joins 200 answers and concepts; give parts of it a name in concepts.yaml"
    with pytest.raises(EngineError, match=f"^{re.escape(said)}$"):
        network({"induction.large": large})


def test_a_condition_of_very_many_values_and_answers_is_decided() -> None:
    """Up to that limit an author may write what he likes."""
    many = tuple(f"x{number}" for number in range(1_000))
    large = AllOf((Answer("first", many), *(Answer(f"f{number}", ("x", "y")) for number in range(198))))
    words = {"first": "x7", **{f"f{number}": "xy"[number % 2] for number in range(198)}}
    [firing] = firings_of(network({"s": large}), words)
    assert (firing.applies, firing.on) == ("definite", words)
    assert fired(network({"s": large}), words | {"f3": UNKNOWN}) == {"s": "conditional"}
    assert fired(network({"s": large}), words | {"f3": "z"}) == {}


@given(worlds(), profiles(leukemia_type="all", stage="consolidation"))
def test_what_is_kept_changes_nothing(oracle: Oracle, profile: ProfileModel) -> None:
    """Outcomes and joined firings are kept only up to a number; past it the same is decided."""
    right = engine_of(oracle).decide(profile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "_MOST_KEPT", 0)
        other = engine_of(oracle)
        assert [other.decide(profile), other.decide(profile)] == [right, right]


def test_a_form_that_adds_nothing_is_not_asked() -> None:
    """Where a lone answer decides, the conditional form asks for what is open alone; without it, for nothing."""
    assert _condition((Answer("a", ("x",)),), "conditional", {}) == (("a", (UNKNOWN,)),)
    assert _condition((Answer("a", ("x", UNKNOWN)),), "conditional", {}) is None
    assert _condition((), "conditional", {}) is None
    assert _condition((), "definite", {}) == ()
    both = (Answer("a", ("x", UNKNOWN)), Answer("b", ("x",)))
    assert _condition(both, "conditional", {}) == (("a", ("x", UNKNOWN)), ("b", ("x", UNKNOWN)))


def test_a_concept_that_a_lone_answer_decides_is_asked_as_that_answer() -> None:
    """That saves waiting for it; what stands on it is told under its name, in whichever way it is used."""
    lone: _Lone = {"many": ("cells", {"none": "false", "some": "true", "many": "true", UNKNOWN: "open"})}
    met, not_met = Derived("many", holds=True), Derived("many", holds=False)
    assert _condition((met,), "definite", lone) == (("cells", ("some", "many")),)
    assert _condition((met,), "conditional", lone) == (("cells", (UNKNOWN,)),)
    assert _condition((not_met,), "definite", lone) == (("cells", ("none",)),)
    assert _condition((met, not_met), "conditional", lone) == (
        ("cells", ("some", "many", UNKNOWN)),
        ("cells", ("none", UNKNOWN)),
    )
    oracle = world(
        {"cells": {"csf_at_diagnosis": ["some", "many"]}},
        {"support.with": {"concept": "cells", "mrd": "detected"}, "support.without": {"not": {"concept": "cells"}}},
    )
    for cells, state in (("none", "false"), ("some", "true"), (UNKNOWN, "open")):
        child = Profile(stage="consolidation", csf_at_diagnosis=cells, mrd="detected")
        decision = Engine(knowledge_of(oracle)).decide(child)
        assert verdict(decision) == decide(oracle, child.answers)
        on = {firing.name: firing.on for firing in decision.trace}
        assert on.get("support.with") == (None if state == "false" else {"cells": state, "mrd": "detected"})
        assert on.get("support.without") == (None if state == "true" else {"cells": state})


def test_the_absence_of_a_concept_is_certain_only_where_it_is_known() -> None:
    """A rule may hang on a concept being false: then it is told, and as a possibility where that is open."""
    oracle = world(
        {"treated_more": {"risk_group": "high", "mrd": "detected"}},
        {"support.less": {"not": {"concept": "treated_more"}}},
    )
    small = Engine(knowledge_of(oracle))
    for mrd, applies in (("not_detected", "definite"), ("unknown", "conditional"), ("detected", None)):
        child = Profile(leukemia_type="all", stage="consolidation", risk_group="high", mrd=mrd)
        assert verdict(small.decide(child)) == decide(oracle, child.answers)
        assert small.decide(child).statements.get("support.less") == applies


def test_ways_that_come_to_the_same_are_both_told() -> None:
    """Where an answer meets a rule by itself and through a concept, the trace names it and the concept."""
    oracle = world(
        {"high": {"risk_group": "high"}}, {"support.s": {"any": [{"concept": "high"}, {"risk_group": "high"}]}}
    )
    child = Profile(leukemia_type="all", stage="consolidation", risk_group="high")
    decision = Engine(knowledge_of(oracle)).decide(child)
    [on] = [firing.on for firing in decision.trace if firing.name == "support.s"]
    assert on == {"high": "true", "risk_group": "high"}


def test_an_alternative_that_adds_nothing_takes_no_other_with_it() -> None:
    """Whether an answer is known may be one way to meet a condition; the other ways count as ever."""
    either = network({"s": AnyOf((Answer("a", (UNKNOWN,)), Answer("b", ("x",))))})
    assert fired(either, {"a": "y", "b": UNKNOWN}) == {"s": "conditional"}
    assert fired(either, {"a": UNKNOWN, "b": UNKNOWN}) == {"s": "definite"}


def test_an_alternative_of_several_parts_is_definite_where_all_of_them_are() -> None:
    """Both of its forms are met by the same words then, and the definite one is told."""
    both = AllOf((Answer("a", ("x",)), Answer("b", ("x",))))
    either = network({"s": AnyOf((both, Answer("c", ("x",))))})
    assert fired(either, {"a": "x", "b": "x", "c": "y"}) == {"s": "definite"}
    assert fired(either, {"a": "x", "b": UNKNOWN, "c": "y"}) == {"s": "conditional"}
    assert fired(either, {"a": "x", "b": "y", "c": "y"}) == {}


def test_a_firing_is_made_once_for_the_same_words_and_never_told_for_others() -> None:
    """That saves the time; one whose words may differ is made anew, for it names the words."""
    few = network({"s": Answer("a", ("x", "y")), "t": AnyOf((Answer("a", ("x",)), Answer("b", ("x",))))})
    words = {"a": "x", "b": "x"}
    assert [*map(id, firings_of(few, words))] == [*map(id, firings_of(few, words))]
    many = tuple(f"x{number}" for number in range(100))
    pairs = tuple(Answer(name, ("x", "y")) for name in "abc")
    for when in (
        AnyOf((Answer("a", many), Answer("b", many))),
        AllOf(pairs),
        AnyOf((AllOf(pairs), Answer("b", ("z",)))),
    ):
        loose = network({"s": when})
        for one, other in (("x", "y"), ("y", "x"), ("x1", "x2"), ("x3", "x4")):
            words = {"a": one, "b": other, "c": other}
            assert all(firing.on.items() <= words.items() for firing in firings_of(loose, words))
            assert bool(firings_of(loose, words)) == bool(expected({"s": when}, words))


def test_what_several_alternatives_have_met_is_told_in_their_order() -> None:
    """A reader is given the reasons in the order in which the author wrote them, not as they happen to be found."""
    fields = [f"f{number}" for number in range(9)]
    for order in (fields, fields[::-1]):
        [firing] = firings_of(network({"s": AnyOf(tuple(Answer(name, ("x",)) for name in order))}), ALL_X)
        assert list(firing.on) == order


def test_too_many_questions_and_concepts_are_refused() -> None:
    """Where one fact could not hold all there is to know about a child, an author is told so at once."""
    many = world({f"c{number}": {"mrd": "detected"} for number in range(200)}, {"support.s": {"mrd": "detected"}})
    with pytest.raises(EngineError, match="more than 200 questions and concepts"):
        Engine(knowledge_of(many))


def test_a_refusal_of_durable_rules_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bare exceptions, with a number for a message, never reach a caller."""
    monkeypatch.setattr(durable_rules_engine, "create_ruleset", lambda *_: 1 / 0)
    with pytest.raises(EngineError, match="durable_rules refused the rules: division by zero"):
        network({"statement": SHARED})


def test_a_lost_firing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the rule that always fires not fire, nothing is told at all, rather than less than the whole."""
    broken = network({"statement": SHARED})
    with monkeypatch.context() as patch:
        patch.setattr(durable_rules_engine, "start_action_for_state", lambda *_: None)
        with pytest.raises(EngineError, match=r"^durable_rules lost a firing$"):
            firings_of(broken, ALL_X)
    assert fired(broken, ALL_X) == {"statement": "definite"}


def test_a_failed_import_says_how_to_mend_it() -> None:
    """Where durable_rules was built without the flag that new Pythons need, one message tells of that flag."""
    told = run(
        "import sys; sys.modules['durable_rules_engine'] = None  # its import fails from here on\n"
        "from explainer import explain, Profile\n"
        "from explainer.errors import EngineError\n"
        "try: explain(Profile())\n"
        "except EngineError as error: print(error)"
    )
    assert re.fullmatch(
        r"durable_rules cannot be loaded \(.+CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject.+\n", told
    )


def test_a_dropped_engine_frees_its_rulesets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever loads rules again and again, as an author does, piles up nothing and harms no other engine."""
    before = composer().engine.decide(Profile())
    gc.collect()  # what other tests have dropped
    create, delete = spy(monkeypatch, "create_ruleset"), spy(monkeypatch, "delete_ruleset")
    forget = spy(monkeypatch, "delete_state")
    for _ in range(200):
        assert fired(network({"statement": SHARED}), ALL_X) == {"statement": "definite"}
    gc.collect()
    assert create.call_count == delete.call_count == forget.call_count == 200
    assert composer().engine.decide(Profile()) == before


def test_rules_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a decision that was broken off makes its rulesets anew."""
    new, child = Engine(knowledge()), Profile(stage="induction")
    before = new.decide(child)
    create = spy(monkeypatch, "create_ruleset")
    assert new.decide(child) == before
    assert create.call_count == 0


def test_rulesets_that_were_freed_decide_as_before() -> None:
    """What a forked child does to its locks leaves it able to decide."""
    child = Profile(stage="induction")
    before = composer().engine.decide(child)
    _free_rulesets()
    assert composer().engine.decide(child) == before


def test_a_missing_durable_rules_is_told_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the reason, and what to do word for word."""
    monkeypatch.setattr(engine_module, "_durable", None)
    monkeypatch.setattr(engine_module, "_IMPORT_ERROR", "no such symbol", raising=False)
    with pytest.raises(EngineError) as caught:
        Engine(knowledge())
    assert str(caught.value) == (
        "durable_rules cannot be loaded (no such symbol). It has to be built for this Python; install it "
        "again with CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject in the environment."
    )


def test_as_many_questions_and_concepts_as_fit_are_taken() -> None:
    """The limit itself is within it."""
    count = 200 - len(VALUES)
    most = world({f"c{number}": {"mrd": "detected"} for number in range(count)}, {"support.s": {"mrd": "detected"}})
    profile = Profile(leukemia_type="all", stage="consolidation", mrd="detected")
    assert set(Engine(knowledge_of(most)).decide(profile).concepts.values()) == {"true"}
