"""Measure what recognizing objects does for colors.

    python benchmarks/quality/semantics.py DIR [--trust 0,0.3,0.3-0.6] [--alike 0.1] [--skin 0,0.7]

`--trust` is the weight of the head: one for all colors, or for the faintest and the strongest.
`--alike` is how similar cells that share colors are, `--skin` how far skin is drawn to its common
color. Prints a row without recognition, then one for each combination. Pictures have a short side
of 256 pixels; the figures are those of docs/metrics.md.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import retint
from retint.color import lab
from retint.color.lab import Float32
from retint.colorizers.parts import semantics, skin
from retint.colorizers.parts.framed import Framed
from retint.colorizers.parts.richness import Richness
from retint.evaluation import cells, wholeness
from retint.evaluation.metrics import score
from retint.evaluation.photographs import find, greyed, read
from retint.evaluation.skin import shows_people
from retint.files import Photo

SHORT_SIDE = 256
NUMBERS = ("PSNR", "CIEDE2000", "colourfulness ratio")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--trust", default="0,0.3,0.3-0.6")
    parser.add_argument("--alike", default="0.1")
    parser.add_argument("--skin", default="0,0.7")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    lists = (each.split(",") for each in (args.trust, args.alike, args.skin))
    settings = list(itertools.product(*lists))
    names = ["off", *map(", ".join, settings)]
    pipeline = retint.load(threads=args.threads).pipeline
    originals, people = [], []
    numbers: dict[str, list[list[float]]] = {name: [] for name in names}
    grids: dict[str, list[NDArray[np.float16]]] = {name: [] for name in names}
    for photograph in find(args.data, args.limit):
        rgb = read(photograph, SHORT_SIDE)
        colors = lab.rgb_to_lab(rgb)
        view = pipeline.open(Photo(greyed(rgb), bare=True))
        originals.append(cells.original(colors))
        people.append(shows_people(photograph.kind))
        for name, chroma in zip(names, answers(view.framed, settings), strict=True):
            each = score(view.merged(chroma).pixels, rgb)
            numbers[name].append(
                [each.psnr, each.ciede2000, each.colorfulness, each.original_colorfulness]
            )
            small = np.dstack([view.framed.small, chroma])
            grids[name].append(cells.cell_means(small)[..., 1:])
    titles = [*NUMBERS, *(each.title for each in wholeness.FIGURES.values())]
    print(f"| weight of the head, similarity, skin | {' | '.join(titles)} |")
    print(f"{'|---' * (len(titles) + 1)}|")
    for name in names:
        decibels, difference, mine, theirs = np.mean(numbers[name], axis=0)
        figures = wholeness.measure(originals, grids[name], people).over(slice(None))
        shown = [f"{decibels:.2f}", f"{difference:.2f}", f"{mine / theirs:.2f}"]
        shown += [f"{figures[key]:.{each.digits}f}" for key, each in wholeness.FIGURES.items()]
        print(f"| {name} | {' | '.join(shown)} |")


def answers(framed: Framed, settings: list[tuple[str, ...]]) -> Iterator[Float32]:
    """a*, b* [h, w, 2] without recognition, then with each setting."""
    height, width = framed.small.shape
    told = framed.look.told(None)  # type: ignore[attr-defined]
    yield told[:height, :width]
    for trust, alike, weight in settings:
        semantics.TRUST, semantics.ALIKE = weight_of(trust), float(alike)
        skin.WEIGHT = float(weight)
        framed.look._scene = None  # type: ignore[attr-defined]
        yield framed.chroma()


def weight_of(text: str) -> Richness:
    """A weight, or the weights of the faintest and of the strongest colors as "0.3-0.6"."""
    faint, _, strong = text.partition("-")
    return replace(semantics.TRUST, faint=float(faint), strong=float(strong or faint))


if __name__ == "__main__":
    main()
