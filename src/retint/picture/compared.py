"""Prepares pictures for comparison: without their mounts, as squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, cubic
from retint.colorizers.parts.network import Network
from retint.picture.box import Box
from retint.picture.correspondence import CELLS, SIDE, Tokens, squeezed, tokens
from retint.picture.pipeline import View

FINE = 4
"""Colours per cell in each direction."""


def tokens_of(network: Network, view: View) -> Tokens:
    return tokens(network, squeezed_of(view), view.framed.turn)


def squeezed_of(view: View) -> Float32:
    """L* [SIDE, SIDE] of the picture without its mount."""
    size = (SIDE, SIDE)
    small = view.pipeline.shrunk(view.photo, size)
    box = box_of(view)
    return small if box.is_whole else squeezed(small[box.at(size).slices]).clip(0, 100)


def box_of(view: View) -> Box:
    """The part of a photo without its mount; all of an album page."""
    return view.box if isinstance(view.box, Box) else Box.whole(view.photo.size)


def colors_of(pixels: NDArray[np.generic]) -> Float32:
    """L*a*b* [CELLS * FINE, CELLS * FINE, 3] of sRGB [H, W, 3]."""
    side = CELLS * FINE
    if min(pixels.shape[:2]) >= side:
        return lab.rgb_to_lab(average(pixels, (side, side)))
    return cubic(lab.rgb_to_lab(pixels), (side, side))
