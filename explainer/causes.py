"""Why two children are told different things: the answers by which the condition of a rule comes out otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from explainer import logic
from explainer.explanation import Part
from explainer.kept import kept_by
from explainer.knowledge import Knowledge
from explainer.phrasing import Phrasing

Answers = Mapping[str, str]
Finder = Callable[[Answers, Answers], tuple["Cause", ...]]
"""Finds the causes for two children's answers, each cause once."""

_MOST_KEPT = 128
"""For so many pairs of children's answers what was found is kept, by rule. Most rules look at fewer."""


class Cause(Part):
    """One answer that differs, and the way from it to what it changes.

    `before` and `after` are the answers as words, the texts the same as clauses (None where the answer is not known).
    `through` names the concepts from the answer on, `through_text` says that they hold; `rule` is the statement,
    section, notice or question that looks at it.
    """

    field: str
    name: str
    before: str
    after: str
    before_text: str | None
    after_text: str | None
    through: tuple[str, ...]
    through_text: tuple[str, ...]
    rule: str


class Causes:
    """What is behind a difference, for one knowledge; by section, notice and question. Threads may share it.

    `statements` are by section and, in there, by statement. `leads` finds why a section stands ahead of all others,
    `goes_on` why a statement goes on to matter, and `questions` why something else is asked of the team.
    """

    def __init__(self, knowledge: Knowledge, phrasing: Phrasing) -> None:
        self._knowledge = knowledge
        self._phrasing = phrasing
        self._cause = lru_cache(4096)(self._made)
        self.sections = {section.id: self._finder(section.id, [section.shown_when]) for section in knowledge.sections}
        self.leads = {section.id: self._finder(section.id, [section.leads_when]) for section in knowledge.sections}
        self.notices = {notice.id: self._finder(notice.id, [notice.when]) for notice in knowledge.notices}
        self.statements = {
            section.id: {
                name: self._finder(name, [rule.when])
                for name, rule in ((section.statement_id(rule), rule) for rule in section.rules)
            }
            for section in knowledge.sections
        }
        self.goes_on = {
            name: self._finder(name, [rule.goes_on_when]) for name, (_, rule) in knowledge.statements.items()
        }
        self.questions = {
            question.field: self._finder(f"unknown.{question.field}", [team.when for team in question.team])
            for question in knowledge.questions
        }

    def answer(self, name: str, rule: str, before: Answers, after: Answers, through: tuple[str, ...] = ()) -> Cause:
        """One answer as the cause of what a rule does."""
        return self._cause(name, rule, before[name], after[name], through)

    def _made(self, name: str, rule: str, before: str, after: str, through: tuple[str, ...]) -> Cause:
        texts = [None if word == logic.UNKNOWN else self._phrasing.known(name, word) for word in (before, after)]
        return Cause(
            field=name,
            name=self._knowledge.question(name).name,
            before=before,
            after=after,
            before_text=texts[0],
            after_text=texts[1],
            through=through,
            through_text=tuple(self._knowledge.concept(concept).phrase for concept in through),
            rule=rule,
        )

    def _finder(self, rule: str, whens: Sequence[logic.When]) -> Finder:
        fields = [name for when in whens for name in logic.fields_of(when, self._knowledge.definition)]
        words = logic.words_of(fields)

        def found(pair: tuple[Answers, Answers]) -> tuple[Cause, ...]:
            causes = [cause for when in whens for cause in self._causes(when, rule, *pair)]
            return tuple(dict.fromkeys(causes))

        find = kept_by(lambda pair: (words(pair[0]), words(pair[1])), found, _MOST_KEPT)
        return (lambda before, after: find((before, after))) if fields else lambda _before, _after: ()

    def _causes(
        self, when: logic.When, rule: str, before: Answers, after: Answers, through: tuple[str, ...] = ()
    ) -> Iterator[Cause]:
        """Parts of the condition that come out the same are passed over."""
        definition = self._knowledge.definition
        if logic.simplify(when, before, definition) == logic.simplify(when, after, definition):
            return
        match when:
            case logic.Answer(name):
                yield self.answer(name, rule, before, after, through)
            case logic.Derived(concept):
                yield from self._causes(definition(when), rule, before, after, (concept, *through))
            case logic.AllOf(parts) | logic.AnyOf(parts):
                for part in parts:
                    yield from self._causes(part, rule, before, after, through)
