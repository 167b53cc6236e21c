"""Measure how colorful each look is, and show all looks side by side.

    python benchmarks/quality/looks.py PICTURE... [--sheet FILE] [--warmth 0.5,1]

Pictures are made gray, with a short side of at most 384 pixels. Prints for each picture and look
the median chroma, then the shares of pixels that are magenta blacks (L* below 20, chroma above 6)
and strong reds (chroma above 40), both of hues between purple and red, in percent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

import retint
from retint.color import lab
from retint.color.lab import Float32
from retint.evaluation.photographs import greyed
from retint.files import Photo, read
from retint.picture.finish import Finish
from retint.picture.looks import LOOKS
from retint.picture.sheet import Row, contact_sheet

SHORT_SIDE = 384
TILE = 240
"""Height of a picture on the sheet."""
RED = 320.0, 30.0
"""Hue angles in degrees, from purple to red."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--method", default="guided-unet")
    parser.add_argument("--warmth", default="", help="further columns: natural with this warmth")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    columns: dict[str, Finish] = {name: Finish(look=name) for name in LOOKS}
    columns |= {
        f"warmth {each}": Finish(warmth=float(each)) for each in args.warmth.split(",") if each
    }
    pipeline = retint.load(args.method, threads=args.threads).pipeline
    print(f"| picture | {' | '.join(columns)} |\n|---{'|---' * len(columns)}|")
    rows = []
    for path in args.pictures:
        photo = small(path)
        view = pipeline.open(photo)
        pictures = [view.colorize(finish=finish) for finish in columns.values()]
        found = [figures(lab.rgb_to_lab(each.pixels)) for each in pictures]
        print(f"| {path.stem} | {' | '.join(found)} |", flush=True)
        rows.append(Row(path.stem, [tile(each) for each in pictures]))
    if args.sheet:
        contact_sheet(list(columns), rows).save(args.sheet, quality=85)


def small(path: Path) -> Photo:
    """The picture in gray."""
    photo = read(path)
    pixels = photo.pixels if photo.pixels.ndim == 2 else greyed(photo.pixels)
    picture = Image.fromarray(pixels)
    scale = min(1, SHORT_SIDE / min(picture.size))
    size = round(picture.width * scale), round(picture.height * scale)
    return Photo(np.asarray(picture.resize(size, Image.Resampling.LANCZOS)))


def figures(colors: Float32) -> str:
    """Median chroma, share of magenta blacks, share of strong reds."""
    chroma = np.hypot(colors[..., 1], colors[..., 2])
    hue = np.degrees(np.arctan2(colors[..., 2], colors[..., 1])) % 360
    red = (hue > RED[0]) | (hue < RED[1])
    black = red & (colors[..., 0] < 20) & (chroma > 6)
    strong = red & (chroma > 40)
    return f"{np.median(chroma):.1f} ({100 * black.mean():.2f}, {100 * strong.mean():.2f})"


def tile(photo: Photo) -> Image.Image:
    picture = Image.fromarray(photo.pixels)
    return picture.resize((round(picture.width * TILE / picture.height), TILE))


if __name__ == "__main__":
    main()
