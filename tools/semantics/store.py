"""What the training of the head reads: one row for each picture, in files mapped into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retint.colorizers.parts.semantics import GRID
from tools.semantics import backbone

CELLS = GRID**2
FINE = 64
"""Cells to a side in which the true chroma is kept: 16 for each cell of the answer."""
WIDTH = 2 * backbone.WIDTH
"""Values of a token: those of both layers."""

ROW: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
    "tokens.i8": ((CELLS, WIDTH), np.int8),
    "cls.f2": ((WIDTH,), np.float16),
    "light.f2": ((GRID, GRID), np.float16),
    "truth.i8": ((FINE, FINE, 2), np.int8),
}
"""Shape and type of a row of each file."""


@dataclass(frozen=True)
class Store:
    """The files of a folder, opened."""

    folder: Path
    tokens: NDArray[np.int8]
    """(token - mean) / scale of both layers, [N, 256, 768]."""
    whole: NDArray[np.float16]
    """The tokens of the whole picture, [N, 768]."""
    light: NDArray[np.float16]
    """L* [N, 16, 16]."""
    truth: NDArray[np.int8]
    """a*, b* of the picture, [N, 64, 64, 2]."""

    @classmethod
    def open(cls, folder: Path, pictures: int) -> Self:
        """Open the files, for so many pictures; make what is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        opened: list[Any] = []
        for name, (shape, kind) in ROW.items():
            path = folder / name
            mode: Any = "r+" if path.exists() else "w+"
            opened.append(np.memmap(path, kind, mode, shape=(pictures, *shape)))
        return cls(folder, *opened)

    @property
    def done(self) -> int:
        """How many pictures, from the first one on, have been observed."""
        path = self.folder / "done"
        return int(path.read_text()) if path.exists() else 0

    def mark(self, pictures: int) -> None:
        """Say how many have been observed."""
        part = self.folder / "done.part"
        part.write_text(str(pictures))
        part.replace(self.folder / "done")

    @property
    def scales(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and scale [768] of the values of tokens."""
        mean, scale = np.load(self.folder / "scales.npy")
        return mean, scale
