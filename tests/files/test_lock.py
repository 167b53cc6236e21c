"""Locks, on file systems with and without `flock`, and together."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

pytest.importorskip("fcntl")

import fcntl

from retint.batch.manifest import Manifest
from retint.errors import PhotoError, UsageError
from retint.files import lock as locks
from retint.files.lock import HeldError, Holder, Lock

ERRORS = ("ENOLCK", "EOPNOTSUPP", "EINVAL")
WITHOUT_FLOCK = """
import errno, fcntl
def flock(file, how):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = flock
"""
HOLDING = """
import sys, time
from pathlib import Path
from retint.files.lock import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """Processes that hold the lock until they are killed, after running some code."""
    found: list[subprocess.Popen[str]] = []

    def begin(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code + HOLDING, place], stdout=subprocess.PIPE, text=True
        )
        found.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for each in found:
        each.kill()
        each.communicate()


@pytest.fixture(params=ERRORS)
def no_flock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    number = getattr(errno, request.param)

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)


@pytest.mark.usefixtures("no_flock")
def test_a_folder_on_a_drive_without_locks_has_one_run_at_a_time(
    tmp_path: Path,
) -> None:
    first, second = Manifest(tmp_path), Manifest(tmp_path)
    with first.locked():
        (remark,) = first.remarks
        assert "no locks (flock)" in remark
        with (
            pytest.raises(UsageError, match=f"another run .*process {os.getpid()} on"),
            second.locked(),
        ):
            pass
    with second.locked():
        pass
    assert [each.name for each in tmp_path.iterdir()] == [".retint-manifest.jsonl.lock"]


@pytest.mark.usefixtures("no_flock")
def test_a_film_on_a_drive_without_locks_has_one_run_at_a_time(
    tmp_path: Path,
) -> None:
    pytest.importorskip("av")
    from retint.film.parts import Parts

    target = tmp_path / "walk.mp4"
    with Parts(target, {}).locked(resume=True):
        second = Parts(target, {}).locked(resume=True)
        with pytest.raises(PhotoError, match="another run is working"), second:
            pass
    assert not list(tmp_path.iterdir())
    with Parts(target, {}).locked(resume=True):
        pass


def test_other_errors_are_errors(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "broken drive")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(OSError, match="broken drive"):
        Lock(place).acquire()
    assert not Lock(place).marker.exists()


@pytest.mark.alone
@pytest.mark.parametrize("theirs", ["", WITHOUT_FLOCK])
@pytest.mark.parametrize("ours", [True, False])
def test_both_ways_exclude_each_other_until_the_process_is_killed(
    place: Path, start: Start, monkeypatch: pytest.MonkeyPatch, theirs: str, ours: bool
) -> None:
    if not ours:
        monkeypatch.setattr(fcntl, "flock", lambda *_: _none())
    other = start(theirs)
    with pytest.raises(HeldError):
        Lock(place).acquire()
    other.send_signal(signal.SIGKILL)
    other.wait()
    mine = Lock(place)
    mine.acquire()
    assert mine.is_current()
    mine.release()
    assert not mine.marker.exists()


def _none() -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def write(place: Path, holder: Holder) -> None:
    Lock(place).marker.write_text(json.dumps(asdict(holder)))


@pytest.mark.parametrize("flock", [True, False])
def test_only_those_that_have_provably_ended_are_replaced(
    place: Path, monkeypatch: pytest.MonkeyPatch, flock: bool
) -> None:
    if not flock:
        monkeypatch.setattr(fcntl, "flock", lambda *_: _none())
    this = Holder.this(flock=False)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    running = [
        this, replace(this, host="another"), replace(this, host="another", process=gone.pid),
        replace(this, system="another", process=gone.pid),
    ]  # fmt: skip
    for each in running:
        write(place, each)
        with pytest.raises(HeldError, match=f"process {each.process} on {each.host}.*delete"):
            Lock(place).acquire()
        assert Holder.read(Lock(place).marker) == each
    # A number that another process has got since, and one that nobody has.
    for each in (replace(this, started="1"), replace(this, process=gone.pid)):
        write(place, each)
        mine = Lock(place)
        mine.acquire()
        mine.release()


def test_a_lock_is_taken_over_from_a_holder_that_has_ended(place: Path) -> None:
    # A container that was killed; the next one has another name.
    write(place, replace(Holder.this(flock=True), host="another"))
    mine = Lock(place)
    mine.acquire()
    mine.release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"host": 7}', b"[" * 10_000])
def test_unreadable_markers_are_kept_while_they_are_new(place: Path, content: bytes) -> None:
    marker = Lock(place).marker
    marker.write_bytes(content)
    with pytest.raises(HeldError, match="delete"):
        Lock(place).acquire()
    os.utime(marker, (0, 0))
    mine = Lock(place)
    mine.acquire()
    mine.release()


def test_a_marker_that_was_replaced_meanwhile_is_left(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_: _none())
    this = Holder.this(flock=False)
    old, new = replace(this, started="1"), replace(this, host="another")
    write(place, old)
    ended = Holder.has_ended

    def late(holder: Holder) -> bool:
        if holder == old:
            write(place, new)
            return True
        return ended(holder)

    monkeypatch.setattr(locks.Holder, "has_ended", late)
    with pytest.raises(HeldError):
        Lock(place).acquire()
    assert Holder.read(Lock(place).marker) == new


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_is_followed(place: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    Lock(place).marker.symlink_to(mine)
    with pytest.raises(OSError, match="link"):
        Lock(place).acquire()
    assert mine.read_text() == "mine"
