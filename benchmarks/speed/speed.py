"""Measures speed and memory of a method: a cold process, a warm one, and the parts of the time.

    python benchmarks/speed/speed.py [--method NAME] [--threads N]

The picture is generated: 12 megapixels of blurred noise with film grain, saved as JPEG.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from PIL import Image

import retint
from retint import files
from retint.color.lab import Float32
from retint.color.resize import run_padded
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers import DEFAULT, takes_hints
from retint.evaluation.processor import described
from retint.hints import Hint
from retint.picture.pipeline import Pipeline
from retint.picture.stripes import merge
from retint.threads import threads_or_all

SIZE = (3000, 4000)
REPEATS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--method", default=DEFAULT)
    args = parser.parse_args()
    method, threads = args.method, args.threads
    if threads:
        cv2.setNumThreads(threads)
    print(f"retint {retint.__version__}, {method}, {threads_or_all(threads)} threads")
    print(f"{described()}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        Image.fromarray(scan()).save(path, quality=92)
        seconds, peak = cold(path, method, threads)
        print(f"cold process, 12 MP JPEG to JPEG   {seconds:8.2f} s   peak {peak:.0f} MB")
        small = cv2.resize(scan(), (500, 333), interpolation=cv2.INTER_AREA)
        Image.fromarray(small).save(path.with_name("small.jpg"), quality=92)
        seconds, _ = cold(path.with_name("small.jpg"), method, threads)
        print(f"cold process, 500 x 333            {seconds:8.2f} s")
        pipeline = retint.load(method, threads=threads).pipeline
        print(f"warm, 12 MP JPEG to JPEG           {warm(path, pipeline):8.2f} s")
        small = cv2.resize(scan(), (512, 512), interpolation=cv2.INTER_AREA)
        # Noise has no up, so `auto` looks at it from all four sides. It is another picture each
        # time, since what was recognized in the last ones is kept.
        steps = iter(range(1000))
        for upright in ("off", "auto"):
            colorizer = retint.load(method, threads=threads, upright=upright)
            seconds = timed(lambda c=colorizer: c(np.roll(small, next(steps))))  # type: ignore[misc]
            print(f"warm, 512 x 512, upright {upright:11}{seconds * 1e3:8.1f} ms")
        if takes_hints(type(pipeline.colorizer)):
            session = colorizer.open(small)
            places = iter(range(1000))
            milliseconds = timed(lambda: session.colorize([Hint(next(places), 9, "navy")])) * 1e3
            print(f"warm, 512 x 512, another hint      {milliseconds:8.1f} ms")
        print()
        print_split(path, pipeline)


def scan() -> np.ndarray:
    """Grey [3000, 4000] uint8 with structure at all scales and grain."""
    rng = np.random.default_rng(0)
    picture = np.zeros(SIZE, np.float32)
    for cells in (6, 24, 96, 384):
        noise = rng.uniform(-1, 1, (cells * 3 // 4, cells)).astype(np.float32)
        layer = cv2.resize(noise, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
        picture += np.asarray(layer, dtype=np.float32) * np.float32(60 / cells**0.3)
    picture += rng.normal(0, 4, SIZE).astype(np.float32)
    return np.clip(picture + 128, 0, 255).astype(np.uint8)


def cold(path: Path, method: str, threads: int) -> tuple[float, float]:
    """Median seconds and peak memory in MB of `retint photo.jpg` as a process."""
    command = [sys.executable, "-m", "retint", str(path), "--method", method, "--force", "--quiet"]
    if threads:
        command += ["--threads", str(threads)]
    # Installed packages are compiled once, and so is this one, by the first call.
    own = {name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = timed(lambda: subprocess.run(command, check=True, env=own))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, peak


def warm(path: Path, pipeline: Pipeline) -> float:
    target = path.with_name("out.jpg")
    return timed(lambda: files.write(pipeline(files.read(path)), target, overwrite=True))


class Stopwatch(GuidedUpsampler):
    """A guided upsampler that records its time over all threads."""

    seconds = 0.0

    def __call__(self, rows: slice, lightness: Float32) -> Float32:
        began = time.perf_counter()
        chroma = super().__call__(rows, lightness)
        self.seconds += time.perf_counter() - began
        return chroma


def print_split(path: Path, pipeline: Pipeline) -> None:
    """Print the warm time by parts: medians over complete runs."""
    whole = warm(path, pipeline)
    runs = [one_run(path, pipeline) for _ in range(REPEATS)]
    parts = {name: median(run[name] for run in runs) for name in runs[0]}
    parts["rest"] = whole - sum(parts.values())
    print("part of the warm time         ms      %")
    for name, seconds in parts.items():
        print(f"{name:<24} {seconds * 1e3:8.1f} {100 * seconds / whole:6.1f}")
    print(f"{'whole':<24} {whole * 1e3:8.1f}  100.0")


def one_run(path: Path, pipeline: Pipeline) -> dict[str, float]:
    """Seconds of each step of `warm`, in its order."""
    parts: dict[str, float] = {}
    last = time.perf_counter()

    def took(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        parts[name], last = now - last, now

    photo = files.read(path)
    took("decode")
    colorizer = pipeline.colorizer
    small = pipeline.shrunk(photo)
    took("lightness, shrunk")
    chroma = run_padded(colorizer, small, colorizer.size)
    took("network")
    upsampler = Stopwatch(small, chroma, photo.size)
    took("guided upsampling")
    rgb = merge(photo, upsampler, threads=pipeline.threads)
    took("merge")
    within = upsampler.seconds / threads_or_all(pipeline.threads)
    parts["guided upsampling"] += within
    parts["merge"] -= within
    content = files.encode(photo.with_pixels(rgb), files.FORMATS["JPEG"])
    took("encode")
    path.with_name("split.jpg").write_bytes(content)
    took("writing")
    return parts


def timed(call: Callable[[], object]) -> float:
    """Median seconds of a call, after a warm-up call."""
    call()
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return median(seconds)


if __name__ == "__main__":
    main()
