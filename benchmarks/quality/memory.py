"""Measures how surely remembered hints find their things again.

    python benchmarks/quality/memory.py DIR [--limit N]

Places of each picture are remembered, and sought in a part of the same picture, mirrored and
darker, and in pictures of other things. For several likenesses from which a thing counts as the
same, prints the share of places that are found where they are (within 4 of 32 cells), of those that
are found elsewhere in the part, and of pairs of a place and another picture in which something is
found.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from references import KEPT, part

from retint.api import load_pipeline
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.hints.length import Share
from retint.picture.compared import tokens_of
from retint.picture.correspondence import CELLS, Tokens
from retint.picture.memory import Memory, alike
from retint.picture.reference import Reference

PLACES = 4
"""Places of each picture."""
OTHERS = 25
"""Pictures of other things for each place."""
NEAR = 4.0
"""Cells."""
LIKENESSES = np.arange(0.5, 0.8, 0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    args = parser.parse_args()
    pipeline = load_pipeline(threads=1, upright="off")
    network = Reference(pipeline).network
    memory, rng = Memory(pipeline), np.random.default_rng(0)
    whole: list[Tokens] = []
    found: list[tuple[float, float]] = []
    entries = []
    for k, path in enumerate(find(args.data, args.limit)):
        rgb = read(path, 256)
        (height, width), own = rgb.shape[:2], np.random.default_rng(k)
        size = int(height * KEPT), int(width * KEPT)
        top, left = (int(own.integers(a - b + 1)) for a, b in zip(rgb.shape, size, strict=False))
        view = pipeline.open(Photo(greyed(rgb)))
        whole.append(tokens_of(network, view))
        seen = tokens_of(network, pipeline.open(Photo(greyed(part(rgb, np.random.default_rng(k))))))
        places = rng.uniform(0.1, 0.9, (PLACES, 2))
        points = [
            Hint(Share.of(left + x * size[1], width), Share.of(top + y * size[0], height), "red")
            for y, x in places
        ]
        remembered = memory.with_hints(view, Hints(tuple(points)), "").entries
        entries += [(k, each) for each in remembered]
        for (y, x), each in zip(places, remembered, strict=True):
            likeness = alike(each, seen)
            row, column = divmod(int(likeness.argmax()), CELLS)
            apart = np.hypot(row + 0.5 - y * CELLS, column + 0.5 - (1 - x) * CELLS)
            found.append((float(likeness.max()), float(apart)))
    others = [
        alike(each, whole[other]).max()
        for k, each in entries
        for other in rng.choice([n for n in range(len(whole)) if n != k], OTHERS)
    ]
    print("| likeness | found | found elsewhere | found in other pictures |\n|---|---|---|---|")
    best, apart = np.array(found).T
    for least in LIKENESSES:
        right, wrong = ((best >= least) & (near == (apart < NEAR)) for near in (True, False))
        false = float(np.mean(np.array(others) >= least))
        print(f"| {least:.2f} | {right.mean():.0%} | {wrong.mean():.0%} | {false:.2%} |")


if __name__ == "__main__":
    main()
