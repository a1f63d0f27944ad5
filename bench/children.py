"""Made-up children to measure with, of all kinds that the questionnaire allows."""

from __future__ import annotations

import random

from explainer import logic
from explainer.profile import ProfileModel


def children(model: type[ProfileModel], count: int, seed: int) -> list[ProfileModel]:
    """That many children, no two alike; the same ones for the same seed."""
    chance = random.Random(seed)
    found: dict[tuple[str, ...], ProfileModel] = {}
    while len(found) < count:
        answers = {name: field.default for name, field in model.questions.items()}
        for name, field in model.questions.items():
            if logic.holds(field.allowed_when, answers):
                answers[name] = chance.choice(field.outcomes)
        found.setdefault(tuple(answers.values()), model.read(answers))
    return list(found.values())
