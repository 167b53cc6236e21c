"""The part of a picture that is kept, as a text: "10%,10%,80%,80%"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from retint.errors import PhotoError, UsageError
from retint.hints.length import Length, pixels
from retint.numbers import shortened


@dataclass(frozen=True)
class Crop:
    """A rectangle by its left and upper edge, width and height: pixels, or "40%" of a side."""

    x: Length
    y: Length
    width: Length
    height: Length

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse "x,y,width,height".

        Raises
        ------
        UsageError
            If it is something else, or nothing would be left.
        """
        parts = [part.strip() for part in text.split(",")]
        if len(parts) != 4:
            raise UsageError(
                f"`crop` must be x,y,width,height, such as 10%,10%,80%,80%, not {shortened(text)}"
            )
        found = cls(*parts)
        if min([pixels(each, 1) for each in parts][2:]) <= 0:
            raise UsageError(f"`crop` must not be empty: {shortened(text)}")
        return found

    def slices(self, size: tuple[int, int]) -> tuple[slice, slice]:
        """Rows and columns of a picture of that height and width; raises PhotoError if they are
        not inside.
        """
        rows = _span(self.y, self.height, size[0])
        columns = _span(self.x, self.width, size[1])
        if rows is None or columns is None:
            said = ",".join(str(each) for each in (self.x, self.y, self.width, self.height))
            raise PhotoError(f"`crop` {said} is not inside the picture of {size[1]} x {size[0]}")
        return rows, columns


def _span(start: Length, length: Length, side: int) -> slice | None:
    """A range of pixels with at least one; None if it is not inside."""
    first = pixels(start, side)
    last = first + pixels(length, side)
    if round(first) >= side or round(last) > side:
        return None
    return slice(round(first), max(round(last), round(first) + 1))
