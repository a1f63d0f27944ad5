"""Puts one key into a YAML file that people keep by hand; every other line stays as it is."""

from __future__ import annotations

from explainer.errors import InputError
from explainer.yamltext import YamlText, parse


def with_key(text: str, place: str, key: str, block: str, *, after: str) -> str:
    """The text of the file that is named `place`, with `block` (YAML that gives a top-level `key`) in it.

    It takes the place of the key if there is one, else it follows the key `after`. Raises InputError when the outcome
    would say anything else than that.
    """
    file = parse(text.removeprefix("\ufeff"), place)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    new = [f"{line}{end}" for line in block.splitlines()]
    is_there = (key,) in file.lines
    first, last = _span(file, lines, key if is_there else after)
    if is_there:
        lines[first:last] = new
    else:
        if last and not lines[last - 1].endswith(("\n", "\r")):
            lines[last - 1] += end
        lines[last:last] = new
    edited = "".join(lines)
    outcome, wanted = parse(edited.removeprefix("\ufeff"), file.place), parse(block, file.place)
    if not isinstance(file.data, dict) or not isinstance(wanted.data, dict) or outcome.faults:
        raise _by_hand(file, key, block)
    if outcome.data != {**file.data, **wanted.data}:
        raise _by_hand(file, key, block)
    return edited


def _span(file: YamlText, lines: list[str], key: str) -> tuple[int, int]:
    """The lines that a top-level key takes, without comments and empty lines that stand ahead of the next key."""
    first = file.line((key,)) - 1
    later = sorted(line for path, line in file.lines.items() if len(path) == 1 and line - 1 > first)
    last = later[0] - 1 if later else len(lines)
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith(("#", "..."))):
        last -= 1
    return first, last


def _by_hand(file: YamlText, key: str, block: str) -> InputError:
    said = f"{key} cannot be put in without changing more; write it by hand: {' '.join(block.split())}"
    return InputError.at(file.place, said, file.line((key,)))
