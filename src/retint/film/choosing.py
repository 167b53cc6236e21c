"""Chooses frames of a film that stand for all others, and saves them as pictures, to be coloured by
hand or elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint import files
from retint.color.ycbcr import shrunk
from retint.errors import ExistsError
from retint.files.atomic import is_taken, make_folder
from retint.film.film import Film
from retint.film.making import nobody
from retint.film.planes import luma_of
from retint.film.scan import Shot
from retint.film.source import Source
from retint.film.stages import pulse
from retint.film.stills import name_of
from retint.film.times import time_of
from retint.picture.request import Request

SMALL = (18, 32)
"""Height and width to which frames are reduced for comparison."""
CHANGED = 0.4
"""Correlation of reduced frames below which a shot has changed much."""
MOST_OF_SHOT = 8
"""Maximum number of stills of a shot."""
FLAT = 1e-3
"""Standard deviation, as a share of the levels, of a frame that shows nothing."""
Told = Callable[[int], None]


def save_stills(
    film: Film,
    folder: str | os.PathLike[str],
    *,
    grey: bool = False,
    overwrite: bool = False,
    told: Told = nobody,
) -> list[Path]:
    """Write the chosen frames of a film as pictures, in colour unless `grey` is set.

    Returns their paths: ref_000040.png is frame 40.

    Parameters
    ----------
    folder
        Created if it does not exist.
    told
        Called with the number of each frame that was looked at.

    Raises
    ------
    PhotoError
        If a picture exists and `overwrite` is off, or cannot be written.
    """
    times = choose_times(film.source, film.shots, told)
    paths = [Path(folder) / name_of(film.source.number_at(each)) for each in times]
    if taken := [each for each in paths if is_taken(each) and not overwrite]:
        raise ExistsError.of(taken[0])
    make_folder(Path(folder))
    request = Request(film.pipeline, film.finish, reference=film.reference)
    for time, path in zip(times, paths, strict=True):
        photo = film.frame(time)
        picture = photo if grey else request(photo).pictures[0]
        files.write(picture, path, overwrite=overwrite)
    return paths


def choose_times(source: Source, shots: Sequence[Shot], told: Told) -> list[float]:
    """Times in seconds of the middle frames of all shots, and of further frames of shots that
    change much: each frame of a shot resembles one of its stills.

    Calls `told` with the number of each frame that was read.
    """
    found: list[float] = []
    with source.frames() as frames:
        for shot in shots:
            seen, times = [], []
            for number, frame in enumerate(islice(frames, shot.stop - shot.start), shot.start):
                pulse()
                told(number)
                seen.append(_reduced(luma_of(frame), source.layout.bits))
                times.append(time_of(frame))
            found += sorted(times[each] for each in _spread(np.stack(seen)))
    return found


def _reduced(luma: NDArray[Any], bits: int) -> NDArray[np.float32]:
    """A frame as a vector of length 1 around 0; 0 if it shows nothing."""
    height, width = (min(own, most) for own, most in zip(luma.shape, SMALL, strict=True))
    small = shrunk(luma, (height, width)).reshape(-1).astype(np.float32) / (1 << bits)
    small -= small.mean()
    length = np.linalg.norm(small)
    return small / length if length > FLAT * np.sqrt(len(small)) else np.zeros_like(small)


def _spread(seen: NDArray[np.float32]) -> list[int]:
    """The middle frame, and those least like all that were chosen before."""
    found = [len(seen) // 2]
    likeness = seen @ seen[found[0]]
    shows = np.abs(seen).sum(axis=1) > 0
    while len(found) < MOST_OF_SHOT:
        worst = int(np.where(shows, likeness, np.inf).argmin())
        if not shows.any() or likeness[worst] >= CHANGED:
            break
        found.append(worst)
        likeness = np.maximum(likeness, seen @ seen[worst])
    return found
