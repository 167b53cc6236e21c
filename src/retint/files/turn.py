"""Positions in a picture whose EXIF orientation is applied to the pixels (Exif 2.32, 4.6.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self, TypeVar

from numpy.typing import NDArray

Number = TypeVar("Number", int, float, Decimal)
STEPS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""By EXIF orientation, how the picture is made upright: whether rows become columns, and then
whether left and right, and top and bottom, are exchanged.
"""


def known(orientation: Any) -> int:
    """The EXIF orientation, or the upright one if there is none of that number."""
    return int(orientation) if orientation in STEPS else 1


def turn_upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored pixels [H, W, ...] as they are seen; a view."""
    swaps, across, down = STEPS[orientation]
    turned = pixels.swapaxes(0, 1) if swaps else pixels
    return turned[:: -1 if down else 1, :: -1 if across else 1]


def turn_back(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Upright pixels [H, W, ...] as they are stored; a view."""
    swaps, across, down = STEPS[orientation]
    turned = pixels[:: -1 if down else 1, :: -1 if across else 1]
    return turned.swapaxes(0, 1) if swaps else turned


@dataclass(frozen=True)
class Turn:
    """An orientation, and the size of the picture as it is stored."""

    orientation: int = 1
    """EXIF orientation from 1, which changes nothing, to 8."""
    width: int = 1
    height: int = 1
    cut: bool = False
    """Whether the picture was cropped or straightened as well, so that positions in it are lost."""

    @classmethod
    def to(cls, width: int, height: int, orientation: int) -> Self:
        """The one that leads to a picture of that size."""
        return cls(orientation, *((height, width) if STEPS[orientation][0] else (width, height)))

    def __bool__(self) -> bool:
        return self.orientation != 1 or self.cut

    def then(self, degrees: int) -> Turn:
        """The same, followed by a turn clockwise by a multiple of 90 degrees."""
        steps = STEPS[self.orientation]
        for _ in range(degrees // 90 % 4):
            swaps, across, down = steps
            steps = (not swaps, not down, across)
        orientation = next(each for each, known in STEPS.items() if known == steps)
        return replace(self, orientation=orientation)

    @property
    def swaps(self) -> bool:
        """Whether width becomes height."""
        return STEPS[self.orientation][0]

    @property
    def mirrors(self) -> bool:
        """Whether the picture is mirrored, not only rotated."""
        return sum(STEPS[self.orientation]) % 2 == 1

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height afterwards."""
        return (self.height, self.width) if self.swaps else (self.width, self.height)

    def point(self, x: Number, y: Number, right: Number, bottom: Number) -> tuple[Number, Number]:
        """A position afterwards, given the largest possible one: 1 for fractions of the picture,
        the number of the last column and row for pixels.
        """
        swaps, across, down = STEPS[self.orientation]
        if swaps:
            x, y, right, bottom = y, x, bottom, right
        return right - x if across else x, bottom - y if down else y

    def sides(self, width: Number, height: Number) -> tuple[Number, Number]:
        """Width and height of a part afterwards."""
        return (height, width) if self.swaps else (width, height)

    def corner(
        self, part: tuple[Number, Number, Number, Number], right: Number, bottom: Number
    ) -> tuple[Number, Number, Number, Number]:
        """A part, given by its left and upper edge, width and height, afterwards."""
        one = self.point(part[0], part[1], right, bottom)
        other = self.point(part[0] + part[2], part[1] + part[3], right, bottom)
        sides = self.sides(part[2], part[3])
        return min(one[0], other[0]), min(one[1], other[1]), sides[0], sides[1]

    def pixels(self, area: list[int]) -> list[int]:
        """EXIF's SubjectArea or SubjectLocation afterwards: the column and row of a centre, and
        maybe a diameter, or width and height. Other lists are unchanged.
        """
        if not 2 <= len(area) <= 4:
            return area
        x, y = self.point(area[0], area[1], self.width - 1, self.height - 1)
        sides = self.sides(area[2], area[3]) if len(area) == 4 else area[2:]
        return [max(x, 0), max(y, 0), *sides]


UPRIGHT = Turn()
