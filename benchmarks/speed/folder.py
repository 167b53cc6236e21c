"""Measures how long a folder of references takes to be looked at, and then to be read again.

    python benchmarks/speed/folder.py [--count N] [--threads N]

The pictures are photographs of scikit-image, enlarged to 12 megapixels, as JPEG.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import skimage.data
from PIL import Image

from retint.api import load_pipeline
from retint.picture.gallery_index import NAME
from retint.picture.reference import Reference

SIZE = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    pipeline = load_pipeline(threads=args.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [getattr(skimage.data, each)() for each in ("astronaut", "coffee", "cat", "rocket")]
        for k in range(args.count):
            picture = Image.fromarray(made[k % len(made)]).resize(SIZE)
            picture.rotate(k, expand=False).save(folder / f"{k}.jpg", quality=90)
        Reference(pipeline)  # loads the network
        for what in ("looked at", "read again"):
            began, used = time.perf_counter(), time.process_time()
            Reference.nearest_of(pipeline, folder)
            wall, cpu = time.perf_counter() - began, time.process_time() - used
            print(
                f"{args.count} pictures {what}, {args.threads} threads: {wall / args.count:.3f} s "
                f"each, {cpu / args.count:.3f} s of processor time each"
            )
        print(f"index: {(folder / NAME).stat().st_size / args.count / 1000:.2f} kB for each")


if __name__ == "__main__":
    main()
