"""Counts what a rules folder holds. Loading it has cross-checked it."""

from __future__ import annotations

from explainer.knowledge import Knowledge


def counts(knowledge: Knowledge) -> dict[str, int]:
    """How many there are of each kind of thing in the knowledge."""
    rules = [rule for section in knowledge.sections for rule in section.rules]
    return {
        "questions": len(knowledge.questions),
        "concepts": len(knowledge.concepts),
        "sections": len(knowledge.sections),
        "rules": len(rules),
        "facts listed": len(knowledge.facts),
        "facts told": len({fact for rule in rules for fact in rule.facts}),
        "questions for the care team": sum(rule.ask is not None for rule in rules)
        + sum(len(question.team) for question in knowledge.questions),
        "notices": len(knowledge.notices),
        "terms": len(knowledge.glossary),
        "scenarios": len(knowledge.scenarios),
    }
