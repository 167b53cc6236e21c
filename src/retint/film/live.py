"""Colours frames while they arrive: cuts are found on the way, and few frames are held."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from retint.film import held
from retint.film.coloring import (
    AHEAD,
    BESIDE,
    LEAST_AHEAD,
    LEAST_WINDOW,
    WINDOW,
    Frames,
    Planes,
    check,
    finish_beside,
    steady_chroma,
)
from retint.film.planes import luma_of
from retint.film.scan import Cuts
from retint.film.showing import sight
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline

if TYPE_CHECKING:
    import av

    from retint.color.ycbcr import Layout, Levels

ON_THE_WAY = 1
"""Frames that are being read while others are held."""
CUTS = 2
"""Frames after which `Cuts` knows whether one is a cut."""
LOOK_AHEAD = WINDOW + AHEAD + BESIDE - 1 + CUTS
"""Frames at most that are read before one that came in before them is yielded."""


def settled(pipeline: Pipeline, finish: Finish) -> Pipeline:
    """The pipeline for frames that are not all known yet; raises UsageError as `check`."""
    check(pipeline, finish)
    # Frames of one shot must not be shown to the method in different ways.
    return dataclasses.replace(pipeline, upright=pipeline.upright.decided)


def live(
    pipeline: Pipeline, frames: Iterable[av.VideoFrame], layout: Layout, every: int, finish: Finish
) -> Iterator[tuple[Levels, Levels, Levels]]:
    """Yield the planes of the frames in colour: luma as it was, and chroma.

    A frame is held until its colours have been averaged with those that follow in its shot: at most
    `WINDOW` and `AHEAD` of `coloring`, those that find a cut, and those that are finished together;
    fewer if they would take more than `held.ARRIVING`, but never fewer than the least.
    """
    height, width = layout.size
    how = Frames(layout, (slice(0, height), slice(0, width)), 0)
    see = sight(pipeline, every, finish=finish)
    cuts = Cuts(layout.bits)
    one = height * width * np.dtype(layout.dtype).itemsize
    beside = max(0, held.ARRIVING - one * (LEAST_WINDOW + LEAST_AHEAD)) // 8
    room = max(0, held.ARRIVING - one * (cuts.delay + ON_THE_WAY) - beside)

    def made(frame: av.VideoFrame, planes: Planes) -> tuple[Levels, Levels, Levels]:
        return luma_of(frame), *planes

    for _, shot in groupby(_numbered(frames, cuts), itemgetter(0)):
        found = steady_chroma(map(itemgetter(1), shot), how, see, room)
        yield from finish_beside(found, how, finish, made, beside, pipeline.threads)


def _numbered(frames: Iterable[av.VideoFrame], cuts: Cuts) -> Iterator[tuple[int, av.VideoFrame]]:
    """The frames with the numbers of their shots."""
    waiting: deque[tuple[int, av.VideoFrame]] = deque()
    last: int | None = None
    shot = 0

    def oldest() -> tuple[int, av.VideoFrame]:
        nonlocal last, shot
        number, frame = waiting.popleft()
        if cuts.is_cut(number, last):
            last, shot = number, shot + 1
        return shot, frame

    for number, frame in enumerate(frames):
        cuts.see(number, luma_of(frame))
        waiting.append((number, frame))
        if len(waiting) > cuts.delay:
            yield oldest()
    while waiting:
        yield oldest()
