"""Measures the effect of hints: colours of the original at an increasing number of random
positions.

    python benchmarks/quality/hints.py DIR [--method guided-unet] [--weights FILE.onnx]
        [--reach 1 | --things] [--worst] [--limit N] [--plot FILE.png]

Positions are uniformly distributed, each hint has the mean colour of 7 x 7 pixels, and a picture
keeps its first hints when more are added. Every picture has a short side of 256 pixels. With
--worst the next hint is placed where the result differs most from the original, as people correct
mistakes, twenty times.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from retint.api import load_pipeline
from retint.color import lab
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.picture.pipeline import Pipeline

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
CORRECTED = (0, 1, 2, 5, 10, 20)
"""Numbers of hints at the worst positions: each hint needs a new result."""
SEEN = 5.0
"""Standard deviation in pixels of the area over which a person notices the mean error."""
AROUND = 3
"""Radius in pixels of the area whose mean is the colour of a hint."""
How = Callable[[float, float, str, float], Hint]
"""Makes a hint of a place, a colour and a radius."""
EVERYTHING: How = partial(Hint, thing=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", default="guided-unet")
    parser.add_argument("--weights", type=Path)
    parser.add_argument(
        "--reach", type=float, default=Hint.reach, help="reach of each hint, see `Hint`"
    )
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--things", action="store_true", help="hints color things, see `Hint`")
    parser.add_argument("--worst", action="store_true")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    options = {"weights": args.weights} if args.weights else {}
    pipeline = load_pipeline(args.method, threads=1, **options)
    measure = corrected if args.worst else measured
    counts = CORRECTED if args.worst else COUNTS
    how = partial(Hint, reach=args.reach, thing=args.things)
    pictures = find(args.data, args.limit)
    rows = [measure(pipeline, read(each, 256), k, how) for k, each in enumerate(pictures)]
    means = np.mean(rows, axis=0)
    print("| hints | PSNR | CIEDE2000 | a*b* error | colourfulness ratio |\n|---|---|---|---|---|")
    for count, (decibels, difference, chroma, ours, theirs) in zip(counts, means, strict=True):
        cells = f"{decibels:.2f} | {difference:.2f} | {chroma:.2f} | {ours / theirs:.2f}"
        print(f"| {count} | {cells} |")
    if args.plot:
        plot(args.plot, counts, means[:, 0])


def measured(pipeline: Pipeline, original: RGB, seed: int, how: How) -> list[tuple[float, ...]]:
    """PSNR, CIEDE2000, a*b* error and the two values of colourfulness for each number of hints."""
    hints = random_hints(original, max(COUNTS), np.random.default_rng(seed), how)
    view = pipeline.open(Photo(greyed(original)))
    return [row(view.colorize(Hints(hints[:count])).pixels, original) for count in COUNTS]


def corrected(pipeline: Pipeline, original: RGB, _: int, how: How) -> list[tuple[float, ...]]:
    """The same, with each hint where the previous result was worst."""
    view = pipeline.open(Photo(greyed(original)))
    hints: tuple[Hint, ...] = ()
    found = []
    for count in range(max(CORRECTED) + 1):
        answer = view.colorize(Hints(hints)).pixels
        if count in CORRECTED:
            found.append(row(answer, original))
        hints += (hint_at(original, worst_place(answer, original), how),)
    return found


def worst_place(answer: RGB, original: RGB) -> tuple[int, int]:
    """Row and column of the area whose chroma differs most from the original."""
    error = (lab.rgb_to_lab(answer) - lab.rgb_to_lab(original))[..., 1:]
    mean = cv2.GaussianBlur(error, (0, 0), SEEN)
    row, column = np.unravel_index(np.hypot(mean[..., 0], mean[..., 1]).argmax(), mean.shape[:2])
    return int(row), int(column)


def row(coloured: RGB, original: RGB) -> tuple[float, ...]:
    s = score(coloured, original)
    theirs = colorfulness(original)
    return s.psnr, s.ciede2000, s.chroma_error, s.colorfulness, theirs


def random_hints(
    original: RGB, count: int, rng: np.random.Generator, how: How = EVERYTHING
) -> tuple[Hint, ...]:
    height, width = original.shape[:2]
    places = [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(count)]
    return tuple(hint_at(original, place, how) for place in places)


def hint_at(original: RGB, place: tuple[int, int], how: How) -> Hint:
    """A hint with the original's mean colour around a row and column."""
    row, column = place
    patch = lab.rgb_to_lab(
        original[
            max(0, row - AROUND) : row + AROUND + 1, max(0, column - AROUND) : column + AROUND + 1
        ]
    )
    red, green, blue = (lab.lab_to_rgb(patch.mean(axis=(0, 1))[None])[0] * 255).round()
    color = f"rgb({red:.0f}, {green:.0f}, {blue:.0f})"
    return how(column + 0.5, row + 0.5, color, AROUND + 0.5)


def plot(target: Path, counts: tuple[int, ...], decibels: np.ndarray) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(counts, decibels, marker="o")
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(counts, map(str, counts))
    axes.set(xlabel="hints", ylabel="PSNR (dB)")
    axes.grid(alpha=0.3)
    figure.savefig(target, dpi=120)


if __name__ == "__main__":
    main()
