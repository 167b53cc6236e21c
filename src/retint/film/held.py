"""Limits for the frames in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

HELD = 1 << 30
"""Bytes of frames, and of data derived from them, in memory while a film is coloured, whatever
their size. The limits below are shares of it.
"""
JOINED = HELD // 2
"""Limit for frames whose colours are averaged over time."""
FOLLOWED = 3 * HELD // 4
"""Limit for the lightness of a shot through which hints are followed; nothing else is held then."""
WAITING = HELD // 16
"""Limit for frames that wait between two stages."""
BESIDE = HELD // 4
"""Limit for coloured frames that are computed in parallel."""


ARRIVING = 3 * HELD // 8
"""Limit for all frames that are held while a film arrives on a stream, if the fewest that shots and
averages need (`live.LEAST`) fit into it: other programs run beside, with frames of their own.
"""


def weight(frame: av.VideoFrame) -> int:
    """Bytes of a frame."""
    return sum(plane.buffer_size for plane in frame.planes)


def how_many(room: int, each: int, most: int, least: int = 1) -> int:
    """How many items of `each` bytes fit into `room`, between two bounds."""
    return max(least, min(most, room // max(1, each)))
