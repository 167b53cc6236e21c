"""Clocks that jump back within a file: recordings joined without change, cells of DVDs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JUMPING = ("mpegts", "mpeg")
"""FFmpeg's names of formats whose clocks may jump: transport streams and program streams."""
LEAST_JUMP = 0.1
"""Seconds by which the clock of a stream must go back."""
STEADY = ("video", "audio")
"""Types of streams whose packets follow each other; a jump shows in their times."""


def may_jump(container: Any) -> bool:
    """Whether the clock of an open film may jump."""
    return container.format.name in JUMPING


@dataclass
class Continued:
    """Continues the times of packets after jumps, equally for all streams. Every pass over a file
    must read all of its packets from the beginning.
    """

    jumps: list[float] = field(default_factory=list)
    """Times in seconds, by the clock of the file, after which it jumps back."""
    _offsets: list[float] = field(default_factory=lambda: [0.0])
    """Seconds to be added after each number of jumps."""
    _passed: dict[int, int] = field(default_factory=dict)
    """Number of jumps of each stream."""
    _first: dict[int, float] = field(default_factory=dict)
    """Where each stream begins, in seconds."""
    _next: dict[int, float] = field(default_factory=dict)
    """Where each stream should go on, in seconds."""

    def move(self, packet: Any) -> None:
        """Add all jumps of the clock so far to the times of a packet."""
        ticks = packet.dts if packet.dts is not None else packet.pts
        if ticks is None or not packet.time_base:
            return
        stream, time = packet.stream.index, float(ticks * packet.time_base)
        if packet.stream.type in STEADY:
            passed = self._passed.get(stream, 0)
            self._first.setdefault(stream, time)
            expected = self._next.get(stream, time + self._offsets[passed])
            if time + self._offsets[passed] < expected - LEAST_JUMP:
                passed += 1
                if passed == len(self._offsets):
                    self._add(time, stream)
            self._passed[stream] = passed
            offset = self._offsets[passed]
            length = float((packet.duration or 0) * packet.time_base)
            self._next[stream] = time + offset + length
        else:
            offset = self._offsets[-1]
        moved = round(offset / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts + moved
        packet.dts = None if packet.dts is None else packet.dts + moved

    def _add(self, time: float, stream: int) -> None:
        """Let all streams go on where the last of them ends. The first stream that jumps, to a time
        in seconds, decides; the others are expected to begin as they did at the beginning.
        """
        end = max(self._next.values())
        late = self._first[stream] - min(self._first.values())
        self._offsets.append(end - (time - late))
        self.jumps.append(end)
