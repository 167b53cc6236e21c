"""Training inputs: an endless stream of crops, with hints and degradations.

The n-th picture of a run depends only on the seed and n, so a run that is resumed continues with
the same crops, whatever the number of loader processes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import Dataset

from retint.color import lab
from retint.training.data.degradations import degrade
from retint.training.data.hinting import simulated_hints
from retint.training.data.photographs import DataError, Photographs
from retint.training.recipe import Degrading, Hinting

Sample = tuple[Tensor, Tensor, Tensor]
"""Input L* / 100 [1, H, W], sRGB [3, H, W] in [0, 1], hint planes [3, H, W]."""


@dataclass(frozen=True)
class Crop:
    """How a square is cropped from a photograph."""

    smallest: float
    mirror: bool
    whole: float = 0.0

    def __call__(self, picture: Image.Image, size: int, rng: np.random.Generator) -> Image.Image:
        square = self._square(picture, size, rng)
        return ImageOps.mirror(square) if self.mirror and rng.random() < 0.5 else square

    def _square(self, picture: Image.Image, size: int, rng: np.random.Generator) -> Image.Image:
        if self.whole and rng.random() < self.whole:
            return picture.resize((size, size), Image.Resampling.BICUBIC)
        short = min(picture.size)
        side = short * rng.uniform(self.smallest, 1)
        left = rng.uniform(0, picture.width - side)
        top = rng.uniform(0, picture.height - side)
        return picture.resize(
            (size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side)
        )


@dataclass(frozen=True)
class Conditions:
    """Hints and degradations of the inputs."""

    hints: Hinting = field(default_factory=Hinting)
    degradations: Degrading = field(default_factory=Degrading)
    richness: float = 1.0

    def __call__(self, picture: Image.Image, rng: np.random.Generator) -> Sample:
        rgb = np.asarray(picture)
        if self.richness != 1:
            rgb = richer(rgb, self.richness)
        lightness = lab.lightness(rgb)
        if rng.random() < self.degradations.share:
            lightness = degrade(rgb, rng, rng.uniform(0, self.degradations.strength))
        hints = np.zeros((3, *lightness.shape), np.float32)
        if self.hints.none < 1:
            hints = simulated_hints(lab.rgb_to_lab(rgb)[..., 1:], rng, self.hints)
        return (
            torch.from_numpy(lightness[None] / np.float32(100)),
            torch.from_numpy(rgb.transpose(2, 0, 1).astype(np.float32) / np.float32(255)),
            torch.from_numpy(hints),
        )


def richer(rgb: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Multiply the chroma of sRGB [H, W, 3], as far as its lightness allows."""
    planes = lab.rgb_to_lab(rgb)
    more = np.empty_like(rgb)
    lab.merge(planes[..., 0], planes[..., 1:] * np.float32(factor), more)
    return more


class Stream:
    """The order of pictures in a run: all of them shuffled, then all of them shuffled again.

    With `evenness` above 0, each is drawn at random instead: first a source with k pictures, with
    a probability proportional to k ** (1 - evenness) and its `emphasis`, then one of its pictures.
    """

    def __init__(
        self,
        sources: Sequence[str],
        seed: int,
        evenness: float,
        emphasis: Mapping[str, float] | None = None,
    ) -> None:
        self.seed = seed
        self.count = len(sources)
        self._round, self._order = -1, np.empty(0, dtype=np.int64)
        self._chances: np.ndarray[Any, np.dtype[np.float64]] | None = None
        if evenness or emphasis:
            names, of, counts = np.unique(sources, return_inverse=True, return_counts=True)
            weights = np.array([(emphasis or {}).get(str(name), 1.0) for name in names])
            chances = weights[of] * counts[of] ** -float(evenness)
            self._chances = np.cumsum(chances / chances.sum())

    def __getitem__(self, n: int) -> int:
        if self._chances is not None:
            drawn = np.random.default_rng((self.seed, 2, n)).random()
            return min(int(np.searchsorted(self._chances, drawn)), self.count - 1)
        round_, place = divmod(n, self.count)
        if round_ != self._round:
            self._order = np.random.default_rng((self.seed, 0, round_)).permutation(self.count)
            self._round = round_
        return int(self._order[place])


class TrainingCrops(Dataset[Sample]):
    """Picture n of an endless, shuffled, augmented stream.

    Indexed by (n, size), since a run uses several sizes.
    """

    def __init__(
        self,
        photographs: Photographs,
        names: Sequence[str],
        crop: Crop,
        seed: int,
        conditions: Conditions = Conditions(),
        evenness: float = 0.0,
        emphasis: Mapping[str, float] | None = None,
    ):
        self.photographs = photographs
        self.crop = crop
        self.seed = seed
        self.conditions = conditions
        self._stream = Stream(
            [photographs.source(name) for name in names], seed, evenness, emphasis
        )
        self.names = names

    def __getitem__(self, position: tuple[int, int]) -> Sample:
        n, size = position
        rng = np.random.default_rng((self.seed, 1, n))
        return self.conditions(self.crop(self._picture(n), size, rng), rng)

    def _picture(self, n: int) -> Image.Image:
        name = self.names[self._stream[n]]
        try:
            return self.photographs.read(name)
        except DataError as error:
            print(f"warning: {error}; using the next picture instead", file=sys.stderr)
            return self._picture(n + 1)


class CentreSquares(Dataset[Sample]):
    """The centre of each photograph at `size` x `size`, always with the same hints."""

    def __init__(
        self,
        photographs: Photographs,
        names: Sequence[str],
        size: int,
        hints: Hinting = Hinting(),  # noqa: B008 - it is frozen
    ) -> None:
        self.photographs = photographs
        self.names = names
        self.size = size
        self.conditions = Conditions(hints)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Sample:
        picture = self.photographs.read(self.names[index])
        square = ImageOps.fit(picture, (self.size, self.size), Image.Resampling.BICUBIC)
        return self.conditions(square, np.random.default_rng(index))
