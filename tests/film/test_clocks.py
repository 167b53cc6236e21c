"""Clocks that jump back or begin late: frames keep their distances, and sound stays in sync."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from ..cli.test_main import run
from .clips import RATE, lumas, moving, packets, times, write
from .test_containers import KINDS
from .test_kept import ffmpeg, tags_of

MEAN = ("--method", "mean", "--threads", 1)


def sound_times(path: Path) -> list[float]:
    with av.open(str(path)) as film:
        found = [each for each in film.demux(audio=0) if each.size]
        return [float(each.pts * each.time_base) for each in found]  # type: ignore[operator]


def two_seconds(path: Path) -> Path:
    """A film with sound."""
    kind = KINDS[path.suffix]
    picture = "testsrc2=s=96x64:r=25,format=gray,format=yuv420p"
    ffmpeg(
        "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=sample_rate=48000",
        "-t", 2, *kind.video.split(), "-c:a", kind.sound, "-ac", 2,
        "-f", *kind.format.split(), path,
    )  # fmt: skip
    return path


@pytest.mark.parametrize("ending", [".ts", ".mts", ".vob", ".mpg"])
def test_times_go_on_where_a_clock_jumps_back(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in recordings that were joined with `cat`, and in the files of DVDs."""
    one = two_seconds(tmp_path / f"one{ending}")
    source = tmp_path / f"a{ending}"
    source.write_bytes(one.read_bytes() * 3)
    with av.open(str(source)) as film:
        count = len(list(film.decode(video=0)))
    target = tmp_path / "b.mkv"
    run(source, "-o", target, *MEAN)
    said = capsys.readouterr().err
    jump = re.search(r"its clock jumps back after ([\d.]+) s", said)
    assert jump is not None
    assert float(jump[1]) == pytest.approx(2, abs=0.15)
    assert "a timestamp that does not increase" not in said
    shown = times(target)
    assert len(shown) == count >= 147
    steps = np.diff(shown)
    assert np.count_nonzero(np.abs(steps - 0.04) > 0.0021) <= 4  # at the joints
    assert steps.min() > 0
    assert steps.max() < 0.2
    heard = sound_times(target)
    assert all(step > 0 for step in np.diff(heard))
    assert heard[-1] == pytest.approx(shown[-1], abs=0.2)
    assert len(heard) >= len(packets(source, "audio")) - 3  # where the joined ones overlap


def test_a_part_after_a_jump_is_found(tmp_path: Path) -> None:
    one = two_seconds(tmp_path / "one.ts")
    source = tmp_path / "a.ts"
    source.write_bytes(one.read_bytes() * 2)
    whole, part = tmp_path / "whole.mkv", tmp_path / "part.mkv"
    assert run(source, "-o", whole, "--lossless", *MEAN) in (0, 1)
    assert run(source, "-o", part, "--lossless", "--start", "2.6", "--end", "3", *MEAN) in (0, 1)
    begin = times(whole)[0]
    expected = [
        luma
        for luma, time in zip(lumas(whole), times(whole), strict=True)
        if 2.6 <= round(time - begin, 3) < 3
    ]
    np.testing.assert_array_equal(lumas(part), expected)


def test_frames_without_times_at_the_beginning_are_in_sync_with_the_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a Matroska file that was cut between key frames: its first frames are before 0."""
    whole = write(tmp_path / "w.mp4", moving(48), options={"g": "48", "bf": "0"}, sound=True)
    source, target = tmp_path / "a.mkv", tmp_path / "b.mkv"
    ffmpeg("-ss", 0.75, "-i", whole, "-c", "copy", "-avoid_negative_ts", "disabled", source)
    with av.open(str(source)) as film:
        own = [frame.pts for frame in film.decode(video=0)]
        start = film.streams.audio[0].start_time
        sound = float(start * film.streams.audio[0].time_base)  # type: ignore[operator]
    assert own[0] is None
    assert own[-1] is not None
    assert run(source, "-o", target, *MEAN) == 0
    assert capsys.readouterr().err == ""
    shown = times(target)
    assert len(shown) == len(own)
    np.testing.assert_allclose(np.diff(shown), 1 / RATE, atol=0.0021)
    late = own[-1] / 1000 - sound
    assert shown[-1] - sound_times(target)[0] == pytest.approx(late, abs=0.0021)


def test_alpha_that_a_decoder_leaves_out_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """WebM stores it apart from the picture."""
    source = tmp_path / "a.webm"
    picture = "testsrc2=s=64x48:r=10,format=gray,format=yuva420p"
    ffmpeg("-f", "lavfi", "-i", picture, "-frames:v", 4, "-c:v", "libvpx-vp9", source)
    assert run(source, *MEAN) == 1
    assert "its alpha channel (yuv420p) is left out" in capsys.readouterr().err
    made_here = tmp_path / "a.retint.webm"
    assert "alpha_mode" not in tags_of(made_here)
    with av.open(str(made_here)) as film:
        assert "alpha_mode" not in film.streams.video[0].metadata
