"""A network provides base colours, diffusion enriches them; structure is unchanged.

Proposed as future work by the course project. Diffusion starts from the base colours (SDEdit, Meng
et al. 2022, section 3). Where the base network is certain of its hue, diffusion may only raise the
chroma; elsewhere, it may change the hue too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.color.resize import linear
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers.base import Colorizer, Look, is_varied
from retint.colorizers.options import HybridOptions
from retint.colorizers.parts.framed import Framed, averaged_hints
from retint.colorizers.parts.richness import Richness
from retint.errors import UsageError

UNSURE, SURE = 0.2, 0.5
"""Confidence of the base below which diffusion chooses the hue, and above which the hue is kept."""
RICHNESS = Richness(faint=0.6, strong=2.0, middle=16)
"""Factors for chroma where no hint states it; chosen on val/.

Along the base's hue, a sample is hardly more colourful than the base: `docs/hybrid.md`.
"""
SAMPLES = 4
"""Number of samples that estimate the confidence of a base without its own measure."""
APART = 15.0
"""Standard deviation of samples in a*b* at which confidence is 0."""
FAINT = 2.0
"""Chroma below which hue has little meaning."""


class HybridLook(Look):
    """A picture opened with both methods."""

    takes_hints = True

    def __init__(self, base: Base, booster: Look, blend: float) -> None:
        super().__init__(Hybrid.name)
        self._base, self._booster, self._blend = base, booster, blend

    def _chroma(self, hints: Float32 | None) -> Float32:
        """The first variant."""
        return self._variants(1, hints, None)[0]

    def _certainty(self, hints: Float32 | None) -> Float32:
        """The confidence of the base."""
        return self._base.certainty(hints)

    def _variants(self, count: int, hints: Float32 | None, base: Float32 | None) -> list[Float32]:
        if base is None:
            base = self._base.chroma(hints)
        known = self._base.is_guided
        told = hints if self._booster.takes_hints else None
        samples = self._booster.variants(count if known else max(count, SAMPLES), told, base)
        certainty = self._base.certainty(hints) if known else agreement(samples)
        around = np.zeros_like(certainty) if hints is None else _hint_mask(hints)
        certainty = np.maximum(certainty, around)
        boost = (boosted(base, each, certainty) for each in samples[:count])
        sure = (certainty / np.float32(SURE)).clip(0, 1)
        return [
            base + np.float32(self._blend) * (_enrich(each, sure, around) - base) for each in boost
        ]


class Base:
    """The base method for a picture [H, W], which may be larger than its working size."""

    def __init__(self, colorizer: Colorizer, lightness: Float32) -> None:
        self._lightness = lightness
        self._framed = Framed.shrunk(colorizer, lightness)
        self.is_guided = self._framed.look.takes_hints

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
        return linear(small, self._lightness.shape)

    def _smaller(self, hints: Float32 | None) -> Float32 | None:
        """Hints [H, W, 3] at the base's working size."""
        return None if hints is None else averaged_hints(hints, self._framed.small.shape)


class Hybrid(Colorizer):
    """Two methods in sequence: `base`, and a diffusion method as `booster`."""

    name = "hybrid"
    summary = "our own: the colors of guided-unet (or another base), enriched by diffusion"
    trained_on_lite0 = True
    Options = HybridOptions
    look_class = HybridLook
    made_of = ("base", "booster")
    passes_on_to = "booster"
    options: HybridOptions

    def __init__(self, options: HybridOptions, base: Colorizer, booster: Colorizer) -> None:
        if not is_varied(type(booster)):
            raise UsageError(f"{booster.name} is not a diffusion method and cannot be the booster")
        self.options = options
        self._base, self._booster = base, booster
        self.native, self.size = booster.native, booster.size

    @property
    def weights(self) -> list[Path]:
        """The files of both methods."""
        return [*self._base.weights, *self._booster.weights]

    @property
    def chosen(self) -> dict[str, Any]:
        """Its own options that differ from their defaults, and those of its booster."""
        own = self.options.described()
        passed = {k: v for k, v in self._booster.chosen.items() if k not in own}
        return passed | super().chosen

    def look(self, lightness: Float32) -> HybridLook:
        """Open L* [H, W] to colour it repeatedly."""
        base = Base(self._base, lightness)
        return HybridLook(base, self._booster.look(lightness), self.options.blend)


def boosted(base: Float32, diffused: Float32, certainty: Float32) -> Float32:
    """Enrich base colours.

    Parameters
    ----------
    base, diffused
        a*, b* [H, W, 2].
    certainty
        Confidence of the base [H, W]. Where it is at least `SURE` the hue is kept, and chroma grows
        up to the component of the diffused colour along that hue; where it is at most `UNSURE` the
        diffused colour is used.
    """
    chroma = np.linalg.norm(base, axis=-1, keepdims=True)
    # Where there is hardly any chroma the hue is unreliable, so nothing is raised.
    hue = base / (chroma + np.float32(FAINT))
    along = (diffused * hue).sum(axis=-1, keepdims=True)
    richer = base * (np.maximum(along, chroma) / np.maximum(chroma, np.float32(1e-6)))
    free = ((SURE - certainty) / (SURE - UNSURE)).clip(0, 1)[..., None].astype(np.float32)
    mixed: Float32 = richer + free * (diffused - richer)
    return mixed


def agreement(samples: list[Float32]) -> Float32:
    """Confidence [H, W] from the agreement of samples a*, b* [H, W, 2]: 1 if all are equal."""
    spread = np.sqrt(np.stack(samples).var(axis=0).sum(axis=-1))
    return np.asarray((1 - spread / np.float32(APART)).clip(0, 1), np.float32)


def _enrich(chroma: Float32, sure: Float32, told: Float32) -> Float32:
    """Multiply a*, b* [H, W, 2] by `RICHNESS`, less where hints state the colour [H, W]."""
    gain = RICHNESS.gain(chroma, sure)
    return chroma * (gain + told[..., None] * (1 - gain))


def _hint_mask(hints: Float32) -> Float32:
    """Mask [H, W]: 1 at the user's hints, decreasing with distance."""
    reach = max(hints.shape[:2]) / 16
    beyond = cv2.distanceTransform((hints[..., 2] == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((1 - beyond / reach).clip(0, 1), np.float32)
