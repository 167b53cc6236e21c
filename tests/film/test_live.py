"""Raw frames coloured while they arrive, with shots and a bounded delay."""

from __future__ import annotations

import gc
import io
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from retint import api
from retint.errors import PhotoError
from retint.film import coloring, held
from retint.film import raw as film_raw
from retint.film.live import CUTS, LOOK_AHEAD, _numbered, live
from retint.film.planes import luma_of
from retint.film.raw import READABLE, WRITABLE, RawFormat, RawReader, luma_frame, write
from retint.film.scan import Cuts
from retint.picture.finish import AS_IT_COMES

from .clips import moving

SIZE = (64, 96)
PIPELINE = api.load_pipeline("mean", threads=1)


def raw(format: RawFormat, lumas: list[Any], chroma: int = 128) -> bytes:
    """Frames as bytes; luma 0 to 255 is scaled to the format's bits."""
    scale = 1 << (format.bits - 8)
    planes = []
    for luma in lumas:
        planes.append((luma * scale).astype(format.dtype))
        planes += [np.full(size, chroma * scale, format.dtype) for size in format.sizes[1:]]
    return b"".join(each.tobytes() for each in planes)


def frames_of(content: bytes, format: RawFormat) -> list[list[Any]]:
    """The planes of each frame, read independently."""
    assert len(content) % format.count == 0
    levels = np.frombuffer(content, format.dtype)
    found = []
    while levels.size:
        planes = []
        for height, width in format.sizes:
            planes.append(levels[: height * width].reshape(height, width))
            levels = levels[height * width :]
        found.append(planes)
    return found


def colored(source: RawFormat, target: RawFormat, content: bytes) -> bytes:
    out = io.BytesIO()
    reader = RawReader(io.BytesIO(content), source)
    for planes in live(PIPELINE, reader, target.layout(source, "", ""), 6, AS_IT_COMES):
        write(planes, target, out)
        del planes
    return out.getvalue()


@pytest.mark.parametrize("size", [SIZE, (63, 95)], ids=["even", "odd"])
@pytest.mark.parametrize("pixel", READABLE)
def test_luma_passes_unchanged(pixel: str, size: tuple[int, int]) -> None:
    source = RawFormat(pixel, size)
    target = source.written_as("")
    lumas = [each[: size[0], : size[1]] for each in moving(3)]
    found = frames_of(colored(source, target, raw(source, lumas, 90)), target)
    scale = 1 << (source.bits - 8)
    assert len(found) == 3
    for planes, luma in zip(found, lumas, strict=True):
        np.testing.assert_array_equal(planes[0], luma * scale)
        assert not (planes[1] == 90 * scale).any()  # the chroma of the source is gone
        assert (planes[2] > 128 * scale).mean() > 0.9  # the mean colour is warm


