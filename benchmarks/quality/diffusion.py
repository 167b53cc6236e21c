"""Compares settings of the chroma diffusion, and ways to turn its samples into pictures.

    python benchmarks/quality/diffusion.py DIR [--weights FILE --guide FILE] [--native 128,160]
        [--guidance 1.5,1.75,2] [--strength 1] [--control 1] [--steps 16] [--variants 4]
        [--every 0,8,16] [--limit N]

Prints the quality of one sample, the best of the variants, and their mutual distance (mean
CIEDE2000 of all pairs), next to the guided U-Net alone. --every is the spacing in pixels of the
hints that pass a sample to the guided U-Net; 0 adds the sample to that network's own chroma.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np

from retint.color import lab
from retint.colorizers import chroma_diffusion, load_colorizer
from retint.colorizers.chroma_diffusion import (
    ChromaDiffusion,
)
from retint.colorizers.options import ChromaDiffusionOptions
from retint.evaluation import kid
from retint.evaluation.metrics import RGB, ciede2000, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--guide", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--variants", type=int, default=4)
    parser.add_argument("--native", type=numbers, default="160")
    parser.add_argument("--guidance", type=numbers, default="1.5,1.75,2")
    parser.add_argument("--strength", type=numbers, default="1")
    parser.add_argument("--control", type=numbers, default="1")
    parser.add_argument("--steps", type=numbers, default="16")
    parser.add_argument("--every", type=numbers, default="16")
    args = parser.parse_args()
    options = ChromaDiffusionOptions(weights=args.weights, guide=args.guide, threads=1)
    network = ChromaDiffusion(options)
    originals = [read(source, 256) for source in find(args.data, args.limit)]
    real = np.stack([kid.features(each) for each in originals])
    print("| native | guidance | strength | control | steps | hint every | PSNR | CIEDE2000 | "
          "best of variants | colourfulness ratio | KID-lite0 x 1000 | apart | seconds |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    guide = load_colorizer("guided-unet", weights=args.guide, threads=1)
    pictures = [[Pipeline(guide, threads=1)(Photo(greyed(each))).pixels] for each in originals]
    print(f"| {guide.name} | | | | | | {measured(pictures, originals, real)} | |", flush=True)
    for native, guidance, strength, control, steps, every in itertools.product(
        args.native, args.guidance, args.strength, args.control, args.steps, args.every
    ):
        chosen = replace(
            options,
            guidance_scale=guidance,
            strength=strength,
            control_scale=control,
            steps=int(steps),
        )
        chroma_diffusion.HINT_EVERY = int(every)
        network.options, network.native = chosen, int(native)
        pipeline = Pipeline(network, threads=1)
        began = time.perf_counter()
        pictures = list(coloured(pipeline, originals, args.variants))
        seconds = (time.perf_counter() - began) / len(originals)
        print(
            f"| {native:g} | {guidance:g} | {strength:g} | {control:g} | {steps:g} | {every:g} | "
            f"{measured(pictures, originals, real)} | {seconds:.2f} |",
            flush=True,
        )


def numbers(text: str) -> list[float]:
    return [float(each) for each in text.split(",")]


def coloured(pipeline: Pipeline, originals: Sequence[RGB], count: int) -> Iterator[list[RGB]]:
    for original in originals:
        variants = pipeline.open(Photo(greyed(original))).variants(count)
        yield [each.pixels for each in variants]


def measured(pictures: Sequence[Sequence[RGB]], originals: Sequence[RGB], real: np.ndarray) -> str:
    """PSNR to distance between variants, as table columns."""
    firsts = [variants[0] for variants in pictures]
    scores = [score(*pair) for pair in zip(firsts, originals, strict=True)]
    best, apart = [], []
    for variants, original in zip(pictures, originals, strict=True):
        truth, *labs = (lab.rgb_to_lab(each) for each in (original, *variants))
        best.append(min(float(ciede2000(each, truth).mean()) for each in labs))
        apart += [float(ciede2000(*pair).mean()) for pair in itertools.combinations(labs, 2)]
    ratio = mean(map(colorfulness, firsts)) / mean(map(colorfulness, originals))
    terms = kid.discrepancies(np.stack([kid.features(each) for each in firsts]), real)
    return (
        f"{mean(s.psnr for s in scores):.2f} | {mean(s.ciede2000 for s in scores):.2f} | "
        f"{mean(best):.2f} | {ratio:.2f} | {kid.kid(terms).mean * 1000:.1f} | "
        f"{mean(apart) if apart else 0:.2f}"
    )


if __name__ == "__main__":
    main()
