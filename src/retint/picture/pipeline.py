"""The pipeline from `Photo` to `Photo` that every colouring uses."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import cubic, linear, working_size
from retint.color.upsampling import GuidedUpsampler
from retint.colorizers import Colorizer, paints
from retint.colorizers.base import without_rgb
from retint.colorizers.parts.upright import Upright
from retint.errors import UsageError
from retint.files import Photo
from retint.hints import Hints
from retint.picture import mount
from retint.picture.album import Album, extended
from retint.picture.box import Area, Box
from retint.picture.damage import AS_FOUND, Retouch, damage_mask, likelihood
from retint.picture.finish import AS_IT_COMES, Finish
from retint.picture.framing import frame
from retint.picture.grading import graded, ramp
from retint.picture.kept import Kept
from retint.picture.prediction import Prediction
from retint.picture.repair import repaired
from retint.picture.stripes import merge, shrink_lightness

MOVED = 2.0, 8.0
"""Distances in a*b* by which hints have changed a colour: below the first, looks change it as any
other; above the second, they leave it.
"""


@dataclass(frozen=True)
class Pipeline:
    """Colours photos with one method; thread-safe."""

    colorizer: Colorizer
    threads: int = 0
    """CPU threads; 0 uses all."""
    upright: Upright = field(default_factory=Upright)
    """How photos that lie on their side are shown to the method."""

    def __call__(
        self, photo: Photo, hints: Hints | None = None, finish: Finish = AS_IT_COMES
    ) -> Photo:
        """Colour a photo: sRGB of the same size and type, with its alpha and metadata.

        Raises
        ------
        UsageError
            If there are hints and the method takes none, or the finish does not apply to it.
        PhotoError
            If a hint lies outside the picture.
        """
        return self.open(photo).colorize(hints, finish)

    @property
    def on_one_thread(self) -> Pipeline:
        """The same with a method that uses one thread per picture, to show it several at once; this
        one if the method does so already, or cannot.
        """
        return dataclasses.replace(self, colorizer=self.colorizer.on_one_thread())

    def check(self, finish: Finish) -> None:
        """Raise UsageError if the finish does not apply to the method."""
        if finish.raw and not paints(type(self.colorizer)):
            raise without_rgb(self.colorizer.name)
        if finish.raw and finish.grading is not None:
            raise UsageError("`raw` shows the network's own colors, without `look` and `warmth`")

    def open(self, photo: Photo) -> View:
        """Open a photo to colour it repeatedly."""
        return View(self, photo)

    def shrunk(self, photo: Photo, size: tuple[int, int] | None = None) -> Float32:
        """L* [h, w] of the photo, by default at the working size."""
        size = size or working_size(photo.size, self.colorizer.native)
        return shrink_lightness(photo, size, self.threads)


class View:
    """One photo opened with one method.

    Work that does not depend on hints, such as the network's encoder, is done once. Thread-safe.
    """

    def __init__(self, pipeline: Pipeline, photo: Photo) -> None:
        self.pipeline = pipeline
        self.photo = photo
        self.box: Area = Box.whole(photo.size) if photo.bare else mount.area(photo)
        """The picture without its mount, or the photographs of a page; the rest stays neutral."""
        self.framed = frame(photo, self.box, pipeline.colorizer, pipeline.upright, pipeline.threads)
        """The photo as the method sees it."""
        self.prediction = Prediction(self.framed, photo.size)
        """The colours that it predicts, without the look of a finish."""
        self.remembered = Hints()
        """Hints of other pictures that it was coloured with."""
        self.reference: dict[str, Any] = {}
        """What its record says about the reference pictures that it follows."""
        self.remarks: tuple[str, ...] = ()
        """Remarks about them, one line each."""
        self._damage: dict[int, tuple[Photo, NDArray[np.uint8]]] = {}
        """Photos that this view and its copies were laid over, with their damage, which does not
        depend on hints.
        """

    @property
    def turn(self) -> int:
        """Degrees clockwise by which the method sees the photo turned: 0, 90, 180 or 270."""
        return 90 * self.framed.turn

    def over(self, photo: Photo) -> View:
        """The same view, with its colours merged with the same picture at another size."""
        view = copy.copy(self)
        view.photo, view.box = photo, self.box.at(photo.size)
        view.prediction = self.prediction.at(photo.size)
        return view

    def colorize(self, hints: Hints | None = None, finish: Finish = AS_IT_COMES) -> Photo:
        """Colour the photo with these hints; raises the exceptions of `Pipeline.__call__`."""
        if not finish.raw:
            return self.merged(self.chroma(hints, finish), finish)
        if hints:
            raise UsageError("`raw` shows the network's own output, which takes no hints")
        return self.photo.with_pixels(_enlarge(self.framed.rgb(), self.photo))

    def variants(
        self, count: int, hints: Hints | None = None, finish: Finish = AS_IT_COMES
    ) -> list[Photo]:
        """Return several plausible colourings of the photo.

        Raises
        ------
        UsageError
            If the method gives only one result, or there are hints and it takes none.
        """
        return [self.merged(each, finish) for each in self.chromas(count, hints, finish)]

    def chromas(
        self, count: int, hints: Hints | None = None, finish: Finish = AS_IT_COMES
    ) -> list[Float32]:
        """Several plausible a*, b* [h, w, 2] at the working size; raises like `variants`."""
        near = self.prediction.nearness(hints)
        found = self.prediction.variants(count, hints)
        return [self._graded(each, finish, near) for each in found]

    def merged(
        self, chroma: Float32, finish: Finish = AS_IT_COMES, retouch: Retouch = AS_FOUND
    ) -> Photo:
        """Merge the photo with a*, b* [h, w, 2] of the working size.

        Parameters
        ----------
        retouch
            What is repaired besides what is found, and what is not.
        """
        mask = self.damage(finish.repair, retouch) if finish.repair else None
        photo = repaired(self.photo, mask, finish.fading)
        own = self.framed.small
        small = own if photo is self.photo else self.pipeline.shrunk(photo, own.shape)
        box = self.colored_box(chroma)
        upsampler = enlarger(*self.filled(small, chroma), finish, photo.size)
        colors = Kept.of(self.photo) if finish.keep_color else None
        threads = self.pipeline.threads
        merged = merge(photo, upsampler, finish.saturation, box, colors, threads)
        return photo.with_pixels(merged)

    def colored_box(self, chroma: Float32) -> Area:
        """The part of the photo that gets the colours a*, b* [h, w, 2] of the working size:
        everything if hints colour the mount as well.
        """
        return self.box if self._leaves_mount(chroma) else Box.whole(self.photo.size)

    def filled(self, small: Float32, chroma: Float32) -> tuple[Float32, Float32]:
        """L* [h, w] and a*, b* [h, w, 2] of the working size, with the mount replaced by the edges
        of the picture, so that they keep their colours when they are enlarged.
        """
        if not self._leaves_mount(chroma):
            return small, chroma
        if isinstance(self.framed, Album):
            return extended(small, self.framed.shape), extended(chroma, self.framed.shape)
        rows, columns = self.framed.covered
        height, width = small.shape
        beyond = (rows.start, height - rows.stop), (columns.start, width - columns.stop)
        return (
            np.pad(small[rows, columns], beyond, mode="edge"),
            np.pad(chroma[rows, columns], (*beyond, (0, 0)), mode="edge"),
        )

    def _leaves_mount(self, chroma: Float32) -> bool:
        """Whether there is a mount, and chroma is 0 in it."""
        if self.framed.is_whole:
            return False
        outside = np.ones(chroma.shape[:2], np.bool_)
        outside[self.framed.inside] = False
        return not chroma[outside].any()

    def damage(self, strength: float, retouch: Retouch = AS_FOUND) -> NDArray[np.uint8]:
        """Mask [H, W], 255 where `repair` of this strength changes the photo."""
        kept = self._damage.get(id(self.photo))
        if kept is None:
            kept = self.photo, likelihood(self.photo.pixels, self.pipeline.threads)
            self._damage[id(self.photo)] = kept
        mask = damage_mask(kept[1], strength, self.photo.size)
        retouch.mark(mask)
        return mask

    def certainty(self, hints: Hints | None = None) -> Float32:
        """The method's confidence [H, W], in [0, 1].

        Raises
        ------
        UsageError
            If the method has no measure of confidence.
        """
        return linear(self.prediction.certainty(hints), self.photo.size)

    def chroma(self, hints: Hints | None = None, finish: Finish = AS_IT_COMES) -> Float32:
        """a*, b* [h, w, 2] at the working size, with the look and the warmth of the finish; raises
        the exceptions of `Pipeline.__call__`.
        """
        return self.graded(self.prediction.chroma(hints), finish, hints)

    def graded(self, chroma: Float32, finish: Finish, hints: Hints | None = None) -> Float32:
        """Give a*, b* [h, w, 2], as predicted with these hints, the look and the warmth of a
        finish. What hints colour stays as it is, and so does a mount.
        """
        if finish.grading is None or not hints:
            return self._graded(chroma, finish, None)
        moved = ramp(np.linalg.norm(chroma - self.prediction.alone(), axis=-1), *MOVED)
        near = self.prediction.nearness(hints)
        return self._graded(chroma, finish, moved if near is None else np.maximum(moved, near))

    def _graded(self, chroma: Float32, finish: Finish, kept: Float32 | None) -> Float32:
        """Change chroma as the finish says, the less the nearer `kept` [h, w] is to 1."""
        if finish.grading is None:
            return chroma
        covered, inside = self.framed.covered, self.framed.inside
        changed, found = chroma.copy(), chroma.copy()
        changed[covered] = graded(self.framed.small[covered], chroma[covered], finish.grading)
        found[inside] = changed[inside]  # a mount or an album page stays neutral
        return found if kept is None else found + kept[..., None] * (chroma - found)


def enlarger(
    lightness: Float32, chroma: Float32, finish: Finish, size: tuple[int, int]
) -> GuidedUpsampler:
    """Returns what enlarges chroma from the working size to the size of an output.

    Parameters
    ----------
    lightness, chroma
        L* [h, w] and a*, b* [h, w, 2] at the working size.
    size
        Height and width of the output.
    """
    vivid = np.ascontiguousarray(chroma * np.float32(finish.vividness))
    return GuidedUpsampler(np.ascontiguousarray(lightness), vivid, size)


def _enlarge(painted: Float32, photo: Photo) -> NDArray[Any]:
    """sRGB [h, w, 3] in [0, 1], enlarged to the photo's size, in the type of its pixels."""
    rgb = cubic(painted, photo.size).clip(0, 1)
    dtype = photo.pixels.dtype
    if dtype.kind == "u":
        rgb = rgb * np.float32(np.iinfo(dtype).max) + np.float32(0.5)
    return np.asarray(rgb.astype(dtype))
