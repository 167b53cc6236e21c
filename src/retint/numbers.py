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


def range_text(least: float | None, above: float | None, most: float | None) -> str:
    """A range in words: "from 0 to 2"; empty if there is none."""
    if above is not None:
        return f"above {above:g}" if most is None else f"above {above:g} and at most {most:g}"
    if least is None:
        return "" if most is None else f"at most {most:.10g}"
    return f"{least:.10g} or more" if most is None else f"from {least:.10g} to {most:.10g}"


def a_number(kind: type, range: str) -> str:
    """A number of a type in a range in words: "a number from 0 to 2"."""
    what = "a whole number" if kind is int else "a number"
    return f"{what}, {range}" if range.endswith("or more") else f"{what} {range}".rstrip()


def shortened(value: object) -> str:
    """A short representation of a value for messages."""
    return reprlib.repr(value)
