"""Resizes a picture for a method, and its results back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average, padded, shrink, working_size
from retint.colorizers.base import Colorizer, Look
from retint.hints.dots import Dots

Inside = tuple[slice, slice]
"""Rows and columns of a picture inside its mount."""


class Framed:
    """A look at a picture of any size; its planes have the working size [h, w].

    Parameters
    ----------
    lightness
        L* [h, w] of the picture at the method's working size (`working_size`).
    inside
        Rows and columns that the method sees; the rest is a mount, which gets no chroma unless
        there are hints in it. By default, everything.
    upright
        Says by how many quarter turns clockwise the padded picture is shown to the method.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        lightness: Float32,
        inside: Inside | None = None,
        upright: Callable[[Float32], int] = lambda _: 0,
    ) -> None:
        self.small = lightness
        height, width = lightness.shape
        self.covered: Inside = inside or (slice(0, height), slice(0, width))
        """What `look` sees."""
        self.inside: Inside | NDArray[np.bool_] = self.covered
        """The index of the pixels that get chroma."""
        self._colorizer = colorizer
        seen = self._padded(lightness[self.covered])
        self.seen = seen.shape
        """Height and width padded by mirroring to an accepted size, before the turn."""
        self.turn = upright(seen)
        """Quarter turns clockwise."""
        self.look = colorizer.look(turned(seen, self.turn))

    @classmethod
    def shrunk(cls, colorizer: Colorizer, lightness: Float32) -> Self:
        """Open L* [H, W] of any size."""
        return cls(colorizer, shrink(lightness, working_size(lightness.shape, colorizer.native)))

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [h, w, 2]; hints and exceptions as in `Look.chroma`."""
        look, inside = self._look_for(hints)
        return self._placed(look.chroma(self._cropped(hints, inside)), inside)

    def variants(self, count: int, hints: Float32 | None = None) -> list[Float32]:
        """Several a*, b* [h, w, 2]; exceptions as in `Look.variants`."""
        look, inside = self._look_for(hints)
        found = look.variants(count, self._cropped(hints, inside))
        return [self._placed(each, inside) for each in found]

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """The method's confidence [h, w], 1 in a mount; exceptions as in `Look.certainty`."""
        look, inside = self._look_for(hints)
        return self._placed(look.certainty(self._cropped(hints, inside)), inside, rest=1.0)

    def scores_at(self, row: int, column: int) -> Float32:
        """Probabilities [313] of colours at a pixel; exceptions as in `Look.scores_at`."""
        mark = np.zeros((*self.small.shape, 3), np.float32)
        mark[row, column, 2] = 1
        look, inside = self._look_for(mark)
        seen = self._cropped(mark, inside)
        assert seen is not None
        there = np.argwhere(seen[..., 2])[0]
        return look.scores_at(int(there[0]), int(there[1]))

    def spread(self, dots: Dots, hints: Float32 | None = None) -> Float32 | None:
        """[h, w, 4] of dots in the picture, as in `Look.spread`.

        Parameters
        ----------
        hints
            All hints [h, w, 3]; if there are any in the mount, the method sees the whole picture.
        """
        look, inside = self._look_for(hints)
        found = look.spread(dots.moved(lambda places: self._seen_at(places, inside)))
        return None if found is None else self._placed(found, inside)

    def _seen_at(self, places: Float32, inside: Inside) -> Float32:
        """Places [N, 2] in shares of the picture as shares of what the method sees."""
        rows, columns = inside
        height, width = self.small.shape
        seen = padded(self.small[inside], self._colorizer.size).shape
        x, y = (places * np.array([width, height], np.float32)).T
        x, y = (x - (columns.start or 0)) / seen[1], (y - (rows.start or 0)) / seen[0]
        for _ in range(self.turn % 4):
            x, y = 1 - y, x
        return np.stack([x, y], axis=1).astype(np.float32).clip(0, 1)

    def rgb(self) -> Float32:
        """The network's own sRGB [h, w, 3], of the whole picture; exceptions as in `Look.rgb`."""
        look, inside = (self.look, self.covered) if self.is_whole else (self._whole, self._all)
        return self._placed(look.rgb(), inside)

    @property
    def is_whole(self) -> bool:
        """Whether the method sees everything."""
        return self.covered == self._all

    @property
    def _all(self) -> Inside:
        height, width = self.small.shape
        return slice(0, height), slice(0, width)

    @cached_property
    def _whole(self) -> Look:
        """A look at the picture with its mount."""
        return self._colorizer.look(turned(self._padded(self.small), self.turn))

    def _padded(self, planes: Float32) -> Float32:
        return padded(planes, self._colorizer.size)

    def _look_for(self, hints: Float32 | None) -> tuple[Look, Inside]:
        """The look that covers the hints, and what it sees."""
        if hints is None or self.is_whole:
            return self.look, self.covered
        outside = hints[..., 2] > 0
        outside[self.covered] = False
        return (self._whole, self._all) if outside.any() else (self.look, self.covered)

    def _cropped(self, planes: Float32 | None, inside: Inside) -> Float32 | None:
        if planes is None:
            return None
        return turned(self._padded(planes[inside]), self.turn)

    def _placed(self, planes: Float32, inside: Inside, rest: float = 0.0) -> Float32:
        height, width = self.small[inside].shape
        own = turned(planes, -self.turn)[:height, :width]
        if inside == self._all:
            return own
        placed = np.full((*self.small.shape, *planes.shape[2:]), rest, np.float32)
        placed[inside] = own
        return placed


def averaged_hints(hints: Float32, size: tuple[int, int]) -> Float32:
    """Hints [H, W, 3] at another size, as averages of the hinted pixels only."""
    filled = hints[..., 2:]
    weighted = np.concatenate([hints[..., :2] * filled, filled], axis=-1)
    smaller = average(weighted, size)
    share = smaller[..., 2:]
    planes = np.concatenate([smaller[..., :2] / np.maximum(share, 1e-6), share > 0], axis=-1)
    return planes.astype(np.float32)


def turned(planes: NDArray[Any], turn: int) -> NDArray[Any]:
    """Planes [H, W, ...] after so many quarter turns clockwise."""
    return np.ascontiguousarray(np.rot90(planes, -turn)) if turn % 4 else planes
