"""Truncated films are coloured as far as they go, and it is said how far that is."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
import pytest

from retint.film.structure import is_cut_off, is_partial

from ..cli.test_main import run
from .clips import RATE, lumas, moving, packets, write
from .test_containers import FRAMES, KINDS, Kind, made

MEAN = ("--method", "mean", "--threads", 1)
FAST = "-movflags +faststart"
FRONT = {
    ".m4v": Kind("-c:v libx264 -g 5 -bf 2", "aac", format=f"mp4 {FAST}"),
    ".mov": Kind("-c:v mjpeg -q:v 3 -pix_fmt yuvj420p", "pcm_s16le", format=f"mov {FAST}"),
    ".3gp": Kind("-c:v h263 -q:v 3", "aac", "128x96", f"3gp {FAST}"),
    ".mp4": Kind("-c:v libx264 -g 2", "aac", format="mp4 -movflags frag_keyframe+empty_moov"),
    ".mkv": Kind("-c:v libx264 -g 5 -bf 2", "aac", format="matroska"),
    ".webm": Kind("-c:v libvpx -deadline realtime", "libvorbis", format="webm"),
}  # fmt: skip
"""Films with the index in front, or without one."""
STATED = (".mxf", ".m4v", ".mp4", ".mov", ".3gp", ".mkv", ".webm", ".divx")
"""Those that state their length in front."""
CUT = {
    kind: KINDS[kind]
    for kind in (
        ".ts",
        ".m2ts",
        ".mts",
        ".mpg",
        ".vob",
        ".divx",
        ".wmv",
        ".ogv",
        ".m2v",
        ".y4m",
        ".mxf",
    )
} | FRONT


@pytest.mark.parametrize("ending", CUT)
def test_truncated_films_are_coloured_and_named(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = made(tmp_path / f"whole{ending}", CUT[ending])
    source, target = tmp_path / f"a{ending}", tmp_path / "b.mkv"
    content = whole.read_bytes()
    # An odd number is not at the end of a packet of a transport stream.
    source.write_bytes(content[: len(content) * 3 // 4 | 1])
    assert run(source, "-o", target, *MEAN) == 1
    said = capsys.readouterr().err
    assert said.count("the file is truncated: ") == 1
    read = re.search(r"truncated: (?:it ends at )?([\d.]+) s(?: of ([\d.]+) s were read)?", said)
    assert read is not None
    assert (read[2] is not None) == (ending in STATED)
    count = len(lumas(target))
    assert 0 < count <= FRAMES
    assert float(read[1]) == pytest.approx(count / 25, abs=0.041)


@pytest.mark.parametrize("ending", [".ts", ".vob", ".m2v"])
def test_a_picture_without_its_last_rows_is_recognized(tmp_path: Path, ending: str) -> None:
    """As at the end of a transport stream of whole packets; its decoder does not say so."""
    source = made(tmp_path / f"a{ending}", KINDS[ending])
    pictures = packets(source, "video")
    assert len(pictures) >= FRAMES - 1
    for picture in pictures:
        assert not is_partial(picture, 64)
        assert is_partial(picture[: picture.index(b"\0\0\1\4")], 64)


def test_dv_is_truncated_within_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.dv"
    for begin, length in ((b"\x1f\x07\x00\x3f", 120_000), (b"\x1f\x07\x00\xbf", 144_000)):
        path.write_bytes(begin + bytes(2 * length - 4))
        assert not is_cut_off(path)
        path.write_bytes(begin + bytes(2 * length - 5))
        assert is_cut_off(path)


def test_a_film_whose_index_is_missing_is_refused_as_truncated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.mp4", moving(24))
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    assert run(source, *MEAN) == 1
    assert "not a readable film (it is truncated)" in capsys.readouterr().err
    assert not (tmp_path / "a.retint.mp4").exists()


def test_a_last_frame_that_is_shown_for_long_is_no_truncation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as a slide show, or a telephone's film of variable frame rate."""
    source = tmp_path / "b.mp4"
    with (
        av.open(str(write(tmp_path / "a.mp4", moving(6)))) as film,
        av.open(str(source), "w") as out,
    ):
        stream = out.add_stream_from_template(film.streams.video[0])
        *some, last = [each for each in film.demux(video=0) if each.size]
        last.duration = int(3 / Fraction(last.time_base))
        for packet in (*some, last):
            packet.stream = stream
            out.mux(packet)
    with av.open(str(source)) as film:
        stated = film.streams.video[0]
        assert float(stated.duration * stated.time_base) > 3  # type: ignore[operator]
    assert run(source, *MEAN) == 0
    assert "truncated" not in capsys.readouterr().err
    assert len(lumas(tmp_path / "b.retint.mp4")) == 6


def test_a_part_beyond_the_end_of_a_truncated_film_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.mkv", moving(48), options={"g": "6"})
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    assert run(source, "--start", "0.25", "--end", "1.9", *MEAN) == 1
    assert "of 2.00 s were read" in capsys.readouterr().err
    assert run(source, "--start", "0.25", "--end", "0.5", "--force", *MEAN) == 0
    assert len(lumas(tmp_path / "a.retint.mkv")) == RATE // 4


@pytest.mark.parametrize("count", [0, 3, 11])
def test_bytes_after_the_end_of_a_film_are_no_truncation(tmp_path: Path, count: int) -> None:
    source = write(tmp_path / "a.mp4", moving(6))
    source.write_bytes(source.read_bytes() + b"\xff" * count)
    assert not is_cut_off(source)
    assert not is_cut_off(tmp_path / "nothing.mp4")
