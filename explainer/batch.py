"""Explains many children at once: a file of JSON Lines in, one out, a line for each line, on all processors.

Line 7 of the output belongs to line 7 of the input. It is the explanation as one line of JSON or, where the answers
are no profile, an object that holds the message alone: `{"error": "cohort.jsonl:7: …"}`.

Nothing but a few lines is in memory at a time. A file is written under the name of a draft beside it, whole lines
only, and gets its own name once it is done; so a run that was stopped can go on where it was.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pydantic_core import to_json

from explainer.compose import composer
from explainer.errors import Fault, FaultsError, InputError
from explainer.files import LARGEST_PROFILE, json_profile
from explainer.kept import kept
from explainer.output import STDOUT, check_apart, check_writable, is_device, mute, put, stdout, telling
from explainer.processes import end_with_parent, without_interrupts
from explainer.profile import ProfileModel

_ERROR = b'{"error"'
_TOGETHER = 64
"""Lines that a process is given at a time."""
_FEW = 2
"""So many times _TOGETHER lines are not worth other processes."""
_AHEAD = 3
"""How often _TOGETHER lines may wait for each process."""
_ROOM = _TOGETHER * 128 * 1024
"""Bytes of memory for them, and then for what is made of them; what is not used takes none."""
Lines: TypeAlias = Iterator[tuple[bytes, int]]
"""Lines of the input without their ends, each with the number of bytes that it takes there."""
_rooms: list[mmap.mmap] = []
"""Such memory, which a process shares with the one that started it."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a run has done: input lines and their bytes, lines that were no profile, explanations that were kept.

    `lines` and `wrong` count what an earlier run had done, too.
    """

    lines: int = 0
    bytes: int = 0
    wrong: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines to explain, numbered from `first`; `bytes` of the input end with the last of them."""

    place: str
    first: int
    lines: tuple[bytes, ...]
    bytes: int
    made_on: date | None


@dataclass(frozen=True, slots=True)
class _Made:
    """The lines of output for a chunk, and its faults as they are told."""

    text: bytes | memoryview
    faults: tuple[str, ...]
    count: Count


def run(  # noqa: PLR0913 - the options of the command, one by one
    source: str,
    output: str | None,
    *,
    workers: int,
    resume: bool = False,
    made_on: date | None = None,
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[Count], None] = lambda _: None,
) -> Count:
    """Explains every line of a file (`-`: standard input), into another (None: standard output).

    `tell` is given the message of each line that is no profile, in order, and `progress` what is done so far.
    `resume` goes on with the draft of a run that was stopped, or begins where there is none.

    Raises InputError when a file cannot be used, when a draft is there and `resume` is not said, and when a draft does
    not belong to this input and these rules.
    """
    composer()  # so that rules with mistakes are told before a file is touched
    with _reading(source) as (lines, place), _writing(output, resume, source) as draft:
        done, left = _skip(lines, place, draft, made_on)
        progress(done)
        for made in _in_order(_chunks(left, place, done, made_on), workers):
            if not draft.write(made.text):
                break
            for message in made.faults:
                tell(message)
            done = replace(made.count, wrong=done.wrong + made.count.wrong, kept=done.kept + made.count.kept)
            progress(done)
    return done


# --- reading -----------------------------------------------------------------------------------


@contextmanager
def _reading(source: str) -> Iterator[tuple[Lines, str]]:
    """The lines of the input, and what to call it."""
    if source == "-":
        if sys.stdin is None:
            raise InputError.at("standard input", "this is closed")
        yield _lines(sys.stdin.buffer), "standard input"
        return
    if not source or not Path(source).exists():
        raise InputError.at(source or "''", "there is no such file")
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - it is closed below
    except (OSError, ValueError) as error:
        said = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise InputError.at(source, said) from None
    with file:
        yield _lines(file), source


def _lines(file: BinaryIO) -> Lines:
    """The lines of a file. Of one that is too long there is only so much that this can be told."""
    longest = LARGEST_PROFILE + 2  # with the end of its line
    while raw := file.readline(longest):
        size = len(raw)
        while not raw.endswith(b"\n") and size >= longest and (rest := file.readline(longest)):
            size += len(rest)
            if rest.endswith(b"\n"):
                break
        yield raw.removesuffix(b"\n").removesuffix(b"\r"), size


