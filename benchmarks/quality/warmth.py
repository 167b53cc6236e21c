"""Measure what warmth and looks do for whole things in color.

    python benchmarks/quality/warmth.py DIR [--warmth 0,0.25,0.5,1] [--limit N]

Prints a row for each warmth of the natural look, then one for each other look. Pictures have a
short side of 256 pixels; the figures are those of docs/metrics.md, at the working size.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import retint
from retint.color import lab
from retint.evaluation import cells, wholeness
from retint.evaluation.photographs import find, greyed, read
from retint.evaluation.skin import shows_people
from retint.files import Photo
from retint.picture.finish import Finish
from retint.picture.looks import LOOKS

SHORT_SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--warmth", default="0,0.25,0.5,1")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    finishes = {f"warmth {each}": Finish(warmth=float(each)) for each in args.warmth.split(",")}
    finishes |= {name: Finish(look=name) for name in LOOKS if name != "natural"}
    pipeline = retint.load(threads=args.threads).pipeline
    originals, people = [], []
    grids: dict[str, list[NDArray[np.float16]]] = {name: [] for name in finishes}
    for photograph in find(args.data, args.limit):
        rgb = read(photograph, SHORT_SIDE)
        view = pipeline.open(Photo(greyed(rgb), bare=True))
        originals.append(cells.original(lab.rgb_to_lab(rgb)))
        people.append(shows_people(photograph.kind))
        for name, finish in finishes.items():
            colors = np.dstack([view.framed.small, view.chroma(finish=finish)])
            grids[name].append(cells.cell_means(colors)[..., 1:])
    titles = [each.title for each in wholeness.FIGURES.values()]
    print(f"| finish | {' | '.join(titles)} |\n{'|---' * (len(titles) + 1)}|")
    for name, answers in grids.items():
        found = wholeness.measure(originals, answers, people).over(slice(None))
        shown = [f"{found[key]:.{each.digits}f}" for key, each in wholeness.FIGURES.items()]
        print(f"| {name} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
