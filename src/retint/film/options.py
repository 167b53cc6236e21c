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
"""Seconds that every time of a film is below; FFmpeg counts microseconds in 64 bits."""
MOST_SHOWN = 40
"""Characters of a wrong time that a message repeats."""


@dataclass(frozen=True)
class FilmOptions(Options):
    """How a film is read, coloured and written."""

    every: int = option(
        4, "Of films, every so many frames are looked at; the motion carries it on.", least=1,
        most=24, local=True,
    )  # fmt: skip
    start: str = option("", "Of films, where to begin: seconds or 00:01:00.", local=True)
    end: str = option("", "Of films, where to end: seconds or 00:02:00.", local=True)
    crf: int = option(
        18, "Of films, the quality of the encoder: smaller is better and larger.", least=0, most=51,
        local=True,
    )  # fmt: skip
    lossless: bool = option(False, "Write films as FFV1 in mkv, every level exact.", local=True)
    deinterlace: bool = option(False, "Of films, make whole frames of fields (bwdif).", local=True)
    remember: bool = option(
        False, "Of films, let hints colour other shots that look alike too.", local=True
    )
    preview: bool = option(
        False, "Of films, write only a sheet with a coloured still of each shot.", local=True
    )

    def how(self, hints: Path | None) -> dict[str, Any]:
        """What films in a folder depend on besides what photographs do: a hint's time, too."""
        found: dict[str, Any] = {"film": own} if (own := self.chosen()) else {}
        if hints is not None:
            found["times"] = hashlib.sha256(hints.read_bytes()).hexdigest()
        return found

    @property
    def span(self) -> tuple[float, float]:
        """Where to begin and end, in seconds."""
        begin, end = seconds(self.start, 0.0), seconds(self.end, float("inf"))
        if end <= begin:
            raise UsageError(f"`end` {end:g} s is not after `start` {begin:g} s")
        return begin, end


def seconds(text: str, fallback: float) -> float:
    """What "90", "1:30" or "00:01:30.5" is in seconds; raises UsageError."""
    if not text:
        return fallback
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text, re.ASCII):
        raise UsageError(f"{shortened(text)!r} is not a time; write seconds or 00:01:30")
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return moment(total)


def moment(second: Any) -> float:
    """A second of a film; raises UsageError for what is none, or beyond any film."""
    number = isinstance(second, int | float) and not isinstance(second, bool)
    if not number or not 0 <= second < LATEST:
        shown = shortened(repr(second))
        raise UsageError(f"{shown} is not a time of a film; it is a number from 0 to {LATEST:,}")
    return float(second)


def shortened(text: str) -> str:
    """A text that stays one line of a message."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
