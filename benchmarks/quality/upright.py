"""Measure how often pictures lying on their side are found, and what colors they get.

    python benchmarks/quality/upright.py DIR [--method guided-unet] [--limit N] [--colors N]

Every picture is shown in its four turns, as `--upright auto` and the method see it. The colors of
pictures turned by 90 degrees are compared with those of the upright ones at the working size.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import numpy as np

from retint.api import load_pipeline
from retint.color.lab import Float32
from retint.colorizers.parts.framed import turned
from retint.colorizers.parts.upright import TURNS
from retint.evaluation.metrics import RGB
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline

SHORT_SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", default="guided-unet")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--colors", type=int, default=0, help="pictures to color; 0 for all")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    auto, off = (
        load_pipeline(args.method, threads=args.threads, upright=each) for each in ("auto", "off")
    )
    sources = find(args.data, args.limit)
    found = [turns(auto, greyed(read(source, SHORT_SIDE))) for source in sources]
    upright = [each[0] for each in found]
    lying = [(turn, each[turn]) for each in found for turn in range(1, TURNS)]
    sure = [turn == seen for turn, seen in lying if seen]
    print(f"{len(found)} pictures")
    print(f"of those lying, turned: {len(sure) / len(lying):.4f}")
    print(f"of those turned, right: {mean(sure) if sure else 1:.4f} ({sure.count(False)} wrong)")
    print(f"of the upright, turned: {mean(map(bool, upright)):.4f} ({sum(map(bool, upright))})")
    wrong = [s.name for s, each in zip(sources, found, strict=True) if _is_wrong(each)]
    print(f"wrong: {', '.join(wrong) or 'none'}")
    differences = [
        difference(auto, off, greyed(read(source, SHORT_SIDE)))
        for source in find(args.data, args.colors or args.limit)
    ]
    for name, column in zip(("auto", "off"), zip(*differences, strict=True), strict=True):
        print(f"difference in a*b* after a quarter turn, {name}: {mean(column):.2f}")


def turns(pipeline: Pipeline, upright: RGB) -> list[int]:
    """Quarter turns clockwise that are found for a picture [H, W] lying in each of its turns."""
    fallen = (Photo(turned(upright, -turn)) for turn in range(TURNS))
    return [pipeline.open(each).turn // 90 for each in fallen]


def difference(auto: Pipeline, off: Pipeline, upright: RGB) -> tuple[float, float]:
    """Mean distance in a*b* of the colors after a quarter turn from those before, with each."""
    wanted = off.open(Photo(upright)).chroma()
    found = (turned(each.open(Photo(turned(upright, -1))).chroma(), 1) for each in (auto, off))
    first, second = (_distance(each, wanted) for each in found)
    return first, second


def _distance(one: Float32, other: Float32) -> float:
    return float(np.linalg.norm(one - other, axis=-1).mean())


def _is_wrong(found: list[int]) -> bool:
    return any(seen not in (0, turn) for turn, seen in enumerate(found))


if __name__ == "__main__":
    main()
