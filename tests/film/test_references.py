"""Shots of a film take their colours from a folder of colour photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.color import lab
from retint.errors import RetintError
from retint.film.tags import provenance_of
from retint.inputs import reference_of
from retint.picture.reference import NONE_NEAR

from .clips import write

COUNT = 6
"""Frames of each shot."""
OPTIONS: dict[str, Any] = {"threads": 1, "upright": "off"}


def shown(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).resize((224, 160)))


@pytest.fixture(scope="module")
def cat() -> NDArray[np.uint8]:
    return shown(skimage.data.cat())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def clip(
    tmp_path_factory: pytest.TempPathFactory, coffee: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> Path:
    """A shot of a cup, and one of a cat."""
    frames = [
        np.roll(np.asarray(Image.fromarray(each).convert("L"), np.float32), k, 1)
        for each in (shown(coffee), cat)
        for k in range(COUNT)
    ]
    return write(tmp_path_factory.mktemp("film") / "clip.mkv", frames, codec="ffv1")


@pytest.fixture
def family(tmp_path: Path, coffee: NDArray[np.uint8]) -> Path:
    """A photograph of the cup, mirrored."""
    folder = tmp_path / "family"
    folder.mkdir()
    Image.fromarray(shown(coffee)[:, ::-1]).save(folder / "cup.png")
    return folder


def chroma_at(path: Path, number: int) -> NDArray[np.float32]:
    with av.open(str(path)) as container:
        frame = list(container.decode(video=0))[number]
        return lab.rgb_to_lab(frame.to_ndarray(format="rgb24"))[..., 1:]


def record_of(path: Path) -> dict[str, Any]:
    with av.open(str(path)) as container:
        return provenance_of(container.metadata) or {}


def test_each_shot_follows_the_pictures_that_it_is_like(
    clip: Path, family: Path, tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    alone = retint.open_film(clip, **OPTIONS)
    told = retint.open_film(clip, references=family, **OPTIONS)
    before, after = (film.colorize(tmp_path / f"{k}.mkv") for k, film in enumerate((alone, told)))
    truth = lab.rgb_to_lab(shown(coffee))[..., 1:]
    errors = [np.abs(chroma_at(path, 0) - truth).mean() for path in (before, after)]
    assert errors[1] < 0.8 * errors[0]
    np.testing.assert_allclose(chroma_at(before, COUNT), chroma_at(after, COUNT), atol=1e-4)
    assert told.remarks == ["colors taken from cup.png"]
    cup = reference_of(told.pipeline, family / "cup.png")
    assert cup is not None
    assert record_of(after)["reference"] == cup.sha256
    assert "references" not in record_of(after)


def test_a_resumed_film_still_says_what_its_first_shots_followed(
    clip: Path, family: Path, tmp_path: Path
) -> None:
    class StopError(RetintError):
        """Ends a run."""

    def stop(_: int, shot: int) -> None:
        if shot:
            raise StopError

    target = tmp_path / "film.mkv"
    with pytest.raises(StopError):
        retint.open_film(clip, references=family, **OPTIONS).colorize(target, progress=stop)
    film = retint.open_film(clip, references=family, **OPTIONS)
    film.colorize(target, resume=True)
    assert film.remarks == ["colors taken from cup.png"]
    assert "reference" in record_of(target)


def test_a_film_that_is_like_none_of_them_says_so(clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "family"
    other.mkdir()
    rocket = skimage.data.rocket()  # type: ignore[no-untyped-call]
    files.write(files.Photo(np.ascontiguousarray(rocket)), other / "rocket.png")
    film = retint.open_film(clip, references=other, **OPTIONS)
    film.colorize(tmp_path / "out.mkv")
    assert film.remarks == [NONE_NEAR]
    assert "reference" not in record_of(tmp_path / "out.mkv")
