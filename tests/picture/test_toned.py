from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.api import load_pipeline
from retint.color import lab
from retint.files import Photo
from retint.picture.finish import Finish
from retint.picture.toned import (
    LEAST_SPREAD,
    Kind,
    color_spread,
    colored_parts,
    is_grey_in_part,
    is_in_color,
    kind_of,
)

from ..cli.test_main import run


def toned(grey: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Sepia, strongest in the middle tones."""
    lightness = lab.lightness(grey)
    weight = np.sin(np.pi * lightness / 100)[..., None].clip(0)
    chroma = (strength * weight * np.array([0.4, 1])).astype(np.float32)
    rgb = np.empty((*grey.shape, 3), np.uint8)
    lab.merge(lightness, chroma, rgb)
    return rgb


def test_a_photograph_in_colour_is_recognized(coffee: NDArray[np.uint8]) -> None:
    assert is_in_color(Photo(coffee))


def test_grey_has_no_colour(grey: NDArray[np.uint8]) -> None:
    assert color_spread(Photo(grey)) == 0
    assert color_spread(Photo(np.repeat(grey[..., None], 3, axis=2))) < 0.1


@pytest.mark.parametrize("strength", [5, 15, 30])
def test_a_tone_is_no_colour_however_strong(grey: NDArray[np.uint8], strength: float) -> None:
    assert not is_in_color(Photo(toned(grey, strength)))


def test_depth_does_not_matter(coffee: NDArray[np.uint8]) -> None:
    deep = coffee.astype(np.uint16) * 257
    assert color_spread(Photo(deep)) == pytest.approx(color_spread(Photo(coffee)), rel=0.02)


def jpeg(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return np.asarray(Image.open(buffer))


def from_tape(pixels: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Chroma noise that is wider than high."""
    lightness = lab.lightness(pixels)
    height, width = lightness.shape
    own = lab.rgb_to_lab(pixels)[..., 1:] if pixels.ndim == 3 else np.float32(0)
    noise = np.random.default_rng(0).normal(0, strength, (height // 2, width // 6, 2))
    chroma = cv2.resize(noise.astype(np.float32), (width, height)) + own
    rgb = np.empty((height, width, 3), np.uint8)
    lab.merge(lightness, chroma.astype(np.float32), rgb)
    return jpeg(rgb)


def with_logo(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = min(rgb.shape[:2]) // 8
    rgb = rgb.copy()
    rgb[8 : 8 + side, -8 - side : -8] = 200, 30, 40
    return rgb


def with_stamp(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    return np.asarray(cv2.circle(rgb.copy(), (width // 4, height // 4), height // 8,
                                 (170, 30, 40), max(2, height // 40)))  # fmt: skip


def with_target(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Patches of a colour target along the lower edge."""
    height, width = rgb.shape[:2]
    patches = [(115, 82, 68), (98, 122, 157), (87, 108, 67), (214, 126, 44), (193, 90, 99),
               (94, 60, 108), (157, 188, 64), (231, 199, 31)]  # fmt: skip
    rgb = rgb.copy()
    for k, color in enumerate(patches):
        rgb[-height // 10 :, k * width // 8 : (k + 1) * width // 8] = color
    return rgb


PARTS = [with_logo, with_stamp, with_target]


@pytest.mark.parametrize("strength", [6, 12, 20])
def test_chroma_noise_is_no_colour(grey: NDArray[np.uint8], strength: float) -> None:
    noisy = Photo(from_tape(grey, strength))
    assert not is_in_color(noisy)
    if color_spread(noisy) > LEAST_SPREAD:
        assert kind_of(noisy) is Kind.NOISE


@pytest.mark.parametrize("strength", [6, 12])
def test_colour_with_noise_is_colour(coffee: NDArray[np.uint8], strength: float) -> None:
    assert is_in_color(Photo(from_tape(coffee, strength)))


@pytest.mark.parametrize("mark", PARTS)
@pytest.mark.parametrize("tone", [0, 12])
def test_small_coloured_parts_are_no_colour_photograph(
    grey: NDArray[np.uint8], mark: Any, tone: float
) -> None:
    assert kind_of(Photo(jpeg(mark(toned(grey, tone))))) is Kind.PARTS


@pytest.mark.parametrize("share", [1, 0.6])
def test_faded_photographs_are_in_colour(coffee: NDArray[np.uint8], share: float) -> None:
    planes = lab.rgb_to_lab(coffee)
    faded = np.empty_like(coffee)
    lightness = np.ascontiguousarray(30 + 0.6 * planes[..., 0])
    chroma = planes[..., 1:] * np.float32(share) + np.array([4, 12], np.float32)
    lab.merge(lightness, np.ascontiguousarray(chroma), faded)
    assert is_in_color(Photo(jpeg(faded)))


def test_a_photograph_of_few_colours_is_in_colour(coffee: NDArray[np.uint8]) -> None:
    """Most of it is nearly neutral, such as an animal in snow."""
    planes = lab.rgb_to_lab(coffee)
    share = np.full(coffee.shape[:2], 0.12, np.float32)
    share[100:300, 150:450] = 0.4
    pale = np.empty_like(coffee)
    chroma = (planes[..., 1:] - planes[..., 1:].mean((0, 1))) * share[..., None]
    lab.merge(planes[..., 0].copy(), chroma.astype(np.float32), pale)
    photo = Photo(jpeg(pale))
    assert color_spread(photo) < LEAST_SPREAD
    assert is_in_color(photo)


def half(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey on the right."""
    rgb = rgb.copy()
    right = rgb[:, rgb.shape[1] // 2 :]
    right[:] = np.asarray(Image.fromarray(right).convert("L"))[..., None]
    return jpeg(rgb)


def test_half_coloured_photographs_are_grey_in_part(coffee: NDArray[np.uint8]) -> None:
    assert is_grey_in_part(Photo(half(coffee)))
    assert is_in_color(Photo(half(coffee)))
    assert not is_grey_in_part(Photo(coffee))


def test_half_coloured_photographs_get_the_other_half(
    tmp_path: Path, coffee: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name, pixels in (("half", half(coffee)), ("whole", coffee)):
        Image.fromarray(pixels).save(source / f"{name}.png")
    command = (source, "-o", tmp_path / "out", "--method", "mean", "--threads", 1)
    assert run(*command) == 0
    assert "2 already in color" in capsys.readouterr().err
    assert run(*command, "--keep-color", "--resume") == 0
    said = capsys.readouterr().err
    assert "half.png: it is partly gray, and only that part is colored" in said
    assert "1 colored, 1 already in color" in said
    before, after = (
        lab.rgb_to_lab(np.asarray(Image.open(folder / "half.png")))[..., 1:]
        for folder in (source, tmp_path / "out")
    )
    middle = coffee.shape[1] // 2
    left, right = np.s_[:, : middle - 12], np.s_[:, middle + 12 :]
    assert np.abs(after[left] - before[left]).mean() < 0.5
    assert np.linalg.norm(before[right], axis=-1).mean() < 1
    assert np.linalg.norm(after[right], axis=-1).mean() > 3


@pytest.mark.parametrize("mark", PARTS)
def test_coloured_parts_are_found(grey: NDArray[np.uint8], mark: Any) -> None:
    plain = np.repeat(grey[..., None], 3, axis=2)
    marked = mark(plain)
    share = cv2.resize(colored_parts(Photo(jpeg(marked))), grey.shape[::-1])
    changed = (marked != plain).any(axis=-1)
    assert share[changed].mean() > 0.7
    assert share[~cv2.dilate(changed.astype(np.uint8), np.ones((25, 25))).astype(bool)].max() == 0


@pytest.mark.parametrize("mark", PARTS)
def test_keep_color_leaves_colours_where_they_are(grey: NDArray[np.uint8], mark: Any) -> None:
    pipeline = load_pipeline("mean")
    plain = np.repeat(grey[..., None], 3, axis=2)
    marked = mark(plain)
    changed = (marked != plain).any(axis=-1).astype(np.uint8)
    core = cv2.erode(changed, np.ones((5, 5))) > 0
    kept = pipeline(Photo(marked), finish=Finish(keep_color=True)).pixels
    anew = pipeline(Photo(marked)).pixels
    if core.any():
        assert np.abs(kept[core].astype(int) - marked[core]).mean() < 12
        assert np.abs(anew[core].astype(int) - marked[core]).mean() > 20
    away = ~cv2.dilate((marked != plain).any(axis=-1).astype(np.uint8), np.ones((25, 25))).astype(
        bool
    )
    np.testing.assert_array_equal(kept[away], anew[away])


def test_reasons_for_skipping_are_reported_in_a_folder(
    tmp_path: Path, grey: NDArray[np.uint8], coffee: NDArray[np.uint8],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    plain = np.repeat(grey[..., None], 3, axis=2)
    for name, pixels in (("stamp", with_stamp(plain)), ("tape", from_tape(grey, 12)),
                         ("color", coffee)):  # fmt: skip
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    assert run(tmp_path, "--method", "mean") == 0
    said = capsys.readouterr().err
    assert f"stamp.png: {Kind.PARTS.value}" in said
    assert f"tape.png: {Kind.NOISE.value}" in said
    assert "color.png: already in color" in said
