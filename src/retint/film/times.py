"""Times of films: the clock of a file, and what streams state about rates and lengths.

A time in a film, here and everywhere else, is the number of seconds since its first frame. The
clock of the file may start at any other value: some recorders start it at an hour. Only this module
and `retint.film.joining` know that clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import av

STATE_THEIR_LENGTH = ("matroska", "flv", "asf")
"""FFmpeg's names of formats that state the length of the whole and not of streams."""
ONLY_DECODING_TIMES = "avi"
"""FFmpeg's name of the format without presentation times, which states a number of frames."""
MICROSECONDS = 1_000_000
FALLBACK_RATE = 25
"""Frames per second of a film that does not state a rate."""
MOST_RATE = 1000
"""Maximum frames per second; higher rates are ignored."""


@dataclass(frozen=True)
class Clock:
    """The clock of a file."""

    time_base: Fraction
    """Seconds of a tick."""
    first: int = 0
    """Time of the first frame in ticks."""
    lag: int | None = None
    """How much later than a frame is shown, in ticks, its decoding time is, in a file that states
    only decoding times; None for other files.
    """

    @property
    def origin(self) -> Fraction:
        """Time of the first frame in seconds."""
        return self.first * self.time_base

    def second(self, timed: Any, time_base: Any) -> float | None:
        """Time of a packet, or of a frame by the clock of the file; None if it has none."""
        ticks = timed.pts if timed.pts is not None else timed.dts
        if ticks is None or not time_base:
            return None
        return float(ticks * Fraction(time_base) - self.origin)


def time_of(frame: av.VideoFrame) -> float:
    """Time of a frame in seconds since the first one; every frame of `Source.frames` has one."""
    return float(exact_time(frame))


def exact_time(frame: av.VideoFrame) -> Fraction:
    """The same without rounding."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


def rate_of(stream: Any) -> Any:
    """Frames per second."""
    for found in (stream.average_rate, stream.guessed_rate):
        if found and 0 < found <= MOST_RATE:
            return found
    return FALLBACK_RATE


def length_of_all(container: Any) -> float:
    """Length of all streams in seconds; 0 if the file does not state it.

    FFmpeg estimates it for other formats, from the last packets or the bit rate.
    """
    stated = any(each in container.format.name for each in STATE_THEIR_LENGTH)
    return container.duration / MICROSECONDS if stated and container.duration else 0.0


def length_of(stream: Any, origin: float) -> float:
    """Length of a stream as it states itself (Matroska: in a tag), since sound may be longer."""
    if stream.container.format.name == ONLY_DECODING_TIMES and stream.frames:
        return float(stream.frames / rate_of(stream))  # FFmpeg's is what the file contains
    if stream.duration:
        return float(stream.duration * stream.time_base)
    try:
        hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
        stated = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        # FFmpeg writes the clock's time at the end, others the length.
        return stated - origin if stated > origin else stated
    except ValueError:
        return 0.0