def _chunks(lines: Lines, place: str, done: Count, made_on: date | None) -> Iterator[_Chunk]:
    number, end = done.lines, done.bytes
    while some := list(islice(lines, _TOGETHER)):
        end += sum(size for _, size in some)
        yield _Chunk(place, number + 1, tuple(raw for raw, _ in some), end, made_on)
        number += len(some)


# --- explaining --------------------------------------------------------------------------------


def _in_order(chunks: Iterator[_Chunk], workers: int) -> Iterator[_Made]:
    """What is made of the chunks, in their order. Only so many are under way that memory stays what it is."""
    first = list(islice(chunks, _FEW))
    if workers == 1 or len(first) < _FEW:
        yield from map(_whole, chain(first, chunks))
        return
    try:
        rooms = [mmap.mmap(-1, _ROOM) for _ in range(_AHEAD * workers)]
    except OSError:
        raise InputError.at("--workers", "there is not enough memory for so many; name fewer") from None
    context = multiprocessing.get_context("fork")  # they have the rules at once; there are no threads yet to take along
    with ProcessPoolExecutor(workers, context, _begin, (rooms,)) as pool:

        def ask(chunk: _Chunk, room: int) -> tuple[int, Future[tuple[int, _Made]]]:
            lines = b"\n".join(chunk.lines)
            rooms[room][: len(lines)] = lines
            return room, pool.submit(_put, replace(chunk, lines=()), len(lines), room)

        try:
            with without_interrupts():  # for the first that is asked of them starts them all
                waiting = deque([ask(first[0], 0)])
            for number, chunk in enumerate(chain(first[1:], chunks), start=1):
                if number >= len(rooms):  # the room that the first of these has is wanted
                    yield _taken(rooms, *waiting.popleft())
                room = number % len(rooms)
                waiting.append(ask(chunk, room))
            while waiting:
                yield _taken(rooms, *waiting.popleft())
        except BrokenProcessPool:
            said = (
                "a worker was stopped from outside, perhaps for want of memory; --resume goes on from what is written"
            )
            raise InputError.at("--workers", said) from None
        except BaseException:
            pool.shutdown(cancel_futures=True)  # and wait: what still ran at the exit might write to a closed pipe
            raise


def _begin(rooms: list[mmap.mmap]) -> None:
    _rooms[:] = rooms
    end_with_parent()


def _put(chunk: _Chunk, size: int, number: int) -> tuple[int, _Made]:
    """What is made of a chunk, whose lines are the first bytes of a room.

    What is made of them stays there, too, if it fits: to send it takes longer. And before 3.11.5, Python waits for ever
    for a worker that is killed while the pipe to it is full, so little is sent that way either (python/cpython#94777).
    """
    room = _rooms[number]
    lines, made = _explained(replace(chunk, lines=tuple(room[:size].split(b"\n"))))
    size = sum(map(len, lines))
    if size > _ROOM:
        return 0, replace(made, text=b"".join(lines))
    room.seek(0)
    for line in lines:
        room.write(line)
    return size, made


def _taken(rooms: list[mmap.mmap], room: int, future: Future[tuple[int, _Made]]) -> _Made:
    """What was made. Its text has to be used before anything else is given that room."""
    size, made = future.result()
    return replace(made, text=memoryview(rooms[room])[:size]) if size else made


def _whole(chunk: _Chunk) -> _Made:
    lines, made = _explained(chunk)
    return replace(made, text=b"".join(lines))


