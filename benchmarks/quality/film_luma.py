"""Measures how far luma of coloured films is from that of their sources, and the films' sizes.

    python benchmarks/quality/film_luma.py CLIP... [--seconds 2] [--crf 13 18]

Both files are decoded, and the levels of luma compared: the mean absolute difference of a clip and
of its worst frame, in levels of 8 bits.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from retint.api import load_film
from retint.film.options import FilmOptions
from retint.film.planes import luma_of
from retint.film.source import Source


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--crf", nargs="+", type=int, default=[FilmOptions().crf])
    parser.add_argument("--method", default="guided-unet")
    given = parser.parse_args()
    for crf in given.crf:
        means, total = [], 0
        for path in given.clips:
            mean, worst, size = measure(path, given.method, crf, given.seconds)
            means.append(mean)
            total += size
            print(
                f"crf {crf} {path.stem}: mean {mean:.2f}, worst frame {worst:.2f}, "
                f"{size / 1000:.0f} kB",
                flush=True,
            )
        print(f"crf {crf}: largest mean {max(means):.2f}, {total / 1e6:.2f} MB", flush=True)


def measure(path: Path, method: str, crf: int, seconds: float) -> tuple[float, float, int]:
    """Mean difference of luma, that of the worst frame, and bytes of the coloured film."""
    film = load_film(path, method, threads=1, crf=crf, end=str(seconds))
    with tempfile.TemporaryDirectory() as folder:
        made = film.colorize(Path(folder) / "out.mp4")
        size = made.stat().st_size
        away = []
        with film.source.frames() as before, Source(made).frames() as after:
            for one, other in zip(before, after, strict=True):
                levels = luma_of(one).astype(np.int32) - luma_of(other)
                away.append(np.abs(levels).mean() / (1 << (film.source.layout.bits - 8)))
    return float(np.mean(away)), float(np.max(away)), size


if __name__ == "__main__":
    main()
