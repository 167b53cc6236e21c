"""Finds the flat frame around a picture: a mount, a margin, the border of a film or of a scan.

A side of the frame consists of lines of one grey level, with the noise of a scan, and ends at a
straight edge: all along it, the picture differs from the frame. Skies and studio backgrounds are as
flat, but end at the irregular outline of something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average
from retint.files import Photo
from retint.files.photo import eight_bit
from retint.picture import oval, pieces, stereo
from retint.picture.box import Area, Box, Boxes
from retint.picture.pieces import Rectangle, Things

SIDE = 512
"""Longest side in pixels for the analysis."""
LEAST_SIZE = 32
"""Minimum side in pixels of a picture, with its frame."""
MOST_NOISE = 6.0
"""Maximum standard deviation of a frame in levels of 8 bits."""
ALONG = 9
"""Pixels along a line that are averaged, against noise."""
NEAR, DEVIATIONS = 6.0, 4.0
"""Distance in levels from a frame's own within which an average belongs to it: at least so many, or
so many standard deviations of averages.
"""
FLAT = 0.97
"""Minimum share of such pixels in a line of a frame."""
BEYOND = 2
"""Lines at the edge of the picture that are compared with the frame."""
STRAIGHT, STRAIGHT_OF_MORE = 0.8, 0.7
"""Minimum share of their pixels that do not belong to the frame: of each of two sides, or on
average of three or four.
"""
STRAIGHT_ALONE, MOST_ALONE = (0.99, 0.85, 0.85, 0.85), 0.15
"""The same share of a single side (skies end straight above the sea, so more at the top), and its
maximum width as a share of the picture's.
"""
SKEW = 0.015
"""Distance from the frame to those lines, as a share of the side: scans are not quite straight."""
LEAST_WIDTH = 0.006
"""Minimum width of a side of a frame, as a share of the picture's side."""
LEAST_PICTURE = 0.35
"""Minimum share of height and width that the picture takes."""
ALIKE = 8.0
"""Maximum difference in levels of two sides of one frame."""
FLAT_EXACTLY = 0.9
"""As `FLAT`, at the size of the photo."""
MOST_NESTED = 3
"""Frames within each other that are looked for."""


@dataclass(frozen=True)
class _Side:
    """A side of a frame."""

    width: int
    """In lines of the analysis."""
    level: float
    reach: float
    """Maximum distance of a pixel's level from it."""
    straight: float = 0.0
    """Share of the edge of the picture that differs from the frame; 1 if the edge is straight."""
    share: float = 0.0
    """Its width as a share of the picture's side."""

    def is_sure(self, least: float) -> bool:
        """Whether it is the only side of a frame, and not the background of a picture."""
        return self.straight >= least and self.share <= MOST_ALONE and self.reach <= NEAR


def find_all(photo: Photo) -> tuple[Box, ...]:
    """The boxes of several photographs on one page, or that of the only one."""
    small = _small(photo)
    if small is None:
        return (Box.whole(photo.size),)
    things = pieces.things_on_paper(small)
    if found := pieces.rectangles(things):
        return tuple(_box(each, (0, 0), small.shape).at(photo.size) for each in found)
    only = _only(photo, small, things)
    inside = only.at(small.shape)
    if not only.is_whole:  # the scan may show more than the page
        corner = inside.top, inside.left
        found = pieces.rectangles(pieces.things_on_paper(small[inside.slices]))
        if found:
            return tuple(_box(each, corner, small.shape).at(photo.size) for each in found)
    gap = stereo.gap(small[inside.slices])
    if gap is None:
        return (only,)
    scale = photo.size[1] / small.shape[1]
    start, stop = (round((inside.left + each) * scale) for each in gap)
    return replace(only, right=start, outline=()), replace(only, left=stop, outline=())


def _box(rectangle: Rectangle, corner: tuple[int, int], size: tuple[int, int]) -> Box:
    """The box of a photograph of a page whose first row and column are at a corner."""
    down, across = corner
    top, bottom, left, right = rectangle.bounds
    bottom, right = min(bottom + down, size[0]), min(right + across, size[1])
    corners = tuple((float(x) + across, float(y) + down) for x, y in rectangle.corners)
    return Box(max(top + down, 0), bottom, max(left + across, 0), right, size, corners)


def area(photo: Photo) -> Area:
    """What gets colours: the photographs of a page, a picture within its frame, or everything."""
    found = find_all(photo)
    return Boxes(found) if len(found) > 1 else found[0]


def find(photo: Photo) -> Box:
    """The box of a picture within its frame; the whole picture if there is no frame."""
    small = _small(photo)
    if small is None:
        return Box.whole(photo.size)
    return _only(photo, small, pieces.things_on_paper(small))


def _small(photo: Photo) -> Float32 | None:
    """Grey levels [h, w] for the analysis; None if the picture is too small for a frame."""
    height, width = photo.size
    if min(height, width) < LEAST_SIZE:
        return None
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return _levels(photo.pixels if scale == 1 else average(photo.pixels, size))


