"""Results that are turned, straightened, cropped and reduced, in this order, after they are
coloured.

Turns by 90 degrees move pixels and keep their values. Straightening resamples them; it cuts off the
corners, so that nothing beyond the edges of the picture is seen.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.resize import average
from retint.colorizers.parts import framed
from retint.errors import PhotoError
from retint.files import Photo
from retint.files.tags import listed
from retint.files.turn import UPRIGHT, Turn
from retint.picture.crop import Crop
from retint.picture.finish import Finish
from retint.picture.label import labelled

QUARTER = 90
"""Degrees."""
OUTPUT_TURNED = "OutputTurned"
"""Name in the provenance record of the degrees clockwise by which the output is turned."""
MOST_SIDE = 32_766
"""Maximum side in pixels of a picture that OpenCV can rotate."""


def placed(
    photo: Photo, finish: Finish, degrees: int, whole: tuple[int, int] | None = None
) -> Photo:
    """A photo turned clockwise by a multiple of 90 degrees, straightened, cropped and reduced as
    the finish says, with the positions in its metadata; pictures in colour get its label.

    Parameters
    ----------
    whole
        Height and width that the pixels of a crop refer to, if the photo is a smaller copy.

    Raises
    ------
    PhotoError
        If the crop does not lie inside the picture.
    """
    whole = whole or photo.size
    photo = turned(photo, degrees)
    if finish.cuts:
        photo = _part(photo, finish, degrees, whole)
    photo = limited(photo, finish.longest)
    if finish.label and photo.pixels.ndim == 3:
        photo = photo.with_pixels(labelled(photo.pixels, finish.label))
    return photo


def _part(photo: Photo, finish: Finish, degrees: int, whole: tuple[int, int]) -> Photo:
    """A turned photo, straightened and cropped."""
    if degrees // QUARTER % 2:
        whole = whole[1], whole[0]
    channels = [photo.pixels] if photo.alpha is None else [photo.pixels, photo.alpha]
    cut = [_cut(each, finish, whole) for each in channels]
    height, width = cut[0].shape[:2]
    return replace(
        photo, pixels=cut[0], alpha=cut[1] if len(cut) > 1 else None, jpeg=None,
        metadata=photo.metadata.of_new_pixels(Turn(1, width, height, cut=True)),
        turn=replace(photo.turn, cut=True),
    )  # fmt: skip


def lost(photo: Photo, degrees: int, *, cut: bool) -> tuple[str, ...]:
    """A remark on what the metadata lose when a photo is turned or cut, if they do."""
    names = photo.metadata.lost_by(replace(UPRIGHT.then(degrees), cut=cut))
    return (f"left out, since the picture was moved: {listed(names)}",) if names else ()


def turned(photo: Photo, degrees: int) -> Photo:
    """A photo turned clockwise by a multiple of 90 degrees, with the positions in its metadata."""
    quarters = degrees // QUARTER % 4
    if not quarters:
        return photo
    pixels = framed.turned(photo.pixels, quarters)
    alpha = None if photo.alpha is None else framed.turned(photo.alpha, quarters)
    height, width = pixels.shape[:2]
    turn = Turn.to(width, height, UPRIGHT.then(degrees).orientation)
    return replace(
        photo, pixels=pixels, alpha=alpha, jpeg=None,
        metadata=photo.metadata.of_new_pixels(turn), turn=photo.turn.then(degrees),
    )  # fmt: skip


def limited(photo: Photo, longest: int) -> Photo:
    """A photo reduced to at most `longest` pixels on its longer side; 0 keeps all pixels.

    Its metadata lose regions, which may be stated in pixels.
    """
    if not 0 < longest < max(photo.size):
        return photo
    scale = longest / max(photo.size)
    height, width = (max(1, round(scale * side)) for side in photo.size)
    alpha = None if photo.alpha is None else average(photo.alpha, (height, width))
    dpi = photo.metadata.dpi
    metadata = photo.metadata.of_new_pixels(Turn(1, width, height, cut=True))
    return replace(
        photo, pixels=average(photo.pixels, (height, width)), alpha=alpha, jpeg=None,
        metadata=replace(metadata, dpi=dpi and (dpi[0] * scale, dpi[1] * scale)),
        turn=replace(photo.turn, cut=True),
    )  # fmt: skip


def _cut(plane: NDArray[Any], finish: Finish, whole: tuple[int, int]) -> NDArray[Any]:
    """A plane [H, W, ...] straightened and cropped."""
    if finish.straighten:
        plane = straightened(plane, finish.straighten)
    if finish.crop:
        size = inner_size(whole, finish.straighten)
        rows, columns = Crop.parse(finish.crop).slices(size)
        part = (_scaled(rows, size[0], plane.shape[0]), _scaled(columns, size[1], plane.shape[1]))
        plane = np.ascontiguousarray(plane[part])
    return plane


def _scaled(span: slice, old: int, new: int) -> slice:
    """A range of `old` lines among `new` ones, with at least one."""
    first = min(round(span.start * new / old), new - 1)
    return slice(first, max(round(span.stop * new / old), first + 1))


def straightened(plane: NDArray[Any], degrees: float) -> NDArray[Any]:
    """A plane [H, W, ...] rotated clockwise by up to 45 degrees, without the empty corners: the
    largest part of the same proportions around the centre.

    Raises
    ------
    PhotoError
        If a side is too long.
    """
    height, width = plane.shape[:2]
    if max(height, width) > MOST_SIDE:
        raise PhotoError(f"it is too large for `straighten`: {width} x {height} pixels")
    size = inner_size((height, width), degrees)
    # Pixel centres: the middle of the result is the middle of the picture.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    matrix[:, 2] += (size[1] - width) / 2, (size[0] - height) / 2
    rotated = cv2.warpAffine(
        plane, matrix, size[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if plane.dtype.kind == "f":
        rotated = rotated.clip(0, 1)
    return np.asarray(rotated, plane.dtype)


def inner_size(size: tuple[int, int], degrees: float) -> tuple[int, int]:
    """Height and width of the largest rectangle of the same proportions within a rotated one."""
    height, width = size
    angle = math.radians(abs(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    share = 1 / (cosine + sine * max(height / width, width / height))
    return max(1, math.floor(height * share)), max(1, math.floor(width * share))
