"""Dots of colour that colour the things that they lie on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.hints.dots import Dots

FILL = 0.4
"""Share of a dot's own change of colour within its thing; the rest is the method's answer there."""
FROM, TO = 0.3, 0.9
"""Shares of things at which they begin to be filled, and at which they are filled."""
ALIKE = 1.3
"""Factor of the shares of what has a thing's color, as weights of the method's answer.

All were chosen on val/: with less, less of a thing is colored; with more, the gain falls where the
method is most wrong.
"""
OWN_AREA = 0.15
"""Distance from hints of other kinds, in short sides, in which things are not filled."""


@dataclass(frozen=True)
class Spread:
    """What the dots of a picture colour."""

    planes: Float32
    """Shares of things and of what has their colors, and changes of a*, b*, as of `Look.spread`
    [h, w, 4].
    """
    others: Float32 | None
    """Areas of other hints [h, w], in [0, 1]."""

    @property
    def mine(self) -> Float32:
        """The dots' things [h, w], in [0, 1]."""
        share = (self.planes[..., 0] - np.float32(FROM)) / np.float32(TO - FROM)
        return np.asarray(share.clip(0, 1), np.float32)

    @property
    def bounds(self) -> Float32:
        """Weight of the method's answer to the dots [h, w]."""
        return np.asarray((np.float32(ALIKE) * self.planes[..., 1]).clip(0, 1), np.float32)

    def filled(self, answer: Float32, without: Float32) -> Float32:
        """a*, b* [h, w, 2] with the dots' colours on their things.

        Parameters
        ----------
        answer, without
            a*, b* [h, w, 2] of the method, with the dots and without them.
        """
        share = np.float32(FILL) * self.mine
        if self.others is not None:
            share = share * (1 - self.others)
        return answer + share[..., None] * (without + self.planes[..., 2:] - answer)


def changes(dots: Dots, lightness: Float32, without: Float32) -> Dots:
    """Dots whose colours are differences from what is there without them.

    So a thing that is filled keeps its own shades.

    Parameters
    ----------
    lightness, without
        L* [h, w] and a*, b* [h, w, 2] of the picture. Chroma is reduced to what L* allows.
    """
    height, width = lightness.shape
    columns, rows = (dots.places * (width, height)).astype(int).T
    rows, columns = rows.clip(0, height - 1), columns.clip(0, width - 1)
    colors = lab.in_gamut(lightness[rows, columns], dots.colors)
    return replace(dots, colors=colors - without[rows, columns], chosen=colors)
