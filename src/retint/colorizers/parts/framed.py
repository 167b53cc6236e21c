"""Resizes a picture for a method, and its results back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import padded, shrink, working_size
from retint.colorizers.base import Colorizer


class Framed:
    """A look at a picture of any size; its planes have the working size [h, w].

    Parameters
    ----------
    lightness
        L* [h, w] of the picture at the method's working size (`working_size`).
    upright
        Says by how many quarter turns clockwise the padded picture is shown to the method.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        lightness: Float32,
        upright: Callable[[Float32], int] = lambda _: 0,
    ) -> None:
        self.small = lightness
        self._size = colorizer.size
        seen = padded(lightness, self._size)
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
        return self._cut(self.look.chroma(self._pad(hints)))

    def variants(self, count: int, hints: Float32 | None = None) -> list[Float32]:
        """Several a*, b* [h, w, 2]; exceptions as in `Look.variants`."""
        return [self._cut(each) for each in self.look.variants(count, self._pad(hints))]

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """The method's confidence [h, w]; exceptions as in `Look.certainty`."""
        return self._cut(self.look.certainty(self._pad(hints)))

    def rgb(self) -> Float32:
        """The network's own sRGB [h, w, 3]; exceptions as in `Look.rgb`."""
        return self._cut(self.look.rgb())

    @property
    def features(self) -> Float32:
        """Unit vectors [h, w, C] on a coarse grid over the padded picture, as `Look.features`."""
        return turned(self.look.features, -self.turn)

    def _pad(self, planes: Float32 | None) -> Float32 | None:
        return None if planes is None else turned(padded(planes, self._size), self.turn)

    def _cut(self, planes: Float32) -> Float32:
        height, width = self.small.shape
        return turned(planes, -self.turn)[:height, :width]


def turned(planes: NDArray[Any], turn: int) -> NDArray[Any]:
    """Planes [H, W, ...] after so many quarter turns clockwise."""
    return np.ascontiguousarray(np.rot90(planes, -turn)) if turn % 4 else planes
