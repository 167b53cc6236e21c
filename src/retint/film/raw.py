"""Films as raw frames on streams, the planes of one frame after the other, as FFmpeg's `rawvideo`
has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from retint.color.ycbcr import Layout
from retint.film.options import FULL, MATRICES
from retint.film.pixels import SUBSAMPLED, name_of, plane
from retint.film.planes import BT601, BT709, HIGH_DEFINITION, KR_KB, WRITTEN

if TYPE_CHECKING:
    import av

GREY = "gray"
SPACES = dict(zip(MATRICES, (BT601, BT709), strict=True))
"""Numbers of colour spaces."""
TIME_BASE = Fraction(1, 24)
"""Raw frames have no times; these only count them."""
_BITS = (8, 10)
WRITABLE = {
    name_of(f"yuv{SUBSAMPLED[ratio]}p", bits): (ratio, bits) for bits in _BITS for ratio in WRITTEN
}
"""Subsampling of chroma and bits of the pixel formats that are written."""
READABLE = {**{name_of(GREY, bits): (None, bits) for bits in _BITS}, **WRITABLE}
"""The same of those that are read."""


@dataclass(frozen=True)
class RawFormat:
    """The form of raw frames."""

    pixel: str
    """One of `READABLE`."""
    size: tuple[int, int]
    """Height and width."""

    @property
    def is_grey(self) -> bool:
        """Whether the frames have no chroma."""
        return READABLE[self.pixel][0] is None

    @property
    def bits(self) -> int:
        """Bits of luma."""
        return READABLE[self.pixel][1]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of the planes."""
        ratio, _ = READABLE[self.pixel]
        if ratio is None:
            return [self.size]
        across, down = ratio
        chroma = -(-self.size[0] // down), -(-self.size[1] // across)
        return [self.size, chroma, chroma]

    @property
    def count(self) -> int:
        """Bytes of a frame."""
        return sum(height * width for height, width in self.sizes) * self.dtype.itemsize

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """Type of the levels."""
        return np.dtype(np.uint8) if self.bits == 8 else np.dtype("<u2")

    def written_as(self, pixel: str) -> RawFormat:
        """The form of these frames in colour: `pixel` if given, otherwise their own subsampling, or
        4:2:0 for grey.
        """
        own = name_of("yuv420p", self.bits) if self.is_grey else self.pixel
        return RawFormat(pixel or own, self.size)

    def layout(self, source: RawFormat, range_: str, matrix: str) -> Layout:
        """The layout of these frames, coloured from others.

        Parameters
        ----------
        range_
            One of `RANGES`; empty for full in grey and limited otherwise, as FFmpeg has it.
        matrix
            One of `MATRICES`; empty for BT.709 in high definition and BT.601 otherwise.
        """
        (across, down), bits = WRITABLE[self.pixel]
        full = range_ == FULL if range_ else source.is_grey
        high = self.size[0] >= HIGH_DEFINITION
        space = SPACES[matrix] if matrix else (BT709 if high else BT601)
        grey = source.is_grey
        return Layout(self.pixel, self.size, bits, across, down, KR_KB[space], full, grey)


class RawReader:
    """Reads the frames of a stream; their chroma is ignored."""

    def __init__(self, stream: BinaryIO, format: RawFormat) -> None:
        self._stream, self._format = stream, format
        self.frames = 0
        """Number of frames that were read."""
        self.left_over = 0
        """Bytes after the last complete frame."""

    def __iter__(self) -> Iterator[av.VideoFrame]:
        import av

        height, width = size = self._format.size
        luma = name_of(GREY, self._format.bits)
        while len(content := self._stream.read(self._format.count)) == self._format.count:
            frame = av.VideoFrame(width, height, luma)
            levels = np.frombuffer(content, self._format.dtype, count=height * width)
            plane(frame, 0, size)[:] = levels.reshape(size)
            frame.pts, frame.time_base = self.frames, TIME_BASE
            self.frames += 1
            yield frame
        self.left_over = len(content)


def write(frame: av.VideoFrame, format: RawFormat, stream: BinaryIO) -> None:
    """Write the planes of a frame."""
    for index, size in enumerate(format.sizes):
        stream.write(np.ascontiguousarray(plane(frame, index, size), format.dtype).data)
