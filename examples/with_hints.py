"""Make a sheet of six example photographs, coloured without and with a few hints.

python examples/with_hints.py [NAME...] [-o demo/hints.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

import retint
from retint.picture.sheet import Row, contact_sheet

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("-o", "--output", type=Path, default=HERE.parent / "demo" / "hints.jpg")
    args = parser.parse_args()
    target: Path = args.output
    colorizer = retint.load("guided-unet")
    rows = []
    for file in sorted((HERE / "hints").glob("*.json")):
        if args.names and file.stem not in args.names:
            continue
        photo = HERE / "photographs" / f"{file.stem}.jpg"
        hints = retint.read_hints(file)
        session = colorizer.open(photo)
        pictures = [
            marked(Image.open(photo), hints),
            session.colorize(),
            session.colorize(hints),
        ]
        rows.append(Row(file.stem, pictures))
    target.parent.mkdir(exist_ok=True)
    sheet = contact_sheet(["photograph and hints", "alone", "with hints"], rows)
    sheet.save(target, quality=88)
    print(target)


def marked(photo: Image.Image, hints: retint.Hints) -> Image.Image:
    """Draw a disc at each hint, in its colour."""
    shown = photo.convert("RGB")
    draw = ImageDraw.Draw(shown)
    for hint in hints.points:
        x, y = (
            float(str(length).removesuffix("%")) / 100 * side
            for length, side in zip((hint.x, hint.y), shown.size, strict=True)
        )
        radius = 0.025 * min(shown.size)
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=hint.color, outline="white", width=max(1, round(radius / 4)))
    return shown


if __name__ == "__main__":
    main()
