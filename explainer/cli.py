"""The command line: `explainer serve | ask | explain | why | scenarios | compare | check | review | fingerprint`.

Exit codes: 0 done; 1 a check found faults; 2 bad usage or bad input, with one message on standard error and
nothing on standard output.
"""

from __future__ import annotations

import gc
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explainer.errors import ExplainerError, Fault, InputError, KnowledgeError, nearest, shown

if TYPE_CHECKING:
    from explainer.batch import Count
    from explainer.profile import ProfileModel

app = typer.Typer(
    name="explainer",
    help="Explains, for one child's answers, how childhood acute lymphoblastic leukemia (ALL) is treated.",
    epilog="\b\nExample:\n  explainer ask --output page.html",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # a usage error is then a few plain lines, not a box
)

_ENDINGS = {".json": "json", ".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html"}

Format = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORM", help="json, text, markdown or html. Left out: by the ending of --output, or text."
    ),
]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Give or change one answer; may be repeated."),
]
_PROFILE_HELP = "A .json or .yaml file of answers, or - for JSON on standard input."
_SIDE_HELP = "A scenario's name, a .json or .yaml file of answers, or - for JSON on standard input."
_SUFFIXES = {"text": "txt", "markdown": "md", "html": "html"}


@app.command(
    short_help="Serve the questionnaire as a web site.",
    epilog="\b\nExample:\n  explainer serve --port 8080 --workers 2 --allow-host explainer.example.org",
)
def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 takes any that is free.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=1024, metavar="N", help="How many processes answer.")] = 1,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Answer only requests for this host name (*.example.org: any below); may be repeated."
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option(metavar="PATH", help="The path in front of all pages, such as /explainer.")
    ] = "",
    contact: Annotated[
        str, typer.Option(metavar="TEXT", help="How visitors can reach you, for the pages that say so.")
    ] = "",
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, metavar="PORT", help="Serve counts for Prometheus on this port of its own."),
    ] = None,
) -> None:
    """Serve the questionnaire as a web site, until Ctrl-C.

    Behind a proxy that speaks HTTPS, name the proxy's address in FORWARDED_ALLOW_IPS (127.0.0.1 is trusted already).
    """
    from explainer.serve import serve as run

    gc.enable()

    def started(address: str, counts: str | None) -> None:
        typer.echo(f"The questionnaire is at {address}")
        if counts is not None:
            typer.echo(f"Counts for Prometheus are at {counts}")
        typer.echo("Press Ctrl-C to stop.")

    run(
        host,
        port,
        workers=workers,
        prefix=_prefix(prefix),
        hosts=_host_names(allow_host or ()),
        contact=contact,
        metrics_port=metrics_port,
        started=started,
    )


@app.command(epilog="\b\nExample:\n  explainer ask --save answers.yaml --output page.html")
def ask(
    save: Annotated[str | None, typer.Option(metavar="FILE", help="Save the answers as YAML in FILE.")] = None,
    form: Format = None,
    output: Output = None,
) -> None:
    """Ask the questions one by one, then show the explanation.

    Questions are shown on standard error, so that standard output holds the explanation alone.
    """
    from explainer.ask import Questionnaire, Stopped
    from explainer.compose import composer
    from explainer.files import check_writable, profile_yaml, write
    from explainer.render import render

    gc.enable()
    for path in (save, output):
        if path is not None:
            check_writable(path)  # before anybody has answered anything
    if save is not None and Path(save).suffix.lower() not in (".yaml", ".yml"):
        raise InputError([Fault(save, 0, "answers are saved as YAML; give a name that ends in .yaml")])
    if save is not None and output is not None and Path(save).resolve() == Path(output).resolve():
        raise InputError([Fault(output, 0, "the answers are to be saved there; name another file")])
    chosen = _form(form, output)

    def say(text: object) -> None:
        typer.echo(str(text), err=True, nl=False)

    def read(prompt: str) -> str:
        say(prompt)
        line = sys.stdin.buffer.readline() if sys.stdin else b""
        if not line:
            raise EOFError
        return line.decode(errors="replace")

    questionnaire = Questionnaire(composer().knowledge, read, say)
    words = questionnaire.words
    try:
        profile = questionnaire.run()
    except Stopped:
        say(words.stopped())
        return
    text = render(composer().explain(profile), chosen)
    if save is not None:
        write(save, profile_yaml(profile))
    write(output, text)
    if output is not None:
        say(words.written(output))
    elif sys.stdout.isatty():
        say(words.shown())
    if save is not None:
        say(words.saved(shlex.quote(save)))


