"""Measures networks that are not shipped, like `retint evaluate` measures methods.

    python benchmarks/quality/variants.py DIR FILE.onnx... [--kind KIND] [--boosted]
        [--sheet FILE.jpg --photos PHOTO...]

Each FILE was written by `retint export`, and contains the name of its method. With --boosted each
is measured again at the saturation (at most 3) that makes its pictures of DIR as colourful as the
originals; DIR must then contain photographs for choosing settings. --kind restricts the pictures to
one source of `DIR.csv`. --sheet shows PHOTOs coloured by all of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from retint import files
from retint.api import load_pipeline
from retint.colorizers.parts.network import load_network
from retint.evaluation import kid
from retint.evaluation.metrics import RGB, colorfulness, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture import sheet
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline

STRONGEST = 3.0
HALVINGS = 6
"""Bisections of [1, 3] in the search for a saturation, which is found to within 0.03."""
COLUMNS = ("psnr", "ssim", "ciede2000", "chroma_error")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--kind")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--boosted", action="store_true")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    grey = load_pipeline("gray", threads=args.threads)
    pipelines = {path.stem: pipeline_of(path, args.threads) for path in args.files}
    originals = [read(each, 256) for each in find(args.data) if args.kind in (None, each.kind)]
    real = np.stack([kid.features(each) for each in originals])
    print("| network | saturation | PSNR | SSIM | CIEDE2000 | a*b* error | colourfulness ratio | "
          "KID-lite0 x 1000 |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name, pipeline in {"grey": grey, **pipelines}.items():
        print(row(name, pipeline, originals, real, Finish()), flush=True)
        if args.boosted and pipeline is not grey:
            finish = boosted(pipeline, originals)
            print(row(name, pipeline, originals, real, finish), flush=True)
    if args.sheet:
        draw(args.sheet, args.photos, pipelines)


def pipeline_of(path: Path, threads: int) -> Pipeline:
    """The method of the network in a file, with that file as its weights."""
    method = load_network(path, threads).description.network
    return load_pipeline(method, weights=path, threads=threads)


def coloured(pipeline: Pipeline, originals: Sequence[RGB], finish: Finish) -> list[RGB]:
    return [pipeline(Photo(greyed(each)), finish=finish).pixels for each in originals]


def boosted(pipeline: Pipeline, originals: Sequence[RGB]) -> Finish:
    """The saturation that makes pictures as colourful as the originals."""
    wanted = mean(map(colorfulness, originals))
    low, high = 1.0, STRONGEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        tried = coloured(pipeline, originals, Finish(saturation=middle))
        low, high = (middle, high) if mean(map(colorfulness, tried)) < wanted else (low, middle)
    return Finish(saturation=high)


def row(
    name: str,
    pipeline: Pipeline,
    originals: Sequence[RGB],
    real: NDArray[np.float32],
    finish: Finish,
) -> str:
    pictures = coloured(pipeline, originals, finish)
    scores = [score(*pair) for pair in zip(pictures, originals, strict=True)]
    psnr, ssim, difference, chroma = (mean(getattr(s, c) for s in scores) for c in COLUMNS)
    ratio = mean(map(colorfulness, pictures)) / mean(map(colorfulness, originals))
    terms = kid.discrepancies(np.stack([kid.features(each) for each in pictures]), real)
    return (
        f"| {name} | {finish.saturation:.2f} | {psnr:.2f} | {ssim:.3f} | {difference:.2f} | "
        f"{chroma:.2f} | {ratio:.2f} | {kid.kid(terms).mean * 1000:.1f} |"
    )


def draw(target: Path, photos: Sequence[Path], pipelines: dict[str, Pipeline]) -> None:
    """One row per photo: the original, and the result of each network."""
    rows = []
    for path in photos:
        before = files.read(path)
        pictures = [before, *(pipeline(before) for pipeline in pipelines.values())]
        rows.append(sheet.Row(path.stem, [files.to_pillow(each) for each in pictures]))
    drawn = files.from_pillow(sheet.contact_sheet(["input", *pipelines], rows))
    files.write(drawn, target, overwrite=True)


if __name__ == "__main__":
    main()
