"""Timecodes: the labels that cameras give to frames, such as 10:00:00:00."""

from __future__ import annotations

import re
from fractions import Fraction

HOURS = 24
DROP_RATES = (30, 60)
"""Rates whose timecodes can skip labels, to stay close to the clock at 29.97 or 59.94 frames."""


def timecode_after(code: str, frames: int, rate: Fraction) -> str:
    """The timecode that many frames after another one; an unknown notation is returned unchanged.

    The label of a frame that drops numbers has a semicolon: in each minute, except every tenth, the
    first two of 30 (or four of 60) labels do not exist.
    """
    found = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)", code, re.ASCII)
    per_second = round(rate)
    if found is None or per_second < 1:
        return code
    hour, minute, second, frame = (int(found[k]) for k in (1, 2, 3, 5))
    drops = found[4] != ":" and per_second in DROP_RATES
    dropped = per_second // 15 if drops else 0
    minutes = 60 * hour + minute
    number = (60 * minutes + second) * per_second + frame
    number -= dropped * (minutes - minutes // 10)
    number += frames
    in_minute = 60 * per_second - dropped
    in_ten = 10 * in_minute + dropped
    number %= 6 * HOURS * in_ten
    tens, rest = divmod(number, in_ten)
    skipped = max(0, (rest - dropped) // in_minute) if dropped else 0
    number += dropped * (9 * tens + skipped)
    number, frame = divmod(number, per_second)
    number, second = divmod(number, 60)
    hour, minute = divmod(number, 60)
    return f"{hour:02}:{minute:02}:{second:02}{found[4]}{frame:02}"
