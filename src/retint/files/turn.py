"""Positions in a picture whose EXIF orientation is applied to the pixels (Exif 2.32, 4.6.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self, TypeVar

Number = TypeVar("Number", int, float, Decimal)
_QUARTERS = ((1, 6, 3, 8), (2, 7, 4, 5))
"""Orientations of one picture after each further quarter turn clockwise: as it was taken, and
mirrored.
"""


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
        return cls(orientation, *((height, width) if orientation >= 5 else (width, height)))

    def __bool__(self) -> bool:
        return self.orientation != 1 or self.cut

    def then(self, degrees: int) -> Turn:
        """The same, followed by a turn clockwise by a multiple of 90 degrees."""
        circle = next(each for each in _QUARTERS if self.orientation in each)
        place = circle.index(self.orientation) + degrees // 90
        return replace(self, orientation=circle[place % len(circle)])

    @property
    def swaps(self) -> bool:
        """Whether width becomes height."""
        return self.orientation >= 5

    @property
    def mirrors(self) -> bool:
        """Whether the picture is mirrored, not only rotated."""
        return self.orientation in (2, 4, 5, 7)

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height afterwards."""
        return (self.height, self.width) if self.swaps else (self.width, self.height)

    def point(self, x: Number, y: Number, right: Number, bottom: Number) -> tuple[Number, Number]:
        """A position afterwards, given the largest possible one: 1 for fractions of the picture,
        the number of the last column and row for pixels.
        """
        across = {2: right - x, 3: right - x, 5: y, 6: bottom - y, 7: bottom - y, 8: y}
        down = {3: bottom - y, 4: bottom - y, 5: x, 6: x, 7: right - x, 8: right - x}
        return across.get(self.orientation, x), down.get(self.orientation, y)

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
