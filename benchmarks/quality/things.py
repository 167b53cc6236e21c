"""Measure what one dot colors: the thing that it lies on, or more.

    python benchmarks/quality/things.py DIR [--places 200] [--limit N] [--reach R]

Places are chosen at random, equally many in each picture; pictures have a short side of 256 pixels.
The thing at a place is the connected region whose chroma is within 8 of the place's. Chroma is
averaged over 7 x 7 pixels, as the color of a dot is.

Prints intersection over union of that thing and of what a dot changes at least half as much as its
own place; PSNR and CIEDE2000 without dots, after one of the right color at such a place, and after
one of the right color at the worst place; and for a dot of a wrong color (the opposite hue) the
mean change of a*b* within the thing and outside of it (the flood), and the share of all pixels
outside that change by more than 6.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from hints import AROUND, How, hint_at, worst_place
from numpy.typing import NDArray

from retint.api import load_pipeline
from retint.color import lab
from retint.color.lab import Float32
from retint.evaluation.metrics import RGB, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.hints import Hint, Hints, color_of
from retint.picture.pipeline import View

SHORT_SIDE = 256
NEAR = 8.0
"""Largest difference in chroma from the place's within a thing."""
CHANGED = 6.0
"""Change of a*b* that one sees."""
WRONG = 40.0
"""Chroma of the wrong color, before the gamut reduces it."""
GREY = 4.0
"""Chroma below which a color has no opposite, and a random hue is wrong."""
SEED = 36
ROWS = (
    ("intersection over union", 3),
    ("PSNR without dots", 2),
    ("PSNR with a right dot", 2),
    ("CIEDE2000 without dots", 2),
    ("CIEDE2000 with a right dot", 2),
    ("change by a wrong dot within the thing", 2),
    ("change by a wrong dot outside of it", 2),
    ("share changed outside of it by more than 6", 3),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--reach", type=float, help="color what is similar within it, not things")
    args = parser.parse_args()
    how: How = partial(Hint, thing=True)
    if args.reach is not None:
        how = partial(Hint, reach=args.reach, thing=False)
    pipeline = load_pipeline("guided-unet", threads=1)
    pictures = find(args.data, args.limit)
    chance = np.random.default_rng(SEED)
    found, gains = [], []
    for number, picture in enumerate(pictures):
        original = read(picture, SHORT_SIDE)
        view = pipeline.open(Photo(greyed(original)))
        first, last = (args.places * k // len(pictures) for k in (number, number + 1))
        for _ in range(first, last):
            place = tuple(int(chance.integers(side)) for side in original.shape[:2])
            found.append(measured(view, original, place, how, chance))
        gains.append(worst(view, original, how))
    print(f"{len(found)} places in {len(pictures)} pictures\n")
    print("| | mean |\n|---|---|")
    for (name, digits), value in zip(ROWS, np.mean(found, axis=0), strict=True):
        print(f"| {name} | {value:.{digits}f} |")
    for name, (alone, hinted) in zip(("PSNR", "CIEDE2000"), np.mean(gains, axis=0).T, strict=True):
        print(
            f"| {name} with a right dot at the worst place | {hinted:.2f} ({hinted - alone:+.2f}) |"
        )


def measured(
    view: View, original: RGB, place: tuple[int, ...], how: How, chance: np.random.Generator
) -> list[float]:
    """The numbers of `ROWS` for a dot at a row and column."""
    row, column = place
    right = hint_at(original, (row, column), how)
    alone = view.colorize()
    before, after = (
        score(each.pixels, original) for each in (alone, view.colorize(Hints((right,))))
    )
    chroma = smooth_chroma(original)
    thing = region(chroma, row, column)
    wrong = replace(right, color=opposite(original, place, chroma, chance))
    change = np.linalg.norm(view.chroma(Hints((wrong,))) - view.chroma(), axis=2)
    change = cv2.resize(change, thing.shape[::-1])
    outside = change[~thing] if not thing.all() else np.zeros(1, np.float32)
    return [
        union(change > change[row, column] / 2, thing),
        before.psnr, after.psnr, before.ciede2000, after.ciede2000,
        float(change[thing].mean()), float(outside.mean()),
        float(((change > CHANGED) & ~thing).mean()),
    ]  # fmt: skip


def worst(view: View, original: RGB, how: How) -> list[list[float]]:
    """PSNR and CIEDE2000 without dots, and with one where the error is largest."""
    alone = view.colorize().pixels
    dot = hint_at(original, worst_place(alone, original), how)
    scores = [score(each, original) for each in (alone, view.colorize(Hints((dot,))).pixels)]
    return [[each.psnr, each.ciede2000] for each in scores]


def smooth_chroma(original: RGB) -> Float32:
    """a*, b* [H, W, 2], each the mean of the area of a dot."""
    side = 2 * AROUND + 1
    return np.asarray(cv2.blur(lab.rgb_to_lab(original)[..., 1:], (side, side)), np.float32)


def region(chroma: Float32, row: int, column: int) -> NDArray[np.bool_]:
    """The thing at a place [H, W]."""
    alike = np.linalg.norm(chroma - chroma[row, column], axis=2) < NEAR
    _, labels = cv2.connectedComponents(alike.astype(np.uint8))
    return np.asarray(labels == labels[row, column])


def opposite(
    original: RGB, place: tuple[int, ...], chroma: Float32, chance: np.random.Generator
) -> str:
    """A wrong color for a place, as light as the place."""
    angle = chance.uniform(0, 2 * np.pi)
    own = chroma[place]
    random = np.array([np.cos(angle), np.sin(angle)])
    away = -own / np.linalg.norm(own) if np.linalg.norm(own) > GREY else random
    lightness = float(lab.rgb_to_lab(original[place][None, None])[0, 0, 0])
    return color_of(lightness, (WRONG * away).astype(np.float32))


def union(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max((one | other).sum(), 1))


if __name__ == "__main__":
    main()
