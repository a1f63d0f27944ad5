"""The command line: `explainer ask | explain | why | check`.

Exit codes: 0 done; 1 a check found faults; 2 bad usage or bad input, with one message on standard error and
nothing on standard output.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from explainer.errors import ExplainerError, KnowledgeError

app = typer.Typer(
    name="explainer",
    help="Explains, for one child's answers, how childhood acute lymphoblastic leukemia (ALL) is treated.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


class Form(StrEnum):
    """The forms of an explanation, as render.FORMS has them."""

    json = "json"
    text = "text"
    markdown = "markdown"
    html = "html"


class WhyForm(StrEnum):
    json = "json"
    text = "text"


_ENDINGS = {".json": Form.json, ".txt": Form.text, ".md": Form.markdown, ".html": Form.html, ".htm": Form.html}

Format = Annotated[
    Form | None,
    typer.Option("--format", help="Form of the explanation. Left out: by the ending of --output, or text."),
]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Give or change one answer; may be repeated."),
]
MadeOn = Annotated[
    datetime | None,
    typer.Option("--made-on", formats=["%Y-%m-%d"], metavar="DATE", help="Print this date of making (YYYY-MM-DD)."),
]
_PROFILE_HELP = "A .json or .yaml file of answers, or - for JSON on standard input."


@app.command(epilog="Example:  [bold]explainer ask --save answers.yaml --output page.html[/bold]")
def ask(
    save: Annotated[str | None, typer.Option(metavar="FILE", help="Save the answers as YAML in FILE.")] = None,
    form: Format = None,
    output: Output = None,
) -> None:
    """Ask the questions one by one in this terminal, then show the explanation.

    Questions are shown on standard error, so that standard output holds the explanation alone.
    """
    from explainer.ask import Questionnaire, Stopped
    from explainer.compose import composer
    from explainer.files import check_writable, profile_yaml, write
    from explainer.render import render

    for path in (save, output):
        if path is not None:
            check_writable(path)  # before anybody has answered anything
    chosen = _form(form, output)

    def read(prompt: str) -> str:
        typer.echo(prompt, err=True, nl=False)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    questionnaire = Questionnaire(composer().knowledge, read, lambda text: typer.echo(str(text), err=True, nl=False))
    try:
        profile = questionnaire.run()
    except Stopped:
        typer.echo(str(questionnaire.words.stopped()), err=True, nl=False)
        return
    text = render(composer().explain(profile), chosen)
    if save is not None:
        write(save, profile_yaml(profile))
        typer.echo(str(questionnaire.words.saved(save)), err=True, nl=False)
    write(output, text)
    if output is not None:
        typer.echo(str(questionnaire.words.written(output)), err=True, nl=False)


@app.command(
    epilog="Examples:  [bold]explainer explain answers.yaml --output page.html[/bold]"
    "   [bold]explainer explain --set stage=induction --set risk_group=high[/bold]"
)
def explain(
    profile: Annotated[str | None, typer.Argument(metavar="[PROFILE]", help=_PROFILE_HELP, show_default=False)] = None,
    form: Format = None,
    output: Output = None,
    changes: Set = None,
    made_on: MadeOn = None,
) -> None:
    """Explain the treatment for one child's answers."""
    from explainer.compose import composer
    from explainer.files import read_profile, write
    from explainer.render import render

    if profile is None and not changes:
        raise typer.BadParameter("give a PROFILE file, or answers with --set field=value", param_hint="PROFILE")
    chosen = _form(form, output)
    answers = read_profile(profile, changes or (), composer().knowledge.profile)
    day = made_on.date() if made_on else None
    write(output, render(composer().explain(answers, made_on=day), chosen))


@app.command(epilog="Example:  [bold]explainer why answers.yaml consolidation.extra-drugs[/bold]")
def why(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help=_PROFILE_HELP)],
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="Its id, such as induction.fourth-drug.")],
    changes: Set = None,
    form: Annotated[WhyForm, typer.Option("--format")] = WhyForm.text,
) -> None:
    """Tell why a statement is shown or not, and the smallest change of answers that would change that."""
    from explainer.compose import composer
    from explainer.files import read_profile, write
    from explainer.render import render_template
    from explainer.why import why as ask_why

    answers = read_profile(profile, changes or (), composer().knowledge.profile)
    found = ask_why(composer(), answers, statement)
    write(
        None, found.model_dump_json(indent=2) + "\n" if form is WhyForm.json else render_template("why.txt", why=found)
    )


@app.command(epilog="Example:  [bold]explainer check rules[/bold]")
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="The rules folder to check. Left out: the one that is in use.")
    ] = None,
) -> None:
    """Load and cross-check the knowledge, and count what is in it."""
    from rich.console import Console
    from rich.table import Table

    from explainer.check import counts
    from explainer.engine import Engine
    from explainer.errors import Fault, InputError
    from explainer.loader import load
    from explainer.resources import folder as resource_folder

    if folder is not None and not folder.is_dir():
        raise InputError([Fault(str(folder), 0, "there is no such folder")])
    try:
        knowledge = load(folder or resource_folder("rules"))
    except KnowledgeError as error:
        typer.echo(f"{error}\n{len(error.faults)} faults found." if len(error.faults) > 1 else str(error))
        raise typer.Exit(1) from None
    Engine(knowledge)
    table = Table("in the knowledge", "", box=None)
    table.columns[1].justify = "right"
    for name, number in counts(knowledge).items():
        table.add_row(name, str(number))
    Console().print(table)


def _form(form: Form | None, output: str | None) -> Form:
    ending = Path(output).suffix.lower() if output else ""
    return form or _ENDINGS.get(ending, Form.text)


def main() -> None:
    """Run the command line, turning every expected error into one message and exit code 2."""
    try:
        app()
    except ExplainerError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more at exit
        sys.exit(0)
