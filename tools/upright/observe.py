"""Write down what the backbone sees in photographs lying on their side or head.

    python -m tools.upright.observe DATA/photos.csv UPRIGHT vit_s_focus.onnx FOLDER --seconds 1080

UPRIGHT is a folder of `tools.semantics.observe`, which has done the same for the photographs as
they are; its scales are used here, too. Each photograph is shown in one of the three other turns.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime

from retint.color import lab
from retint.colorizers.parts.framed import turned
from retint.colorizers.parts.semantics import GREY, LAYERS, square
from retint.evaluation.photographs import greyed
from retint.files import read
from tools.semantics.backbone import backbone
from tools.semantics.observe import order
from tools.semantics.store import Store
from tools.upright.head import TURNS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="CSV of the files and their sources")
    parser.add_argument("upright", type=Path)
    parser.add_argument("network", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0, help="row of the first photograph")
    parser.add_argument("--seconds", type=float, required=True)
    args = parser.parse_args()
    pictures = [args.table.with_suffix("") / each for each in order(args.table)]
    mean, scale = Store.open(args.upright, len(pictures)).scales
    store = Store.open(args.folder, len(pictures))
    np.save(args.folder / "scales.npy", np.stack([mean, scale]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = backbone(args.network).SerializeToString()
    session = onnxruntime.InferenceSession(model, options)
    began, row = time.monotonic(), max(args.first, store.done)
    while row < len(pictures) and time.monotonic() - began < args.seconds:
        light = lab.lightness(greyed(read(pictures[row]).pixels[..., :3]))
        inputs = {GREY: square(turned(light, -turn_of(row)))[None, None]}
        (seen,) = np.concatenate(session.run(list(LAYERS), inputs), axis=-1)
        store.tokens[row] = np.clip(np.rint((seen[1:] - mean) / scale), -127, 127)
        store.whole[row] = seen[0]
        row += 1
        store.mark(row)


def turn_of(row: int) -> int:
    """Quarter turns clockwise that would make the photograph of a row upright."""
    return 1 + (row + 1) % (TURNS - 1)


if __name__ == "__main__":
    main()
