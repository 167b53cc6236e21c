"""Unusual films and options: coloured with remarks, or refused with one line."""

from __future__ import annotations

import io
import json
import time
import zlib
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import retint
from retint.errors import PhotoError, UsageError
from retint.film.decoding import MOST_BROKEN
from retint.film.losses import MOST_KEPT, MOST_LINES, Losses
from retint.film.options import FilmOptions
from retint.film.source import Source

from ..cli.test_main import run
from .clips import lumas, moving, packets, write
from .mutations import elements

MEAN = ("--method", "mean", "--threads", 1)
QUIET = (*MEAN, "--quiet")
ATTACHED = av.stream.Disposition.attached_pic


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "clip.mp4", moving(12), sound=True)


@pytest.mark.parametrize("option", ["--start", "--end"])
@pytest.mark.parametrize(
    "value",
    ["99999999999999", "1000000000", "9" * 400, "inf", "nan", "1e3", "=-5", "1:2:3:4", "1:-3", "٣"],
)
def test_invalid_times_are_one_line(
    clip: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert run(clip, f"{option}={value.removeprefix('=')}", *QUIET) == 2
    said = capsys.readouterr().err
    assert "is not a valid time" in said
    assert said.count("\n") == 1
    assert len(said) < 150


def test_a_time_beyond_the_end_is_one_line(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(clip, "--start", "999999999", *QUIET) == 1
    said = capsys.readouterr().err
    assert "there are no frames in that part of the film, which is 0.5 s long" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["time", "frame"])
@pytest.mark.parametrize(
    "value", ["1e308", "1" + "0" * 308, "1e999", "NaN", "-1", '"soon"', "true", "[]", "null"]
)
def test_an_invalid_time_of_a_hint_is_refused_in_one_line(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    hints = tmp_path / "hints.json"
    hints.write_text(
        '{"version": 1, "size": [96, 64], "points": '
        f'[{{"x": 24, "y": 29, "color": "navy", "{name}": {value}}}]}}'
    )
    assert run(clip, "--hints", hints, "--threads", 1, "--quiet") != 0
    said = capsys.readouterr().err
    assert "is not a valid time" in said
    assert said.count("\n") == 1
    assert len(said) < 300


@pytest.mark.parametrize("time", [float("inf"), float("nan"), -1.0, 1e30])
def test_pictures_at_invalid_times_are_refused(clip: Path, time: float) -> None:
    film = retint.open_film(clip, "mean", threads=1)
    for ask in (film.frame, film.still, lambda at: film.followed([], [at])):
        with pytest.raises(UsageError, match="is not a valid time"):
            ask(time)


def test_many_hints_of_many_times_are_read_in_little_time(tmp_path: Path) -> None:
    from retint.film.tracking import read_timed

    points = [{"x": 1, "y": 1, "color": "navy", "time": k / 8} for k in range(3000)]
    path = tmp_path / "hints.json"
    path.write_text(json.dumps({"version": 1, "size": [96, 64], "points": points}))
    assert [each.time for each in read_timed(path, lambda frame: frame / 24)] == [
        k / 8 for k in range(3000)
    ]


def test_losses_are_few_lines() -> None:
    losses = Losses()
    for _ in range(2):  # a film is walked over twice
        for k in range(150_000):
            losses.add("lost", k / 24, "Invalid data")
    assert next(iter(losses)) == "lost from 0.00 s to 416.62 s (10000 times): Invalid data"
    assert MOST_KEPT == 10_000
    assert len(list(losses)) == 2
    other = Losses()
    for k in range(1000):
        other.add("damaged", 10.0 * k)
    assert next(iter(other)) == "damaged at 0.00 s"
    assert len(list(other)) == MOST_LINES + 1


def broken_packets(path: Path, count: int) -> Path:
    """Some frames, and then packets that are none."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=24)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        for k in range(8):
            picture = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 20 * k, np.uint8))
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        for k in range(count):
            packet = av.Packet(b"\xff\xff\xff")
            packet.stream, packet.time_base = stream, Fraction(1, 24)
            packet.pts = packet.dts = 9 + k
            out.mux(packet)
    return path


def test_broken_packets_end_the_film_at_some_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = broken_packets(tmp_path / "a.mkv", MOST_BROKEN + 5000)
    assert run(path, *MEAN) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) <= 4
    assert any("lost from" in line for line in said)
    assert any("reading stopped there" in line for line in said)
    assert len(lumas(tmp_path / "a.retint.mkv")) == 8


@pytest.mark.alone
def test_reading_a_film_without_frames_can_be_cancelled(tmp_path: Path) -> None:
    source = Source(broken_packets(tmp_path / "a.mkv", 20_000))

    def no_more() -> None:
        raise InterruptedError

    began = time.monotonic()
    with source.frames(no_more) as frames:
        assert len(list(islice(frames, 8))) == 8
        with pytest.raises((InterruptedError, StopIteration)):  # it may be quicker than that
            next(frames)
    assert time.monotonic() - began < 10


def with_cover(path: Path, metadata: dict[str, str] | None = None) -> Path:
    """A film of six frames with a red picture of 64 x 64."""
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(content, "JPEG")
    with av.open(str(path), "w") as out:
        out.metadata.update(metadata or {})
        if path.suffix == ".mkv":
            out.add_attachment("cover.jpg", "image/jpeg", content.getvalue())
        else:
            picture: Any = out.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
            picture.disposition = ATTACHED
        stream: Any = out.add_stream("libx264", rate=24)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        if path.suffix != ".mkv":
            red = av.VideoFrame.from_ndarray(np.full((64, 64, 3), (255, 0, 0), np.uint8))
            out.mux(picture.encode(red.reformat(format="yuvj420p")))
            out.mux(picture.encode(None))
        for levels in moving(6):
            frame = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    with av.open(str(path)) as film:
        assert [bool(each.disposition & ATTACHED) for each in film.streams.video].count(True) == 1
    return path


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_a_cover_is_not_the_film_and_stays(tmp_path: Path, ending: str) -> None:
    assert run(with_cover(tmp_path / f"a{ending}"), *QUIET) == 0
    with av.open(str(tmp_path / f"a.retint{ending}")) as film:
        (cover,) = [each for each in film.streams.video if each.disposition & ATTACHED]
        (own,) = [each for each in film.streams.video if not each.disposition & ATTACHED]
        assert (own.width, own.height) == (96, 64)
        assert len(list(film.decode(own))) == 6
        place = cover.index
    with av.open(str(tmp_path / f"a.retint{ending}")) as film:
        shown: Any = next(film.decode(film.streams[place]))
        picture = shown.to_ndarray(format="rgb24")
    assert picture.shape == (64, 64, 3)
    assert picture[..., 0].min() > 200
    assert picture[..., 1].max() < 60


def test_a_cover_that_comes_first_is_not_the_film(tmp_path: Path) -> None:
    """As old programs for phones wrote it: what is said of the film before its tracks."""
    source = with_cover(tmp_path / "a.mp4")
    content = source.read_bytes()
    movie = content.index(b"moov") - 4
    size = int.from_bytes(content[movie : movie + 4], "big")
    said = content.index(b"udta", movie) - 4
    user = content[said : said + int.from_bytes(content[said : said + 4], "big")]
    assert movie + size == len(content)
    tracks = content[movie + 8 : said] + content[said + len(user) :]
    source.write_bytes(content[: movie + 8] + user + tracks)
    with av.open(str(source)) as film:
        assert film.streams.video[0].disposition & ATTACHED
    assert run(source, *QUIET) == 0
    with av.open(str(tmp_path / "a.retint.mp4")) as film:
        sizes = {(each.width, each.height) for each in film.streams.video}
    assert sizes == {(96, 64), (64, 64)}


@pytest.mark.parametrize("format", ["mov", "webm"])
def test_unsupported_covers_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    assert run(with_cover(tmp_path / "a.mp4"), "--format", format, *MEAN) == 1
    assert "does not support its cover" in capsys.readouterr().err
    assert len(lumas(tmp_path / f"a.retint.{format}")) == 6


def test_a_title_in_latin_1_is_read(tmp_path: Path) -> None:
    source = write(tmp_path / "a.avi", moving(6), codec="mpeg4", metadata={"title": "Fa#ade"})
    content = source.read_bytes()
    assert content.count(b"Fa#ade") == 1
    source.write_bytes(content.replace(b"Fa#ade", b"Fa\xe7ade"))
    assert run(source, *QUIET) == 0
    with av.open(str(tmp_path / "a.retint.mkv")) as film:
        tags = {name.lower(): value for name, value in film.metadata.items()}
    assert tags["title"] == "Façade"


def test_unknown_sound_codecs_are_reported(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = clip.read_bytes()
    assert content.count(b"mp4a") == 1
    clip.write_bytes(content.replace(b"mp4a", b"zzzz").replace(b"esds", b"skip"))
    assert run(clip, *MEAN) == 1
    assert "does not support its audio (unknown)" in capsys.readouterr().err
    made = clip.with_name("clip.retint.mp4")
    assert len(lumas(made)) == 12
    assert packets(clip, "video")
    with av.open(str(made)) as film:
        assert not film.streams.audio


def with_two_pictures(path: Path) -> Path:
    """A film of 24 frames with a second, smaller video stream."""
    with av.open(str(path), "w") as out:
        streams: list[Any] = [out.add_stream("mpeg4", rate=24) for _ in range(2)]
        for stream, size in zip(streams, ((64, 96), (32, 48)), strict=True):
            stream.height, stream.width = size
            stream.codec_context.options = {"g": "4"}
            stream.codec_context.max_b_frames = 2
        for k in range(24):
            for stream in streams:
                picture = np.full((stream.height, stream.width, 3), 8 * k, np.uint8)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        for stream in streams:
            out.mux(stream.encode(None))
    return path


def second(path: Path) -> list[tuple[float, bytes]]:
    """Times and contents of the packets of the second video stream."""
    with av.open(str(path)) as film:
        return [
            (float(each.pts * each.time_base), bytes(each))  # type: ignore[operator]
            for each in film.demux(video=1)
            if each.size
        ]


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_further_video_streams_are_kept(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = with_two_pictures(tmp_path / f"a{ending}")
    made = tmp_path / f"b{ending}"
    assert run(source, "-o", made, *MEAN) == 0
    assert "its video stream 1 is kept as it is, without color" in capsys.readouterr().err
    assert len(lumas(made)) == 24
    for (begin, content), (was, own) in zip(second(made), second(source), strict=True):
        assert content == own
        assert begin == pytest.approx(was, abs=2e-3)


def test_further_video_streams_of_a_part_begin_with_a_key_frame(tmp_path: Path) -> None:
    source = with_two_pictures(tmp_path / "a.mkv")
    made = tmp_path / "b.mkv"
    assert run(source, "-o", made, "--start", "0.25", "--end", "0.75", *MEAN) == 0
    with av.open(str(source)) as film:
        keys = [frame.time for frame in film.decode(video=1) if frame.key_frame]
    first = next(key for key in keys if key is not None and key >= 0.25)
    with av.open(str(made)) as film:
        frames = list(film.decode(video=1))
    assert frames[0].key_frame
    assert frames[0].time == pytest.approx(first - 0.25, abs=2e-3)
    times = [round(24 * (frame.time or 0)) for frame in frames]
    assert times[: 12 - times[0]] == list(range(times[0], 12))
    assert times[-1] <= 12  # the last ones may depend on it


def test_unsupported_further_video_streams_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = with_two_pictures(tmp_path / "a.mkv")
    assert run(source, "-o", tmp_path / "b.webm", *MEAN) == 1
    assert "webm does not support its video (mpeg4)" in capsys.readouterr().err
    assert len(lumas(tmp_path / "b.webm")) == 24


def test_names_with_control_characters_are_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (32, 48)).astype(np.uint8).repeat(2, 0)
    write(folder / "a\x1b[31m.mkv", moving(6), codec="ffv1", chroma=noise[:32])
    write(folder / "b\x1b[31m.mkv", moving(6), codec="ffv1")
    (folder / "c\x1b[31m.mkv").write_bytes(b"no film")
    run(folder, "-o", tmp_path / "out", *MEAN)
    said = capsys.readouterr()
    assert "already in color" in said.err
    assert "\x1b" not in said.err + said.out


def test_excess_chapters_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.mkv"
    with av.open(str(source), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=24)
        stream.height, stream.width = 64, 96
        out.set_chapters([
            {"id": k, "start": k, "end": k + 1, "time_base": Fraction(1, 100_000), "metadata": {}}
            for k in range(3000)
        ])  # fmt: skip
        for _ in range(12):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8))))
        out.mux(stream.encode(None))
    assert run(source, *MEAN) == 1
    assert "only 1,000 of its 3,000 chapters are kept" in capsys.readouterr().err


def element(name: str, *content: bytes | int) -> bytes:
    """Of Matroska."""
    whole = b"".join(each.to_bytes(8, "big") if isinstance(each, int) else each for each in content)
    return bytes.fromhex(name) + (1 << 56 | len(whole)).to_bytes(8, "big") + whole


def with_bombs(path: Path, count: int) -> Path:
    """A film with subtitles of nine megabytes each, which are nine kilobytes in the file."""
    content = write(path, moving(6), codec="ffv1").read_bytes()
    tracks, clusters = bytes.fromhex("1654ae6b"), bytes.fromhex("1f43b675")
    found = {
        content[piece.begin : piece.begin + 4]: piece
        for piece in elements(content)
        if content[piece.begin : piece.begin + 4] in (tracks, clusters)
    }
    video = content[found[tracks].content : found[tracks].end]
    bomb = zlib.compress(b"a" * 9_000_000, 9)
    deflated = element("6d80", element("6240", element("5034", element("4254", 0))))
    subtitles = element(
        "ae", element("d7", 2), element("73c5", 2), element("83", 17),
        element("86", b"S_TEXT/UTF8"), deflated,
    )  # fmt: skip
    blocks = [
        element(
            "a0", element("a1", b"\x82" + k.to_bytes(2, "big") + b"\0" + bomb), element("9b", 1)
        )
        for k in range(count)
    ]
    path.write_bytes(
        element("1a45dfa3", element("4282", b"matroska"), element("4287", 4), element("4285", 2))
        + element(
            "18538067", element("1549a966", element("2ad7b1", 1_000_000)),
            element("1654ae6b", video, subtitles),
            content[found[clusters].begin : found[clusters].end],
            element("1f43b675", element("e7", 0), *blocks),
        )
    )  # fmt: skip
    return path


def test_subtitles_that_unpack_without_end_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(with_bombs(tmp_path / "few.mkv", 2), *QUIET) == 0
    path = with_bombs(tmp_path / "a.mkv", 12)
    assert path.stat().st_size < 200_000
    assert run(path, *QUIET) == 1
    assert "too large when decompressed" in capsys.readouterr().err
    assert not (tmp_path / "a.retint.mkv").exists()


def test_wrong_options_say_what_is_wrong() -> None:
    with pytest.raises(UsageError, match=r"`end` \(2 s\) must be after `start` \(5 s\)"):
        FilmOptions(start="5", end="2").span  # noqa: B018
    with pytest.raises(PhotoError):
        Source(Path("nowhere.mp4"))
