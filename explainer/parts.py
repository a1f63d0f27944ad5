"""The parts that explanations are put together from.

Each part depends on a few answers only. So it has few forms, and each of these is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from explainer import explanation as out
from explainer import logic
from explainer.engine import Decision, Firing, Kind
from explainer.glossary import Glossary
from explainer.kept import kept_by
from explainer.knowledge import POSITIONS, Knowledge, Notice, Position, Question, Review, Rule, Section, Timing, Topic
from explainer.phrasing import Phrasing

Made = TypeVar("Made")

MOST_SECTIONS = 1024
"""How many forms of a section are kept. Some have more; what is not kept is soon put together from its statements."""


class Decided(NamedTuple):
    """One child's answers, and what the engine has decided about them."""

    answers: Mapping[str, str]
    decision: Decision

    def firing(self, kind: Kind, name: str) -> Firing:
        return next(firing for firing in self.decision.trace if (firing.kind, firing.name) == (kind, name))


class Because(NamedTuple):
    """Why something is told, and the answers not known that this depends on."""

    reasons: tuple[str, ...]
    unknown: tuple[str, ...]


class Told(NamedTuple):
    """A section as it is told. Of each topic, those statements are together that hang on the same condition.

    `unknown` are the answers not known that it depends on, `words` the hard words in it, and `asks` the questions that
    those of its statements bring which are certain. Of a phase that lies behind, only what goes on brings any: other
    questions have had their answers.
    """

    section: out.Section
    unknown: tuple[str, ...]
    words: tuple[str, ...]
    asks: tuple[out.Question, ...]


