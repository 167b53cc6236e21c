"""The memory for frames is bounded, however large they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retint
from retint.film import held
from retint.film.coloring import AHEAD, DERIVED, LEAST_AHEAD, LEAST_WINDOW, WINDOW, steady_chroma
from retint.film.film import Film
from retint.film.flow import Flow
from retint.film.hinting import MOST_FOLLOWED
from retint.film.showing import ROOM, sight
from retint.film.steady import Answer, steadied

from .clips import lumas, moving, write

LARGEST = 8192 * 8192 * 3 // 2


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return retint.open_film(write(tmp_path / "a.mkv", moving(40), codec="ffv1"), "mean", threads=1)


def most_held(film: Film) -> int:
    """How many frames are taken from the film and not given on, at the most."""
    drawn = given = most = 0

    def counted() -> Iterator[Any]:
        nonlocal drawn, most
        with film.source.frames() as frames:
            for frame in frames:
                drawn += 1
                most = max(most, drawn - given)
                yield frame

    for _ in steady_chroma(counted(), film.how_frames, sight(film.pipeline, 4)):
        given += 1
    assert given == 40
    return most


def test_as_many_frames_are_joined_as_fit(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    assert most_held(film) == WINDOW + AHEAD
    with film.source.frames() as frames:
        frame = next(frames)
    lightness = film.pipeline.shrunk(film.how_frames.photo(frame))
    one = held.weight(frame) + DERIVED * lightness.size
    for count in (20, 5):
        monkeypatch.setattr(held, "JOINED", count * one)
        assert most_held(film) == count
    monkeypatch.setattr(held, "JOINED", 1)
    assert most_held(film) == LEAST_WINDOW + LEAST_AHEAD == 2


def test_what_frames_take_besides_their_own_is_stated() -> None:
    lightness = np.zeros((200, 300), np.float32)
    answer = Answer.predicted(np.zeros((200, 300, 2), np.float32))
    motion = Flow()(lightness, lightness.copy())
    means, trails = steadied([answer, answer], [motion])
    planes = (lightness, *answer, motion.onward, motion.back, means[1], *vars(trails[1]).values())
    assert sum(each.nbytes for each in planes) == DERIVED * lightness.size


def test_the_largest_frames_take_what_is_stated() -> None:
    assert held.how_many(held.JOINED, LARGEST, WINDOW + AHEAD, 3) * LARGEST <= held.JOINED
    parts = held.JOINED + 2 * held.WAITING + held.BESIDE + 2 * ROOM
    assert parts <= held.HELD
    assert held.FOLLOWED <= held.HELD


def test_a_film_is_the_same_however_little_is_held(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JOINED", "WAITING", "BESIDE", "FOLLOWED"):
        monkeypatch.setattr(held, name, 1)
    film.colorize(tmp_path / "b.mkv")
    assert len(lumas(tmp_path / "b.mkv")) == 40


def test_hints_are_followed_through_as_many_frames_as_fit(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shot,) = film.shots
    lightness, times = film.hinting()._lightness(shot)
    assert len(lightness) == len(times) == 40 < MOST_FOLLOWED
    monkeypatch.setattr(held, "FOLLOWED", 7 * lightness[0].nbytes)
    assert len(film.hinting()._lightness(shot)[0]) == 7
