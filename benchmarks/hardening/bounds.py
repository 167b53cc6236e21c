"""Measures memory and time per picture: the peak above the idle, loaded process (Linux).

    python benchmarks/hardening/bounds.py [--megapixels 24] [--method guided-unet]

Each row is a file that is read, coloured and encoded again. The bound is 3 x (bytes of the decoded
input + bytes of the RGB output) + 100 MB.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from retint import files
from retint.api import load_pipeline
from retint.files import FORMATS, Photo, formats
from retint.picture.pipeline import Pipeline

MEGA = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--method", default="guided-unet")
    args = parser.parse_args()
    side = int((args.megapixels * MEGA) ** 0.5)
    pipeline = load_pipeline(args.method, threads=2)
    coloured(pipeline, encoded(Photo(ramp(256, np.uint8)), "PNG"))
    print("| file | decoded | peak | bound | seconds |\n|---|---|---|---|---|")
    for name, make in FILES.items():
        content = make(side)
        photo = files.read(io.BytesIO(content))
        planes = (photo.pixels, photo.alpha)
        decoded = sum(each.nbytes for each in planes if each is not None)
        output = photo.size[0] * photo.size[1] * 3 * photo.pixels.itemsize
        del photo, planes
        peak, seconds = measured(pipeline, content)
        bound = 3 * (decoded + output) / MEGA + 100
        print(
            f"| {name} | {decoded / MEGA:.0f} MB | {peak:.0f} MB | {bound:.0f} MB | {seconds:.1f} |"
        )


def ramp(side: int, kind: type) -> np.ndarray:
    """A tiny file with many pixels."""
    return np.add.outer(np.arange(side), np.arange(side)).astype(kind)


def encoded(photo: Photo, format: str) -> bytes:
    return files.encode(photo, FORMATS[format])


def deep(side: int) -> Photo:
    grey = ramp(side, np.uint16)
    return Photo(np.dstack([grey, grey, grey // 2]), alpha=grey)


FILES: dict[str, Callable[[int], bytes]] = {
    "grey JPEG": lambda side: encoded(Photo(ramp(side, np.uint8)), "JPEG"),
    "grey PNG, 16 bits": lambda side: encoded(Photo(ramp(side, np.uint16)), "PNG"),
    "toned TIFF": lambda side: encoded(
        Photo(np.dstack([ramp(side, np.uint8)] * 2 + [ramp(side, np.uint8) // 2])), "TIFF"
    ),
    "RGBA PNG, 16 bits": lambda side: encoded(deep(side), "PNG"),
    "RGBA TIFF, 16 bits": lambda side: encoded(deep(side), "TIFF"),
}


def coloured(pipeline: Pipeline, content: bytes) -> bytes:
    photo = files.read(io.BytesIO(content))
    return files.encode(pipeline(photo), formats.kept(photo.format))


def measured(pipeline: Pipeline, content: bytes) -> tuple[float, float]:
    """Megabytes above the process's memory before, and seconds."""
    Path("/proc/self/clear_refs").write_text("5")
    before, began = peak(), time.perf_counter()
    coloured(pipeline, content)
    return peak() - before, time.perf_counter() - began


def peak() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MEGA
    raise OSError("this requires Linux")


if __name__ == "__main__":
    main()
