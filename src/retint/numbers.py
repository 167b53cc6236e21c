"""Validation of numbers from files, command lines and requests."""

from __future__ import annotations

import math
import re
import reprlib
from typing import TypeGuard

DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether the value is a finite number; True and False are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the range of floats
        return False


def number_of(value: object) -> float:
    """Convert a finite number or decimal text to float.

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
    """A short representation of a value for messages."""
    return reprlib.repr(value)
