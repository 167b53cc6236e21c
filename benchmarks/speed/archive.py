"""Measures speed and memory for folders, and tests whether runs survive being killed.

    python benchmarks/speed/archive.py [--threads 2] [--workers 1,2,4] [--megapixels 1,12]
        [--seconds 20]
    python benchmarks/speed/archive.py --kills 10 [--pictures 2000]

The first command prints pictures per second and peak memory for each number of workers, with the
same total number of threads; one worker is a loop over single files. The second kills a run that
many times at random moments, resumes it, and compares the manifest with the files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageFilter

from retint.batch.names import MANIFEST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--megapixels", default="1,12")
    parser.add_argument(
        "--seconds", type=float, default=20, help="approximate duration of the slowest run"
    )
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=2000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if args.kills:
            survive(Path(name), args.kills, args.pictures, args.threads)
            return
        print("| megapixels | workers | pictures/s | times one worker | peak memory |")
        print("|---|---|---|---|---|")
        for megapixels in map(float, args.megapixels.split(",")):
            scans = Path(name) / f"{megapixels:g}"
            count = max(4, round(args.seconds * (1.8 if megapixels > 4 else 12)))
            generate(scans, count, megapixels)
            alone = 0.0
            for workers in map(int, args.workers.split(",")):
                results = Path(name) / f"{megapixels:g}-{workers}"
                seconds, memory = measured(scans, results, workers, args.threads)
                rate = count / seconds
                alone = alone or rate
                print(
                    f"| {megapixels:g} | {workers} | {rate:.2f} | {rate / alone:.2f} | "
                    f"{memory / 1e6:.0f} MB |",
                    flush=True,
                )


def generate(folder: Path, count: int, megapixels: float) -> None:
    """Grey JPEG files that resemble scans: an enlarged photograph with grain."""
    folder.mkdir()
    source = Image.fromarray(skimage.data.camera())  # type: ignore[no-untyped-call]
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    large = source.resize((width, width * 3 // 4), Image.Resampling.BICUBIC)
    large = large.filter(ImageFilter.GaussianBlur(1))
    grain = np.random.default_rng(0).normal(0, 6, (large.height, large.width))
    first = folder / "0000.jpg"
    Image.fromarray((np.asarray(large) + grain).clip(0, 255).astype(np.uint8)).save(
        first, quality=92
    )
    for k in range(1, count):
        (folder / f"{k:04d}.jpg").write_bytes(first.read_bytes())


def command(scans: Path, results: Path, workers: int, threads: int) -> list[str]:
    options = ["--workers", str(workers), "--threads", str(threads), "--quiet", "--resume"]
    return [sys.executable, "-m", "retint", str(scans), "-o", str(results), "--recursive", *options]


def measured(scans: Path, results: Path, workers: int, threads: int) -> tuple[float, int]:
    """Seconds, and peak memory in bytes."""
    began = time.perf_counter()
    run = subprocess.Popen(command(scans, results, workers, threads))
    _, status, usage = os.wait4(run.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit("retint failed")
    return seconds, usage.ru_maxrss * 1024


def survive(folder: Path, kills: int, pictures: int, threads: int) -> None:
    scans, results = folder / "scans", folder / "results"
    scans.mkdir()
    grain = np.random.default_rng(0)
    for k in range(pictures):
        path = scans / f"{k % 20:02d}" / f"{k:05d}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(grain.integers(0, 256, (96, 128)).astype(np.uint8)).save(path)
    call = command(scans, results, threads, threads)
    moments = random.Random(0)
    for k in range(kills):
        run = subprocess.Popen(call)
        time.sleep(moments.uniform(1, 4))
        run.kill()
        run.wait()
        done = sum(1 for each in results.rglob("*.png") if each.name[0] != ".")
        print(f"killed {k + 1} times: {done} files", flush=True)
    subprocess.run(call, check=True)
    entries = [json.loads(line) for line in (results / MANIFEST).read_text().splitlines()]
    agree = sum(
        hashlib.sha256((results / each["name"]).read_bytes()).hexdigest() == each["sha256"]
        for entry in entries
        for each in entry["outputs"]
    )
    files = [p for p in results.rglob("*") if p.is_file() and p.suffix == ".png"]
    print(f"{pictures} pictures, {len(entries)} lines, {len(files)} files, {agree} agree")
    if not pictures == len(entries) == len(files) == agree:
        raise SystemExit("these numbers should be equal")


if __name__ == "__main__":
    main()
