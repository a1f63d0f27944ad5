"""Does this answer matter? How many statements another answer to one question would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from explainer import logic
from explainer.explanation import Part
from explainer.knowledge import Knowledge, Rule, Section
from explainer.profile import ProfileModel

State = Literal["definite", "conditional", "no"]
Answers = Mapping[str, str]


class Influence(Part):
    """One question, and the statements that would be added, removed, certain or merely possible with another answer.

    `asked` is false for a question that the questionnaire leaves out here; the figure is then what it would be if the
    answer were known all the same.
    """

    field: str
    question: str
    name: str
    given: str
    asked: bool
    statements: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.statements)


class Influences:
    """Counts for one knowledge, exactly and without asking the engine. May be shared between threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.sections = [_Reach(section, knowledge) for section in knowledge.sections]
        questions = knowledge.profile.questions
        allowed = {name: logic.fields_of(field.allowed_when, logic.no_concepts) for name, field in questions.items()}
        self.opens = {name: any(name in fields for fields in allowed.values()) for name in questions}

    def of(self, profile: ProfileModel) -> tuple[Influence, ...]:
        """Every question that the questionnaire asks of this child, those on which most depends first."""
        answers = profile.answers
        found = [self.one(answers, name) for name in profile.asked]
        return tuple(sorted(found, key=lambda influence: -influence.count))

    def one(self, answers: Answers, field: str, *, asked: bool = True) -> Influence:
        question = self.knowledge.question(field)
        return Influence(
            field=field,
            question=question.text,
            name=question.name,
            given=answers[field],
            asked=asked,
            statements=self.statements(answers, field),
        )

    def statements(self, answers: Answers, field: str) -> tuple[str, ...]:
        """The statements that depend on one answer, the others being as they are, in the order of the knowledge."""
        found: set[str] = set()
        if self.opens[field]:
            for other in self._others(answers, field):
                found.update(self.differing(answers, other))
        else:
            for reach in self.sections:
                found.update(reach.depending(answers, field, self._others))
        return tuple(name for name in self.knowledge.statements if name in found) if found else ()

    def differing(self, one: Answers, other: Answers) -> Iterator[str]:
        """The statements that two sets of answers tell otherwise, or only one of them tells."""
        changed = {name for name, word in one.items() if word != other[name]}
        for reach in self.sections:
            yield from reach.differing(one, other, changed)

    def state(self, statement: str, answers: Answers) -> State:
        """How a statement is told to a child with these answers."""
        section, rule = self.knowledge.statements[statement]
        reach = next(reach for reach in self.sections if reach.section is section)
        return reach.state(rule, answers) if reach.shown(answers) else "no"

    def _others(self, answers: Answers, field: str) -> list[Answers]:
        """The answers with another one to that question, in every way."""
        values = self.knowledge.profile.questions[field].values
        return [self._with(answers, field, value) for value in values if value != answers[field]]

    def _with(self, answers: Answers, field: str, value: str) -> Answers:
        """The answers with one changed, less those that it makes moot."""
        given = {**answers, field: value}
        if not self.opens[field]:
            return given
        kept, _ = self.knowledge.profile.settled(given)
        return {**kept, field: value}


class _Reach:
    """A section and its rules with the fields that they look at. Outcomes are kept: there are only a few of each."""

    def __init__(self, section: Section, knowledge: Knowledge) -> None:
        self.section = section
        self.definition = knowledge.definition
        self.frame = tuple(logic.fields_of(section.shown_when, self.definition))
        self._fields = {rule.id: knowledge.looked_at[section.statement_id(rule)] for rule in section.rules}
        self._looking_at: dict[str, list[Rule]] = {name: [] for name in self.frame}
        for rule in section.rules:
            for name in self._fields[rule.id]:
                self._looking_at.setdefault(name, []).append(rule)
        self._shown: dict[tuple[str, ...], bool] = {}
        self._states: dict[tuple[str, tuple[str, ...]], State] = {}
        self._depends: dict[tuple[str, str, tuple[str, ...]], bool] = {}

    def shown(self, answers: Answers) -> bool:
        key = tuple([answers[name] for name in self.frame])
        if key not in self._shown:
            self._shown[key] = logic.simplify(self.section.shown_when, answers, self.definition) == logic.TRUE
        return self._shown[key]

    def state(self, rule: Rule, answers: Answers) -> State:
        """How a rule of the section decides where the section is shown."""
        key = rule.id, tuple([answers[name] for name in self._fields[rule.id]])
        if key not in self._states:
            value = logic.simplify(rule.when, answers, self.definition)
            self._states[key] = "definite" if value == logic.TRUE else "no" if value == logic.FALSE else "conditional"
        return self._states[key]

    def depending(
        self, answers: Answers, field: str, others: Callable[[Answers, str], Iterable[Answers]]
    ) -> Iterator[str]:
        """The statements that another answer to one question changes, where no further answer hangs on that one.

        `others` gives the answers with another one to that question.
        """
        if field in self.frame:
            for other in others(answers, field):
                yield from self.differing(answers, other, (field,))
        elif field in self._looking_at and self.shown(answers):
            for rule in self._looking_at[field]:
                key = rule.id, field, tuple([answers[name] for name in self._fields[rule.id]])
                if key not in self._depends:
                    now = self.state(rule, answers)
                    self._depends[key] = any(self.state(rule, other) != now for other in others(answers, field))
                if self._depends[key]:
                    yield self.section.statement_id(rule)

    def differing(self, one: Answers, other: Answers, changed: Iterable[str]) -> Iterator[str]:
        looking = [self._looking_at[name] for name in changed if name in self._looking_at]
        if not looking:
            return
        before, after = self.shown(one), self.shown(other)
        if before and after:
            for rule in {rule.id: rule for rules in looking for rule in rules}.values():
                if self.state(rule, one) != self.state(rule, other):
                    yield self.section.statement_id(rule)
        elif before or after:
            told = one if before else other
            for rule in self.section.rules:
                if self.state(rule, told) != "no":
                    yield self.section.statement_id(rule)
