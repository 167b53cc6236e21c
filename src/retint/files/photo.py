"""A picture and what its file said, as everything but files has it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.files.jpeg.segments import JpegSource
from retint.files.metadata import Metadata


@dataclass(frozen=True)
class Photo:
    """A picture, upright, with what its file said besides its pixels."""

    pixels: NDArray[Any]
    """Grey [H, W] or sRGB [H, W, 3]; uint8, uint16 or float32 in [0, 1]."""
    alpha: NDArray[Any] | None = None
    """Opacity [H, W] of the pixels' type, where the file has one."""
    format: str = "PNG"
    """Pillow's name of the format it came in."""
    metadata: Metadata = field(default_factory=Metadata)
    pages: tuple[Photo, ...] = ()
    """The pages after this one, of a TIFF file with several, or the frames of an animation."""
    duration: float = 0.0
    """Milliseconds that a frame of an animation is shown; 0 for what does not move."""
    remarks: tuple[str, ...] = ()
    """What was wrong with the file and passed over, a line each."""
    space: str = "srgb"
    """The colour space that it is written in, one of `icc.SPACES`; pixels are always sRGB."""

    jpeg: JpegSource | None = None
    """The file that the pixels came from, where its coefficients may be kept."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def channels(self) -> NDArray[Any]:
        """Grey [H, W], or RGB with its opacity where there is one [H, W, 3 or 4]."""
        if self.alpha is None:
            return self.pixels
        rgb = self.pixels
        if rgb.ndim == 2:
            rgb = np.repeat(rgb[..., None], 3, axis=2)
        return np.concatenate([rgb, self.alpha[..., None]], axis=2)

    def with_pixels(self, pixels: NDArray[Any]) -> Photo:
        """The same photo with other pixels."""
        return replace(self, pixels=pixels)


def to_pillow(photo: Photo) -> Image.Image:
    """An 8-bit Pillow picture: RGB, L, RGBA or LA."""
    pixels = eight_bit(photo.pixels)
    if photo.alpha is None:
        return Image.fromarray(pixels)
    alpha = Image.fromarray(eight_bit(photo.alpha))
    picture = Image.fromarray(pixels)
    picture.putalpha(alpha)
    return picture


def eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Pixels of any type as whole levels in [0, 255]."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.uint32) * 255 + 32767) // 65535
    else:
        pixels = np.clip(pixels, 0, 1) * 255 + 0.5
    return pixels.astype(np.uint8)
