"""Measures how much grain, fading and scratches degrade the results of a method.

    python benchmarks/quality/degraded.py DIR [--method a,b] [--strength 0.5] [--weights FILE.onnx]

Every picture is coloured twice: from its clean lightness and from a degraded one
(`retint.training.data.degradations`, each picture with its own seed). Both colourings are merged
with the clean lightness, so that the figures measure colour only.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import numpy as np

from retint.api import load_pipeline
from retint.color import lab
from retint.color.lab import Float32
from retint.evaluation.metrics import RGB, score
from retint.evaluation.photographs import find, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline
from retint.training.data.degradations import degrade


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", default="unet,resnet-unet,guided-unet")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--strength", type=float, default=0.5)
    args = parser.parse_args()
    options = {"weights": args.weights} if args.weights else {}
    originals = [read(source, 256) for source in find(args.data)]
    print("| method | PSNR clean | degraded | loss | CIEDE2000 clean | degraded |\n"
          "|---|---|---|---|---|---|")  # fmt: skip
    for name in args.method.split(","):
        pipeline = load_pipeline(name, threads=1, **options)
        pairs = [measured(pipeline, o, k, args.strength) for k, o in enumerate(originals)]
        clean, worse, color, worse_color = (mean(column) for column in zip(*pairs, strict=True))
        print(
            f"| {name} | {clean:.2f} | {worse:.2f} | {clean - worse:.2f} | "
            f"{color:.2f} | {worse_color:.2f} |",
            flush=True,
        )


def measured(pipeline: Pipeline, original: RGB, seed: int, strength: float) -> tuple[float, ...]:
    """PSNR clean and degraded, CIEDE2000 clean and degraded."""
    lightness = lab.lightness(original)
    damaged = degrade(original, np.random.default_rng(seed), strength)
    clean, worse = (
        score(coloured(pipeline, seen, lightness), original) for seen in (lightness, damaged)
    )
    return clean.psnr, worse.psnr, clean.ciede2000, worse.ciede2000


def coloured(pipeline: Pipeline, seen: Float32, lightness: Float32) -> RGB:
    """Colours computed for one lightness, merged with another."""
    grey = np.empty((*seen.shape, 3), np.uint8)
    lab.merge(seen, np.zeros((*seen.shape, 2), np.float32), grey)
    chroma = lab.rgb_to_lab(pipeline(Photo(grey[..., 1].copy())).pixels)[..., 1:]
    rgb = np.empty(grey.shape, np.uint8)
    lab.merge(lightness, chroma, rgb)
    return rgb


if __name__ == "__main__":
    main()
