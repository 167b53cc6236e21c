"""Finds the thing that lies at a place, so that a dot colours all of it and nothing else.

As in Segment Anything (Kirillov et al. 2023), a network embeds the picture once, and a small
decoder gives a soft mask for each place. It was trained on regions of one colour in photographs.
If it is told the colour of a place, it leaves out what can hardly have that colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, cubic, linear
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers.parts.network import Network, SideBySide
from retint.colorizers.parts.semantics import LAYERS
from retint.hints.dots import Dots

NAME = "things"
"""Name of the network and of its file."""
SIDE = 128
"""Side of its square grey picture in pixels."""
CELL = 8
"""Pixels of the grey picture to a side of a token's cell."""
SMALLER = {"layer8": CELL, "layer12": CELL, "light": 1, "kept": 2, "places": 2, "clicked": CELL}
"""How many times each input is smaller than the grey picture."""
COLOR_SCALE = np.float32(40)
"""Chroma that the network sees as 1."""
NEAREST = 0.03
"""Distance from a dot, in sides of the picture, within which its colour hardly changes."""
SHARPNESS = 4
"""How sharply the border runs between a thing and what is taken away from it."""
AT_A_TIME = 8
"""Cells that `connected` grows by before it looks whether anything has changed."""
KEPT = 256
"""Places whose masks are kept."""


class Finder:
    """One picture, embedded.

    Parameters
    ----------
    network
        The shipped network.
    layers
        Tokens of both layers of the recognizer, [257, 384] each.
    lightness
        L* [H, W].
    """

    def __init__(self, network: Network, layers: Sequence[Float32], lightness: Float32) -> None:
        self._run = SideBySide(network, SMALLER)
        grey = lab.grey_of(lightness, np.dtype(np.float32))
        light = (average if min(grey.shape) > SIDE else cubic)(grey, (SIDE, SIDE)).clip(0, 1)
        inputs = dict(zip(LAYERS, map(_as_map, layers), strict=True))
        (self._embedded,) = self._run(("embedded",), {**inputs, "light": light[None, None]})
        height, width = self._embedded.shape[2:]
        self._light = average(light, (height, width))
        self._masks: dict[tuple[float, ...], Float32] = {}

    def masks(self, places: Float32, colors: Float32 | None = None) -> Float32:
        """What belongs to the things at places, and what is of their colour, [N, 2, n, n].

        Shares in [0, 1] of cells of the picture, squeezed to a square.

        Parameters
        ----------
        places
            x, y [N, 2] as shares of the picture's width and height.
        colors
            a*, b* [N, 2] at the places; None if they are not known.
        """
        if not len(places):
            return np.empty((0, 2, *self._light.shape), np.float32)
        clicks = np.concatenate([places, _as_told(colors, len(places))], axis=1)
        keys = [tuple(map(float, click)) for click in clicks]
        missing = [key for key in dict.fromkeys(keys) if key not in self._masks]
        found = {key: self._masks[key] for key in keys if key in self._masks}
        if missing:
            found |= zip(missing, self._decoded(np.array(missing, np.float32)), strict=True)
        # Replaced, not changed, since other threads may read it.
        self._masks = dict(list((self._masks | found).items())[-KEPT:])
        return np.stack([found[key] for key in keys])

    def _decoded(self, clicks: Float32) -> Float32:
        """Masks [N, 2, n, n] of clicks [N, 5]: x, y, and a color as of `_as_told`."""
        side = len(self._light)
        columns, rows = (clicks[:, :2] * side).astype(int).clip(0, side - 1).T
        clicked = np.concatenate([
            self._embedded[0, :, rows, columns].T, self._light[None, rows, columns], clicks.T,
        ])  # fmt: skip
        (found,) = self._run(
            ("shares",),
            {
                "kept": self._embedded,
                "places": self._light[None, None],
                "clicked": clicked.astype(np.float32)[None, ..., None],
            },
        )
        shares = found.copy()
        for share, row, column in zip(shares, rows, columns, strict=True):
            share[0] = connected(share[0], row, column)
        return shares