def _explained(chunk: _Chunk) -> tuple[list[bytes], _Made]:
    """The lines of output, and what there is to tell besides."""
    lines, faults = [], []
    before = _line.cache_info().hits
    for number, raw in enumerate(chunk.lines, start=chunk.first):
        try:
            lines.append(_line(_profile(raw, chunk.place), chunk.made_on))
        except FaultsError as error:
            said = "\n".join(str(Fault(chunk.place, number, fault.message)) for fault in error.faults)
            lines.append(json.dumps({"error": said}, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
            faults.append(said)
    last = chunk.first + len(chunk.lines) - 1
    count = Count(last, chunk.bytes, len(faults), _line.cache_info().hits - before)
    return lines, _Made(b"", tuple(faults), count)


def _profile(raw: bytes, place: str) -> ProfileModel:
    if not raw.strip():
        raise InputError.at(place, "this line is empty; {} stands for a child of whom nothing is known")
    return json_profile(raw, place, composer().knowledge.profile)


@kept
def _line(profile: ProfileModel, made_on: date | None) -> bytes:
    return to_json(composer().explain(profile, made_on=made_on)) + b"\n"


# --- writing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Draft:
    """Where the output goes: standard output, a device, or a file that is not done yet and may hold something."""

    name: str
    file: BinaryIO
    is_file: bool = False

    def write(self, text: bytes | memoryview) -> bool:
        """Writes whole lines. False when nobody reads them any more."""
        with telling(self.name):
            try:
                put(self.file, text)
            except BrokenPipeError:
                mute(sys.stdout)
                return False
        return True


def draft_of(output: str) -> Path:
    """The file beside the output that holds what is done until all of it is."""
    target = Path(output).resolve()
    return target.with_name(f"{target.name}.part")


@contextmanager
def _writing(output: str | None, resume: bool, source: str) -> Iterator[_Draft]:
    if output is None or output in STDOUT:
        yield _Draft("standard output", stdout())
        return
    check_writable(output)
    check_apart(output, source)
    target, part = Path(output).resolve(), draft_of(output)
    if is_device(target):
        with telling(output):
            device = target.open("wb")
        with device:
            yield _Draft(output, device)
        return
    check_apart(str(part), source)
    with telling(str(part)):
        file = part.open("ab+")
    with file:
        _lock(file, part)
        if part.stat().st_size and not resume:
            said = "a run that was stopped may have left this; go on with --resume, or delete it"
            raise InputError.at(str(part), said)
        if target.exists():  # what may be read by few is not to be read by all while it is made
            part.chmod(target.stat().st_mode)
        try:
            yield _Draft(str(part), file, is_file=True)
        except BaseException:
            if not part.stat().st_size:
                part.unlink()
            raise
        with telling(output):
            os.fsync(file.fileno())
            part.replace(target)


def _lock(file: BinaryIO, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.path.samestat(os.fstat(file.fileno()), part.stat())
    except OSError:
        ours = False  # another run holds it, or has just been done with it
    if not ours:
        raise InputError.at(str(part), "another run is writing this; name another --output")


def _skip(lines: Lines, place: str, draft: _Draft, made_on: date | None) -> tuple[Count, Lines]:
    """What is done, and the lines that are left. Cuts off what a run that was killed has left of one more.

    Raises InputError, and leaves the draft as it is, where that is of another input, other rules or another date.
    """
    done, end = Count(), 0
    last = deque[tuple[_Chunk, bytes]](maxlen=_TOGETHER)
    if not draft.is_file:
        return done, lines
    draft.file.seek(0)
    for line in draft.file:
        raw, size = next(lines, (None, 0))
        chunk = _Chunk(place, done.lines + 1, (raw or b"",), 0, made_on)
        if raw is None or not _belongs(line, chunk):
            raise _foreign(draft, chunk)
        if not line.endswith(b"\n"):
            lines = chain([(raw, size)], lines)
            break
        done = Count(chunk.first, done.bytes + size, done.wrong + line.startswith(_ERROR))
        end += len(line)
        if not line.startswith(_ERROR):
            last.append((chunk, line))
    for chunk, line in last:  # to see other rules and another date; to make all anew would take too long
        if _whole(chunk).text != line:
            raise _foreign(draft, chunk)
    draft.file.truncate(end)
    return done, lines


def _foreign(draft: _Draft, chunk: _Chunk) -> InputError:
    said = f"line {chunk.first} does not belong to this input, or the rules or --made-on have changed since"
    return InputError.at(draft.name, f"{said}; move it away, or name another --output")


def _belongs(line: bytes, chunk: _Chunk) -> bool:
    """Whether this was made of a chunk of one line. Of an explanation that is whole, the profile is compared alone."""
    if line.startswith(_ERROR) or not line.endswith(b"\n"):
        return _whole(chunk).text[: len(line)] == line
    try:
        answers = to_json(_profile(chunk.lines[0], chunk.place).model_dump())
    except FaultsError:
        return False
    return line.startswith(b'{"profile":%b,' % answers)
