"""A photograph before and after it was coloured, in one file to show to others."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import resources
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.files import Format, Photo, xmp
from retint.files.metadata import Metadata
from retint.picture.geometry import limited

GAP = 100
"""The pictures of a pair are apart by 1/GAP of their width."""
STEPS = 16
"""Frames of a fade, without the first and the last."""
STEP, HELD_BEFORE, HELD_AFTER = 60, 1200, 2000
"""Milliseconds: of each of them, of the original, and of the coloured picture."""
HTML = "text/html"


class Layout(StrEnum):
    """How the two pictures are shown."""

    SIDE_BY_SIDE = "side-by-side"
    SLIDER = "slider"
    FADE = "fade"


MOST = {Layout.SIDE_BY_SIDE: 8000, Layout.SLIDER: 4096, Layout.FADE: 1600}
"""Maximum side in pixels of each of the two pictures."""


@dataclass(frozen=True)
class PairFile:
    """A file with both pictures."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Pair:
    """A photograph before and after it was coloured: upright, of the same size."""

    before: Photo
    after: Photo
    record: Mapping[str, Any] | None = None
    """The provenance record, for files that have a place for it."""

    def encoded(
        self, layout: Layout, format: Format, quality: int = 0, title: str = ""
    ) -> PairFile:
        """One file with both pictures, of at most `MOST` pixels on a side.

        Parameters
        ----------
        format
            Of the pictures that are side by side; a slider is HTML with JPEG, and a fade WebP.
        quality
            As of `Photo`.
        title
            Of the slider.

        Raises
        ------
        PhotoError
            If the format cannot contain the pictures.
        """
        before, after = (_opaque(limited(each, MOST[layout])) for each in (self.before, self.after))
        if layout == Layout.SLIDER:
            return PairFile(_slider(before, after, quality, title).encode(), HTML)
        if layout == Layout.FADE:
            photo, format = _fade(before, after), files.FORMATS["WEBP"]
        else:
            photo = _side_by_side(before, after)
        packet = b"" if self.record is None else xmp.with_provenance(b"", self.record)
        photo = replace(photo, quality=quality, metadata=Metadata(xmp=packet))
        return PairFile(files.encode(photo, format), format.media_type)


def _opaque(photo: Photo) -> NDArray[np.uint8]:
    """A photo [H, W, 3] on white."""
    picture = files.to_pillow(replace(photo, pages=()))
    if photo.alpha is not None:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB"))


def _side_by_side(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Photo:
    height, width = before.shape[:2]
    gap = np.full((height, max(2, width // GAP), 3), 255, np.uint8)
    return Photo(np.concatenate([before, gap, after], axis=1))


def _fade(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Photo:
    """An endless animation from one to the other."""
    shares = np.arange(1, STEPS + 1, dtype=np.float32) / (STEPS + 1)
    between = [(before + share * (after.astype(np.float32) - before) + 0.5) for share in shares]
    frames = [Photo(each.astype(np.uint8), duration=STEP) for each in between]
    last = Photo(after, duration=HELD_AFTER)
    return Photo(before, duration=HELD_BEFORE, pages=(*frames, last))


def _slider(before: NDArray[np.uint8], after: NDArray[np.uint8], quality: int, title: str) -> str:
    """A page of HTML that needs nothing else, with a divider for pointers and keys."""
    template = resources.files("retint.picture").joinpath("slider.html").read_text("utf-8")
    height, width = before.shape[:2]
    return Template(template).substitute(
        title=html.escape(title) or "Before and after", width=width, height=height,
        before=_address(before, quality), after=_address(after, quality),
    )  # fmt: skip


def _address(pixels: NDArray[np.uint8], quality: int) -> str:
    format = files.FORMATS["JPEG"]
    content = files.encode(Photo(pixels, quality=quality), format)
    return f"data:{format.media_type};base64,{base64.b64encode(content).decode()}"