@app.command(
    epilog="\b\nExamples:\n  explainer explain answers.yaml --output page.html\n"
    "  explainer explain --set stage=induction --set risk_group=high\n"
    "  explainer explain --batch cohort.jsonl --output explained.jsonl"
)
def explain(
    profile: Annotated[str | None, typer.Argument(metavar="PROFILE", help=_PROFILE_HELP, show_default=False)] = None,
    form: Format = None,
    output: Output = None,
    changes: Set = None,
    made_on: Annotated[str | None, typer.Option(metavar="DATE", help="Print this date of making (YYYY-MM-DD).")] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Explain many children: JSON, one a line, or - for standard input."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, metavar="N", help="With --batch: processes; left out, all cores.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --batch: go on where a run that was stopped was.")
    ] = False,
) -> None:
    """Explain the treatment for one child's answers.

    With --batch, for many: line 7 of the output is the explanation of line 7 of FILE, as JSON. Where a line is no
    profile, it is {"error": "FILE:7: …"}; the message also goes to standard error, the others are explained, and the
    exit code is 1. The output is written to OUTPUT.part until it is done. A run that was stopped leaves that file, and
    the same command with --resume goes on from there.
    """
    if batch is not None:
        _alone(profile, changes, form)
        _explain_all(batch, output, workers, resume=resume, made_on=_day(made_on))
        return
    if workers is not None or resume:
        raise InputError([Fault("--workers" if workers else "--resume", 0, "this goes with --batch FILE")])
    from explainer.compose import composer
    from explainer.files import read_profile, write
    from explainer.render import render

    if profile is None and not changes:
        raise InputError([Fault("PROFILE", 0, "give a file of answers, or answers with --set field=value")])
    chosen, day = _form(form, output), _day(made_on)
    answers = read_profile(profile, changes or (), composer().knowledge.profile)
    write(output, render(composer().explain(answers, made_on=day), chosen))


def _alone(profile: str | None, changes: Sequence[str] | None, form: str | None) -> None:
    """Refuses what a batch has no use for."""
    given = {"PROFILE": profile, "--set": changes, "--format": form}
    for name in [name for name, value in given.items() if value and (name, value) != ("--format", "json")]:
        raise InputError([Fault(name, 0, "this does not go with --batch, whose output is JSON, a line for each line")])


def _explain_all(source: str, output: str | None, workers: int | None, *, resume: bool, made_on: date | None) -> None:
    from explainer.batch import run
    from explainer.processes import cores

    gc.enable()
    if resume and output is None:
        raise InputError([Fault("--resume", 0, "there is nothing to go on with without --output")])
    with _bar(source) as (tell, progress):
        try:
            done = run(
                source,
                output,
                workers=workers or cores(),
                resume=resume,
                made_on=made_on,
                tell=tell,
                progress=progress,
            )
        except KeyboardInterrupt:
            tell("stopped" if output is None else "stopped; the same command with --resume goes on from here")
            raise typer.Exit(130) from None
    if done.wrong:
        raise typer.Exit(1)


@contextmanager
def _bar(source: str) -> Iterator[tuple[Callable[[str], None], Callable[[Count], None]]]:
    """How to tell a fault and how far a batch is: on a terminal with a bar, elsewhere without one."""

    def say(text: str) -> None:
        typer.echo(text, err=True)

    if sys.stderr is None or not sys.stderr.isatty():
        yield say, lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        size = Path(source).stat().st_size if Path(source).is_file() else None
        task = bar.add_task("", total=size)

        def progress(done: Count) -> None:
            again = f", {done.kept:,} as before" if done.kept else ""
            wrong = f", {done.wrong:,} wrong" if done.wrong else ""
            bar.update(task, completed=done.bytes, description=f"{done.lines:,} lines{wrong}{again}")

        yield (lambda text: bar.console.print(text, markup=False, highlight=False, soft_wrap=True)), progress


