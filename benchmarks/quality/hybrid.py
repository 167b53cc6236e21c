"""Measures what diffusion adds to the base colours of a network.

    python benchmarks/quality/hybrid.py DIR [--base guided-unet] [--strength 0.3,0.5,0.7]
        [--blend 0.5,1] [--limit N] [--threads 1]

Compares the base, the base with its HSV saturation raised to the colourfulness of the originals in
DIR and of each hybrid, diffusion alone, and hybrids. The hue error is the mean angle between the
hues of picture and original where the original has a chroma of at least 10. DIR contains
photographs for choosing settings.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from variants import HALVINGS, STRONGEST, coloured

from retint.api import load_pipeline
from retint.color import lab
from retint.evaluation import kid
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, read
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.pipeline import Pipeline

LEAST_CHROMA = 10.0


@dataclass
class Bench:
    """The originals and their properties."""

    originals: Sequence[RGB]
    real: NDArray[np.float32]

    @property
    def colourfulness(self) -> float:
        return mean(map(colorfulness, self.originals))

    def row(self, name: str, pipeline: Pipeline, finish: Finish = AS_IT_COMES) -> float:
        """Measure a pipeline and print a row; returns the colourfulness."""
        began = time.perf_counter()
        pictures = coloured(pipeline, self.originals, finish)
        seconds = (time.perf_counter() - began) / len(pictures)
        scores = [score(*pair) for pair in zip(pictures, self.originals, strict=True)]
        terms = kid.discrepancies(np.stack([kid.features(each) for each in pictures]), self.real)
        hue = mean(hue_error(*pair) for pair in zip(pictures, self.originals, strict=True))
        colourful = mean(map(colorfulness, pictures))
        print(
            f"| {name} | {mean(s.psnr for s in scores):.2f} | "
            f"{mean(s.ciede2000 for s in scores):.2f} | {colourful / self.colourfulness:.2f} | "
            f"{kid.kid(terms).mean * 1000:.1f} | {hue:.1f}° | "
            f"{mean(s.lightness_error for s in scores):.3f} | {seconds:.2f} |",
            flush=True,
        )
        return colourful

    def saturated(self, pipeline: Pipeline, wanted: float) -> Finish:
        """The HSV saturation that gives this colourfulness."""
        low, high = 1.0, STRONGEST
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            pictures = coloured(pipeline, self.originals, Finish(saturation=middle))
            too_little = mean(map(colorfulness, pictures)) < wanted
            low, high = (middle, high) if too_little else (low, middle)
        return Finish(saturation=high)


def hue_error(picture: RGB, original: RGB) -> float:
    """Mean angle in degrees between hues, where the original has one; 0 if it has none."""
    ours, truth = (lab.rgb_to_lab(each)[..., 1:] for each in (picture, original))
    has_hue = np.linalg.norm(truth, axis=-1) >= LEAST_CHROMA
    if not has_hue.any():
        return 0.0
    angle = [np.arctan2(each[has_hue, 1], each[has_hue, 0]) for each in (ours, truth)]
    apart = np.abs((angle[0] - angle[1] + np.pi) % (2 * np.pi) - np.pi)
    return float(np.degrees(apart.mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--base", default="guided-unet")
    parser.add_argument("--strength", default="0.3,0.5,0.7")
    parser.add_argument("--blend", default="0.5,1")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    originals = [read(source, 256) for source in find(args.data, args.limit)]
    bench = Bench(originals, np.stack([kid.features(each) for each in originals]))
    print("| colours | PSNR | CIEDE2000 | colourfulness ratio | KID-lite0 x 1000 | hue error | "
          "L* error | seconds |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    base = load_pipeline(args.base, threads=args.threads)
    bench.row(args.base, base)
    boosted = bench.saturated(base, bench.colourfulness)
    bench.row(f"{args.base}, saturation {boosted.saturation:.2f}", base, boosted)
    bench.row("chroma-diffusion", load_pipeline("chroma-diffusion", threads=args.threads))
    for strength, blend in itertools.product(
        map(float, args.strength.split(",")), map(float, args.blend.split(","))
    ):
        hybrid = load_pipeline(
            "hybrid", base=args.base, strength=strength, blend=blend, threads=args.threads
        )
        colourful = bench.row(f"hybrid, strength {strength:g}, blend {blend:g}", hybrid)
        equal = bench.saturated(base, colourful)
        bench.row(f"{args.base}, as colourful: saturation {equal.saturation:.2f}", base, equal)


if __name__ == "__main__":
    main()
