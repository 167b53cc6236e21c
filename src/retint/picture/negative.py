"""Negatives as positives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.files import Photo


def inverted(photo: Photo) -> Photo:
    """The positive of a scanned negative, in grey, with all its pages: white minus each level.

    The color of the film's base has no effect.
    """
    pages = tuple(inverted(page) for page in photo.pages)
    return replace(photo, pixels=_inverted(photo.pixels), pages=pages, jpeg=None)


def _inverted(pixels: NDArray[Any]) -> NDArray[Any]:
    grey = lab.grey(pixels) if pixels.ndim == 3 else pixels
    white = np.iinfo(grey.dtype).max if grey.dtype.kind == "u" else 1
    return np.asarray(white - grey, grey.dtype)