class Parts:
    """The parts for one knowledge, each of which is given a child. May be shared between threads.

    `place` is where the child is on the path, and `order` all sections as they would be read there. By the name of each
    there are `sections` for a child to whom they are shown (None where no statement of it is), and `asks` with what to
    ask the care team about an answer not known. `notices` go by name and words, for some have two kinds of words.
    """

    def __init__(
        self, knowledge: Knowledge, phrasing: Phrasing, glossary: Glossary[out.Term], reviews: Mapping[str, Review]
    ) -> None:
        self._knowledge = knowledge
        self._phrasing = phrasing
        self._glossary = glossary
        self._reviews = reviews
        self._same: dict[out.Statement, out.Statement] = {}  # one object for all that are equal: `is` tells
        path, related = knowledge.path, knowledge.source.related_field
        self.place = self._part(self._place, [path.stage_field], [place.when for place in path.places])
        self.notices = {
            (notice.id, notice.say): self._part(partial(self._notice, notice), [related])
            for whole in knowledge.notices
            for notice in (whole, whole.in_part)
        }
        self.order = self._part(self._in_order, [path.stage_field], [s.leads_when for s in knowledge.sections])
        self.sections = {section.id: self._section(section) for section in knowledge.sections}
        self.asks = {
            question.field: self._part(partial(self._ask, question), whens=[team.when for team in question.team])
            for question in knowledge.questions
        }

    def _part(
        self, make: Callable[[Decided], Made], fields: Iterable[str] = (), whens: Iterable[logic.When] = ()
    ) -> Callable[[Decided], Made]:
        """A part that depends on the answers to some questions, and to those that some conditions look at."""
        looked_at = [name for when in whens for name in logic.fields_of(when, self._knowledge.definition)]
        words = logic.words_of([*fields, *looked_at])
        return kept_by(lambda child: words(child.answers), make)

    def _section(self, section: Section) -> Callable[[Decided], Told | None]:
        """A section depends on answers, and on what is decided about its statements."""
        statements = {
            section.statement_id(rule): self._statement(section, topic, rule)
            for topic in section.topics
            for rule in topic.rules
        }
        frame = logic.fields_of(section.shown_when, self._knowledge.definition)
        looked_at = [field for rule in section.rules for field in self._looked_at(section, rule)]
        words = logic.words_of([self._knowledge.path.stage_field, *frame, *looked_at])
        return kept_by(
            lambda child: (words(child.answers), *map(child.decision.statements.get, statements)),
            partial(self._told, section, statements),
            MOST_SECTIONS,
        )

    def _statement(self, section: Section, topic: Topic, rule: Rule) -> Callable[[Decided], _Statement]:
        name = section.statement_id(rule)
        words = logic.words_of(self._looked_at(section, rule))
        return kept_by(
            lambda child: (words(child.answers), child.decision.statements[name]),
            partial(self._told_statement, section, topic, rule),
        )

    def _looked_at(self, section: Section, rule: Rule) -> list[str]:
        """The questions on which a statement depends. Where the child is matters if it may go on."""
        goes_on = logic.fields_of(rule.goes_on_when, self._knowledge.definition)
        stage = [self._knowledge.path.stage_field] if goes_on else []
        return [*self._knowledge.looked_at[section.statement_id(rule)], *goes_on, *stage]

    def _holds(self, when: logic.When, answers: Mapping[str, str]) -> bool:
        return logic.holds(when, answers, self._knowledge.definition)

    def _timing(self, section: Section, answers: Mapping[str, str]) -> Timing:
        return section.timing[answers[self._knowledge.path.stage_field]]

    def position(self, section: Section, answers: Mapping[str, str]) -> Position:
        """Where a section stands in the explanation for these answers, if it is shown."""
        return "leads" if self._holds(section.leads_when, answers) else self._timing(section, answers)

    def _in_order(self, child: Decided) -> tuple[Section, ...]:
        def place(section: Section) -> int:
            return POSITIONS.index(self.position(section, child.answers))

        return tuple(sorted(self._knowledge.sections, key=place))

    def _place(self, child: Decided) -> out.Place | None:
        path = self._knowledge.path
        stage = child.answers[path.stage_field]
        for place in path.places:
            if self._holds(place.when, child.answers):
                stops = [out.Stop(label=stop.label, here=stop.stage == stage) for stop in path.stops]
                return out.Place(text=place.say, stops=tuple(stops) if place.map else ())
        return None

    def _notice(self, notice: Notice, child: Decided) -> out.Notice:
        source = self._knowledge.source
        answer = child.answers[source.related_field]
        pattern = self._knowledge.phrases.related_page
        titles = [
            pattern.format(title=page.title, short=page.short) for page in source.related if page.answer == answer
        ]
        return out.Notice(id=notice.id, text=notice.say.replace("{page}", "".join(titles)))

    def _ask(self, question: Question, child: Decided) -> out.Question | None:
        say = next((team.say for team in question.team if self._holds(team.when, child.answers)), None)
        return out.Question(id=f"unknown.{question.field}", text=say, section=None, topic=None) if say else None

    def _told(
        self, section: Section, parts: Mapping[str, Callable[[Decided], _Statement]], child: Decided
    ) -> Told | None:
        made = _grouped(part(child) for name, part in parts.items() if name in child.decision.statements)
        if not made:
            return None
        timing = self._timing(section, child.answers)
        frame = self._because(child, child.firing("section", section.id), section.shown_when)
        review = self._reviews.get(section.id)
        statements = tuple([one.statement for one in made])
        texts = [section.title_at(timing)]
        for statement in statements:
            texts += [statement.topic, statement.text, statement.condition or ""]
        return Told(
            section=out.Section(
                id=section.id,
                title=section.title_at(timing),
                timing=timing,
                because=frame.reasons,
                statements=statements,
                reviewed=out.Review(by=review.by, on=review.on) if review else None,
            ),
            unknown=tuple({name for because in (frame, *(one.because for one in made)) for name in because.unknown}),
            words=tuple(self._glossary.names_in(texts)),
            asks=tuple([one.ask for one in made if one.ask and (timing != "earlier" or one.statement.goes_on)]),
        )

    def _told_statement(self, section: Section, topic: Topic, rule: Rule, child: Decided) -> _Statement:
        name = section.statement_id(rule)
        rest = logic.simplify(rule.when, child.answers, self._knowledge.definition)
        firing = child.firing("statement", name)
        because = self._because(child, firing, rest)
        statement = out.Statement(
            id=name,
            text=rule.say,
            applies=firing.applies,
            condition=self._phrasing.condition(rest) if because.unknown else None,
            certainty=rule.certainty,
            facts=rule.facts,
            because=because.reasons or (section.everyone,),
            for_everyone=rule.when == logic.TRUE,
            goes_on=self._timing(section, child.answers) == "earlier" and self._holds(rule.goes_on_when, child.answers),
            passages=tuple(dict.fromkeys(map(self._phrasing.passage, rule.facts))),
            topic=topic.title,
        )
        asks = rule.ask if firing.applies == "definite" else None
        ask = out.Question(id=name, text=asks, section=section.id, topic=topic.title) if asks else None
        return _Statement(self._same.setdefault(statement, statement), because, ask)

    def _because(self, child: Decided, firing: Firing, when: logic.When) -> Because:
        """Why a rule fired. Each answer not known that the condition looks at is worth a question, so it is told."""
        fields = logic.fields_of(when, self._knowledge.definition)
        unknown = tuple(name for name in fields if child.answers[name] == logic.UNKNOWN)
        reasons = self._phrasing.reasons(firing, child.decision, child.answers)
        return Because((*reasons, self._phrasing.not_known(unknown)) if unknown else reasons, unknown)


class _Statement(NamedTuple):
    """A statement, why it is told, and the question that it brings."""

    statement: out.Statement
    because: Because
    ask: out.Question | None


def _grouped(made: Iterable[_Statement]) -> list[_Statement]:
    """What goes on comes first. Statements of a topic that hang on the same condition stand where the first does."""
    first: dict[tuple[bool, str, str], int] = {}

    def place(numbered: tuple[int, _Statement]) -> tuple[bool, int]:
        number, one = numbered
        told = one.statement
        if told.condition is None:
            return not told.goes_on, number
        return not told.goes_on, first.setdefault((told.goes_on, told.topic, told.condition), number)

    return [one for _, one in sorted(enumerate(made), key=place)]
