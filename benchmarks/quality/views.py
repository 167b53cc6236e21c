"""Compares sizes and scales at which a network is run.

    python benchmarks/quality/views.py DIR [--method unet] [--weights FILE.onnx]

DIR contains colour photographs for choosing settings, never those for evaluation.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from statistics import mean

from retint.color import lab
from retint.colorizers import load_colorizer
from retint.evaluation.metrics import ciede2000, mean_squared_error, psnr
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline

VIEWS = {
    "unet": ((32, (1.0,)), (48, (1.0,)), (64, (1.0,)), (96, (1.0,)), (48, (1.0, 0.5)),
             (64, (1.0, 0.5)), (96, (1.0, 0.5)), (64, (1.0, 0.75, 0.5))),
    "resnet-unet": ((96, (1.0,)), (128, (1.0,)), (160, (1.0,)), (192, (1.0,)), (128, (1.0, 0.5)),
                    (160, (1.0, 0.5)), (192, (1.0, 0.5)), (160, (1.0, 0.75, 0.5))),
}  # fmt: skip
"""Native sizes, and the scales that are averaged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", choices=VIEWS, default="unet")
    parser.add_argument("--weights", type=Path)
    args = parser.parse_args()
    network = load_colorizer(args.method, weights=args.weights, threads=1)
    module = importlib.import_module(type(network).__module__)
    pictures = [read(source, 256) for source in find(args.data)]
    print("| short side | scales | PSNR | CIEDE2000 |\n|---|---|---|---|")
    for native, scales in VIEWS[args.method]:
        setattr(module, "SCALES", scales)  # noqa: B010 - types cannot know it
        network.native = native
        pipeline = Pipeline(network, threads=1)
        rows = []
        for original in pictures:
            coloured = pipeline(Photo(greyed(original))).pixels
            difference = ciede2000(lab.rgb_to_lab(coloured), lab.rgb_to_lab(original))
            rows.append((psnr(mean_squared_error(coloured, original)), difference.mean()))
        decibels, colour = (mean(column) for column in zip(*rows, strict=True))
        print(f"| {native} | {', '.join(map(str, scales))} | {decibels:.2f} | {colour:.2f} |")


if __name__ == "__main__":
    main()
