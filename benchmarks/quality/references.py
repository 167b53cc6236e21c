"""Measure what a reference picture does for colors, on pairs of pictures of one thing.

    python benchmarks/quality/references.py [--val DIR] [--people DIR] [--film DIR] [--limit N]

Each pair is a picture to color and a color picture of the same thing:

- `val`: a picture, and three quarters of it in each direction, mirrored and darker.
- `people`: the picture of a whole figure, and that of its upper body (`people` in DIR).
- `film`: frame 60 and the last frame of the first shot of a clip, and its frame 1.
- `other`: a picture, and the reference of another one of `val`.

Prints PSNR and CIEDE2000 without and with the reference, the worst change of PSNR, and the share of
cells that found a match.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from retint.api import load_film, load_pipeline
from retint.evaluation.metrics import RGB, score
from retint.evaluation.photographs import find, greyed, read
from retint.files import Photo
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference

KEPT = 0.75
"""Share of a picture in each direction that is its own reference."""
DARKER = 1.25
"""Exponent of its sRGB."""
HOW = ("alone", "with reference")
FRAME = 60
"""Frame of a clip that is colored, besides the last one."""


class Pair(NamedTuple):
    """A picture and a reference for it."""

    group: str
    name: str
    picture: RGB
    reference: RGB


class Row(NamedTuple):
    """Measures of one pair, without and with the reference."""

    psnr: tuple[float, float]
    ciede2000: tuple[float, float]
    share: float

    @property
    def gain(self) -> float:
        return self.psnr[1] - self.psnr[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path)
    parser.add_argument("--people", type=Path, help="folder `photos`, with photos.csv beside it")
    parser.add_argument("--film", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--each", action="store_true", help="print each pair as well")
    args = parser.parse_args()
    pipeline = load_pipeline(threads=1)
    rows: dict[str, list[Row]] = defaultdict(list)
    for pair in pairs(args.val, args.people, args.film, args.limit):
        row = measured(pipeline, pair)
        rows[pair.group].append(row)
        if args.each:
            print(f"{pair.group} {pair.name}: {row.psnr[0]:.2f} {row.gain:+.2f} {row.share:.2f}")
    titles = ["pairs", "number", *(f"{m} {h}" for m in ("PSNR", "CIEDE2000") for h in HOW)]
    titles += ["worst change of PSNR", "matched"]
    print(f"| {' | '.join(titles)} |\n{'|---' * len(titles)}|")
    for group, some in rows.items():
        alone, told = np.mean([row.psnr for row in some], axis=0)
        before, after = np.mean([row.ciede2000 for row in some], axis=0)
        worst, share = min(row.gain for row in some), np.mean([row.share for row in some])
        print(
            f"| {group} | {len(some)} | {alone:.2f} | {told:.2f} ({told - alone:+.2f}) | "
            f"{before:.2f} | {after:.2f} | {worst:+.2f} | {share:.0%} |"
        )


def pairs(val: Path | None, people: Path | None, film: Path | None, limit: int) -> Iterator[Pair]:
    if val is not None:
        originals = [(each.name, read(each, 256)) for each in find(val, limit)]
        others = [part(rgb, np.random.default_rng(k)) for k, (_, rgb) in enumerate(originals)]
        for k, (name, rgb) in enumerate(originals):
            yield Pair("val", name, rgb, others[k])
            yield Pair("other", name, rgb, others[k - 1])
    if people is not None:
        yield from crops(people, limit)
    if film is not None:
        for clip in sorted(film.glob("*.mp4"))[: limit or None]:
            yield from frames(clip)


def part(rgb: RGB, rng: np.random.Generator) -> RGB:
    """A part of a picture, mirrored and darker."""
    height, width = (int(side * KEPT) for side in rgb.shape[:2])
    top, left = (
        int(rng.integers(whole - own + 1))
        for whole, own in zip(rgb.shape, (height, width), strict=False)
    )
    cut = rgb[top : top + height, left : left + width][:, ::-1] / 255
    return np.asarray((255 * cut**DARKER).round(), np.uint8)


def crops(folder: Path, limit: int) -> Iterator[Pair]:
    """Whole figures, with their upper bodies as reference."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with folder.with_suffix(".csv").open(newline="") as file:
        for line in csv.DictReader(file):
            if line["source"] == "people":
                original, _, which = line["original"].partition("#")
                found[original][which] = line["file"]
    both = [each for each in found.values() if {"whole", "upper"} <= set(each)]
    step = max(1, len(both) // limit) if limit else 1
    for each in both[::step][: limit or None]:
        whole, upper = (
            np.asarray(Image.open(folder / each[which]).convert("RGB"))
            for which in ("whole", "upper")
        )
        yield Pair("people", each["whole"], whole, upper)


def frames(clip: Path) -> Iterator[Pair]:
    """Frames of the first shot of a color clip, with its frame 1 as reference."""
    film = load_film(clip, "mean", threads=1)
    if not film.scan.in_color:
        return
    last = film.shots[0].stop - 1
    chosen = {1, min(FRAME, last), last}
    pictures: dict[int, Any] = {
        k: frame.to_ndarray(format="rgb24")
        for k, frame in enumerate(film.source.frames())
        if k in chosen
    }
    for k in sorted(chosen - {1}):
        yield Pair("film", f"{clip.stem}, frame {k}", pictures[k], pictures[1])


def measured(pipeline: Pipeline, pair: Pair) -> Row:
    view = pipeline.open(Photo(greyed(pair.picture)))
    reference = Reference(pipeline, Photo(pair.reference))
    alone, told = (
        score(view.colorize(hints).pixels, pair.picture) for hints in (None, reference.hints(view))
    )
    return Row(
        (alone.psnr, told.psnr), (alone.ciede2000, told.ciede2000), reference.matches(view).share
    )


if __name__ == "__main__":
    main()
