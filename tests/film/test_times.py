"""A time is the number of seconds since the film's first frame, whatever the file's clock says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import retint
from retint.film.planes import luma_of
from retint.film.source import Source
from retint.film.timecode import timecode_after
from retint.film.times import time_of
from retint.film.tracking import Timed, timed_of
from retint.hints import Hints

from ..cli.test_main import run
from .clips import RATE, lumas, moving, times, write

MEAN = ("--method", "mean", "--threads", 1)
HOUR = 3600
TICKS = 12288
"""Ticks of the films' time base in a second."""


def late(path: Path, count: int = 48, clock: float = HOUR) -> Path:
    """A film with a cut in its middle whose clock starts at an hour."""
    half = count // 2
    frames = moving(half) + [255 - each for each in moving(half, seed=5)]
    begin = int(clock * TICKS)
    return write(path, frames, times=[begin + 512 * k for k in range(count)], options={"g": "6"})


def with_sound(path: Path, clock: int = 0, count: int = 48) -> Path:
    """A film with sound from its first frame on; each second of sound has its own level."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=RATE, options={"g": "6"})
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        sound: Any = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        for k, levels in enumerate(moving(count)):
            picture = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            picture = picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = clock * RATE + k, Fraction(1, RATE)
            out.mux(stream.encode(picture))
            # The samples of a frame have its number as their level.
            samples = np.full((1, 8000 // RATE), k, np.int16)
            part = av.AudioFrame.from_ndarray(samples, "s16", "mono")
            part.sample_rate = 8000
            part.pts, part.time_base = clock * 8000 + k * (8000 // RATE), Fraction(1, 8000)
            out.mux(sound.encode(part))
        out.mux(stream.encode(None))
        out.mux(sound.encode(None))
    return path


def sounds(path: Path) -> list[tuple[float, int]]:
    """Time and level of each piece of sound."""
    with av.open(str(path)) as film:
        return [(each.time or 0.0, int(each.to_ndarray()[0, 0])) for each in film.decode(audio=0)]


def said_in(path: Path) -> dict[str, Any]:
    with av.open(str(path)) as film:
        tags = {name.lower(): value for name, value in film.metadata.items()}
    found: dict[str, Any] = json.loads(tags["comment"])["retint"]
    return found


def hints_file(path: Path, *points: dict[str, Any]) -> Path:
    point = {"x": 24, "y": 29, "color": "#2030c0", "radius": 4, "reach": 0.3}
    content = {"version": 1, "size": [96, 64], "points": [{**point, **each} for each in points]}
    path.write_text(json.dumps(content))
    return path


def blueness(path: Path, number: int, k: int) -> float:
    """Of the square of `moving` in a frame, the k-th of the source."""
    with av.open(str(path)) as film:
        frames = [each.to_ndarray(format="rgb24").astype(int) for each in film.decode(video=0)]
    left = 12 + 2 * k
    patch = frames[number][24:34, left : left + 8].mean(axis=(0, 1))
    return float(patch[2] - patch[0])


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
@pytest.mark.parametrize("clock", [0.5, HOUR])
def test_shots_and_stills_count_from_the_first_frame(
    tmp_path: Path, ending: str, clock: float
) -> None:
    source = late(tmp_path / f"a{ending}", clock=clock)
    film = retint.open_film(source, "mean", threads=1)
    assert [(each.start, each.stop) for each in film.shots] == [(0, 24), (24, 48)]
    assert [each.begin for each in film.shots] == pytest.approx([0, 1], abs=2e-3)
    assert film.source.length == pytest.approx(2, abs=2e-3)
    assert film.lost == []
    np.testing.assert_array_equal(
        film.frame(film.shots[1].begin).pixels, film.how_frames.photo(frame_of(source, 24)).pixels
    )
    assert film.followed([], [1.5])


def frame_of(path: Path, k: int) -> Any:
    with av.open(str(path)) as film:
        return list(film.decode(video=0))[k]


@pytest.mark.parametrize("ending", [".mkv", ".mov"])
def test_a_whole_film_keeps_its_clock(tmp_path: Path, ending: str) -> None:
    source = with_sound(tmp_path / f"a{ending}", 3)
    target = tmp_path / f"b{ending}"
    assert run(source, "-o", target, *MEAN) == 0
    assert times(target) == pytest.approx(times(source), abs=1e-3)
    assert sounds(target) == sounds(source)


def test_hints_at_a_time_are_used_in_a_film_with_a_late_clock(tmp_path: Path) -> None:
    source = late(tmp_path / "a.mkv", 24)
    path = hints_file(tmp_path / "hints.json", {"x": 24, "time": 4 / RATE})
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--hints", path, "--lossless", "--threads", 1) == 0
    assert blueness(target, 5, 5) > 12


def test_hints_at_a_time_are_used_in_a_part(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(24))
    target = tmp_path / "b.mkv"
    part = ("--start", "0.2", "--lossless", "--threads", 1)
    for where in ({"x": 26, "time": 0.2}, {"x": 30, "time": 0.3}, {"x": 26, "frame": 5}, {"x": 26}):
        path = hints_file(tmp_path / "hints.json", where)
        assert run(source, "-o", target, "--hints", path, "--force", *part) == 0
        assert len(said_in(target)["hints"]) == 1
        assert blueness(target, 2, 7) > 12


def test_hints_without_a_time_belong_to_the_first_frame_that_is_coloured() -> None:
    content: Any = {"version": 1, "size": [96, 64], "points": [{"x": 1, "y": 1, "color": "navy"}]}
    assert [each.time for each in timed_of(content, lambda frame: frame / 24, 4.0)] == [4.0]
    content["points"][0]["frame"] = 0
    assert [each.time for each in timed_of(content, lambda frame: frame / 24, 4.0)] == [0.0]


def test_the_provenance_names_only_hints_that_are_used(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(24))
    path = hints_file(tmp_path / "hints.json", {"time": 0.1}, {"time": 0.6}, {"time": 90})
    target = tmp_path / "b.mkv"
    call = (source, "-o", target, "--hints", path, "--end", "0.5", "--force", "--threads", 1)
    assert run(*call) == 0
    assert [each["time"] for each in said_in(target)["hints"]] == [0.1]


def test_a_hint_at_a_cut_belongs_to_the_shot_after_it(tmp_path: Path) -> None:
    """Matroska rounds times to milliseconds, up or down."""
    half = 13
    frames = moving(half) + [255 - each for each in moving(half, seed=5)]
    # Frame 13 at 0.5417 s is said to be at 0.542 s.
    film = retint.open_film(write(tmp_path / "a.mkv", frames), "mean", threads=1)
    first, second = film.shots
    assert second.begin > half / RATE
    hints = [Timed(half / RATE, Hints.parse(["20,20,navy"]))]
    assert film.hinting(hints).tracks(second) is not None
    assert film.hinting(hints).tracks(first) is None


@pytest.mark.parametrize("clock", [0, 1, HOUR])
@pytest.mark.parametrize("start", ["0.5", "1.02"])
@pytest.mark.parametrize("ending", [".mkv", ".mov"])
def test_a_part_begins_at_0_with_its_sound_in_sync(
    tmp_path: Path, clock: int, start: str, ending: str
) -> None:
    source = with_sound(tmp_path / f"a{ending}", clock)
    target = tmp_path / f"b{ending}"
    assert run(source, "-o", target, "--start", start, "--end", "1.5", *MEAN) == 0
    first = int(np.ceil(float(start) * RATE))
    found = times(target)
    assert found[0] == 0
    assert len(found) == 36 - first
    for at, level in sounds(target):
        assert at == pytest.approx((level - first) / RATE, abs=3e-3)
    assert len(sounds(target)) >= len(found) - 1
    with av.open(str(target)) as film:
        assert film.start_time == 0
        assert (film.duration or 0) / 1e6 == pytest.approx((36 - first) / RATE, abs=0.05)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov"])
def test_a_part_holds_the_frames_of_its_time(tmp_path: Path, ending: str) -> None:
    """With B-frames, key frames are decoded before they are shown."""
    options = {"g": "6", "bf": "2"}
    source = write(tmp_path / f"a{ending}", moving(60), options=options)
    for start in (26, 30, 31, 47):
        film = retint.open_film(source, "mean", threads=1, start=f"{start / RATE:.4f}")
        wanted = film.how_frames.photo(frame_of(source, start))
        with film.source.frames() as frames:
            found = film.how_frames.photo(next(frames))
        at = film.shots[0].begin
        assert at == pytest.approx(start / RATE, abs=0.05)
        if at < (start + 0.5) / RATE:
            np.testing.assert_array_equal(found.pixels, wanted.pixels)


def test_chapters_follow_a_part(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    with av.open(str(source), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=RATE)
        stream.height, stream.width = 64, 96
        out.set_chapters([
            {"id": k, "start": k, "end": k + 1, "time_base": Fraction(1, 2), "metadata": {}}
            for k in range(4)
        ])  # fmt: skip
        for levels in moving(48):
            picture = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            out.mux(stream.encode(picture.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--start", "0.75", "--end", "1.5", *MEAN) == 0
    with av.open(str(target)) as film:
        found = [
            [float(each["start"] * tick), float(each["end"] * tick)]
            for each in film.chapters()
            if (tick := each["time_base"]) is not None
        ]
    assert found == [pytest.approx([0, 0.25]), pytest.approx([0.25, 0.75])]


def test_losses_of_a_film_with_a_late_clock_are_named_by_their_time(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    film = late(source, 24)
    content = bytearray(film.read_bytes())
    with av.open(str(source)) as opened:
        victim = [bytes(each) for each in opened.demux(video=0) if each.size][12]
    place = bytes(content).index(victim) + len(victim) // 3
    content[place : place + 20] = b"\xff" * 20
    source.write_bytes(bytes(content))
    colored = retint.open_film(source, "mean", threads=1)
    assert colored.shots
    assert colored.lost
    assert all("3600" not in line for line in colored.lost)


def with_b_frames(path: Path, codec: str, count: int = 60) -> Path:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=RATE, options={"bf": "2", "g": "12"})
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        for k, levels in enumerate(moving(count)):
            picture = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            picture = picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = k, Fraction(1, RATE)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_avi_with_b_frames_is_in_order(tmp_path: Path, codec: str) -> None:
    source = with_b_frames(tmp_path / "a.avi", codec)
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--lossless", *MEAN) == 0
    found = times(target)
    assert np.diff(found) == pytest.approx(1 / RATE, abs=2e-3)
    assert len(found) == 60
    for one, other in zip(lumas(source), lumas(target), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("ending", [".avi", ".mkv"])
def test_deinterlacing_changes_no_times(tmp_path: Path, ending: str) -> None:
    if ending == ".avi":
        path = with_b_frames(tmp_path / "a.avi", "libx264")
    else:
        path = late(tmp_path / "a.mkv", 60)
    found = []
    for deinterlace in (False, True):
        film = retint.open_film(path, "mean", threads=1, deinterlace=deinterlace, start="1.3")
        with film.source.frames() as frames:
            found.append([time_of(frame) for frame in frames])
        assert film.source.origin == retint.open_film(path, "mean", threads=1).source.origin
    assert found[0] == found[1]
    assert len(found[0]) == 60 - 32


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mjpeg", "ffv1"])
def test_a_part_of_an_avi_holds_its_frames(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.avi"
    if codec in ("libx264", "mpeg4"):
        with_b_frames(path, codec)
    else:
        pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        write(path, moving(60), codec=codec, pix_fmt=pix_fmt)
    wanted = lumas(path)
    for start in (1, 31, 42):
        film = retint.open_film(path, "mean", threads=1, start=f"{start / RATE - 0.01:.4f}")
        with film.source.frames() as frames:
            found = list(frames)
        assert len(found) == 60 - start
        for frame, luma in zip(found, wanted[start:], strict=True):
            np.testing.assert_array_equal(luma_of(frame), luma)


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_a_film_states_its_frame_rate(tmp_path: Path, ending: str) -> None:
    source = write(tmp_path / "a.mkv", moving(12))
    target = tmp_path / f"b{ending}"
    assert run(source, "-o", target, *MEAN) == 0
    with av.open(str(target)) as film:
        stream = film.streams.video[0]
        # mp4 states no rate but the lengths of frames, which Matroska rounds.
        assert float(stream.average_rate or 0) == pytest.approx(RATE, rel=1e-3)
        assert float(stream.guessed_rate or 0) == pytest.approx(RATE, rel=1e-3)
        assert stream.codec_context.framerate == RATE


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_variable_times_stay_exact(tmp_path: Path, ending: str) -> None:
    uneven = np.cumsum([0, 300, 900, 512, 512, 1400, 200, 512, 512, 3000, 512, 512])
    source = write(tmp_path / f"a{ending}", moving(12), times=[int(each) for each in uneven])
    target = tmp_path / f"b{ending}"
    assert run(source, "-o", target, *MEAN) == 0
    assert times(target) == times(source)


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
def test_a_timecode_is_kept(tmp_path: Path, ending: str) -> None:
    source = tmp_path / f"a{ending}"
    with av.open(str(source), "w") as out:
        stream: Any = out.add_stream("libx264", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        stream.metadata["timecode"] = "10:00:59:23"
        for levels in moving(12):
            picture = av.VideoFrame.from_ndarray(levels.astype(np.uint8), "gray")
            out.mux(stream.encode(picture.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    target = tmp_path / f"b{ending}"
    for part, code in (((), "10:00:59:23"), (("--start", "0.25"), "10:01:00:05")):
        assert run(source, "-o", target, "--force", *part, *MEAN) == 0
        with av.open(str(target)) as film:
            assert film.streams.video[0].metadata["timecode"] == code
            assert film.streams.video[0].average_rate == RATE


@pytest.mark.parametrize(
    ("code", "frames", "rate", "later"),
    [
        ("00:00:00:00", 25, Fraction(25), "00:00:01:00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59:29", 1, Fraction(30000, 1001), "00:01:00:00"),
        ("00:00:59;29", 1, Fraction(30000, 1001), "00:01:00;02"),
        ("00:01:59;29", 1, Fraction(30000, 1001), "00:02:00;02"),
        ("00:09:59;29", 1, Fraction(30000, 1001), "00:10:00;00"),
        ("00:00:00;00", 107892, Fraction(30000, 1001), "01:00:00;00"),
        ("00:00:59;59", 1, Fraction(60000, 1001), "00:01:00;04"),
        ("23:59:59;29", 1, Fraction(30000, 1001), "00:00:00;00"),
        ("soon", 3, Fraction(25), "soon"),
    ],
)
def test_timecodes_advance(code: str, frames: int, rate: Fraction, later: str) -> None:
    assert timecode_after(code, frames, rate) == later


def test_timecodes_that_drop_labels_name_each_frame_once() -> None:
    rate = Fraction(30000, 1001)
    codes = [timecode_after("00:08:00;02", k, rate) for k in range(5000)]
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)
    for k in (1, 1797, 1798, 3595, 3596, 3600):
        assert timecode_after(codes[k - 1], 1, rate) == codes[k]


def mixed(path: Path, *kinds: bool, each: int = 12) -> Path:
    """A film whose pieces are interlaced or not, as tapes of several sources are."""
    with av.open(str(path), "w") as out:
        made: Any = None
        for number, interlaced in enumerate(kinds):
            piece = path.with_name(f"{number}.mkv")
            with av.open(str(piece), "w") as own:
                flags = {"flags": "+ildct+ilme"} if interlaced else {}
                stream: Any = own.add_stream("mpeg2video", rate=25, options=flags)
                stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
                stream.codec_context.bit_rate = 4_000_000
                for levels in moving(each, seed=number):
                    woven = levels.copy()
                    if interlaced:
                        woven[1::2] = np.roll(woven[1::2], 4, axis=1)
                    picture = av.VideoFrame.from_ndarray(woven.astype(np.uint8), "gray")
                    own.mux(stream.encode(picture.reformat(format="yuv420p")))
                own.mux(stream.encode(None))
            with av.open(str(piece)) as own:
                made = made or out.add_stream_from_template(own.streams.video[0])
                for packet in own.demux(video=0):
                    if packet.size:
                        for name in ("pts", "dts"):
                            setattr(packet, name, getattr(packet, name) + 40 * each * number)
                        packet.stream = made
                        out.mux(packet)
            piece.unlink()
    with av.open(str(path)) as film:
        flagged = [frame.interlaced_frame for frame in film.decode(video=0)]
    assert flagged == [kind for kind in kinds for _ in range(each)]
    return path


@pytest.mark.parametrize("kinds", [(False, True, False), (True, False), (False, True), (False,)])
def test_deinterlacing_changes_only_interlaced_frames(
    tmp_path: Path, kinds: tuple[bool, ...]
) -> None:
    source = mixed(tmp_path / "a.mkv", *kinds)
    if any(kinds):
        assert run(source, *MEAN) == 1
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--deinterlace", "--lossless", *MEAN) == 0
    assert times(target) == times(source)
    before, after = lumas(source), lumas(target)
    same = [np.array_equal(one, other) for one, other in zip(before, after, strict=True)]
    assert same == [not kind for kind in kinds for _ in range(12)]


def test_a_sheet_shows_a_shot_of_one_frame(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(1))
    assert run(source, "--preview", *MEAN) == 0


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
@pytest.mark.parametrize("clock", [0, HOUR])
def test_frames_of_hints_are_those_of_a_variable_rate(
    tmp_path: Path, ending: str, clock: int
) -> None:
    uneven = [clock * TICKS + int(each) for each in np.cumsum([0, 512, 4096, 512, 512, 9216, 256])]
    source = Source(write(tmp_path / f"a{ending}", moving(7), times=uneven, options={"bf": "2"}))
    seconds = [(each - uneven[0]) / TICKS for each in uneven]
    assert [source.time_of_frame(k) for k in range(7)] == pytest.approx(seconds, abs=2e-3)
    assert source.time_of_frame(7) > seconds[-1]
    part = source.part(0.5)
    assert part.time_of_frame(5) == pytest.approx(seconds[5], abs=2e-3)


def test_a_hint_on_a_frame_of_a_variable_rate_is_used_there(tmp_path: Path) -> None:
    """The second half of the film is ten times slower."""
    ticks = [512 * k for k in range(12)] + [512 * 12 + 5120 * k for k in range(12)]
    frames = moving(12) + [255 - each for each in moving(12, seed=5)]
    source = write(tmp_path / "a.mkv", frames, times=ticks)
    path = hints_file(tmp_path / "hints.json", {"x": 24, "frame": 16})
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--hints", path, "--threads", 1) == 0
    (hint,) = said_in(target)["hints"]
    assert hint["time"] == pytest.approx(ticks[16] / TICKS, abs=2e-3)
