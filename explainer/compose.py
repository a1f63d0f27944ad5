"""Composes the explanation of one profile from what the rules decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from explainer import explanation as shape
from explainer import logic, review
from explainer.engine import Applies, Decision, Engine, Firing
from explainer.engine import engine as shipped_engine
from explainer.errors import shown
from explainer.glossary import Glossary
from explainer.influence import Influences
from explainer.knowledge import TIMINGS, Knowledge, Question, Rule, Section
from explainer.loader import knowledge as shipped_knowledge
from explainer.loader import once
from explainer.phrasing import Phrasing
from explainer.profile import ProfileModel


def explain(profile: ProfileModel, *, made_on: date | None = None) -> shape.Explanation:
    """The explanation for one profile, from the knowledge that ships with the package.

    The same profile always gives the same explanation; `made_on` is printed where it is given.
    Raises TypeError for anything else than a profile.
    """
    return composer().explain(profile, made_on=made_on)


@once
def composer() -> Composer:
    """The composer of the knowledge that ships with the package."""
    return Composer(shipped_knowledge(), shipped_engine())


class Composer:
    """Turns profiles into explanations. May be shared between threads."""

    def __init__(self, knowledge: Knowledge, engine: Engine | None = None) -> None:
        self.knowledge = knowledge
        self.engine = engine or Engine(knowledge)
        self.glossary = Glossary(knowledge.glossary)
        self.phrasing = Phrasing(knowledge)
        self.terms = {
            t.term: shape.Term(term=t.term, also=t.also, meaning=t.meaning, origin=t.origin) for t in knowledge.glossary
        }
        self.source = shape.Source(
            title=f"{knowledge.source.title} ({knowledge.source.short})",
            publisher=knowledge.source.publisher,
            revised=knowledge.source.revised,
            notice=knowledge.source.notice,
        )
        self.asks = {
            section.statement_id(rule): shape.Question(
                id=section.statement_id(rule), text=rule.ask, section=section.id, topic=topic.title
            )
            for section in knowledge.sections
            for topic in section.topics
            for rule in topic.rules
            if rule.ask
        }
        self.influences = Influences(knowledge)
        # A statement depends on nothing but the answers that its rule looks at, so each form of it is made only once.
        self.made: dict[tuple[str, Applies, tuple[str, ...]], _Told] = {}
        self.reviews = review.holding(knowledge)

    def explain(self, profile: ProfileModel, *, made_on: date | None = None) -> shape.Explanation:
        """The explanation for one profile of these rules.

        Raises TypeError for anything else than a profile, and EngineError for a profile of other rules.
        """
        if not isinstance(profile, ProfileModel):
            raise TypeError(f"a Profile is wanted, such as Profile(stage='induction'), not {shown(profile)}")
        return self.compose(profile, self.engine.decide(profile), made_on=made_on)

    def compose(self, profile: ProfileModel, decision: Decision, *, made_on: date | None = None) -> shape.Explanation:
        """The explanation of what the engine has decided about a profile."""
        return _Composition(self, profile, decision).explanation(made_on)


@dataclass(frozen=True, slots=True)
class _Told:
    """A statement in one of its forms, and the unknown answers that it depends on."""

    statement: shape.Statement
    open_fields: dict[str, None]


@dataclass
class _Composition:
    """One explanation under way."""

    composer: Composer
    profile: ProfileModel
    decision: Decision
    answers: dict[str, str] = field(init=False)
    firings: dict[tuple[str, str], Firing] = field(init=False)
    open_fields: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answers = self.profile.answers
        self.firings = {(firing.kind, firing.name): firing for firing in self.decision.trace}

    @property
    def knowledge(self) -> Knowledge:
        return self.composer.knowledge

    def explanation(self, made_on: date | None) -> shape.Explanation:
        sections = tuple(self._sections())
        notices = tuple(self._notices([section.id for section in sections]))
        place = self._place()
        questions = tuple(self._questions(sections))
        spoken = [
            *(place.text for place in [place] if place),
            *(part.text for parts in (notices, questions) for part in parts),
            *(text for section in sections for text in _texts(section)),
        ]
        terms = self.composer.glossary.used_in(spoken)
        return shape.Explanation(
            profile=self.profile.model_dump(),
            place=place,
            notices=notices,
            sections=sections,
            questions=questions,
            glossary=tuple(self.composer.terms[term.term] for term in terms),
            source=self.composer.source,
            made_on=made_on,
        )

    def _place(self) -> shape.Place | None:
        stage = self.answers[self.knowledge.path.stage_field]
        for place in self.knowledge.path.places:
            if self._holds(place.when):
                stops = [shape.Stop(label=s.label, here=s.stage == stage) for s in self.knowledge.path.stops]
                return shape.Place(text=place.say, stops=tuple(stops) if place.map else ())
        return None

    def _notices(self, sections: Sequence[str]) -> Iterator[shape.Notice]:
        source = self.knowledge.source
        pages = {page.answer: page for page in source.related}
        page = pages.get(self.answers[source.related_field])
        title = self.knowledge.phrases.related_page.format(title=page.title, short=page.short) if page else ""
        for notice in self.knowledge.notices:
            if notice.id in self.decision.notices and review.is_due(notice, sections, self.composer.reviews):
                yield shape.Notice(id=notice.id, text=notice.say.replace("{page}", title))

    def _sections(self) -> Iterator[shape.Section]:
        stage = self.answers[self.knowledge.path.stage_field]
        shown = [section for section in self.knowledge.sections if section.id in self.decision.sections]
        for section in sorted(shown, key=lambda section: TIMINGS.index(section.timing[stage])):
            statements = tuple(self._statements(section))
            if statements:
                yield shape.Section(
                    id=section.id,
                    title=section.title,
                    timing=section.timing[stage],
                    because=self._because(self.firings["section", section.id], self._open(section.shown_when)),
                    statements=statements,
                    reviewed=self._reviewed(section),
                )

    def _reviewed(self, section: Section) -> shape.Review | None:
        found = self.composer.reviews.get(section.id)
        return shape.Review(by=found.by, on=found.on) if found else None

    def _open(self, when: logic.When) -> list[str]:
        """The unknown answers that a condition looks at. They are noted, for each is worth a question."""
        fields = logic.fields_of(when, self.knowledge.definition)
        unknown = [name for name in fields if self.answers[name] == logic.UNKNOWN]
        self.open_fields |= dict.fromkeys(unknown)
        return unknown

    def _statements(self, section: Section) -> Iterator[shape.Statement]:
        for topic in section.topics:
            told = [
                self._statement(section, topic.title, rule)
                for rule in topic.rules
                if section.statement_id(rule) in self.decision.statements
            ]
            yield from _grouped(told)

    def _statement(self, section: Section, topic: str, rule: Rule) -> shape.Statement:
        name = section.statement_id(rule)
        applies = self.decision.statements[name]
        form = name, applies, tuple([self.answers[field] for field in self.knowledge.looked_at[name]])
        told = self.composer.made.get(form)
        if told is None:
            told = self.composer.made[form] = self._made(name, section, topic, rule)
        self.open_fields |= told.open_fields
        return told.statement

    def _made(self, name: str, section: Section, topic: str, rule: Rule) -> _Told:
        firing = self.firings["statement", name]
        rest = logic.simplify(rule.when, self.answers, self.knowledge.definition)
        unknown = self._open(rest)
        statement = shape.Statement(
            id=name,
            text=rule.say,
            applies=firing.applies,
            condition=self.composer.phrasing.condition(rest) if unknown else None,
            certainty=rule.certainty,
            facts=rule.facts,
            because=self._because(firing, unknown) or (section.everyone,),
            for_everyone=rule.when == logic.TRUE,
            passages=tuple(dict.fromkeys(map(self.composer.phrasing.passage, rule.facts))),
            topic=topic,
        )
        return _Told(statement, dict.fromkeys(unknown))

    def _because(self, firing: Firing, unknown: list[str]) -> tuple[str, ...]:
        phrasing = self.composer.phrasing
        reasons = phrasing.reasons(firing, self.decision, self.answers)
        return (*reasons, phrasing.not_known(unknown)) if unknown else reasons

    def _questions(self, sections: Iterable[shape.Section]) -> Iterator[shape.Question]:
        """First what to ask about answers not known, then what the definite statements bring.

        Of the answers not known, the one on which most statements depend comes first. A phase that lies behind
        brings none: its questions have had their answers.
        """
        seen: set[str] = set()
        unknown = [question for question in self.knowledge.questions if question.field in self.open_fields]
        for question in sorted(unknown, key=self._influence):
            say = next((team.say for team in question.team if self._holds(team.when)), None)
            if say and say not in seen:
                seen.add(say)
                yield shape.Question(id=f"unknown.{question.field}", text=say, section=None, topic=None)
        for section in sections:
            for statement in section.statements if section.timing != "earlier" else ():
                ask = self.composer.asks.get(statement.id)
                if ask and statement.applies == "definite" and ask.text not in seen:
                    seen.add(ask.text)
                    yield ask

    def _influence(self, question: Question) -> int:
        return -len(self.composer.influences.statements(self.answers, question.field))

    def _holds(self, when: logic.When) -> bool:
        return logic.simplify(when, self.answers, self.knowledge.definition) == logic.TRUE


def _grouped(statements: list[shape.Statement]) -> list[shape.Statement]:
    """Statements that hang on the same condition, brought together where the first of them stands."""
    first: dict[str, int] = {}

    def place(numbered: tuple[int, shape.Statement]) -> int:
        number, statement = numbered
        return number if statement.condition is None else first.setdefault(statement.condition, number)

    return [statement for _, statement in sorted(enumerate(statements), key=place)]


def _texts(section: shape.Section) -> Iterator[str]:
    yield section.title
    for statement in section.statements:
        yield statement.topic
        yield statement.text
        if statement.condition:
            yield statement.condition
