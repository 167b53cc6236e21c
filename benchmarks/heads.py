"""At which size the guided U-Net should look, how its heads should be mixed, how rich it should be.

    python benchmarks/heads.py DIR [--weights FILE.onnx] [--native 128,160] [--shares 0,0.5,1]
        [--richer 1,1.06]

DIR holds colour photographs to choose by, never those that methods are judged by. A share of 0 is
the regressed chroma alone, 1 the annealed mean of the 313 scored colours alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import numpy as np

from retint.colorizers import guided_unet, load_colorizer
from retint.evaluation import kid
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.pipeline import Pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--native", default="96,128,160,192,224")
    parser.add_argument("--richer", default="1", help="what chroma is multiplied by")
    args = parser.parse_args()
    network = load_colorizer("guided-unet", weights=args.weights, threads=1)
    assert isinstance(network, guided_unet.GuidedUNet)
    originals = [read(source, 256) for source in find(args.data)]
    real = np.stack([kid.features(each) for each in originals])
    ours = mean(map(colorfulness, originals))
    richer = [float(each) for each in args.richer.split(",")]
    print("| short side | chroma | PSNR | CIEDE2000 | a*b* error | "
          "colourfulness ratio | KID-lite0 x 1000 |\n" + "|---" * 7 + "|")  # fmt: skip
    for native in map(int, args.native.split(",")):
        network.native = native
        pipeline = Pipeline(network, threads=1)
        views = [pipeline.open(Photo(greyed(each))) for each in originals]
        for more in richer:
            guided_unet.FAR_GAIN = more
            pictures: list[RGB] = [view.colorize().pixels for view in views]
            scores = [score(*pair) for pair in zip(pictures, originals, strict=True)]
            terms = kid.discrepancies(np.stack([kid.features(each) for each in pictures]), real)
            print(
                f"| {native} | {more:g} | {mean(s.psnr for s in scores):.2f} | "
                f"{mean(s.ciede2000 for s in scores):.2f} | "
                f"{mean(s.chroma_error for s in scores):.2f} | "
                f"{mean(map(colorfulness, pictures)) / ours:.2f} | "
                f"{kid.kid(terms).mean * 1000:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
