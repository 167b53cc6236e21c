"""What colouring is worth: each network against leaving the picture grey.

    python benchmarks/quality.py DIR [--weights NAME=FILE.onnx ...] [--size 256]

DIR holds colour photographs; each is made grey (its CIELAB L* as an 8-bit grey file would hold it),
coloured, and compared with the original.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import retint
from retint import lab
from retint.evaluation.metrics import Scores, score
from retint.photo import READABLE, Photo
from retint.pipeline import Pipeline

RGB = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--size", type=int, default=256, help="short side, never enlarged")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    pipelines = {"unet (shipped)": retint.load("unet", threads=args.threads).pipeline}
    for each in args.weights:
        name, _, file = each.partition("=")
        pipelines[name] = retint.load("unet", weights=Path(file), threads=args.threads).pipeline
    scores: dict[str, list[Scores]] = {name: [] for name in ["grey", *pipelines]}
    for original in photographs(args.data, args.size):
        grey = greyed(original)
        scores["grey"].append(score(np.repeat(grey[..., None], 3, axis=-1), original))
        for name, pipeline in pipelines.items():
            scores[name].append(score(coloured(pipeline, grey), original))
    print_table(scores)


def photographs(folder: Path, size: int) -> Iterator[RGB]:
    """Every colour photograph of a folder, its short side at most `size`."""
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in READABLE):
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        scale = size / min(picture.size)
        if scale < 1:
            shape = (round(picture.width * scale), round(picture.height * scale))
            picture = picture.resize(shape, Image.Resampling.LANCZOS)
        yield np.asarray(picture)


def greyed(original: RGB) -> RGB:
    """The 8-bit grey picture [H, W] of the original's lightness."""
    lightness = lab.lightness(original)
    rgb = np.empty(original.shape, np.uint8)
    lab.merge(lightness, np.zeros((*lightness.shape, 2), np.float32), rgb)
    return np.ascontiguousarray(rgb[..., 1])


def coloured(pipeline: Pipeline, grey: RGB) -> RGB:
    return pipeline(Photo(grey)).pixels


def print_table(scores: dict[str, list[Scores]]) -> None:
    count = len(scores["grey"])
    print(f"{count} pictures\n")
    names = [field.name for field in fields(Scores) if field.name != "original_colorfulness"]
    print("| method | " + " | ".join(names) + " | colorfulness ratio | PSNR over grey |")
    print("|---" * (len(names) + 3) + "|")
    means = {name: average(each, names) for name, each in scores.items()}
    truth = mean(each.original_colorfulness for each in scores["grey"])
    for name, row in means.items():
        values = " | ".join(f"{row[metric]:.4g}" for metric in names)
        ratio = row["colorfulness"] / truth
        gain = row["psnr"] - means["grey"]["psnr"]
        print(f"| {name} | {values} | {ratio:.2f} | {gain:+.2f} |")


def average(scores: Iterable[Scores], names: list[str]) -> dict[str, float]:
    scores = list(scores)
    return {name: mean(getattr(each, name) for each in scores) for name in names}


if __name__ == "__main__":
    main()
