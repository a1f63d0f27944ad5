"""The command line: `explainer serve | ask | explain | why | scenarios | compare | check | review | fingerprint`.

Exit codes: 0 done; 1 a check found faults, a batch held lines that are no profile, or `ask` was stopped before it made
the file that was wanted; 2 bad usage or bad input, with one message on standard error and nothing on standard output.
"""

from __future__ import annotations

import gc
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from explainer.errors import ExplainerError, Fault, InputError, KnowledgeError, nearest, shown
from explainer.output import check_apart, check_writable, mute, write
from explainer.usage import Argument, Program, argument, whole

if TYPE_CHECKING:
    from explainer.batch import Count

program = Program(
    "explainer",
    "pathway-explainer",
    "Explains, for one child's answers, how childhood acute lymphoblastic leukemia (ALL) is treated.",
    "explainer ask --output page.html",
)

_LONGEST_ANSWER = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal would obey: the name of a file may hold it, and messages quote that."""
_LINES = (".jsonl", ".ndjson", ".json")
_ENDINGS = {".json": "json", ".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html"}

_FORMAT = argument(
    "--format",
    dest="form",
    metavar="FORM",
    help="json, text, markdown or html; left out: by the ending of --output, or text",
)
_OUTPUT = argument("-o", "--output", metavar="FILE", help="write to FILE, whole or not at all")
_SET = argument(
    "--set",
    dest="changes",
    action="append",
    default=[],
    metavar="FIELD=VALUE",
    help="give or change one answer; those that it makes moot fall away; may be repeated",
)
_FOLDER = argument("--folder", metavar="FOLDER", help="the rules folder to change; left out: the one that is in use")
_CHILD_HELP = (
    "a .json or .yaml file of answers, or - for JSON on standard input; or a scenario: its name or its .yaml file, or "
    "one of its steps (no-remission-yet.2, mine.yaml.2)"
)


def _day(text: str) -> date:
    from explainer.values import day

    try:
        return day(text)
    except ValueError:
        raise ArgumentTypeError(f"{shown(text)} is not a date; allowed: YYYY-MM-DD, such as 2025-01-31") from None


def _readable(text: str) -> str:
    from explainer.yamltext import not_text

    if odd := not_text(text):
        raise ArgumentTypeError(odd[1])
    return text


def _prefix(text: str) -> str:
    if text and not re.fullmatch(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+", text):
        raise ArgumentTypeError(f"{shown(text)} is not a path; allowed: one such as /explainer")
    return text


def _host_name(text: str) -> str:
    if not re.fullmatch(r"(\*\.)?[A-Za-z0-9.-]+", text):
        allowed = "one such as explainer.example.org, without http:// or port"
        raise ArgumentTypeError(f"{shown(text)} is not a host name; allowed: {allowed}")
    return text


def _allowed(form: str, forms: Sequence[str]) -> str:
    if form not in forms:
        raise InputError.at("--format", f"{shown(form)} is not a form; {nearest(form, forms)}")
    return form


def _text_or(*others: str) -> Argument:
    """Which form, where text is what most want and the others go to standard output, too."""
    forms = ("text", *others)
    told = f"{', '.join(forms[:-1])} or {forms[-1]}; left out: text"
    return argument(
        "--format", dest="form", type=partial(_allowed, forms=forms), default="text", metavar="FORM", help=told
    )


@program.command(
    "serve",
    argument("--host", default="127.0.0.1", metavar="HOST", help="the address to listen on; left out: 127.0.0.1"),
    argument(
        "--port", type=whole(0, 65535), default=8000, metavar="PORT", help="left out: 8000; 0 takes any that is free"
    ),
    argument("--workers", type=whole(1, 1024), default=1, metavar="N", help="how many processes answer; left out: 1"),
    argument(
        "--allow-host",
        type=_host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="answer only requests for this host name (*.example.org: any below); may be repeated",
    ),
    argument(
        "--prefix", type=_prefix, default="", metavar="PATH", help="the path in front of all pages, such as /explainer"
    ),
    argument(
        "--contact",
        type=_readable,
        default="",
        metavar="TEXT",
        help="how visitors can reach you, for the pages that say so",
    ),
    argument(
        "--metrics-port",
        type=whole(0, 65535),
        metavar="PORT",
        help="serve counts for Prometheus on this port of its own",
    ),
    examples=("explainer serve --port 8080 --workers 2 --allow-host explainer.example.org",),
)
def serve(
    *,
    host: str,
    port: int,
    workers: int,
    allow_host: Sequence[str],
    prefix: str,
    contact: str,
    metrics_port: int | None,
) -> None:
    """Serve the questionnaire as a web site, until Ctrl-C.

    Behind a proxy that speaks HTTPS, name the proxy's address in FORWARDED_ALLOW_IPS (127.0.0.1 is trusted already).
    """
    from explainer.serve import serve as run

    gc.enable()

    def started(address: str, counts: str | None) -> None:
        _say(f"The questionnaire is at {address}\n", sys.stdout)
        if counts is not None:
            _say(f"Counts for Prometheus are at {counts}\n", sys.stdout)
        _say("Press Ctrl-C to stop.\n", sys.stdout)

    run(
        host,
        port,
        workers=workers,
        prefix=prefix,
        hosts=allow_host,
        contact=contact,
        metrics_port=metrics_port,
        started=started,
    )


@program.command(
    "ask",
    argument("--save", metavar="FILE", help="save the answers as YAML in FILE"),
    _FORMAT,
    _OUTPUT,
    examples=("explainer ask --save answers.yaml --output page.html",),
)
def ask(*, save: str | None, form: str | None, output: str | None) -> None:
    """Ask the questions one by one, then show the explanation.

    Questions are shown on standard error, so that standard output holds the explanation alone.
    """
    from shlex import quote

    from explainer.ask import Questionnaire, Stopped
    from explainer.compose import composer
    from explainer.files import profile_yaml
    from explainer.render import render

    gc.enable()
    for path in (save, output):
        check_writable(path)  # before anybody has answered anything
    if save is not None and Path(save).suffix.lower() not in (".yaml", ".yml"):
        raise InputError.at(save, "answers are saved as YAML; give a name that ends in .yaml")
    if save is not None and output is not None and Path(save).resolve() == Path(output).resolve():
        raise InputError.at(output, "the answers are to be saved there; name another file")
    chosen = _form(form, output)

    def say(text: object) -> None:
        _say(str(text), sys.stderr)

    def read(prompt: str) -> str:
        say(prompt)
        line = sys.stdin.buffer.readline(_LONGEST_ANSWER) if sys.stdin else b""
        if not line:
            raise EOFError
        if len(line) == _LONGEST_ANSWER:
            raise InputError.at("standard input", f"no answer is longer than {_LONGEST_ANSWER:,} bytes")
        return line.decode(errors="replace")

    questionnaire = Questionnaire(composer().knowledge, read, say)
    words = questionnaire.words
    try:
        profile = questionnaire.run()
    except Stopped:
        say(words.stopped())
        sys.exit(1 if save or output else 0)  # a script has to know that there is no such file
    text = render(composer().explain(profile), chosen)
    if save is not None:
        write(save, profile_yaml(profile))
    write(output, text)
    if output is not None:
        say(words.written(output))
    elif sys.stdout.isatty():
        say(words.shown())
    if save is not None:
        say(words.saved(quote(save)))


@program.command(
    "explain",
    argument("profile", nargs="?", metavar="PROFILE", help=_CHILD_HELP),
    _FORMAT,
    _OUTPUT,
    _SET,
    argument("--made-on", type=_day, metavar="DATE", help="print this date of making (YYYY-MM-DD)"),
    argument("--batch", metavar="FILE", help="explain many children: JSON, one a line, or - for standard input"),
    argument(
        "--workers",
        type=whole(1, 1024),
        metavar="N",
        help="with --batch: processes; left out: as many as there are cores",
    ),
    argument("--resume", action="store_true", help="with --batch: go on where a run that was stopped was"),
    examples=(
        "explainer explain answers.yaml --output page.html",
        "explainer explain --set stage=induction --set risk_group=high",
        "explainer explain --batch cohort.jsonl --output explained.jsonl",
    ),
)
def explain(
    *,
    profile: str | None,
    form: str | None,
    output: str | None,
    changes: Sequence[str],
    made_on: date | None,
    batch: str | None,
    workers: int | None,
    resume: bool,
) -> None:
    """Explain the treatment for one child's answers.

    With --batch, for many: line 7 of the output is the explanation of line 7 of FILE, as JSON. Where a line is no
    profile, it is {"error": "FILE:7: ..."}; the message also goes to standard error, the others are explained, and the
    exit code is 1. The output is written to OUTPUT.part until it is done. A run that was stopped leaves that file, and
    the same command with --resume goes on from there.
    """
    if batch is not None:
        _alone(profile, changes, form, output)
        _explain_all(batch, output, workers, resume=resume, made_on=made_on)
        return
    if workers is not None or resume:
        raise InputError.at("--workers" if workers else "--resume", "this goes with --batch FILE")
    from explainer.compose import composer
    from explainer.files import read_child
    from explainer.render import render

    if profile is None and not changes:
        raise InputError.at("PROFILE", "give a file of answers, or answers with --set field=value")
    chosen = _form(form, output)
    check_apart(output, profile)
    child = read_child(profile, changes, composer().knowledge, "PROFILE")
    write(output, render(composer().explain(child.profile, made_on=made_on), chosen))


def _alone(profile: str | None, changes: Sequence[str], form: str | None, output: str | None) -> None:
    """Refuses what a batch has no use for, and an output that would pass for something else."""
    given = {"PROFILE": profile, "--set": changes, "--format": form}
    for name in [name for name, value in given.items() if value and (name, value) != ("--format", "json")]:
        said = "whose output is JSON, a line for each line" if name == "--format" else "whose answers are all in FILE"
        raise InputError.at(name, f"this does not go with --batch, {said}")
    ending = Path(output or "").suffix.lower()
    if form is None and ending and ending not in _LINES:
        said = f"a batch writes lines of JSON, which {shown(ending)} does not say; {nearest(ending, _LINES)}"
        raise InputError.at("--output", f"{said}; or say --format json")


def _explain_all(source: str, output: str | None, workers: int | None, *, resume: bool, made_on: date | None) -> None:
    from explainer.batch import draft_of, run
    from explainer.processes import cores

    gc.enable()
    if resume and output is None:
        raise InputError.at("--resume", "there is nothing to go on with without --output")
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
            is_kept = output is not None and draft_of(output).is_file()
            tell("stopped; the same command with --resume goes on from here" if is_kept else "stopped")
            sys.exit(130)
    if done.wrong:
        sys.exit(1)


@contextmanager
def _bar(source: str) -> Iterator[tuple[Callable[[str], None], Callable[[Count], None]]]:
    """How to tell a fault and how far a batch is: on a terminal with a bar, elsewhere without one."""

    def say(text: str) -> None:
        _say(f"{text}\n", sys.stderr)

    if sys.stderr is None or not sys.stderr.isatty():
        yield say, lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:  # no thread, so that it can fork
        size = Path(source).stat().st_size if Path(source).is_file() else None
        task = bar.add_task("", total=size)

        def progress(done: Count) -> None:
            again = f", {done.kept:,} as before" if done.kept else ""
            wrong = f", {done.wrong:,} wrong" if done.wrong else ""
            bar.update(task, completed=done.bytes, description=f"{done.lines:,} lines{wrong}{again}", refresh=True)

        yield (lambda text: bar.console.print(_unarmed(text), markup=False, highlight=False, soft_wrap=True)), progress


@program.command(
    "why",
    argument("profile", metavar="PROFILE", help=_CHILD_HELP),
    argument("statement", metavar="STATEMENT", help="its id, such as induction.fourth-drug; explain tells all as JSON"),
    _SET,
    _text_or("json"),
    argument(
        "--all-minimal",
        action="store_true",
        help="tell all changes of which no part would do, not the smallest alone",
    ),
    examples=(
        "explainer why answers.yaml consolidation.extra-drugs",
        "explainer why no-remission-yet.2 induction.fourth-drug --all-minimal",
    ),
)
def why(*, profile: str, statement: str, changes: Sequence[str], form: str, all_minimal: bool) -> None:
    """Tell why a statement is shown or not, and what would turn it."""
    from explainer.compose import composer
    from explainer.files import read_child
    from explainer.render import in_form
    from explainer.why import why as ask_why

    child = read_child(profile, changes, composer().knowledge, "PROFILE")
    found = ask_why(composer(), child.profile, statement, all_minimal=all_minimal)
    write(None, in_form(form, "why", found, why=found))


@program.command(
    "scenarios",
    argument("--topic", metavar="TOPIC", help="list those on one topic alone"),
    _text_or("json", "markdown"),
    examples=("explainer scenarios --topic mrd", "explainer scenarios show mrd-found"),
)
def scenarios(*, topic: str | None, form: str) -> None:
    """List made-up children to teach with, or show one of them."""
    from explainer.loader import knowledge
    from explainer.render import in_form
    from explainer.scenarios import library

    found = library(knowledge(), topic)
    write(None, in_form(form, "scenarios", {"scenarios": found}, scenarios=found))


@program.command(
    "scenarios show",
    argument(
        "name", metavar="NAME", help="its name, such as mrd-found, its step (no-remission-yet.2), or its own .yaml file"
    ),
    argument("--step", type=whole(0, 9999), metavar="N", help="show this step of its story; left out: the beginning"),
    argument(
        "--handout",
        action="store_true",
        help="make a handout for a class, with questions and an answer key: markdown or html; left out: markdown",
    ),
    argument(
        "--without",
        action="append",
        default=[],
        metavar="PART",
        help="leave out of the handout: key (the answers), or text (what the family reads); may be repeated",
    ),
    _FORMAT,
    _OUTPUT,
    examples=(
        "explainer scenarios show no-remission-yet --step 2",
        "explainer scenarios show mrd-found --handout --output page.html",
        "explainer scenarios show mrd-found --handout --without key",
        "explainer scenarios show my-scenario.yaml",
    ),
)
def show(
    *, name: str, step: int | None, handout: bool, without: Sequence[str], form: str | None, output: str | None
) -> None:
    """Show a made-up child, and what the family reads."""
    from explainer.compose import composer
    from explainer.files import read_child
    from explainer.handout import PARTS
    from explainer.handout import handout as make_handout
    from explainer.lesson import lesson
    from explainer.render import in_form

    if handout:
        chosen = "markdown" if form is None and output is None else _form(form, output, ("markdown", "html"))
    else:
        chosen = _form(form, output)
    if without and not handout:
        raise InputError.at("--without", "only a handout can lack a part; add --handout")
    for part in without:
        if part not in PARTS:
            raise InputError.at("--without", f"a handout has no part {shown(part)}; {nearest(part, PARTS)}")
    check_apart(output, name)
    child = read_child(name, (), composer().knowledge, "NAME")
    if child.scenario is None:
        raise InputError.at(name, "this holds answers alone; allowed: a scenario, which tells a story, too")
    if step is not None and child.step > 1:
        raise InputError.at("--step", f"{shown(name)} is a step already; name the scenario alone")
    number = child.step if step is None else step
    if handout:
        made = make_handout(composer(), child.scenario, number)
        write(output, in_form(chosen, "handout", made, **made.shown(without)))
        return
    told = lesson(composer(), child.scenario, number)
    write(output, in_form(chosen, "scenario", told, lesson=told, explanation=told.explanation))


@program.command(
    "compare",
    argument("one", metavar="A", help=_CHILD_HELP),
    argument("other", metavar="B", help="the same for the other child"),
    _FORMAT,
    _OUTPUT,
    examples=(
        "explainer compare no-remission-yet.2 no-remission-yet.3",
        "explainer compare my-scenario.yaml mrd-found",
        "explainer compare answers.yaml mrd-found --format html --output page.html",
    ),
)
def compare(*, one: str, other: str, form: str | None, output: str | None) -> None:
    """Compare what two children are told, and why it differs."""
    from explainer.compare import compare as run
    from explainer.compose import composer
    from explainer.files import read_child
    from explainer.render import in_form

    chosen = _form(form, output)
    check_apart(output, one, other)
    if one == other == "-":
        raise InputError.at("B", "standard input can be one of the two only")
    first, second = (read_child(name, (), composer().knowledge, side) for side, name in (("A", one), ("B", other)))
    found = run(composer(), first.profile, second.profile, (first.title, second.title))
    write(output, in_form(chosen, "compare", found, comparison=found))


@program.command(
    "check",
    argument("folder", nargs="?", metavar="FOLDER", help="the rules folder to check; left out: the one that is in use"),
    argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="run this check alone, and show what it measured; may be repeated",
    ),
    argument("--source", metavar="FILE", help="compare with this copy of the document: text, or a saved page"),
    argument(
        "--format",
        dest="form",
        metavar="FORM",
        help="text, json or html; left out: by the ending of --output, or text",
    ),
    _OUTPUT,
    argument("--full", action="store_true", help="where a check tries a sample, try everything"),
    argument("--diff", action="store_true", help="show what has changed for whom since the ledger was last accepted"),
    argument("--accept", action="store_true", help="keep what every profile is told now as the ledger"),
    examples=("explainer check --only pages", "explainer check rules --only sentences --format json"),
)
def check(
    *,
    folder: str | None,
    only: Sequence[str],
    source: str | None,
    form: str | None,
    output: str | None,
    full: bool,
    diff: bool,
    accept: bool,
) -> None:
    """Check that the rules are complete, sourced, readable, tested."""
    from explainer import report
    from explainer.check import CHECKS, FULL, as_json, passed, run, unfit
    from explainer.digest import FILE
    from explainer.document import read
    from explainer.findings import Subject
    from explainer.ledger_check import differences, ledger_check

    gc.enable()
    chosen = _form(form, output, report.FORMS)
    for name in only:
        if name not in CHECKS:
            raise InputError.at("--only", f"{shown(name)} is not a check; {nearest(name, list(CHECKS))}")
    rules = _rules(folder)
    if source is not None and only and "source" not in only:
        raise InputError.at("--source", "this is for the check named source; add --only source")
    if diff and accept:
        raise InputError.at("--accept", "what --diff shows is kept by a run of its own; leave out one of them")
    if (diff or accept) and only and "ledger" not in only:
        raise InputError.at("--only", "--diff and --accept are for the check named ledger")
    check_apart(output, source)
    for path in (output, str(rules / FILE) if accept else None):
        check_writable(path)  # before minutes of work
    copy = None if source is None else read(source)
    try:
        subject = Subject.read(rules, copy)
    except ExplainerError as error:
        faults = error.faults if isinstance(error, KnowledgeError) else (Fault("", 0, str(error)),)
        said = f"{error}\n" + (f"{len(faults)} faults found.\n" if len(faults) > 1 else "")
        if chosen == "html":  # that report is one of rules, and there are none
            _say(said, sys.stderr)
        else:
            write(output, as_json([unfit(faults)]) if chosen == "json" else said)
        sys.exit(1)
    known = {**CHECKS, **FULL} if full else CHECKS
    checks = {name: check for name, check in known.items() if not only or name in only}
    if diff:
        checks["ledger"] = differences
    elif accept:
        checks["ledger"] = partial(ledger_check, accept=True)
    results = run(subject, checks)
    write(output, report.told(subject, results, chosen, tables=bool(only)))
    if not passed(results):
        sys.exit(1)


@program.command(
    "review",
    argument("section", metavar="SECTION", help="its id, such as induction"),
    argument("--by", required=True, metavar="NAME", help="who has checked it: name and profession"),
    argument("--on", type=_day, metavar="DATE", help="when (YYYY-MM-DD); left out: today"),
    _FOLDER,
    examples=('explainer review induction --by "Jane Roe, RN" --on 2025-01-31',),
)
def review(*, section: str, by: str, on: date | None, folder: str | None) -> None:
    """Record a clinician's review of a section.

    It covers all words and conditions, and the facts they tell. Any later change of these, or of the document's date,
    makes it stale.
    """
    from explainer.loader import load
    from explainer.review import recorded

    day = on or datetime.now().astimezone().date()
    rules = _rules(folder)
    knowledge = load(rules)
    sections = {known.id: known for known in knowledge.sections}
    if section not in sections:
        raise InputError.at("SECTION", f"{shown(section)} is not a section; {nearest(section, list(sections))}")
    block = recorded(knowledge, sections[section], by, day)
    _put(rules / f"{section}.yaml", "reviewed", block, after="title")
    _say(f"{rules / f'{section}.yaml'}: the review of {section} on {day} is recorded.\n", sys.stdout)


@program.command(
    "fingerprint",
    argument("file", metavar="FILE", help="a copy of the document: text, or a saved page"),
    _FOLDER,
    examples=("explainer fingerprint page.html",),
)
def fingerprint(*, file: str, folder: str | None) -> None:
    """Keep fingerprints of the document.

    Do so once all facts and rules have been held against it: from then on, copies are compared with these.
    """
    from explainer.document import read
    from explainer.fingerprint import taken
    from explainer.loader import fit, misnamed, read_files

    copy = read(file)
    rules = _rules(folder)
    files = read_files(rules)
    data = files["source"].data
    if isinstance(data, dict):
        data.pop("fingerprints", None)  # those that are there no longer fit, where paragraphs came or went
    block = taken(copy, fit(files, misnamed(rules)).source)
    _put(rules / "source.yaml", "fingerprints", block, after="headings")
    _say(f"{rules / 'source.yaml'}: the fingerprints of {file} are kept.\n", sys.stdout)


def _put(path: Path, key: str, block: str, *, after: str) -> None:
    """Puts one key into a file of a rules folder that has just been loaded."""
    from explainer.yamledit import with_key

    text = path.read_bytes().decode()  # as it is, with its own line ends
    write(str(path), with_key(text, str(path), key, block, after=after))


def _rules(folder: str | None) -> Path:
    """The folder of rules that is meant: the one named, or the one that ships."""
    from explainer.resources import folder as shipped

    if folder is not None and not (folder and Path(folder).is_dir()):
        raise InputError.at(folder or "''", "there is no such folder")
    return shipped("rules") if folder is None else Path(folder)


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
        raise InputError.at("--output", said)
    return _ENDINGS.get(ending, "text")


def _unarmed(text: str) -> str:
    return _CONTROL.sub(lambda odd: ascii(odd.group())[1:-1], text)


def _say(text: str, stream: TextIO | None) -> None:
    """Shows text at once, if the stream is there; what it has no letters for is spelled out.

    What standard error cannot take is lost. Only standard output is what somebody waits for.
    """
    if stream is not None:
        text = _unarmed(text)
        coding = stream.encoding or "utf-8"
        try:
            stream.write(text.encode(coding, errors="backslashreplace").decode(coding))
            stream.flush()
        except OSError:
            if stream is not sys.stderr:
                raise
            mute(stream)


def main() -> None:
    """Run the command line, turning every expected error into one message and exit code 2."""
    code, message = 2, ""
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except ExplainerError as error:
        message = f"{error}\n"
    except Exception as error:
        if fault := _in_a_template(error):
            message = f"{fault}\n"
        elif isinstance(error, OSError):
            if error.filename is None:
                mute(sys.stdout)
            if isinstance(error, BrokenPipeError):  # whoever reads has read enough
                code = 0
            else:
                message = f"{error.filename or 'standard output'}: this cannot be used ({error.strerror or error})\n"
        else:
            raise
    _say(message, sys.stderr)
    sys.exit(code)


def _in_a_template(error: Exception) -> Fault | None:
    """Where a template is wrong, if that is what raised; whoever changes its words is told so."""
    if "explainer.render" not in sys.modules:
        return None
    from explainer.render import fault_in_template

    return fault_in_template(error)


def _run(words: list[str]) -> int:
    """Runs the command for its exit code. Who gives none is shown the help, but not as something that was done."""
    if not words:
        _say(program.help(), sys.stderr)
        return 2
    if (told := program.run(words)) is not None:
        _say(told, sys.stdout)
    return 0
