"""A network lays base colours, diffusion makes them richer; structure is untouched.

What the course project names as future work. Diffusion starts from the base colours (SDEdit, Meng
et al. 2022, section 3). Where the base network was sure of its hue, diffusion may only raise its
saturation; where it was not, diffusion may change the hue too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from retint.colorizers import METHODS, load_colorizer
from retint.colorizers.base import ByLook, Colorizer, Guided, Look, Varied
from retint.errors import UsageError
from retint.lab import Float32
from retint.resize import padded, shrink, working_size
from retint.size import SizeRequirement
from retint.upsampling import GuidedUpsampler

UNSURE, SURE = 0.2, 0.5
"""Certainty of the base below which hues are diffusion's to choose, and above which they stay."""
RICHER = 1.5
"""What chroma is multiplied by where nobody has said what it is; chosen on val/.

A sample is hardly more colourful along the base's hue than the base: `docs/hybrid.md`.
"""
SAMPLES = 4
"""How many samples say how sure a base is that cannot say so itself."""
APART = 15.0
"""Deviation of samples in a*b* at which nothing is sure."""
FAINT = 2.0
"""Chroma below which a hue means little."""


@dataclass(frozen=True)
class HybridOptions:
    """Options of the hybrid; those of its booster keep their names, and its defaults."""

    base: str = "guided-unet"
    booster: str = "chroma-diffusion"
    blend: float = 1.0
    """From 0, the base colours alone, to 1."""
    strength: float = 0.5
    """How far diffusion may go from the base colours, in (0, 1]."""
    guidance_scale: float | None = None
    control_scale: float | None = None
    steps: int | None = None
    seed: int | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    scheduler: str | None = None
    base_model: str | None = None
    control_model: str | None = None
    depth_model: str | None = None
    revision: str | None = None
    safety_checker: bool | None = None
    low_memory: bool | None = None
    device: str = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.blend <= 1:
            raise UsageError(f"blend is between 0 and 1, not {self.blend:g}")
        for name in (self.base, self.booster):
            if name == "hybrid":
                raise UsageError("a hybrid is made of other methods")

    @property
    def of_booster(self) -> dict[str, Any]:
        """What the booster is made with."""
        own = ("base", "booster", "blend")
        return {k: v for k, v in vars(self).items() if k not in own and v is not None}


class Hybrid(ByLook):
    """Two methods, one after the other."""

    Options = HybridOptions
    name = "hybrid"

    def __init__(self, options: HybridOptions) -> None:
        self.options = options
        if options.booster in METHODS and not METHODS[options.booster].varied:
            raise UsageError(f"{options.booster} is no diffusion: it cannot be a booster")
        self._base = load_colorizer(options.base, device=options.device, threads=options.threads)
        # A colorizer that is varied, which types cannot say.
        self._booster: Any = load_colorizer(options.booster, **options.of_booster)

    @property
    def native(self) -> int:
        """Short side in pixels at which the booster does best."""
        native: int = self._booster.native
        return native

    @property
    def size(self) -> SizeRequirement:
        """Heights and widths that the booster accepts."""
        size: SizeRequirement = self._booster.size
        return size

    def look(self, lightness: Float32) -> HybridLook:
        """Look at L* [H, W] once, to colour it as often as one likes."""
        return HybridLook(Base(self._base, lightness), self._booster, lightness, self.options.blend)


class HybridLook:
    """A picture before both methods."""

    def __init__(self, base: Base, booster: Varied, lightness: Float32, blend: float) -> None:
        self._base, self._booster, self._lightness = base, booster, lightness
        self._blend = blend

    @property
    def features(self) -> Float32:
        """As the base network has them."""
        return self._base.look.features

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [H, W, 2], with hints [H, W, 3]: the first of the variants."""
        return self.variants(1, hints)[0]

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """How sure the base is [H, W]; raises UsageError where it cannot say."""
        return self._base.certainty(hints)

    def variants(
        self, count: int, hints: Float32 | None = None, base: Float32 | None = None
    ) -> list[Float32]:
        """Several a*, b* [H, W, 2]; raises UsageError for hints that the base does not take."""
        if base is None:
            base = self._base.chroma(hints)
        known = self._base.guided
        samples = self._booster.variants(
            self._lightness, count if known else max(count, SAMPLES), hints, base
        )
        certainty = self._base.certainty(hints) if known else agreement(samples)
        gain = np.full((*base.shape[:2], 1), RICHER, np.float32)
        if hints is not None:
            around = _around(hints)
            certainty = np.maximum(certainty, around)
            gain = RICHER + around[..., None] * np.float32(1 - RICHER)
        return [
            base + np.float32(self._blend) * (gain * boosted(base, each, certainty) - base)
            for each in samples[:count]
        ]


class Base:
    """The base method before a picture that may be larger than it likes to see."""

    def __init__(self, colorizer: Colorizer, lightness: Float32) -> None:
        self._colorizer, self._lightness = colorizer, lightness
        self._small = shrink(lightness, working_size(lightness.shape, colorizer.native))
        seen = padded(self._small, colorizer.size)
        self.guided = isinstance(colorizer, Guided)
        self._look = colorizer.look(seen) if isinstance(colorizer, Guided) else None
        self._chroma = None if self._look else self._enlarged(colorizer(seen))

    @property
    def look(self) -> Look:
        """Of a method that takes hints; raises UsageError where it does not."""
        if self._look is None:
            raise UsageError(f"the base {self._colorizer.name} takes no hints; use guided-unet")
        return self._look

    def chroma(self, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2]."""
        if self._chroma is not None and hints is None:
            return self._chroma
        return self._enlarged(self.look.chroma(self._planes(hints)))

    def certainty(self, hints: Float32 | None) -> Float32:
        """[H, W], in [0, 1]."""
        height, width = self._small.shape
        small = self.look.certainty(self._planes(hints))[:height, :width]
        size = (self._lightness.shape[1], self._lightness.shape[0])
        return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _planes(self, hints: Float32 | None) -> Float32 | None:
        """Hints [H, W, 3] at the size that the method sees."""
        if hints is None:
            return None
        size = (self._small.shape[1], self._small.shape[0])
        filled = hints[..., 2:]
        # Means of the hinted pixels alone.
        weighted = np.concatenate([hints[..., :2] * filled, filled], axis=-1)
        small = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
        share = small[..., 2:]
        planes = np.concatenate([small[..., :2] / np.maximum(share, 1e-6), share > 0], axis=-1)
        return padded(planes.astype(np.float32), self._colorizer.size)

    def _enlarged(self, chroma: Float32) -> Float32:
        height, width = self._small.shape
        chroma = chroma[:height, :width]
        if self._small.shape == self._lightness.shape:
            return chroma
        enlarge = GuidedUpsampler(self._small, chroma, self._lightness.shape)
        return enlarge(slice(None), self._lightness)


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


def _around(hints: Float32) -> Float32:
    """1 where a person has spoken, less beside it, 0 farther away [H, W]."""
    reach = max(hints.shape[:2]) / 16
    beyond = cv2.distanceTransform((hints[..., 2] == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((1 - beyond / reach).clip(0, 1), np.float32)
