"""How much of a film is in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

HELD = 1 << 30
"""Bytes of frames, and of what is made of them, that are held together while a film is coloured,
whatever their size. The parts below share it."""
JOINED = HELD // 2
"""Of frames whose colours are joined over time."""
FOLLOWED = 3 * HELD // 4
"""Of the lightness of a shot through which hints are followed; nothing else is held then."""
WAITING = HELD // 16
"""Of frames that wait between two stages."""
BESIDE = HELD // 4
"""Of frames in colour that are made beside each other."""


def weight(frame: av.VideoFrame) -> int:
    """Bytes of a frame."""
    return sum(plane.buffer_size for plane in frame.planes)


def how_many(room: int, each: int, most: int, least: int = 1) -> int:
    """How many things of so many bytes fit into a share, between two bounds."""
    return max(least, min(most, room // max(1, each)))