@pytest.mark.parametrize("to", [each for each in WRITABLE if "10" not in each])
def test_the_output_has_the_wanted_chroma(to: str) -> None:
    source = RawFormat("gray", SIZE)
    target = source.written_as(to)
    (planes,) = frames_of(colored(source, target, raw(source, moving(1))), target)
    (across, down), _ = WRITABLE[to]
    assert planes[1].shape == (SIZE[0] // down, SIZE[1] // across)


@pytest.mark.parametrize(
    ("pixel", "height", "full", "red"),
    [("gray", 64, True, 0.299), ("yuv420p", 64, False, 0.299), ("yuv420p", 720, False, 0.2126)],
)
def test_range_and_matrix_are_those_of_ffmpeg(
    pixel: str, height: int, full: bool, red: float
) -> None:
    source = RawFormat(pixel, (height, 96))
    layout = source.written_as("").layout(source, "", "")
    assert layout.full is full
    assert layout.matrix[0] == red
    other = source.written_as("").layout(source, "limited" if full else "full", "bt709")
    assert other.full is not full
    assert other.matrix[0] == 0.2126


def test_shots_are_those_of_a_whole_film() -> None:
    lumas = [*moving(15, seed=1), *(255 - each for each in moving(20, seed=2)), *moving(10, seed=3)]
    format = RawFormat("gray", SIZE)
    reader = RawReader(io.BytesIO(raw(format, lumas)), format)
    numbers = [shot for shot, _ in _numbered(reader, Cuts(8))]
    assert numbers == [0] * 15 + [1] * 20 + [2] * 10


def most_held() -> int:
    """How many frames are read before the first of them is given away, at the most."""
    seen = 0
    format = RawFormat("yuv420p", SIZE)

    def frames() -> Iterator[Any]:
        nonlocal seen
        for each in RawReader(io.BytesIO(raw(format, moving(20) * 5)), format):
            seen += 1
            yield each

    late = []
    found = live(PIPELINE, frames(), format.layout(format, "", ""), 6, AS_IT_COMES)
    for done, planes in enumerate(found):
        late.append(seen - done)
        assert planes[0].shape == SIZE
    assert len(late) == 100
    return max(late)


def test_few_frames_are_held() -> None:
    assert most_held() <= LOOK_AHEAD + 1 == 42
    assert Cuts(8).delay == CUTS


@pytest.mark.parametrize(("room", "most"), [(30, 30), (10, 10), (0, 6)])
def test_fewer_frames_are_held_if_they_are_large(
    room: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "ARRIVING", room * SIZE[0] * SIZE[1])
    monkeypatch.setattr(coloring, "DERIVED", 0)
    assert room // 2 < most_held() <= most


def test_frames_that_were_given_away_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []

    def alive() -> int:
        return sum(isinstance(each, av.VideoFrame) for each in gc.get_objects())

    def counted(*given: Any) -> Any:
        frame = luma_frame(*given)
        counts.append(alive() - others)
        return frame

    gc.collect()
    others = alive()
    monkeypatch.setattr(film_raw, "luma_frame", counted)
    monkeypatch.setattr(held, "ARRIVING", 0)
    format = RawFormat("gray", SIZE)
    content = raw(format, moving(20))
    colored(format, format.written_as(""), content)
    # All of the least window but the one that is missing, and those in which a cut is sought.
    assert max(counts) == coloring.LEAST_WINDOW + coloring.LEAST_AHEAD + CUTS


def test_levels_of_more_bits_are_refused() -> None:
    source = RawFormat("gray10le", SIZE)
    good = raw(source, moving(1))
    bad = np.frombuffer(good, source.dtype).byteswap().tobytes()
    with pytest.raises(PhotoError, match=r"^frame 2 has a level of \d+, which is no level of 10 b"):
        colored(source, source.written_as(""), good + bad)


def taken(work: Callable[[], Any]) -> int:
    """Bytes of Python and NumPy, but not of FFmpeg's frames, at the peak of some work."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_frame_is_held_twice() -> None:
    source = RawFormat("yuv444p10le", (1500, 2000))
    content = bytes(source.count)
    layout = source.layout(source, "", "")
    luma = 1500 * 2000 * source.dtype.itemsize
    (frame,) = RawReader(io.BytesIO(content), source)
    how = coloring.Frames(layout, (slice(0, 1500), slice(0, 2000)), 0)
    how.photo(frame)  # tables are computed once
    assert taken(lambda: list(RawReader(io.BytesIO(content), source))) < luma / 2
    assert luma <= taken(lambda: how.photo(frame)) < 1.5 * luma
    with Path(os.devnull).open("wb") as sink:
        assert taken(lambda: write([luma_of(frame)], source, sink)) < luma / 2


def test_an_incomplete_frame_is_counted() -> None:
    format = RawFormat("yuv420p", SIZE)
    reader = RawReader(io.BytesIO(raw(format, moving(2))[:-5]), format)
    assert len(list(reader)) == reader.frames == 1
    assert reader.left_over == format.count - 5
