"""Clips of VapourSynth, coloured by the real library."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("vapoursynth", reason="VapourSynth has wheels for Python 3.12 and newer")

import vapoursynth as vs

from retint.errors import UsageError
from retint.film.live import LOOK_AHEAD
from retint.vapoursynth import KEPT, colorize
from tests.cli.test_main import run
from tests.film.clips import moving

SIZE = 64 * 96 * 3 // 2
"""Bytes of a frame."""


def clip(shots: list[NDArray[Any]], kind: Any = vs.YUV420P8) -> Any:
    """A clip with these pictures as luma."""

    def fill(n: int, f: Any) -> Any:
        made = f.copy()
        np.asarray(made[0])[:] = shots[n]
        return made

    height, width = shots[0].shape
    blank = vs.core.std.BlankClip(width=width, height=height, length=len(shots), format=kind)
    return vs.core.std.ModifyFrame(blank, blank, fill)


def planes(frame: Any) -> bytes:
    return b"".join(np.asarray(frame[index]).tobytes() for index in range(3))


@pytest.fixture(scope="module")
def shots() -> list[NDArray[Any]]:
    """Two shots, longer than what is read ahead."""
    length = LOOK_AHEAD + KEPT + 9
    return [*moving(length, seed=1), *(255 - each for each in moving(8, seed=2))]


@pytest.fixture(scope="module")
def colored(shots: list[NDArray[Any]]) -> list[bytes]:
    found = colorize(clip(shots), "unet", threads=1, look="vivid")
    return [planes(frame) for frame in found.frames()]


def test_colors_are_those_of_a_pipe(
    shots: list[NDArray[Any]], colored: list[bytes], monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:  # fmt: skip
    raw = b"".join(each.astype(np.uint8).tobytes() + bytes(SIZE // 3) for each in shots)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    how = ("--method", "unet", "--threads", "1", "--look", "vivid")
    assert run("pipe", "--size", "96x64", "--pixel", "yuv420p", *how) == 0
    assert capfdbinary.readouterr().out == b"".join(colored)


def test_frames_may_be_requested_in_any_order(
    shots: list[NDArray[Any]], colored: list[bytes]
) -> None:
    found = colorize(clip(shots), "unet", threads=1, look="vivid")
    last = len(shots) - 1
    for number in (last, 3, 2, 60, last - 9, 0, 1):
        frame = np.frombuffer(planes(found.get_frame(number)), np.uint8).astype(int)
        wanted = np.frombuffer(colored[number], np.uint8).astype(int)
        assert np.abs(frame[:6144] - wanted[:6144]).max() == 0  # luma
        assert np.abs(frame - wanted).mean() < 1


@pytest.mark.parametrize(
    ("kind", "size", "expected", "full"),
    [
        (vs.GRAY8, (64, 96), "YUV420P8", 1),
        (vs.GRAY10, (65, 97), "YUV444P10", 1),
        (vs.YUV422P10, (64, 96), "YUV422P10", 0),
    ],
)
def test_formats(kind: Any, size: tuple[int, int], expected: str, full: int) -> None:
    found = colorize(clip([np.full(size, 99, np.uint16)] * 2, kind), "mean")
    assert found.format.name == expected
    frame = found.get_frame(1)
    assert (np.asarray(frame[0]) == 99).all()
    assert (frame.props["_Matrix"], frame.props["_Range"]) == (6, full)


def test_what_frames_state_is_kept() -> None:
    source = vs.core.std.SetFrameProps(clip([np.full((64, 96), 99)]), _Matrix=1, _Range=1)
    props = colorize(source, "mean").get_frame(0).props
    assert (props["_Matrix"], props["_Range"], props["_DurationDen"]) == (1, 1, 24)


@pytest.mark.parametrize("kind", [vs.RGB24, vs.YUV420P16, vs.GRAYS, vs.YUV410P8])
def test_other_formats_are_refused_in_one_line(kind: Any) -> None:
    with pytest.raises(UsageError, match=r"the clip must be one of gray, .*, not ") as caught:
        colorize(vs.core.std.BlankClip(format=kind, length=1))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [{"method": "none"}, {"every": 99}, {"vividnes": 1}])
def test_wrong_options_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        colorize(clip([np.full((64, 96), 99)]), **given)
