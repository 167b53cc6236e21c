"""A picture brought to the size that a method likes, and its answers brought back."""

from __future__ import annotations

from typing import Self

from retint.color.lab import Float32
from retint.color.resize import padded, shrink, working_size
from retint.colorizers.base import Colorizer


class Framed:
    """A look at a picture of any size; planes go in and come out at the working size [h, w].

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
        """Height and width of what the method sees: mirrored out to what it accepts."""
        self.look = colorizer.look(seen)

    @classmethod
    def shrunk(cls, colorizer: Colorizer, lightness: Float32) -> Self:
        """Of L* [H, W] at any size."""
        return cls(colorizer, shrink(lightness, working_size(lightness.shape, colorizer.native)))

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [h, w, 2]; hints, and errors, as `Look.chroma` has them."""
        return self._cut(self.look.chroma(self._padded(hints)))

    def variants(self, count: int, hints: Float32 | None = None) -> list[Float32]:
        """Several a*, b* [h, w, 2]; errors as `Look.variants` has them."""
        return [self._cut(each) for each in self.look.variants(count, self._padded(hints))]

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """How sure the method is [h, w]; errors as `Look.certainty` has them."""
        return self._cut(self.look.certainty(self._padded(hints)))

    def rgb(self) -> Float32:
        """The network's own sRGB [h, w, 3]; errors as `Look.rgb` has them."""
        return self._cut(self.look.rgb())

    def _padded(self, planes: Float32 | None) -> Float32 | None:
        return None if planes is None else padded(planes, self._size)

    def _cut(self, planes: Float32) -> Float32:
        height, width = self.small.shape
        return planes[:height, :width]
