"""Make a sheet of photographs in all looks.

python examples/with_looks.py [NAME...] [-o demo/looks.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

import retint
from retint.picture.sheet import Row, contact_sheet

HERE = Path(__file__).parent
TILE = 208
"""Width of a picture in pixels."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", default=["migrant-mother-1936", "broadway-saratoga-springs-1900s"]
    )
    parser.add_argument("-o", "--output", type=Path, default=HERE.parent / "demo" / "looks.jpg")
    args = parser.parse_args()
    rows = []
    for name in args.names:
        photo = Image.open(HERE / "photographs" / f"{name}.jpg").convert("L")
        photo.thumbnail((3 * TILE, 3 * TILE))
        rows.append(Row(name, [retint.colorize(photo, look=look) for look in retint.looks()]))
    target: Path = args.output
    target.parent.mkdir(exist_ok=True)
    contact_sheet(list(retint.looks()), rows, TILE).save(target, quality=82)
    print(target)


if __name__ == "__main__":
    main()
