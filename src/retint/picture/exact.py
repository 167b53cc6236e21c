"""JPEG to JPEG with the luma coefficients unchanged; only chroma is written.

Recompressing a decoded scan would lose quality. Here only the two planes of chroma are computed, at
their own size, inside the gamut at the luma of their pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retint import files
from retint.color.buffers import Buffers
from retint.color.lab import Float32
from retint.color.resize import average
from retint.color.ycbcr import BT601_WEIGHTS, Layout, shrunk
from retint.errors import PhotoError
from retint.extras import install
from retint.files import Format, Photo, xmp
from retint.files.jpeg import coefficients
from retint.files.jpeg.coefficients import Coefficients
from retint.files.jpeg.segments import splice
from retint.files.jpeg.source import JpegSource
from retint.files.metadata import Metadata
from retint.files.turn import Turn, turn_back
from retint.picture.box import Area, Box
from retint.picture.finish import Finish, Output
from retint.picture.geometry import turned
from retint.picture.page import Page
from retint.picture.pipeline import View, enlarger
from retint.picture.stripes import by_stripes

NEUTRAL = 128
"""Level of both chroma planes for grey."""
DRESSED_SIDE = 400
"""Longer side in pixels of the small copy that thumbnails are made from."""


def why_recompressed(
    photo: Photo, finish: Finish, format: Format | None, *, layer: bool = False, split: bool = False
) -> str:
    """Why a photo's lightness is not kept exactly; empty if it is.

    Parameters
    ----------
    layer, split
        Whether the results are layers of colour, or parts of the photo.

    Raises
    ------
    PhotoError
        If the finish requires that it is kept, and it cannot be.
    """
    if finish.lightness == "recompressed":
        return "requested by `lightness`"
    if format is None or format.name != "JPEG" or layer:
        reason = "the output is not a JPEG file"
    else:
        reason = _why_not(photo, finish)
    if split and not reason:
        reason = "`split` takes parts of it"
    if reason and finish.lightness == "exact":
        raise PhotoError(f"cannot keep its lightness exactly: {reason}")
    return reason


def _why_not(photo: Photo, finish: Finish) -> str:
    if misfit := finish.misfit(Output.EXACT):
        return misfit
    if photo.jpeg is None:
        return "it is not a JPEG file"
    if photo.pages:
        return "it has several pages"
    if not coefficients.is_there():
        return f"this requires {install('exact')}"
    return photo.jpeg.why_not


class Exact(NamedTuple):
    """A coloured file."""

    content: bytes
    record: dict[str, Any] | None
    """The provenance record, with the hash of the lightness coefficients; None if it is off."""
    metadata: Metadata
    """Those of the original, whose orientation is not applied to the pixels."""


def files_of(page: Page, count: int = 1) -> list[Exact]:
    """The coloured files of a page that is a JPEG file, as many colourings.

    Raises
    ------
    PhotoError
        If the coefficients of the file cannot be read.
    """
    own = page.view.photo.jpeg
    assert own is not None
    with coefficients.opened(own.content) as source:
        return [_encoded(page, each, own, source) for each in page.chromas(count)]


def _encoded(page: Page, chroma: Float32, own: JpegSource, source: Coefficients) -> Exact:
    """Encode the coloured file of a page; it is turned by its orientation only.

    Parameters
    ----------
    chroma
        a*, b* [h, w, 2] at the working size.
    own, source
        The photo's file, and its coefficients.
    """
    view, finish = page.view, page.finish
    written = source.with_chroma(chroma_planes(view, chroma, finish, own), sampling(own, finish))
    if page.record is not None:
        known = {"Lightness": "exact", "Coefficients": written.sha256}
        page = replace(page, record=page.record | known)
    orientation = Turn(own.orientation).then(page.degrees).orientation
    metadata = replace(own.metadata, texts=())  # comments are copied with the segments
    if page.degrees:
        metadata = replace(metadata, xmp=xmp.with_orientation(metadata.xmp, orientation))
    small = turned(small_copy(view, chroma, finish), page.degrees)
    dress = page.recorded(replace(small, metadata=metadata))
    said = files.encode(dress, files.FORMATS["JPEG"], orientation=orientation)
    return Exact(splice(written.content, said, own.further), page.record, metadata)


def sampling(source: JpegSource, finish: Finish) -> tuple[int, int]:
    """Luma pixels per chroma pixel, horizontally and vertically."""
    return {"source": source.sampling, "4:2:0": (2, 2), "4:4:4": (1, 1)}[finish.chroma]


def chroma_planes(
    view: View, chroma: Float32, finish: Finish, source: JpegSource
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Cb and Cr at their own size, as the file stores them."""
    across, down = sampling(source, finish)
    luma = _turn(_luma(view.photo), source.orientation)
    layout = Layout("yuvj420p", (luma.shape[0], luma.shape[1]), 8, across, down, BT601_WEIGHTS,
                    full=True, grey=False)  # fmt: skip
    small, filled = (
        _turn(each, source.orientation) for each in view.filled(view.framed.small, chroma)
    )
    size = layout.chroma_size
    upsampler = enlarger(small, filled, finish, size)
    shrunk_luma = shrunk(luma, size)
    blue, red = (np.empty(size, np.uint8) for _ in range(2))
    buffers = Buffers()

    def convert(rows: slice) -> None:
        lightness = layout.lightness(shrunk_luma[rows])
        own = luma[rows.start * down : rows.stop * down]
        blue[rows], red[rows] = layout.chroma(own, upsampler(rows, lightness), lightness, buffers)

    by_stripes(size, convert, view.pipeline.threads)
    box = view.colored_box(chroma)
    if not box.is_whole:
        outside = _outside(box, source.orientation, (down, across), size)
        for plane in (blue, red):
            plane[outside] = NEUTRAL
    return blue, red


