"""Reviews by clinicians: which sections have one that holds, and since when one does not.

A review is no signature: it guards against words that change after somebody has checked them, not against a lie. It
keeps a fingerprint of all that the reviewer had to read for this section.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from explainer import logic
from explainer.errors import InputError
from explainer.glossary import Glossary
from explainer.knowledge import Knowledge, Notice, Review, Rule, Section
from explainer.values import latest_day


def holding(knowledge: Knowledge) -> dict[str, Review]:
    """The reviews that still hold, by section: of these very words, and of the document as it is now."""
    return {
        section.id: section.reviewed
        for section in knowledge.sections
        if section.reviewed is not None and not stale(knowledge, section)
    }


def due(notices: Iterable[Notice], sections: Sequence[str], reviews: Mapping[str, Review]) -> Iterator[Notice]:
    """Those of the notices that are called for where these sections are read, in the words that are true there."""
    left = [section for section in sections if section not in reviews]
    for notice in notices:
        if not notice.until_reviewed or len(left) == len(sections):
            yield notice
        elif left:
            yield notice.in_part


def standing(knowledge: Knowledge) -> list[Notice]:
    """The notices that stand on every page, whoever reads it."""
    notices = [notice for notice in knowledge.notices if notice.when == logic.TRUE]
    return list(due(notices, [section.id for section in knowledge.sections], holding(knowledge)))


def stale(knowledge: Knowledge, section: Section) -> tuple[str, ...]:
    """What has happened since the review of a section that it does not cover; nothing if it holds or there is none."""
    review, revised = section.reviewed, knowledge.source.revised
    if review is None:
        return ()
    found = []
    if review.words != fingerprint(knowledge, section):
        found.append(f"words, conditions or facts have changed since {review.on}")
    if review.source_revised != revised:
        found.append(f"the document was revised on {revised}, and the review is of {review.source_revised}")
    return tuple(found)


def recorded(knowledge: Knowledge, section: Section, by: str, on: date) -> str:
    """A review as it is to stand in the section's file.

    Raises InputError for a review that cannot have taken place, and for a name that is none.
    """
    revised = knowledge.source.revised
    if on > latest_day():
        raise InputError.at("--on", f"{on} is still to come; a review is recorded when it has taken place")
    if on < revised:
        raise InputError.at("--on", f"{on} is before the document was revised ({revised}); review it as it is")
    try:
        review = Review(by=by, on=on, source_revised=revised, words=fingerprint(knowledge, section))
    except ValidationError as error:
        raise InputError.at("--by", error.errors()[0]["msg"]) from None
    said = {**review.model_dump(), "by": json.dumps(review.by, ensure_ascii=False)}
    return "\n".join(["reviewed:", *(f"  {key}: {word}" for key, word in said.items())])


def fingerprint(knowledge: Knowledge, section: Section) -> str:
    """Stands for all that a reviewer of the section has read: 16 of the digits 0-9 and a-f."""
    read = json.dumps(_read(knowledge, section), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(read.encode(errors="surrogatepass")).hexdigest()[:16]


def _read(knowledge: Knowledge, section: Section) -> dict[str, Any]:
    """The words of a section, its conditions down to the answers and how these are spoken, its facts and hard words.

    What stands around it is read with it: the questions, the notices and where the child is on the path.
    """
    whens = [section.shown_when, *(rule.when for rule in section.rules)]
    told = {fact for rule in section.rules for fact in rule.facts}
    fields = {name for when in whens for name in logic.fields_of(when, knowledge.definition)}
    concepts = sorted({name for when in whens for name in logic.concepts_of(when, knowledge.definition)})
    glossary = Glossary(knowledge.glossary)
    terms = glossary.explained(frozenset(glossary.names_in(_texts(section))))
    return {
        "title": section.title,
        "title_now": section.title_now,
        "leads_when": _spelt(section.leads_when),
        "everyone": section.everyone,
        "shown_when": _spelt(section.shown_when),
        "timing": dict(section.timing),
        "topics": [[topic.title, [_rule(rule) for rule in topic.rules]] for topic in section.topics],
        "facts": {f.id: [f.certainty, f.who, f.fact] for f in knowledge.facts if f.id in told},
        "concepts": {c.id: [c.phrase, _spelt(c.when)] for c in map(knowledge.concept, concepts)},
        "answers": {
            question.field: [
                question.name,
                [[option.value, option.phrase, option.known] for option in question.options],
                [[list(together.values), together.phrase] for together in question.together],
            ]
            for question in map(knowledge.question, sorted(fields))
        },
        "terms": {term.term: [list(term.also), term.meaning, list(term.facts)] for term in terms},
        "around": _around(knowledge),
    }


def _around(knowledge: Knowledge) -> dict[str, Any]:
    """What stands around every section: without it, words that nobody has checked would lose their notice."""
    return {
        "questions": {
            question.field: [
                *(question.name, question.text, question.why, question.where, question.unsure, question.unsure_help),
                [[option.label, option.help, option.action] for option in question.options],
                [[_spelt(team.when), team.say] for team in question.team],
            ]
            for question in knowledge.questions
        },
        "notices": [[_spelt(notice.when), notice.say, notice.say_in_part] for notice in knowledge.notices],
        "places": [[_spelt(place.when), place.say] for place in knowledge.path.places],
        "stops": [stop.label for stop in knowledge.path.stops],
    }


def _rule(rule: Rule) -> list[Any]:
    return [rule.id, rule.say, rule.ask, rule.certainty, list(rule.facts), _spelt(rule.when), _spelt(rule.goes_on_when)]


def _texts(section: Section) -> Iterator[str]:
    yield from (section.title, section.title_now or "")
    for topic in section.topics:
        yield topic.title
        for rule in topic.rules:
            yield from (rule.say, rule.ask or "")


def _spelt(when: logic.When) -> Any:
    """A condition as an author would write it, apart from how Python happens to hold it."""
    match when:
        case logic.Answer(field, values):
            return {field: list(values)}
        case logic.Derived(concept, holds):
            return {"concept": concept} if holds else {"not": {"concept": concept}}
        case logic.AllOf(parts):
            return {"all": [_spelt(part) for part in parts]}
        case logic.AnyOf(parts):
            return {"any": [_spelt(part) for part in parts]}
