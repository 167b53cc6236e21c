from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retint.color import lab
from retint.color.lab import Float32
from retint.color.resize import run_padded, shrink, working_size
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, PlainLook
from retint.errors import UsageError
from retint.files import Photo
from retint.files.metadata import Metadata
from retint.picture import stripes
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline

from ..conftest import colourfulness

SIXTEENS = SizeRequirement(minimum=16, multiple_of=16)


class Tint(Colorizer):
    """One chroma for every pixel, and a record of the sizes it was shown."""

    name = "tint"
    summary = "blue"
    look_class = PlainLook
    native = 32
    size = SIXTEENS

    def __init__(self) -> None:
        self.seen: tuple[int, ...] = ()

    def look(self, lightness: Float32) -> PlainLook:
        return PlainLook(self.name, lightness, self.answer)

    def answer(self, lightness: Float32) -> Float32:
        self.seen = lightness.shape
        return np.broadcast_to(np.array((10.0, -20.0), np.float32), (*lightness.shape, 2)).copy()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 4000), (96, 128)),
        ((4000, 3000), (128, 96)),
        ((96, 96), (96, 96)),
        ((48, 48), (96, 96)),
        ((1, 1), (4, 4)),  # never enlarged more than four times
        ((500, 5000), (38, 384)),  # never longer than four native sizes
        ((3, 5000), (1, 384)),
    ],
)
def test_the_native_size_is_the_short_side(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert working_size(size, native=96) == expected


def test_padding_is_seen_by_the_network_only() -> None:
    tint = Tint()
    plane = (np.arange(20 * 40) / 8).astype(np.float32).reshape(20, 40)

    def network(padded: Float32) -> Float32:
        return np.stack([padded, tint(padded)[..., 0]], axis=-1)

    answer = run_padded(network, plane, tint.size)
    assert tint.seen == (32, 48)
    np.testing.assert_array_equal(answer[..., 0], plane)


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (5000, 3), (1, 70), (17, 16)])
def test_every_size_of_picture_works(unet: Pipeline, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, size, dtype=np.uint8)
    coloured = unet(Photo(pixels))
    assert coloured.pixels.shape == (*size, 3)
    assert np.abs(lab.lightness(coloured.pixels) - lab.lightness(pixels)).mean() < 0.3


@pytest.mark.parametrize("vividness", [0.0, 1.0, 2.0])
def test_lightness_is_that_of_the_input(
    unet: Pipeline, grey: NDArray[np.uint8], vividness: float
) -> None:
    coloured = unet(Photo(grey), finish=Finish(vividness=vividness))
    assert np.abs(lab.lightness(coloured.pixels) - lab.lightness(grey)).mean() < 0.3


def test_vividness_scales_chroma(grey: NDArray[np.uint8]) -> None:
    middle = Photo(np.clip(grey, 90, 160))  # where the gamut has room
    once, twice, none = (
        lab.rgb_to_lab(Pipeline(Tint())(middle, finish=Finish(vividness=v)).pixels)[..., 1:]
        for v in (1, 2, 0)
    )
    np.testing.assert_allclose(once.mean((0, 1)), [10, -20], atol=0.2)
    np.testing.assert_allclose(twice.mean((0, 1)), [20, -40], atol=0.2)
    np.testing.assert_allclose(none, 0, atol=0.1)


def test_saturation_makes_colours_stronger_and_keeps_lightness(grey: NDArray[np.uint8]) -> None:
    middle = Photo(np.clip(grey, 90, 160))
    once, more, none = (
        lab.rgb_to_lab(Pipeline(Tint())(middle, finish=Finish(saturation=s)).pixels)
        for s in (1, 1.5, 0)
    )
    chroma = [np.hypot(each[..., 1], each[..., 2]).mean() for each in (once, more, none)]
    assert 1.2 * chroma[0] < chroma[1] < 1.6 * chroma[0]
    assert chroma[2] < 0.1
    assert np.abs(more[..., 0] - lab.lightness(middle.pixels)).mean() < 0.3


def test_toned_pictures_lose_their_tone(unet: Pipeline, grey: NDArray[np.uint8]) -> None:
    sepia = (grey[..., None] * np.array([1.0, 0.85, 0.6])).astype(np.uint8)
    from_sepia = unet(Photo(sepia)).pixels
    lightness = lab.lightness(sepia)
    from_grey = np.empty_like(sepia)
    lab.merge(lightness, np.zeros((*lightness.shape, 2), np.float32), from_grey)
    again = unet(Photo(from_grey[..., 0])).pixels
    assert np.abs(from_sepia.astype(int) - again).mean() < 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_pixels_keep_their_type(unet: Pipeline, grey: NDArray[np.uint8], dtype: Any) -> None:
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = (grey[:64, :64] / 255 * top).astype(dtype)
    coloured = unet(Photo(pixels)).pixels
    assert coloured.dtype == dtype
    scaled = coloured / top * 255
    assert np.abs(scaled - unet(Photo(grey[:64, :64])).pixels).mean() < 1


def test_alpha_and_metadata_are_kept(unet: Pipeline, grey: NDArray[np.uint8]) -> None:
    photo = Photo(grey, alpha=grey.T, format="TIFF", metadata=Metadata(b"Exif", dpi=(300, 300)))
    coloured = unet(photo)
    np.testing.assert_array_equal(coloured.alpha, grey.T)
    assert (coloured.format, coloured.metadata) == ("TIFF", photo.metadata)


def test_same_bytes_whatever_the_threads_and_stripes(
    unet: Pipeline, grey: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = unet(Photo(grey)).pixels
    monkeypatch.setattr(stripes, "STRIPE_PIXELS", 7 * grey.shape[1])
    np.testing.assert_array_equal(unet(Photo(grey)).pixels, whole)
    np.testing.assert_array_equal(replace(unet, threads=3)(Photo(grey)).pixels, whole)


def test_raw_is_the_picture_of_the_network(unet: Pipeline, grey: NDArray[np.uint8]) -> None:
    native = unet.colorizer.native
    small = grey[::4, ::4][:native, :native]
    photo = Photo(small)
    raw = unet(photo, finish=Finish(raw=True)).pixels
    painted = unet.colorizer.look(lab.lightness(small)).rgb()
    assert np.abs(raw - painted * 255).max() <= 0.5 + 1e-3
    assert np.abs(lab.lightness(raw) - lab.lightness(small)).mean() > 0.5  # it repaints lightness
    assert colourfulness(raw) > 0


def test_enlarging_lightness_stays_in_range() -> None:
    edge = np.zeros((8, 8), np.float32)
    edge[:, 4:] = 100
    larger = shrink(edge, (32, 32))
    assert (larger.min(), larger.max()) == (0, 100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vividness": 2.1}, "from 0 to 2"),
        ({"vividness": float("nan")}, "from 0 to 2"),
        ({"saturation": 3.1}, "from 0 to 3"),
        ({"saturation": float("nan")}, "from 0 to 3"),
        ({"raw": True}, "RGB output; tint has none"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Pipeline(Tint()).check(Finish(**options))


def test_stripes_change_nothing(
    unet: Pipeline, grey: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = unet(Photo(grey)).pixels
    monkeypatch.setattr(stripes, "STRIPE_PIXELS", 512 * 7)
    np.testing.assert_array_equal(unet(Photo(grey)).pixels, whole)


def test_stripes_do_not_change_shrinking(unet: Pipeline, grey: NDArray[np.uint8]) -> None:
    size = working_size(grey.shape, unet.colorizer.native)
    np.testing.assert_allclose(
        unet.shrunk(Photo(grey)), shrink(lab.lightness(grey), size), atol=1e-3
    )
