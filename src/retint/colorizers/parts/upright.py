"""Says which way is up, so that a picture lying on its side is shown upright to the methods.

A small network reads it off the tokens of `semantics` (DINOv2, Oquab et al. 2023), which were
trained on upright pictures, as all methods were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from retint.color.lab import Float32
from retint.colorizers.base import Colorizer
from retint.colorizers.options import ViewOptions
from retint.colorizers.parts import semantics
from retint.colorizers.parts.framed import turned
from retint.colorizers.parts.network import load_own
from retint.weights import shipped

NAME = "upright"
"""Name of the network and of its file."""
SCORES = "scores"
"""Its output: scores of 0, 1, 2, 3 quarter turns clockwise [1, 4], calibrated."""
SURE = 0.9
"""Probability above which a picture is turned."""
LIKELY = 0.5
"""Probability of being upright above which a picture is looked at from one side only."""
LEAST_LIKELY = 1e-6
"""Smallest probability that is told from 0."""
TURNS = 4
"""Different numbers of quarter turns."""
LEAST = 160
"""Short side in pixels that shows enough of a picture."""


class Compass:
    """The recognizer and the network that reads the direction off its tokens.

    Both are loaded when the first picture is judged: films never need them.
    """

    def __init__(self, threads: int = 0, device: str = "auto") -> None:
        self._load = partial(load_own, path=None, threads=threads, device=device)

    def turn(self, lightness: Float32) -> int:
        """Quarter turns clockwise that surely make L* [H, W] upright; 0 if none do."""
        first = self.likely(lightness)
        if first[0] > LIKELY:
            return 0
        # What is hard to see from one side is often clear from another.
        looks = [first, *(self.likely(turned(lightness, turn)) for turn in range(1, TURNS))]
        shares = combined(looks)
        turn = int(shares.argmax())
        return turn if shares[turn] > SURE else 0

    def likely(self, lightness: Float32) -> Float32:
        """Probabilities [4] that L* [H, W] needs 0, 1, 2, 3 quarter turns clockwise."""
        seen = semantics.seen(self._load(semantics.NAME), lightness)
        (scores,) = self._load(NAME).run([SCORES], {name: seen[name] for name in semantics.LAYERS})
        shares = np.exp(scores[0] - scores[0].max())
        return np.asarray(shares / shares.sum(), np.float32)


def combined(looks: Sequence[Float32]) -> Float32:
    """Probabilities [4] of a picture from those of its four turns, each as it is seen then.

    They are geometric means, since the looks share most of their errors.
    """
    rolled = np.stack([np.roll(likely, turn) for turn, likely in enumerate(looks)])
    scores = np.log(np.maximum(rolled, LEAST_LIKELY)).mean(axis=0)
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum(), np.float32)


@dataclass(frozen=True)
class Upright:
    """Decides how pictures are shown to a method."""

    turn: int = 0
    """Quarter turns clockwise of every picture, if there is no compass."""
    compass: Compass | None = None
    """Decides for each picture."""

    @classmethod
    def of(cls, options: ViewOptions, colorizer: Colorizer) -> Upright:
        """What the options ask for; pictures stay as they are if the method does not see them."""
        if options.upright == "off" or not colorizer.sees:
            return cls()
        if options.upright == "auto":
            return cls(compass=Compass(colorizer.options.threads, colorizer.options.device))
        return cls(int(options.upright) // 90)

    def __call__(self, lightness: Float32) -> int:
        """Quarter turns clockwise for L* [H, W]."""
        return self.turn if self.compass is None else self.compass.turn(lightness)

    @property
    def decided(self) -> Upright:
        """The same without a compass."""
        return Upright(self.turn)

    @property
    def weights(self) -> list[Path]:
        """The weights files that it uses."""
        return [shipped(semantics.NAME), shipped(NAME)] if self.compass is not None else []
