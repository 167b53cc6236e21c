"""Folders of films are removed with their server, or by the next server if it was killed."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from retint.server.keep import folders
from tests.audit import heed_signals
from tests.film.clips import moving, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, and locks of files")


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    folders.remove_all()


def left(folder: Path, mode: int = 0o700) -> Path:
    """What a dead server may have left."""
    made = folder / f"{folders.PREFIX}dead{len(list(folder.iterdir()))}"
    made.mkdir(mode=mode)
    made.chmod(mode)
    (made / "film.mp4").write_bytes(b"x")
    return made


def test_folders_of_a_dead_server_are_removed(temporary: Path) -> None:
    dead = left(temporary)
    folders.sweep()
    assert not dead.exists()


def test_only_folders_of_servers_are_removed(temporary: Path) -> None:
    living = folders.create()
    target = temporary / "target"
    left(temporary).rename(target)
    linked = temporary / f"{folders.PREFIX}link"
    linked.symlink_to(target)
    foreign = [left(temporary, mode=0o755), temporary / f"{folders.PREFIX}file"]
    foreign[1].touch(mode=0o700)
    folders.sweep()
    assert all(each.exists() for each in (living, linked, target / "film.mp4", *foreign))


def test_a_folder_is_private_and_goes_with_all_that_is_in_it(temporary: Path) -> None:
    folder = folders.create()
    assert folder.stat().st_mode & 0o077 == 0
    (folder / "a").mkdir()
    (folder / "a" / "film.mp4").write_bytes(b"x")
    folders.remove(folder)
    assert not list(temporary.iterdir())


def served(temporary: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "retint", "serve", "--port", "0", "--threads", "1"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True, preexec_fn=heed_signals,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return process, found[0]
    raise AssertionError("the server did not say where it is")


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"])
def test_films_go_with_the_server_however_it_ends(
    temporary: Path, tmp_path: Path, ending: str
) -> None:
    clip = write(tmp_path / "clip.mp4", moving(3))
    process, url = served(temporary)
    try:
        answer = httpx.post(f"{url}/v1/films?name=clip.mp4", content=clip.read_bytes(), timeout=60)
        assert answer.status_code == 201
        assert list(temporary.glob("retint-*/*/film.mp4"))
        process.send_signal(getattr(signal, ending))
        process.wait(20)
        assert process.returncode
    finally:
        process.kill()
        process.communicate()
    if ending == "SIGKILL":  # nobody can clean up then, but the next server does
        folders.sweep()
    assert not list(temporary.glob(f"{folders.PREFIX}*"))


def test_folders_on_a_drive_without_locks_are_recognized(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    folder = folders.create()
    assert folder.parent == temporary
    folders.sweep()  # it cannot be told from that of a dead server
    assert folder.is_dir()
    folders.remove(folder)
    assert not folder.exists()
