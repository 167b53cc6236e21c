"""Compares working sizes and chroma factors for the guided U-Net.

    python benchmarks/quality/heads.py DIR [--weights FILE.onnx] [--native 128,160]
        [--richer 1:1:10,0.9:1.3:10]

DIR contains colour photographs for choosing settings, never those for evaluation. A richness
consists of the factors for faint and strong chroma, and the chroma half-way between
(`retint.colorizers.parts.richness`). The network runs without object recognition.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import numpy as np

from retint.colorizers import guided_unet, load_colorizer
from retint.colorizers.parts.richness import Richness
from retint.evaluation import kid
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--native", default="96,128,160,192,224")
    parser.add_argument("--richer", default="1:1:10", help="faint:strong:middle")
    args = parser.parse_args()
    network = load_colorizer("guided-unet", weights=args.weights, threads=1, semantics=False)
    assert isinstance(network, guided_unet.GuidedUNet)
    originals = [read(source, 256) for source in find(args.data)]
    real = np.stack([kid.features(each) for each in originals])
    ours = mean(map(colorfulness, originals))
    richer = [Richness(*map(float, each.split(":"))) for each in args.richer.split(",")]
    print("| short side | chroma | PSNR | CIEDE2000 | a*b* error | "
          "colourfulness ratio | KID-lite0 x 1000 |\n" + "|---" * 7 + "|")  # fmt: skip
    for native in map(int, args.native.split(",")):
        network.native = native
        pipeline = Pipeline(network, threads=1)
        views = [pipeline.open(Photo(greyed(each))) for each in originals]
        for more in richer:
            guided_unet.RICHNESS = more
            pictures: list[RGB] = [view.colorize().pixels for view in views]
            scores = [score(*pair) for pair in zip(pictures, originals, strict=True)]
            terms = kid.discrepancies(np.stack([kid.features(each) for each in pictures]), real)
            print(
                f"| {native} | {more.faint:g} to {more.strong:g} at {more.middle:g} | "
                f"{mean(s.psnr for s in scores):.2f} | "
                f"{mean(s.ciede2000 for s in scores):.2f} | "
                f"{mean(s.chroma_error for s in scores):.2f} | "
                f"{mean(map(colorfulness, pictures)) / ours:.2f} | "
                f"{kid.kid(terms).mean * 1000:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
