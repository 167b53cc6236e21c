"""Likely colours at a position, as suggestions."""

from __future__ import annotations

import numpy as np

from retint.color.lab import Float32
from retint.hints import color_of
from retint.picture.pipeline import Pipeline
from retint.server.keep.sessions import KeptPicture

APART = 12.0
"""Minimum distance in a*b* between two suggested colours."""
BOLDER = 1.7
"""Factor for a stronger version of the predicted colour, which is cautious."""


def likely(session: KeptPicture, guess: Pipeline, place: tuple[float, float]) -> list[str]:
    """Likely colours "#rrggbb" at a position (x, y in shares of width and height), best first.

    They are the predicted colour, and a stronger version if that differs from it.
    """
    view = session.view(guess)
    predicted = _local_mean(session.made("guess", view.chroma), place)
    found = [predicted, predicted * np.float32(BOLDER)]
    if np.linalg.norm(found[1] - found[0]) < APART:
        del found[1]
    lightness = float(_local_mean(view.framed.small, place))
    return [color_of(lightness, chroma) for chroma in found]


def _local_mean(plane: Float32, place: tuple[float, float]) -> Float32:
    """Mean of a few pixels of [H, W, ...]."""
    row, column = (
        min(int(share * length), length - 1)
        for share, length in zip(place[::-1], plane.shape[:2], strict=True)
    )
    rows, columns = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
    return np.asarray(plane[rows, columns].mean(axis=(0, 1)), np.float32)
