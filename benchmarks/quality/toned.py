"""Measures how often toned prints are mistaken for colour photographs, and vice versa.

    python benchmarks/quality/toned.py DIR [--limit 600]

DIR contains colour photographs. Each is tested as it is, and as a simulated print: grey, toned in
one or two hues of random strength, with a stain, as JPEG.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.color import lab
from retint.evaluation.metrics import RGB
from retint.evaluation.photographs import find, read
from retint.files import Photo
from retint.picture.toned import color_spread, is_in_color

STRONGEST_TONE, STRONGEST_STAIN = 30.0, 6.0
"""Chroma."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    args = parser.parse_args()
    random = np.random.default_rng(0)
    coloured, toned = [], []
    for source in find(args.data, args.limit):
        original = Photo(read(source, 256))
        coloured.append(original)
        toned.append(Photo(printed(original.pixels, random)))
    print(f"{len(coloured)} photographs\n")
    print("| least spread | color photographs missed | toned prints mistaken for color |")
    print("|---|---|---|")
    of_coloured, of_toned = ([color_spread(each) for each in those] for those in (coloured, toned))
    for least in (2, 3, 4, 5, 6, 8):
        show(str(least), np.less(of_coloured, least), np.greater_equal(of_toned, least))
    found, taken = ([is_in_color(each) for each in those] for those in (coloured, toned))
    show("as judged", np.logical_not(found), np.asarray(taken))


def show(name: str, missed: NDArray[np.bool_], taken: NDArray[np.bool_]) -> None:
    print(f"| {name} | {missed.mean() * 100:.1f} % | {taken.mean() * 100:.1f} % |")


def printed(original: RGB, random: np.random.Generator) -> RGB:
    """Simulate a toned and stained print of the photograph."""
    lightness = lab.lightness(lab.grey(original)).clip(0, 100)
    brown = random.random() < 0.7
    hue = random.normal(1.2, 0.3) if brown else random.uniform(0, 2 * np.pi)
    hues = hue + random.normal(0, 0.5) * lightness / 100
    weight = random.uniform(0, STRONGEST_TONE) * np.sin(np.pi * lightness / 100)
    chroma = np.stack([np.cos(hues), np.sin(hues)], axis=-1) * weight[..., None]
    chroma += stain(lightness.shape, random)
    rgb = np.empty(original.shape, np.uint8)
    lab.merge(lightness, chroma.astype(np.float32), rgb)
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=85)
    return np.asarray(Image.open(buffer))


def stain(size: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float64]:
    """A yellow stain [H, W, 2], a third of the picture wide."""
    y, x = np.mgrid[: size[0], : size[1]]
    away = (y / size[0] - random.random()) ** 2 + (x / size[1] - random.random()) ** 2
    strength = random.uniform(0, STRONGEST_STAIN) * np.exp(-away / 0.1)
    return np.asarray(strength[..., None] * np.array([0.3, 1.0]))


if __name__ == "__main__":
    main()
