"""What hints are worth: colours of the original at random places, more and more of them.

    python benchmarks/hints.py DIR [--method guided-unet] [--weights FILE.onnx] [--reach 1]
        [--plot FILE.png]

Places are uniform over the picture, each hint has the mean colour of the 7 x 7 pixels there, and a
picture's first hints stay when more come. Every picture has a short side of 256 pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from retint import lab
from retint.api import load_pipeline
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.pipeline import Pipeline

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
AROUND = 3
"""Pixels around the middle of a hint that its colour is the mean of."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", default="guided-unet")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--reach", type=float, default=Hint.reach, help="as `Hint` has it")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    options = {"weights": args.weights} if args.weights else {}
    pipeline = load_pipeline(args.method, threads=1, **options)
    rows = [
        measured(pipeline, read(each, 256), k, args.reach) for k, each in enumerate(find(args.data))
    ]
    means = np.mean(rows, axis=0)
    print("| hints | PSNR | CIEDE2000 | a*b* error | colourfulness ratio |\n|---|---|---|---|---|")
    for count, (decibels, difference, chroma, ours, theirs) in zip(COUNTS, means, strict=True):
        cells = f"{decibels:.2f} | {difference:.2f} | {chroma:.2f} | {ours / theirs:.2f}"
        print(f"| {count} | {cells} |")
    if args.plot:
        plot(args.plot, means[:, 0])


def measured(pipeline: Pipeline, original: RGB, seed: int, reach: float) -> list[tuple[float, ...]]:
    """PSNR, CIEDE2000, a*b* error and the two colourfulnesses for each number of hints."""
    hints = random_hints(original, max(COUNTS), np.random.default_rng(seed), reach)
    view = pipeline.open(Photo(greyed(original)))
    found: list[tuple[float, ...]] = []
    for count in COUNTS:
        coloured = view.colorize(Hints(hints[:count])).pixels
        s = score(coloured, original)
        theirs = colorfulness(original)
        found.append((s.psnr, s.ciede2000, s.chroma_error, s.colorfulness, theirs))
    return found


def random_hints(
    original: RGB, count: int, rng: np.random.Generator, reach: float = Hint.reach
) -> tuple[Hint, ...]:
    colors = lab.rgb_to_lab(original)
    height, width = original.shape[:2]
    hints = []
    for _ in range(count):
        row, column = int(rng.integers(height)), int(rng.integers(width))
        patch = colors[
            max(0, row - AROUND) : row + AROUND + 1, max(0, column - AROUND) : column + AROUND + 1
        ]
        red, green, blue = (lab.lab_to_rgb(patch.mean(axis=(0, 1))[None])[0] * 255).round()
        color = f"rgb({red:.0f}, {green:.0f}, {blue:.0f})"
        hints.append(Hint(column + 0.5, row + 0.5, color, AROUND + 0.5, reach))
    return tuple(hints)


def plot(target: Path, decibels: np.ndarray) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(COUNTS, decibels, marker="o")
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(COUNTS, map(str, COUNTS))
    axes.set(xlabel="hints", ylabel="PSNR (dB)")
    axes.grid(alpha=0.3)
    figure.savefig(target, dpi=120)


if __name__ == "__main__":
    main()
