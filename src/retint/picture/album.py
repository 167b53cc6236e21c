"""A page with several photographs, each of which the method sees alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.color.resize import average, linear, shrink, working_size
from retint.colorizers.base import Colorizer, Look
from retint.colorizers.parts.framed import Framed, Inside, averaged_hints
from retint.picture.box import Box, Boxes


@dataclass(frozen=True)
class _Part:
    """A photograph on the page, as the method sees it."""

    inside: Inside
    shape: NDArray[np.bool_]
    """What belongs to it [h, w] within those rows and columns."""
    framed: Framed


class Album(Framed):
    """A look at a page; its planes have the working size [h, w] of the page.

    Hints beside the photographs are given to a look at the whole page, which then counts as one
    picture; so do reference pictures.

    Parameters
    ----------
    lightness
        L* [h, w] of the page.
    boxes
        The photographs, at that size.
    upright
        Says by how many quarter turns clockwise a photograph is shown to the method, given its L*.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        lightness: Float32,
        boxes: Sequence[Box],
        upright: Callable[[Float32], int],
    ) -> None:
        height, width = lightness.shape
        self.small = lightness
        self.turn = 0
        self._colorizer = colorizer
        self.covered = slice(0, height), slice(0, width)
        self.seen = self._padded(lightness).shape
        self.parts = [self._part(box, upright) for box in boxes]
        self.shape = np.zeros((height, width), np.bool_)
        """Where the photographs are [h, w]."""
        for part in self.parts:
            self.shape[part.inside] |= part.shape
        self.inside = self.shape

    def _part(self, box: Box, upright: Callable[[Float32], int]) -> _Part:
        own = self.small[box.slices]
        small = shrink(own, working_size(own.shape, self._colorizer.native))
        framed = Framed(self._colorizer, small, upright=lambda _: upright(own))
        return _Part(box.slices, box.mask(slice(None))[box.slices], framed)

    @property
    def turns(self) -> tuple[int, ...]:
        """Quarter turns clockwise by which each photograph is shown to the method."""
        return tuple(part.framed.turn for part in self.parts)

    @cached_property
    def look(self) -> Look:  # type: ignore[override]
        """A look at the whole page."""
        return self._colorizer.look(self._padded(self.small))

    @property
    def is_whole(self) -> bool:
        """Whether the method sees everything."""
        return False

    def chroma(self, hints: Float32 | None = None) -> Float32:
        """a*, b* [h, w, 2]; hints and exceptions as in `Look.chroma`."""
        if self._is_beside(hints):
            return super().chroma(hints)
        return self._joined(lambda part, own: part.framed.chroma(own), hints)

    def variants(self, count: int, hints: Float32 | None = None) -> list[Float32]:
        """Several a*, b* [h, w, 2]; exceptions as in `Look.variants`."""
        if self._is_beside(hints):
            return super().variants(count, hints)
        # Along the first axis, so that each photograph is sampled once.
        found = self._joined(
            lambda part, own: np.concatenate(part.framed.variants(count, own), axis=-1), hints
        )
        return np.split(found, count, axis=-1)

    def certainty(self, hints: Float32 | None = None) -> Float32:
        """The method's confidence [h, w], 1 beside the photographs."""
        if self._is_beside(hints):
            return super().certainty(hints)
        return self._joined(lambda part, own: part.framed.certainty(own), hints, rest=1.0)

    @property
    def _whole(self) -> Look:
        return self.look

    def _look_for(self, hints: Float32 | None) -> tuple[Look, Inside]:  # noqa: ARG002
        return self.look, self.covered

    def _is_beside(self, hints: Float32 | None) -> bool:
        """Whether there are hints beside the photographs."""
        return hints is not None and bool((hints[..., 2] > 0)[~self.shape].any())

    def _joined(
        self, answer: Callable[[_Part, Float32 | None], Float32], hints: Float32 | None,
        rest: float = 0.0,
    ) -> Float32:  # fmt: skip
        """The answers for all photographs, in their places."""
        joined: Float32 | None = None
        for part in self.parts:
            own = (
                None
                if hints is None
                else averaged_hints(hints[part.inside], part.framed.small.shape)
            )
            found = answer(part, own)
            size = part.shape.shape
            found = _resized(found, size)
            if joined is None:
                joined = np.full((*self.small.shape, *found.shape[2:]), rest, np.float32)
            joined[part.inside][part.shape] = found[part.shape]
        assert joined is not None
        return joined


def page_size(boxes: Boxes, native: int) -> tuple[int, int]:
    """Height and width of a page at which its photographs, on average, have the native size."""
    wanted = [working_size(each.inner, native)[0] / each.inner[0] for each in boxes.parts]
    scale = min(1.0, float(np.median(wanted)))
    height, width = boxes.size
    return max(1, round(height * scale)), max(1, round(width * scale))


def _resized(planes: Float32, size: tuple[int, int]) -> Float32:
    if planes.shape[:2] == size:
        return planes
    smaller = size[0] * size[1] < planes.shape[0] * planes.shape[1]
    return (average if smaller else linear)(planes, size)


def extended(planes: NDArray[Any], inside: NDArray[np.bool_]) -> NDArray[Any]:
    """Planes [h, w, ...] whose values beside the photographs are those of the nearest pixel inside
    [h, w], so that their edges keep their colours when they are enlarged.
    """
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.zeros(labels.max() + 1, np.intp)
    places[labels[inside]] = np.flatnonzero(inside)
    return np.asarray(planes.reshape(-1, *planes.shape[2:])[places[labels]])
