"""Numbers from outside, of files, command lines and requests: which are taken for numbers."""

from __future__ import annotations

import math
import re
import reprlib
from typing import TypeGuard

DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a finite number; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no floating-point number is as large as
        return False


def number_of(value: object) -> float:
    """A finite number, or a text that is written as one in decimal.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, str):
        if not DECIMAL.fullmatch(value.strip()):
            raise ValueError(f"{shortened(value)} is not a number")
        value = float(value)
    if not is_number(value):
        raise ValueError(f"{shortened(value)} is not a number")
    return float(value)


def shortened(value: object) -> str:
    """What somebody has given, for one line."""
    return reprlib.repr(value)
