"""The colour of a coloured photo as a transparent layer for image editors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.files import Photo


def color_layer(before: Photo, after: Photo) -> Photo:
    """Compute the layer that turns a photo into its coloured version in normal mode.

    The layer is as transparent as possible: fully transparent where nothing was coloured. Reducing
    its opacity in an editor dims only the colours. The smallest sufficient opacity follows from
    Porter & Duff 1984, "Compositing Digital Images", section 4.3: over.

    Parameters
    ----------
    before, after
        The photo, and the same photo in colour.

    Returns
    -------
    RGB of `after`'s type, with opacity. Fully transparent photos stay transparent.
    """
    base = _unit(before)
    if base.ndim == 2:
        base = np.repeat(base[..., None], 3, axis=2)
    change = _unit(after) - base
    room = np.where(change > 0, 1 - base, base)
    opacity = (np.abs(change) / np.maximum(room, np.float32(1e-6))).max(axis=-1).clip(0, 1)
    if after.pixels.dtype.kind == "u":
        # Opacity is stored in whole levels; rounding up keeps `after` within reach.
        levels = np.float32(_levels(after))
        opacity = np.ceil(opacity * levels) / levels
    layer = base + change / np.maximum(opacity, np.float32(1e-6))[..., None]
    layer = np.where(opacity[..., None] > 0, layer, 0).clip(0, 1)
    if after.alpha is not None:
        opacity = opacity * (after.alpha / np.float32(_levels(after)))
    return Photo(_to_levels(layer, after), _to_levels(opacity, after), "PNG", after.metadata)


def _levels(photo: Photo) -> float:
    return float(np.iinfo(photo.pixels.dtype).max) if photo.pixels.dtype.kind == "u" else 1.0


def _unit(photo: Photo) -> Float32:
    return np.asarray(photo.pixels, np.float32) / np.float32(_levels(photo))


def _to_levels(values: Float32, like: Photo) -> NDArray[Any]:
    if like.pixels.dtype.kind != "u":
        return values
    return (values * np.float32(_levels(like)) + np.float32(0.5)).astype(like.pixels.dtype)
