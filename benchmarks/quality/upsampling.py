"""Compares methods for enlarging chroma.

    python benchmarks/quality/upsampling.py DIR [--method NAME] [--weights FILE]
        [--hints N] [--limit N]

For each colour photograph in DIR, chroma at the working size is enlarged to full size by several
filters: the network's chroma, compared with the original; and the original's own chroma reduced to
the working size, which tests the filter alone. With --hints the network gets that many colours of
the original as hints (like `benchmarks/quality/hints.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import cv2
import numpy as np
from hints import random_hints

import retint
from retint.color import lab
from retint.color.lab import Float32
from retint.color.upsampling import GuidedUpsampler, box, fitted_slope
from retint.evaluation.metrics import score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.hints import Hints

Filter = Callable[[Float32, Float32, Float32], Float32]
"""Small lightness, small chroma, full lightness -> full chroma."""


def bicubic(_: Float32, chroma: Float32, lightness: Float32) -> Float32:
    size = (lightness.shape[1], lightness.shape[0])
    return np.asarray(cv2.resize(chroma, size, interpolation=cv2.INTER_CUBIC), np.float32)


def guided(radius: int, epsilon: float) -> Filter:
    """The published filter: the offset is averaged like the slope."""

    def enlarge(small: Float32, chroma: Float32, lightness: Float32) -> Float32:
        slope = fitted_slope(small, chroma, radius, epsilon)
        offset = box(chroma, radius) - slope * box(small, radius)[..., None]
        size = (lightness.shape[1], lightness.shape[0])
        steep, base = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR)
                       for each in (box(slope, radius), box(offset, radius)))  # fmt: skip
        return np.asarray(steep * lightness[..., None] + base, np.float32)

    return enlarge


def through_chroma(radius: int, epsilon: float) -> Filter:
    """The filter used by retint: the line of a pixel goes through its chroma."""

    def enlarge(small: Float32, chroma: Float32, lightness: Float32) -> Float32:
        upsampler = GuidedUpsampler(small, chroma, lightness.shape, radius, epsilon)
        return upsampler(slice(None), lightness)

    return enlarge


def joint_bilateral(spatial: float, tonal: float) -> Filter:
    """Kopf et al. 2007, "Joint Bilateral Upsampling", with a window of 5 x 5 small pixels."""

    def enlarge(small: Float32, chroma: Float32, lightness: Float32) -> Float32:
        height, width = lightness.shape
        y = (np.arange(height) + 0.5) * small.shape[0] / height - 0.5
        x = (np.arange(width) + 0.5) * small.shape[1] / width - 0.5
        weights = np.zeros((height, width, 1))
        total = np.zeros((height, width, 2))
        for dy in range(-2, 3):
            rows = np.clip(np.round(y).astype(int) + dy, 0, small.shape[0] - 1)
            for dx in range(-2, 3):
                columns = np.clip(np.round(x).astype(int) + dx, 0, small.shape[1] - 1)
                distance = ((rows - y) ** 2)[:, None] + ((columns - x) ** 2)[None]
                tone = (small[rows][:, columns] - lightness) ** 2
                weight = np.exp(-distance / (2 * spatial**2) - tone / (2 * tonal**2))[..., None]
                weights += weight
                total += weight * chroma[rows][:, columns]
        return (total / np.maximum(weights, 1e-12)).astype(np.float32)

    return enlarge


FILTERS: dict[str, Filter] = {
    "bicubic": bicubic,
    **{
        f"guided, radius {radius}, epsilon {epsilon:g}": guided(radius, epsilon)
        for radius in (1, 2, 4)
        for epsilon in (9, 36, 100)
    },
    **{
        f"guided through the chroma, radius {radius}, epsilon {epsilon:g}": through_chroma(
            radius, epsilon
        )
        for radius in (1, 2, 4)
        for epsilon in (9, 36)
    },
    **{
        f"joint bilateral, {spatial:g} px, {tonal:g} L*": joint_bilateral(spatial, tonal)
        for spatial, tonal in ((1, 5), (1, 15), (1.5, 10))
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--method", default="guided-unet")
    parser.add_argument("--hints", type=int, default=0)
    parser.add_argument("--limit", type=int, default=0)
    args = parser.parse_args()
    options = {"weights": args.weights} if args.weights else {}
    pipeline = retint.load(args.method, threads=1, **options).pipeline
    results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in FILTERS}
    for k, source in enumerate(find(args.data, args.limit)):
        original = read(source, 256)
        lightness = lab.lightness(greyed(original))
        view = pipeline.open(Photo(greyed(original)))
        small = view.framed.small
        hints = Hints(random_hints(original, args.hints, np.random.default_rng(k)))
        guess = view.chroma(hints)
        truth = lab.rgb_to_lab(original)[..., 1:]
        size = (small.shape[1], small.shape[0])
        own = np.asarray(cv2.resize(truth, size, interpolation=cv2.INTER_AREA), np.float32)
        for name, enlarge in FILTERS.items():
            ours, oracle = np.empty_like(original), np.empty_like(original)
            lab.merge(lightness, enlarge(small, guess, lightness), ours)
            lab.merge(lightness, enlarge(small, own, lightness), oracle)
            scores = score(ours, original)
            results[name].append((scores.psnr, scores.ciede2000, score(oracle, original).psnr))
    print(f"short side {pipeline.colorizer.native}\n")
    print("| filter | PSNR | CIEDE2000 | PSNR with the original's own chroma |")
    print("|---|---|---|---|")
    for name, rows in results.items():
        psnr, ciede2000, oracle_psnr = (mean(column) for column in zip(*rows, strict=True))
        print(f"| {name} | {psnr:.3f} | {ciede2000:.3f} | {oracle_psnr:.2f} |")


if __name__ == "__main__":
    main()
