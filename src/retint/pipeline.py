"""Photo -> Photo: the one path that every colouring takes.

Lightness is taken from the pixels at full resolution, a stripe at a time: once to be shrunk to what
the method wants, and once to come out untouched, with enlarged chroma laid over it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from retint import lab
from retint.colorizers import Colorizer, Guided, Look, Painter, Varied
from retint.colorizers.base import ByLook, VariedLook
from retint.colorizers.network import threads_or_all
from retint.errors import UsageError
from retint.files.photo import Photo
from retint.hints import Hints
from retint.lab import Float32
from retint.resize import padded, run_padded, shrink, working_size
from retint.upsampling import GuidedUpsampler

GUIDED = "guided-unet"
"""The method to be named to somebody who has hints."""
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

    def __call__(self, photo: Photo, hints: Hints | None = None) -> Photo:
        """The photo in colour: sRGB of the same size and type, alpha and metadata kept.

        Raises
        ------
        UsageError
            If there are hints and the method takes none.
        PhotoError
            If a hint lies outside the picture.
        """
        return self.open(photo).colorize(hints)

    def open(self, photo: Photo) -> View:
        """Look at a photo, to colour it as often as one likes."""
        return View(self, photo)

    def shrunk(self, photo: Photo) -> Float32:
        """L* [h, w] of the photo at the working size."""
        size = working_size(photo.size, self.colorizer.native)
        if photo.size[0] * photo.size[1] <= size[0] * size[1]:
            return shrink(lab.lightness(photo.pixels), size)
        # First the width, row by row: nobody needs all lightness of a huge scan at once.
        narrow = np.empty((photo.size[0], size[1]), dtype=np.float32)

        def convert(rows: slice) -> None:
            lightness = lab.lightness(photo.pixels[rows])
            narrow[rows] = shrink(lightness, (lightness.shape[0], size[1]))

        self.by_stripes(photo.size, convert)
        return shrink(narrow, size)

    def merge(self, photo: Photo, upsampler: GuidedUpsampler) -> NDArray[Any]:
        """sRGB [H, W, 3] of the photo's lightness and chroma that is enlarged on the way."""
        rgb = np.empty((*photo.size, 3), dtype=photo.pixels.dtype)

        def convert(rows: slice) -> None:
            plane = lab.lightness(photo.pixels[rows])
            chroma = upsampler(rows, plane)
            if self.saturation != 1:
                chroma = lab.saturated(plane, chroma, self.saturation)
            lab.merge(plane, chroma, out=rgb[rows])

        self.by_stripes(photo.size, convert)
        return rgb

    def raw_rgb(self, photo: Photo) -> NDArray[Any]:
        """The network's own sRGB [H, W, 3], enlarged."""
        assert isinstance(self.colorizer, Painter)
        painted = run_padded(self.colorizer.rgb, self.shrunk(photo), self.colorizer.size)
        height, width = photo.size
        rgb = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        dtype = photo.pixels.dtype
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


class View:
    """One photo before one method.

    What does not depend on hints is done once: the network's look at it. May be
    used from several threads.
    """

    def __init__(self, pipeline: Pipeline, photo: Photo) -> None:
        self.pipeline = pipeline
        self.photo = photo
        colorizer = pipeline.colorizer
        self.small = pipeline.shrunk(photo)
        """L* [h, w] at the working size."""
        self.look: Look | None = None
        """Of a method that takes hints."""
        if isinstance(colorizer, Guided):
            self.look = colorizer.look(padded(self.small, colorizer.size))

    @property
    def padded_size(self) -> tuple[int, int]:
        """Height and width of what the network sees."""
        size = self.pipeline.colorizer.size
        height, width = self.small.shape
        return size.padded(height), size.padded(width)

    def through(self, pipeline: Pipeline, photo: Photo | None = None) -> View:
        """The same look, with its colours laid by another pipeline, over the photo or a larger one.

        Parameters
        ----------
        photo
            The same picture at another size; None for the one that was looked at.
        """
        view = copy.copy(self)
        view.pipeline, view.photo = pipeline, photo or self.photo
        return view

    def colorize(self, hints: Hints | None = None) -> Photo:
        """The photo in colour, as these hints have it; raises as `Pipeline.__call__` does."""
        if self.pipeline.raw:
            self._refuse(hints)
            return self.photo.with_pixels(self.pipeline.raw_rgb(self.photo))
        return self.merged(self.chroma(hints))

    def variants(self, count: int, hints: Hints | None = None) -> list[Photo]:
        """Several plausible colourings of the photo.

        Raises
        ------
        UsageError
            If the method has only one answer, or there are hints and it takes none.
        """
        return [self.merged(each) for each in self.chromas(count, hints)]

    def chromas(self, count: int, hints: Hints | None = None) -> list[Float32]:
        """Several plausible a*, b* [h, w, 2] at the working size; raises as `variants` does."""
        colorizer = self.pipeline.colorizer
        if not isinstance(colorizer, Varied):
            raise UsageError(f"{colorizer.name} has one answer; --variants is for diffusion")
        if self.look is None:
            self._refuse(hints)
        planes = self._planes(hints)
        if isinstance(colorizer, ByLook):  # it has looked already
            chromas = cast(VariedLook, self.look).variants(count, planes)
        else:
            chromas = colorizer.variants(padded(self.small, colorizer.size), count, planes)
        return [self._cut(each) for each in chromas]

    def merged(self, chroma: Float32) -> Photo:
        """The photo with a*, b* [h, w, 2] of the working size laid over it."""
        pipeline, photo = self.pipeline, self.photo
        upsampler = GuidedUpsampler(self.small, chroma * np.float32(pipeline.vividness), photo.size)
        return photo.with_pixels(pipeline.merge(photo, upsampler))

    def certainty(self, hints: Hints | None = None) -> Float32:
        """How sure the method is [H, W], in [0, 1].

        Raises
        ------
        UsageError
            If the method cannot say.
        """
        if self.look is None:
            raise UsageError(f"{self.pipeline.colorizer.name} cannot say how sure it is")
        height, width = self.photo.size
        small = self._cut(self.look.certainty(self._planes(hints)))
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))

    def chroma(self, hints: Hints | None = None) -> Float32:
        """a*, b* [h, w, 2] at the working size; raises as `Pipeline.__call__` does."""
        colorizer = self.pipeline.colorizer
        if self.look is not None:
            return self._cut(self.look.chroma(self._planes(hints)))
        self._refuse(hints)
        return run_padded(colorizer, self.small, colorizer.size)

    def _planes(self, hints: Hints | None) -> Float32 | None:
        if not hints:
            return None
        planes = hints.planes(self.photo.size, self.small)
        return padded(planes, self.pipeline.colorizer.size)

    def _cut(self, planes: Float32) -> Float32:
        height, width = self.small.shape
        return planes[:height, :width]

    def _refuse(self, hints: Hints | None) -> None:
        if hints:
            name = self.pipeline.colorizer.name
            raise UsageError(f"{name} takes no hints; use --method {GUIDED}")
