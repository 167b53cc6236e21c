"""Colours follow the motion and do not flicker."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from retint.color.lab import Float32
from retint.film.flow import Flow
from retint.film.steady import Answer, steadied
from retint.film.tracking import Place, followed

RNG = np.random.default_rng(0)
GROUND = np.kron(RNG.uniform(20, 80, (12, 16)), np.ones((8, 8))).astype(np.float32)


def scene(k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """L* of a scene that goes 3 pixels to the left each frame."""
    return np.ascontiguousarray(np.roll(GROUND, -3 * k, axis=1)[:, 20:100])


def test_flicker_is_averaged_along_the_motion() -> None:
    lightness = [scene(k) for k in range(10)]
    flow = Flow()
    motions = [flow(*pair) for pair in pairwise(lightness)]
    truth = [np.stack([each, -each], axis=-1) for each in lightness]
    noisy = [(each + 6 * (-1) ** k).astype(np.float32) for k, each in enumerate(truth)]
    found, _ = steadied([Answer.predicted(each) for each in noisy], motions)
    inner = slice(8, -8)
    before = np.mean(
        [np.abs(a - b)[inner, inner].mean() for a, b in zip(noisy, truth, strict=True)]
    )
    after = np.mean([np.abs(a - b)[inner, inner].mean() for a, b in zip(found, truth, strict=True)])
    assert after < 0.4 * before


def test_frames_that_were_not_looked_at_get_their_colours_from_the_others() -> None:
    lightness = [scene(k) for k in range(9)]
    flow = Flow()
    motions = [flow(*pair) for pair in pairwise(lightness)]
    truth = [np.stack([each, -each], axis=-1).astype(np.float32) for each in lightness]
    answers = [Answer.predicted(each) if k % 4 == 0 else None for k, each in enumerate(truth)]
    found, _ = steadied(answers, motions)
    inner = slice(8, -8)
    errors = [np.abs(a - b)[inner, inner].mean() for a, b in zip(found, truth, strict=True)]
    assert max(errors) < 4


def test_windows_are_joined_by_what_is_remembered() -> None:
    lightness = [scene(k) for k in range(8)]
    flow = Flow()
    motions = [flow(*pair) for pair in pairwise(lightness)]
    answers = [Answer.predicted(np.full((*each.shape, 2), 5.0 if k < 5 else 9.0, np.float32))
               for k, each in enumerate(lightness)]  # fmt: skip
    _, trails = steadied(answers[:5], motions[:4])
    joined, _ = steadied(answers[4:], motions[4:], trails[4])
    assert joined[1][20:60, 20:60].mean() < 9  # it remembers what was before the window


def test_a_place_that_was_hidden_is_found_again() -> None:
    rng = np.random.default_rng(3)
    ground: Float32 = rng.uniform(20, 80, (96, 128)).astype(np.float32)
    cv2.GaussianBlur(ground, (0, 0), 2, dst=ground)
    mark = cv2.resize(rng.uniform(10, 90, (6, 6)).astype(np.float32), (24, 24))
    ground[36:60, 52:76] = mark
    lightness = [ground.copy() for _ in range(16)]
    for k in range(4, 12):  # a pillar goes by
        lightness[k][:, 8 * k : 8 * k + 40] = 50
    places = [each[0] for each in followed(lightness, 0, [Place(0.5, 0.5)])]
    assert None in places[4:9]
    for k in (13, 15):
        place = places[k]
        assert place is not None
        assert np.hypot(place.x - 0.5, place.y - 0.5) < 0.02


def test_a_place_is_followed_both_ways_until_it_is_gone() -> None:
    lightness = [scene(k) for k in range(14)]
    (places,) = zip(*followed(lightness, 6, [Place(0.4, 0.5)]), strict=True)
    width = lightness[0].shape[1]
    for k in (3, 9):
        place = places[k]
        assert place is not None
        assert abs(place.x - (0.4 - 3 * (k - 6) / width)) < 0.04
    far = followed(lightness, 0, [Place(0.1, 0.5)])
    assert far[-1] == [None]  # it has left the picture
