"""The parts that explanations are put together from.

Each part depends on a few answers only. So it has few forms, and each of these is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from explainer import explanation as shape
from explainer import logic
from explainer.engine import Decision, Firing, Kind
from explainer.glossary import Glossary
from explainer.kept import kept_by
from explainer.knowledge import TIMINGS, Knowledge, Notice, Question, Rule, Section, Topic
from explainer.phrasing import Phrasing

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Child:
    """One child's answers, and what the engine has decided about them."""

    answers: Mapping[str, str]
    decision: Decision

    def firing(self, kind: Kind, name: str) -> Firing:
        return next(firing for firing in self.decision.trace if (firing.kind, firing.name) == (kind, name))


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is told, and the answers not known that this depends on."""

    reasons: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a topic: statements, with those together that hang on the same condition.

    `unknown` are the answers not known that they depend on, `words` the hard words in them, and `asks` the questions
    that those of them bring which are certain.
    """

    statements: tuple[shape.Statement, ...]
    unknown: frozenset[str]
    words: frozenset[str]
    asks: tuple[shape.Question, ...]


class Parts:
    """The parts for one knowledge, each of which is given a child. May be shared between threads.

    `place` is where the child is on the path, and `order` all sections as they would be read there. By the name of each
    there are `notices`, and `asks` with what to ask the care team about an answer not known; by section `becauses`, and
    `topics` in their order.
    """

    def __init__(self, knowledge: Knowledge, phrasing: Phrasing, glossary: Glossary[shape.Term]) -> None:
        self._knowledge = knowledge
        self._phrasing = phrasing
        self._glossary = glossary
        path, related = knowledge.path, knowledge.source.related_field
        self.place = self._part(self._place, [path.stage_field], [place.when for place in path.places])
        self.notices = {n.id: self._part(partial(self._notice, n), [related]) for n in knowledge.notices}
        self.becauses = {s.id: self._part(partial(self._frame, s), whens=[s.shown_when]) for s in knowledge.sections}
        self.topics = {s.id: [self._topic(s, topic) for topic in s.topics] for s in knowledge.sections}
        self.order = self._part(self._in_order, [path.stage_field], [s.leads_when for s in knowledge.sections])
        self.asks = {
            question.field: self._part(partial(self._ask, question), whens=[team.when for team in question.team])
            for question in knowledge.questions
        }

    def _part(
        self, make: Callable[[Child], Made], fields: Sequence[str] = (), whens: Iterable[logic.When] = ()
    ) -> Callable[[Child], Made]:
        """A part that depends on the answers to some questions, and to those that some conditions look at."""
        looked_at = [name for when in whens for name in logic.fields_of(when, self._knowledge.definition)]
        words = logic.words_of([*fields, *looked_at])
        return kept_by(lambda child: words(child.answers), make)

    def _topic(self, section: Section, topic: Topic) -> Callable[[Child], Told]:
        """What is told of a topic. It depends on answers, and on what is decided about the statements."""
        rules = {section.statement_id(rule): rule for rule in topic.rules}
        words = logic.words_of([field for name in rules for field in self._knowledge.looked_at[name]])
        return kept_by(
            lambda child: (words(child.answers), *map(child.decision.statements.get, rules)),
            partial(self._told, section, topic, rules),
        )

    def _holds(self, when: logic.When, child: Child) -> bool:
        return logic.simplify(when, child.answers, self._knowledge.definition) == logic.TRUE

    def _in_order(self, child: Child) -> tuple[Section, ...]:
        stage = child.answers[self._knowledge.path.stage_field]

        def place(section: Section) -> tuple[bool, int]:
            return not self._holds(section.leads_when, child), TIMINGS.index(section.timing[stage])

        return tuple(sorted(self._knowledge.sections, key=place))

    def _place(self, child: Child) -> shape.Place | None:
        path = self._knowledge.path
        stage = child.answers[path.stage_field]
        for place in path.places:
            if self._holds(place.when, child):
                stops = [shape.Stop(label=stop.label, here=stop.stage == stage) for stop in path.stops]
                return shape.Place(text=place.say, stops=tuple(stops) if place.map else ())
        return None

    def _notice(self, notice: Notice, child: Child) -> shape.Notice:
        source = self._knowledge.source
        answer = child.answers[source.related_field]
        pattern = self._knowledge.phrases.related_page
        titles = [
            pattern.format(title=page.title, short=page.short) for page in source.related if page.answer == answer
        ]
        return shape.Notice(id=notice.id, text=notice.say.replace("{page}", "".join(titles)))

    def _frame(self, section: Section, child: Child) -> Because:
        return self._because(child, child.firing("section", section.id), section.shown_when)

    def _ask(self, question: Question, child: Child) -> shape.Question | None:
        say = next((team.say for team in question.team if self._holds(team.when, child)), None)
        return shape.Question(id=f"unknown.{question.field}", text=say, section=None, topic=None) if say else None

    def _told(self, section: Section, topic: Topic, rules: Mapping[str, Rule], child: Child) -> Told:
        made = [
            self._statement(n, section, topic, r, child) for n, r in rules.items() if n in child.decision.statements
        ]
        statements = _grouped([statement for statement, _ in made])
        texts = [topic.title, *(text for told in statements for text in (told.text, told.condition or ""))]
        asked = [(told.id, rules[told.id].ask) for told in statements if told.applies == "definite"]
        return Told(
            statements=statements,
            unknown=frozenset(name for _, because in made for name in because.unknown),
            words=frozenset(self._glossary.names_in(texts)) if statements else frozenset(),
            asks=tuple(
                shape.Question(id=n, text=ask, section=section.id, topic=topic.title) for n, ask in asked if ask
            ),
        )

    def _statement(
        self, name: str, section: Section, topic: Topic, rule: Rule, child: Child
    ) -> tuple[shape.Statement, Because]:
        rest = logic.simplify(rule.when, child.answers, self._knowledge.definition)
        firing = child.firing("statement", name)
        because = self._because(child, firing, rest)
        statement = shape.Statement(
            id=name,
            text=rule.say,
            applies=firing.applies,
            condition=self._phrasing.condition(rest) if because.unknown else None,
            certainty=rule.certainty,
            facts=rule.facts,
            because=because.reasons or (section.everyone,),
            for_everyone=rule.when == logic.TRUE,
            passages=tuple(dict.fromkeys(map(self._phrasing.passage, rule.facts))),
            topic=topic.title,
        )
        return statement, because

    def _because(self, child: Child, firing: Firing, when: logic.When) -> Because:
        """Why a rule fired. Each answer not known that the condition looks at is worth a question, so it is told."""
        fields = logic.fields_of(when, self._knowledge.definition)
        unknown = tuple(name for name in fields if child.answers[name] == logic.UNKNOWN)
        reasons = self._phrasing.reasons(firing, child.decision, child.answers)
        return Because((*reasons, self._phrasing.not_known(unknown)) if unknown else reasons, unknown)


def _grouped(statements: list[shape.Statement]) -> tuple[shape.Statement, ...]:
    """Statements that hang on the same condition, brought together where the first of them stands."""
    first: dict[str, int] = {}

    def place(numbered: tuple[int, shape.Statement]) -> int:
        number, statement = numbered
        return number if statement.condition is None else first.setdefault(statement.condition, number)

    return tuple(statement for _, statement in sorted(enumerate(statements), key=place))
