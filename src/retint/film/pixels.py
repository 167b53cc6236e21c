"""Pixel formats of films: frames of any format get luma as levels in their first plane.

Luma that a format contains is never changed. RGB is converted to full range, where grey keeps its
levels: R = G = B = Y.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from retint.color.ycbcr import Levels

if TYPE_CHECKING:
    import av

READ_AS_IT_IS = re.compile(r"(?:yuv[aj]?\d{3}p|gray)(?:(?:10|12|16)le)?")
"""Formats whose first plane is luma in little-endian levels of a supported depth."""
PLANES_OF_RGB = re.compile(r"gbra?p(?:\d+le)?")
DEPTHS = (8, 10, 12, 16)
"""Supported bits of luma."""
UNSPECIFIED, LIMITED_RANGE, FULL_RANGE = 0, 1, 2
"""Numbers of ranges, as FFmpeg has them."""
SUBSAMPLED = {(1, 1): "444", (2, 1): "422", (2, 2): "420", (4, 1): "411", (4, 4): "410",
              (1, 2): "440"}  # fmt: skip
"""Names by luma pixels per chroma pixel, across and down."""
LIMITED_BY_STANDARD = ("h264", "hevc")
"""Codecs whose grey is of limited range if the film does not state its range; others mean full."""


def with_luma(frame: av.VideoFrame, codec: str, space: int, weights: tuple[float, float]) -> Any:
    """The frame with its luma as little-endian levels in the first plane: the same frame if it has
    that already.

    Parameters
    ----------
    codec
        FFmpeg's name of the codec.
    space, weights
        Number of the colour space for RGB, and its weights of red and blue.
    """
    format = frame.format
    found: Any = frame
    if is_rgb(format):
        found = _from_rgb(frame, space, weights)
    elif READ_AS_IT_IS.fullmatch(format.name) is None:
        found = frame.reformat(format=_planar(format))
    if found.format.name.startswith("gray") and int(frame.color_range) == UNSPECIFIED:
        full = codec not in LIMITED_BY_STANDARD
        found.color_range = FULL_RANGE if full else LIMITED_RANGE
    return found


def is_rgb(format: Any) -> bool:
    """Whether a pixel format has no luma."""
    return bool(format.is_rgb or format.has_palette or format.name.startswith("xyz"))


def subsampling(format: Any) -> tuple[int, int] | None:
    """Luma pixels per chroma pixel, across and down; None if there is no chroma."""
    if len([each for each in format.components if not each.is_alpha]) < 3:
        return None
    return 64 // format.chroma_width(64), 64 // format.chroma_height(64)


def has_alpha(format: Any) -> bool:
    """Whether a pixel format has an alpha channel."""
    return any(each.is_alpha for each in format.components)


def depth(bits: int) -> int:
    """The supported number of bits that levels of `bits` bits fit into."""
    return next((each for each in DEPTHS if each >= bits), DEPTHS[-1])


def name_of(parts: str, bits: int) -> str:
    """FFmpeg's name of a planar format, such as yuv420p10le."""
    return parts if bits == DEPTHS[0] else f"{parts}{bits}le"


def plane(frame: av.VideoFrame, index: int, size: tuple[int, int]) -> Levels:
    """Levels [h, w] of a plane: a view of the frame's own memory."""
    dtype = np.dtype(np.uint16 if frame.format.components[0].bits > 8 else np.uint8)
    own = frame.planes[index]
    memory: Any = own  # it supports the buffer protocol, which its stubs do not declare
    lines = np.frombuffer(memory, dtype).reshape(-1, own.line_size // dtype.itemsize)
    levels: Levels = lines[: size[0], : size[1]]
    return levels


def _planar(format: Any) -> str:
    """The planar format with the same luma and chroma as a packed one."""
    bits = depth(format.components[0].bits)
    ratio = subsampling(format)
    return name_of("gray" if ratio is None else f"yuv{SUBSAMPLED[ratio]}p", bits)


def _from_rgb(frame: av.VideoFrame, space: int, weights: tuple[float, float]) -> av.VideoFrame:
    import av

    channels, bits = _channels(frame)
    kept = depth(bits)
    largest = (1 << kept) - 1
    red, blue = weights
    luma = np.array([red, 1 - red - blue, blue])
    rows = np.zeros((3, 4))
    rows[0, :3] = luma
    rows[1, :3] = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    rows[2, :3] = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    rows *= largest / ((1 << bits) - 1)
    rows[1:, 3] = 1 << (kept - 1)
    # It rounds, and limits to the levels of the type, which for 10 and 12 bits are more.
    levels = np.minimum(cv2.transform(channels, rows), largest)
    made = av.VideoFrame(frame.width, frame.height, name_of("yuv444p", kept))
    for index in range(3):
        plane(made, index, levels.shape[:2])[:] = levels[..., index]
    made.pts, made.time_base = frame.pts, frame.time_base
    made.colorspace, made.color_range = space, FULL_RANGE
    return made


def _channels(frame: av.VideoFrame) -> tuple[Levels, int]:
    """Red, green and blue [H, W, 3], and their bits."""
    format = frame.format
    if PLANES_OF_RGB.fullmatch(format.name):
        size = frame.height, frame.width
        green, blue, red = (plane(frame, index, size) for index in range(3))
        planar: Any = np.dstack([red, green, blue])
        return planar, format.components[0].bits
    bits = max(each.bits for each in format.components)
    if format.has_palette or bits <= 8:
        return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False), 8
    return frame.to_ndarray(format="rgb48le").astype(np.uint16, copy=False), 16
