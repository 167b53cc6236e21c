"""`Photo`: a picture with its metadata."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.files.jpeg.source import JpegSource
from retint.files.metadata import Metadata
from retint.files.turn import UPRIGHT, Turn


@dataclass(frozen=True)
class Photo:
    """An upright picture with its metadata."""

    pixels: NDArray[Any]
    """Grey [H, W] or sRGB [H, W, 3]; uint8, uint16 or float32 in [0, 1]."""
    alpha: NDArray[Any] | None = None
    """Opacity [H, W] of the pixels' type, if the file has it."""
    format: str = "PNG"
    """Pillow's name of its original format."""
    metadata: Metadata = field(default_factory=Metadata)
    pages: tuple[Photo, ...] = ()
    """Further pages of a TIFF file, or the frames of an animation."""
    duration: float = 0.0
    """Duration of a frame in milliseconds; 0 for still pictures."""
    loops: int = 0
    """How often an animation is shown; 0 for endlessly."""
    lossless: bool = False
    """Whether its pixels are compressed without loss in a format that can do both."""
    quality: int = 0
    """Quality of lossy formats, from 1 to 100; 0 for the usual one of the format."""
    remarks: tuple[str, ...] = ()
    """Problems of the file that were ignored, one line each."""
    space: str = "srgb"
    """Colour space of the output, one of `icc.SPACES`; the pixels are always sRGB."""

    turn: Turn = UPRIGHT
    """The orientation that was applied to the pixels and the metadata."""
    bare: bool = False
    """Whether it is known to have no mount, such as a frame of a film without its bars."""

    jpeg: JpegSource | None = None
    """The original file, if its coefficients can be kept."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def all_remarks(self) -> tuple[str, ...]:
        """The remarks on all pages, each once."""
        pages = (self, *self.pages)
        return tuple(dict.fromkeys(each for page in pages for each in page.remarks))

    @property
    def channels(self) -> NDArray[Any]:
        """Grey [H, W], or RGB, with opacity if there is one [H, W, 3 or 4]."""
        if self.alpha is None:
            return self.pixels
        rgb = self.pixels
        if rgb.ndim == 2:
            rgb = np.repeat(rgb[..., None], 3, axis=2)
        return np.concatenate([rgb, self.alpha[..., None]], axis=2)

    def with_pixels(self, pixels: NDArray[Any]) -> Photo:
        """A copy with other pixels."""
        return replace(self, pixels=pixels)


def to_pillow(photo: Photo) -> Image.Image:
    """Convert to an 8-bit Pillow picture: RGB, L, RGBA or LA."""
    pixels = eight_bit(photo.pixels)
    if photo.alpha is None:
        return Image.fromarray(pixels)
    alpha = Image.fromarray(eight_bit(photo.alpha))
    picture = Image.fromarray(pixels)
    picture.putalpha(alpha)
    return picture


def eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Convert pixels of any type to levels in [0, 255]."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.uint32) * 255 + 32767) // 65535
    else:
        pixels = np.clip(pixels, 0, 1) * 255 + 0.5
    return pixels.astype(np.uint8)
