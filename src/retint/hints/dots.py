"""Dots that colour things, as arrays that a colorizer takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.hints.canvas import Canvas
from retint.hints.colors import chroma_of
from retint.hints.length import Length
from retint.hints.shapes import Hint

Places = Callable[[Float32], Float32]
"""Converts places x, y [N, 2] from one picture to another."""


@dataclass(frozen=True)
class Dots:
    """N dots, and M places that are not part of their things.

    All places are shares of the width and of the height of a picture.
    """

    places: Float32
    """x, y [N, 2]."""
    colors: Float32
    """a*, b* [N, 2]."""
    excluded: Float32
    """x, y [M, 2]."""
    owners: NDArray[np.intp]
    """Of each excluded place the number of its dot [M]."""
    chosen: Float32 | None = None
    """a*, b* [N, 2] that the picture gets at the dots; None while no colors are chosen."""

    @classmethod
    def of(cls, points: Iterable[Hint], size: tuple[int, int]) -> Dots:
        """The dots of a picture of that height and width.

        Raises
        ------
        PhotoError
            If one of them lies outside the picture.
        """
        canvas = Canvas(size, (1, 1))
        points = tuple(points)
        excluded = [(k, each) for k, point in enumerate(points) for each in point.without]

        def shares(places: Iterable[tuple[Length, Length]]) -> Float32:
            return np.array([canvas.place(*each) for each in places], np.float32).reshape(-1, 2)

        return cls(
            shares((each.x, each.y) for each in points),
            np.array([chroma_of(each.color) for each in points], np.float32).reshape(-1, 2),
            shares(each for _, each in excluded),
            np.array([k for k, _ in excluded], np.intp),
        )

    def __len__(self) -> int:
        return len(self.places)

    def moved(self, convert: Places) -> Dots:
        """The same dots in another picture."""
        return replace(self, places=convert(self.places), excluded=convert(self.excluded))
