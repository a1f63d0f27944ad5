"""Does this answer matter? How many statements another answer to one question would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from explainer import logic
from explainer.explanation import Part
from explainer.kept import kept_by
from explainer.knowledge import Knowledge, Rule, Section
from explainer.profile import ProfileModel, with_what_opens

State = Literal["definite", "conditional", "no"]
Answers = Mapping[str, str]


def state(section: Section, rule: Rule, answers: Answers, definition: logic.Definition) -> State:
    """How a statement is told: for certain, as a possibility, or not at all."""
    if not logic.holds(section.shown_when, answers, definition):
        return "no"
    value = logic.simplify(rule.when, answers, definition)
    return "definite" if value == logic.TRUE else "no" if value == logic.FALSE else "conditional"


class Influence(Part):
    """One question, and the statements that would be added, removed, certain or merely possible with another answer."""

    field: str
    question: str
    name: str
    given: str
    statements: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.statements)


class Influences:
    """Counts for one knowledge, exactly and without asking the engine. May be shared between threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        together: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, (section, _) in knowledge.statements.items():
            together[section.id, *knowledge.looked_at[name]].append(name)
        self._lots = [_Lot(names, knowledge) for names in together.values()]
        self._hanging = {
            field: [lot for lot in self._lots if field in lot.hangs_on] for field in knowledge.profile.questions
        }

    def of(self, profile: ProfileModel) -> tuple[Influence, ...]:
        """Every question that the questionnaire asks of this child, those on which most depends first."""
        answers = profile.answers
        found = [self._one(answers, name) for name in profile.asked]
        return tuple(sorted(found, key=lambda influence: -influence.count))

    def _one(self, answers: Answers, field: str) -> Influence:
        question = self.knowledge.question(field)
        return Influence(
            field=field,
            question=question.text,
            name=question.name,
            given=answers[field],
            statements=self.statements(answers, field),
        )

    def statements(self, answers: Answers, field: str) -> tuple[str, ...]:
        """The statements that depend on one answer, the others being as they are, in the order of the knowledge."""
        found = set[str]().union(*self._depending(answers, field))
        return tuple(name for name in self.knowledge.statements if name in found) if found else ()

    def number(self, answers: Answers, field: str) -> int:
        """How many these are."""
        return sum(map(len, self._depending(answers, field)))

    def _depending(self, answers: Answers, field: str) -> list[frozenset[str]]:
        change = _Change(self.knowledge.profile, answers, field)
        return [lot.depending(change) for lot in self._hanging[field]]


class _Change:
    """Another answer to one question."""

    def __init__(self, model: type[ProfileModel], answers: Answers, field: str) -> None:
        self.model = model
        self.answers = answers
        self.field = field

    @cached_property
    def ways(self) -> list[Answers]:
        """The answers with another one to the question, in every way, less those that it makes moot."""
        values = self.model.questions[self.field].values
        others = [value for value in values if value != self.answers[self.field]]
        return [{**self.model.settled({**self.answers, self.field: v})[0], self.field: v} for v in others]


class _Lot:
    """Statements of a section whose rules look at the same questions. What comes of the answers to these is kept."""

    def __init__(self, names: list[str], knowledge: Knowledge) -> None:
        self.names = names
        self.knowledge = knowledge
        section, _ = knowledge.statements[names[0]]
        frame = logic.fields_of(section.shown_when, knowledge.definition)
        fields = tuple({**frame, **dict.fromkeys(knowledge.looked_at[names[0]])})
        self.told = kept_by(logic.words_of(fields), self._told)
        self.hangs_on = with_what_opens(fields, knowledge.profile.questions)
        words = logic.words_of(self.hangs_on)
        self.depending = kept_by(lambda change: (change.field, words(change.answers)), self._depending)

    def differing(self, one: Answers, other: Answers) -> list[str]:
        """The statements that two sets of answers tell otherwise, or only one of them tells."""
        before, after = self.told(one), self.told(other)
        return [name for name in self.names if before[name] != after[name]] if before is not after else []

    def _depending(self, change: _Change) -> frozenset[str]:
        """The statements that another answer to a question changes."""
        return frozenset(name for other in change.ways for name in self.differing(change.answers, other))

    def _told(self, answers: Answers) -> dict[str, State]:
        known = self.knowledge
        return {name: state(*known.statements[name], answers, known.definition) for name in self.names}
