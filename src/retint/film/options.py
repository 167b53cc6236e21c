"""The options of films."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retint.errors import UsageError
from retint.options import Options, option

LATEST = 1_000_000_000
"""Upper bound in seconds for times in films; FFmpeg counts microseconds in 64 bits."""
LIMITED, FULL = RANGES = ("limited", "full")
"""Ranges of luma in raw frames."""
MATRICES = ("bt601", "bt709")
"""Matrices of chroma in raw frames."""
MOST_SHOWN = 40
"""Maximum number of characters of an invalid time that a message repeats."""


@dataclass(frozen=True)
class FilmOptions(Options):
    """How a film is read, coloured and written."""

    every: int = option(
        6, "Run the network on every n-th frame; motion carries the colors to the frames between.",
        least=1,
        most=24, local=True,
    )  # fmt: skip
    start: str = option("", "Start of the part to color: seconds or 00:01:00.", local=True)
    end: str = option("", "End of the part to color: seconds or 00:02:00.", local=True)
    crf: int = option(
        13, "Quality, on the scale of H.264: smaller is better, with larger files.", least=0,
        most=51, local=True,
    )  # fmt: skip
    lossless: bool = option(False, "Write films losslessly, as FFV1 in mkv.", local=True)
    deinterlace: bool = option(
        False, "Deinterlace frames that are flagged as interlaced (bwdif).", local=True
    )
    preview: bool = option(
        False, "Write only a contact sheet with one colored still per shot.", local=True
    )

    def how(self, hints: Path | None) -> dict[str, Any]:
        """What films in a folder depend on besides what photographs do, including the times of
        hints.
        """
        found: dict[str, Any] = {"film": own} if (own := self.chosen()) else {}
        if hints is not None:
            from retint.hints.file import read_bytes

            found["times"] = hashlib.sha256(read_bytes(hints)).hexdigest()
        return found

    @property
    def span(self) -> tuple[float, float]:
        """Start and end in seconds."""
        begin, end = seconds(self.start, 0.0), seconds(self.end, float("inf"))
        if end <= begin:
            raise UsageError(f"`end` ({end:g} s) must be after `start` ({begin:g} s)")
        return begin, end


def seconds(text: str, fallback: float) -> float:
    """Convert "90", "1:30" or "00:01:30.5" to seconds; raises UsageError."""
    if not text:
        return fallback
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text, re.ASCII):
        raise UsageError(f"{shortened(text)!r} is not a valid time; use seconds or 00:01:30")
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return moment(total)


def moment(second: Any) -> float:
    """Validate a time in seconds since a film's first frame; raises UsageError."""
    number = isinstance(second, int | float) and not isinstance(second, bool)
    if not number or not 0 <= second < LATEST:
        shown = shortened(repr(second))
        raise UsageError(
            f"{shown} is not a valid time; use a number of seconds from 0 to {LATEST:,}"
        )
    return float(second)


def shortened(text: str) -> str:
    """Shorten a text for use in a message."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
