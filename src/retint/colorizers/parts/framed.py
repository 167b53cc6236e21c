"""Resizes a picture for a method, and its results back."""

from __future__ import annotations

from typing import Self

from retint.color.lab import Float32
from retint.color.resize import padded, shrink, working_size
from retint.colorizers.base import Colorizer


class Framed:
    """A look at a picture of any size; its planes have the working size [h, w].

    Parameters
    ----------
    lightness
        L* [h, w] of the picture at the method's working size (`working_size`).
    """

    def __init__(self, colorizer: Colorizer, lightness: Float32) -> None:
        self.small = lightness
        self._size = colorizer.size
        seen = padded(lightness, self._size)
        self.seen = seen.shape
        """Height and width of the network's input, padded by mirroring to an accepted size."""
        self.look = colorizer.look(seen)

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

    def spread(self, dots: Float32) -> Float32 | None:
        """[h, w, 4] of dots [N, 4] in pixels of the working size, as in `Look.spread`."""
        found = self.look.spread(dots)
        return None if found is None else self._cut(found)

    def rgb(self) -> Float32:
        """The network's own sRGB [h, w, 3]; exceptions as in `Look.rgb`."""
        return self._cut(self.look.rgb())

    def _pad(self, planes: Float32 | None) -> Float32 | None:
        return None if planes is None else padded(planes, self._size)

    def _cut(self, planes: Float32) -> Float32:
        height, width = self.small.shape
        return planes[:height, :width]
