"""Ways to spoil a text, as a slip of the hand would."""

from __future__ import annotations

from hypothesis import strategies as st

SIGNS = [
    ": ",
    "- ",
    "\t",
    "  ",
    "\n",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "&",
    "*",
    "!",
    "#",
    "|",
    "%",
    "\\",
    "---\n",
    "é",
    "\x00",
]


@st.composite
def mangled(draw: st.DrawFn, text: str) -> str:
    """The text with a line lost, repeated, moved or indented, or with something put in or left out."""
    lines = text.splitlines(keepends=True)
    number = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(number)
    match draw(st.sampled_from(["lose", "repeat", "move", "indent", "insert", "cut"])):
        case "repeat":
            lines[number:number] = [line, line]
        case "move":
            lines.insert(draw(st.integers(0, len(lines))), line)
        case "indent":
            lines.insert(number, f"  {line}")
        case "insert":
            column = draw(st.integers(0, len(line)))
            lines.insert(number, line[:column] + draw(st.sampled_from(SIGNS) | st.text(max_size=3)) + line[column:])
        case "cut":
            first, last = sorted((draw(st.integers(0, len(line))), draw(st.integers(0, len(line)))))
            lines.insert(number, line[:first] + line[last:])
    return "".join(lines)
