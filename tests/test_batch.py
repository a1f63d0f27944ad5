"""Many children at once: each line answered in its place, whatever is wrong with others, and whatever stops the run."""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import pickle
import pty
import select
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from explainer import Profile, explain
from explainer import batch as batch_module
from explainer.batch import _FEW, _TOGETHER, Count, _Chunk, _in_order, _Made, _put, _taken, draft_of, run
from explainer.errors import InputError
from tests.children import singles
from tests.program import PROGRAM, Done, assert_refused, call, shell
from tests.program import run as start

PROFILES = [dict(answers) for answers in singles()[:200]]
BAD = '{"stage": "inducton"}'
MESSAGE = (
    "stage: 'inducton' is not an answer; allowed: newly_diagnosed, induction, consolidation, maintenance, finished, "
    "relapsed, unknown (did you mean induction?)"
)


def line(profile: object) -> str:
    return json.dumps(profile)


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """More children than one process is given."""
    path = tmp_path / "cohort.jsonl"
    path.write_text("".join(f"{line(profile)}\n" for profile in PROFILES))
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "explained.jsonl"


def batch(source: Path, output: Path, *more: str) -> Done:
    workers = () if "--workers" in more else ("--workers", "1")
    return call("explain", "--batch", str(source), "--output", str(output), *workers, *more)


def small(tmp_path: Path, *lines: str | bytes) -> Path:
    path = tmp_path / "small.jsonl"
    path.write_bytes(b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in lines))
    return path


def expected() -> list[str]:
    return [explain(Profile(**profile)).model_dump_json() for profile in PROFILES]


# --- what comes out ------------------------------------------------------------------------------


def test_each_line_is_explained_in_its_place(cohort: Path, output: Path) -> None:
    """Line for line, in order, what `explain` tells; nothing is said, and nothing else is left."""
    assert batch(cohort, output) == Done(0, b"", "")
    assert output.read_text("utf-8").splitlines() == expected()
    assert sorted(path.name for path in output.parent.iterdir()) == ["cohort.jsonl", "explained.jsonl"]


def test_several_processes_write_the_same_bytes(cohort: Path, output: Path) -> None:
    """However many work on it, the output is the same; it comes out of standard output just so."""
    assert len(PROFILES) > _FEW * _TOGETHER
    batch(cohort, output)
    assert start("explain", "--batch", str(cohort), "--workers", "2") == Done(0, output.read_bytes(), "")
    assert start("explain", "--batch", "-", stdin=cohort.read_bytes()) == Done(0, output.read_bytes(), "")


