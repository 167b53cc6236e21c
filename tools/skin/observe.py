"""Write down what the recognizer sees in pictures of people, and in others.

    python -m tools.skin.observe DATA/photos.csv semantics.onnx FOLDER

7,710 pictures, about 40 ms each on one core of an AMD EPYC with AVX-512.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from retint.color import lab
from retint.color.resize import average
from retint.colorizers.parts.semantics import GREY, LAYERS, square
from retint.evaluation.photographs import greyed
from retint.files import read
from tools.semantics.store import CELLS, WIDTH

TOKENS, COLORS, NAMES = "tokens.npy", "colors.npy", "names.txt"
"""Of each picture: outputs of both layers [256, 768]; mean L*a*b* of the cells of the answer
[32, 32, 3]; its source and the name of its original.
"""
SIDE = 32
PEOPLE = {
    "people": 2600, "lfw": 1300, "faces": 500, "utkface": 500, "pedestrians": 250, "humanseg": 150,
}  # fmt: skip
"""How many pictures of each source that shows people."""
OTHERS = {
    "catsdogs": 200, "intel": 200, "rooms": 300, "houses": 150, "architecture": 150,
    "flowers": 120, "food": 200, "grocery": 100, "natscene": 150, "weather": 80, "cars": 120,
    "clothing": 250, "monkeys": 120, "imagewoof": 150, "vehicles": 120,
}  # fmt: skip
"""The same of sources that hardly show any."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="CSV of the files and their sources")
    parser.add_argument("network", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(args.network, options)
    rows = chosen(args.table)
    args.folder.mkdir(parents=True, exist_ok=True)
    tokens: NDArray[np.float16] = np.lib.format.open_memmap(
        args.folder / TOKENS, "w+", np.float16, (len(rows), CELLS, WIDTH)
    )
    colors = np.empty((len(rows), SIDE, SIDE, 3), np.float32)
    for k, row in enumerate(rows):
        pixels = read(args.table.with_suffix("") / row["file"]).pixels[..., :3]
        seen = lab.rgb_to_lab(pixels)
        seen[..., 0] = lab.lightness(greyed(pixels))
        found = session.run(LAYERS, {GREY: square(seen[..., 0])[None, None]})
        tokens[k] = np.concatenate(found, axis=-1)[0, 1:]
        colors[k] = average(seen, (SIDE, SIDE))
    np.save(args.folder / COLORS, colors)
    names = [f"{row['source']}|{row['original']}\n" for row in rows]
    (args.folder / NAMES).write_text("".join(names), "utf-8")


def chosen(table: Path) -> list[dict[str, str]]:
    """Rows of the table: so many of each source, in random order."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(5).shuffle(rows)
    left = PEOPLE | OTHERS
    found = []
    for row in rows:
        if left.get(row["source"], 0):
            left[row["source"]] -= 1
            found.append(row)
    random.Random(6).shuffle(found)
    return found


if __name__ == "__main__":
    main()
