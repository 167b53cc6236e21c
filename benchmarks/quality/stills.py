"""Measures what one true still of each shot does for the colors of a film.

    python benchmarks/quality/stills.py CLIP... [--frames N] [--scenes | --speed]

Each clip in color is colored without a reference, with its middle frame as a reference picture, and
with its middle frame as a still. With `--scenes`, two clips each become a film of two scenes: the
first and the last third of each, in turns (A1 B1 A2 B2), with stills of the first thirds only.
Then the last thirds are measured, which are other shots of the same scenes.

With `--speed`, each clip is colored from file to file instead, with two threads.

Prints PSNR, CIEDE2000, warp error and CDC for each clip, and the seconds that each way took on one
thread.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from retint.api import load_film
from retint.color import lab
from retint.evaluation import metrics
from retint.evaluation.films import Way
from retint.evaluation.steadiness import WarpError, histograms
from retint.film.coloring import steady_chroma
from retint.film.film import Film
from retint.film.planes import with_chroma
from retint.inputs import reference_of

WAYS = ("original", "alone", "as a reference", "as a still")
SIZE = (480, 854)
"""Height and width of scenes."""
THIRD = 40
"""Maximum number of frames of each shot of a scene."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--frames", type=int, default=0, help="frames of each clip; 0 for all")
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    parser.add_argument("--every", type=int, default=6, help="frames between carried colors")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    if args.speed:
        for clip in args.clips:
            speeds(clip)
        return
    print("| clip | | PSNR | worst frame | CIEDE2000 | warp error | CDC | colourfulness | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows: list[dict[str, Way]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path, measured, stills in films(args, Path(folder)):
            film = load_film(path, "guided-unet", threads=1, every=args.every)
            if not film.scan.in_color:
                continue
            found = {each: way(film, each, measured, stills) for each in args.ways}
            rows.append(found)
            for each, own in found.items():
                print(f"| {name} | {each} | {line(own)} |", flush=True)
    for each in args.ways:
        means = {key: float(np.nanmean([row[each].summary()[key] for row in rows])) for key in KEYS}
        means["worst"] = min(min(row[each].psnr) for row in rows)
        seconds = sum(row[each].seconds for row in rows)
        print(f"| **mean of {len(rows)}** | {each} | {in_cells(means)} | {seconds:.0f} |")


def speeds(clip: Path) -> None:
    """Print how fast a clip is colored alone, and with a still of each shot."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("alone", "as a still"):
            film = load_film(clip, "guided-unet", threads=2)
            middles = [(each.start + each.stop) // 2 for each in film.shots]
            stills = {k: pictured(film, each) for k, each in enumerate_of(film, middles)}
            began = time.perf_counter()
            reference = reference_of(film.pipeline, stills if name == "as a still" else ())
            film.colorize(Path(folder) / f"{name}.mp4", (), reference)
            found[name] = film.shots[-1].stop / (time.perf_counter() - began)
    print(clip.stem, *(f"{name} {each:.1f} frames/s" for name, each in found.items()))


KEYS = ("psnr", "ciede2000", "warp_error", "cdc", "colorfulness")


def line(way: Way) -> str:
    return f"{in_cells(way.summary() | {'worst': min(way.psnr)})} | {way.seconds:.0f}"


def in_cells(found: dict[str, float]) -> str:
    shown = (found["psnr"], found["worst"], found["ciede2000"], found["warp_error"])
    cells = [f"{each:.2f}" for each in shown]
    return " | ".join([*cells, f"{found['cdc']:.4f}", f"{found['colorfulness']:.1f}"])


Films = Iterator[tuple[str, Path, range, list[int]]]
"""Names, paths, the frames that are measured, and those that become stills."""


def films(args: argparse.Namespace, folder: Path) -> Films:
    if not args.scenes:
        for path in args.clips:
            shots = load_film(path, "mean", threads=1).shots
            most = min(args.frames or shots[-1].stop, shots[-1].stop)
            middles = [(each.start + min(each.stop, most)) // 2 for each in shots]
            yield path.stem, path, range(most), [each for each in middles if each < most]
        return
    for one, other in zip(args.clips[::2], args.clips[1::2], strict=True):
        path = folder / f"{one.stem} and {other.stem}.mp4"
        starts = joined([one, other], path)
        middles = [(a + b) // 2 for a, b in pairwise(starts[:3])]
        yield path.stem, path, range(starts[2], starts[4]), middles


def joined(clips: list[Path], path: Path) -> list[int]:
    """Write A1 B1 A2 B2 nearly without loss; returns the first frames of the shots, and the end."""
    thirds: list[list[list[Any]]] = []
    for clip in clips:
        with av.open(str(clip)) as container:
            frames = [
                frame.reformat(SIZE[1], SIZE[0], "yuv420p") for frame in container.decode(video=0)
            ]
        count = min(THIRD, len(frames) // 3)
        thirds.append([frames[:count], frames[-count:]])
    starts = [0]
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=24, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        for part in (0, 1):
            for each in thirds:
                for frame in each[part]:
                    frame.pts, frame.time_base, frame.pict_type = None, Fraction(1, 24), 0
                    out.mux(stream.encode(frame))
                starts.append(starts[-1] + len(each[part]))
        out.mux(stream.encode(None))
    return starts


def way(film: Film, name: str, measured: range, stills: list[int]) -> Way:
    """Color the film in one way, and measure some frames."""
    found, error = Way(), WarpError()
    before: dict[str, Any] = {}
    starts = {shot.start for shot in film.shots}
    began, measuring = time.process_time(), 0.0
    for number, original, rgb in colored(film, name, measured, stills):
        started = time.process_time()
        if number in measured:
            measure(found, error, original, rgb, {} if number in starts else before, before)
        measuring += time.process_time() - started
    found.seconds = time.process_time() - began - measuring
    return found


def measure(
    way: Way, error: WarpError, original: Any, rgb: Any, last: dict[str, Any], kept: dict[str, Any]
) -> None:
    small, truth = shrunk(rgb), shrunk(original)
    planes = lab.rgb_to_lab(small)
    grey = np.asarray(cv2.cvtColor(truth, cv2.COLOR_RGB2GRAY), np.uint8)
    chroma = np.ascontiguousarray(planes[..., 1:])
    way.psnr.append(min(99.0, metrics.psnr(metrics.mean_squared_error(small, truth))))
    way.ciede2000.append(float(metrics.ciede2000(planes, lab.rgb_to_lab(truth)).mean()))
    way.histograms.append(histograms(small))
    way.colorfulness.append(metrics.colorfulness(small))
    if last:
        way.warp.append(error.of(error.motion(last["grey"], grey), last["chroma"], chroma))
    kept |= {"grey": grey, "chroma": chroma}


def shrunk(rgb: Any) -> Any:
    scale = 240 / min(rgb.shape[:2])
    return cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def colored(
    film: Film, way: str, measured: range, stills: list[int]
) -> Iterator[tuple[int, Any, Any]]:
    """The number of each frame, the frame, and the same in color."""
    frames = islice(film.source.frames(), measured.stop)
    if way == "original":
        for number, frame in enumerate(frames):
            yield number, frame.to_ndarray(format="rgb24"), frame.to_ndarray(format="rgb24")
        return
    reference = None
    if way != "alone":
        chosen = {k: pictured(film, each) for k, each in enumerate_of(film, stills)}
        given: Any = chosen if way == "as a still" else list(chosen.values())
        reference = reference_of(film.pipeline, given)
    hinting = film.hinting((), reference)
    number = 0
    for shot in film.shots:
        own = list(islice(frames, shot.stop - shot.start))
        if not own:
            return
        if number + len(own) <= measured.start:
            number += len(own)
            continue
        see = hinting.sight(shot)
        for frame, small, chroma in steady_chroma(own, film.how_frames, see):
            planes = film.how_frames.chroma_planes(frame, small, chroma, film.finish)
            made = with_chroma(frame, film.source.layout, planes)
            yield number, frame.to_ndarray(format="rgb24"), made.to_ndarray(format="rgb24")
            number += 1


def enumerate_of(film: Film, numbers: list[int]) -> Iterator[tuple[int, Any]]:
    """The frames with some numbers."""
    for k, frame in enumerate(islice(film.source.frames(), max(numbers) + 1)):
        if k in numbers:
            yield k, frame


def pictured(film: Film, frame: Any) -> Any:
    """A frame in color, upright."""
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), film.source.turn))


if __name__ == "__main__":
    main()
