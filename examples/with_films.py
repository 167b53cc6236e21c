"""Make a sheet of coloured films, with five frames of each.

python examples/with_films.py FILM... [-o docs/pictures/film.jpg]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import av
from PIL import Image

import retint
from retint.picture.sheet import Row, contact_sheet

FRAMES = 5
WIDTH = 260
QUALITY = 88


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path, nargs="+")
    target = Path(__file__).parents[1] / "docs" / "pictures" / "film.jpg"
    parser.add_argument("-o", "--output", type=Path, default=target)
    args = parser.parse_args()
    rows = [Row(film.stem, colored(film)) for film in args.films]
    sheet = contact_sheet([""] * FRAMES, rows, tile=WIDTH)
    sheet.save(args.output, quality=QUALITY)
    print(args.output)


def colored(film: Path) -> list[Image.Image]:
    """Evenly spaced frames of a film, which is coloured as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / film.name
        retint.open_film(film).colorize(target)
        with av.open(target) as found:
            frames = [frame.to_image() for frame in found.decode(video=0)]  # type: ignore[no-untyped-call]
    return [frames[(2 * k + 1) * len(frames) // (2 * FRAMES)] for k in range(FRAMES)]


if __name__ == "__main__":
    main()
