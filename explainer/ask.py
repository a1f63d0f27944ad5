"""The questionnaire in a terminal. Its words are in rules/questionnaire.yaml and templates/ask.jinja."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explainer import review
from explainer.interview import Interview
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
    interview: Interview = field(init=False)
    again: set[str] = field(default_factory=set)  # answered, but to be asked once more

    def __post_init__(self) -> None:
        self.words = environment().get_template("ask.jinja").module
        self.interview = Interview(self.knowledge)

    def run(self) -> ProfileModel:
        """Asks until the reader is content with the summary. Raises Stopped."""
        try:
            return self._run()
        except (EOFError, KeyboardInterrupt):
            raise Stopped from None

    def _run(self) -> ProfileModel:
        self.say(self.words.welcome([notice.say for notice in review.standing(self.knowledge)]))
        while True:
            question = next((q for q in self.interview.asked if self._is_open(q.field)), None)
            if question is not None:
                self._ask(question)
            elif self._is_checked():
                return self.interview.profile

    def _is_open(self, name: str) -> bool:
        return name not in self.interview.given or name in self.again

    def _ask(self, question: Question) -> None:
        asked = self.interview.asked
        place = self.interview.place(question.field)
        given = self.interview.given.get(question.field)
        self.say(self.words.question(question, place + 1, len(asked), given and self._label(question, given)))
        while True:
            line = self._line()
            if line in _WHY:
                self.say(self.words.why(question))
            elif line in _BACK:
                if place > 0:
                    self.again.add(asked[place - 1].field)
                    return
                self.say(self.words.at_the_start())
            elif value := given if given and not line else _meant(question, line):
                self._answer(question, value)
                return
            else:
                self.say(self.words.not_understood(question))

    def _answer(self, question: Question, value: str) -> None:
        before, self.interview = self.interview, self.interview.answer(question.field, value)
        self.again.discard(question.field)
        if (lost := self.interview.told_aside) and self.interview != before:
            questions = map(self.knowledge.question, lost)
            self.say(self.words.dropped([(q, self._label(q, lost[q.field])) for q in questions]))

    def _is_checked(self) -> bool:
        asked = self.interview.asked
        rows = [(question, self._label(question, self.interview.given[question.field])) for question in asked]
        self.say(self.words.summary(rows, self.interview.doubts))
        numbered = {str(number): question.field for number, question in enumerate(asked, start=1)}
        again = numbered | dict.fromkeys(_BACK, asked[-1].field)
        while line := self._line():
            if line in again:
                self.again.add(again[line])
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
