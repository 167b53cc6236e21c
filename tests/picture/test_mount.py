from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from retint import files
from retint.api import load_pipeline
from retint.color import lab
from retint.files import Photo
from retint.files.turn import turn_back
from retint.hints import Hint, Hints
from retint.picture import mount
from retint.picture.box import Box
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference

from ..cli.test_main import run

MARGINS = (40, 60, 30, 50)
"""At the top, bottom, left and right."""
SIZE = (256, 300)


@pytest.fixture(scope="module")
def guided() -> Pipeline:
    return load_pipeline("guided-unet", semantics=False)


def picture() -> NDArray[np.uint8]:
    """A person in front of an even background."""
    grey = lab.grey(data.astronaut())  # type: ignore[no-untyped-call]
    return np.asarray(cv2.resize(grey, SIZE[::-1], interpolation=cv2.INTER_AREA))


def mounted(
    level: float, noise: float = 0, margins: tuple[int, ...] = MARGINS, inner: Any = None
) -> NDArray[np.uint8]:
    inner = picture() if inner is None else inner
    top, bottom, left, right = margins
    height, width = inner.shape
    whole = np.full((height + top + bottom, width + left + right), float(level))
    whole[top : top + height, left : left + width] = inner
    if noise:
        whole += np.random.default_rng(0).normal(0, noise, whole.shape)
    return whole.clip(0, 255).round().astype(np.uint8)


def box_of(margins: tuple[int, ...], size: tuple[int, int] = SIZE) -> Box:
    top, bottom, left, right = margins
    whole = size[0] + top + bottom, size[1] + left + right
    return Box(top, top + size[0], left, left + size[1], whole)


@pytest.mark.parametrize("level", [0, 30, 60, 90, 128, 150, 200, 235, 255])
@pytest.mark.parametrize("noise", [0, 2, 4])
def test_a_mount_of_any_grey_is_found(level: float, noise: float) -> None:
    assert mount.find(Photo(mounted(level, noise))) == box_of(MARGINS)


@pytest.mark.parametrize(
    "margins", [(40, 60, 30, 0), (40, 0, 30, 50), (0, 0, 40, 40), (40, 40, 0, 0), (40, 0, 0, 50)]
)
def test_a_mount_of_fewer_sides_is_found(margins: tuple[int, ...]) -> None:
    assert mount.find(Photo(mounted(110, 2, margins))) == box_of(margins)


def test_depth_and_tone_do_not_matter() -> None:
    grey = mounted(110)
    toned = np.stack([grey, grey * 0.95, grey * 0.85], -1).astype(np.uint8)
    for pixels in (grey.astype(np.uint16) * 257, grey / np.float32(255), toned):
        assert mount.find(Photo(pixels)) == box_of(MARGINS)


def test_the_size_of_a_scan_does_not_matter() -> None:
    large = cv2.resize(mounted(110), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    noisy = large + np.random.default_rng(0).normal(0, 4, large.shape)
    found = mount.find(Photo(noisy.clip(0, 255).astype(np.uint8)))
    expected = box_of(tuple(5 * each for each in MARGINS), (5 * SIZE[0], 5 * SIZE[1]))
    assert found == expected


def test_nested_frames_are_found() -> None:
    film = mounted(25, 1, (9, 11, 12, 8))
    found = mount.find(Photo(mounted(252, 1, MARGINS, film)))
    top, bottom, left, right = np.add(MARGINS, (9, 11, 12, 8))
    assert found == box_of((top, bottom, left, right))


def studio(level: float) -> NDArray[np.uint8]:
    """A head and shoulders in front of an even background."""
    pixels = np.full((300, 240), level)
    ys, xs = np.mgrid[:300, :240]
    pixels[(ys - 120) ** 2 / 70**2 + (xs - 120) ** 2 / 50**2 < 1] = 170
    pixels[(ys > 200) & (abs(xs - 120) < 60 + (ys - 200) / 2)] = 60
    texture = np.random.default_rng(0).normal(0, 2, pixels.shape)
    return np.asarray((pixels + texture).clip(0, 255), np.uint8)


def landscape(level: float) -> NDArray[np.uint8]:
    """The sea below an even sky."""
    random = np.random.default_rng(0)
    pixels = random.normal(90, 25, (240, 320))
    pixels[:110] = level
    return np.asarray(pixels.clip(0, 255), np.uint8)


@pytest.mark.parametrize("level", [20, 128, 200, 255])
@pytest.mark.parametrize("make", [studio, landscape])
def test_backgrounds_and_skies_are_not_mounts(make: Any, level: float) -> None:
    pixels = make(level)
    assert mount.find(Photo(pixels)).is_whole


@pytest.mark.parametrize(
    "pixels",
    [
        picture(), np.full((200, 200), 128, np.uint8), np.zeros((5, 900), np.uint8),
        np.full((1, 1), 7, np.uint8),
        np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8),
        mounted(90, 0, (500, 500, 500, 500)),
    ],
    ids=["plain", "even", "wide", "pixel", "noise", "stamp"],
)  # fmt: skip
def test_pictures_without_a_mount_have_none(pixels: NDArray[Any]) -> None:
    assert mount.find(Photo(pixels)).is_whole


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("saturation", [1.0, 1.5])
def test_the_mount_stays_neutral_and_the_picture_as_without_it(
    guided: Pipeline, dtype: type, saturation: float
) -> None:
    grey = mounted(110, 3)
    pixels: NDArray[Any] = grey.astype(dtype) * (257 if dtype is np.uint16 else 1)
    pixels = pixels / np.float32(255) if dtype is np.float32 else pixels
    found = guided(Photo(pixels), finish=Finish(saturation=saturation)).pixels
    box = box_of(MARGINS)
    outside = np.ones(grey.shape, np.bool_)
    outside[box.slices] = False
    np.testing.assert_array_equal(found[outside], pixels[outside][:, None].repeat(3, -1))
    alone = guided(Photo(np.ascontiguousarray(pixels[box.slices])),
                   finish=Finish(saturation=saturation)).pixels  # fmt: skip
    away = lab.rgb_to_lab(found[box.slices]) - lab.rgb_to_lab(alone)
    assert np.linalg.norm(away, axis=-1).mean() < 1.5


