"""Colours for the frames of a shot that has stills."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.files import Photo
from retint.film.carrying import Carried, Truth, carried
from retint.film.steady import Answer
from retint.film.tracking import Tracks
from retint.hints import Hint, Hints, colors_of
from retint.hints.length import Share, pixels
from retint.picture.correspondence import CELLS
from retint.picture.finish import Finish
from retint.picture.grading import ramp
from retint.picture.pipeline import MOVED, Pipeline, View
from retint.picture.reference import Reference

WHOLE_EVERY = 24, 12
"""Frames between those that are shown to the networks, where carried colours cover most of a frame
and where they do not; all others get carried colours only.
"""
COVERED = 0.99, 0.8
"""Share of a frame with carried colours from which the networks are not needed, and above which
they are needed less often.
"""
EVERY = 2
"""Cells between hints, as in `picture.reference`."""
SURE = 0.5
"""Weight from which a carried colour becomes a hint, and below which other references count."""


@dataclass
class Stilled:
    """A `Sight` of a shot with stills.

    Colours are carried from the stills along the motion. Where they do not reach, the method is
    told the carried colours, and those of places that show the same thing as a still.
    """

    pipeline: Pipeline
    finish: Finish
    every: int
    lightness: Sequence[Float32]
    """L* [h, w] of the frames of the shot."""
    truths: Sequence[Truth]
    """At least one, in the order of their frames."""
    reference: Reference
    hints: Tracks | None = None
    """Hints of a person, which override the stills."""
    wanted: Collection[int] = ()
    """Further frames whose colours are asked for."""
    _known: dict[int, Carried] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        own = {each.number for each in self.truths}
        wanted = own | set(self.wanted) | set(range(0, len(self.lightness), self.every))
        self._known = carried(self.lightness, self.truths, wanted)

    def __call__(self, number: int, photo: Photo) -> tuple[Float32, Answer | None]:
        """L* [h, w] of a frame of the shot, and its colours."""
        known = self._known[number].answer if number in self._known else None
        if not self._is_whole(number, known):
            return self.pipeline.shrunk(photo), known
        view = self.pipeline.open(photo)
        return view.framed.small, Answer.predicted(self.chroma(view, number))

    def _is_whole(self, number: int, known: Answer | None) -> bool:
        if self.hints is not None and known is not None:
            return True
        covered = 0.0 if known is None else known.weight.mean()
        seldom, often = WHOLE_EVERY
        return covered < COVERED[0] and number % (seldom if covered > COVERED[1] else often) == 0

    def chroma(self, view: View, number: int) -> Float32:
        """a*, b* [h, w, 2] of a frame of the shot."""
        known = self._known[number].answer if number in self._known else None
        told = self._hints_for(view, known, matched=number % WHOLE_EVERY[1] == 0)
        chroma = view.chroma(told, self.finish)
        weight = np.zeros(chroma.shape[:2], np.float32) if known is None else known.weight
        own = self.hints(number) if self.hints is not None else None
        if own:
            without, chroma = chroma, view.chroma(told + own, self.finish)
            weight = weight * (1 - ramp(np.linalg.norm(chroma - without, axis=-1), *MOVED))
        if known is None:
            return chroma
        return np.asarray(chroma + weight[..., None] * (known.chroma - chroma), np.float32)

    def _hints_for(self, view: View, known: Answer | None, *, matched: bool) -> Hints:
        """Hints for the method: carried colours, and matches where there are none."""
        found = self.reference.hints(view, EVERY) if matched else Hints()
        if known is None:
            return found
        height, width = known.weight.shape

        def is_free(hint: Hint) -> bool:
            row, column = int(pixels(hint.y, height)), int(pixels(hint.x, width))
            return bool(known.weight[min(row, height - 1), min(column, width - 1)] < SURE)

        free = [[each for each in some if is_free(each)] for some in (found.points, found.anchors)]
        return Hints((*points_of(known, view.framed.small), *free[0]), anchors=tuple(free[1]))


def points_of(known: Answer, lightness: Float32) -> list[Hint]:
    """Hints for the surest place of each square of `EVERY` cells."""
    height, width = lightness.shape
    weight = cv2.blur(known.weight, (5, 5))
    chroma = cv2.blur(known.chroma, (3, 3))
    rows, columns = (
        np.linspace(0, side, CELLS // EVERY + 1).astype(int) for side in (height, width)
    )
    places = []
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            own = weight[top:bottom, left:right]
            if not own.size or own.max() < SURE:
                continue
            down, across = divmod(int(own.argmax()), own.shape[1])
            places.append((top + down, left + across))
    if not places:
        return []
    ys, xs = np.transpose(places)
    return [
        Hint(Share.of(x + 0.5, width), Share.of(y + 0.5, height), color, thing=False)
        for (y, x), color in zip(places, colors_of(lightness[ys, xs], chroma[ys, xs]), strict=True)
    ]
