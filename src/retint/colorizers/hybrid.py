"""A network lays base colours, diffusion makes them richer; structure is untouched.

What the course project names as future work. Diffusion starts from the base colours (SDEdit, Meng
et al. 2022, section 3). Where the base network was sure of its hue, diffusion may only raise its
saturation; where it was not, diffusion may change the hue too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers.base import Colorizer, Look, is_varied
from retint.colorizers.options import HybridOptions
from retint.colorizers.parts.framed import Framed
from retint.colorizers.parts.richness import Richness
from retint.errors import UsageError

UNSURE, SURE = 0.2, 0.5
"""Certainty of the base below which hues are diffusion's to choose, and above which they stay."""
RICHNESS = Richness(faint=0.6, strong=2.0, middle=16)
"""What chroma is multiplied by where nobody has said what it is; chosen on val/.

A sample is hardly more colorful along the base's hue than the base: `docs/hybrid.md`.
"""
SAMPLES = 4
"""How many samples say how sure a base is that cannot say so itself."""
APART = 15.0
"""Deviation of samples in a*b* at which nothing is sure."""
FAINT = 2.0
"""Chroma below which a hue means little."""


class HybridLook(Look):
    """A picture before both methods."""

    takes_hints = True

    def __init__(self, base: Base, booster: Look, blend: float) -> None:
        super().__init__(Hybrid.name)
        self._base, self._booster, self._blend = base, booster, blend

    @property
    def features(self) -> Float32:
        """As the base network has them."""
        return self._base.features

    def _chroma(self, hints: Float32 | None) -> Float32:
        """The first of the variants."""
        return self._variants(1, hints, None)[0]

    def _certainty(self, hints: Float32 | None) -> Float32:
        """How sure the base is."""
        return self._base.certainty(hints)

    def _variants(self, count: int, hints: Float32 | None, base: Float32 | None) -> list[Float32]:
        if base is None:
            base = self._base.chroma(hints)
        known = self._base.is_guided
        told = hints if self._booster.takes_hints else None
        samples = self._booster.variants(count if known else max(count, SAMPLES), told, base)
        certainty = self._base.certainty(hints) if known else agreement(samples)
        around = np.zeros_like(certainty) if hints is None else _around(hints)
        certainty = np.maximum(certainty, around)
        boost = (boosted(base, each, certainty) for each in samples[:count])
        sure = (certainty / np.float32(SURE)).clip(0, 1)
        return [
            base + np.float32(self._blend) * (_enriched(each, sure, around) - base)
            for each in boost
        ]


class Base:
    """The base method before a picture [H, W] that may be larger than it likes to see."""

    def __init__(self, colorizer: Colorizer, lightness: Float32) -> None:
        self._lightness = lightness
        self._framed = Framed.shrunk(colorizer, lightness)
        self.is_guided = self._framed.look.takes_hints

    @property
    def features(self) -> Float32:
        """As `Look.features`."""
        return self._framed.look.features

    def chroma(self, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2]."""
        small = self._framed.small
        chroma = self._framed.chroma(self._smaller(hints))
        if small.shape == self._lightness.shape:
            return chroma
        enlarge = GuidedUpsampler(small, chroma, self._lightness.shape)
        return enlarge(slice(None), self._lightness)

    def certainty(self, hints: Float32 | None) -> Float32:
        """[H, W], in [0, 1]."""
        small = self._framed.certainty(self._smaller(hints))
        size = (self._lightness.shape[1], self._lightness.shape[0])
        return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _smaller(self, hints: Float32 | None) -> Float32 | None:
        """Hints [H, W, 3] at the base's working size."""
        if hints is None:
            return None
        small = self._framed.small
        size = (small.shape[1], small.shape[0])
        filled = hints[..., 2:]
        # Means of the hinted pixels alone.
        weighted = np.concatenate([hints[..., :2] * filled, filled], axis=-1)
        smaller = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
        share = smaller[..., 2:]
        planes = np.concatenate([smaller[..., :2] / np.maximum(share, 1e-6), share > 0], axis=-1)
        return planes.astype(np.float32)


class Hybrid(Colorizer):
    """Two methods, one after the other: `base`, and `booster`, which is a diffusion."""

    name = "hybrid"
    summary = "our own: guided-unet's colours (or another base's), made richer by diffusion"
    trained_on_lite0 = True
    Options = HybridOptions
    look_class = HybridLook
    made_of = ("base", "booster")
    passes_on_to = "booster"
    options: HybridOptions

    def __init__(self, options: HybridOptions, base: Colorizer, booster: Colorizer) -> None:
        if not is_varied(type(booster)):
            raise UsageError(f"{booster.name} is no diffusion: it cannot be a booster")
        self.options = options
        self._base, self._booster = base, booster
        self.native, self.size = booster.native, booster.size

    @property
    def weights(self) -> list[Path]:
        """Both methods' files."""
        return [*self._base.weights, *self._booster.weights]

    @property
    def chosen(self) -> dict[str, Any]:
        """Its own unusual options, and its booster's."""
        own = self.options.described()
        passed = {k: v for k, v in self._booster.chosen.items() if k not in own}
        return passed | super().chosen

    def look(self, lightness: Float32) -> HybridLook:
        """Look at L* [H, W] once, to colour it as often as one likes."""
        base = Base(self._base, lightness)
        return HybridLook(base, self._booster.look(lightness), self.options.blend)


def boosted(base: Float32, diffused: Float32, certainty: Float32) -> Float32:
    """Base colours made richer.

    Parameters
    ----------
    base, diffused
        a*, b* [H, W, 2].
    certainty
        How sure the base is [H, W]. Where it is at least `SURE` the hue stays, and chroma grows to
        as much of the diffused colour as lies in that hue; where it is at most `UNSURE` the
        diffused colour is taken.
    """
    chroma = np.linalg.norm(base, axis=-1, keepdims=True)
    # Of next to no chroma, next to no hue: then nothing is raised.
    hue = base / (chroma + np.float32(FAINT))
    along = (diffused * hue).sum(axis=-1, keepdims=True)
    richer = base * (np.maximum(along, chroma) / np.maximum(chroma, np.float32(1e-6)))
    free = ((SURE - certainty) / (SURE - UNSURE)).clip(0, 1)[..., None].astype(np.float32)
    mixed: Float32 = richer + free * (diffused - richer)
    return mixed


def agreement(samples: list[Float32]) -> Float32:
    """How sure samples a*, b* [H, W, 2] are together [H, W]: 1 where all are the same."""
    spread = np.sqrt(np.stack(samples).var(axis=0).sum(axis=-1))
    return np.asarray((1 - spread / np.float32(APART)).clip(0, 1), np.float32)


def _enriched(chroma: Float32, sure: Float32, told: Float32) -> Float32:
    """a*, b* [H, W, 2], the nearer to `RICHNESS` the less somebody has told them [H, W]."""
    gain = RICHNESS.gain(chroma, sure)
    return chroma * (gain + told[..., None] * (1 - gain))


def _around(hints: Float32) -> Float32:
    """1 where a person has spoken, less beside it, 0 farther away [H, W]."""
    reach = max(hints.shape[:2]) / 16
    beyond = cv2.distanceTransform((hints[..., 2] == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((1 - beyond / reach).clip(0, 1), np.float32)
