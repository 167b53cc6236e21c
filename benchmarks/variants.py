"""Plain U-Nets that are not shipped, measured as `retint evaluate` measures methods.

    python benchmarks/variants.py DIR FILE.onnx... [--threads N]

Each FILE was written by `retint export`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import numpy as np

from retint.api import load_pipeline
from retint.evaluation.metrics import Scores, score
from retint.evaluation.photographs import find, greyed, read
from retint.photo import Photo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    pipelines = {
        path.stem: load_pipeline("unet", weights=path, threads=args.threads) for path in args.files
    }
    scores: dict[str, list[Scores]] = {name: [] for name in ("grey", *pipelines)}
    for source in find(args.data):
        original = read(source, 256)
        grey = greyed(original)
        scores["grey"].append(score(np.repeat(grey[..., None], 3, axis=-1), original))
        for name, pipeline in pipelines.items():
            scores[name].append(score(pipeline(Photo(grey)).pixels, original))
    print("| network | PSNR | CIEDE2000 | a*b* error | colourfulness ratio |")
    print("|---|---|---|---|---|")
    for name, rows in scores.items():
        psnr = mean(each.psnr for each in rows)
        difference = mean(each.ciede2000 for each in rows)
        chroma = mean(each.chroma_error for each in rows)
        truth = mean(each.original_colorfulness for each in rows)
        colour = mean(each.colorfulness for each in rows) / truth
        print(f"| {name} | {psnr:.2f} | {difference:.2f} | {chroma:.2f} | {colour:.2f} |")


if __name__ == "__main__":
    main()
