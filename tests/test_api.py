from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1), (40, 50, 3), (40, 50, 4)])
def test_an_array_gives_an_array_of_its_type(
    dtype: Any, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    array = (rng.uniform(0.2, 0.8, shape) * top).astype(dtype)
    before = array.copy()
    coloured = retint.colorize(array, threads=1)
    assert coloured.dtype == dtype
    assert coloured.shape == (40, 50, 4 if shape[-1] == 4 else 3)
    np.testing.assert_array_equal(array, before)
    if shape[-1] == 4:
        np.testing.assert_array_equal(coloured[..., 3], array[..., 3])


def test_a_path_and_a_pillow_picture_give_a_pillow_picture(photo: Path) -> None:
    from_path = retint.colorize(photo)
    from_text = retint.colorize(str(photo))
    from_pillow = retint.colorize(Image.open(photo))
    assert from_path.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(from_path), np.asarray(from_text))
    np.testing.assert_array_equal(np.asarray(from_path), np.asarray(from_pillow))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4), np.int64), "int64"),
        (np.zeros((0, 4), np.uint8), "not "),
        (np.zeros((4, 4, 2), np.uint8), r"\[4, 4, 2\]"),
        (np.full((4, 4), 200.0), r"\[0, 1\]"),
        (np.full((4, 4), np.nan), r"\[0, 1\]"),
    ],
)
def test_invalid_arrays_are_refused(array: NDArray[Any], message: str) -> None:
    with pytest.raises(retint.PhotoError, match=message):
        retint.colorize(array)


def test_unknown_method_and_option_name_the_near_ones() -> None:
    with pytest.raises(retint.UsageError, match="did you mean unet"):
        retint.load("u-net")
    with pytest.raises(retint.UsageError, match="did you mean weights"):
        retint.load("unet", weight="x.onnx")


def test_one_colorizer_serves_many_threads(grey: NDArray[np.uint8]) -> None:
    colorizer = retint.load("unet", threads=1)
    pictures = [np.roll(grey, 40 * k, axis=1) for k in range(8)]
    alone = [colorizer(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(colorizer, pictures))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_options_reach_the_pipeline(grey: NDArray[np.uint8]) -> None:
    none = retint.colorize(grey, vividness=0)
    assert np.ptp(none, axis=-1).max() <= 1
    with pytest.raises(retint.UsageError, match="vividness"):
        retint.load("unet", vividness=5)
