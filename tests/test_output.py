"""Writing results whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from explainer.errors import InputError
from explainer.output import check_writable, write


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text("old")
    return path


def test_a_whole_page_takes_the_place_of_the_old_one(page: Path) -> None:
    """Writing replaces the file, in UTF-8, and leaves nothing else in the folder."""
    write(str(page), "“new”\n")
    assert page.read_bytes() == "“new”\n".encode()
    assert list(page.parent.iterdir()) == [page]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_page_and_no_other(
    page: Path, call: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever writing breaks off, the file is what it was and no part of a new one is left."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(InputError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        write(str(page), "new")
    if isinstance(error, OSError):
        assert str(caught.value) == f"{page}: this cannot be written (No space left on device)"
    assert page.read_text() == "old"
    assert list(page.parent.iterdir()) == [page]


def test_a_link_stays_a_link(page: Path, tmp_path: Path) -> None:
    """Who keeps the page elsewhere, behind a link, finds it there, also when it is not there yet."""
    for target in (page, tmp_path / "not-yet.html"):
        link = tmp_path / "link.html"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        write(str(link), "new")
        assert link.is_symlink()
        assert target.read_text() == "new"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
def test_permissions_of_an_existing_file_are_kept(page: Path, mode: int) -> None:
    """A page that only its owner may read stays so."""
    page.chmod(mode)
    write(str(page), "new")
    assert stat.S_IMODE(page.stat().st_mode) == mode


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_a_new_file_obeys_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    """A new page is as private as its owner has set the machine to be."""
    before = os.umask(umask)
    try:
        write(str(tmp_path / "new.html"), "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.html").stat().st_mode) == mode


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """A named pipe gets the bytes; it is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(str(pipe), "new")
        assert os.read(reading, 10) == b"new"
    finally:
        os.close(reading)
    assert pipe.is_fifo()


@pytest.mark.parametrize("protected", ["page.html", ""])
def test_what_may_not_be_written_is_known_before(page: Path, protected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write-protected page, or a page in a write-protected folder, is refused before any work is put into it."""
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != page.parent / protected)
    with pytest.raises(InputError, match="may not be written"):
        check_writable(str(page))


def test_checking_leaves_no_trace(tmp_path: Path) -> None:
    """To ask whether a file could be written does not make it."""
    check_writable(str(tmp_path / "new.html"))
    assert list(tmp_path.iterdir()) == []


def test_text_that_is_no_unicode_can_be_written(tmp_path: Path) -> None:
    """The odd name of a file, told in a message, never breaks the writing of it."""
    write(str(tmp_path / "odd.txt"), "\udcff")
    assert (tmp_path / "odd.txt").read_bytes() == b"\\udcff"
