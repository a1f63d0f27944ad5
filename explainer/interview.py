"""The questionnaire under way: what is asked, what comes next, and which answers a changed one sets aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from explainer.knowledge import Knowledge, Question
from explainer.logic import UNKNOWN, holds
from explainer.profile import ProfileModel


@dataclass(frozen=True)
class Interview:
    """The answers given so far (field → word, `unknown` among them), each to a question that is asked.

    `read` is the profile of just these answers, where it has been made already.
    """

    knowledge: Knowledge
    given: Mapping[str, str] = field(default_factory=dict)
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

    def place(self, field: str) -> int:
        """Where a question that is asked stands among those that are, from 0."""
        return [question.field for question in self.asked].index(field)

    def answer(self, field: str, value: str) -> tuple[Interview, dict[str, str]]:
        """The interview with one answer given or changed; and the answers set aside, for their questions are moot.

        `value` is one of the question's options or `unknown`. Answers of "not sure" go without a word.
        """
        given = {**self.given, field: value}
        profile, moot = self.knowledge.profile.settle(given, asked_only=True)
        gone = {*moot, *(name for name in given if name != field and self._is_asked_anew(name, profile))}
        kept = {name: given[name] for name in profile.asked if name in given and name not in gone}
        set_aside = {name: word for name, word in given.items() if name in gone and word != UNKNOWN}
        return Interview(self.knowledge, kept), set_aside

    def _is_asked_anew(self, field: str, now: ProfileModel) -> bool:
        when = self.knowledge.question(field).asked_anew_when
        return holds(when, self.profile.answers) != holds(when, now.answers)
