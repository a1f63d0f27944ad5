"""Whether two versions of the rules say the same to every child there can be, and if not, to which one they differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from explainer import logic
from explainer.compose import Composer
from explainer.explanation import Explanation
from explainer.knowledge import Knowledge
from explainer.profile import ProfileModel, with_what_opens


@dataclass(frozen=True)
class Difference:
    """A child to whom two versions differ: its answers that are no defaults, and the parts that are not the same."""

    profile: Mapping[str, str]
    parts: tuple[str, ...]


def difference(old: Composer, new: Composer) -> Difference | None:
    """The first child that the two versions explain, ask or accept otherwise; None proves that there is none.

    Both have the same questions, with the same options. Only answers to fields that the changed parts look at are
    tried out, with all others left unknown. That is enough: no part looks at any other field, and more unknown
    answers never close what was open.
    """
    one, two = old.knowledge.profile, new.knowledge.profile
    defaults = one().answers
    for answers, parts in _differences(old, new, one, two):
        if parts:
            return Difference({name: word for name, word in answers.items() if word != defaults[name]}, parts)
    return None


def _differences(
    old: Composer, new: Composer, one: type[ProfileModel], two: type[ProfileModel]
) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """Children, each with the parts that are not the same to it."""
    yield {}, ("the answers that nobody gave",) if one().answers != two().answers else ()
    for name, field in one.questions.items():
        other = two.questions[name]
        pairs = [(field.allowed_when, other.allowed_when), (field.asked_when, other.asked_when)]
        fields = {looked for pair in pairs if pair[0] != pair[1] for when in pair for looked in _fields(when)}
        for answers in children(one, fields) if fields else ():
            differs = any(logic.holds(before, answers) != logic.holds(after, answers) for before, after in pairs)
            yield answers, (f"question {name}",) if differs else ()
    for answers in children(one, concerned(old.knowledge, new.knowledge)):
        yield answers, _parts(_told(old.explain(one.read(answers))), _told(new.explain(two.read(answers))))


def children(profile: type[ProfileModel], fields: Iterable[str]) -> Iterator[dict[str, str]]:
    """Every valid profile that answers no other fields than these, and those on which their being asked depends."""
    questions = profile.questions
    answered = with_what_opens(fields, questions)
    defaults = profile().answers
    found: list[dict[str, str]] = [{}]
    for name, field in questions.items():
        unanswered = defaults[name]
        words = [unanswered, *(word for word in (*field.values, logic.UNKNOWN) if word != unanswered)]
        if field.is_flag:
            words.remove(logic.UNKNOWN)
        found = [
            {**given, name: word}
            for given in found
            for word in words
            if word == unanswered or (name in answered and logic.holds(field.allowed_when, {**defaults, **given}))
        ]
    yield from found


def concerned(old: Knowledge, new: Knowledge) -> set[str]:
    """The fields that whatever differs looks at, and those that decide which sections are shown."""
    before, after = dict(_looks(old)), dict(_looks(new))
    found = {old.path.stage_field, old.source.related_field}
    for knowledge in (old, new):
        for section in knowledge.sections:
            found.update(logic.fields_of(section.shown_when, knowledge.definition))
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            for _, fields in (part for part in (before.get(name), after.get(name)) if part):
                found.update(fields)
    return found


def _looks(knowledge: Knowledge) -> Iterator[tuple[Hashable, tuple[object, tuple[str, ...]]]]:
    """Every part by its name: all that it says, its conditions spelled out in answers, and the fields in those."""

    def look(thing: object, *whens: logic.When, and_fields: Iterable[str] = ()) -> tuple[object, tuple[str, ...]]:
        fields = [name for when in whens for name in logic.fields_of(when, knowledge.definition)]
        return (thing, [_spelled(when, knowledge) for when in whens]), (*fields, *and_fields)

    for name, (_, rule) in knowledge.statements.items():
        yield ("statement", name), look(rule, rule.when, rule.goes_on_when)
    for section in knowledge.sections:
        said = (section.timing, section.title, section.title_now, section.everyone)
        yield ("section", section.id), look(said, section.shown_when, section.leads_when)
    for notice in knowledge.notices:
        yield ("notice", notice.id), look(notice, notice.when)
    yield "path", look(knowledge.path, *(place.when for place in knowledge.path.places))
    for question in knowledge.questions:
        spoken = (question.options, question.together, question.name, question.team)
        whens = [team.when for team in question.team]
        yield ("question", question.field), look(spoken, *whens, and_fields=[question.field])


def _spelled(when: logic.When, knowledge: Knowledge) -> logic.When:
    """The condition with its concepts spelled out."""
    return logic.simplify(when, dict.fromkeys(knowledge.vocabulary.fields, logic.UNKNOWN), knowledge.definition)


def _parts(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name))


def _told(explanation: Explanation) -> dict[str, object]:
    """All that a family reads, by what it is."""
    found: dict[str, object] = {"place": explanation.place, "glossary": explanation.glossary}
    for section in explanation.sections:
        found[f"section {section.id}"] = (section.title, section.timing, section.because)
        found |= {statement.id: statement for statement in section.statements}
    found |= {f"notice {notice.id}": notice for notice in explanation.notices}
    found |= {f"question to the team {question.id}": question for question in explanation.questions}
    return {**found, "the order of the sections": [section.id for section in explanation.sections]}


def _fields(when: logic.When) -> Iterable[str]:
    return logic.fields_of(when, logic.no_concepts)
