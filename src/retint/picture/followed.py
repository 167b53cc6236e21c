"""Finds which places of a picture take their colours from which places of references.

Places that show the same thing are matched (`correspondence`), as in He et al. 2018, "Deep
Exemplar-based Colorization", section 3.1, which matches VGG features. The matches become hints
(`matched_hints`), which the network treats like those of a person.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from retint.color.lab import Float32
from retint.color.resize import average
from retint.colorizers.parts.network import Network
from retint.picture.compared import FINE, squeezed_of, tokens_of
from retint.picture.correspondence import CELLS, Matches, matched
from retint.picture.exemplar import Exemplar
from retint.picture.matched_hints import NO_MATCH, Followed
from retint.picture.pipeline import View

LEAST_ALIKE = 0.5
"""Minimum likeness of two matched places."""
AROUND = 4
"""Distance in such colours from the centre of a match at which colours still count."""
AS_LIGHT = 4.0
"""Difference in L* from the place that is coloured, as a standard deviation, for their weight."""


def follow(network: Network, view: View, exemplars: Iterable[Exemplar]) -> Followed:
    """The most similar place in any of some other pictures, for each cell of a picture."""
    seen = tokens_of(network, view)
    lightness = average(squeezed_of(view), (CELLS * FINE, CELLS * FINE))
    likeness = np.full(CELLS**2, NO_MATCH, np.float32)
    which = np.zeros(CELLS**2, np.intp)
    chroma = np.zeros((CELLS**2, 2), np.float32)
    for k, other in enumerate(exemplars):
        found = matched(seen, other.tokens)
        sure = found.sure & (found.likeness >= LEAST_ALIKE)
        if sure.mean() < other.least_share:
            continue
        better = sure & (found.likeness > likeness)
        likeness[better], which[better] = found.likeness[better], k
        for cell in np.flatnonzero(better):
            chroma[cell] = _chroma_at(int(cell), lightness, found, other.colors)
    return Followed(likeness, which, chroma)


def _chroma_at(cell: int, lightness: Float32, found: Matches, colors: Float32) -> Float32:
    """a*, b* for the centre of a cell: those around its match that are as light as it is."""
    row, column = _centre(cell)
    level = float(lightness[row - 1 : row + 1, column - 1 : column + 1].mean())
    expected = found.exposure[0] * level + found.exposure[1]
    row, column = _centre(int(found.cells[cell]))
    rows, columns = (slice(max(0, each - AROUND), each + AROUND) for each in (row, column))
    near = colors[rows, columns].reshape(-1, 3)
    apart = np.abs(near[:, 0] - expected)
    weights = np.exp(-((apart - apart.min()) ** 2) / (2 * AS_LIGHT**2))
    return np.asarray(weights @ near[:, 1:] / weights.sum(), np.float32)


def _centre(cell: int) -> tuple[int, int]:
    """The colour after the centre of a cell."""
    row, column = divmod(cell, CELLS)
    return row * FINE + FINE // 2, column * FINE + FINE // 2
