"""Colour the example photographs; results and a before/after sheet go to `demo/`.

make demo
"""

from __future__ import annotations

import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import retint

EXAMPLES = Path(__file__).parent / "photographs"
TARGET = Path(__file__).parents[1] / "demo"
TILE = 480
MARGIN = 12


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    colorizer = retint.load()
    pairs: list[tuple[str, Image.Image, Image.Image]] = []
    for source in sorted(EXAMPLES.glob("*.jpg")):
        began = time.perf_counter()
        coloured = colorizer(source)
        seconds = time.perf_counter() - began
        target = TARGET / f"{source.stem}.retint.jpg"
        coloured.save(target, quality=95, subsampling=0)
        print(f"{target}   {coloured.width} x {coloured.height} in {seconds:.2f} s")
        pairs.append((source.stem, Image.open(source).convert("RGB"), coloured))
    sheet(pairs).save(TARGET / "sheet.jpg", quality=92)
    print(f"{TARGET / 'sheet.jpg'}   before and after")


def sheet(pairs: list[tuple[str, Image.Image, Image.Image]]) -> Image.Image:
    """A row a photograph: name, before, after."""
    rows = []
    for name, before, after in pairs:
        height = round(TILE * before.height / before.width)
        row = Image.new("RGB", (2 * TILE + 3 * MARGIN, height + 40), "white")
        ImageDraw.Draw(row).text((MARGIN, 8), name, "black", ImageFont.load_default(18))
        for k, picture in enumerate((before, after)):
            resized = picture.resize((TILE, height), Image.Resampling.LANCZOS)
            row.paste(resized, (MARGIN + k * (TILE + MARGIN), 34))
        rows.append(row)
    whole = Image.new("RGB", (rows[0].width, sum(row.height for row in rows) + MARGIN), "white")
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height
    return whole


if __name__ == "__main__":
    main()
