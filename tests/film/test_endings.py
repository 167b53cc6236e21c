"""Runs that fail, are cancelled, coincide or are resumed end without losing anything."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from filelock import FileLock

import retint
from retint.errors import PhotoError
from retint.film.film import Film
from retint.film.hinting import Hinting
from retint.film.options import FilmOptions
from retint.film.parts import Parts

from ..cli.test_main import run
from .clips import lumas, moving, times, write
from .test_stages import ended

MEAN = ("--method", "mean", "--threads", 1)
QUIET = (*MEAN, "--quiet")
SECONDS = 60


def in_a_process(
    *arguments: object, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """`retint` on its own; TimeoutExpired where it hangs."""
    return subprocess.run(
        [sys.executable, "-m", "retint", *map(str, arguments)], preexec_fn=before, text=True,
        capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def shots(count: int, length: int = 10) -> list[Any]:
    """Frames of several shots."""
    frames = [each for seed in range(count) for each in moving(length, seed=seed)]
    return [255 - each if (k // length) % 2 else each for k, each in enumerate(frames)]


def hurdle(folder: Path) -> Path:
    return folder / ".b.mkv.retint-shots"


def test_frames_of_one_time_end_in_a_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("ffv1", rate=24)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        for levels in moving(12):
            frame = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            for packet in stream.encode(frame.reformat(format="yuv420p")):
                packet.pts = packet.dts = 0
                out.mux(packet)
    done = in_a_process(path, "-o", tmp_path / "b.mkv", *MEAN)
    assert done.returncode == 1
    assert "a timestamp that does not increase" in done.stderr
    assert len(set(times(tmp_path / "b.mkv"))) == 12


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98, 0.999])
def test_a_disk_that_fills_up_ends_the_run(tmp_path: Path, share: float) -> None:
    """A limit to the size of files stands for the disk: the last moments are hit, too."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(20, 230, (64, 96)) for _ in range(12)]
    source = write(tmp_path / "a.mkv", noise, codec="ffv1")
    assert run(source, "-o", tmp_path / "whole.mkv", "--lossless", *QUIET) == 0
    size = int(share * (tmp_path / "whole.mkv").stat().st_size)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = in_a_process(source, "-o", tmp_path / "b.mkv", "--lossless", *QUIET, before=limited)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "b.mkv").exists()


@pytest.mark.alone
@pytest.mark.parametrize("frames", [0, 3, 24])
def test_an_exception_in_progress_aborts_the_run(tmp_path: Path, frames: int) -> None:
    source = write(tmp_path / "a.mkv", shots(2, 12), codec="ffv1")
    film = retint.open_film(source, "mean", threads=1)

    def tell(done: int, _shot: int) -> None:
        if done >= frames:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        film.colorize(tmp_path / "b.mkv", progress=tell)
    assert time.monotonic() - began < 10
    for doing in ("reading", "colouring", "encoding", "joining"):
        assert ended(doing)
    assert not (tmp_path / "b.mkv").exists()
    film.colorize(tmp_path / "b.mkv", resume=True)
    assert len(lumas(tmp_path / "b.mkv")) == 24


def test_a_film_is_cancelled_before_its_first_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    film = retint.open_film(write(tmp_path / "a.mkv", moving(6), codec="ffv1"), "mean", threads=1)
    film.look()
    open_ = type(film.pipeline).open

    def slow(*arguments: Any) -> Any:
        free.wait(5)
        return open_(*arguments)

    monkeypatch.setattr(type(film.pipeline), "open", slow)
    calls: list[int] = []

    def tell(_done: int, _shot: int) -> None:
        calls.append(1)
        if len(calls) == 3:
            free.set()
            raise InterruptedError

    with pytest.raises(PhotoError):  # an OSError, as it happens
        film.colorize(tmp_path / "b.mkv", progress=tell)
    assert len(calls) == 3


def test_an_error_in_a_method_reaches_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = retint.open_film(write(tmp_path / "a.mkv", moving(6), codec="ffv1"), "mean", threads=1)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(type(film.pipeline), "open", broken)
    with pytest.raises(ZeroDivisionError):
        film.colorize(tmp_path / "b.mkv")
    assert ended("reading")


def test_a_second_run_on_one_film_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", shots(2), codec="ffv1")
    target = tmp_path / "b.mkv"
    film = retint.open_film(source, "mean", threads=1)
    said: list[str] = []

    def tell(done: int, _shot: int) -> None:
        if done == 12 and not said:
            second = in_a_process(source, "-o", target, "--resume", *QUIET)
            said.append(second.stderr)
            assert second.returncode == 1

    film.colorize(target, progress=tell)
    assert said == [f"retint: {source}: another run is working on {target}\n"]
    assert len(lumas(target)) == 20
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mkv", "b.mkv"]


