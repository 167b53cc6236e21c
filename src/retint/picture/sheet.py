"""Contact sheets: labelled rows of pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

TILE = 360
"""Width of a picture in pixels."""
MARGIN = 10
LABEL = 26
"""Height of a line of text."""


@dataclass(frozen=True)
class Row:
    """A labelled row of pictures of the same size."""

    name: str
    pictures: Sequence[Image.Image]


def contact_sheet(columns: Sequence[str], rows: Sequence[Row], tile: int = TILE) -> Image.Image:
    """Draw all rows, with the column names at the top and each row's name above it."""
    heights = [round(tile * row.pictures[0].height / row.pictures[0].width) for row in rows]
    width = MARGIN + len(columns) * (tile + MARGIN)
    height = LABEL + sum(LABEL + each + MARGIN for each in heights)
    sheet = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    lefts = [MARGIN + k * (tile + MARGIN) for k in range(len(columns))]
    for left, column in zip(lefts, columns, strict=True):
        pen.text((left, 6), column, "black", font)
    top = LABEL
    for row, each in zip(rows, heights, strict=True):
        pen.text((MARGIN, top + 4), row.name, "dimgray", font)
        top += LABEL
        for left, picture in zip(lefts, row.pictures, strict=True):
            small = picture.convert("RGB").resize((tile, each), Image.Resampling.LANCZOS)
            sheet.paste(small, (left, top))
        top += each + MARGIN
    return sheet
