"""Finds an oval picture on a flat mount."""

from __future__ import annotations

import cv2
import numpy as np

from retint.picture.pieces import Things

LEAST_AREA = 0.15
"""Minimum area of the oval, as a share of the whole."""
MOST_REST = 0.03
"""Maximum area of everything else, as a share of the oval."""
LIKE = 0.95
"""Minimum intersection with an ellipse, as a share of the union."""
CORNERS = 90

Oval = tuple[tuple[int, int, int, int], tuple[tuple[float, float], ...]]
"""Top, bottom, left and right, and an outline of (x, y)."""


def find(things: Things) -> Oval | None:
    """The oval among the things on a page; None if there is none."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(things, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < LEAST_AREA * things.size:
        return None
    largest = 1 + int(areas.argmax())
    if areas.sum() - areas.max() > MOST_REST * areas.max():
        return None
    left, top, width, height, _ = (int(each) for each in stats[largest])
    middle = left + width / 2, top + height / 2
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    outline = tuple(
        (float(middle[0] + width / 2 * np.cos(each)), float(middle[1] + height / 2 * np.sin(each)))
        for each in angles
    )
    ellipse = np.zeros_like(things)
    corners = (np.array(outline) - 0.5) * 16
    cv2.fillPoly(ellipse, [corners.round().astype(np.int32)], 1, shift=4)
    own = labels == largest
    like = (own & (ellipse > 0)).sum() / (own | (ellipse > 0)).sum()
    return ((top, top + height, left, left + width), outline) if like >= LIKE else None
