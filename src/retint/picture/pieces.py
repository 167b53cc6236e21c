"""Finds several photographs on one page: an album page, contact prints, a stereo card.

The page is flat, apart from the texture of its paper and uneven light, and surrounds rectangles
that are not. What else lies on it, such as captions, is much smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32

Things = NDArray[np.uint8]
"""1 where something lies on a page [H, W], 0 where it shows its paper."""
RING = 0.012
"""Width of the edge of a page from which its paper is judged, as a share of its short side."""
MOST_NOISE = 9.0
"""Maximum deviation of paper from even levels, as a standard deviation in levels of 8 bits."""
NEAR, DEVIATIONS = 6.0, 4.0
"""Distance in levels from the paper within which a pixel belongs to it: at least so many, or so
many standard deviations.
"""
EVEN = 0.93
"""Minimum share of such pixels at the edge of a page."""
OPENED = 5
"""Side in pixels of the smallest thing; lines and captions are thinner."""
LEAST_SIDE, LEAST_AREA = 0.1, 0.02
"""Minimum side and area of a photograph, as shares of the page's longest side and its area."""
MOST_SLIM = 3.5
"""Maximum ratio of the sides of a photograph."""
FULL, BITTEN, TORN = 0.93, 0.7, 0.35
"""Minimum share of its rectangle that a photograph fills: for certain; with so many straight edges
as `STRAIGHT`; and beside others that are certain, since skies may look like paper.
"""
STRAIGHT, STRAIGHT_BESIDE = 0.7, 0.5
"""Minimum share of the edges of such a rectangle at which the photograph ends."""
NEARBY = 2.5
"""Pixels from an edge within which it is at the edge."""
CERTAIN = 0.5
"""Minimum share of photographs that are certain."""
MOST_TILT = 6.0
"""Maximum angle of a photograph in degrees."""
MOST_REST = 0.15
"""Maximum area of everything else on the page, as a share of the photographs' area."""
MOST_PIECES = 40
"""Maximum number of photographs on a page."""


@dataclass(frozen=True)
class Rectangle:
    """A photograph on a page, by its corners (x, y) in pixels, clockwise."""

    corners: NDArray[np.float32]
    certain: bool = True
    """Whether it is one without looking at what lies beside it."""

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """First and last row plus one, first and last column plus one."""
        left, top = np.floor(self.corners.min(axis=0)).astype(int)
        right, bottom = np.ceil(self.corners.max(axis=0)).astype(int)
        return int(top), int(bottom), int(left), int(right)


def rectangles(things: Things | None) -> list[Rectangle]:
    """The photographs among the things on a page, from the top left; empty if there are fewer than
    two.
    """
    if things is None:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(things, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = [k for k in range(1, count) if areas[k - 1] >= LEAST_AREA * things.size]
    if not 2 <= len(large) <= MOST_PIECES:
        return []
    found = [each for k in large if (each := _rectangle(labels == k)) is not None]
    area = sum(areas[k - 1] for k in large)
    certain = sum(each.certain for each in found)
    if (
        len(found) < len(large)
        or certain < max(2, CERTAIN * len(found))
        or areas.sum() - area > MOST_REST * area
    ):
        return []
    return sorted(found, key=lambda each: _reading_order(each, things.shape[0]))


def things_on_paper(levels: Float32) -> Things | None:
    """What lies on a page of grey levels [H, W] in 0 to 255; None if its edges show no paper."""
    paper = _paper(np.asarray(cv2.blur(levels, (3, 3)), np.float32))
    if paper is None:
        return None
    opened = np.ones((OPENED, OPENED), np.uint8)
    return np.asarray(cv2.morphologyEx((~paper).astype(np.uint8), cv2.MORPH_OPEN, opened))


def _paper(levels: Float32) -> NDArray[np.bool_] | None:
    """Where a page shows its paper [H, W]; None if its edges do not."""
    height, width = levels.shape
    band = max(3, round(RING * min(height, width)))
    ring = np.ones((height, width), np.bool_)
    ring[band:-band, band:-band] = False
    ys, xs = (np.arange(side, dtype=np.float32) / side - 0.5 for side in (height, width))
    rows, columns = np.nonzero(ring)
    outer_terms = np.stack([np.ones(len(rows), np.float32), xs[columns], ys[rows]], axis=-1)
    outer_levels = levels[rows, columns]
    inside = np.ones(len(outer_levels), np.bool_)
    for _ in range(3):  # without what lies on the edge of the page
        plane, *_ = np.linalg.lstsq(outer_terms[inside], outer_levels[inside], rcond=None)
        rest = np.abs(outer_levels - outer_terms @ plane)
        noise = 1.4826 * float(np.median(rest))
        reach = max(NEAR, DEVIATIONS * noise)
        inside = rest <= reach
    if noise > MOST_NOISE or inside.mean() < EVEN:
        return None
    paper = plane[0] + plane[1] * xs + plane[2] * ys[:, None]
    even = (np.abs(levels - paper) <= reach).astype(np.uint8)
    _, labels = cv2.connectedComponents(even, connectivity=4)
    outer = np.unique(labels[ring & (even > 0)])
    return np.isin(labels, outer)


def _rectangle(thing: NDArray[np.bool_]) -> Rectangle | None:
    """The rectangle that a thing [H, W] fills, if it does."""
    contours, _ = cv2.findContours(thing.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = np.concatenate(contours)
    (x, y), sides, angle = cv2.minAreaRect(outline)
    short, long = sorted(side + 1 for side in sides)  # contours run through pixel centres
    tilt = abs((angle + 45) % 90 - 45)
    if short < LEAST_SIDE * max(thing.shape) or long > MOST_SLIM * short or tilt > MOST_TILT:
        return None
    full = float(thing.sum()) / (short * long)
    straight = _straight(outline, cv2.boxPoints(((x, y), sides, angle)))
    certain = full >= FULL or (full >= BITTEN and straight >= STRAIGHT)
    if not certain and (full < TORN or straight < STRAIGHT_BESIDE):
        return None
    box = (x + 0.5, y + 0.5), (sides[0] + 1, sides[1] + 1), angle
    return Rectangle(cv2.boxPoints(box).astype(np.float32), certain)


def _straight(outline: NDArray[Any], corners: NDArray[Any]) -> float:
    """The share of a rectangle's edges at which an outline of pixels [n, 1, 2] runs."""
    points = outline[:, 0].astype(np.float32)
    covered = length = 0.0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        side = float(np.hypot(*along))
        along = along / max(side, 1e-6)
        offset = points - start
        near = np.abs(offset @ np.array([-along[1], along[0]])) <= NEARBY
        covered += len(np.unique(np.round(offset[near] @ along)))
        length += side + 1
    return min(1.0, covered / length)


def _reading_order(rectangle: Rectangle, height: int) -> tuple[int, float]:
    """Rows of photographs from the top, each from the left."""
    x, y = rectangle.corners.mean(axis=0)
    return math.floor(6 * y / height), float(x)
