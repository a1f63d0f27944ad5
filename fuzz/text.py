"""Any bytes are YAML that says what PyYAML reads there, or faults with their lines."""

from __future__ import annotations

import yaml

from explainer.errors import Fault
from explainer.resources import folder
from explainer.yamltext import Data, decode, parse

LONGEST = 64_000
SEEDS = (
    *((folder("rules") / f"{name}.yaml").read_bytes() for name in ("concepts", "phrases", "support", "topics")),
    b"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n",
    b"<<: *x\n",
    b"[" * 40 + b"]" * 40,
    b"? [a]\n: b\n? {c: d}\n: |+\n  e\n\n",
    b"!!python/object/apply:os.system [x]\n--- !x\n...\n%YAML 1.1\n",
    b"\"\\x00\\ud800\\U0010ffff\\N\": ''''\n",
    "\ufeffé: 'ſ\u2028\u202e'\n".encode(),
    b"- 1" + b"0" * 5000 + b"\n- .inf\n- 0x1f\n- 1:30\n- ~\n",
    b"a: b\na: c\n",
)
WORDS = (
    "- ",
    ": ",
    "? ",
    "|-\n",
    ">+2\n",
    "&a ",
    "*a",
    "!!",
    "---\n",
    "...\n",
    "%TAG ! x\n",
    "<<: ",
    "\n  ",
    "\t",
    "{",
    "[",
)


def attempt(data: bytes) -> None:
    """Reads `data` as the bytes of a file."""
    text = decode(data, "file")
    if isinstance(text, Fault):
        return
    result = parse(text, "file")
    if result.faults:
        lines = len(text.splitlines()) + 1  # YAML breaks lines at a carriage return, too
        assert all(0 <= fault.line <= lines and fault.message for fault in result.faults)
        return
    assert is_plain(result.data)
    assert result.data == yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - text only
    assert all(result.line(path) >= 1 for path in result.lines)


def is_plain(data: Data) -> bool:
    """Whether nothing but text, lists and mappings was made of it."""
    if isinstance(data, list):
        return all(map(is_plain, data))
    return type(data) is str or (isinstance(data, dict) and all(map(is_plain, [*data, *data.values()])))
