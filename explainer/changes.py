"""All the least changes of answers that would show a statement, or hide it: exactly, and without a search.

What has to hold is written as a choice of demands, each of which wants some fields to have one of some answers. A
demand is then met from the last question to the first: where the answer given does not do, it is changed; where the
questionnaire would not take an answer, or would drop one, that becomes a demand on the questions before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from explainer import logic
from explainer.influence import State, state
from explainer.knowledge import Knowledge, Rule, Section
from explainer.profile import ProfileModel

Answers = Mapping[str, str]
Demand = Mapping[str, frozenset[str]]
"""Fields, and the answers of which each must have one."""

Leaf = Callable[[logic.Answer], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Switches:
    """Answers to change, what the statement becomes by it, and the answers that are moot then."""

    answers: Mapping[str, str]
    becomes: State
    drops: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many answers are other than before."""
        return len(self.answers) + len(self.drops)


def least_changes(knowledge: Knowledge, profile: ProfileModel, section: Section, rule: Rule) -> list[Switches]:
    """Every change that shows a hidden statement, or hides a shown one, while no part of it would.

    A statement that is told as a possibility counts as shown. Answers become other answers, never `unknown`: to forget
    what is known makes no other child. Those that change the fewest answers come first, then those that leave nothing
    open, then in the order of the questions.
    """
    return _Turn(knowledge, profile.answers, section, rule).changes()


@dataclass(frozen=True)
class _Turn:
    knowledge: Knowledge
    given: Answers
    section: Section
    rule: Rule

    def changes(self) -> list[Switches]:
        demands = self._to_show() if self._state(self.given) == "no" else self._to_hide()
        names = list(self.knowledge.profile.questions)[::-1]
        found = dict.fromkeys(
            frozenset(switches.items()) for demand in demands for switches in self._meet(demand, names)
        )
        least = [dict(change) for change in found if not any(other < change for other in found)]
        return sorted(map(self._made, least), key=self._order)

    # --- what has to hold ------------------------------------------------------------------------

    def _to_show(self) -> list[Demand]:
        return _both(self._met(self.section.shown_when, _given), self._met(self.rule.when, self._not_ruled_out))

    def _to_hide(self) -> list[Demand]:
        return _either(
            self._failed(self.section.shown_when, self._not_given), self._failed(self.rule.when, self._ruled_out)
        )

    def _met(self, when: logic.When, leaf: Leaf) -> list[Demand]:
        """The demands of which one has to be met for a condition to hold."""
        match when:
            case logic.Answer(field):
                return [{field: leaf(when)}]
            case logic.Derived():
                return self._met(self.knowledge.definition(when), leaf)
            case logic.AllOf(parts):
                return reduce(_both, (self._met(part, leaf) for part in parts), [{}])
            case logic.AnyOf(parts):
                return reduce(_either, (self._met(part, leaf) for part in parts), [])

    def _failed(self, when: logic.When, leaf: Leaf) -> list[Demand]:
        """The demands of which one has to be met for a condition to fail."""
        match when:
            case logic.Answer(field):
                return [{field: leaf(when)}]
            case logic.Derived():
                return self._failed(self.knowledge.definition(when), leaf)
            case logic.AllOf(parts):
                return reduce(_either, (self._failed(part, leaf) for part in parts), [])
            case logic.AnyOf(parts):
                return reduce(_both, (self._failed(part, leaf) for part in parts), [{}])

    def _accepted(self, field: str) -> frozenset[str]:
        return frozenset(self.knowledge.profile.questions[field].accepted)

    def _not_ruled_out(self, answer: logic.Answer) -> frozenset[str]:
        return frozenset(answer.values) | {logic.UNKNOWN}

    def _not_given(self, answer: logic.Answer) -> frozenset[str]:
        return self._accepted(answer.field).difference(answer.values)

    def _ruled_out(self, answer: logic.Answer) -> frozenset[str]:
        return self._not_given(answer) - {logic.UNKNOWN}

    # --- how to bring it about -------------------------------------------------------------------

    def _meet(self, demand: Demand, names: list[str]) -> Iterator[dict[str, str]]:
        """Every way to meet a demand on the questions in `names`, which stand from the last to the first."""
        wanted = [number for number, name in enumerate(names) if name in demand]
        if not wanted:
            yield {}
            return
        name, earlier = names[wanted[0]], names[wanted[0] + 1 :]
        rest = {field: words for field, words in demand.items() if field != name}
        for word, needed in self._ways(name, demand[name]):
            switch = {} if word == self.given[name] else {name: word}
            for further in _both([rest], needed):
                for switches in self._meet(further, earlier):
                    yield switches | switch

    def _ways(self, name: str, wanted: frozenset[str]) -> Iterator[tuple[str, list[Demand]]]:
        """Answers to give so that a question ends up with a wanted one, and what each demands of earlier questions."""
        question, given = self.knowledge.profile.questions[name], self.given[name]
        if given in wanted:
            yield given, [{}] if given == question.default else self._met(question.allowed_when, _given)
        if given != question.default and question.default in wanted:
            yield given, self._failed(question.allowed_when, self._not_given)  # it is moot then, and dropped
        if given not in wanted:  # else a change of it would be one too many
            for word in question.values:
                if word in wanted:
                    yield word, [{}] if word == question.default else self._met(question.allowed_when, _given)

    # --- what comes of it ------------------------------------------------------------------------

    def _state(self, answers: Answers) -> State:
        return state(self.section, self.rule, answers, self.knowledge.definition)

    def _made(self, change: Answers) -> Switches:
        questions = self.knowledge.profile.questions
        after, dropped = self.knowledge.profile.settled({**self.given, **change})
        return Switches({name: change[name] for name in questions if name in change}, self._state(after), dropped)

    def _order(self, change: Switches) -> tuple[int, bool, int, list[tuple[int, int]]]:
        questions = self.knowledge.profile.questions
        places = {name: number for number, name in enumerate(questions)}
        listed = [(places[name], questions[name].values.index(word)) for name, word in change.answers.items()]
        return change.size, change.becomes == "conditional", len(listed), listed


def _given(answer: logic.Answer) -> frozenset[str]:
    return frozenset(answer.values)


def _both(one: Iterable[Demand], other: Iterable[Demand]) -> list[Demand]:
    """Demands that meet one of each; those that nothing can meet are left out."""
    others = list(other)
    joined = ({**a, **b, **{name: a[name] & b[name] for name in a.keys() & b.keys()}} for a in one for b in others)
    return _either([], (demand for demand in joined if all(demand.values())))


def _either(one: Iterable[Demand], other: Iterable[Demand]) -> list[Demand]:
    """Demands that meet one or the other, less those that want no less than another does."""
    kept = list(one)
    for demand in other:
        if not any(_wants_no_more(known, demand) for known in kept):
            kept = [*(known for known in kept if not _wants_no_more(demand, known)), demand]
    return kept


def _wants_no_more(one: Demand, other: Demand) -> bool:
    return all(name in other and other[name] <= words for name, words in one.items())
