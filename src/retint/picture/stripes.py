"""Converts the pixels of a photo stripe by stripe, on several threads.

Lightness is computed from the pixels at full resolution, twice: once to shrink it to the method's
working size, and once to merge it, unchanged, with the enlarged chroma.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color import lab
from retint.color.buffers import Buffers
from retint.color.lab import Float32
from retint.color.resize import shrink
from retint.color.upsampling import GuidedUpsampler
from retint.files import Photo
from retint.picture.box import Area
from retint.picture.kept import Kept
from retint.steps import checkpoint
from retint.threads import threads_or_all

STRIPE_PIXELS = 1 << 18
"""Pixels per stripe: few enough for the cache, enough to keep threads from waiting for each other.
"""


def shrink_lightness(photo: Photo, size: tuple[int, int], threads: int = 0) -> Float32:
    """Compute L* [h, w] of a photo at a smaller size."""
    if photo.size[0] * photo.size[1] <= size[0] * size[1]:
        return shrink(lab.lightness(photo.pixels), size)
    # Width first, row by row, so that the lightness of a huge scan is never all in memory.
    narrow = np.empty((photo.size[0], size[1]), dtype=np.float32)

    def convert(rows: slice) -> None:
        lightness = lab.lightness(photo.pixels[rows])
        narrow[rows] = shrink(lightness, (lightness.shape[0], size[1]))

    by_stripes(photo.size, convert, threads)
    return shrink(narrow, size)


def merge(
    photo: Photo,
    upsampler: GuidedUpsampler,
    saturation: float = 1.0,
    box: Area | None = None,
    kept: Kept | None = None,
    threads: int = 0,
) -> NDArray[Any]:
    """sRGB [H, W, 3] from the photo's lightness and chroma, enlarged stripe by stripe.

    Parameters
    ----------
    box
        The part to be coloured; the rest gets equal channels.
    kept
        Colours that are blended with the others.
    """
    rgb = np.empty((*photo.size, 3), dtype=photo.pixels.dtype)
    buffers = Buffers()

    def convert(rows: slice) -> None:
        plane = lab.lightness(photo.pixels[rows])
        chroma = upsampler(rows, plane)
        if saturation != 1:
            chroma = lab.saturated(plane, chroma, saturation)
        outside = None if box is None or box.is_whole else ~box.mask(rows)
        if kept is not None:
            if outside is not None:
                chroma[outside] = 0
                outside &= kept.share[rows] == 0
            chroma = kept.blended(rows, chroma)
        lab.merge(plane, chroma, rgb[rows], buffers)
        if outside is not None:
            levels = photo.pixels[rows][outside]
            if levels.ndim == 2:
                levels = lab.grey_of(plane[outside], rgb.dtype)
            rgb[rows][outside] = levels[:, None]

    by_stripes(photo.size, convert, threads)
    return rgb


def by_stripes(size: tuple[int, int], convert: Callable[[slice], None], threads: int = 0) -> None:
    """Call `convert` on all rows, stripe by stripe.

    Parameters
    ----------
    threads
        CPU threads; 0 uses all.
    """
    height, width = size
    step = max(1, STRIPE_PIXELS // width)
    stripes = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    threads = min(threads_or_all(threads), len(stripes))
    if threads == 1:
        for rows in stripes:
            checkpoint()
            convert(rows)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(convert, stripes):
            checkpoint()
