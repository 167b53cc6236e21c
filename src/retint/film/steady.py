"""Removes flicker from the colours of a shot.

Each frame's colours are averaged with those of its neighbours, warped along the motion: a running
mean in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from retint.color.lab import Float32
from retint.film.flow import Carrier, Motion

MEMORY = 14.0
"""Maximum weight of past predictions; older ones fade."""
LEAST = 1e-3
"""Minimum weight of a warped colour where the motion is unreliable: better than none."""


class Answer(NamedTuple):
    """The colours of one frame on its own."""

    chroma: Float32
    """a*, b* [h, w, 2]."""
    weight: Float32
    """How much they count [h, w]; 1 for a prediction of the network."""

    @classmethod
    def predicted(cls, chroma: Float32) -> Answer:
        """The prediction of the network."""
        return cls(chroma, np.ones(chroma.shape[:2], np.float32))


Answers = Sequence[Answer | None]
"""Those of consecutive frames; None for frames that have only their neighbours' colours."""


@dataclass(frozen=True)
class Trail:
    """The running mean of the frames up to one frame."""

    chroma: Float32
    weight: Float32
    """Weight of all answers in the mean [h, w]."""

    def carried(self, carrier: Carrier) -> Trail:
        """The trail warped to another frame."""
        weight = np.minimum(carrier(self.weight), np.float32(MEMORY)) * carrier.trust
        return Trail(carrier(self.chroma), np.maximum(weight, np.float32(LEAST)))

    def joined(self, answer: Answer) -> Trail:
        """The trail with one more answer."""
        total = self.weight + answer.weight
        share = (answer.weight / total)[..., None]
        chroma = self.chroma + share * (answer.chroma - self.chroma)
        return Trail(np.asarray(chroma, np.float32), total)


def steadied(
    answers: Answers, motions: Sequence[Motion], before: Trail | None = None
) -> tuple[list[Float32], list[Trail]]:
    """a*, b* [h, w, 2] of every frame, and the trails leading to them.

    Parameters
    ----------
    answers
        Answers for consecutive frames of a shot; there is one for the first frame, or a trail.
    motions
        Motion from each frame to the next, one fewer.
    before
        The first frame's trail, including its own answer.
    """
    carriers = (each.from_first for each in motions)
    onward = [each for each in _trails(answers, carriers, before) if each]
    assert len(onward) == len(answers)
    carriers = (each.from_second for each in reversed(motions))
    back = _trails(answers[::-1], carriers, None)
    joined = [_mean(*each) for each in zip(answers[::-1], onward[::-1], back, strict=True)]
    return joined[::-1], onward


def _trails(
    answers: Answers, carriers: Iterator[Carrier], before: Trail | None
) -> Iterator[Trail | None]:
    """The trail at each frame, including its own answer; None before the first one."""
    trail = before
    for k, answer in enumerate(answers):
        if k > 0:
            carrier = next(carriers)
            trail = None if trail is None else trail.carried(carrier)
        if answer is not None and not (k == 0 and before is not None):
            weight = np.maximum(answer.weight, np.float32(LEAST))
            trail = Trail(answer.chroma, weight) if trail is None else trail.joined(answer)
        yield trail


def _mean(answer: Answer | None, onward: Trail, back: Trail | None) -> Float32:
    """Mean of both trails; an answer in both counts once."""
    if back is None:
        return onward.chroma
    total = onward.weight + back.weight
    chroma = onward.chroma * onward.weight[..., None] + back.chroma * back.weight[..., None]
    if answer is not None:
        chroma -= answer.chroma * answer.weight[..., None]
        total = total - answer.weight
    return np.asarray(chroma / total[..., None], np.float32)