def _outside(
    box: Area, orientation: int, step: tuple[int, int], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """The samples of a chroma plane around the picture, as the file stores it. Those that cover
    pixels on both sides of the edge belong to them.
    """
    stored = box.turned(orientation)
    outside = np.ones(size, np.bool_)
    if not isinstance(stored, Box) or stored.outline:
        inside = stored.mask(slice(None))
        beyond = [(0, -each % by) for each, by in zip(inside.shape, step, strict=True)]
        blocks = np.pad(inside, beyond, mode="edge")
        height, width = (each // by for each, by in zip(blocks.shape, step, strict=True))
        covered = blocks.reshape(height, step[0], width, step[1]).min(axis=(1, 3))
        outside[:height, :width] = np.logical_not(covered)[: size[0], : size[1]]
        return outside
    top, left = -(-stored.top // step[0]), -(-stored.left // step[1])
    bottom, right = stored.bottom // step[0], stored.right // step[1]
    if stored.bottom == stored.size[0]:
        bottom = size[0]
    if stored.right == stored.size[1]:
        right = size[1]
    outside[top:bottom, left:right] = False
    return outside


def small_copy(view: View, chroma: Float32, finish: Finish) -> Photo:
    """A small copy of the photo in colour."""
    photo = view.photo
    scale = min(1.0, DRESSED_SIDE / max(photo.size))
    height, width = (max(1, round(side * scale)) for side in photo.size)
    pixels = average(photo.pixels, (height, width))
    return view.over(replace(photo, pixels=pixels, jpeg=None)).merged(chroma, finish)


def _luma(photo: Photo) -> NDArray[np.uint8]:
    if photo.pixels.ndim == 2:
        return np.asarray(photo.pixels, np.uint8)
    return np.ascontiguousarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2YCrCb)[..., 0])


def _turn(plane: Any, orientation: int) -> Any:
    return np.ascontiguousarray(turn_back(plane, orientation))
