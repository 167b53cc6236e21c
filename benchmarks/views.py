"""At which sizes the plain U-Net should look at a picture.

    python benchmarks/views.py DIR [--weights FILE.onnx]

DIR holds colour photographs to choose by, never those that methods are judged by.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from retint import lab
from retint.colorizers import unet
from retint.colorizers.unet import UNet, UNetOptions
from retint.evaluation.metrics import ciede2000, mean_squared_error, psnr
from retint.evaluation.photographs import find, greyed, read
from retint.lab import Float32
from retint.photo import Photo
from retint.pipeline import Pipeline
from retint.size import SizeRequirement

VIEWS = ((32, (1.0,)), (48, (1.0,)), (64, (1.0,)), (96, (1.0,)), (48, (1.0, 0.5)), (64, (1.0, 0.5)),
         (96, (1.0, 0.5)), (64, (1.0, 0.75, 0.5)))  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A U-Net shown pictures at a size of our choice."""

    network: UNet
    native: int
    name: str = "unet"

    @property
    def size(self) -> SizeRequirement:
        return self.network.size

    def __call__(self, lightness: Float32) -> Float32:
        return self.network(lightness)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    args = parser.parse_args()
    network = UNet(UNetOptions(weights=args.weights, threads=1))
    pictures = [read(source, 256) for source in find(args.data)]
    print("| short side | scales | PSNR | CIEDE2000 |\n|---|---|---|---|")
    for native, scales in VIEWS:
        unet.SCALES = scales
        pipeline = Pipeline(Shown(network, native), threads=1)
        rows = []
        for original in pictures:
            coloured = pipeline(Photo(greyed(original))).pixels
            difference = ciede2000(lab.rgb_to_lab(coloured), lab.rgb_to_lab(original))
            rows.append((psnr(mean_squared_error(coloured, original)), difference.mean()))
        decibels, colour = (mean(column) for column in zip(*rows, strict=True))
        print(f"| {native} | {', '.join(map(str, scales))} | {decibels:.2f} | {colour:.2f} |")


if __name__ == "__main__":
    main()
