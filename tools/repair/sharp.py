"""Pack grey cuts of training pictures at their own size, for their fine texture.

    python -m tools.repair.sharp DATA/photos.csv FOLDER

`tools.packed` squeezes pictures and stores them softly; hair and lace, which must not count as
damage, are lost in it. Its reader also reads this pack.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.packed.read import SIDE
from tools.packed.write import ordered, original_of

QUALITY = 72


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="photos.csv, beside the folder photos/")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=float, default=16.0)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    photos = args.table.with_suffix("")
    numbers: dict[str, int] = {}
    names: list[int] = []
    pictures: list[bytes] = []
    chance = random.Random(11)
    for row in ordered(args.table):
        if sum(map(len, pictures)) > args.megabytes * 1e6:
            break
        names.append(numbers.setdefault(original_of(row), len(numbers)))
        pictures.append(_webp(cut(photos / row["file"], chance)))
    stem = args.folder / "part0"
    stem.with_suffix(".webps").write_bytes(b"".join(pictures))
    sizes = np.array([len(each) for each in pictures], np.int32)
    np.savez(stem.with_suffix(".npz"), sizes=sizes, originals=np.array(names, np.int32))
    print(f"{stem}: {len(names)} cuts, {sizes.sum() / 1e6:.1f} MB")


def cut(path: Path, chance: random.Random) -> NDArray[np.uint8]:
    """A grey square at the picture's own size; small pictures go on mirrored at their border."""
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L"))
    right, below = (max(0, SIDE - length) for length in grey.shape[::-1])
    grey = np.asarray(
        cv2.copyMakeBorder(grey, 0, below, 0, right, cv2.BORDER_REFLECT_101), np.uint8
    )
    top, left = (chance.randint(0, length - SIDE) for length in grey.shape)
    return grey[top : top + SIDE, left : left + SIDE]


def _webp(grey: NDArray[np.uint8]) -> bytes:
    _, content = cv2.imencode(".webp", grey, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return content.tobytes()


if __name__ == "__main__":
    main()
