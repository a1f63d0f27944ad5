"""One scenario as a YAML file of its own: read from anybody, held against all of rules/, and written again.

The file has the form of those in rules/scenarios/ but stands apart from them: its name may be any, and `example` has no
effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import yaml
from pydantic import BaseModel

from explainer.crosscheck import scenario_faults
from explainer.errors import Fault, InputError
from explainer.knowledge import Knowledge, Scenario
from explainer.shape import shaped
from explainer.values import Names
from explainer.yamltext import parse_bytes

LARGEST = 12 * 1024
"""Bytes that a file may have."""

_MOST_TOLD = 20
_WIDEST = 120
_MOST_ON_ONE_LINE = 3
_OTHER_LINE_ENDS = re.compile("[\x85\u2028\u2029]")  # YAML reads these as an end of line like any other


def read_scenario(raw: bytes, place: str, knowledge: Knowledge) -> Scenario:
    """The scenario that the bytes of a file hold. Faults call the file `place`.

    It passes every check that a scenario of the rules folder passes. Raises InputError with its faults, each at its
    line; of very many the first, and how many more there are.
    """
    file = parse_bytes(raw, place, LARGEST)
    found = shaped(file, Scenario, Names(knowledge.vocabulary))
    if not isinstance(found, Scenario):
        raise _refused(place, found)
    topics = [topic.id for topic in knowledge.topics]
    if faults := list(scenario_faults(file, found, topics, knowledge.profile)):
        raise _refused(place, faults)
    return found


def _refused(place: str, faults: Iterable[Fault]) -> InputError:
    told = sorted(set(faults))
    if rest := told[_MOST_TOLD:]:
        told[_MOST_TOLD:] = [Fault(place, rest[0].line, f"from here on there are {len(rest)} more mistakes")]
    return InputError(told)


def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as a YAML file that `read_scenario` reads as an equal one, in the form of rules/scenarios/."""
    return str(yaml.dump(scenario, Dumper=_Dumper, allow_unicode=True, width=_WIDEST))


class _Dumper(yaml.BaseDumper):
    """Writes text alone, as the strict YAML of rules/ reads it: what looks like a number needs no quotes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as above
        super().increase_indent(flow, indentless=False)  # a list stands deeper than its key

    def text(self, text: str) -> yaml.Node:
        style = '"' if _OTHER_LINE_ENDS.search(text) else "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def flag(self, flag: bool) -> yaml.Node:
        return self.text(str(flag).lower())

    def entries(self, items: Sequence[object]) -> yaml.Node:
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=not items)

    def answers(self, answers: Mapping[str, str]) -> yaml.Node:
        short = len(answers) <= _MOST_ON_ONE_LINE
        return self.represent_mapping("tag:yaml.org,2002:map", answers.items(), flow_style=short)

    def model(self, model: BaseModel) -> yaml.Node:
        """The keys of a model in its own order, without those that say what goes without saying."""
        fields = type(model).model_fields.items()
        said = [(name, value) for name, field in fields if (value := getattr(model, name)) != field.default]
        node = self.represent_mapping("tag:yaml.org,2002:map", said, flow_style=False)
        for key, value in node.value:
            if key.value == "topics":  # words, and no sentences
                value.flow_style = True
        return node


_Dumper.add_representer(str, _Dumper.text)
_Dumper.add_representer(bool, _Dumper.flag)
_Dumper.add_representer(tuple, _Dumper.entries)
_Dumper.add_representer(MappingProxyType, _Dumper.answers)
_Dumper.add_multi_representer(BaseModel, _Dumper.model)
