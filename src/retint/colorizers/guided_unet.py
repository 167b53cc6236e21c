"""Our own network: it guesses well alone, takes colour hints, and says how sure it is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.colorizers.base import GUIDED, Look
from retint.colorizers.options import GuidedOptions
from retint.colorizers.parts import kriging, semantics
from retint.colorizers.parts.network import Network, Networked, SideBySide, load_own
from retint.colorizers.parts.richness import Richness
from retint.weights import shipped

STEPS = (2, 4, 8, 16, 32)
"""Pixels to a cell of each of the encoder's maps."""
MAPS = tuple(f"map{step}" for step in STEPS)
"""The encoder's outputs in the file."""
KEPT = tuple(f"kept{step}" for step in STEPS)
"""The decoder's inputs that they are kept for."""
QUARTER = 4
"""Pixels to a cell of the features that are scored."""
RICHNESS = Richness(faint=0.8, strong=1.3, middle=20)
"""What chroma is multiplied by far from all hints; chosen on val/."""
EVENED = Richness(faint=1.0, strong=1.12, middle=15)
"""The same for colors that were evened out over objects: averages are less colorful than parts."""
REACH = 0.2
"""How far from a hint, in short sides, most of that is back: near it nothing need be guessed."""


class Parts:
    """Encoder, decoder and scores, which lie side by side in one file."""

    def __init__(self, network: Network) -> None:
        steps = dict(zip(KEPT, STEPS, strict=True))
        self._run = SideBySide(
            network, {"lightness": 1, **steps, "kept_quarter": QUARTER, "hints": 1}
        )

    def encode(self, lightness: Float32) -> list[Float32]:
        """L* / 100 [N, 1, H, W] to the encoder's maps, finest first."""
        return self._run(MAPS, {"lightness": lightness})

    def decode(self, maps: list[Float32], hints: Float32) -> tuple[Float32, Float32]:
        """Those and hints [N, 3, H, W] to a*, b* over 100, and features for `score`."""
        kept = dict(zip(KEPT, maps, strict=True))
        chroma, quarter = self._run(("chroma", "quarter"), {**kept, "hints": hints})
        return chroma, quarter

    def score(self, quarter: Float32) -> Float32:
        """Those features to a*, b* over 100 of the scored colours, and certainty [N, 3, h, w]."""
        (scored,) = self._run(["scored"], {"kept_quarter": quarter})
        return scored


