"""Colour the example photographs; results and a before/after sheet go to `demo/`.

make demo
"""

from __future__ import annotations

import time
from pathlib import Path

from PIL import Image

import retint
from retint.picture.sheet import Row, contact_sheet

EXAMPLES = Path(__file__).parent / "photographs"
TARGET = Path(__file__).parents[1] / "demo"


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    colorizer = retint.load()
    rows = []
    for source in sorted(EXAMPLES.glob("*.jpg")):
        began = time.perf_counter()
        coloured = colorizer(source)
        seconds = time.perf_counter() - began
        target = TARGET / f"{source.stem}.retint.jpg"
        coloured.save(target, quality=95, subsampling=0)
        print(f"{target}   {coloured.width} x {coloured.height} in {seconds:.2f} s")
        rows.append(Row(source.stem, [Image.open(source), coloured]))
    sheet = TARGET / "sheet.jpg"
    contact_sheet(["before", "after"], rows, tile=480).save(sheet, quality=92)
    print(f"{sheet}   before and after")


if __name__ == "__main__":
    main()
