"""Explains how childhood acute lymphoblastic leukemia (ALL) is treated, for one child's answers.

>>> from explainer import Profile, explain
>>> explanation = explain(Profile(leukemia_type="all", stage="induction", risk_group="standard"))
>>> [section.id for section in explanation.sections][:2]
['induction', 'consolidation']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explainer.compose import explain
    from explainer.errors import ExplainerError
    from explainer.explanation import Explanation
    from explainer.profile import ProfileModel as Profile

__all__ = ["ExplainerError", "Explanation", "Profile", "explain"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Loads what is asked for when it is asked for, so that `explainer --help` need not load the rules."""
    if name == "Profile":
        from explainer.loader import knowledge

        return knowledge().profile
    homes = {"explain": "compose", "ExplainerError": "errors", "Explanation": "explanation"}
    if name in homes:
        from importlib import import_module

        return getattr(import_module(f"explainer.{homes[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