@app.command(
    short_help="Tell why a statement is shown or not.",
    epilog="\b\nExamples:\n  explainer why answers.yaml consolidation.extra-drugs\n"
    "  explainer why answers.yaml induction.fourth-drug --all-minimal",
)
def why(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help=_PROFILE_HELP)],
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="Its id, such as induction.fourth-drug.")],
    changes: Set = None,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="text or json.")] = "text",
    all_minimal: Annotated[
        bool,
        typer.Option("--all-minimal", help="Tell all changes of which no part would do, not the smallest alone."),
    ] = False,
) -> None:
    """Tell why a statement is shown or not, and what would turn it."""
    from explainer.compose import composer
    from explainer.files import read_profile, write
    from explainer.render import render_template
    from explainer.why import why as ask_why

    chosen = _allowed(form, ("text", "json"))
    answers = read_profile(profile, changes or (), composer().knowledge.profile)
    found = ask_why(composer(), answers, statement, all_minimal=all_minimal)
    write(None, found.model_dump_json(indent=2) + "\n" if chosen == "json" else render_template("why.txt", why=found))


scenarios = typer.Typer(
    name="scenarios",
    help="List made-up children to teach with, or show one of them.",
    epilog="\b\nExamples:\n  explainer scenarios --topic mrd\n  explainer scenarios show mrd-found",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(scenarios)


@scenarios.callback()
def scenarios_list(
    context: typer.Context,
    topic: Annotated[str | None, typer.Option(metavar="TOPIC", help="List those on one topic alone.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="text, json or markdown.")] = "text",
) -> None:
    if context.invoked_subcommand is not None:
        if topic is not None or form != "text":
            raise InputError(
                [
                    Fault(
                        "scenarios",
                        0,
                        "--topic and --format before a command are for the list alone; leave them out here",
                    )
                ]
            )
        return
    from explainer.files import write
    from explainer.loader import knowledge
    from explainer.render import as_json, render_template
    from explainer.scenarios import library

    chosen = _allowed(form, ("text", "json", "markdown"))
    found = library(knowledge(), topic)
    if chosen == "json":
        write(None, as_json({"scenarios": [scenario.model_dump(mode="json") for scenario in found]}))
    else:
        write(None, render_template({"text": "scenarios.txt", "markdown": "scenarios.md"}[chosen], scenarios=found))


@scenarios.command(
    epilog="\b\nExamples:\n  explainer scenarios show no-remission-yet --step 2\n"
    "  explainer scenarios show mrd-found --handout --output page.html\n"
    "  explainer scenarios show my-scenario.yaml"
)
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Its name, such as mrd-found, or its own .yaml file.", show_default=False),
    ],
    step: Annotated[str, typer.Option(metavar="N", help="Show this step of its story; 1 is the beginning.")] = "1",
    handout: Annotated[
        bool, typer.Option("--handout", help="Make a handout for a class, with questions and an answer key.")
    ] = False,
    form: Format = None,
    output: Output = None,
) -> None:
    """Show a made-up child, and what the family reads."""
    from explainer.compose import composer
    from explainer.files import write
    from explainer.handout import handout as make_handout
    from explainer.render import as_json, render_template
    from explainer.scenario_file import scenario_at
    from explainer.scenarios import find, lesson

    chosen = _form(form, output)
    if handout:
        chosen = _allowed("markdown" if form is None and output is None else chosen, ("markdown", "html"))
    known = composer().knowledge
    child = scenario_at(name, known) if _is_path(name) else find(known, name)
    number = _number("--step", step)
    if handout:
        made = make_handout(composer(), child, number)
        exercises = {"lesson": made.lesson, "explanation": made.lesson.explanation, "exercises": made.exercises}
        write(output, render_template(f"handout.{_SUFFIXES[chosen]}", **exercises))
        return
    told = lesson(composer(), child, number)
    if chosen == "json":
        write(output, as_json(told.model_dump(mode="json")))
    else:
        shown_as = f"scenario.{_SUFFIXES[chosen]}"
        write(output, render_template(shown_as, lesson=told, explanation=told.explanation))


@app.command(
    epilog="\b\nExamples:\n  explainer compare mrd-found maintenance-at-home\n"
    "  explainer compare answers.yaml mrd-found --format html --output page.html"
)
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help=_SIDE_HELP)],
    other: Annotated[str, typer.Argument(metavar="B", help="The same for the other child.")],
    form: Format = None,
    output: Output = None,
) -> None:
    """Compare what two children are told, and why it differs."""
    from explainer.compare import compare as run
    from explainer.compose import composer
    from explainer.files import write
    from explainer.render import as_json, render_template

    chosen = _form(form, output)
    if one == other == "-":
        raise InputError([Fault("B", 0, "standard input can be one of the two only")])
    (first, first_title), (second, second_title) = _side("A", one), _side("B", other)
    found = run(composer(), first, second, (first_title, second_title))
    if chosen == "json":
        write(output, as_json(found.model_dump(mode="json")))
    else:
        write(output, render_template(f"compare.{_SUFFIXES[chosen]}", comparison=found))


