"""Resizes a picture for a method, and its results back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import padded, shrink, working_size
from retint.colorizers.base import Colorizer, Look

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
        self.inside = inside or (slice(0, height), slice(0, width))
        self._colorizer = colorizer
        seen = padded(lightness[self.inside], colorizer.size)
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

    def rgb(self) -> Float32:
        """The network's own sRGB [h, w, 3], of the whole picture; exceptions as in `Look.rgb`."""
        look, inside = (self.look, self.inside) if self.is_whole else (self._whole, self._all)
        return self._placed(look.rgb(), inside)

    @property
    def is_whole(self) -> bool:
        """Whether the method sees everything."""
        return self.inside == self._all

    @property
    def _all(self) -> Inside:
        height, width = self.small.shape
        return slice(0, height), slice(0, width)

    @cached_property
    def _whole(self) -> Look:
        """A look at the picture with its mount."""
        seen = padded(self.small, self._colorizer.size)
        return self._colorizer.look(turned(seen, self.turn))

    def _look_for(self, hints: Float32 | None) -> tuple[Look, Inside]:
        """The look that covers the hints, and what it sees."""
        if hints is None or self.is_whole:
            return self.look, self.inside
        outside = hints[..., 2] > 0
        outside[self.inside] = False
        return (self._whole, self._all) if outside.any() else (self.look, self.inside)

    def _cropped(self, planes: Float32 | None, inside: Inside) -> Float32 | None:
        if planes is None:
            return None
        return turned(padded(planes[inside], self._colorizer.size), self.turn)

    def _placed(self, planes: Float32, inside: Inside, rest: float = 0.0) -> Float32:
        height, width = self.small[inside].shape
        own = turned(planes, -self.turn)[:height, :width]
        if inside == self._all:
            return own
        placed = np.full((*self.small.shape, *planes.shape[2:]), rest, np.float32)
        placed[inside] = own
        return placed


def turned(planes: NDArray[Any], turn: int) -> NDArray[Any]:
    """Planes [H, W, ...] after so many quarter turns clockwise."""
    return np.ascontiguousarray(np.rot90(planes, -turn)) if turn % 4 else planes
