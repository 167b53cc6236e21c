"""`retint pipe`, alone and between two ffmpegs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.cli.test_main import run
from tests.film.clips import lumas, moving, write
from tests.programs import program

SIZE = 64 * 96 * 3 // 2
"""Bytes of a frame."""
CALL = [sys.executable, "-m", "retint", "pipe", "--threads", "1"]
FORM = ["--size", "96x64", "--pixel", "yuv420p", "--method", "mean"]


def test_frames_pass_between_two_processes_of_ffmpeg(tmp_path: Path) -> None:
    source = write(tmp_path / "film.mp4", moving(12), sound=True)
    target = tmp_path / "out.mkv"
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p"]
    ffmpeg = [program("ffmpeg"), "-v", "error"]
    reading = [*ffmpeg, "-i", str(source), *raw, "-"]
    writing = [
        *ffmpeg, *raw, "-s", "96x64", "-r", "24", "-i", "-", "-i", str(source),
        "-map", "0:v", "-map", "1:a", "-c:a", "copy", "-c:v", "ffv1", str(target),
    ]  # fmt: skip
    first = subprocess.Popen(reading, stdout=subprocess.PIPE)
    second = subprocess.Popen([*CALL, *FORM], stdin=first.stdout, stdout=subprocess.PIPE)
    subprocess.run(writing, stdin=second.stdout, check=True)
    assert first.wait(30) == second.wait(30) == 0
    for one, other in zip(lumas(source), lumas(target), strict=True):
        np.testing.assert_array_equal(one, other)
    with av.open(str(target)) as film:
        assert len(film.streams.audio) == 1
        frame = next(film.decode(film.streams.video[0]))
        assert np.asarray(frame.to_ndarray()[64:]).std() > 1


@pytest.mark.parametrize(
    ("content", "length", "message"),
    [
        (
            bytes([100]) * (2 * SIZE + 7), 2 * SIZE,
            f"the last frame is incomplete (7 of {SIZE} bytes) and was left out",
        ),
        (b"", 0, "there are no frames on standard input"),
    ],
    ids=["incomplete", "none"],
)  # fmt: skip
def test_missing_bytes_are_one_line_and_the_rest_is_kept(
    content: bytes, length: int, message: str, monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run("pipe", *FORM) == 1
    out, err = capfdbinary.readouterr()
    assert len(out) == length
    assert err.decode() == f"retint: {message}\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_has_ended_is_one_line() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*CALL, *FORM], input=bytes([100]) * SIZE, stdout=writing, stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == b"retint: the program that reads the colored frames has ended\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "96", "--pixel", "gray"], "--size must be a width and height"),
        (["--size", "0x64", "--pixel", "gray"], "--size must be a width and height"),
        (["--size", "9000x64", "--pixel", "gray"], "--size must be a width and height up to 8192"),
        (["--size", "96x64", "--pixel", "rgb24"], "--pixel must be one of gray, "),
        (["--size", "96x64", "--pixel", "gray", "--to", "gray"], "--to must be one of yuv444p, "),
        (["--size", "96x64", "--pixel", "gray", "--to", "yuv420p10le"], "--to must have the 8"),
        (["--size", "96x64", "--pixel", "gray", "--method", "none"], "unknown method"),
    ],
)
def test_wrong_calls_are_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("pipe", *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"retint: {message}")
    assert error.count("\n") == 1


def test_a_terminal_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert run("pipe", *FORM) == 2
    assert "standard input is a terminal" in capsys.readouterr().err


def test_colors_are_those_of_a_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shots = [*moving(9, seed=1), *(255 - each for each in moving(8, seed=2))]
    source = write(tmp_path / "film.mkv", shots, codec="ffv1")
    target = tmp_path / "out.mkv"
    how = ("--method", "unet", "--threads", "1", "--look", "vivid")
    assert run(source, "-o", target, "--lossless", *how) == 0
    raw = b"".join(each.astype(np.uint8).tobytes() + bytes(SIZE // 3) for each in shots)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    capfdbinary.readouterr()
    assert run("pipe", "--size", "96x64", "--pixel", "yuv420p", *how) == 0
    with av.open(str(target)) as film:
        whole = b"".join(frame.to_ndarray().tobytes() for frame in film.decode(video=0))
    assert capfdbinary.readouterr().out == whole
