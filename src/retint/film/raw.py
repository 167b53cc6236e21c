"""Films as raw frames on streams, the planes of one frame after the other, as FFmpeg's `rawvideo`
has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from retint.color.ycbcr import Layout, Levels
from retint.errors import PhotoError
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
STRIPE = 1 << 20
"""Bytes that are read or written at once."""
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
        while True:
            frame = luma_frame(self._format.size, self._format.bits, self.frames)
            if not self._is_read(plane(frame, 0, self._format.size)):
                return
            self.frames += 1
            yield frame
            del frame  # it is held by whom it was given to, for as long as it is needed

    def _is_read(self, luma: Levels) -> bool:
        """Read a frame's luma, and pass over its chroma; whether there was a complete frame."""
        self.left_over = 0
        for rows in _stripes(luma):
            content = self._read(rows.nbytes)
            if len(content) < rows.nbytes:
                return False
            levels = np.frombuffer(content, self._format.dtype).reshape(rows.shape)
            if levels.dtype != np.uint8 and (highest := int(levels.max())) >> self._format.bits:
                raise PhotoError(
                    f"frame {self.frames + 1} has a level of {highest}, which is no level of "
                    f"{self._format.bits} bits; are the size and the pixel format right?"
                )
            rows[:] = levels
        chroma = self._format.count - luma.size * luma.itemsize
        while chroma and (content := self._read(min(chroma, STRIPE))):
            chroma -= len(content)
        if not chroma:
            self.left_over = 0
        return not chroma

    def _read(self, count: int) -> bytes:
        """As many bytes, or fewer at the end."""
        content = self._stream.read(count)
        self.left_over += len(content)
        return content


def luma_frame(size: tuple[int, int], bits: int, number: int) -> av.VideoFrame:
    """A frame with luma only, whose levels are to be set, and its number as its time."""
    import av

    height, width = size
    frame = av.VideoFrame(width, height, name_of(GREY, bits))
    frame.pts, frame.time_base = number, TIME_BASE
    return frame


def write(planes: Iterable[Levels], format: RawFormat, stream: BinaryIO) -> None:
    """Write the planes of a frame."""
    for levels in planes:
        for rows in _stripes(levels):
            stream.write(np.ascontiguousarray(rows, format.dtype).data)


def _stripes(levels: Levels) -> Iterator[Levels]:
    """The rows of a plane, some at a time."""
    step = max(1, STRIPE // (levels.shape[1] * levels.itemsize))
    for top in range(0, len(levels), step):
        yield levels[top : top + step]
