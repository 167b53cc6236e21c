"""Read what `write` has packed."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 160
"""Side of a packed picture in pixels."""
HELD_OUT = 50
"""One of so many originals is left out of training, to be judged by."""


def unpack(folder: Path, threads: int = 2) -> NDArray[np.uint8]:
    """All pictures of the folder's files as RGB [N, 160, 160, 3], in memory mapped from a file.

    The pixels are decoded once, into `FOLDER/pixels.npy`.
    """
    parts = [(path, np.load(path)["sizes"]) for path in sorted(folder.glob("part*.npz"))]
    count = sum(len(sizes) for _, sizes in parts)
    cache = folder / "pixels.npy"
    if cache.exists():
        found: NDArray[np.uint8] = np.load(cache, mmap_mode="r")
        if len(found) == count:
            return found
    unfinished = folder / "pixels.part.npy"
    pixels: NDArray[np.uint8] = np.lib.format.open_memmap(
        unfinished, "w+", np.uint8, (count, SIDE, SIDE, 3)
    )
    first = 0
    for path, sizes in parts:
        content = path.with_suffix(".webps").read_bytes()
        ends = np.cumsum(sizes)

        def decode(k: int, first: int = first, content: bytes = content) -> None:
            stored = content[ends[k] - sizes[k] : ends[k]]  # noqa: B023  # used within this turn
            pixels[first + k] = np.asarray(Image.open(io.BytesIO(stored)).convert("RGB"))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(decode, range(len(sizes))))
        first += len(sizes)
    unfinished.replace(cache)
    return pixels


def split(folder: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers to train on, and those held out: no original is on both sides."""
    found = [np.load(path)["originals"] for path in sorted(folder.glob("part*.npz"))]
    held = np.concatenate(found) % HELD_OUT == 0
    return np.flatnonzero(~held), np.flatnonzero(held)
