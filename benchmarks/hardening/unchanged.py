"""Checks that a change does not alter any output pixels.

    python benchmarks/hardening/unchanged.py DIR before.json [--limit 20]     before the change
    python benchmarks/hardening/unchanged.py DIR before.json                  after the change

The first call writes hashes of the outputs of every method for the photographs in DIR; the second
compares. Only the command line is used, which is stable across internal changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

WAYS = {
    "gray": ["--method", "gray"],
    "mean": ["--method", "mean", "--saturation", "1.5"],
    "unet": ["--method", "unet"],
    "unet raw": ["--method", "unet", "--raw"],
    "resnet-unet": ["--method", "resnet-unet", "--vividness", "1.3"],
    "guided-unet": ["--method", "guided-unet"],
    "hinted": ["--hint", "40%,30%,navy", "--hint", "70%,60%,#b03a2e"],
    "chroma-diffusion": ["--method", "chroma-diffusion", "--seed", "3", "--variants", "2"],
    "hybrid": ["--method", "hybrid", "--guidance-scale", "2"],
    "hybrid on resnet": ["--method", "hybrid", "--base", "resnet-unet"],
    "layer": ["--chroma-only", "--profile", "display-p3"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("hashes", type=Path)
    parser.add_argument("--limit", type=int, default=20)
    args = parser.parse_args()
    found = {name: hashes(args.data, args.limit, way) for name, way in WAYS.items()}
    if not args.hashes.exists():
        args.hashes.write_text(json.dumps(found, indent=1))
        return
    before = json.loads(args.hashes.read_text())
    for name, here in found.items():
        same = sum(here[each] == before[name].get(each) for each in here)
        print(f"{name:<18} {same} of {len(here)} files have the same pixels")
    sys.exit(found != before)


def hashes(data: Path, limit: int, way: list[str]) -> dict[str, str]:
    """Pixel hashes of the output files, by name."""
    paths = sorted(path for path in data.rglob("*") if path.is_file())
    chosen = [paths[k * len(paths) // limit] for k in range(min(limit, len(paths)))]
    with tempfile.TemporaryDirectory() as folder:
        sources, results = Path(folder, "in"), Path(folder, "out")
        sources.mkdir()
        for path in chosen:
            Image.open(path).convert("L").save(sources / f"{path.stem}.png")
        command = [sys.executable, "-m", "retint", str(sources), "-o", str(results), "--quiet"]
        subprocess.run([*command, "--format", "png", "--threads", "1", *way], check=True)
        return {path.name: digest(path) for path in sorted(results.glob("*.png"))}


def digest(path: Path) -> str:
    return hashlib.sha256(np.asarray(Image.open(path)).tobytes()).hexdigest()


if __name__ == "__main__":
    main()
