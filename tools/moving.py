"""Makes the README's animation: a line moves across old photographs and leaves colour behind.

python tools/moving.py [-o docs/pictures/moving.webp]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageOps

import retint

PROJECT = Path(__file__).parents[1]
NAMES = ("migrant-mother-1936", "broadway-saratoga-springs-1900s")
SIZE = (480, 360)
STEPS = 12
REST = 1100
"""Milliseconds for which a picture is shown in colour."""
FRAME = 55
LINE = 2
QUALITY = 72


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    target = PROJECT / "docs" / "pictures" / "moving.webp"
    parser.add_argument("-o", "--output", type=Path, default=target)
    args = parser.parse_args()
    frames: list[Image.Image] = []
    times: list[int] = []
    for name in NAMES:
        with Image.open(PROJECT / "examples" / "photographs" / f"{name}.jpg") as photo:
            grey = ImageOps.grayscale(photo)
        color = retint.colorize(grey)
        before, after = (fitted(each) for each in (grey, color))
        for step in range(STEPS + 1):
            frames.append(wiped(before, after, step / STEPS))
            times.append(REST if step in (0, STEPS) else FRAME)
    frames[0].save(
        args.output, save_all=True, append_images=frames[1:], duration=times, loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip
    print(args.output)


def fitted(picture: Image.Image) -> Image.Image:
    """The upper middle part of a picture, at the size of the animation."""
    return ImageOps.fit(
        picture.convert("RGB"), SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.3)
    )


def wiped(before: Image.Image, after: Image.Image, share: float) -> Image.Image:
    """Colour on the left, up to a white line."""
    edge = round(share * SIZE[0])
    frame = before.copy()
    frame.paste(after.crop((0, 0, edge, SIZE[1])), (0, 0))
    if 0 < edge < SIZE[0]:
        frame.paste("white", (edge - LINE, 0, edge, SIZE[1]))
    return frame


if __name__ == "__main__":
    main()
