"""Showing frames to a method, several at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retint
from retint.color.lab import Float32
from retint.files import Photo
from retint.film import held, showing
from retint.film.coloring import colored
from retint.film.film import Film
from retint.film.planes import luma_of
from retint.film.showing import SHOWN, Seen, shown, shown_beside, sight
from retint.film.steady import Answer

from .clips import moving, write


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("film") / "a.mkv"
    return retint.open_film(write(path, moving(30), codec="ffv1"), "unet", threads=2)


@pytest.fixture
def frames(film: Film) -> Iterator[list[Any]]:
    with film.source.frames() as found:
        yield list(found)


def test_frames_stay_in_their_order_with_their_own_colors(film: Film, frames: list[Any]) -> None:
    see = sight(film.pipeline, 3)
    alone = list(shown(frames, film.how_frames.photo, see))
    beside = list(shown_beside(frames, film.how_frames.photo, see, 3))
    assert [each.frame for each in beside] == frames
    for one, other in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(one.lightness, other.lightness)
        assert (one.answer is None) == (other.answer is None)
        if one.answer is not None and other.answer is not None:
            np.testing.assert_array_equal(one.answer.chroma, other.answer.chroma)


@pytest.mark.parametrize("beside", [1, 3])
def test_a_film_gets_the_same_colors_from_several_frames_at_once(
    film: Film, frames: list[Any], beside: int
) -> None:
    how, see = film.how_frames, sight(film.pipeline, 2)
    one, other = (
        [each.to_ndarray() for each in colored(frames, how, see, film.finish, 2, count)]
        for count in (1, beside)
    )
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(other[9][: frames[9].height], luma_of(frames[9]))


def test_as_many_frames_as_stated_are_shown_at_once(film: Film, frames: list[Any]) -> None:
    meet = threading.Barrier(3, timeout=30)

    def see(number: int, photo: Photo) -> tuple[Float32, Answer | None]:
        if number < 3:
            meet.wait()  # breaks unless all three are here
        return film.pipeline.shrunk(photo), None

    assert len(list(shown_beside(frames, film.how_frames.photo, see, 3))) == len(frames)


@pytest.mark.parametrize("room", [1, 1 << 30])
def test_few_frames_wait(
    film: Film, frames: list[Any], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(showing, "ROOM", room)
    drawn = most = 0

    def counted() -> Iterator[Any]:
        nonlocal drawn
        for frame in frames:
            drawn += 1
            yield frame

    found = shown_beside(counted(), film.how_frames.photo, sight(film.pipeline, 50), 2)
    for given, _ in enumerate(found):
        most = max(most, drawn - given)
    assert most == min(SHOWN, held.how_many(room, held.weight(frames[0]), SHOWN)) + 1


def test_errors_of_a_frame_are_raised_in_its_place(film: Film, frames: list[Any]) -> None:
    def see(number: int, photo: Photo) -> tuple[Float32, Answer | None]:
        if number == 5:
            raise ValueError("5")
        return film.pipeline.shrunk(photo), None

    given: list[Seen] = []
    with pytest.raises(ValueError, match="5"):
        given.extend(shown_beside(iter(frames), film.how_frames.photo, see, 3))
    assert threading.active_count() < 20


def test_films_use_one_thread_per_frame_and_pictures_all(film: Film) -> None:
    see, beside = film.hinting().sight_beside(film.shots[0])
    assert beside == 2
    pipeline = film.pipeline.on_one_thread
    assert pipeline.colorizer.options.threads == 1
    assert pipeline.threads == film.pipeline.threads == 2
    assert pipeline.on_one_thread.colorizer is pipeline.colorizer
    assert callable(see)


def test_methods_without_networks_stay_as_they_are(tmp_path: Path) -> None:
    film = retint.open_film(write(tmp_path / "a.mkv", moving(3), codec="ffv1"), "mean", threads=2)
    assert film.hinting().sight_beside(film.shots[0])[1] == 1
