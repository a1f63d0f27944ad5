"""How the words of a command line are read, on a small program of its own."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from explainer.errors import InputError
from explainer.usage import Program, argument, whole

CALLED: list[dict[str, object]] = []
program = Program("kitchen", "pathway-explainer", "Cooks.\n\nMore about it.", "kitchen boil egg")


@program.command(
    "boil",
    argument("what", metavar="WHAT", help="what to boil"),
    argument("into", nargs="?", metavar="INTO", help="where it goes"),
    argument("-m", "--minutes", type=whole(1, 60), default=3, metavar="N", help="how long"),
    argument("--salt", action="store_true", help="with salt"),
    examples=("kitchen boil egg", "kitchen boil egg --salt"),
)
def boil(**given: object) -> None:
    """Boil something.

    In water.
    """
    CALLED.append(given)


@program.command("menu", argument("--short", action="store_true", help="names alone"), examples=("x",))
def menu(**given: object) -> None:
    """List dishes."""
    CALLED.append({"menu": given})


@program.command("menu show", argument("name", metavar="NAME", help="its name"), examples=("x",))
def show(**given: object) -> None:
    """Show a dish."""
    CALLED.append({"show": given})


EGG = {"what": "egg", "into": None, "minutes": 3, "salt": False}


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("boil egg", EGG),
        ("boil egg pot -m 5 --salt", {"what": "egg", "into": "pot", "minutes": 5, "salt": True}),
        ("boil --salt egg --minutes=5 pot", {"what": "egg", "into": "pot", "minutes": 5, "salt": True}),
        ("boil --salt egg", {**EGG, "salt": True}),
        ("boil -", {**EGG, "what": "-"}),
        ("menu", {"menu": {"short": False}}),
        ("menu --short", {"menu": {"short": True}}),
        ("menu show soup", {"show": {"name": "soup"}}),
    ],
)
def test_words_reach_the_command(words: str, given: dict[str, object]) -> None:
    """Options may stand anywhere after the command, and each argument comes to its function by name."""
    CALLED.clear()
    assert program.run(words.split()) is None
    assert [given] == CALLED


def test_it_says_which_version_it_is() -> None:
    """Whoever reports a mistake can say in which version."""
    assert program.run(["--version"]) == f"kitchen {version('pathway-explainer')}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--version boil", "kitchen: '--version' goes alone; allowed here: --help, --version"),
        ("bake", "kitchen: 'bake' is not a command; allowed: boil, menu"),
        ("boli egg", "kitchen: 'boli' is not a command; allowed: boil, menu (did you mean boil?)"),
        ("--salt boil", "kitchen: '--salt' goes after a command, if anywhere; allowed here: --help, --version"),
        ("boil", "kitchen boil: the following arguments are required: WHAT"),
        ("boil egg pot lid", "kitchen boil: 'lid' is one argument too many"),
        (
            "boil egg --slat",
            "kitchen boil: '--slat' is not an option; allowed: --minutes, --salt (did you mean --salt?)",
        ),
        (
            "boil egg --salty=no",
            "kitchen boil: '--salty' is not an option; allowed: --minutes, --salt (did you mean --salt?)",
        ),
        (
            "boil egg --min 5",
            "kitchen boil: '--min' is not an option; allowed: --minutes, --salt (did you mean --minutes?)",
        ),
        ("boil egg --salt=no", "--salt: ignored explicit argument 'no'"),
        ("boil egg -m", "-m/--minutes: expected one argument"),
        ("boil egg -m ten", "-m/--minutes: 'ten' is not a number from 1 to 60"),
        ("boil egg -m 0", "-m/--minutes: '0' is not a number from 1 to 60"),
        ("boil egg -m 4 --minutes 5", "-m/--minutes: this is given twice; give it once"),
        ("boil egg -m 61", "-m/--minutes: '61' is not a number from 1 to 60"),
        ("menu shwo", "kitchen menu: 'shwo' is not a command; allowed: show (did you mean show?)"),
        ("menu soup", "kitchen menu: 'soup' is not a command; allowed: show, such as kitchen menu show soup"),
        ("menu --short show soup", "kitchen menu: show goes before all options: kitchen menu show"),
        ("menu show", "kitchen menu show: the following arguments are required: NAME"),
    ],
)
def test_wrong_words_are_told_in_one_line(words: str, said: str) -> None:
    """Where it is wrong, the word, what is allowed, and the one that was most likely meant; and nothing is run."""
    CALLED.clear()
    with pytest.raises(InputError) as caught:
        program.run(words.split())
    assert str(caught.value) == said
    assert not CALLED


def test_the_help_lists_every_command() -> None:
    """A visitor finds what there is, with an example, and nothing is run."""
    told = program.run(["--help"])
    assert told == program.run(["-h"]) == program.help()
    assert told == (
        "usage: kitchen COMMAND [ARGUMENTS]\n\nCooks.\n\nMore about it.\n\noptions:\n"
        "  -h, --help  show this help message and exit\n  --version   show which version this is and exit\n\n"
        "commands:\n  boil       Boil something.\n  menu       List dishes.\n  menu show  Show a dish.\n\n"
        "example:\n  kitchen boil egg\n"
    )


def test_the_help_of_a_command_tells_all_of_it() -> None:
    """Each argument, what is left out when it is, and examples; whatever else is on the line."""
    CALLED.clear()
    told = program.run(["boil", "--help"])
    assert told == program.run(["boil", "egg", "--nonsense", "-h"])
    assert told is not None
    assert told.startswith("usage: kitchen boil [OPTIONS] WHAT [INTO]\n\nBoil something.\n\nIn water.\n\n")
    assert told.endswith("examples:\n  kitchen boil egg\n  kitchen boil egg --salt\n")
    assert all(word in told for word in ("what to boil", "where it goes", "--minutes N", "with salt"))
    assert not CALLED