def connected(mask: Float32, row: int, column: int) -> Float32:
    """A mask [h, w] without what only smaller shares connect with a place.

    Each cell gets the largest share that all cells of some path to the place have at least
    (grey-scale reconstruction, Vincent 1993).
    """
    reached = np.zeros_like(mask)
    reached[row, column] = mask[row, column]
    around = np.ones((3, 3), np.uint8)
    while True:
        grown = reached
        for _ in range(AT_A_TIME):
            grown = np.minimum(cv2.dilate(grown, around), mask)
        if (grown == reached).all():
            return grown
        reached = grown


def spread(finder: Finder, dots: Dots, lightness: Float32) -> Float32:
    """Where dots colour their things [H, W, 4]: shares, and a*, b*.

    The first share is that of the dots' things, the second that of what has their colors.

    Parameters
    ----------
    lightness
        L* [H, W].
    """
    masks, excluded = finder.masks(dots.places, dots.chosen), finder.masks(dots.excluded)
    masks = _without(masks, excluded, dots)
    colors = _interpolated(masks[:, 0], dots.places, dots.colors)
    shares = np.ascontiguousarray(masks.max(axis=0).transpose(1, 2, 0))
    coarse = average(lightness, shares.shape[:2])
    sharpen = GuidedUpsampler(coarse, shares, lightness.shape)
    sharp = sharpen(slice(None), lightness).clip(0, 1)
    return np.concatenate([sharp, linear(colors, lightness.shape)], axis=-1)


def _without(masks: Float32, excluded: Float32, dots: Dots) -> Float32:
    """Masks [N, 2, h, w] of dots without what rather belongs to places excluded [M, 2, h, w].

    What belongs as much to the excluded place as the dot itself does stays.
    """
    masks = masks.copy()
    height, width = masks.shape[2:]
    for owner, other in zip(dots.owners, excluded, strict=True):
        x, y = dots.places[owner]
        own = np.s_[:, min(int(y * height), height - 1), min(int(x * width), width - 1)]
        mine = masks[owner] ** SHARPNESS
        share = mine / np.maximum(mine + other**SHARPNESS, np.float32(1e-9))
        masks[owner] *= (share / np.maximum(share[own], 1e-3)[:, None, None]).clip(0, 1)
    return masks


def _interpolated(masks: Float32, places: Float32, colors: Float32) -> Float32:
    """a*, b* [h, w, 2] between dots, by their masks [N, h, w] and their distance (Shepard 1968)."""
    side = masks.shape[-1]
    centres = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / side
    across = (centres - places[:, :1])[:, None, :] ** 2
    down = (centres - places[:, 1:])[:, :, None] ** 2
    weights = masks**2 / (across + down + np.float32(NEAREST**2)) + np.float32(1e-6)
    mixed = cv2.gemm(  # type: ignore[call-overload]  # None is missing in stubs
        weights.reshape(len(masks), -1), colors, 1, None, 0, flags=cv2.GEMM_1_T
    )
    total = weights.sum(axis=0).reshape(-1, 1)
    return np.asarray((mixed / total).reshape(side, side, 2), np.float32)


def _as_told(colors: Float32 | None, count: int) -> Float32:
    """Colors [N, 2] as the network takes them, [N, 3]: 1 and a*, b*, or zeros."""
    if colors is None:
        return np.zeros((count, 3), np.float32)
    return np.column_stack([np.ones(count, np.float32), colors / COLOR_SCALE])


def _as_map(tokens: Float32) -> Float32:
    """Tokens of cells [1, C, h, w] of all tokens [1 + h * w, C]."""
    side = round((len(tokens) - 1) ** 0.5)
    cells: Any = tokens[1:].T.reshape(1, -1, side, side)
    return np.ascontiguousarray(cells, np.float32)
