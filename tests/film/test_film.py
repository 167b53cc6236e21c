"""Coloured films keep their luma, times, sound and everything else."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import retint
from retint.colorizers.parts.upright import Compass
from retint.errors import PhotoError, UsageError
from retint.film.film import Film
from retint.film.options import FilmOptions, seconds

from ..cli.test_main import run
from .clips import RATE, colorfulness, lumas, moving, packets, times, write

QUIET = ("--quiet", "--threads", 1)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    frames = moving(12) + [255 - each for each in moving(12, seed=5)]
    return write(tmp_path / "clip.mp4", frames, sound=True, metadata={"title": "Station"})


def same_luma(first: Path, second: Path) -> None:
    for one, other in itertools.zip_longest(lumas(first), lumas(second)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray"])
def test_a_lossless_film_has_the_luma_of_its_source(tmp_path: Path, pix_fmt: str) -> None:
    size = (63, 95) if pix_fmt == "yuv444p" else (64, 96)
    frames = [each[: size[0], : size[1]] for each in moving(8)]
    source = write(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt=pix_fmt)
    target = tmp_path / "b.mkv"
    assert run(source, "-o", target, "--lossless", *QUIET) == 0
    same_luma(source, target)
    assert min(colorfulness(target)) > 1
    assert times(target) == times(source)


@pytest.mark.parametrize("full", [False, True])
def test_colours_stay_inside_the_gamut(tmp_path: Path, full: bool) -> None:
    film = Film(
        write(tmp_path / "a.mkv", moving(4), codec="ffv1", full=full), retint.load("mean").pipeline
    )
    layout = film.source.layout
    assert layout.full == full
    rng = np.random.default_rng(0)
    luma = rng.integers(16, 235, (64, 96)).astype(np.uint8)
    chroma = rng.uniform(-80, 80, (32, 48, 2)).astype(np.float32)
    lightness = layout.lightness(luma[::2, ::2])
    blue, red = (
        (each.astype(float) - 128) / layout.chroma_span
        for each in layout.chroma(luma, chroma, lightness)
    )
    kr, kb = layout.matrix
    for y in (layout.share(luma)[k::2, j::2] for k in (0, 1) for j in (0, 1)):
        r = y + 2 * (1 - kr) * red
        b = y + 2 * (1 - kb) * blue
        g = (y - kr * r - kb * b) / (1 - kr - kb)
        for plane in (r, g, b):
            assert plane.min() > -0.01
            assert plane.max() < 1.01


def test_grey_becomes_the_grey_that_was_asked_for(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mkv", moving(4), codec="ffv1")
    assert run(source, "-o", tmp_path / "b.mkv", "--lossless", "--vividness", 0, *QUIET) == 0
    assert max(colorfulness(tmp_path / "b.mkv")) == 0


def test_sound_times_and_tags_are_as_they_were(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.mp4"
    assert run(clip, "-o", target, *QUIET) == 0
    assert times(target) == times(clip)
    assert packets(target, "audio") == packets(clip, "audio")
    with av.open(str(clip)) as before, av.open(str(target)) as after:
        assert after.metadata["title"] == "Station"
        assert after.streams.video[0].codec_context.name == "h264"
        assert after.streams.video[0].average_rate == before.streams.video[0].average_rate
        said = json.loads(after.metadata["comment"])["retint"]
    assert said["method"] == "guided-unet"
    assert len(colorfulness(target)) == 24


def test_variable_times_aspect_and_rotation_are_kept(tmp_path: Path) -> None:
    uneven = list(np.cumsum([0, 300, 900, 512, 512, 1400, 200, 512]))
    source = write(
        tmp_path / "a.mp4", moving(8), times=[int(each) for each in uneven],
        aspect=Fraction(32, 27), rotation=90,
    )  # fmt: skip
    target = tmp_path / "b.mp4"
    assert run(source, "-o", target, *QUIET) == 0
    assert times(target) == pytest.approx(times(source), abs=1e-6)
    with av.open(str(source)) as before, av.open(str(target)) as after:
        assert after.streams.video[0].sample_aspect_ratio == Fraction(32, 27)
        frames = [next(each.decode(video=0)) for each in (before, after)]
    assert frames[0].rotation == frames[1].rotation != 0


@pytest.mark.parametrize(("ending", "name"), [(".webm", "vp9"), (".mov", "h264"), (".mkv", "h264")])
def test_the_container_of_the_source_is_kept(tmp_path: Path, ending: str, name: str) -> None:
    codec = "libvpx-vp9" if ending == ".webm" else "libx264"
    source = write(tmp_path / f"a{ending}", moving(6), codec=codec)
    assert run(source, *QUIET) == 0
    with av.open(str(tmp_path / f"a.retint{ending}")) as film:
        assert film.streams.video[0].codec_context.name == name


def test_ten_bits_are_kept(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", moving(6), codec="libx265", pix_fmt="yuv420p10le")
    assert run(source, *QUIET) == 0
    with av.open(str(tmp_path / "a.retint.mp4")) as film:
        assert film.streams.video[0].format.name == "yuv420p10le"


def test_avi_becomes_mkv_with_a_remark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.avi", moving(6), codec="mpeg4")
    assert run(source, "--threads", 1) == 0
    said = capsys.readouterr()
    assert (tmp_path / "a.retint.mkv").exists()
    assert "a.retint.mkv" in said.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-o", "b.mp4", "--lossless"), "mkv"),
        (("-o", "b.jpg"), "films can be written as"),
        (("-o", "b.avi"), "films can be written as"),
        (("--start", "nonsense"), "not a valid time"),
        (("--start", "5", "--end", "2"), "must be after"),
        (("--saturation", "1.5"), "photographs only"),
        (("--repair", "1"), "lightness"),
        (("--variants", "2", "--method", "hybrid"), "photographs only"),
    ],
)
def test_contradictory_options_are_one_line(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(clip, *options, *QUIET) != 0
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("b.*"))


@pytest.mark.parametrize(
    "content", [b"", b"no film at all" * 50, b"\0\0\0\x18ftypmp42" + b"\0" * 99]
)
def test_invalid_films_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert run(path, *QUIET) == 1
    error = capsys.readouterr().err
    assert "a.mp4" in error
    assert error.count("\n") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(PhotoError, match="no video"):
        retint.open_film(path, "mean")


def test_a_truncated_film_is_coloured_as_far_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = write(tmp_path / "w.mkv", moving(48), codec="libx264", options={"g": "6"})
    path = tmp_path / "a.mkv"
    content = whole.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    assert run(path, "--threads", 1) == 1
    made = lumas(tmp_path / "a.retint.mkv")
    assert 8 < len(made) < 48
    assert len(made) == len(lumas(path))
    assert f"truncated: {len(made) / RATE:.2f} s of 2.00 s were read" in capsys.readouterr().err


def test_a_broken_packet_is_named_with_its_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    grainy = [frame + rng.normal(0, 8, frame.shape) for frame in moving(24)]
    source = write(tmp_path / "a.mkv", grainy, options={"bf": "0", "crf": "10"})
    victim = packets(source, "video")[10]
    content = bytearray(source.read_bytes())
    place = bytes(content).index(victim) + len(victim) // 3
    content[place : place + 60] = b"\xff" * 60
    source.write_bytes(bytes(content))
    assert run(source, "--threads", 1) == 1
    assert f"damaged at {10 / RATE:.2f} s" in capsys.readouterr().err
    assert len(lumas(tmp_path / "a.retint.mkv")) == 24


def test_cuts_are_found_and_nothing_crosses_them(clip: Path) -> None:
    film = retint.open_film(clip, "mean")
    assert [(each.start, each.stop) for each in film.shots] == [(0, 12), (12, 24)]
    assert film.shots[1].begin == pytest.approx(0.5)


def test_a_part_is_coloured_with_its_sound(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.mp4"
    assert run(clip, "-o", target, "--start", "0.25", "--end", "0.75", *QUIET) == 0
    assert len(lumas(target)) == 12


def test_one_hint_colours_its_thing_through_the_shot(clip: Path, tmp_path: Path) -> None:
    hints = tmp_path / "hints.json"
    point = {"x": 24, "y": 29, "color": "#c02020", "frame": 4, "radius": 4, "reach": 0.3}
    hints.write_text(json.dumps({"version": 1, "size": [96, 64], "points": [point]}))
    target = tmp_path / "b.mkv"
    assert run(clip, "-o", target, "--hints", hints, "--lossless", *QUIET) == 0
    with av.open(str(target)) as film:
        pictures = [each.to_ndarray(format="rgb24").astype(int) for each in film.decode(video=0)]
    for k in (0, 5, 11):  # the square has gone on by 2 pixels a frame
        patch = pictures[k][24:34, 12 + 2 * k : 20 + 2 * k].mean(axis=(0, 1))
        assert patch[0] - patch[2] > 12, k
    other = pictures[18][24:34, 20:60].mean(axis=(0, 1))
    assert other[0] - other[2] < 40  # another shot


def test_an_invalid_time_of_a_hint_is_named(clip: Path, tmp_path: Path) -> None:
    hints = tmp_path / "hints.json"
    point = {"x": 24, "y": 29, "color": "navy", "time": "soon"}
    hints.write_text(json.dumps({"version": 1, "size": [96, 64], "points": [point]}))
    assert run(clip, "--hints", hints, *QUIET) != 0


@pytest.mark.parametrize("when", [{"time": 999}, {"frame": 24}, {"time": 1.0}])
def test_a_hint_beyond_the_end_is_one_line(
    clip: Path, tmp_path: Path, when: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    hints = tmp_path / "hints.json"
    point = {"x": 24, "y": 29, "color": "navy", **when}
    hints.write_text(json.dumps({"version": 1, "size": [96, 64], "points": [point]}))
    target = tmp_path / "b.mp4"
    assert run(clip, "-o", target, "--hints", hints, *QUIET) != 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "beyond the end of the film (1 s)" in said[0]
    assert sorted(tmp_path.glob("b*")) == []


def test_hints_of_other_parts_of_a_film_are_allowed(clip: Path, tmp_path: Path) -> None:
    hints = tmp_path / "hints.json"
    points = [{"x": 24, "y": 29, "color": "navy", "time": time} for time in (0, 0.3, 0.9)]
    hints.write_text(json.dumps({"version": 1, "size": [96, 64], "points": points}))
    part = ("--start", "0.25", "--end", "0.5")
    assert run(clip, "-o", tmp_path / "b.mp4", "--hints", hints, *part, *QUIET) == 0


def test_films_and_photographs_of_one_folder_are_coloured(clip: Path, tmp_path: Path) -> None:
    from PIL import Image

    folder = tmp_path / "album"
    folder.mkdir()
    Image.fromarray(moving(1)[0].astype(np.uint8)).save(folder / "p.png")
    (folder / "f.mp4").write_bytes(clip.read_bytes())
    call = (folder, "-o", tmp_path / "out", "--resume", *QUIET)
    assert run(*call) == 0
    made = {each.name for each in (tmp_path / "out").iterdir() if each.name[0] != "."}
    assert {"p.png", "f.mp4", "retint-manifest.jsonl"} <= made
    before = (tmp_path / "out" / "f.mp4").stat().st_mtime_ns
    assert run(*call) == 0
    assert (tmp_path / "out" / "f.mp4").stat().st_mtime_ns == before


def test_nothing_is_overwritten(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.mp4"
    target.write_bytes(b"mine")
    assert run(clip, "-o", target, *QUIET) == 1
    assert target.read_bytes() == b"mine"
    assert run(clip, "-o", clip, "--force", *QUIET) == 1
    assert len(lumas(clip)) == 24


def test_a_film_in_colour_is_left_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    with av.open(str(folder / "a.mkv"), "w") as out:
        stream: Any = out.add_stream("ffv1", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv444p"
        colors = rng.integers(0, 256, (8, 12, 3)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
        for _ in range(6):
            frame = av.VideoFrame.from_ndarray(colors, "rgb24").reformat(format="yuv444p")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    write(folder / "b.mkv", moving(6))
    assert run(folder, "-o", tmp_path / "out", *QUIET) == 0
    assert [each.name for each in (tmp_path / "out").glob("*.mkv")] == ["b.mkv"]


def test_letterbox_bars_stay_neutral(tmp_path: Path) -> None:
    frames = []
    for frame in moving(6):
        barred = frame.copy()
        barred[:12], barred[52:] = 16, 16
        frames.append(barred)
    source = write(tmp_path / "a.mkv", frames, codec="ffv1")
    film = retint.open_film(source)
    assert film.scan.box == (slice(12, 52), slice(0, 96))
    target = film.colorize(tmp_path / "b.mkv")
    with av.open(str(target)) as made:
        last = list(made.decode(video=0))[-1].to_ndarray(format="rgb24").astype(int)
    assert np.ptp(last[:10], axis=-1).max() < 6
    assert np.ptp(last[14:50], axis=-1).mean() > 1


def test_preview_writes_a_sheet_of_stills(clip: Path, tmp_path: Path) -> None:
    assert run(clip, "--preview", *QUIET) == 0
    assert not (tmp_path / "clip.retint.mp4").exists()
    assert (tmp_path / "clip.retint.preview.jpg").exists()


def test_inspect_tells_how_a_film_was_coloured(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "b.mp4"
    assert run(clip, "-o", target, "--every", 5, *QUIET) == 0
    assert run("inspect", target) == 0
    said = capsys.readouterr().out
    assert "guided-unet" in said
    assert '"every": 5' in said
    assert run("inspect", clip) == 0
    assert "no record" in capsys.readouterr().out


def test_killed_at_random_it_ends_with_the_same_frames(tmp_path: Path) -> None:
    frames = [each for seed in range(5) for each in moving(10, seed=seed)]
    frames = [255 - f if (k // 10) % 2 else f for k, f in enumerate(frames)]
    source = write(tmp_path / "a.mkv", frames, codec="ffv1")
    whole, target = tmp_path / "whole.mkv", tmp_path / "b.mkv"
    assert run(source, "-o", whole, "--lossless", *QUIET) == 0
    call = [sys.executable, "-m", "retint", source, "-o", target, "--lossless", "--resume", *QUIET]
    rng = np.random.default_rng(0)
    parts = tmp_path / ".b.mkv.retint-shots"
    for _ in range(5):
        process = subprocess.Popen([str(each) for each in call], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline and not parts.exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert target.exists() or parts.exists()
    if not target.exists():
        assert subprocess.run([str(each) for each in call], check=False).returncode == 0
    with av.open(str(whole)) as one, av.open(str(target)) as other:
        for first, second in itertools.zip_longest(one.decode(video=0), other.decode(video=0)):
            np.testing.assert_array_equal(first.to_ndarray(), second.to_ndarray())
    assert not parts.exists()


def test_python_opens_a_film(clip: Path, tmp_path: Path) -> None:
    film = retint.open_film(clip, threads=1, every=2)
    assert film.frame(0.3).size == (64, 96)
    still = np.asarray(film.still(0.3)).astype(int)
    assert np.ptp(still, axis=-1).mean() > 1
    told: list[int] = []
    film.colorize(tmp_path / "b.mp4", progress=lambda done, _: told.append(done))
    assert told[-1] == 24
    with pytest.raises(UsageError, match="every"):
        retint.open_film(clip, every=0)


def test_a_part_of_an_open_film_is_the_part_that_is_scanned_alone(clip: Path) -> None:
    whole = retint.open_film(clip, threads=1)
    options = FilmOptions(start="0.25", end="0.75")
    part = whole.otherwise(whole.pipeline, options=options)
    assert part.shots == retint.open_film(clip, threads=1, start="0.25", end="0.75").shots
    assert [(each.start, each.stop) for each in part.shots] == [(0, 6), (6, 12)]
    assert part.otherwise(whole.pipeline, options=options).shots == part.shots
    with pytest.raises(PhotoError, match="no frames in that part"):
        whole.otherwise(whole.pipeline, options=FilmOptions(start="5"))


def test_times_are_read_as_people_write_them() -> None:
    assert seconds("90", 0) == 90
    assert seconds("1:30.5", 0) == 90.5
    assert seconds("01:00:00", 0) == 3600
    assert FilmOptions().span == (0, float("inf"))


def test_films_are_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    frames = moving(8)
    height, width = frames[0].shape
    halves = np.full((height // 2, width // 2), 90, np.uint8)
    halves[:, width // 4 :] = 170
    write(folder / "a.mkv", frames, codec="ffv1", chroma=halves)
    write(folder / "b.mkv", frames, codec="ffv1")
    call = ("evaluate", "--film", "--data", folder, "-o", tmp_path / "out", "--quiet")
    assert run(*call) == 0
    assert "b.mkv: it is black and white" in capsys.readouterr().err
    content = json.loads((tmp_path / "out" / "results.json").read_text())
    (clip,) = content["clips"]
    assert clip["steady"]["warp_error"] <= clip["frame by frame"]["warp_error"] * 1.05
    assert clip["original"]["ciede2000"] == 0
    assert (tmp_path / "out" / "report.html").read_text().count("<img") == 3 * 6 + 1
    assert "clips" in content
    (tmp_path / "none").mkdir()
    assert run("evaluate", "--film", "--data", tmp_path / "none", "-o", tmp_path / "o2") == 1


def interlaced(path: Path) -> Path:
    """Fields one after the other, as television had them."""
    params = {"x264-params": "tff=1:interlaced=1"}
    return write(path, moving(12), options=params)


def test_interlaced_film_is_refused_or_made_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = interlaced(tmp_path / "a.mp4")
    assert run(source, *QUIET) == 1
    assert "--deinterlace" in capsys.readouterr().err
    assert run(source, "--deinterlace", *QUIET) == 0
    assert times(tmp_path / "a.retint.mp4") == pytest.approx(times(source), abs=1e-3)


def test_one_film_that_is_refused_ends_no_batch(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    interlaced(folder / "a.mp4")
    write(folder / "b.mp4", moving(6))
    assert run(folder, "-o", tmp_path / "out", *QUIET) == 1
    assert (tmp_path / "out" / "b.mp4").exists()


def test_options_of_films_count_when_a_run_is_resumed(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    write(folder / "a.mp4", moving(6))
    call = (folder, "-o", out, "--resume", *QUIET)
    assert run(*call) == 0
    before = (out / "a.mp4").read_bytes()
    assert run(*call, "--crf", 40) == 0
    assert (out / "a.mp4").read_bytes() != before
    hints = tmp_path / "hints.json"
    point = {"x": 24, "y": 29, "color": "#c02020", "radius": 4}
    made = []
    for frame in (0, 5):
        content = {"version": 1, "size": [96, 64], "points": [{**point, "frame": frame}]}
        hints.write_text(json.dumps(content))
        assert run(*call, "--hints", hints) == 0
        made.append((out / "a.mp4").stat().st_mtime_ns)
    assert made[0] != made[1]


def test_a_sheet_overwrites_no_file(clip: Path, tmp_path: Path) -> None:
    mine = tmp_path / "clip.retint.preview.jpg"
    mine.write_bytes(b"mine")
    assert run(clip, "--preview", *QUIET) == 1
    assert mine.read_bytes() == b"mine"
    assert run(clip, "--preview", "-o", tmp_path / "sheet.png", *QUIET) == 0
    assert (tmp_path / "sheet.png").exists()


def test_python_overwrites_no_film(clip: Path, tmp_path: Path) -> None:
    film = retint.open_film(clip, "mean", threads=1)
    before = clip.read_bytes()
    with pytest.raises(PhotoError, match="the source itself"):
        film.colorize(clip, overwrite=True)
    assert clip.read_bytes() == before
    other = tmp_path / "b.mp4"
    other.write_bytes(b"mine")
    with pytest.raises(PhotoError, match="already exists"):
        film.colorize(other)
    film.colorize(other, overwrite=True)
    assert len(lumas(other)) == 24


def test_a_film_that_appears_meanwhile_is_not_replaced(clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.mp4"

    def appear(_frames: int, _shot: int) -> None:
        other.write_bytes(b"mine")

    with pytest.raises(PhotoError, match="already exists"):
        retint.open_film(clip, "mean", threads=1).colorize(other, progress=appear)
    assert other.read_bytes() == b"mine"


def test_sound_that_a_container_cannot_hold_is_reported(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clip, "--format", "webm", "--threads", 1) == 1
    assert "does not support its audio (aac)" in capsys.readouterr().err
    assert len(lumas(tmp_path / "clip.retint.webm")) == 24


def test_a_film_is_turned_by_request_only(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise AssertionError("a frame was judged by itself")

    monkeypatch.setattr(Compass, "turn", fail)
    film = retint.open_film(clip, "unet", threads=1)
    film.still(0.1)
    assert "upright.onnx" not in film.how()["weights"]
    sideways = retint.open_film(clip, "unet", threads=1, upright=90)
    assert sideways.how()["options"] == {"upright": 90}
    assert not np.array_equal(np.asarray(sideways.still(0.1)), np.asarray(film.still(0.1)))
