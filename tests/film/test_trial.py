"""What can fail is tried before a film is scanned and coloured."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import tempfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retint
from retint.errors import PhotoError
from retint.film import trial
from retint.film.containers import CONTAINERS
from retint.film.film import Film
from retint.film.writing import Encoder
from tests.programs import program

from ..cli.test_main import run
from .clips import moving, write

MEAN = ("--method", "mean", "--threads", 1)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def unscanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film may be neither scanned nor coloured."""

    def fail(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Film, "look", fail)
    monkeypatch.setattr(Film, "hinting", fail)


@pytest.mark.usefixtures("unscanned")
@pytest.mark.parametrize("name", ["x" * 300 + ".mkv", "file/b.mkv", "folder.mkv/.."])
def test_names_that_cannot_be_written_are_refused_at_once(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.mkv", moving(3), codec="ffv1")
    (tmp_path / "file").write_bytes(b"")
    assert run(source, "-o", tmp_path / name, *MEAN) != 0
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mkv", "file"]


@pytest.mark.usefixtures("unscanned")
def test_a_folder_that_cannot_be_written_to_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    source = write(tmp_path / "a.mkv", moving(3), codec="ffv1")
    assert run(source, *MEAN) == 1
    assert f"cannot write to {tmp_path}: Permission denied" in capsys.readouterr().err


@pytest.mark.usefixtures("unscanned")
def test_frames_that_cannot_be_encoded_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Encoder, "_settings", lambda _: {"profile": "none such"})
    source = write(tmp_path / "a.mkv", moving(3), codec="ffv1")
    assert run(source, *MEAN) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["a.mkv"]


def test_a_disk_without_room_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.mkv", moving(12), codec="ffv1")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 0))
    assert run(source, *MEAN) == 1
    said = capsys.readouterr().err
    assert re.search(r"has 0\.0 kB left; the film and its shots need about [\d.]*[1-9]", said)
    assert said.count("\n") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["a.mkv"]


@pytest.mark.parametrize("lossless", [False, True])
def test_the_estimate_of_the_size_is_near_it(tmp_path: Path, lossless: bool) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, 12, (64, 96)) for _ in range(40)]
    frames = [(a + b).clip(0, 255) for a, b in zip(moving(40), noise, strict=True)]
    film = retint.open_film(
        write(tmp_path / "a.mkv", frames, codec="ffv1"), "mean", threads=1, lossless=lossless
    )
    encoder = Encoder(film.source, CONTAINERS["mkv"], film.options)
    estimate = trial._estimate(film.source, encoder, film.shots)
    size = film.colorize(tmp_path / "b.mkv").stat().st_size
    assert 0.6 * size < estimate < 1.5 * size


@pytest.mark.parametrize(("codec", "samples"), [("pcm_bluray", "s16le"), ("wmav2", "s32le")])
def test_sound_that_the_container_does_not_support_is_recoded_without_loss(
    tmp_path: Path, codec: str, samples: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / ("a.m2ts" if codec == "pcm_bluray" else "a.wmv")
    form = "mpegts" if codec == "pcm_bluray" else "asf"
    video = "mpeg2video" if codec == "pcm_bluray" else "wmv2"
    call = (
        "ffmpeg -v error -f lavfi -i testsrc2=s=96x64:r=25,format=yuv420p -f lavfi "
        f"-i sine=sample_rate=48000 -t 0.6 -ac 2 -c:v {video} -c:a {codec} -f {form} {source}"
    )
    subprocess.run(call.split(), check=True, stdin=subprocess.DEVNULL)
    assert run(source, *MEAN) == 0
    assert f"its audio ({codec}), which is written as flac" in capsys.readouterr().err
    before, after = (sound(each, samples) for each in (source, tmp_path / "a.retint.mkv"))
    size = min(len(before), len(after))
    assert size > 20_000
    assert abs(len(before) - len(after)) <= 4096
    away = np.abs(before[:size].astype(np.int64) - after[:size])
    assert away.max() <= (0 if samples == "s16le" else 512)  # FLAC stores 24 bits


def sound(path: Path, samples: str) -> Any:
    """Its samples, by FFmpeg's program."""
    call = [program("ffmpeg"), "-v", "error", "-i", str(path), "-vn", "-f", samples, "-"]
    found = subprocess.run(call, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    return np.frombuffer(found, f"<i{int(samples[1:3]) // 8}")


def test_a_film_without_frames_at_its_times_has_no_estimate(
    tmp_path: Path,
) -> None:
    source = write(tmp_path / "a.mkv", moving(12), codec="ffv1")
    film = retint.open_film(source, "mean", threads=1)
    film.look()
    encoder = Encoder(film.source, CONTAINERS["mkv"], film.options)
    shots = [dataclasses.replace(film.shots[0], middle=5.0)]
    assert trial._estimate(film.source, encoder, shots) == 0


def test_no_film_without_frames_is_tried(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(3), codec="ffv1")
    film = retint.open_film(source, "mean", threads=1, start="5")
    with pytest.raises(PhotoError, match="no frames in that part"):
        film.colorize(tmp_path / "b.mkv")
