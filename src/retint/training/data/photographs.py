"""Colour photographs for training: found, split, cropped.

The n-th picture of a run is a function of the seed and n alone, so a run that was killed goes on
with the very crops that it would have seen, whatever the number of processes that load them.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import Dataset

from retint import files, lab
from retint.degradations import degrade
from retint.errors import PhotoError, RetintError
from retint.training.data.hinting import simulated_hints
from retint.training.recipe import Degrading, Hinting

Sample = tuple[Tensor, Tensor, Tensor]
"""L* / 100 [1, H, W] as the network sees it, sRGB [3, H, W] in [0, 1], hint planes [3, H, W]."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


class DataError(RetintError):
    """A data set that cannot be used; the message is one line."""


class Photographs:
    """The colour photographs of a folder or a zip file, by name.

    A set in the layout of the Kaggle landscapes (`color/` and `gray/` side by side) gives its
    colour half. `NAME.csv` beside the folder NAME, with columns `file`, `original` and `source`,
    says which files come from one original, and which set each was taken from.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._archives: dict[int, zipfile.ZipFile] = {}
        if root.is_dir():
            found = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
        elif zipfile.is_zipfile(root):
            with zipfile.ZipFile(root) as archive:
                found = archive.namelist()
        else:
            raise DataError(f"{root}: neither a folder nor a zip file")
        names = sorted(n for n in found if PurePosixPath(n).suffix.lower() in SUFFIXES)
        self.names = [n for n in names if "color" in PurePosixPath(n).parts[:-1]] or names
        if not self.names:
            raise DataError(f"{root}: no pictures in it")
        table = _table(root)
        self._original = {row["file"]: row["original"].split("#")[0] for row in table}
        self._source = {row["file"]: row.get("source", "") for row in table}

    def read(self, name: str) -> Image.Image:
        """The picture as RGB, upright.

        Raises
        ------
        DataError
            If it cannot be read.
        """
        try:
            return files.to_pillow(files.read(self._file(name))).convert("RGB")
        except PhotoError as error:
            raise DataError(f"{name}: {error}") from error

    def split(self, held_out: float, seed: int) -> tuple[list[str], list[str]]:
        """Names to train on and names held out, crops of one original on one side."""
        originals = sorted({self.original(name) for name in self.names})
        np.random.default_rng(seed).shuffle(originals)
        apart = set(originals[: round(len(originals) * held_out)])
        train = [name for name in self.names if self.original(name) not in apart]
        return train, [name for name in self.names if self.original(name) in apart]

    def original(self, name: str) -> str:
        """What `name` was cut from; itself where nothing is known."""
        return self._original.get(name, name)

    def source(self, name: str) -> str:
        """The set that `name` was taken from; empty where nothing is known."""
        return self._source.get(name, "")

    def _file(self, name: str) -> io.BytesIO | Path:
        if self.root.is_dir():
            return self.root / name
        # One handle a process: a forked loader would share, and move, its parent's file position.
        archive = self._archives.get(os.getpid())
        if archive is None:
            archive = self._archives[os.getpid()] = zipfile.ZipFile(self.root)
        return io.BytesIO(archive.read(name))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_archives": {}}


def _table(root: Path) -> list[dict[str, str]]:
    table = root.with_suffix(".csv")
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Crop:
    """How a square is cut from a photograph."""

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
    """What a network is shown of a picture: which hints, and how much of time's damage."""

    hints: Hinting = field(default_factory=Hinting)
    degradations: Degrading = field(default_factory=Degrading)

    def __call__(self, picture: Image.Image, rng: np.random.Generator) -> Sample:
        rgb = np.asarray(picture)
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


class Stream:
    """Which of the pictures is the n-th of a run: all of them shuffled, then all of them anew.

    With `evenness` above 0 each is drawn by chance instead: first a source, one of k pictures as
    often as k ** (1 - evenness) says, then one of its pictures.
    """

    def __init__(self, sources: Sequence[str], seed: int, evenness: float) -> None:
        self.seed = seed
        self.count = len(sources)
        self._round, self._order = -1, np.empty(0, dtype=np.int64)
        self._chances: np.ndarray[Any, np.dtype[np.float64]] | None = None
        if evenness:
            _, of, counts = np.unique(sources, return_inverse=True, return_counts=True)
            self._chances = np.cumsum(counts[of] ** -evenness / (counts ** (1 - evenness)).sum())

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

    Indexed by (n, size), since a run goes through several sizes.
    """

    def __init__(
        self,
        photographs: Photographs,
        names: Sequence[str],
        crop: Crop,
        seed: int,
        conditions: Conditions = Conditions(),
        evenness: float = 0.0,
    ):
        self.photographs = photographs
        self.crop = crop
        self.seed = seed
        self.conditions = conditions
        self._stream = Stream([photographs.source(name) for name in names], seed, evenness)
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
            print(f"warning: {error}; the next picture stands in for it", file=sys.stderr)
            return self._picture(n + 1)


class CentreSquares(Dataset[Sample]):
    """The middle of each photograph at `size` x `size`, always with the same hints."""

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
