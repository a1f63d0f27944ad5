"""The questionnaire under way: what is asked, what comes next, and which answers a changed one sets aside."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from explainer.knowledge import Knowledge, Question
from explainer.logic import UNKNOWN, fields_of, holds, no_concepts
from explainer.profile import ProfileModel


class Doubt(NamedTuple):
    """What may be wrong with some answers, and the questions to which they were given."""

    say: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Interview:
    """The answers given so far (field → word, `unknown` among them), each to a question that is asked.

    `set_aside` are those that the last answer made moot; an answer of "not sure" is never among them. `read` is the
    profile of just these answers, if the caller has it already: else it is made when it is first needed.
    """

    knowledge: Knowledge
    given: Mapping[str, str] = field(default_factory=dict)
    set_aside: Mapping[str, str] = field(default_factory=dict)
    read: ProfileModel | None = field(default=None, compare=False, repr=False)

    @cached_property
    def profile(self) -> ProfileModel:
        """What is known so far. A question not answered yet counts as not known."""
        return self.read or self.knowledge.profile.settle(self.given)[0]

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """The questions that the answers given so far leave to be asked, answered or not, in order."""
        return tuple(map(self.knowledge.question, self.profile.asked))

    @property
    def unanswered(self) -> tuple[Question, ...]:
        return tuple(question for question in self.asked if question.field not in self.given)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What there is to say of the answers before they are used, such as that two of them may not fit together."""
        answers, definition = self.profile.answers, self.knowledge.definition
        told = [n for n in self.knowledge.notices if n.about_answers and holds(n.when, answers, definition)]
        return tuple(Doubt(n.say, self._asked_among(fields_of(n.when, definition))) for n in told)

    def _asked_among(self, fields: Container[str]) -> tuple[Question, ...]:
        return tuple(question for question in self.asked if question.field in fields)

    @property
    def told_aside(self) -> dict[str, str]:
        """What there is to say of those that are set aside: a choice that was not made is not worth a word."""
        questions = self.knowledge.profile.questions
        return {name: word for name, word in self.set_aside.items() if word != questions[name].default}

    def place(self, field: str) -> int:
        """Where a question that is asked stands among those that are, from 0."""
        return [question.field for question in self.asked].index(field)

    def answer(self, field: str, value: str) -> Interview:
        """The interview with one answer given or changed: one of the question's options, or `unknown`.

        What the answer before it set aside comes back where its question is asked again, so that a slip can be undone.
        The same answer once more changes nothing. One to a question that is not asked is set aside with the others.
        """
        if self.given.get(field) == value:
            return self
        if field not in self.profile.asked:  # a page that stayed open: what came before it can still come back
            others = {name: word for name, word in self.set_aside.items() if name != field}
            return replace(self, set_aside=others if value == UNKNOWN else {**others, field: value})
        new = {**self.given, field: value}
        given = {**self._coming_back, **new}
        profile, _ = self.knowledge.profile.settle(given, asked_only=True)
        anew = {name for name in given if name != field and self._is_asked_anew(name, profile)}
        kept = {name: given[name] for name in profile.asked if name in given and name not in anew}
        lost = {name: word for name, word in new.items() if name not in kept and word != UNKNOWN}
        return Interview(self.knowledge, kept, lost)

    @property
    def _coming_back(self) -> dict[str, str]:
        """What may come back: where it may have to be asked anew, only if it is known on what it stood."""
        return {name: word for name, word in self.set_aside.items() if self.set_aside.keys() >= self._stands_on(name)}

    def _stands_on(self, field: str) -> set[str]:
        return set(fields_of(self.knowledge.question(field).asked_anew_when, no_concepts))

    def _is_asked_anew(self, field: str, now: ProfileModel) -> bool:
        when = self.knowledge.question(field).asked_anew_when
        then = {**self.profile.answers, **(self.set_aside if field in self.set_aside else {})}
        return holds(when, then) != holds(when, now.answers)
