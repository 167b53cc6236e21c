"""Colours frames while they arrive: cuts are found on the way, and few frames are held."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from retint.film.coloring import Frames, colored, sight
from retint.film.planes import luma_of
from retint.film.scan import Cuts
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline

if TYPE_CHECKING:
    import av

    from retint.color.ycbcr import Layout


def live(
    pipeline: Pipeline, frames: Iterable[av.VideoFrame], layout: Layout, every: int, finish: Finish
) -> Iterator[av.VideoFrame]:
    """Yield the frames in colour, with luma in their first plane as it was.

    A frame is held until its colours have been averaged with those that follow in its shot: at most
    `WINDOW` and `AHEAD` of `coloring`, those that find a cut, and those that are finished together.
    """
    height, width = layout.size
    how = Frames(layout, (slice(0, height), slice(0, width)), 0)
    see = sight(pipeline, every, finish=finish)
    for _, shot in groupby(_numbered(frames, layout.bits), itemgetter(0)):
        yield from colored(map(itemgetter(1), shot), how, see, finish, pipeline.threads)


def _numbered(frames: Iterable[av.VideoFrame], bits: int) -> Iterator[tuple[int, av.VideoFrame]]:
    """The frames with the numbers of their shots."""
    cuts = Cuts(bits)
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
