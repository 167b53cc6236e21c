"""Compares the files of `retint export --whole` with retint: size, seconds, differences in levels.

    python benchmarks/speed/whole.py [--pictures FOLDER] [--count 40] [--threads 1]

Seconds are the shortest of several runs in turn, for pictures of 512 x 512 pixels and of 12
megapixels. Differences are of the pictures of a folder, by default of scikit-image's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.files import Photo
from retint.whole import export

FILES = {"unet": ("unet", {}), "guided-unet, no objects": ("guided-unet", {"semantics": False})}
FILES |= {"guided-unet": ("guided-unet", {})}
Picture = NDArray[Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    for name, (method, options) in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "retint.onnx"
            export.export(method, target, **options)
            size = target.stat().st_size / 1e6
            file = runner(target, args.threads)
        own = pipeline(method, args.threads, options)
        apart = [difference(file, own, each) for each in pictures(args.pictures, args.count)]
        within = [(each <= 1).mean() for each in apart]
        print(
            f"{name}: {size:.1f} MB; within 1 level {np.mean(within):.4%} of the pixels, "
            f"{min(within):.3%} in the worst picture; largest difference "
            f"{max(each.max() for each in apart)}"
        )
        for sides in ((512, 512), (3000, 4000)):
            seen = cv2.resize(next(pictures(None, 1)), sides[::-1], interpolation=cv2.INTER_CUBIC)
            one, other = seconds(seen, file, own)
            ratio = one / other
            print(
                f"  {sides[0]} x {sides[1]}: {one:.2f} s, retint {other:.2f} s: {ratio:.1f} times"
            )


def runner(path: Path, threads: int) -> Callable[[Picture], Picture]:
    """What colors a picture with a file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    vividness = np.ones(1, np.float32)

    def run(picture: Picture) -> Picture:
        found: Picture = session.run(None, {"picture": picture[None], "vividness": vividness})[0][0]
        return found

    return run


def pipeline(method: str, threads: int, options: dict[str, Any]) -> Callable[[Picture], Picture]:
    """What colors a picture with retint, without looking for a mount or turning it."""
    own = retint.load(method, threads=threads, upright="off", **options).pipeline
    return lambda picture: own(Photo(picture, bare=True)).pixels


def pictures(folder: Path | None, count: int) -> Iterator[Picture]:
    if folder is None:
        yield skimage.data.coffee()  # type: ignore[no-untyped-call]
        yield skimage.data.astronaut()  # type: ignore[no-untyped-call]
        return
    for path in sorted(folder.iterdir())[:count]:
        yield np.asarray(Image.open(path).convert("RGB"))


def difference(
    one: Callable[[Picture], Picture], other: Callable[[Picture], Picture], picture: Picture
) -> NDArray[np.int16]:
    """Largest difference of each pixel, in levels."""
    apart: NDArray[np.int16] = np.abs(one(picture).astype(np.int16) - other(picture)).max(axis=-1)
    return apart


def seconds(picture: Picture, *methods: Callable[[Picture], Picture], runs: int = 4) -> list[float]:
    """Shortest time of each method, called in turn."""
    times = []
    for run in range(runs):
        # retint keeps what it recognized in a picture, so each run gets another one.
        seen = cv2.add(picture, np.full_like(picture, run))
        for method in methods:
            start = time.perf_counter()
            method(seen)
            times.append(time.perf_counter() - start)
    return [min(times[k :: len(methods)]) for k in range(len(methods))]


if __name__ == "__main__":
    main()
