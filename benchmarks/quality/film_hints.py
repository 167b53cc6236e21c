"""Measures whether a hint on one frame holds throughout its shot.

    python benchmarks/quality/film_hints.py CLIP...

The most colourful position of a clip's middle frame gets its true colour as a hint. In all frames
in which the position can be followed in the original (DIS medium, forward and backward flow within
a pixel), its a*b* are compared with the truth, with and without the hint.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retint.api import load_film
from retint.color import lab
from retint.color.lab import Float32
from retint.evaluation.steadiness import WarpError
from retint.film.planes import with_chroma
from retint.film.tracking import Timed
from retint.hints import Hint, Hints

HALF = 6
"""Half the side in pixels of the compared square."""


def main(paths: list[Path]) -> None:
    for path in paths:
        print(measure(path), flush=True)


def measure(path: Path) -> str:
    film = load_film(path, "guided-unet", threads=1)
    middle = film.shots[0].stop // 2
    frames = list(film.source.frames())[: film.shots[0].stop]
    pictures = [frame.to_ndarray(format="rgb24") for frame in frames]
    truths = [lab.rgb_to_lab(each)[..., 1:] for each in pictures]
    x, y = colourful_place(truths[middle])
    red, green, blue = (int(each) for each in pictures[middle][y, x])
    height, width = truths[0].shape[:2]
    place = (f"{100 * x / width}%", f"{100 * y / height}%")
    hint = Hint(*place, f"#{red:02x}{green:02x}{blue:02x}", reach=0.6)
    time = float(frames[middle].pts * frames[middle].time_base)  # type: ignore[operator]
    followed = places(pictures, middle, (x, y))
    errors: dict[str, list[float]] = {}
    for name, hints in (("alone", []), ("hint", [Timed(time, Hints((hint,)))])):
        found = dataclasses.replace(film)
        at = found.hinting(hints).tracks(film.shots[0])
        errors[name] = []
        for k, each in enumerate(colours(found, frames, at)):
            if followed[k] is None:
                continue
            rows, columns = square(followed[k])
            errors[name].append(np.abs(each[rows, columns] - truths[k][rows, columns]).mean())
    alone, told = (np.array(errors[name]) for name in ("alone", "hint"))
    third = max(1, len(told) // 3)
    return (
        f"{path.stem}: {len(told)} of {len(frames)} frames followed; mean |a*b* - truth| there "
        f"{alone.mean():.1f} alone, {told.mean():.1f} with the hint "
        f"(first third {told[:third].mean():.1f}, last {told[-third:].mean():.1f})"
    )


def colourful_place(chroma: Float32) -> tuple[int, int]:
    smooth = cv2.blur(np.hypot(chroma[..., 0], chroma[..., 1]), (25, 25))
    inner = np.zeros_like(smooth)
    rows, columns = (slice(side // 5, -side // 5) for side in smooth.shape)
    inner[rows, columns] = smooth[rows, columns]
    y, x = divmod(int(inner.argmax()), inner.shape[1])
    return x, y


def places(pictures: list[Any], start: int, place: tuple[int, int]) -> list[Any]:
    """Positions of a place of one frame in the others; None where unreliable."""
    greys = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in pictures]
    found: list[Any] = [None] * len(greys)
    found[start] = place
    error = WarpError()
    for step in (1, -1):
        now, k = (float(place[0]), float(place[1])), start
        while 0 <= k + step < len(greys):
            # Positions of the pixels of this frame in the next one, with a reliability mask.
            x, y, sure = error.motion(np.asarray(greys[k + step]), np.asarray(greys[k]))
            column, row = round(now[0]), round(now[1])
            k += step
            now = float(x[row, column]), float(y[row, column])
            height, width = greys[0].shape
            inside = HALF < now[0] < width - HALF and HALF < now[1] < height - HALF
            if not inside or not sure[row - 1 : row + 2, column - 1 : column + 2].any():
                break
            found[k] = (round(now[0]), round(now[1]))
    return found


def square(place: tuple[int, int]) -> tuple[slice, slice]:
    x, y = place
    return slice(y - HALF, y + HALF + 1), slice(x - HALF, x + HALF + 1)


def colours(film: Any, frames: list[Any], hints: Any) -> Any:
    from retint.film.coloring import steady_chroma
    from retint.film.showing import sight

    see = sight(film.pipeline, 4, hints)
    for frame, small, chroma in steady_chroma(frames, film.how_frames, see):
        planes = film.how_frames.chroma_planes(frame, small, chroma, film.finish)
        made = with_chroma(frame, film.source.layout, planes)
        yield lab.rgb_to_lab(made.to_ndarray(format="rgb24"))[..., 1:]


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