def test_a_toned_mount_becomes_neutral(guided: Pipeline) -> None:
    grey = mounted(110, 3)
    toned = np.stack([grey, grey * 0.95, grey * 0.85], -1).astype(np.uint8)
    found = guided(Photo(toned)).pixels
    np.testing.assert_array_equal(found[:40], lab.grey(toned)[:40, :, None].repeat(3, -1))
    assert np.ptp(found[100:200, 100:200].astype(int), axis=-1).max() > 10


def test_the_edge_of_the_picture_keeps_its_colours(guided: Pipeline) -> None:
    found = guided(Photo(mounted(110, 3))).pixels[box_of(MARGINS).slices]
    alone = guided(Photo(picture())).pixels
    edge = [np.linalg.norm(lab.rgb_to_lab(each[:2])[..., 1:], axis=-1).mean()
            for each in (found, alone)]  # fmt: skip
    assert edge[0] > 0.75 * edge[1]


def test_a_hint_in_the_mount_colours_it(guided: Pipeline) -> None:
    pixels = mounted(110)
    hints = Hints(points=(Hint("4%", "4%", "brown"), Hint("50%", "50%", "red")))
    found = guided(Photo(pixels), hints).pixels
    assert np.linalg.norm(lab.rgb_to_lab(found[:20, :20])[..., 1:], axis=-1).mean() > 8
    inside = Hints(points=(Hint("50%", "50%", "red"),))
    found = guided(Photo(pixels), inside).pixels
    assert np.ptp(found[:20, :20].astype(int), axis=-1).max() == 0
    middle = lab.rgb_to_lab(found[pixels.shape[0] // 2, pixels.shape[1] // 2])
    assert np.hypot(middle[1], middle[2]) > 20


def test_the_other_outputs_cover_the_mount(guided: Pipeline) -> None:
    pixels = mounted(110)
    view = guided.open(Photo(pixels))
    certainty = view.certainty()
    assert certainty.shape == pixels.shape
    assert certainty[:20, :20].min() > 0.99
    coloured = guided(Photo(mounted(60, 0, (30, 30, 30, 30))))
    reference = Reference(guided, coloured)
    for each in reference.hints(view).points:
        assert not mount.find(Photo(pixels)).is_whole
        x, y = (float(str(value).rstrip("%")) / 100 for value in (each.x, each.y))
        assert box_of(MARGINS).mask(slice(None))[int(y * pixels.shape[0]), int(x * pixels.shape[1])]


def test_a_whole_picture_is_whole_at_any_size() -> None:
    for old, new in [(7, 3), (49, 1), (256, 83), (1000, 333), (83, 256), (1, 9)]:
        assert Box.whole((old, new)).at((new, old)).is_whole
    assert Box(1, 99, 0, 50, (100, 50)).at((10, 5)) == Box(1, 9, 0, 5, (10, 5))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_box_is_turned_like_the_picture(orientation: int) -> None:
    box = Box(2, 7, 3, 5, (9, 11))
    turned = turn_back(box.mask(slice(None)), orientation)
    np.testing.assert_array_equal(box.turned(orientation).mask(slice(None)), turned)


@pytest.mark.parametrize("chroma", ["4:2:0", "4:4:4"])
def test_exact_jpeg_leaves_the_mount_neutral(tmp_path: Path, chroma: str) -> None:
    """Except for the blocks of 8 x 8 samples at the edge of the picture."""
    pytest.importorskip("jpeglib")
    pixels, path = mounted(110, 1), tmp_path / "a.jpg"
    Image.fromarray(pixels).save(path, quality=95, exif=orientation_of(6))
    assert run(path, "--quiet", "--lightness", "exact", "--chroma", chroma) == 0
    with Image.open(tmp_path / "a.retint.jpg") as result:
        result.draft("YCbCr", result.size)
        planes = np.asarray(result.convert("YCbCr"))[..., 1:].astype(int) - 128
    block = 16 if chroma == "4:2:0" else 8
    top, bottom, left, right = MARGINS
    outside = np.ones(planes.shape[:2], np.bool_)
    outside[top - block : -bottom + block, left - block : -right + block] = False
    assert np.abs(planes[outside]).max() <= 1
    inside = planes[top:-bottom, left:-right]
    assert np.abs(inside).mean() > 3


def orientation_of(number: int) -> bytes:
    exif = Image.Exif()
    exif[274] = 1 if number == 6 else number
    return exif.tobytes()


def test_a_layer_is_transparent_over_the_mount(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(mounted(110, 2)).save(path)
    assert run(path, "--quiet", "--chroma-only") == 0
    alpha = files.read(tmp_path / "a.retint.png").alpha
    assert alpha is not None
    assert alpha[:40].max() == 0
    assert alpha[60:200, 60:200].max() > 0


def test_frames_of_films_have_no_mounts(guided: Pipeline) -> None:
    assert guided.open(Photo(mounted(110), bare=True)).box.is_whole


@pytest.mark.parametrize("level", [70, 250])
@pytest.mark.parametrize("side", range(4))
def test_a_mount_of_one_side_is_found(level: float, side: int) -> None:
    margins = tuple(30 if k == side else 0 for k in range(4))
    scan = np.random.default_rng(1).integers(90, 230, SIZE).astype(np.uint8)
    pixels = mounted(level, 1, margins, cv2.GaussianBlur(scan, (0, 0), 2))
    assert mount.find(Photo(pixels)) == box_of(margins)


def oval(level: float, noise: float = 1.5) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A picture on an oval mount, and where it is."""
    whole = mounted(level)
    ys, xs = np.mgrid[: whole.shape[0], : whole.shape[1]]
    inside = ((ys - 168) / 125) ** 2 + ((xs - 180) / 100) ** 2 < 1
    pixels = np.where(inside, whole, level) + np.random.default_rng(0).normal(0, noise, whole.shape)
    return pixels.clip(0, 255).round().astype(np.uint8), inside


@pytest.mark.parametrize("level", [20, 90, 235])
def test_an_oval_mount_stays_neutral(guided: Pipeline, level: float) -> None:
    pixels, inside = oval(level)
    box = mount.find(Photo(pixels))
    found = box.mask(slice(None))
    assert (found & inside).sum() / (found | inside).sum() > 0.96
    if level == 90:
        colored = guided(Photo(pixels)).pixels.astype(int)
        assert np.ptp(colored, axis=-1)[~found].max() == 0
        assert np.ptp(colored, axis=-1)[found].mean() > 5


def stereo(gap: int = 10, border: int = 0, level: float = 225) -> NDArray[np.uint8]:
    """Two pictures that differ by a parallax and in brightness."""
    inner = picture()
    left, right = inner[:, 8:268], inner[:, 14:274] * 0.93
    card = np.full((256, 2 * 260 + gap), float(level))
    card[:, :260], card[:, 260 + gap :] = left, right
    card = np.pad(card, border, constant_values=level)
    card += np.random.default_rng(0).normal(0, 1.5, card.shape)
    return card.clip(0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("border", [0, 25])
@pytest.mark.parametrize("level", [15, 225])
def test_the_gap_of_a_stereo_card_is_found(border: int, level: float) -> None:
    found = mount.find_all(Photo(stereo(10, border, level)))
    assert len(found) == 2
    wanted = (border, border + 260), (border + 270, border + 530)
    for box, (left, right) in zip(found, wanted, strict=True):
        assert abs(box.left - left) <= 3
        assert abs(box.right - right) <= 3
        assert abs(box.top - border) <= 3


def test_a_post_in_the_middle_is_no_gap() -> None:
    wide = np.concatenate([picture(), np.flipud(picture())], axis=1)
    wide[:, 295:310] = 30
    assert len(mount.find_all(Photo(wide))) == 1
