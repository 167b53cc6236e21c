"""Lengths and positions in a picture: pixels, or shares of its width or height."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from retint.errors import UsageError
from retint.numbers import is_number, number_of, shortened


@dataclass(frozen=True, repr=False)
class Share:
    """A share of the picture's width, height or short side, in percent."""

    percent: float

    @classmethod
    def of(cls, value: float, whole: float) -> Share:
        """The share that a number of pixels is of a length."""
        return cls(min(100 * value / whole, sys.float_info.max))

    def __repr__(self) -> str:
        """Written as text, of which manifests contain hashes (`retint.hints.fingerprint`)."""
        return repr(str(self))

    def __str__(self) -> str:
        return f"{self.percent!r}%"


Length = float | str | Share
"""Pixels, or a share of the picture; as text "120" or "40%"."""


def pixels(length: Length, whole: float) -> float:
    """Convert a length to pixels for a picture that is `whole` pixels long; raises UsageError."""
    found = _parse(length) if isinstance(length, str) else length
    value = found.percent if isinstance(found, Share) else found
    if not is_number(value) or value < 0:
        raise UsageError(
            f"{shortened(length)} is not a length; use pixels, or a percentage such as 40%"
        )
    if not isinstance(found, Share):
        return float(value)
    return min(value * whole / 100, sys.float_info.max)  # the product may overflow


def _parse(text: str) -> float | Share:
    """The length that a text states; a negative one if it states none."""
    text = text.strip()
    try:
        value = number_of(text.removesuffix("%"))
    except ValueError:
        return -1.0
    return Share(value) if text.endswith("%") else value
