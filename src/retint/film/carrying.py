"""Carries the colours of stills along the motion of their shot.

A position in the still is kept for each pixel of a frame, and moved on from frame to frame. At each
frame that is asked for, the positions are found again by flow between the frame and the still
itself, which starts from them: so errors do not add up, and colours are sampled only once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retint.color.lab import Float32
from retint.film.flow import ALIKE, Flow
from retint.film.stages import pulse
from retint.film.steady import Answer
from retint.picture.grading import ramp

LOST, KEPT = 0.05, 0.4
"""Reliability of the motion at which a pixel is lost, and from which it is followed."""
UNLIKE = 2 * ALIKE
"""Difference in L* from the still that makes a colour doubtful."""
SURE = 0.15
"""Share of the reliability of motion and likeness together from which colours are as good as sure.
"""


class Carried(NamedTuple):
    """Colours for a frame, in half precision, since there are many."""

    chroma: NDArray[np.float16]
    """a*, b* [h, w, 2]."""
    weight: NDArray[np.float16]
    """How sure they are [h, w], in [0, 1]."""

    @property
    def answer(self) -> Answer:
        """The same in single precision."""
        return Answer(self.chroma.astype(np.float32), self.weight.astype(np.float32))


@dataclass(frozen=True)
class Truth:
    """The colours of one frame of a shot."""

    number: int
    """Its number in the shot."""
    chroma: Float32
    """a*, b* [h, w, 2]."""


def carried(
    lightness: Sequence[Float32], truths: Sequence[Truth], wanted: Collection[int]
) -> dict[int, Carried]:
    """Colours for some frames of a shot, from the stills before and after each.

    Parameters
    ----------
    lightness
        L* [h, w] of all frames of the shot.
    truths
        At least one, in the order of their frames.
    """
    found: dict[int, Carried] = {}
    for k, truth in enumerate(truths):
        before = truths[k - 1].number if k else -1
        after = truths[k + 1].number if k + 1 < len(truths) else len(lightness)
        numbers = (range(truth.number, after), range(truth.number, before, -1))
        for way in numbers:
            span = abs(after - truth.number) if way.step > 0 else abs(truth.number - before)
            last = after == len(lightness) if way.step > 0 else before == -1
            for number, each in _followed(lightness, truth, way, wanted):
                share = 1.0 if last else 1 - abs(number - truth.number) / span
                found[number] = _blended(found.get(number), each, share)
    return found


def _followed(
    lightness: Sequence[Float32], truth: Truth, way: range, wanted: Collection[int]
) -> Iterator[tuple[int, Answer]]:
    """Carry one still in one direction."""
    flow = Flow()
    shown = lightness[truth.number]
    height, width = shown.shape
    own = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)
    places, sure = own, np.ones((height, width), np.float32)
    for k, number in enumerate(way):
        pulse()
        if k:
            before = number - way.step
            carrier = flow(lightness[before], lightness[number]).from_first
            places, sure = carrier(places), carrier(sure) * ramp(carrier.trust, LOST, KEPT)
        if number not in wanted:
            continue
        if not k:
            yield number, Answer(truth.chroma, sure)
            continue
        places, unlike = _refined(flow, lightness[number], shown, places, own)
        inside = (
            (places >= 0).all(-1) & (places[..., 0] <= width - 1) & (places[..., 1] <= height - 1)
        )
        alike = np.exp(-np.square(unlike / UNLIKE)) * inside
        weight = ramp(np.asarray(sure * alike, np.float32), 0, SURE)
        yield number, Answer(_sampled(truth.chroma, places), weight)


def _refined(
    flow: Flow, lightness: Float32, shown: Float32, places: Float32, own: Float32
) -> tuple[Float32, Float32]:
    """Positions by flow to the still itself, where they match as well, and the mismatch there."""
    offsets = flow.way(lightness, shown, places - own)
    again = own + offsets
    unlike, unlike_again = (
        np.abs(_smooth(_sampled(shown, each) - lightness)) for each in (places, again)
    )
    better = unlike_again <= unlike + 0.5
    return np.where(better[..., None], again, places), np.where(better, unlike_again, unlike)


def _smooth(plane: Float32) -> Float32:
    return np.asarray(cv2.blur(plane, (3, 3)), np.float32)


def _sampled(planes: Float32, places: Float32) -> Float32:
    found = cv2.remap(
        planes, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, np.float32)


def _blended(one: Carried | None, other: Answer, share: float) -> Carried:
    """Add the colours of a further still, which has a share of the frame."""
    chroma, weight = other.chroma, other.weight * np.float32(share)
    if one is not None:
        before = one.answer
        total = before.weight + weight
        part = (weight / np.maximum(total, np.float32(1e-6)))[..., None]
        chroma = before.chroma + part * (chroma - before.chroma)
        weight = np.minimum(total, 1)
    return Carried(chroma.astype(np.float16), weight.astype(np.float16))
