"""How a command line is read: its commands and their arguments, its help, and what is said of one that is wrong.

Python's own argparse reads the words of one command. It is made for the command that is given alone, and it is what the
standard library has: to import anything larger would take longer than most commands do.
"""

from __future__ import annotations

import textwrap
from argparse import Action, ArgumentError, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

from explainer.errors import Fault, InputError, closest, nearest, shown

_WIDTH = 78


class Argument(NamedTuple):
    """One argument of a command, as `ArgumentParser.add_argument` takes it."""

    names: tuple[str, ...]
    options: dict[str, Any]

    @property
    def wanted(self) -> str:
        """How the usage shows it, if it is no option."""
        if self.names[0].startswith("-"):
            return ""
        name = str(self.options["metavar"])
        return f"[{name}]" if "nargs" in self.options else name


def argument(*names: str, **options: Any) -> Argument:
    return Argument(names, options)


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number within limits."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ArgumentTypeError(f"{shown(text)} is not a number from {least} to {most}")
        return number

    return read


class Command(NamedTuple):
    """`run` is called with the arguments by name. Its docstring is the help, and the first line of that is listed."""

    name: str
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]
    run: Callable[..., None]

    @property
    def help(self) -> str:
        return self.run.__doc__ or self.name

    @property
    def summary(self) -> str:
        return self.help.partition("\n")[0]


class Program:
    """A program of several commands. A name of two words, such as `scenarios show`, is a command of its own."""

    def __init__(self, name: str, package: str, description: str, *examples: str) -> None:
        self.name = name
        self.package = package
        self.description = description
        self.examples = examples
        self.commands: dict[tuple[str, ...], Command] = {}

    def command(
        self, name: str, *arguments: Argument, examples: tuple[str, ...]
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Makes a function a command."""

        def add(run: Callable[..., None]) -> Callable[..., None]:
            self.commands[tuple(name.split())] = Command(name, arguments, examples, run)
            return run

        return add

    def run(self, words: list[str]) -> str | None:
        """Runs the command that the words begin with, or gives the help that they ask for.

        Raises InputError when they are wrong.
        """
        name = next((given for count in (2, 1) if (given := tuple(words[:count])) in self.commands), None)
        if name is None:
            if words[:1] in (["-h"], ["--help"]):
                return self.help()
            if words == ["--version"]:
                from importlib.metadata import version  # a tenth of the time that the help takes

                return f"{self.name} {version(self.package)}\n"
            raise InputError([self._unknown(words[0])])
        command, rest = self.commands[name], words[len(name) :]
        if "-h" in rest or "--help" in rest:
            return self._parser_of(command).format_help()
        command.run(**self._read(command, rest))
        return None

    def help(self) -> str:
        """What the program is for, and a line for each of its commands."""
        wide = max(len(command.name) for command in self.commands.values())
        listed = [f"{command.name:{wide}}  {command.summary}" for command in self.commands.values()]
        more = _listed("commands", listed) + _listed("example", self.examples)
        parser = _parser(self.name, f"{self.name} COMMAND [ARGUMENTS]", self.description, more)
        parser.add_argument("--version", action="store_true", help="show which version this is and exit")
        return parser.format_help()

    def _unknown(self, word: str) -> Fault:
        if word.startswith("-"):
            place = "goes alone" if word == "--version" else "goes after a command, if anywhere"
            return Fault(self.name, 0, f"{shown(word)} {place}; allowed here: --help, --version")
        names = list(dict.fromkeys(name for name, *_ in self.commands))
        return Fault(self.name, 0, f"{shown(word)} is not a command; {nearest(word, names)}")

    def _parser_of(self, command: Command) -> ArgumentParser:
        name = f"{self.name} {command.name}"
        wanted = [given.wanted for given in command.arguments if given.wanted]
        usage = " ".join([name, "[OPTIONS]", *wanted])
        more = _listed("example" if len(command.examples) == 1 else "examples", command.examples)
        parser = _parser(name, usage, command.help, more)
        for names, options in command.arguments:
            parser.add_argument(*names, **({"action": _Once} if names[0].startswith("-") else {}) | options)
        return parser

    def _read(self, command: Command, words: list[str]) -> dict[str, Any]:
        parser = self._parser_of(command)
        try:
            found, more = parser.parse_known_intermixed_args(words)
        except ArgumentError as error:
            raise InputError.at(error.argument_name or parser.prog, error.message) from None
        if more:
            raise InputError([self._too_much(command, parser.prog, more)])
        return vars(found)

    def _too_much(self, command: Command, place: str, more: list[str]) -> Fault:
        word = next((word for word in more if word.startswith("-") and word != "-"), more[0])
        options = [name for given in command.arguments for name in given.names if name.startswith("--")]
        inner = [name[-1] for name in self.commands if name[:-1] == (command.name,)]
        if word in inner:
            return Fault(place, 0, f"{word} goes before all options: {place} {word}")
        if word.startswith("-"):
            name = word.partition("=")[0]
            return Fault(place, 0, f"{shown(name)} is not an option; {nearest(name, options)}")
        if not inner:
            return Fault(place, 0, f"{shown(word)} is one argument too many")
        example = "" if closest(word, inner) else f", such as {place} {inner[0]} {word}"
        return Fault(place, 0, f"{shown(word)} is not a command; {nearest(word, inner)}{example}")


class _Once(Action):
    """An option of which only one can count: of two, the first would be lost."""

    def __call__(self, _: object, namespace: Namespace, values: object, __: str | None = None) -> None:
        if getattr(namespace, self.dest) is not self.default:
            raise ArgumentError(self, "this is given twice; give it once")
        setattr(namespace, self.dest, values)


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says what is wrong as all other errors do, and not with the usage before it."""
        raise InputError.at(self.prog, message)


def _parser(name: str, usage: str, description: str, more: str) -> ArgumentParser:
    return _Parser(
        prog=name,
        usage=usage,
        description="\n\n".join(map(_filled, description.split("\n\n"))),
        epilog=more,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
        exit_on_error=False,
    )


def _listed(title: str, lines: Iterable[str]) -> str:
    return "\n  ".join([f"{title}:", *lines]) + "\n\n"


def _filled(paragraph: str) -> str:
    return textwrap.fill(" ".join(paragraph.split()), _WIDTH, break_on_hyphens=False)
