"""Compares exact and recompressed lightness from JPEG to JPEG: time and memory for a 12-megapixel
scan.

    python benchmarks/speed/exact.py [--threads 2] [--times 5]

Measured from file to file in a warm process, with a separate process for each mode. For comparison,
decoding and encoding alone (Pillow, with the settings of recompression).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from retint import files
from retint.api import load_pipeline
from retint.evaluation.memory import megabytes
from retint.picture.finish import Finish
from retint.picture.request import Request

SIZE = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--one")
    args = parser.parse_args()
    if args.one:
        one(args.one, args.threads, args.times)
        return
    for way in ("decode and encode", "recompressed", "exact"):
        command = [sys.executable, __file__, "--one", way, "--threads", str(args.threads),
                   "--times", str(args.times)]  # fmt: skip
        subprocess.run(command, check=True)


def one(way: str, threads: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.jpg"), Path(folder, "b.jpg")
        picture = Image.fromarray(skimage.data.camera()).resize(SIZE)  # type: ignore[no-untyped-call]
        noise = np.random.default_rng(0).normal(0, 4, SIZE[::-1])
        grain = (np.asarray(picture) + noise).clip(0, 255).astype(np.uint8)
        Image.fromarray(grain).save(source, quality=90)
        format_ = files.FORMATS["JPEG"]

        def plain() -> None:
            with Image.open(source) as opened:
                opened.convert("RGB").save(target, "JPEG", **format_.options)

        act: Callable[[], None] = plain
        if way != "decode and encode":
            finish = Finish(lightness=way)  # type: ignore[arg-type]
            request = Request(load_pipeline("guided-unet", threads=threads), finish)

            def colour() -> None:
                result = request(files.read(source), format_)
                files.write_all(result.pictures, [target])

            act = colour
        act()
        clear = Path("/proc/self/clear_refs")
        clear.write_text("5")
        before = megabytes("VmRSS")
        seconds = []
        for _ in range(times):
            began = time.perf_counter()
            act()
            seconds.append(time.perf_counter() - began)
        size = source.stat().st_size, target.stat().st_size
        took, peak = sorted(seconds)[times // 2], megabytes("VmHWM") - before
        ratio = size[1] / size[0]
        print(f"{way}: {took:.2f} s, {peak} MB above idle, file {ratio:.3f} x the source")


if __name__ == "__main__":
    main()
