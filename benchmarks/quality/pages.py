"""Measure how reliably the photographs of album pages are told apart, and how often one photograph
is taken for several.

    python benchmarks/quality/pages.py PICTURES [--pages N] [--alone DIR] [--limit N]

Pages are made from the pictures: two to six on paper of several kinds, each turned by up to two
degrees, with a little noise, uneven light and shadows. A photograph is found if the intersection of
its box with the true one is at least 0.9 of their union.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.evaluation.photographs import Source, find, greyed, read
from retint.files import Photo
from retint.picture import mount
from retint.picture.box import Box

PAPERS = {"black": 25.0, "white": 245.0, "cream": 222.0, "gray": 120.0, "textured": 190.0}
"""Levels."""
TEXTURE = 5.0
"""Standard deviation in levels of textured paper, and of the noise of a scan everywhere."""
NOISE = 1.5
PAGE = (1100, 1500)
"""Height and width in pixels."""
GRIDS = {2: (1, 2), 3: (1, 3), 4: (2, 2), 5: (2, 3), 6: (2, 3)}
"""Rows and columns, by the number of photographs."""
MOST_TILT = 2.0
"""Degrees."""
WHITE_BORDER = 0.04
"""Width of the border of some prints, as a share of their short side."""
ENOUGH = 0.9


class Page(NamedTuple):
    """A made page."""

    pixels: NDArray[np.uint8]
    boxes: list[tuple[float, float, float, float]]
    """Top, bottom, left and right of each photograph."""
    paper: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--alone", type=Path, action="append", default=[])
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--save", type=Path, help="folder for the made pages that are missed")
    args = parser.parse_args()
    sources = find(args.data)
    random = np.random.default_rng(0)
    hits: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for number in range(args.pages):
        page = made(sources, random, list(PAPERS)[number % len(PAPERS)])
        found = [_edges(each) for each in mount.find_all(Photo(page.pixels))]
        hit = sum(max((_overlap(box, each) for each in found), default=0) >= ENOUGH
                  for box in page.boxes)  # fmt: skip
        hits[page.paper] += hit
        counts[page.paper] += len(page.boxes)
        pages[page.paper] += 1
        right = hit == len(page.boxes) == len(found)
        whole[page.paper] += right
        if args.save and not right:
            args.save.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(args.save / f"{number}.jpg"), page.pixels)
    for paper in PAPERS:
        print(f"{paper}: photographs found {hits[paper]} of {counts[paper]}, "
              f"pages told apart {whole[paper]} of {pages[paper]}")  # fmt: skip
    print(f"all: photographs found {hits.total() / counts.total():.3f}, "
          f"pages told apart {whole.total() / pages.total():.3f}")  # fmt: skip
    for folder in [args.data, *args.alone]:
        _print_alone(find(folder, args.limit))


def _print_alone(sources: list[Source]) -> None:
    """Print which single photographs are taken for several, or for having a mount."""
    several, mounted = [], []
    for source in sources:
        found = mount.find_all(Photo(greyed(read(source, 512))))
        if len(found) > 1:
            several.append(source.name)
        elif not found[0].is_whole:
            mounted.append(source.name)
    print(f"{sources[0].data}: {len(sources)} photographs")
    print(f"taken for several: {len(several)} ({', '.join(several[:20])})")
    print(f"taken for mounted: {len(mounted)} ({', '.join(mounted[:20])})")


def made(sources: list[Source], random: np.random.Generator, paper: str) -> Page:
    """An album page with photographs in the cells of a grid."""
    height, width = PAGE
    level = PAPERS[paper]
    page = np.full(PAGE, level)
    if paper == "textured":
        grain = cv2.GaussianBlur(random.normal(0, 1, PAGE), (0, 0), 1.5)
        page += TEXTURE * grain / grain.std()
    count = int(random.integers(2, 7))
    rows, columns = GRIDS[count]
    boxes = []
    for cell in range(count):
        picture = greyed(read(sources[int(random.integers(len(sources)))], 400)).astype(np.float64)
        if random.random() < 0.4:
            border = max(2, round(WHITE_BORDER * min(picture.shape)))
            picture = np.pad(picture, border, constant_values=238)
        room = height / rows, width / columns
        scale = min(room[0] / picture.shape[0], room[1] / picture.shape[1])
        scale *= random.uniform(0.65, 0.85)
        spare = [r - scale * s for r, s in zip(room, picture.shape, strict=True)]
        top, left = (random.uniform(0.25, 0.75) * each for each in spare)
        top, left = top + cell // columns * room[0], left + cell % columns * room[1]
        boxes.append(_paste(page, picture, (top, left), scale, random))
    light = random.uniform(-8, 8, 2)
    page += light[0] * np.linspace(-1, 1, width) + light[1] * np.linspace(-1, 1, height)[:, None]
    page += random.normal(0, NOISE, PAGE)
    return Page(page.clip(0, 255).round().astype(np.uint8), boxes, paper)


def _paste(
    page: NDArray[np.float64], picture: NDArray[np.float64], corner: tuple[float, float],
    scale: float, random: np.random.Generator,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Put a picture on a page with a shadow; returns its bounds."""
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D(
        ((width - 1) / 2, (height - 1) / 2), random.uniform(-MOST_TILT, MOST_TILT), scale
    )
    matrix[:, 2] += corner[1] + (scale - 1) * width / 2, corner[0] + (scale - 1) * height / 2
    size = page.shape[::-1]
    shape = cv2.warpAffine(np.ones_like(picture), matrix, size, flags=cv2.INTER_AREA)
    shadow = cv2.GaussianBlur(shape, (0, 0), 3)
    page -= 0.12 * page * np.roll(shadow, (2, 2), (0, 1))
    moved = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    page += shape * (moved - page)
    ends = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]]) @ matrix.T
    (left, top), (right, bottom) = ends.min(axis=0), ends.max(axis=0)
    return float(top), float(bottom), float(left), float(right)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.top, box.bottom, box.left, box.right


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union of two boxes."""
    down = min(one[1], other[1]) - max(one[0], other[0])
    across = min(one[3], other[3]) - max(one[2], other[2])
    if down <= 0 or across <= 0:
        return 0.0
    areas = sum((each[1] - each[0]) * (each[3] - each[2]) for each in (one, other))
    return down * across / (areas - down * across)


if __name__ == "__main__":
    main()
