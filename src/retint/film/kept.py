"""What is kept of a film, or of a part of it, besides its frames: packets, chapters, timecodes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from retint.film.source import Source
from retint.film.timecode import timecode_after

MOST_CHAPTERS = 1000


@dataclass(frozen=True)
class Kept:
    """What is kept of a film, by the clock of its file, in seconds."""

    begin: Fraction
    """The time that becomes 0."""
    start: float
    end: float
    """Sound and subtitles are kept between these two."""

    @classmethod
    def of(cls, source: Source, first: Any) -> Kept:
        """A part begins at its first frame; a whole film keeps its clock, and what comes before the
        first frame.
        """
        if not source.is_part:
            return cls(Fraction(0), float("-inf"), float("inf"))
        begin = source.origin + first.pts * Fraction(first.time_base)
        return cls(begin, float(begin), float(source.origin) + source.span[1])

    def placed(self, packet: Any) -> bool:
        """Move a packet to its time in the coloured film; returns whether it is in the part.
        Subtitles are cut to the part, so that they do not make it longer.
        """
        time = time_of_packet(packet) if packet.pts is None else _seconds(packet.pts, packet)
        until = time
        if packet.stream.type == "subtitle" and packet.duration and packet.pts is not None:
            until = _seconds(packet.pts + packet.duration, packet)
        # Frames may need a later one for decoding.
        stop = time_of_packet(packet) if packet.stream.type == "video" else time
        if stop >= self.end or (time < self.start and until <= self.start):
            return False
        if until > time and (time < self.start or until > self.end):
            time, until = max(time, self.start), min(until, self.end)
            packet.pts = packet.dts = round(time / packet.time_base)
            packet.duration = round(until / packet.time_base) - packet.pts
        shift(packet, -self.begin)
        return True


def advance_timecode(tags: dict[str, str], kept: Kept, source: Source) -> None:
    """Set the timecode to that of the first frame that is kept."""
    if not source.is_part:
        return
    frames = round((kept.begin - source.origin) * source.rate)
    for name, code in list(tags.items()):
        if name.lower() == "timecode":
            tags[name] = timecode_after(code, frames, source.rate)


def shift(packet: Any, seconds: Fraction) -> None:
    """Move a packet to another time."""
    ticks = round(seconds / Fraction(packet.time_base))
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks


def take_chapters(out: Any, kept: Kept, source: Source, original: Any) -> None:
    """Add the chapters that are kept to the coloured film."""
    chapters = [moved for each in original.chapters() if (moved := _chapter(each, kept))]
    if len(chapters) > MOST_CHAPTERS:
        source.lost.say(f"only {MOST_CHAPTERS:,} of its {len(chapters):,} chapters are kept")
    if chapters:
        out.set_chapters(chapters[:MOST_CHAPTERS])


def _chapter(chapter: Any, kept: Kept) -> Any:
    """The part of a chapter that is kept; None if there is none."""
    tick = Fraction(chapter["time_base"])
    start, end = (float(chapter[name] * tick) for name in ("start", "end"))
    if kept.start == float("-inf"):
        return chapter
    start, end = max(start, kept.start), min(end, kept.end)
    if start >= end:
        return None
    ends = (round((Fraction(each) - kept.begin) / tick) for each in (start, end))
    return {**chapter, **dict(zip(("start", "end"), ends, strict=True))}


def time_of_packet(packet: Any) -> float:
    """The time in seconds by which packets are ordered in a file."""
    return _seconds((packet.dts if packet.dts is not None else packet.pts) or 0, packet)


def _seconds(ticks: int, packet: Any) -> float:
    return float(ticks * packet.time_base)
