"""Measure what `--repair` finds and what it leaves alone.

    python benchmarks/quality/repair.py DIR [--photos PHOTOS.csv] [--strength 0.5,1] [--sheets DIR]

Damage is drawn on the grey pictures of DIR at a short side of 512 pixels, not as in training
(`tools/repair`): with OpenCV's lines, ellipses and polygons. A pixel is damaged if it changed by
more than `VISIBLE`; one beside a damaged pixel counts neither way. The first table gives precision
at a recall of 0.7 and what strengths do; the second the share of pixels that change on undamaged
portraits: those of DIR, and those of `lfw` and `utkface` in PHOTOS.csv that no training saw.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.color.resize import cubic
from retint.evaluation.photographs import find, greyed, read
from retint.evaluation.skin import shows_people
from retint.files import Photo
from retint.picture.damage import damage_mask, likelihood
from retint.picture.repair import repaired
from tools.packed.read import HELD_OUT
from tools.packed.write import ordered, original_of

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SIDE = 512
VISIBLE = 10
RECALL = 0.7
FINER = 16
"""OpenCV's fractions of a pixel."""
PORTRAITS = ("lfw", "utkface")
MOST_PORTRAITS = 60
"""Of each of these sources."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--photos", type=Path, help="photos.csv of the training pictures")
    parser.add_argument("--strength", default="0.5,1")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--sheets", type=Path, help="folder for damaged and repaired pictures")
    args = parser.parse_args()
    strengths = [float(each) for each in args.strength.split(",")]
    originals = {
        each.name: (enlarged(greyed(read(each, SIDE))), shows_people(each.kind))
        for each in find(args.data, args.limit)
    }
    damage(originals, strengths, args.sheets)
    whole = {f"{args.data.name}, people": [grey for grey, people in originals.values() if people]}
    if args.photos:
        whole |= {source: list(held_out(args.photos, source)) for source in PORTRAITS}
    portraits(whole, strengths)


def damage(
    originals: dict[str, tuple[Grey, bool]], strengths: list[float], sheets: Path | None
) -> None:
    """Print what is found of damage, and what repair does with it."""
    hits, alarms = np.zeros(256), np.zeros(256)
    figures: dict[float, list[tuple[float, ...]]] = {each: [] for each in strengths}
    for k, (name, (clean, _)) in enumerate(originals.items()):
        grey, spoiled = damaged(clean, np.random.default_rng(k))
        truth, neither = parts(grey, spoiled)
        likely = likelihood(spoiled)
        hits += np.bincount(likely[truth], minlength=256)
        alarms += np.bincount(likely[~truth & ~neither], minlength=256)
        for strength in strengths:
            mask = damage_mask(likely, strength, grey.shape)
            mended = repaired(Photo(spoiled), mask, 0).pixels
            figures[strength].append(
                (
                    (mask[truth] > 0).sum(), truth.sum(), (mask[~truth & ~neither] > 0).sum(),
                    squared(spoiled, grey, truth), squared(mended, grey, truth),
                    squared(mended, grey, ~truth), (~truth).sum(),
                )
            )  # fmt: skip
            if sheets:
                sheets.mkdir(parents=True, exist_ok=True)
                row = np.hstack([grey, spoiled, mask, mended])
                Image.fromarray(row).save(sheets / f"{Path(name).stem}-{strength:g}.png")
    found, false = (each[::-1].cumsum()[::-1] for each in (hits, alarms))
    recall, precision = found / found[0], found / np.maximum(1, found + false)
    at = int((recall >= RECALL).sum()) - 1
    print(f"precision {precision[at]:.3f} at a recall of {recall[at]:.2f} (level {at} of 255)\n")
    print(
        "| strength | found | of it right | PSNR of damage before | after | PSNR elsewhere after |"
    )
    print("|---|---|---|---|---|---|")
    for strength, rows in figures.items():
        got, there, wrong, before, after, beside, sound = np.sum(rows, axis=0)
        psnr = (f"{decibels(error / n):.1f}" for error, n in
                ((before, there), (after, there), (beside, sound)))  # fmt: skip
        print(
            f"| {strength:g} | {got / there:.2f} | {got / (got + wrong):.2f} | {' | '.join(psnr)} |"
        )


def portraits(whole: dict[str, list[Grey]], strengths: list[float]) -> None:
    """Print how many pixels of undamaged pictures change."""
    print(f"\n| portraits | pictures{''.join(f' | touched at {s:g}' for s in strengths)} |")
    print(f"|---|---{'|---' * len(strengths)}|")
    for name, pictures in whole.items():
        touched = np.zeros(len(strengths))
        for grey in pictures:
            likely = likelihood(grey)
            touched += [(damage_mask(likely, s, grey.shape) > 0).mean() for s in strengths]
        shares = " | ".join(f"{100 * each / len(pictures):.3f} %" for each in touched)
        print(f"| {name} | {len(pictures)} | {shares} |")


def held_out(table: Path, source: str) -> Iterator[Grey]:
    """Portraits that are not trained on, as `tools.packed.read.split` decides."""
    numbers: dict[str, int] = {}
    left = MOST_PORTRAITS
    for row in ordered(table):
        number = numbers.setdefault(original_of(row), len(numbers))
        if row["source"] == source and number % HELD_OUT == 0 and left:
            left -= 1
            with Image.open(table.with_suffix("") / row["file"]) as picture:
                yield enlarged(greyed(np.asarray(picture.convert("RGB"))))


def enlarged(grey: Grey) -> Grey:
    """With a short side of at least `SIDE` pixels."""
    scale = max(1.0, SIDE / min(grey.shape))
    return cubic(grey, (round(grey.shape[0] * scale), round(grey.shape[1] * scale)))


def damaged(clean: Grey, rng: np.random.Generator) -> tuple[Grey, Grey]:
    """A picture with film grain, and with dust, scratches, hairs and cracks besides."""
    grey = as_levels(clean + rng.normal(0, rng.uniform(0, 4), clean.shape))
    spoiled = grey.astype(np.float64)
    polarity = rng.choice([0.0, 0.5, 1.0])
    for draw, most in ((dust, 60), (scratch, 10), (hair, 6), (crack, 2), (flake, 2)):
        for _ in range(rng.integers(most + 1)):
            layer = np.zeros(grey.shape, np.uint8)
            draw(layer, rng)
            if rng.random() < 0.7:
                cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.4, 0.9), dst=layer)
            cover = layer / 255
            bright = rng.random() < polarity
            tone = rng.uniform(190, 255) if bright else rng.uniform(0, 70)
            spoiled += cover * rng.uniform(0.25, 1) * (tone - spoiled)
    return grey, as_levels(spoiled)


def as_levels(values: NDArray[np.float64]) -> Grey:
    return np.rint(values).clip(0, 255).astype(np.uint8)


def dust(layer: Grey, rng: np.random.Generator) -> None:
    axes = rng.uniform(0.5, 4.5) * np.array([1, rng.uniform(0.5, 1)])
    cv2.ellipse(layer, fixed(somewhere(layer, rng)), fixed(axes), rng.uniform(0, 180), 0, 360, 255,
                -1, cv2.LINE_AA, 4)  # fmt: skip


def scratch(layer: Grey, rng: np.random.Generator) -> None:
    """Straight or slightly bent, whole or in pieces."""
    angle = rng.choice([math.pi / 2, rng.uniform(0, math.pi)]) + rng.normal(0, 0.03)
    length = rng.uniform(20, 600)
    way = np.linspace(-0.5, 0.5, 40)[:, None] * [math.cos(angle), math.sin(angle)] * length
    way += np.linspace(-1, 1, 40)[:, None] ** 2 * rng.normal(0, 0.02) * length
    way += somewhere(layer, rng)
    pieces = np.array_split(way, rng.integers(1, 6))
    for piece in pieces:
        if len(pieces) == 1 or rng.random() < 0.7:
            line(layer, piece, rng.choice([1, 1, 1, 2, 3]))


def hair(layer: Grey, rng: np.random.Generator) -> None:
    steps = 60
    heading = rng.uniform(0, 6.3) + np.cumsum(rng.normal(rng.normal(0, 0.05), 0.12, steps))
    way = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], 1), axis=0)
    line(layer, way * rng.uniform(0.5, 2.5) + somewhere(layer, rng), rng.choice([1, 1, 2]))


def crack(layer: Grey, rng: np.random.Generator) -> None:
    """A jagged line of changing width."""
    angle = rng.uniform(0, math.pi)
    count = int(rng.integers(10, 60))
    heading = angle + rng.normal(0, 0.6, count)
    way = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], 1) * rng.uniform(3, 8), axis=0)
    way += somewhere(layer, rng)
    for first, last in itertools.pairwise(way):
        line(layer, np.stack([first, last]), int(rng.integers(1, 5)))


def flake(layer: Grey, rng: np.random.Generator) -> None:
    """A patch without emulsion."""
    angles = np.sort(rng.uniform(0, 2 * math.pi, 14))
    radii = rng.uniform(3, 14) * rng.uniform(0.6, 1.3, 14)
    outline = np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None]
    outline += somewhere(layer, rng)
    cv2.fillPoly(layer, [np.rint(outline * FINER).astype(np.int32)], 255, cv2.LINE_AA, 4)


def line(layer: Grey, way: NDArray[np.float64], thickness: int) -> None:
    points = np.rint(way * FINER).astype(np.int32)
    cv2.polylines(layer, [points], False, 255, int(thickness), cv2.LINE_AA, 4)


def somewhere(layer: Grey, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(0, 1, 2) * layer.shape[::-1]


def fixed(place: NDArray[np.float64]) -> tuple[int, int]:
    return round(place[0] * FINER), round(place[1] * FINER)


def parts(grey: Grey, spoiled: Grey) -> tuple[Mask, Mask]:
    """Damaged pixels, and those that count as neither damaged nor sound."""
    change = cv2.absdiff(grey, spoiled)
    truth = change > VISIBLE
    near = cv2.dilate((change > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return truth, near & ~truth


def squared(found: Grey, wanted: Grey, where: Mask) -> float:
    return float(np.square(found[where].astype(np.float64) - wanted[where]).sum())


def decibels(error: float) -> float:
    return 10 * math.log10(255**2 / max(error, 1e-9))


if __name__ == "__main__":
    main()