def test_a_run_over_the_folder_leaves_the_shots_of_running_films(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    source = write(tmp_path / "a.mkv", shots(2), codec="ffv1")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    write(pictures / "c.mkv", moving(6), codec="ffv1")
    film = retint.open_film(source, "mean", threads=1)
    swept: list[int] = []

    def tell(done: int, _shot: int) -> None:
        if done in (3, 12) and len(swept) < 2:  # within the first shot and within the second
            swept.append(run(pictures, "-o", out, "--resume", *QUIET))

    def finished(_made: Path) -> None:
        swept.append(run(pictures, "-o", out, "--resume", *QUIET))

    film.colorize(out / "b.mkv", progress=tell, finished=finished)
    assert swept == [0, 0, 0]
    assert len(lumas(out / "b.mkv")) == 20


@pytest.mark.timeout(60)  # a pipe in place of a file is never waited for
@pytest.mark.parametrize(
    "damage",
    ["empty", "short", "other", "gone", "linked", "folder", "pipe", "seal", "endless", "seal pipe",
     "key pipe", "key folder"],
)  # fmt: skip
def test_a_finished_shot_that_was_damaged_is_done_again(tmp_path: Path, damage: str) -> None:
    source = write(tmp_path / "a.mkv", shots(3), codec="ffv1")
    whole, target = tmp_path / "whole.mkv", tmp_path / "b.mkv"
    options = FilmOptions(lossless=True)
    film = Film(source, retint.load("mean", threads=1).pipeline, options)
    film.colorize(whole)

    def tell(done: int, _shot: int) -> None:
        if done > 22:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.colorize(target, progress=tell)
    first = hurdle(tmp_path) / "000000.nut"
    content = first.read_bytes()
    if damage == "empty":
        first.write_bytes(b"")
    elif damage == "short":
        first.write_bytes(content[: len(content) // 2])
    elif damage == "other":
        (hurdle(tmp_path) / "000001.nut").replace(first)
    elif damage == "gone":
        first.unlink()
    elif damage == "linked":
        first.replace(tmp_path / "elsewhere")
        first.symlink_to(tmp_path / "elsewhere")
    elif damage == "seal":
        first.with_suffix(".json").write_text('{"frames": [], "sha256": 3}')
    elif damage == "endless":
        seal = json.loads(first.with_suffix(".json").read_text())
        first.with_suffix(".json").write_text(json.dumps({**seal, "frames": float("inf")}))
    else:
        place = {"seal": first.with_suffix(".json"), "key": hurdle(tmp_path) / "key.json"}
        path = place.get(damage.split()[0], first)
        path.unlink()
        path.mkdir() if "folder" in damage else os.mkfifo(path)
    film.colorize(target, resume=True)
    for one, other in zip(frames_of(whole), frames_of(target), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not hurdle(tmp_path).exists()


def frames_of(path: Path) -> list[Any]:
    with av.open(str(path)) as film:
        return [each.to_ndarray() for each in film.decode(video=0)]


def test_finished_shots_are_reused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a.mkv", shots(3), codec="ffv1")
    film = retint.open_film(source, "mean", threads=1)

    def tell(done: int, _shot: int) -> None:
        if done > 22:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.colorize(tmp_path / "b.mkv", progress=tell)
    done: list[Any] = []
    own = Hinting.sight_beside

    def counted(self: Hinting, shot: Any) -> Any:
        done.append(shot.start)
        return own(self, shot)

    monkeypatch.setattr(Hinting, "sight_beside", counted)
    film.colorize(tmp_path / "b.mkv", resume=True)
    assert done == [20]


@pytest.mark.parametrize("what", ["a link", "a file", "a link to nothing"])
def test_the_shots_of_another_user_are_left_alone(tmp_path: Path, what: str) -> None:
    source = write(tmp_path / "a.mkv", moving(6), codec="ffv1")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "key.json").write_text("theirs")
    place = hurdle(tmp_path)
    if what == "a file":
        place.write_text("theirs")
    else:
        place.symlink_to(theirs if what == "a link" else tmp_path / "nothing")
    assert run(source, "-o", tmp_path / "b.mkv", "--resume", *QUIET) == 0
    assert len(lumas(tmp_path / "b.mkv")) == 6
    assert [each.name for each in theirs.iterdir()] == ["key.json"]
    assert (theirs / "key.json").read_text() == "theirs"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [place.name, "a.mkv", "b.mkv", "theirs"]
    )


def test_links_in_the_folder_of_shots_are_not_followed(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(6), codec="ffv1")
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("theirs")
    place = hurdle(tmp_path)
    place.mkdir()
    for name in ("key.json", "lock", "000000.nut", "000000.json", "folder"):
        (place / name).symlink_to(theirs)
    assert run(source, "-o", tmp_path / "b.mkv", "--resume", *QUIET) == 0
    assert theirs.read_text() == "theirs"
    assert not place.exists()


@pytest.mark.skipif(os.name == "nt", reason="permissions differ there")
def test_nobody_else_can_write_into_a_folder_that_came_out_of_an_archive(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "b.mkv", {})
    parts.folder.mkdir()
    parts.folder.chmod(0o777)
    with parts.locked(resume=True):
        assert stat.S_IMODE(parts.folder.stat().st_mode) == 0o700


def test_a_lock_on_a_removed_file_does_not_count(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "b.mkv", {})
    with parts.locked(resume=False):
        stale = FileLock(parts.folder / "lock", timeout=0)
        parts.remove()
        with Parts(tmp_path / "b.mkv", {}).locked(resume=False):
            pass
    assert not stale.is_locked


@pytest.mark.parametrize("letter", ["x", "é"])
def test_long_names_are_no_obstacle(tmp_path: Path, letter: str) -> None:
    size = 240 // len(os.fsencode(letter))
    path = tmp_path / f"{letter * size}.mkv"
    assert len(os.fsencode(path.name)) == 244
    path.write_bytes(write(tmp_path / "a.mkv", moving(6), codec="ffv1").read_bytes())
    assert run(path, *QUIET) == 0
    assert len(lumas(tmp_path / f"{letter * size}.retint.mkv")) == 6
