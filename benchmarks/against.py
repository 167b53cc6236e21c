"""Compares this version's speed and pictures with another version's, in pairs.

    python benchmarks/against.py OTHER [--rounds 9] [--short]

OTHER is a wheel, a folder with the package `retint`, or a revision of this repository. Both
versions run with the libraries of this environment, in processes of their own that take turns, so
other work on the machine affects both. Times are medians; ratios are medians over pairs.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from PIL import Image

from retint.evaluation.processor import described

ROOT = Path(__file__).parents[1]
SIZES = {"photo": (333, 500), "square": (512, 512), "scan": (3000, 4000)}
"""Height and width of the pictures."""
TASKS = ROOT / "benchmarks" / "speed" / "tasks.py"
WARM = ("first look", "another hint", "12 MP")
"""What `TASKS` does."""
COLD = {"cold, 500 x 333": "photo", "cold, 12 MP": "scan"}
"""What a new process does, with the picture that it colors."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", help="wheel, folder or revision")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--short", action="store_true", help="three rounds, without 12 MP")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_pictures(folder)
        packages = {"this": ROOT / "src", "other": package(args.other, folder / "other")}
        versions = {name: Version(name, each, folder, stack) for name, each in packages.items()}
        print(f"{described()}; this version against {args.other}\n")
        print(f"{'':18}{'this':>10}{'other':>10}{'time':>8}{'CPU':>8}")
        for task in (*WARM, *COLD):
            if not (args.short and "12 MP" in task):
                compare(task, versions, 3 if args.short else args.rounds)
        print(f"\nlargest difference of the pictures: {difference(folder)} of 255")


def package(other: str, folder: Path) -> Path:
    """The folder that contains the package `retint` of a wheel, a folder or a revision."""
    path = Path(other)
    if path.is_dir():
        return path
    if path.is_file():
        zipfile.ZipFile(path).extractall(folder)
        return folder
    archive = subprocess.run(
        ["git", "archive", other, "src"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(folder, filter="data")
    return folder / "src"


def write_pictures(folder: Path) -> None:
    """Shapes with edges, gradients and grain at all sizes, so that no part of the work is idle."""
    rng = np.random.default_rng(0)
    large = np.zeros(SIZES["scan"], np.float32)
    for cells in (6, 24, 96):
        noise = rng.uniform(-1, 1, (cells * 3 // 4, cells)).astype(np.float32)
        grown = cv2.resize(noise, large.shape[::-1], interpolation=cv2.INTER_CUBIC)
        large += np.asarray(grown, np.float32) * np.float32(90 / cells**0.3)
    large = large.clip(-120, 120) + 125 + rng.normal(0, 3, large.shape).astype(np.float32)
    for name, size in SIZES.items():
        pixels = cv2.resize(large, size[::-1], interpolation=cv2.INTER_AREA)
        grey = np.asarray(pixels).clip(0, 255).astype(np.uint8)
        Image.fromarray(grey).save(folder / f"{name}.jpg", quality=92)


class Version:
    """One of both versions, with a process that keeps its networks loaded."""

    def __init__(self, name: str, package: Path, folder: Path, stack: ExitStack) -> None:
        self._folder, self._out = folder, folder / name
        self._out.mkdir(exist_ok=True)
        # Installed packages are compiled once, and so are these, by their first run.
        kept = {key: each for key, each in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        self._environment = {**kept, "PYTHONPATH": str(package)}
        command = [sys.executable, str(TASKS), str(self._out)]
        self._process = stack.enter_context(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=self._environment,
            )
        )  # fmt: skip
        stack.callback(lambda: self._process.stdin and self._process.stdin.close())

    def __call__(self, task: str) -> tuple[float, float]:
        """Seconds and CPU seconds of a task."""
        if task in COLD:
            return self._cold(COLD[task])
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(task + "\n")
        self._process.stdin.flush()
        seconds, busy = json.loads(self._process.stdout.readline())
        return seconds, busy

    def _cold(self, picture: str) -> tuple[float, float]:
        command = [
            sys.executable, "-m", "retint", str(self._folder / f"{picture}.jpg"), "--force",
            "--quiet", "-o", str(self._out / f"{picture}.jpg"),
        ]  # fmt: skip
        began, before = time.perf_counter(), os.times()
        subprocess.run(command, check=True, env=self._environment, cwd=self._out)
        after = os.times()
        busy = after.children_user + after.children_system
        busy -= before.children_user + before.children_system
        return time.perf_counter() - began, busy


def compare(task: str, versions: dict[str, Version], rounds: int) -> None:
    """Print a line of the table."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in versions}
    for turn in range(rounds + 1):
        order = list(versions) if turn % 2 else list(reversed(versions))
        for name in order:
            found[name].append(versions[name](task))
    pairs = list(zip(found["this"][1:], found["other"][1:], strict=True))  # without the warm-up
    this, other = (1000 * median(each[k][0] for each in pairs) for k in range(2))
    ratios = [median(mine[k] / max(theirs[k], 1e-6) for mine, theirs in pairs) for k in range(2)]
    print(f"{task:18}{this:7.0f} ms{other:7.0f} ms{ratios[0]:7.2f}x{ratios[1]:7.2f}x", flush=True)


def difference(folder: Path) -> int:
    """Largest difference of the pictures that both versions wrote."""
    mine, theirs = (sorted((folder / name).glob("*.png")) for name in ("this", "other"))
    return max(
        int(np.abs(np.asarray(Image.open(one), int) - np.asarray(Image.open(other), int)).max())
        for one, other in zip(mine, theirs, strict=True)
    )


if __name__ == "__main__":
    main()
