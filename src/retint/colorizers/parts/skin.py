"""Gives the skin of a picture one colour.

A network that minimises its error leaves an arm or a hand half grey, since sleeves and gloves look
much like it. A second small network was trained to tell skin from everything else in pictures of
people. Where it finds some, the colours there are drawn towards those of the clearest places,
mostly faces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.parts.network import Network

NAME = "skin"
"""Name of the network and of its file."""
PROBABLE = "skin"
"""Its output: probabilities [1, 32, 32] that quarters of cells are skin."""
HUE = 50.0
"""Mean hue of skin in a*, b*, in degrees."""
DIRECTION = (float(np.cos(np.radians(HUE))), float(np.sin(np.radians(HUE))))
"""The same as a unit vector."""
CLEAR, COLORED = 4, 2
"""Powers of the probability, and of the chroma along `DIRECTION`, by which places count for the
common color.
"""
FROM, TO = 0.1, 0.7
"""Probabilities from which on colors are drawn to it, and from which on as far as `WEIGHT`."""
WEIGHT = 0.7
"""Share of the way. All were chosen on val/."""
LITTLE = 1e-6


def probable(network: Network, layers: Mapping[str, Float32]) -> Float32:
    """How probably quarters of cells are skin [32, 32], from the layers of `semantics`."""
    (found,) = network.run([PROBABLE], layers)
    return np.asarray(found[0], np.float32)


def drawn_together(colors: Float32, skin: Float32) -> Float32:
    """What is to be added to a*, b* [n, n, 2] of cells that are skin as `skin` [n, n] says."""
    along = np.maximum(colors @ np.array(DIRECTION, np.float32), 0)
    counts: Any = skin**CLEAR * along**COLORED
    common = (counts[..., None] * colors).sum(axis=(0, 1)) / (counts.sum() + LITTLE)
    share = WEIGHT * ((skin - FROM) / (TO - FROM)).clip(0, 1)
    return np.asarray(share[..., None] * (common - colors), np.float32)
