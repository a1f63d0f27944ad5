"""The questionnaire in a terminal. Its words are in rules/questionnaire.yaml and templates/ask.jinja."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explainer.knowledge import Knowledge, Question
from explainer.logic import UNKNOWN
from explainer.profile import ProfileModel
from explainer.render import environment

_WHY, _BACK, _STOP = {"?", "why"}, {"b", "back"}, {"q", "quit", "stop", "exit"}
_UNSURE = {"i'm not sure", "im not sure", "not sure", "unsure", "i don't know", "don't know", UNKNOWN}


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
        try:
            return self._run()
        except (EOFError, KeyboardInterrupt):
            raise Stopped from None

    def _run(self) -> ProfileModel:
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
        before = self.answers | {question.field: value}
        profile, dropped = self.knowledge.profile.settle(before, asked_only=True)
        self.answers = {name: word for name, word in before.items() if profile.asks(name)}
        self.answered = (self.answered | {question.field}) & set(self.answers)
        lost = [self.knowledge.question(name) for name in dropped if before[name] != UNKNOWN]
        if lost:
            self.say(self.words.dropped([(q, self._label(q, before[q.field])) for q in lost]))

    def _is_checked(self) -> bool:
        asked = self._asked()
        self.say(self.words.summary([(q, self._label(q, self.answers[q.field])) for q in asked]))
        numbered = {str(number): question.field for number, question in enumerate(asked, start=1)}
        again = numbered | dict.fromkeys(_BACK, asked[-1].field)
        while line := self._line():
            if line in again:
                self.answered.discard(again[line])
                return False
            self.say(self.words.not_understood_summary(len(asked)))
        return True

    def _label(self, question: Question, value: str) -> str:
        return str(self.words.not_sure()) if value == UNKNOWN else question.option(value).label

    def _line(self) -> str:
        line = self.read(str(self.words.prompt())).strip().lower().replace("’", "'")
        if line in _STOP:
            raise Stopped
        return line


def _meant(question: Question, line: str) -> str | None:
    """The value that a typed line stands for: its number, the value, its label, or what the label begins with."""
    beginnings = [_beginning(option.label) for option in question.options]
    names = dict.fromkeys(_UNSURE, UNKNOWN) | {str(len(beginnings) + 1): UNKNOWN}
    for number, (option, beginning) in enumerate(zip(question.options, beginnings, strict=True), start=1):
        names |= dict.fromkeys((str(number), option.value, option.label.lower()), option.value)
        if beginnings.count(beginning) == 1:
            names[beginning] = option.value
    return names.get(line) or names.get(line.rstrip(".)"))


def _beginning(label: str) -> str:
    """The label up to its first comma or bracket, such as the "yes" of "Yes, it was found"."""
    return re.split(r"[,(]", label.lower())[0].strip()
