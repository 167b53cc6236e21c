"""The planes of a film's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retint.color.ycbcr import BT601_WEIGHTS, Layout, Levels
from retint.film.beside import CAPTIONS, kinds
from retint.film.pixels import (
    FULL_RANGE,
    SUBSAMPLED,
    is_rgb,
    name_of,
    plane,
    subsampling,
    with_luma,
)

if TYPE_CHECKING:
    import av


KR_KB = {1: (0.2126, 0.0722), 5: BT601_WEIGHTS, 6: BT601_WEIGHTS, 9: (0.2627, 0.0593),
         4: (0.30, 0.11), 7: (0.212, 0.087)}  # fmt: skip
"""Weights of red and blue in luma, by colour space number (ITU-T H.273, table 4)."""
BT601, BT709 = 6, 1
HIGH_DEFINITION = 720
"""Number of rows from which a film without colour tags is assumed to be BT.709."""
WRITTEN = ((1, 1), (2, 1), (2, 2))
"""Subsampling of chroma that is kept: 4:4:4, 4:2:2 and 4:2:0. Any other, and none, becomes the last
one."""


def readable(frame: av.VideoFrame, codec: str) -> av.VideoFrame:
    """The frame with its luma as levels in the first plane, whatever its pixel format."""
    space = _space(frame)
    found: av.VideoFrame = with_luma(frame, codec, space, KR_KB[space])
    return found


def layout_of(raw: av.VideoFrame, frame: av.VideoFrame) -> Layout:
    """The layout in which a frame is written, from the frame as decoded and made readable."""
    ratio = None if is_rgb(raw.format) else subsampling(frame.format)
    across, down = ratio if ratio in WRITTEN else WRITTEN[-1]
    if frame.width % across or frame.height % down:
        across = down = 1  # H.264 and HEVC do not support odd sizes otherwise
    bits = frame.format.components[0].bits
    return Layout(
        name_of(f"yuv{SUBSAMPLED[across, down]}p", bits), (frame.height, frame.width), bits,
        across, down, KR_KB[_space(frame)],
        int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj"),
        subsampling(frame.format) is None,
    )  # fmt: skip


def conversion(raw: av.VideoFrame, layout: Layout) -> str:
    """A remark on how the pixel format of a decoded frame changes; empty if at most the order of
    its bytes does.
    """
    format = raw.format
    if is_rgb(format):
        return (
            f"its RGB pixels ({format.name}) are written as {layout.format} of full range, in "
            "which grey keeps its levels"
        )
    bits = format.components[0].bits
    if bits == layout.bits and subsampling(format) in (None, (layout.across, layout.down)):
        return ""
    luma = "luma keeps its levels"
    if bits != layout.bits:
        luma = f"its levels of {bits} bits are scaled to {layout.bits}"
    return f"its pixel format {format.name} is written as {layout.format}; {luma}"


def _space(frame: av.VideoFrame) -> int:
    """Number of the colour space."""
    space = int(frame.colorspace)
    if space in KR_KB:
        return space
    return BT709 if frame.height >= HIGH_DEFINITION else BT601


def luma_of(frame: av.VideoFrame) -> Levels:
    """Luma [H, W] of a readable frame, without the padding of its lines."""
    return plane(frame, 0, (frame.height, frame.width))


def with_chroma(
    frame: av.VideoFrame, layout: Layout, planes: tuple[Levels, Levels]
) -> av.VideoFrame:
    """A frame with the luma, time and tags of another frame, and new chroma planes."""
    import av

    height, width = layout.size
    if CAPTIONS in kinds(frame):
        # Conversion to another format, unlike a new frame, copies them.
        made = frame.reformat(format="gray").reformat(format=layout.format)
        made.pict_type = 0
    else:
        made = av.VideoFrame(width, height, layout.format)
    plane(made, 0, layout.size)[:] = luma_of(frame)
    for index, levels in zip((1, 2), planes, strict=True):
        plane(made, index, layout.chroma_size)[:] = levels
    made.pts, made.time_base = frame.pts, frame.time_base
    made.colorspace, made.color_range = frame.colorspace, frame.color_range
    return made