@pytest.mark.parametrize("room", [100, 1_000_000])
def test_a_process_gives_back_what_it_made_whether_it_fits_or_not(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes share memory for what they make; what is longer than there is room for comes whole all the same."""
    monkeypatch.setattr(batch_module, "_ROOM", room)
    rooms = [mmap.mmap(-1, room) for _ in range(2)]
    monkeypatch.setattr(batch_module, "_rooms", rooms)
    future: Future[tuple[int, _Made]] = Future()
    given = b"\n".join((b"{}", BAD.encode()))
    rooms[1][: len(given)] = given
    future.set_result(_put(_Chunk("here", 1, (), 2, None), len(given), 1))
    made = _taken(rooms, 1, future)
    first, second = bytes(made.text).decode().splitlines()
    assert first == explain(Profile()).model_dump_json()
    assert json.loads(second) == {"error": f"here:2: {MESSAGE}"}
    assert (made.faults, made.count.wrong) == ((f"here:2: {MESSAGE}",), 1)


def test_what_is_sent_to_processes_never_fills_the_pipe_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a worker is killed while it is full, Python before 3.11.5 waits for ever, and we with it."""
    sent: list[int] = []

    class Noting(ProcessPoolExecutor):
        def submit(self, call: Any, /, *args: Any, **named: Any) -> Any:
            sent.append(len(pickle.dumps((call, args, named))))
            return super().submit(call, *args, **named)

    monkeypatch.setattr(batch_module, "ProcessPoolExecutor", Noting)
    lines = tuple(b'{"stage": "%b"}' % (b"x" * 30_000) for _ in range(_TOGETHER))
    chunks = [_Chunk("here", 1 + number * _TOGETHER, lines, 2, None) for number in range(6)]
    assert sum(len(made.faults) for made in _in_order(iter(chunks), 2)) == 6 * _TOGETHER
    assert len(sent) == len(chunks)
    assert max(sent) < select.PIPE_BUF  # each is written in one piece, and a pipe holds sixteen


def test_a_line_of_json_is_what_the_single_command_writes(tmp_path: Path, output: Path) -> None:
    """An integrator who goes from one child to many finds the same keys and values, dated if that was asked for."""
    given = small(tmp_path, '{"stage": "induction"}')
    single = call("explain", "--set", "stage=induction", "--format", "json", "--made-on", "2025-01-31")
    assert batch(given, output, "--made-on", "2025-01-31", "--format", "json").code == 0
    assert json.loads(output.read_text("utf-8")) == json.loads(single.text)


def test_a_file_without_lines_gives_one_without_lines(tmp_path: Path, output: Path) -> None:
    """Nothing in, nothing out, and no fault."""
    assert batch(small(tmp_path), output) == Done(0, b"", "")
    assert output.read_bytes() == b""


def test_input_without_end_is_answered_as_it_comes() -> None:
    """Memory holds a few lines, not the file: what is asked of the input stays just ahead of what is given."""
    asked = count()

    def chunks() -> Iterator[_Chunk]:
        for number in asked:
            yield _Chunk("endless", number + 1, (b"{}",), number, None)

    made = list(islice(_in_order(chunks(), 1), 30))
    assert [each.count.lines for each in made] == list(range(1, 31))
    assert next(asked) <= 30 + _FEW


# --- what is wrong ---------------------------------------------------------------------------------


def test_a_bad_line_is_named_and_the_others_are_explained(tmp_path: Path, output: Path) -> None:
    """The message is that of a single profile, with the line's number, on standard error and in the line's place."""
    given = small(tmp_path, "{}", BAD, "{}")
    done = batch(given, output)
    assert (done.code, done.out, done.err) == (1, b"", f"{given}:2: {MESSAGE}\n")
    first, second, third = output.read_text("utf-8").splitlines()
    assert json.loads(second) == {"error": f"{given}:2: {MESSAGE}"}
    assert first == third == explain(Profile()).model_dump_json()
    single = tmp_path / "single.json"
    single.write_text(BAD)
    assert call("explain", str(single)).err == f"{single}: {MESSAGE}\n"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"", "this line is empty"),
        (b"  ", "this line is empty"),
        (b"{", "this is not valid JSON"),
        (b"\xff{}", "is not UTF-8 text"),
        (b"[" * 20_000, "this is nested too deeply"),
        (b'{"mrd": 1%s}' % (b"0" * 5_000), "a number is too long"),
        (b'{"mrd": "%s"}' % (b"x" * 200_000), "this is larger than 64,000 bytes"),
        (b'{"mrd": "detected", "mrd": "unknown"}', "the key 'mrd' stands here twice"),
        (b'{"color": "red"}', "unknown field 'color'"),
        (b'"stage"', "a profile is a mapping"),
        (b'{"relapse_site": "csf"}', "does not go with the other answers"),
        (b'{"\xf0\x9f\x98\x80": "\\ud800"}', "unknown field"),
    ],
)
def test_whatever_a_line_holds_it_is_one_line_of_output(bad: bytes, said: str, tmp_path: Path, output: Path) -> None:
    """No line can break another one, or the run."""
    given = small(tmp_path, "{}", bad, '{"stage": "induction"}')
    done = batch(given, output)
    assert done.code == 1
    assert done.err.startswith(f"{given}:2: ")
    assert said in done.err
    first, second, third = output.read_text("utf-8").splitlines()
    assert json.loads(second)["error"] == done.err.rstrip("\n")
    assert [json.loads(each)["profile"]["stage"] for each in (first, third)] == ["unknown", "induction"]


