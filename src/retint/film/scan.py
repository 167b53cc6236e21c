"""A first look at a whole film: where its shots begin, its bars, whether it is in colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.ycbcr import shrunk
from retint.errors import PhotoError
from retint.extras import required
from retint.files import Photo
from retint.film.planes import luma_of
from retint.film.source import Source, time_of
from retint.picture.toned import is_in_color

if TYPE_CHECKING:
    import av

LOOKED_AT = 160
"""Pixels to the longer side of what shots are found in."""
LEAST_FRAMES = 6
"""Of a shot."""
MOST_SAMPLED = 4096
"""Pixels to the longer side of what is asked whether it is in colour."""
SAMPLED_EVERY = 24
"""Frames between those that tell whether the film is in colour."""
BAR_LEVEL = 0.06
"""Luma in [0, 1] that nothing in a bar is above."""
MOST_BAR = 0.3
"""Share of the height or width that a bar may have; beyond it the film is dark."""
RATE = 24.0
"""What PySceneDetect counts in; only the numbers of frames are used."""


@dataclass(frozen=True)
class Shot:
    """Frames of one take, numbered from 0 over the film (or the part that is asked for)."""

    start: int
    stop: int
    begin: float
    end: float
    """Seconds of its first frame, and of the first one after it."""
    middle: float
    """Second of the frame in its middle."""


@dataclass(frozen=True)
class Scan:
    """What a film is like."""

    shots: list[Shot]
    box: tuple[slice, slice]
    """The rows and columns that hold the picture, without bars."""
    in_color: bool


def scan(source: Source, seen: Callable[[int], None] | None = None) -> Scan:
    """Look at every frame once, calling `seen` with its number, again and again where it is long in
    coming; what it raises ends the look. Raises PhotoError where there are no frames.
    """
    cuts = _Cuts()
    times: list[float] = []
    samples: list[bool] = []
    highest: NDArray[Any] | None = None

    def report() -> None:
        if seen is not None:
            seen(len(times))

    with source.frames(report) as frames:
        for k, frame in enumerate(frames):
            report()
            luma = luma_of(frame)
            cuts.see(k, luma)
            times.append(time_of(frame))
            if k % SAMPLED_EVERY == 0:
                highest = luma.copy() if highest is None else np.maximum(highest, luma)
                if not source.layout.grey:
                    samples.append(is_in_color(_small(frame)))
    if highest is None:
        raise PhotoError("there are no frames in that part of it")
    source.ended(times[-1])
    starts = [0, *cuts.found(), len(times)]
    ends = [*times, times[-1] + float(1 / source.rate)]
    shots = [
        Shot(start, stop, ends[start], ends[stop], ends[(start + stop) // 2])
        for start, stop in pairwise(starts)
    ]
    levels = np.arange(1 << source.layout.bits)
    bright = np.take(source.layout.share(levels) > BAR_LEVEL, highest, mode="clip")
    return Scan(shots, _box(bright), 2 * sum(samples) > len(samples))


class _Cuts:
    """Cuts by PySceneDetect's adaptive detector, fades by its histograms, on lightness alone."""

    def __init__(self) -> None:
        with required("film", "a film", PhotoError):
            from scenedetect.detectors import AdaptiveDetector, HistogramDetector
        self._detectors = [
            AdaptiveDetector(luma_only=True, min_scene_len=LEAST_FRAMES),
            HistogramDetector(threshold=0.6, min_scene_len=LEAST_FRAMES),
        ]
        self._found: set[int] = set()

    def see(self, number: int, luma: NDArray[Any]) -> None:
        from scenedetect import FrameTimecode

        scale = LOOKED_AT / max(luma.shape)
        size = tuple(max(1, round(side * min(1.0, scale))) for side in luma.shape)
        small = shrunk(luma, (size[0], size[1]))
        if small.dtype != np.uint8:
            small = (small >> 2).astype(np.uint8)
        picture = cv2.merge([small, small, small])
        now = FrameTimecode(number, RATE)
        for detector in self._detectors:
            self._found |= {cut.frame_num for cut in detector.process_frame(now, picture)}

    def found(self) -> list[int]:
        """The first frames of all shots but the first; two detectors may see one cut."""
        cuts: list[int] = []
        for cut in sorted(self._found - {0}):
            if not cuts or cut - cuts[-1] >= LEAST_FRAMES:
                cuts.append(cut)
        return cuts


def _small(frame: av.VideoFrame) -> Photo:
    """A frame in colour, of no more pixels than its colours need."""
    scale = min(1.0, MOST_SAMPLED / max(frame.width, frame.height))
    size = {name: max(1, round(scale * getattr(frame, name))) for name in ("width", "height")}
    return Photo(frame.to_ndarray(format="rgb24", interpolation="AREA", **size))


def _box(bright: NDArray[np.bool_]) -> tuple[slice, slice]:
    found = [_inner(np.asarray(bright.any(axis=axis))) for axis in (1, 0)]
    return found[0], found[1]


def _inner(bright: NDArray[np.bool_]) -> slice:
    """From the first to the last line that has a picture; all where the bars would be too wide."""
    lines = np.flatnonzero(bright)
    count = len(bright)
    if not len(lines) or lines[0] > MOST_BAR * count or count - 1 - lines[-1] > MOST_BAR * count:
        return slice(0, count)
    return slice(int(lines[0]), int(lines[-1]) + 1)
