"""Removes flicker from the colours of a shot.

Each frame's colours are averaged with those of its neighbours, warped along the motion: a running
mean in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from retint.color.lab import Float32
from retint.film.flow import Carrier, Motion

MEMORY = 14.0
"""Maximum weight of past predictions; older ones fade."""
LEAST = 1e-3
"""Minimum weight of a warped colour where the motion is unreliable: better than none."""

Answers = Sequence[Float32 | None]
"""a*, b* [h, w, 2] of frames as predicted; None for frames that the network did not process."""


@dataclass(frozen=True)
class Trail:
    """The running mean of the frames up to one frame."""

    chroma: Float32
    weight: Float32
    """Number of predictions in the mean [h, w]."""

    def carried(self, carrier: Carrier) -> Trail:
        """The trail warped to another frame."""
        weight = np.minimum(carrier(self.weight), np.float32(MEMORY)) * carrier.trust
        return Trail(carrier(self.chroma), np.maximum(weight, np.float32(LEAST)))

    def joined(self, answer: Float32) -> Trail:
        """The trail with one more prediction."""
        share = 1 / (1 + self.weight)
        chroma = self.chroma + share[..., None] * (answer - self.chroma)
        return Trail(np.asarray(chroma, np.float32), self.weight + 1)


def steadied(
    answers: Answers, motions: Sequence[Motion], before: Trail | None = None
) -> tuple[list[Float32], list[Trail]]:
    """a*, b* [h, w, 2] of every frame, and the trails leading to them.

    Parameters
    ----------
    answers
        Predictions for consecutive frames of a shot; there is one for the first frame, or a trail.
    motions
        Motion from each frame to the next, one fewer.
    before
        The first frame's trail, including its own prediction.
    """
    onward = [each for each in _trails(answers, [m.from_first for m in motions], before) if each]
    assert len(onward) == len(answers)
    carriers = [each.from_second for each in reversed(motions)]
    back = list(_trails(answers[::-1], carriers, None))[::-1]
    joined = [_mean(*each) for each in zip(answers, onward, back, strict=True)]
    return joined, onward


def _trails(
    answers: Answers, carriers: Sequence[Carrier], before: Trail | None
) -> Iterator[Trail | None]:
    """The trail at each frame, including its own prediction; None before the first prediction."""
    trail = before
    for k, answer in enumerate(answers):
        if k > 0 and trail is not None:
            trail = trail.carried(carriers[k - 1])
        if answer is not None and not (k == 0 and before is not None):
            ones = np.ones(answer.shape[:2], np.float32)
            trail = Trail(answer, ones) if trail is None else trail.joined(answer)
        yield trail


def _mean(answer: Float32 | None, onward: Trail, back: Trail | None) -> Float32:
    """Mean of both trails; a prediction in both counts once."""
    if back is None:
        return onward.chroma
    total = onward.weight + back.weight
    chroma = onward.chroma * onward.weight[..., None] + back.chroma * back.weight[..., None]
    if answer is not None:
        chroma -= answer
        total = total - 1
    return np.asarray(chroma / total[..., None], np.float32)
