"""Make a sheet about the reach of hints: the first two of a file color everything that is similar,
what is near, and the things that they lie on.

python examples/with_reach.py [NAME...] [--reach 0.6] [-o demo/reach.jpg]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from PIL import Image
from with_hints import HERE, marked

import retint
from retint.hints import Hints
from retint.hints.shapes import EVERYWHERE
from retint.picture.sheet import Row, contact_sheet

FIRST = 2
"""Number of hints of a file for its first object; the others confine it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["detroit-1915", "migrant-mother-1936"])
    parser.add_argument("--reach", type=float, default=0.6)
    parser.add_argument("-o", "--output", type=Path, default=HERE.parent / "demo" / "reach.jpg")
    args = parser.parse_args()
    colorizer = retint.load("guided-unet")
    rows = []
    for name in args.names:
        photo = HERE / "photographs" / f"{name}.jpg"
        points = retint.read_hints(HERE / "hints" / f"{name}.json").points[:FIRST]
        everywhere, near = (
            Hints(tuple(replace(each, reach=reach, thing=False) for each in points))
            for reach in (EVERYWHERE, args.reach)
        )
        things = Hints(tuple(replace(each, thing=True) for each in points))
        session = colorizer.open(photo)
        pictures = [marked(Image.open(photo), things)]
        pictures += [session.colorize(each) for each in (everywhere, near, things)]
        rows.append(Row(name, pictures))
    target: Path = args.output
    target.parent.mkdir(exist_ok=True)
    columns = [
        "the photograph and two hints", "everywhere", f"within {args.reach:g} short sides",
        "their things",
    ]  # fmt: skip
    contact_sheet(columns, rows).save(target, quality=85)
    print(target)


if __name__ == "__main__":
    main()
