"""Composes the explanation of one profile from what the rules decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain

from explainer import explanation as out
from explainer import review
from explainer.causes import Causes
from explainer.engine import Decision, Engine
from explainer.errors import shown
from explainer.glossary import Glossary
from explainer.influence import Influences
from explainer.kept import once
from explainer.knowledge import Knowledge
from explainer.loader import knowledge as shipped_knowledge
from explainer.parts import Decided, Parts, Told
from explainer.phrasing import Phrasing
from explainer.profile import ProfileModel


def explain(profile: ProfileModel, *, made_on: date | None = None) -> out.Explanation:
    """The explanation for one profile, from the knowledge that ships with the package.

    The same profile always gives the same explanation; `made_on` is printed where it is given.
    Raises TypeError for anything else than a profile or a date.
    """
    return composer().explain(profile, made_on=made_on)


@once
def composer() -> Composer:
    """The composer of the knowledge that ships with the package."""
    return Composer(shipped_knowledge())


class Composer:
    """Turns profiles into explanations. May be shared between threads. Raises TypeError for anything but knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        if not isinstance(knowledge, Knowledge):
            raise TypeError(f"knowledge is wanted, such as load('rules') gives, not {shown(knowledge)}")
        self.knowledge = knowledge
        self.engine = Engine(knowledge)
        terms = [out.Term(term=t.term, also=t.also, meaning=t.meaning, origin=t.origin) for t in knowledge.glossary]
        self.glossary = Glossary(terms)
        self.phrasing = Phrasing(knowledge)
        self.influences = Influences(knowledge)
        self.causes = Causes(knowledge, self.phrasing)
        self.reviews = review.holding(knowledge)
        self.parts = Parts(knowledge, self.phrasing, self.glossary, self.reviews)
        self._source = out.Source(
            title=f"{knowledge.source.title} ({knowledge.source.short})",
            publisher=knowledge.source.publisher,
            revised=knowledge.source.revised,
            notice=knowledge.source.notice,
        )

    def explain(self, profile: ProfileModel, *, made_on: date | None = None) -> out.Explanation:
        """The explanation for one profile of these rules.

        Raises TypeError for anything else than a profile or a date, and EngineError for a profile of other rules.
        """
        if not isinstance(profile, ProfileModel):
            raise TypeError(f"a Profile is wanted, such as Profile(stage='induction'), not {shown(profile)}")
        if made_on is not None and not _is_day(made_on):
            raise TypeError(f"made_on: a date is wanted, such as date(2025, 3, 9), not {shown(made_on)}")
        return self.compose(profile, self.engine.decide(profile), made_on=made_on)

    def compose(self, profile: ProfileModel, decision: Decision, *, made_on: date | None = None) -> out.Explanation:
        """The explanation of what the engine has decided about a profile."""
        child = Decided(profile.answers, decision)
        place = self.parts.place(child)
        names = [section.id for section in self.parts.order(child) if section.id in decision.sections]
        told = [one for name in names if (one := self.parts.sections[name](child))]
        notices = tuple(self._told_notices(child, [one.section.id for one in told]))
        questions = tuple(self._questions(child, told))
        texts = [place.text] if place else []
        texts += [part.text for parts in (notices, questions) for part in parts]
        words = self.glossary.names_in(texts).union(*[one.words for one in told])
        return out.Explanation(
            profile=profile.model_dump(),
            place=place,
            notices=notices,
            sections=tuple([one.section for one in told]),
            questions=questions,
            glossary=self.glossary.explained(frozenset(words)),
            source=self._source,
            made_on=made_on,
        )

    def _told_notices(self, child: Decided, sections: Sequence[str]) -> Iterator[out.Notice]:
        notices = (notice for notice in self.knowledge.notices if notice.id in child.decision.notices)
        for notice in review.due(notices, sections, self.reviews):
            yield self.parts.notices[notice.id, notice.say](child)

    def _questions(self, child: Decided, told: Sequence[Told]) -> Iterator[out.Question]:
        """First what to ask about answers not known, then what the definite statements bring, as these are read.

        None comes twice. Of the answers not known, the one on which most statements depend comes first.
        """
        behind = [one for one in told if one.section.timing == "earlier"]
        others = [one for one in told if one.section.timing != "earlier"]
        seen: set[str] = set()
        for ask in chain(
            self._about_unknown(child, told), *[one.asks for one in out.after_now(others, behind, _timing)]
        ):
            if ask.text not in seen:
                seen.add(ask.text)
                yield ask

    def _about_unknown(self, child: Decided, told: Iterable[Told]) -> list[out.Question]:
        unknown = set[str]().union(*[one.unknown for one in told])
        asks = {name: ask for name, part in self.parts.asks.items() if name in unknown and (ask := part(child))}
        return [asks[name] for name in sorted(asks, key=lambda name: -self.influences.number(child.answers, name))]


def _timing(told: Told) -> str:
    return told.section.timing


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)  # a datetime is a date, too, but no day
