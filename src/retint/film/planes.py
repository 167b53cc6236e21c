"""The planes of a film's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retint.color.ycbcr import BT601_WEIGHTS, Layout, Levels
from retint.errors import PhotoError

if TYPE_CHECKING:
    import av


KR_KB = {1: (0.2126, 0.0722), 5: BT601_WEIGHTS, 6: BT601_WEIGHTS, 9: (0.2627, 0.0593),
         4: (0.30, 0.11), 7: (0.212, 0.087)}  # fmt: skip
"""Weights of red and blue in luma, by colour space number (ITU-T H.273, table 4)."""
BT601, BT709 = 6, 1
HIGH_DEFINITION = 720
"""Number of rows from which a film without colour tags is assumed to be BT.709."""
FULL_RANGE = 2
GREY = {"gray": "yuv420p", "gray10le": "yuv420p10le"}
"""Output formats for grey input formats."""
PLANAR = ("yuv420p", "yuv422p", "yuv444p")


def layout_of(frame: av.VideoFrame) -> Layout:
    """Raises PhotoError if the frame does not consist of Y, U and V planes."""
    name = GREY.get(frame.format.name, frame.format.name)
    plain = name.removesuffix("10le").replace("yuvj", "yuv")
    if plain not in PLANAR:
        raise PhotoError(f"its pixel format {frame.format.name} is not supported")
    space = int(frame.colorspace)
    if space not in KR_KB:
        space = BT709 if frame.height >= HIGH_DEFINITION else BT601
    across = 1 if plain == "yuv444p" else 2
    return Layout(
        name, (frame.height, frame.width), 10 if name.endswith("10le") else 8, across,
        2 if plain == "yuv420p" else 1, KR_KB[space],
        int(frame.color_range) == FULL_RANGE or name.startswith("yuvj"),
        frame.format.name in GREY,
    )  # fmt: skip


def luma_of(frame: av.VideoFrame) -> Levels:
    """Luma [H, W], without the padding of its lines."""
    return plane(frame, 0, (frame.height, frame.width))


def plane(frame: av.VideoFrame, index: int, size: tuple[int, int]) -> Levels:
    """Levels [h, w] of a plane: a view of the frame's own memory."""
    dtype = np.dtype(np.uint16 if frame.format.components[0].bits > 8 else np.uint8)
    own = frame.planes[index]
    memory: Any = own  # it supports the buffer protocol, which its stubs do not declare
    lines = np.frombuffer(memory, dtype).reshape(-1, own.line_size // dtype.itemsize)
    levels: Levels = lines[: size[0], : size[1]]
    return levels


def with_chroma(
    frame: av.VideoFrame, layout: Layout, planes: tuple[Levels, Levels]
) -> av.VideoFrame:
    """A frame with the luma, time and tags of another frame, and new chroma planes."""
    import av

    height, width = layout.size
    made = av.VideoFrame(width, height, layout.format)
    plane(made, 0, layout.size)[:] = luma_of(frame)
    for index, levels in zip((1, 2), planes, strict=True):
        plane(made, index, layout.chroma_size)[:] = levels
    made.pts, made.time_base = frame.pts, frame.time_base
    made.colorspace, made.color_range = frame.colorspace, frame.color_range
    return made
