"""Photo -> Photo: the one path that every colouring takes.

The lightness plane is made once at full resolution, shrunk to what the method wants, and comes out
again untouched: only chroma is enlarged and laid over it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint import lab
from retint.colorizers import Colorizer, Painter
from retint.colorizers.network import threads_or_all
from retint.errors import UsageError
from retint.lab import Float32
from retint.photo import Photo
from retint.resize import run_padded, shrink, working_size
from retint.upsampling import GuidedUpsampler

STRIPE_PIXELS = 1 << 18
"""Pixels converted at a time: few enough for the cache, enough to keep threads from queueing."""


@dataclass(frozen=True)
class Pipeline:
    """Colours photos with one method; may be used from several threads at once."""

    colorizer: Colorizer
    vividness: float = 1.0
    """What chroma is multiplied by, in [0, 2]."""
    saturation: float = 1.0
    """What the coloured picture's saturation in HSV is multiplied by, in [0, 3]; 1 is off."""
    raw: bool = False
    """Give the network's own RGB, blurred lightness and all, in place of the merged picture."""
    threads: int = 0
    """CPU threads; 0 for all."""

    def __post_init__(self) -> None:
        if not 0 <= self.vividness <= 2:
            raise UsageError(f"vividness is between 0 and 2, not {self.vividness:g}")
        if not 0 <= self.saturation <= 3:
            raise UsageError(f"saturation is between 0 and 3, not {self.saturation:g}")
        if self.threads < 0:
            raise UsageError(f"threads is 0 (all) or more, not {self.threads}")
        if self.raw and not isinstance(self.colorizer, Painter):
            raise UsageError(f"{self.colorizer.name} paints no RGB of its own to show raw")

    def __call__(self, photo: Photo) -> Photo:
        """The photo in colour: sRGB of the same size and type, alpha and metadata kept."""
        lightness = self.lightness(photo)
        if self.raw:
            return photo.with_pixels(self._raw(lightness, photo.pixels.dtype))
        small = shrink(lightness, working_size(photo.size, self.colorizer.native))
        chroma = run_padded(self.colorizer, small, self.colorizer.size)
        chroma *= np.float32(self.vividness)
        upsampler = GuidedUpsampler(small, chroma, photo.size)
        return photo.with_pixels(self.merge(lightness, upsampler, photo.pixels.dtype))

    def lightness(self, photo: Photo) -> Float32:
        """L* [H, W] of the photo at full resolution."""
        plane = np.empty(photo.size, dtype=np.float32)

        def convert(rows: slice) -> None:
            plane[rows] = lab.lightness(photo.pixels[rows])

        self.by_stripes(photo.size, convert)
        return plane

    def merge(
        self, lightness: Float32, upsampler: GuidedUpsampler, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        """sRGB [H, W, 3] of full-size lightness and chroma that is enlarged on the way."""
        rgb = np.empty((*lightness.shape, 3), dtype=dtype)

        def convert(rows: slice) -> None:
            plane = lightness[rows]
            chroma = upsampler(rows, plane)
            if self.saturation != 1:
                chroma = lab.saturated(plane, chroma, self.saturation)
            lab.merge(plane, chroma, out=rgb[rows])

        self.by_stripes(lightness.shape, convert)
        return rgb

    def _raw(self, lightness: Float32, dtype: np.dtype[Any]) -> NDArray[Any]:
        assert isinstance(self.colorizer, Painter)
        small = shrink(lightness, working_size(lightness.shape, self.colorizer.native))
        painted = run_padded(self.colorizer.rgb, small, self.colorizer.size)
        height, width = lightness.shape
        rgb = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        if dtype.kind == "u":
            levels = np.iinfo(dtype).max
            rgb = rgb * np.float32(levels) + np.float32(0.5)
        return np.asarray(rgb.astype(dtype))

    def by_stripes(self, size: tuple[int, int], convert: Callable[[slice], None]) -> None:
        """Call `convert` on all rows, a stripe at a time, on all threads."""
        height, width = size
        step = max(1, STRIPE_PIXELS // width)
        stripes = [slice(top, min(top + step, height)) for top in range(0, height, step)]
        threads = min(threads_or_all(self.threads), len(stripes))
        if threads == 1:
            for rows in stripes:
                convert(rows)
            return
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(convert, stripes):
                pass
