"""Dots of colour that colour the things that they lie on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retint.color.lab import Float32

FILL = 0.5
"""Share of a dot's own colour within its thing; the rest is what the method makes of it there."""
ALIKE = 0.2
"""Share of the method's answer to dots in places that are like their things; chosen on val/."""
OWN_AREA = 0.15
"""Distance from hints of other kinds, in short sides, in which things are not filled."""


@dataclass(frozen=True)
class Spread:
    """What the dots of a picture colour."""

    planes: Float32
    """Shares of things and of everything like them, and a*, b*, as of `Look.spread` [h, w, 4]."""
    others: Float32 | None
    """Areas of other hints [h, w], in [0, 1]."""

    @property
    def mine(self) -> Float32:
        """Shares of the dots' things [h, w], in [0, 1]."""
        return self.planes[..., 0]

    @property
    def bounds(self) -> Float32:
        """Weight of the method's answer to the dots [h, w]."""
        mine, alike = self.planes[..., 0], self.planes[..., 1]
        return np.asarray(np.maximum(mine, np.float32(ALIKE) * alike), np.float32)

    def filled(self, answer: Float32) -> Float32:
        """a*, b* [h, w, 2] with the dots' colours on their things."""
        share = np.float32(FILL) * self.planes[..., 0]
        if self.others is not None:
            share = share * (1 - self.others)
        return answer + share[..., None] * (self.planes[..., 2:] - answer)
