"""The questionnaire in a terminal. Its words are in rules/questionnaire.yaml and templates/ask.jinja."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explainer.knowledge import Knowledge, Question
from explainer.logic import UNKNOWN
from explainer.profile import ProfileModel
from explainer.render import environment

_WHY, _BACK, _STOP = {"?", "why"}, {"b", "back"}, {"q", "quit", "stop"}
_UNSURE = {"i'm not sure", "im not sure", "not sure", "unknown"}


class Stopped(Exception):  # noqa: N818 - the reader's choice, not an error
    """The reader typed q, pressed Ctrl-C, or the input came to its end."""


@dataclass
class Questionnaire:
    """Asks for one profile. `read` gives a line or raises EOFError; `say` shows text."""

    knowledge: Knowledge
    read: Callable[[str], str]
    say: Callable[[str], None]
    words: Any = field(init=False)
    answers: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.words = environment().get_template("ask.jinja").module

    def run(self) -> ProfileModel:
        """Asks until the reader is content with the summary. Raises Stopped."""
        self.say(self.words.welcome())
        while True:
            question = next((q for q in self._asked() if q.field not in self.answered), None)
            if question is not None:
                self._ask(question)
            elif self._is_checked():
                return self._profile()

    def _profile(self) -> ProfileModel:
        return self.knowledge.profile.settle(self.answers)[0]

    def _asked(self) -> list[Question]:
        profile = self._profile()
        return [question for question in self.knowledge.questions if profile.asks(question.field)]

    def _ask(self, question: Question) -> None:
        asked = self._asked()
        place = asked.index(question)
        given = self.answers.get(question.field)
        self.say(self.words.question(question, place + 1, len(asked), given and self._label(question, given)))
        while True:
            line = self._line()
            if line in _WHY:
                self.say(self.words.why(question))
            elif line in _BACK:
                if place > 0:
                    self.answered.discard(asked[place - 1].field)
                    return
                self.say(self.words.at_the_start())
            elif value := given if given and not line else _meant(question, line):
                self._answer(question, value)
                return
            else:
                self.say(self.words.not_understood(question))

    def _answer(self, question: Question, value: str) -> None:
        self.answers[question.field] = value
        self.answered.add(question.field)
        profile, dropped = self.knowledge.profile.settle(self.answers, asked_only=True)
        self.answers = {name: value for name, value in self.answers.items() if profile.asks(name)}
        self.answered &= set(self.answers)
        if dropped:
            self.say(self.words.dropped([self.knowledge.question(name) for name in dropped]))

    def _is_checked(self) -> bool:
        asked = self._asked()
        self.say(self.words.summary([(q, self._label(q, self.answers[q.field])) for q in asked]))
        while True:
            line = self._line()
            if not line:
                return True
            numbered = {str(number): question.field for number, question in enumerate(asked, start=1)}
            if line in numbered:
                self.answered.discard(numbered[line])
                return False
            self.say(self.words.not_understood_summary(len(asked)))

    def _label(self, question: Question, value: str) -> str:
        return str(self.words.not_sure()) if value == UNKNOWN else question.option(value).label

    def _line(self) -> str:
        try:
            line = self.read(str(self.words.prompt())).strip().lower()
        except (EOFError, KeyboardInterrupt):
            raise Stopped from None
        if line in _STOP:
            raise Stopped
        return line


def _meant(question: Question, line: str) -> str | None:
    """The value that a typed line stands for: its number, the value itself, or its label."""
    values = [option.value for option in question.options]
    numbered = {str(number): value for number, value in enumerate([*values, UNKNOWN], start=1)}
    if line in numbered:
        return numbered[line]
    if line in _UNSURE:
        return UNKNOWN
    return next((option.value for option in question.options if line in (option.value, option.label.lower())), None)