def test_ends_of_lines_do_not_matter(tmp_path: Path, output: Path) -> None:
    """A file from Windows is read, with its byte order mark, and so is one whose last line has no end."""
    given = tmp_path / "windows.jsonl"
    given.write_bytes(b'\xef\xbb\xbf{"stage": "induction"}\r\n{}')
    assert batch(given, output).code == 0
    assert len(output.read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize("bad", ["missing.jsonl", "", ".", "\0"])
def test_an_input_that_cannot_be_read_leaves_nothing(bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message, exit code 2, and no file."""
    monkeypatch.chdir(tmp_path)
    assert_refused(call("explain", "--batch", bad, "--output", "out.jsonl", "--workers", "1"), bad.rstrip("\0"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("answers.yaml",), "PROFILE: this does not go with --batch"),
        (("--set", "stage=induction"), "--set: this does not go with --batch"),
        (("--format", "html"), "--format: this does not go with --batch"),
        (("--resume",), "--resume: there is nothing to go on with without --output"),
        (("--made-on", "soon"), "--made-on: 'soon' is not a date"),
        (("--output", "nowhere/out.jsonl"), "the folder"),
        (("--output", "."), "this is a folder"),
    ],
)
def test_what_does_not_go_with_a_batch_is_refused(args: tuple[str, ...], said: str, cohort: Path) -> None:
    """Nothing that was asked for is left out without a word."""
    assert_refused(call("explain", "--batch", str(cohort), *args), said)


@pytest.mark.parametrize("args", [("--workers", "2"), ("--resume",)])
def test_options_of_a_batch_want_one(args: tuple[str, ...]) -> None:
    """Who forgot --batch is told."""
    assert_refused(call("explain", "--set", "stage=induction", *args), args[0], "--batch FILE")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """One message; what was not written does not pass for written."""
    done = call("explain", "--batch", str(small(tmp_path, "{}")), "--output", "/dev/full", "--workers", "1")
    assert_refused(done, "/dev/full", "No space left")


# --- what stops a run ----------------------------------------------------------------------------------


def draft(output: Path, text: bytes) -> Path:
    """What a run that was stopped has left."""
    part = output.with_name(f"{output.name}.part")
    part.write_bytes(text)
    return part


@pytest.mark.parametrize("kept", [0, 1, 16, 37, 200])
def test_a_stopped_run_goes_on_where_it_was(kept: int, cohort: Path, output: Path) -> None:
    """The result is the same as without the stop, and half a line that a power cut has left is made anew."""
    whole = [f"{each}\n".encode() for each in expected()]
    part = draft(output, b"".join(whole[:kept]) + b"".join(whole[kept : kept + 1])[:100])
    assert batch(cohort, output, "--resume") == Done(0, b"", "")
    assert output.read_bytes() == b"".join(whole)
    assert not part.exists()


def test_what_was_wrong_before_the_stop_still_counts(tmp_path: Path, output: Path) -> None:
    """The exit code is that of the whole run."""
    given = small(tmp_path, BAD, "{}", "{}")
    batch(given, output)
    draft(output, b"".join(output.read_bytes().splitlines(keepends=True)[:2]))
    assert batch(given, output, "--resume") == Done(1, b"", "")


def test_a_draft_may_be_read_by_those_alone_who_may_read_the_output(cohort: Path, output: Path) -> None:
    """Answers that an earlier output kept from others are not shown while the new one is made."""
    output.write_text("{}\n", "utf-8")
    output.chmod(0o600)
    modes = set[int]()

    def look(_: Count) -> None:
        modes.update(stat.S_IMODE(draft.stat().st_mode) for draft in [draft_of(str(output))] if draft.exists())

    run(str(cohort), str(output), workers=1, progress=look)
    assert modes == {0o600} == {stat.S_IMODE(output.stat().st_mode)}


def test_without_a_draft_resume_begins_at_the_beginning(cohort: Path, output: Path) -> None:
    """A script may always say --resume."""
    assert batch(cohort, output, "--resume").code == 0
    assert output.read_text("utf-8").splitlines() == expected()


def test_a_draft_is_never_written_over_without_a_word(cohort: Path, output: Path) -> None:
    """Hours of work are not lost because an option was forgotten."""
    text = "".join(f"{each}\n" for each in expected()[:3]).encode()
    part = draft(output, text)
    assert_refused(batch(cohort, output), str(part), "--resume")
    assert part.read_bytes() == text


@pytest.mark.parametrize("notes", [b"my notes", b"line 1\nlast line"])
@pytest.mark.parametrize("options", [(), ("--resume",)], ids="".join)
def test_what_is_no_draft_is_left_as_it_is(notes: bytes, options: tuple[str, ...], cohort: Path, output: Path) -> None:
    """A file that happens to have the draft's name may be all that somebody has."""
    part = draft(output, notes)
    assert_refused(batch(cohort, output, *options), str(part))
    assert part.read_bytes() == notes


def test_the_input_is_not_taken_for_the_draft(tmp_path: Path) -> None:
    """Whoever names the input like the draft of its output is told, and keeps it."""
    given = tmp_path / "x.jsonl.part"
    given.write_text("{}\n")
    assert_refused(batch(given, tmp_path / "x.jsonl"), str(given), "this is what is read")
    assert given.read_text() == "{}\n"


def test_half_a_line_is_a_draft_too(cohort: Path, output: Path) -> None:
    """What a power cut has left of the first line goes only when it is said to."""
    part = draft(output, b'{"profile"')
    assert_refused(batch(cohort, output), str(part), "--resume")
    assert part.read_bytes() == b'{"profile"'
    assert batch(cohort, output, "--resume").code == 0


def test_a_worker_that_is_killed_is_told(tmp_path: Path, output: Path) -> None:
    """As by a machine that has no memory left: one message, exit code 2, and what is done stays for --resume."""
    given = tmp_path / "long.jsonl"
    given.write_text("".join(f"{line(profile)}\n" for profile in PROFILES * 20))
    command: list[str | Path] = [PROGRAM, "explain", "--batch", "-", "--output", output, "--workers", "2"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(given.read_text())
    process.stdin.flush()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(found := children.read_text().split()) < 3:  # the first is Python's own watchman
        time.sleep(0.01)
    os.kill(int(found[-1]), signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "a worker was stopped from outside" in said
    assert start("explain", "--batch", str(given), "--output", str(output), "--resume").code == 0
    assert output.read_text("utf-8").splitlines() == expected() * 20


def test_a_draft_of_something_else_is_refused(cohort: Path, tmp_path: Path, output: Path) -> None:
    """Explanations of other children, or by other rules, are never mixed into the output."""
    others = "".join(f"{each}\n" for each in expected()[3:6]).encode()
    part = draft(output, others)
    assert_refused(batch(cohort, output, "--resume"), str(part), "line 1 does not belong to this input")
    assert_refused(batch(small(tmp_path, "{}"), output, "--resume"), "line 1 does not belong to this input")
    assert part.read_bytes() == others
    assert not output.exists()


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_two_inputs_that_end_alike_are_not_mixed(kept: int, tmp_path: Path, output: Path) -> None:
    """Every line that is done belongs to the one that stands there now, and not the last one alone."""
    lines = [line(profile) for profile in PROFILES[:4]]
    batch(small(tmp_path, *lines), output)
    whole = output.read_bytes().splitlines(keepends=True)
    part = draft(output, b"".join(whole[:kept]) + whole[kept][:40])
    output.unlink()
    for other, number in (([BAD, *lines[1:]], 1), ([lines[-1], *lines[1:]], 1), (lines[:kept], kept + 1)):
        said = f"line {number} does not belong to this input"
        assert_refused(batch(small(tmp_path, *other), output, "--resume"), str(part), said)
        assert part.read_bytes() == b"".join(whole[:kept]) + whole[kept][:40]
    assert batch(small(tmp_path, *lines), output, "--resume") == Done(0, b"", "")
    assert output.read_bytes() == b"".join(whole)


@pytest.mark.parametrize("notes", [b'{"my": "notes"}', b'{"my": "notes"}\n{"more": 1', b'{"profile"x'])
def test_a_file_of_somebody_else_is_left_as_it_is(notes: bytes, cohort: Path, output: Path) -> None:
    """Not even the end of it is cut off, should it look like the end of a run that was stopped."""
    part = draft(output, notes)
    assert_refused(batch(cohort, output, "--resume"), str(part), "line 1 does not belong to this input")
    assert part.read_bytes() == notes


def test_other_rules_are_seen_by_the_last_line(cohort: Path, output: Path) -> None:
    """What is done by rules that have changed since is not gone on with."""
    first, second = expected()[:2]
    draft(output, f"{first}\n{second.replace('leukemia', 'illness')}\n".encode())
    assert_refused(batch(cohort, output, "--resume"), "line 2 does not belong", "rules or --made-on have changed")


def test_two_dates_are_not_mixed(tmp_path: Path, output: Path) -> None:
    """A line that is no profile is the same by all rules and on all days; the last explanation is not."""
    given = small(tmp_path, "{}", BAD, "{}")
    batch(given, output, "--made-on", "2025-01-01")
    part = draft(output, b"".join(output.read_bytes().splitlines(keepends=True)[:2]))
    refused = batch(given, output, "--resume", "--made-on", "2025-06-06")
    assert_refused(refused, str(part), "line 1 does not belong to this input, or the rules or --made-on have changed")
    assert batch(given, output, "--resume", "--made-on", "2025-01-01").code == 1


def test_an_output_with_the_ending_of_a_page_is_refused(cohort: Path, tmp_path: Path) -> None:
    """Nobody opens a page for a class and finds lines of JSON."""
    for ending in (".html", ".txt", ".pdf"):
        assert_refused(batch(cohort, tmp_path / f"x{ending}"), "--output: a batch writes lines of JSON")
    assert list(tmp_path.glob("x*")) == []
    assert batch(cohort, tmp_path / "x.dat", "--format", "json").code == 0


def test_two_runs_do_not_write_one_file(cohort: Path, output: Path) -> None:
    """The second one is refused and disturbs nothing."""
    with draft(output, b"").open("ab") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        assert_refused(batch(cohort, output), "another run is writing this")


def test_a_draft_that_has_just_become_the_output_is_left_alone(
    cohort: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may be done between the opening of its draft and the lock on it."""
    part = draft(output, expected()[0].encode() + b"\n")
    lock = fcntl.flock

    def done_just_before(file: Any, how: int) -> None:
        part.replace(output)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", done_just_before)
    assert_refused(batch(cohort, output, "--resume"), "another run is writing this")
    assert output.read_bytes() == expected()[0].encode() + b"\n"


def test_too_little_memory_for_so_many_workers_is_told(
    cohort: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names what to change, and nothing is written."""

    def none_left(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", none_left)
    assert_refused(batch(cohort, output, "--workers", "2"), "--workers: there is not enough memory for so many")
    assert not output.exists()


def test_an_output_that_was_there_stays_until_the_new_one_is_whole(cohort: Path, output: Path) -> None:
    """A run that ends early takes nothing away."""
    output.write_text("old\n")

    def stop(_: Count) -> None:
        raise InputError([])

    with pytest.raises(InputError):
        run(str(cohort), str(output), workers=1, progress=stop)
    assert output.read_text() == "old\n"
    assert sorted(path.name for path in output.parent.iterdir()) == ["cohort.jsonl", "explained.jsonl"]


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_run_that_is_stopped_by_force_can_go_on(by: signal.Signals, code: int, tmp_path: Path, output: Path) -> None:
    """After Ctrl-C or a kill: whole lines in the draft, no process left, and --resume makes the rest."""
    given = tmp_path / "long.jsonl"
    given.write_text("".join(f"{line(profile)}\n" for profile in PROFILES * 20))
    part = output.with_name(f"{output.name}.part")
    command: list[str | Path] = [PROGRAM, "explain", "--batch", "-", "--output", output, "--workers", "2"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdin is not None
    process.stdin.write(given.read_text())  # and stays open, so that it cannot be done before it is stopped
    process.stdin.flush()
    while process.poll() is None and not (part.exists() and part.stat().st_size):
        time.sleep(0.01)
    if by == signal.SIGINT:
        os.killpg(process.pid, by)  # as a terminal does
    else:
        process.kill()
    _, said = process.communicate(timeout=60)  # which waits for all who hold standard error
    assert process.returncode == code
    if by == signal.SIGINT:  # after a kill Python's own watchman tidies up, and says so
        assert said == "stopped; the same command with --resume goes on from here\n"
    assert part.stat().st_size > 0
    assert not output.exists()
    assert start("explain", "--batch", str(given), "--output", str(output), "--resume") == Done(0, b"", "")
    assert output.read_text("utf-8").splitlines() == expected() * 20


def test_a_run_that_is_stopped_at_once_leaves_nothing_to_go_on_with(output: Path) -> None:
    """Ctrl-C before the first line is written: nothing is promised that --resume would not find."""
    command: list[str | Path] = [PROGRAM, "explain", "--batch", "-", "--output", output]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while process.poll() is None and not output.with_name(f"{output.name}.part").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "stopped\n")
    assert list(output.parent.iterdir()) == []


def test_whoever_has_read_enough_ends_the_run_quietly(cohort: Path) -> None:
    """`… | head -1` is no fault."""
    done = shell('set -o pipefail; "$0" explain --batch "$1" | head -1', cohort)
    assert (done.code, done.err) == (0, "")
    assert done.text.splitlines() == expected()[:1]


def test_a_terminal_shows_how_far_it_is(cohort: Path, output: Path) -> None:
    """With the lines done, those that were wrong, and those whose answers had been met before."""
    cohort.write_text("\n".join([line(PROFILES[0])] * 40 + [BAD]))
    parent, child = pty.openpty()
    process = subprocess.Popen([PROGRAM, "explain", "--batch", cohort, "--output", output], stderr=child)
    os.close(child)
    shown = b""
    while process.poll() is None or b"100%" not in shown:
        try:
            shown += os.read(parent, 10_000)
        except OSError:  # how Linux says that nobody is at the other end any more
            break
    os.close(parent)
    assert process.wait() == 1
    assert b"41 lines, 1 wrong, 39 as before" in shown
    assert b"did you mean induction?" in shown
    assert b"100%" in shown
