"""Colours clips in scripts of VapourSynth, as `retint pipe` colours raw frames.

```python
from retint.vapoursynth import colorize

colorize(clip, look="natural").set_output()
```
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from retint import api
from retint.color.ycbcr import Layout, Levels
from retint.errors import UsageError
from retint.extras import required
from retint.film.live import LOOK_AHEAD, live, settled
from retint.film.options import FULL, LIMITED, FilmOptions
from retint.film.pixels import SUBSAMPLED, name_of, plane
from retint.film.planes import KR_KB
from retint.film.raw import GREY, READABLE, SPACES, WRITABLE, RawFormat, luma_frame

with required("vapoursynth", "VapourSynth, with Python 3.12 or newer,"):
    import av
    import scenedetect  # noqa: F401
    import vapoursynth as vs

BACK = 12
"""Frames before a wanted one that are coloured first, after a jump and where requests come out of
order.
"""
KEPT = 4 * BACK
"""Coloured frames that are kept for requests out of order."""
MATRIX, RANGE = "_Matrix", "_Range"
"""Names of properties of frames."""
UNKNOWN = 2
"""The number of a matrix that is not stated."""
_RANGES = {0: LIMITED, 1: FULL}

Planes = tuple[Levels, Levels, Levels]
Color = Callable[[Iterable[av.VideoFrame]], Iterator[Planes]]


def colorize(
    clip: vs.VideoNode, method: str | None = None, *, every: int = FilmOptions().every,
    **options: Any,
) -> vs.VideoNode:  # fmt: skip
    """Colour a clip; luma stays as it is, and colours are steady within shots.

    Frames that are requested in order have the colours that `retint pipe` gives them. After a jump
    they start again, a few frames earlier.

    Parameters
    ----------
    clip
        Gray, or YUV, whose chroma is ignored; of 8 or 10 bits. Gray becomes 4:2:0,
        of odd sizes 4:4:4. Range and matrix
        are those that the first frame states, otherwise as for `retint pipe`.
    method
        A name of `retint.methods()`; by default the best general one.
    every
        Run the network on every n-th frame.
    options
        Options of the method, the look and the like, as for `retint.open_film`.

    Raises
    ------
    UsageError
        For another kind of clip, or a wrong option.
    """
    every = FilmOptions(every=every).every
    source = _format(clip)
    halved = not any(side % 2 for side in source.size)  # VapourSynth wants whole pixels of chroma
    target = source.written_as(
        "" if halved or not source.is_grey else name_of("yuv444p", source.bits)
    )
    colorizer = api.load_pictures_colorizer(method, **options)
    pipeline, finish = settled(colorizer.pipeline, colorizer.finish), colorizer.finish
    with clip.get_frame(0) as first:
        layout = _layout(source, target, first)

    def color(frames: Iterable[av.VideoFrame]) -> Iterator[Planes]:
        return live(pipeline, frames, layout, every, finish)

    stream = _Stream(color, source.bits, clip.num_frames)

    def fill(n: int, f: Sequence[vs.VideoFrame]) -> vs.VideoFrame:
        made, frames = f[0].copy(), f[1:]
        for index, levels in enumerate(stream.at(n, frames)):
            np.asarray(made[index])[:] = levels
        made.props.update(frames[BACK].props)
        made.props[MATRIX] = _matrix(layout)
        made.props[RANGE] = int(layout.full)
        return made

    blank = vs.core.std.BlankClip(clip, format=_kind(target), keep=True)
    moved = [_moved(clip, by) for by in range(-BACK, LOOK_AHEAD + 1)]
    return vs.core.std.ModifyFrame(blank, [blank, *moved], fill)


class _Stream:
    """Coloured frames of a clip by their numbers."""

    def __init__(self, color: Color, bits: int, count: int) -> None:
        self._color, self._bits, self._count = color, bits, count
        self._lock = threading.Lock()
        self._done: dict[int, Planes] = {}
        self._start(0)

    def _start(self, number: int) -> None:
        """Start again at a frame."""
        self._waiting: deque[av.VideoFrame] = deque()
        self._next = self._read = number
        """The next frame to be coloured, and to be read."""
        self._colored = self._color(self._arriving())
        self._done.clear()

    def _arriving(self) -> Iterator[av.VideoFrame]:
        while self._waiting:
            yield self._waiting.popleft()
        assert self._read == self._count, "LOOK_AHEAD is too small"

    def at(self, number: int, frames: Sequence[vs.VideoFrame]) -> Planes:
        """The planes of a frame in colour, given the frames from `BACK` before it to `LOOK_AHEAD`
        after it.
        """
        with self._lock:
            if number not in self._done:
                self._proceed(number, frames)
            return self._done[number]

    def _proceed(self, number: int, frames: Sequence[vs.VideoFrame]) -> None:
        first = number - BACK
        # What was read lately, and these frames, follow one another.
        if not (self._next <= number and self._read >= max(first, 0)):
            self._start(max(first, 0))
        last = min(number + LOOK_AHEAD, self._count - 1)
        while self._read <= last:
            levels = np.asarray(frames[self._read - first][0])
            frame = luma_frame(levels.shape, self._bits, self._read)
            plane(frame, 0, levels.shape)[:] = levels
            self._waiting.append(frame)
            self._read += 1
        while self._next <= number:
            self._done[self._next] = next(self._colored)
            self._done.pop(self._next - KEPT, None)
            self._next += 1


def _format(clip: vs.VideoNode) -> RawFormat:
    kind = clip.format
    if kind is not None and clip.width and kind.sample_type == vs.INTEGER:
        ratio = 2**kind.subsampling_w, 2**kind.subsampling_h
        family = {vs.GRAY: GREY, vs.YUV: f"yuv{SUBSAMPLED.get(ratio, '')}p"}.get(kind.color_family)
        pixel = name_of(family, kind.bits_per_sample) if family else ""
        if pixel in READABLE:
            return RawFormat(pixel, (clip.height, clip.width))
    name = "of variable format" if kind is None else kind.name
    raise UsageError(f"the clip must be one of {', '.join(READABLE)}, not {name}")


def _kind(format: RawFormat) -> Any:
    """VapourSynth's format of coloured frames."""
    (across, down), bits = WRITABLE[format.pixel]
    query = vs.core.query_video_format
    return query(vs.YUV, vs.INTEGER, bits, across.bit_length() - 1, down.bit_length() - 1).id


def _layout(source: RawFormat, target: RawFormat, first: vs.VideoFrame) -> Layout:
    stated = KR_KB.get(int(first.props.get(MATRIX, UNKNOWN)))
    matrix = "".join(name for name, space in SPACES.items() if KR_KB[space] == stated)
    return target.layout(source, _RANGES.get(first.props.get(RANGE), ""), matrix)


def _matrix(layout: Layout) -> int:
    """VapourSynth's number of a matrix, which is FFmpeg's."""
    return next(space for space in SPACES.values() if KR_KB[space] == layout.matrix)


def _moved(clip: vs.VideoNode, by: int) -> vs.VideoNode:
    """The clip with frame n + `by` in the place of frame n; its ends are repeated."""
    if by > 0:
        return (clip + clip[-1] * by)[by:]
    return (clip[0] * -by + clip)[: clip.num_frames] if by < 0 else clip
