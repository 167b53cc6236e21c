"""Stills of a film that were coloured elsewhere: which frame each belongs to, and its colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import average, cubic
from retint.errors import PhotoError, UsageError
from retint.film.carrying import Truth
from retint.film.flow import Flow
from retint.film.options import seconds
from retint.picture.still import At, Still

if TYPE_CHECKING:
    from retint.film.coloring import Frames
    from retint.film.source import Source

NAMED = re.compile(r"ref_(\d{1,9})", re.ASCII | re.IGNORECASE)
"""The names of stills without their suffixes, as in CMNET2 and HAVC."""
AS_WIDE = 0.02
"""Maximum difference of the aspect ratios of a still and its frame, as a share."""
LIKE, SAME = 0.5, 0.98
"""Correlation of the lightness of a still and its frame: below the first it shows something else,
below the second it is aligned with the frame.
"""
FLAT = 1.0
"""Standard deviation of L* below which a frame shows nothing to compare."""


def name_of(number: int, suffix: str = ".png") -> str:
    """The name of a still, by the number of its frame."""
    return f"ref_{number:06d}{suffix}"


def named(path: Path) -> tuple[Path, At | None]:
    """The file of a reference, and the frame that its name states, if any: "ref_000040.png" or
    "kitchen.png@00:00:08"; raises UsageError for an invalid time.
    """
    name, _, when = path.name.rpartition("@")
    if name and re.fullmatch(r"[\d:.]+", when, re.ASCII) and not path.exists():
        return path.with_name(name), At(second=seconds(when, 0.0))
    found = NAMED.fullmatch(path.stem)
    return path, At(frame=int(found[1])) if found else None


@dataclass(frozen=True)
class Placed:
    """A still, and when it is shown."""

    still: Still
    time: float
    """Seconds since the film's first frame."""


def placed(stills: Sequence[Still], source: Source) -> list[Placed]:
    """The stills in the order of their frames; raises UsageError for two at one frame."""
    found = sorted(
        (Placed(each, _time(each.at, source)) for each in stills), key=lambda each: each.time
    )
    for one, other in pairwise(found):
        if other.time - one.time < float(1 / source.rate) / 2:
            raise UsageError(f"{one.still.name} and {other.still.name} belong to the same frame")
    return found


def _time(at: At, source: Source) -> float:
    return at.second if at.second is not None else source.time_of_frame(at.frame or 0)


def truth_of(
    still: Still, frames: Frames, lightness: Float32, number: int, aspect: float = 1.0
) -> Truth | None:
    """The colours of a still at its frame; None if it shows something else.

    Parameters
    ----------
    lightness
        L* [h, w] of the frame.
    number
        The number of the frame in its shot.
    aspect
        Width of a pixel of an upright frame, divided by its height.

    Raises
    ------
    PhotoError
        If the still cannot be read, or does not have the shape of a frame.
    """
    pixels = still.read().pixels
    height, width = pixels.shape[:2]
    whole, inner = frames.upright_whole, frames.upright
    box = frames.upright_box
    if any(_fits((height, width), whole, each) for each in (1.0, aspect)):
        rows, columns = (
            slice(round(own.start * side / full), max(1, round(own.stop * side / full)))
            for own, side, full in zip(box, (height, width), whole, strict=True)
        )
        pixels = pixels[rows, columns]
    elif not any(_fits((height, width), inner, each) for each in (1.0, aspect)):
        raise PhotoError(
            f"{still.name} has {width} x {height} pixels, which is not the shape of the film's "
            f"frames ({whole[1]} x {whole[0]})"
        )
    planes = _resized(pixels, lightness.shape)
    likeness = _likeness(planes[..., 0], lightness)
    if likeness < LIKE:
        return None
    chroma = np.ascontiguousarray(planes[..., 1:])
    if likeness < SAME:  # such as the next frame
        chroma = _aligned(lightness, planes[..., 0], chroma)
    return Truth(number, chroma)


def _fits(size: tuple[int, int], frame: tuple[int, int], aspect: float) -> bool:
    """Whether a picture has the shape of a frame with pixels of an aspect ratio, to a pixel."""
    ratio = size[1] * frame[0] / (size[0] * frame[1] * aspect)
    return abs(ratio - 1) <= max(AS_WIDE, 1 / min(size))


def _resized(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.generic]], size: tuple[int, ...]
) -> Float32:
    """L*a*b* [h, w, 3] of sRGB [H, W, 3]."""
    target = size[0], size[1]
    if min(pixels.shape[0] / size[0], pixels.shape[1] / size[1]) >= 1:
        # Reduced first, since a still may be much larger than the frame.
        twice = min(pixels.shape[0], 2 * size[0]), min(pixels.shape[1], 2 * size[1])
        return average(lab.rgb_to_lab(average(np.ascontiguousarray(pixels), twice)), target)
    return cubic(lab.rgb_to_lab(pixels), target)


def _likeness(one: Float32, other: Float32) -> float:
    """Correlation of L* [h, w] of two pictures."""
    if min(one.std(), other.std()) < FLAT:
        return 1.0 if max(one.std(), other.std()) < 2 * FLAT else 0.0
    return float(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1])


def _aligned(lightness: Float32, seen: Float32, chroma: Float32) -> Float32:
    """Chroma of a still, moved to where the frame shows the same."""
    height, width = lightness.shape
    offsets = Flow().way(lightness, np.ascontiguousarray(seen))
    ys, xs = np.indices((height, width), dtype=np.float32)
    moved = cv2.remap(
        chroma, xs + offsets[..., 0], ys + offsets[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(moved, np.float32)
