"""Write down what the backbone sees in training pictures.

    python -m tools.semantics.observe DATA/photos.csv vit_s_focus.onnx FOLDER

Goes on where it ended. Pictures of small sources come early, so that training may begin before all
have been observed. Takes about 110 ms a picture on two cores of an AMD EPYC with AVX-512.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from retint.color import lab
from retint.color.lab import Float32
from retint.colorizers.parts.semantics import GREY, LAYERS, cells, square
from retint.evaluation.photographs import greyed
from retint.files import read as read_photo
from tools.semantics.backbone import backbone
from tools.semantics.store import FINE, Store

ROUND = 100
"""Pictures between two marks of how far it is."""
SURVEYED = 200
"""Pictures from which the scales of the tokens are taken."""
HEADROOM = 0.75
"""Share of the largest value seen that 8 bits hold; what is beyond is cut off."""


class Observer:
    """The backbone, run by one thread each picture: several pictures at a time are faster."""

    def __init__(self, network: Path, store: Store) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model: onnx.ModelProto = backbone(network)
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        self._store = store

    def survey(self, pictures: list[Path]) -> None:
        """Choose the scales with which tokens are stored."""
        seen = np.concatenate([self._tokens(_read(each)[..., 0])[0] for each in pictures])
        mean = seen.mean(axis=0)
        scale = np.maximum(HEADROOM * np.abs(seen - mean).max(axis=0), 1e-3) / 127
        np.save(self._store.folder / "scales.npy", np.stack([mean, scale]).astype(np.float32))

    def observe(self, row: int, picture: Path) -> None:
        """Fill a row of the store."""
        colors = _read(picture)
        tokens, whole = self._tokens(colors[..., 0])
        store = self._store
        mean, scale = store.scales
        store.tokens[row] = np.clip(np.rint((tokens - mean) / scale), -127, 127)
        store.whole[row] = whole
        store.light[row] = cells(colors[..., 0])
        store.truth[row] = np.clip(np.rint(cells(colors[..., 1:], FINE)), -127, 127)

    def _tokens(self, lightness: Float32) -> tuple[Float32, Float32]:
        """Of both layers: tokens of the cells [256, 768] and of the whole picture [768]."""
        inputs = {GREY: square(lightness)[None, None]}
        both = np.concatenate(self._session.run(LAYERS, inputs), axis=-1)[0]
        return both[1:], both[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="CSV of the files and their sources")
    parser.add_argument("network", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-once", type=int, default=2)
    args = parser.parse_args()
    pictures = [args.table.with_suffix("") / each for each in order(args.table)]
    store = Store.open(args.folder, len(pictures))
    observer = Observer(args.network, store)
    if not (args.folder / "scales.npy").exists():
        observer.survey(pictures[:SURVEYED])
    with ThreadPoolExecutor(args.at_once) as pool:
        for first in range(store.done, len(pictures), ROUND):
            rows = range(first, min(first + ROUND, len(pictures)))
            list(pool.map(lambda row: observer.observe(row, pictures[row]), rows))
            store.mark(rows.stop)


def order(table: Path) -> list[str]:
    """All files: from each source so many as the root of its size, again and again."""
    by_source: dict[str, list[str]] = defaultdict(list)
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            by_source[row["source"]].append(row["file"])
    chance = random.Random(7)
    keyed = []
    for files in by_source.values():
        chance.shuffle(files)
        keyed += [((k + chance.random()) / len(files) ** 0.5, f) for k, f in enumerate(files)]
    return [file for _, file in sorted(keyed)]


def _read(picture: Path) -> Float32:
    """L*a*b* [H, W, 3]; L* is that of its grey of 8 bits, as of a photograph without colour."""
    pixels = read_photo(picture).pixels[..., :3]
    colors = lab.rgb_to_lab(pixels)
    colors[..., 0] = lab.lightness(greyed(pixels))
    return colors


if __name__ == "__main__":
    main()
