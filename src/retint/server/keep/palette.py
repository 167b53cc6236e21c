"""Likely colours at a position, as suggestions."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from retint.color import bins
from retint.color.lab import Float32
from retint.errors import RetintError
from retint.hints import color_of
from retint.picture.pipeline import Pipeline
from retint.server.keep.sessions import KeptPicture

APART = 15.0
"""Minimum distance in a*b* between two suggested colours."""
LEAST = 0.01
"""Minimum probability of a suggested colour."""
MOST = 6


def likely(session: KeptPicture, guess: Pipeline, place: tuple[float, float]) -> list[str]:
    """Likely colours "#rrggbb" at a position (x, y in shares of width and height), best first.

    The first is the predicted colour; then follow those that the network scores highest, if the
    method has scores.
    """
    view = session.view(guess)
    chosen = [_local_mean(session.cached("guess", view.chroma), place)]
    with suppress(RetintError):  # the method, or its file, has no scores
        scores = view.framed.scores_at(*_pixel(view.framed.small, place))
        colors = bins.colors()
        for index in np.argsort(-scores, kind="stable"):
            if len(chosen) == MOST or scores[index] < LEAST:
                break
            if all(np.linalg.norm(colors[index] - other) >= APART for other in chosen):
                chosen.append(colors[index])
    lightness = float(_local_mean(view.framed.small, place))
    return [color_of(lightness, chroma) for chroma in chosen]


def _pixel(plane: Float32, place: tuple[float, float]) -> tuple[int, int]:
    """Row and column of a place in [H, W, ...]."""
    (x, y), (height, width) = place, plane.shape[:2]
    return min(int(y * height), height - 1), min(int(x * width), width - 1)


def _local_mean(plane: Float32, place: tuple[float, float]) -> Float32:
    """Mean of a few pixels of [H, W, ...]."""
    row, column = _pixel(plane, place)
    rows, columns = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
    return np.asarray(plane[rows, columns].mean(axis=(0, 1)), np.float32)