def _only(photo: Photo, small: Float32, things: Things | None) -> Box:
    """The box of a picture within its frame, given its levels for the analysis, and what lies on
    them if they show paper.
    """
    whole, size = Box.whole(photo.size), small.shape
    box = Box.whole(size)
    for _ in range(MOST_NESTED):
        sides = _frame(small[box.slices])
        if not any(sides):
            break
        box = _within(box, sides)
    if box.is_whole and things is not None and (found := oval.find(things)):
        return Box(*found[0], size, found[1]).at(photo.size)
    inner = box.inner
    if box.is_whole or any(inner[k] < LEAST_PICTURE * size[k] for k in range(2)):
        return whole
    return _refined(photo, box)


def _levels(pixels: NDArray[Any]) -> Float32:
    """Grey levels [H, W] in 0 to 255."""
    grey = lab.grey(pixels) if pixels.ndim == 3 else pixels
    return eight_bit(grey).astype(np.float32)


def _frame(levels: Float32) -> list[_Side | None]:
    """The top, bottom, left and right side of the frame of a picture; None where there is none."""
    turned = (levels, levels[::-1], levels.T, levels.T[::-1])
    found = [_side(each) for each in turned]
    # The edge of each side ends where the neighbouring sides begin.
    spans = [
        tuple(0 if found[k] is None else found[k].width for k in pair)  # type: ignore[union-attr]
        for pair in ((2, 3), (2, 3), (0, 1), (0, 1))
    ]
    sides = [
        None if side is None else _judged(side, each, span)
        for side, each, span in zip(found, turned, spans, strict=True)
    ]
    there = [side for side in sides if side is not None]
    agreed = max(
        ([s for s in there if abs(s.level - each.level) <= ALIKE] for each in there),
        key=len,
        default=[],
    )
    straight = [side for side in agreed if side.straight >= STRAIGHT]
    differing = sum(side.straight for side in agreed)
    if len(there) == 1 and there[0].is_sure(STRAIGHT_ALONE[sides.index(there[0])]):
        return sides
    if len(straight) < 2 and (len(agreed) < 3 or differing < STRAIGHT_OF_MORE * len(agreed)):
        return [None] * 4
    return [side if side in agreed else None for side in sides]


def _side(levels: Float32) -> _Side | None:
    """The lines of one level at the top."""
    edge = levels[: max(2, round(LEAST_WIDTH * len(levels)))]
    level = float(np.median(edge))
    noise = 1.4826 * float(np.median(np.abs(edge - level)))
    if noise > MOST_NOISE:
        return None
    reach = max(NEAR, DEVIATIONS * noise / ALONG**0.5)
    flat = (np.abs(_along(levels) - level) <= reach).mean(axis=1) >= FLAT
    width = len(flat) if flat.all() else int(np.argmin(flat))
    if width < max(2, LEAST_WIDTH * len(levels)) or width == len(levels):
        return None
    return _Side(width, level, reach)


def _along(levels: Float32) -> Float32:
    """Averages of neighbours within lines."""
    return np.asarray(cv2.blur(levels, (ALONG, 1), borderType=cv2.BORDER_REFLECT), np.float32)


def _judged(side: _Side, levels: Float32, span: tuple[int, ...]) -> _Side:
    """The side, with how straight its edge is."""
    skew = max(1, round(SKEW * len(levels)))
    first = side.width + skew
    stop = levels.shape[1] - span[1]
    lines = levels[first : first + BEYOND, span[0] + skew : stop - skew]
    if not lines.size:
        return side
    differs = np.abs(_along(lines) - side.level) > side.reach
    return replace(side, straight=float(differs.mean()), share=side.width / len(levels))


def _within(box: Box, sides: list[_Side | None]) -> Box:
    top, bottom, left, right = (0 if side is None else side.width for side in sides)
    return Box(box.top + top, box.bottom - bottom, box.left + left, box.right - right, box.size)


def _refined(photo: Photo, rough: Box) -> Box:
    """The box in pixels of the photo, from one of the analysis."""
    pixels, size = photo.pixels, rough.size
    down, across = photo.size[0] / size[0], photo.size[1] / size[1]
    left, right = round(rough.left * across), round(rough.right * across)
    columns = slice(left, max(right, left + 1))

    def lines(turned: NDArray[Any], rough_width: int, scale: float) -> int:
        """The number of lines of the frame at the top, if there is one."""
        if not rough_width:
            return 0
        first = max(1, int((rough_width - 1) * scale) - 1)
        last = int((rough_width + 2) * scale) + 2
        start = max(0, first - max(1, int(scale)))  # in the innermost of several frames
        band = _levels(turned[start:last])
        outer = band[: first - start]
        level = float(np.median(outer))
        noise = 1.4826 * float(np.median(np.abs(outer - level)))
        reach = max(NEAR, DEVIATIONS * noise / ALONG**0.5)
        inner = _along(band[first - start :])
        flat = (np.abs(inner - level) <= reach).mean(axis=1) >= FLAT_EXACTLY
        return first + (len(flat) if flat.all() else int(np.argmin(flat)))

    height, width = photo.size
    top = lines(pixels[:, columns], rough.top, down)
    bottom = height - lines(pixels[::-1, columns], size[0] - rough.bottom, down)
    rows = slice(top, max(bottom, top + 1))
    turned = pixels[rows].swapaxes(0, 1)
    left = lines(turned, rough.left, across)
    right = width - lines(turned[::-1], size[1] - rough.right, across)
    if top >= bottom or left >= right:
        return Box.whole(photo.size)
    return Box(top, bottom, left, right, photo.size)