class GuidedLook(Look):
    """A picture, and its mirror image, as the encoder sees them."""

    takes_hints = True

    def __init__(self, parts: Parts, lightness: Float32, recognizer: Network | None = None) -> None:
        super().__init__(GUIDED)
        self._parts, self._recognizer = parts, recognizer
        self._lightness = _with_mirror(lightness[None]) / np.float32(100)
        self._maps = parts.encode(self._lightness)
        self._plane = lightness
        self._scene: semantics.Scene | None = None

    @property
    def features(self) -> Float32:
        """What places of 16 x 16 pixels are like: unit vectors [H/16, W/16, C]."""
        features = self._maps[STEPS.index(16)][0].transpose(1, 2, 0)
        features = features - features.mean(axis=(0, 1))
        lengths = np.linalg.norm(features, axis=-1, keepdims=True)
        return np.asarray(features / np.maximum(lengths, np.float32(1e-6)), np.float32)

    def _chroma(self, hints: Float32 | None) -> Float32:
        """The mean of the picture and its mirror image."""
        answer = self._even(self.told(hints), hints)
        if hints is None:
            return answer
        return kriging.corrected(answer, self._plane, hints)

    def _even(self, answer: Float32, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2] evened out over things, if they are recognized."""
        if self._recognizer is None:
            return answer
        if self._scene is None:
            alone = answer if hints is None else self.told(None)
            self._scene = semantics.Scene(self._recognizer, self._plane, alone)
        return enriched(self._scene.even(answer, unknown(hints)), hints, EVENED)

    def told(self, hints: Float32 | None) -> Float32:
        """a*, b* [H, W, 2] as the network makes them of hints that nobody vouches for."""
        chroma, _ = self._decoded(hints)
        return enriched(self._answer(chroma), hints, RICHNESS)

    def _certainty(self, hints: Float32 | None) -> Float32:
        """From the entropy of the colours that the network scores."""
        _, quarter = self._decoded(hints)
        certainty: Float32 = self._enlarged(_mean(self._parts.score(quarter)))[..., 2].clip(0, 1)
        return certainty

    def seen(self, hints: Float32 | None = None) -> tuple[dict[str, Float32], Float32]:
        """What the network sees and answers, by the names of the file, and a*, b* [H, W, 2].

        The first is of the picture alone, without its mirror image; the second no richer than the
        network has it.
        """
        chroma, quarter = self._decoded(hints)
        everything = {
            "lightness": self._lightness,
            **dict(zip(MAPS, self._maps, strict=True)),
            "chroma": chroma,
            "scored": self._parts.score(quarter),
            "hints": _with_mirror(self._planes(hints)),
        }
        return {name: planes[:1] for name, planes in everything.items()}, self._answer(chroma)

    def _answer(self, chroma: Float32) -> Float32:
        """a*, b* [H, W, 2] of what the decoder makes of the picture and its mirror image."""
        return _mean(chroma) * np.float32(100)

    def _decoded(self, hints: Float32 | None) -> tuple[Float32, Float32]:
        """Of the picture and its mirror image: chroma over 100, features to be scored."""
        return self._parts.decode(self._maps, _with_mirror(self._planes(hints)))

    def _planes(self, hints: Float32 | None) -> Float32:
        """Hints [3, H, W], their chroma over 100."""
        planes = np.zeros((3, *self._lightness.shape[2:]), np.float32)
        if hints is not None:
            planes[:2] = hints[..., :2].transpose(2, 0, 1) / np.float32(100)
            planes[2] = hints[..., 2]
        return planes

    def _enlarged(self, planes: Float32) -> Float32:
        height, width = self._lightness.shape[2:]
        size = (width, height)
        return np.asarray(cv2.resize(planes, size, interpolation=cv2.INTER_LINEAR), np.float32)


class GuidedUNet(Networked):
    """Runs the guided U-Net: the encoder once a picture, the decoder once a set of hints."""

    name = GUIDED
    summary = "our own: a U-Net on EfficientNet-lite0 that takes colour hints"
    trained_on_lite0 = True
    Options = GuidedOptions
    look_class = GuidedLook
    options: GuidedOptions

    def __init__(self, options: GuidedOptions) -> None:
        super().__init__(options)
        self._parts = Parts(self._network)
        self._recognizer = self._opened() if options.semantics else None

    @property
    def weights(self) -> list[Path]:
        """The network's file, and that of the one that recognizes things."""
        return super().weights + ([shipped(semantics.NAME)] if self._recognizer else [])

    def look(self, lightness: Float32) -> GuidedLook:
        """Look at L* [H, W] once, to colour it as often as one likes."""
        return GuidedLook(self._parts, lightness, self._recognizer)

    def _opened(self) -> Network | None:
        """The shipped recognizer, or None for weights other than those it was trained beside."""
        options = self.options
        found = load_own(semantics.NAME, None, options.threads, options.device)
        own = self._network.description.fingerprint
        return found if found.description.beside == own else None


def enriched(chroma: Float32, hints: Float32 | None, by: Richness) -> Float32:
    """a*, b* [H, W, 2], the nearer to `by` the farther from hints [H, W, 3]."""
    gain = by.gain(chroma)
    far = unknown(hints)
    if far is None:
        return chroma * gain
    return np.asarray(chroma * (1 + (gain - 1) * far[..., None]), np.float32)


def unknown(hints: Float32 | None) -> Float32 | None:
    """How far each pixel [H, W] is from hints [H, W, 3], from 0 to 1; None where there are none."""
    if hints is None or not hints[..., 2].any():
        return None
    free = (hints[..., 2] == 0).astype(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_3)
    return np.asarray(1 - np.exp(-distance / np.float32(REACH * min(free.shape))), np.float32)


def _mean(pair: Float32) -> Float32:
    """[2, C, H, W] of a picture and its mirror image to [H, W, C]."""
    mean: Float32 = (pair[0] + pair[1][..., ::-1]) / np.float32(2)
    return np.ascontiguousarray(mean.transpose(1, 2, 0))


def _with_mirror(planes: Float32) -> Float32:
    """[C, H, W] to [2, C, H, W]."""
    return np.stack([planes, planes[..., ::-1]])
