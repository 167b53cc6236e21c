"""A first pass over a whole film: finds shots and bars, and whether it is in colour."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from retint.film.source import Source
from retint.film.times import time_of
from retint.picture.toned import is_in_color

if TYPE_CHECKING:
    import av

LOOKED_AT = 160
"""Longer side in pixels of the frames for shot detection."""
LEAST_FRAMES = 6
"""Minimum length of a shot in frames."""
MOST_SAMPLED = 4096
"""Longer side in pixels of the frames for colour detection."""
SAMPLED_EVERY = 24
"""Frames between those for colour detection."""
BAR_LEVEL = 0.06
"""Maximum luma in [0, 1] of a bar."""
MOST_BAR = 0.3
"""Maximum size of a bar as a share of the height or width; beyond it the film is just dark."""
RATE = 24.0
"""The frame rate given to PySceneDetect; only frame numbers are used."""


@dataclass(frozen=True)
class Shot:
    """Frames of one shot, numbered from 0 over the film (or the selected part)."""

    start: int
    stop: int
    begin: float
    end: float
    """Seconds of its first frame, and of the first frame after it."""
    middle: float
    """Seconds of its middle frame."""


@dataclass(frozen=True)
class Scan:
    """Properties of a film."""

    shots: list[Shot]
    box: tuple[slice, slice]
    """The rows and columns of the picture, without bars."""
    in_color: bool
    times: list[float]
    """Seconds of all frames, and of the end of the last one."""

    def part(self, begin: float, end: float, length: float = 0.0) -> Scan:
        """What of it lies between two times in seconds; raises PhotoError if no frame does.

        Parameters
        ----------
        length
            Seconds of the whole film, for the message; 0 if not known.
        """
        times = self.times[:-1]
        first, stop = (bisect_left(times, each) for each in (begin, end))
        if first >= stop:
            raise no_frames(length)
        cuts = [each.start for each in self.shots if first < each.start < stop]
        times = self.times[first : stop + 1]
        shots = shots_of([each - first for each in (first, *cuts, stop)], times)
        return replace(self, shots=shots, times=times)


def no_frames(length: float) -> PhotoError:
    """The error for a part of a film without frames.

    Parameters
    ----------
    length
        Seconds of the whole film; 0 if not known.
    """
    known = f", which is {length:.1f} s long" if length else ""
    return PhotoError(f"there are no frames in that part of the film{known}")


def shots_of(starts: list[int], times: list[float]) -> list[Shot]:
    """The shots that begin with some frames, the last of which is the one after the last shot."""
    return [
        Shot(start, stop, times[start], times[stop], times[(start + stop) // 2])
        for start, stop in pairwise(starts)
    ]


def scan(source: Source, seen: Callable[[int], None] | None = None) -> Scan:
    """Read every frame once, calling `seen` with its number, repeatedly while a frame takes long;
    an exception raised by it ends the scan. Raises PhotoError if there are no frames.
    """
    cuts = Cuts(source.layout.bits)
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
        raise no_frames(source.stated_length)
    starts = [0, *cuts.found(), len(times)]
    ends = [*times, times[-1] + float(1 / source.rate)]
    levels = np.arange(1 << source.layout.bits)
    bright = highest > np.flatnonzero(source.layout.share(levels) <= BAR_LEVEL)[-1]
    in_color = 2 * sum(samples) > len(samples)
    return Scan(shots_of(starts, ends), _box(bright), in_color, ends)


class Cuts:
    """Cuts by PySceneDetect's adaptive detector, fades by its histogram detector, on lightness
    only.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        with required("film", "a film", PhotoError):
            from scenedetect.detectors import AdaptiveDetector, HistogramDetector
        self._detectors = [
            AdaptiveDetector(luma_only=True, min_scene_len=LEAST_FRAMES),
            HistogramDetector(threshold=0.6, min_scene_len=LEAST_FRAMES),
        ]
        self._found: set[int] = set()

    @property
    def delay(self) -> int:
        """Frames that are seen after a frame before it is known whether it is a cut."""
        return max(int(each.event_buffer_length) for each in self._detectors)

    def see(self, number: int, luma: NDArray[Any]) -> None:
        """Look at the next frame [H, W]."""
        from scenedetect import FrameTimecode

        scale = LOOKED_AT / max(luma.shape)
        size = tuple(max(1, round(side * min(1.0, scale))) for side in luma.shape)
        small = shrunk(luma, (size[0], size[1]))
        if small.dtype != np.uint8:
            small = (small >> (self._bits - 8)).astype(np.uint8)
        picture = cv2.merge([small, small, small])
        now = FrameTimecode(number, RATE)
        for detector in self._detectors:
            self._found |= {cut.frame_num for cut in detector.process_frame(now, picture)}

    def found(self) -> list[int]:
        """First frames of all shots except the first; both detectors may report the same cut."""
        cuts: list[int] = []
        for cut in sorted(self._found - {0}):
            if self.is_cut(cut, cuts[-1] if cuts else None):
                cuts.append(cut)
        return cuts

    def is_cut(self, number: int, last: int | None) -> bool:
        """Whether a shot begins with a frame, given the last cut before it."""
        late = last is None or number - last >= LEAST_FRAMES
        return late and number > 0 and number in self._found


def _small(frame: av.VideoFrame) -> Photo:
    """A frame in colour, reduced to the resolution needed for its colours."""
    scale = min(1.0, MOST_SAMPLED / max(frame.width, frame.height))
    size = {name: max(1, round(scale * getattr(frame, name))) for name in ("width", "height")}
    return Photo(frame.to_ndarray(format="rgb24", interpolation="AREA", **size))


def _box(bright: NDArray[np.bool_]) -> tuple[slice, slice]:
    found = [_inner(np.asarray(bright.any(axis=axis))) for axis in (1, 0)]
    return found[0], found[1]


def _inner(bright: NDArray[np.bool_]) -> slice:
    """From the first to the last line with content; everything if the bars would be too wide."""
    lines = np.flatnonzero(bright)
    count = len(bright)
    if not len(lines) or lines[0] > MOST_BAR * count or count - 1 - lines[-1] > MOST_BAR * count:
        return slice(0, count)
    return slice(int(lines[0]), int(lines[-1]) + 1)