@app.command(
    short_help="Check that the rules keep their promises.",
    epilog="\b\nExamples:\n  explainer check --only pages\n  explainer check rules --only sentences --format json",
)
def check(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="FOLDER", help="The rules folder to check. Left out: the one that is in use."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run this check alone, and show what it measured; may be repeated."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="FILE", help="Compare with this copy of the document: text, or a saved page.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORM", help="text, json or html. Left out: by the ending of --output, or text."
        ),
    ] = None,
    output: Output = None,
    full: Annotated[bool, typer.Option("--full", help="Where a check tries a sample, try everything.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what has changed for whom since the ledger was last accepted.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Keep what every profile is told now as the ledger.")
    ] = False,
) -> None:
    """Check that the rules are complete, sourced, readable, tested."""
    from functools import partial

    from explainer.check import CHECKS, FULL, passed, run
    from explainer.document import read
    from explainer.files import write
    from explainer.proof import Subject
    from explainer.report import REPORTS
    from explainer.resources import folder as resource_folder
    from explainer.verdicts import differences, ledger_check

    gc.enable()
    chosen = _form(form, output, tuple(REPORTS))
    for name in only or ():
        if name not in CHECKS:
            raise InputError([Fault("--only", 0, f"{shown(name)} is not a check; {nearest(name, list(CHECKS))}")])
    if folder is not None and not Path(folder).is_dir():
        raise InputError([Fault(folder, 0, "there is no such folder")])
    if source is not None and only and "source" not in only:
        raise InputError([Fault("--source", 0, "this is for the check named source; add --only source")])
    copy = None if source is None else read(source)
    try:
        subject = Subject.read(resource_folder("rules") if folder is None else Path(folder), copy)
    except ExplainerError as error:
        count = len(error.faults) if isinstance(error, KnowledgeError) else 1
        write(output, f"{error}\n" + (f"{count} faults found.\n" if count > 1 else ""))
        raise typer.Exit(1) from None
    known = {**CHECKS, **FULL} if full else CHECKS
    checks = {name: check for name, check in known.items() if not only or name in only}
    if (diff or accept) and "ledger" not in checks:
        raise InputError([Fault("--only", 0, "--diff and --accept are for the check named ledger")])
    if diff:
        checks["ledger"] = differences
    elif accept:
        checks["ledger"] = partial(ledger_check, accept=True)
    results = run(subject, checks)
    write(output, REPORTS[chosen](subject, results, tables=bool(only)))
    if not passed(results):
        raise typer.Exit(1)


Folder = Annotated[
    str | None, typer.Option(metavar="FOLDER", help="The rules folder to change. Left out: the one that is in use.")
]


def _is_path(name: str) -> bool:
    """Whether a file is meant, and not the name of a scenario, which has neither a dot nor a slash."""
    return "." in name or "/" in name


def _side(place: str, name: str) -> tuple[ProfileModel, str]:
    """The profile that a scenario's name or a file stands for, and what to call it."""
    from explainer.compose import composer
    from explainer.files import read_profile
    from explainer.scenarios import find

    known = composer().knowledge
    if name == "-" or _is_path(name):
        return read_profile(name, (), known.profile), name
    try:
        child = find(known, name)
    except InputError as error:
        raise InputError([Fault(place, 0, fault.message) for fault in error.faults]) from None
    return known.profile.read(dict(child.profile)), child.title


