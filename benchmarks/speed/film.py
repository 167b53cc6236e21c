"""Measures the speed of colouring a film, in total and by part, and its memory.

    python benchmarks/speed/film.py [--seconds 20] [--size 480x854] [--threads 2]

The film is generated: a photograph of scikit-image, panned and zoomed, H.264 without sound. Run it
on an idle machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import skimage.data

from retint.api import load_film
from retint.evaluation.memory import megabytes
from retint.film import coloring, flow, writing


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--size", default="480x854")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    height, width = (int(each) for each in args.size.split("x"))
    folder = Path(tempfile.mkdtemp())
    source = made(folder / "a.mp4", height, width, 24 * args.seconds)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    spent: dict[str, float] = {}
    timed(spent, "flow", flow.Flow, "__call__")
    timed(spent, "joining", coloring, "steadied")
    timed(spent, "chroma", coloring.Frames, "chroma_planes")
    timed(spent, "encoding, in parallel", writing, "encoded")
    began = time.perf_counter()
    opened = load_film(source, "guided-unet", threads=args.threads)
    timed(
        spent,
        "network",
        type(opened.pipeline.colorizer.look(np.zeros((32, 32), np.float32))),
        "chroma",
    )
    shots = opened.shots
    scanned = time.perf_counter() - began
    opened.colorize(folder / "b.mp4")
    total = time.perf_counter() - began
    frames = shots[-1].stop
    print(f"{width}x{height}, {frames} frames, {args.threads} threads:")
    print(f"  {frames / total:.1f} frames/s, {1000 * total / frames:.1f} ms per frame")
    print(f"  peak memory {megabytes()} MB")
    began = time.perf_counter()
    for _ in opened.source.frames():
        pass
    spent["decoding alone"] = time.perf_counter() - began
    print(f"  scan: {1000 * scanned / frames:.1f} ms per frame")
    for name, seconds in spent.items():
        print(f"  {name}: {1000 * seconds / frames:.1f} ms per frame")


def timed(spent: dict[str, float], name: str, owner: Any, attribute: str) -> None:
    """Sum the time spent in a function; parallel parts overlap."""
    original = getattr(owner, attribute)

    def measured(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return original(*args, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - began

    setattr(owner, attribute, measured)


def made(path: Path, height: int, width: int, frames: int) -> Path:
    """A camera moving over a photograph, with a cut every five seconds."""
    picture = skimage.data.camera()  # type: ignore[no-untyped-call]
    large = cv2.resize(picture, (2 * width, 2 * width), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 24)
        for k in range(frames):
            shot, step = divmod(k, 120)
            left, top = 40 * (shot % 4) + 3 * step, 60 * (shot % 5) + step
            levels = np.ascontiguousarray(large[top : top + height, left : left + width])
            frame = av.VideoFrame.from_ndarray(levels, "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    main()
