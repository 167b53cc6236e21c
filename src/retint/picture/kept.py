"""Colours of a black-and-white picture that are kept, such as those of a stamp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import linear
from retint.files import Photo
from retint.picture.toned import colored_parts


@dataclass(frozen=True)
class Kept:
    """The coloured parts of a photo that is black and white elsewhere."""

    pixels: NDArray[Any]
    """sRGB [H, W, 3]."""
    share: NDArray[np.uint8]
    """Share of those colours in the result [H, W], in 255ths."""

    @classmethod
    def of(cls, photo: Photo) -> Kept | None:
        """None if there are none."""
        parts = colored_parts(photo)
        if photo.pixels.ndim == 2 or not parts.any():
            return None
        return cls(photo.pixels, linear((parts * 255 + 0.5).astype(np.uint8), photo.size))

    def blended(self, rows: slice, chroma: Float32) -> Float32:
        """a*, b* [n, W, 2] of some rows, blended with those that are kept."""
        share = self.share[rows]
        if not share.any():
            return chroma
        own = lab.rgb_to_lab(self.pixels[rows])[..., 1:]
        return chroma + (own - chroma) * (share[..., None] * np.float32(1 / 255))