@app.command(epilog='\b\nExample:\n  explainer review induction --by "Jane Roe, RN" --on 2025-01-31')
def review(
    section: Annotated[str, typer.Argument(metavar="SECTION", help="Its id, such as induction.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who has checked it: name and profession.")],
    on: Annotated[str | None, typer.Option(metavar="DATE", help="When (YYYY-MM-DD). Left out: today.")] = None,
    folder: Folder = None,
) -> None:
    """Record a clinician's review of a section.

    It covers all words and conditions, and the facts they tell. Any later change of these, or of the document's date,
    makes it stale.
    """
    from explainer.loader import load
    from explainer.resources import folder as resource_folder
    from explainer.review import recorded

    day = _day(on, "--on") or datetime.now().astimezone().date()
    rules = resource_folder("rules") if folder is None else Path(folder)
    knowledge = load(rules)
    sections = {known.id: known for known in knowledge.sections}
    if section not in sections:
        raise InputError(
            [Fault("SECTION", 0, f"{shown(section)} is not a section; {nearest(section, list(sections))}")]
        )
    block = recorded(knowledge, sections[section], by, day)
    _put(rules / f"{section}.yaml", "reviewed", block, after="title")
    typer.echo(f"{rules / f'{section}.yaml'}: the review of {section} on {day} is recorded.")


@app.command(epilog="\b\nExample:\n  explainer fingerprint page.html")
def fingerprint(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A copy of the document: text, or a saved page.")],
    folder: Folder = None,
) -> None:
    """Keep fingerprints of the document.

    Do so once all facts and rules have been held against it: from then on, copies are compared with these.
    """
    from explainer.document import read
    from explainer.fingerprint import taken
    from explainer.loader import load
    from explainer.resources import folder as resource_folder

    copy = read(file)
    rules = resource_folder("rules") if folder is None else Path(folder)
    block = taken(copy, load(rules).source)
    _put(rules / "source.yaml", "fingerprints", block, after="headings")
    typer.echo(f"{rules / 'source.yaml'}: the fingerprints of {file} are kept.")


def _put(path: Path, key: str, block: str, *, after: str) -> None:
    """Puts one key into a file of a rules folder that has just been loaded."""
    from explainer.files import write
    from explainer.yamledit import with_key
    from explainer.yamltext import read

    text = path.read_bytes().decode()  # as it is, with its own line ends
    write(str(path), with_key(read(path, str(path)), text, key, block, after=after))


def _form(form: str | None, output: str | None, forms: Sequence[str] = ()) -> str:
    if not forms:
        from explainer.render import FORMS

        forms = FORMS
    if form is not None:
        return _allowed(form, forms)
    ending = Path(output or "").suffix.lower()
    endings = [known for known, named in _ENDINGS.items() if named in forms]
    if ending and ending not in endings:
        said = f"no form has the ending {shown(ending)}; {nearest(ending, endings)}; or say it with --format"
        raise InputError([Fault("--output", 0, said)])
    return _ENDINGS.get(ending, "text")


def _allowed(form: str, forms: Sequence[str]) -> str:
    if form not in forms:
        raise InputError([Fault("--format", 0, f"{shown(form)} is not a form; {nearest(form, forms)}")])
    return form


def _number(place: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        raise InputError([Fault(place, 0, f"{shown(text)} is not a number; allowed: one such as 2")])
    return int(text)


def _prefix(text: str) -> str:
    if text and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", text):
        raise InputError([Fault("--prefix", 0, f"{shown(text)} is not a path; allowed: one such as /explainer")])
    return text


def _host_names(names: Iterable[str]) -> list[str]:
    for name in names:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9.-]+", name):
            said = (
                f"{shown(name)} is not a host name; allowed: one such as explainer.example.org, without http:// or port"
            )
            raise InputError([Fault("--allow-host", 0, said)])
    return list(names)


def _day(text: str | None, option: str = "--made-on") -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text is not None else None  # noqa: DTZ007 - a day only
    except ValueError:
        said = f"{shown(text)} is not a date; allowed: YYYY-MM-DD, such as 2025-01-31"
        raise InputError([Fault(option, 0, said)]) from None


def main() -> None:
    """Run the command line, turning every expected error into one message and exit code 2."""
    try:
        app(prog_name="explainer")
    except ExplainerError as error:
        message = str(error)
    except OSError as error:
        from explainer.files import mute

        if error.filename is None:
            mute(sys.stdout)
        message = f"{error.filename or 'standard output'}: this cannot be used ({error.strerror or error})"
    if sys.stderr is not None:
        sys.stderr.write(f"{message}\n")
    sys.exit(2)
