"""Pack the training pictures into files that are small enough to travel.

    python -m tools.packed.write DATA/photos.csv FOLDER

Every picture is squeezed to a square of 160 pixels and stored as WebP, about 2 kB each. Pictures of
small sources come early, so that the first files alone are a fair sample of all.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tools.packed.read import SIDE

QUALITY = 32
PARTS_MB = (36, 60, 60)
"""Largest size of each file in MB; what does not fit into them is left out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="photos.csv, beside the folder photos/")
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = ordered(args.table)
    photos = args.table.with_suffix("")
    with ThreadPoolExecutor(2) as pool:
        packed = pool.map(lambda row: pack(photos / row["file"]), rows)
        for part, (names, pictures) in enumerate(parts(zip(rows, packed, strict=True))):
            stem = args.folder / f"part{part}"
            stem.with_suffix(".webps").write_bytes(b"".join(pictures))
            sizes = np.array([len(each) for each in pictures], np.int32)
            np.savez(stem.with_suffix(".npz"), sizes=sizes, originals=np.array(names, np.int32))
            print(f"{stem}: {len(names)} pictures, {sizes.sum() / 1e6:.1f} MB", flush=True)


def ordered(table: Path) -> list[dict[str, str]]:
    """All rows: from each source so many as the root of its size, again and again."""
    by_source: dict[str, list[dict[str, str]]] = defaultdict(list)
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            by_source[row["source"]].append(row)
    chance = random.Random(7)
    keyed = []
    for rows in by_source.values():
        chance.shuffle(rows)
        keyed += [
            (((k + chance.random()) / len(rows) ** 0.5, k), row) for k, row in enumerate(rows)
        ]
    return [row for _, row in sorted(keyed, key=lambda each: each[0])]


def original_of(row: dict[str, str]) -> str:
    """Name of the picture that a row shows, or a part of."""
    return f"{row['source']} {row['original'].split('#')[0]}"


def pack(path: Path) -> bytes:
    """The picture as a square WebP."""
    with Image.open(path) as picture:
        square = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    square.save(stream, "WEBP", quality=QUALITY, method=4)
    return stream.getvalue()


def parts(
    packed: Iterable[tuple[dict[str, str], bytes]],
) -> Iterator[tuple[list[int], list[bytes]]]:
    """Groups of pictures for one file each; crops of one original share a number."""
    numbers: dict[str, int] = {}
    limits = iter(PARTS_MB)
    names: list[int] = []
    pictures: list[bytes] = []
    limit, size = next(limits) * 1e6, 0
    for row, picture in packed:
        if size + len(picture) > limit:
            yield names, pictures
            following = next(limits, None)
            if following is None:
                return
            limit, names, pictures, size = following * 1e6, [], [], 0
        names.append(numbers.setdefault(original_of(row), len(numbers)))
        pictures.append(picture)
        size += len(picture)
    yield names, pictures


if __name__ == "__main__":
    main()
