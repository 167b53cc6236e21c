"""Pages with several photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import retint
from retint import files
from retint.api import load_pipeline
from retint.color import lab
from retint.errors import PhotoError, UsageError
from retint.files import Photo, xmp
from retint.files.jpeg.source import JpegSource
from retint.hints import Hints
from retint.picture import exact, mount
from retint.picture.album import Album
from retint.picture.box import Box, Boxes
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline, View
from retint.picture.reference import Reference
from retint.picture.request import Request

from ..cli.test_main import run
from ..colorizers.test_upright import Sky

PLACES = ((30, 40), (40, 320), (250, 50))
"""Upper left corners of the photographs."""
UNET = ("--method", "unet", "--threads", 1)


def photographs() -> list[NDArray[np.uint8]]:
    pictures = (data.astronaut()[:400], data.coffee()[:, :500], data.chelsea())  # type: ignore[no-untyped-call]
    sizes = ((180, 230), (170, 220), (150, 230))
    return [
        np.asarray(cv2.resize(lab.grey(each), size[::-1], interpolation=cv2.INTER_AREA))
        for each, size in zip(pictures, sizes, strict=True)
    ]


def page(level: float = 25, tilt: float = 0) -> NDArray[np.uint8]:
    whole = np.full((430, 600), float(level))
    for (top, left), each in zip(PLACES, photographs(), strict=True):
        height, width = each.shape
        center = (left + width / 2, top + height / 2)
        matrix = cv2.getRotationMatrix2D(center, tilt, 1)
        layer, shape = np.zeros_like(whole), np.zeros_like(whole)
        layer[top : top + height, left : left + width] = each
        shape[top : top + height, left : left + width] = 1
        layer, shape = (cv2.warpAffine(x, matrix, whole.shape[::-1]) for x in (layer, shape))
        whole = whole * (1 - shape) + layer
    whole += np.random.default_rng(0).normal(0, 1.5, whole.shape)
    return whole.clip(0, 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def guided() -> Pipeline:
    return load_pipeline("guided-unet", semantics=False, upright="off", threads=1)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    path = tmp_path / "page.jpg"
    exif = Image.Exif()
    exif[0x010E] = "Summer of 1931"
    Image.fromarray(page()).save(path, quality=92, exif=exif, dpi=(300, 300))
    return path


@pytest.mark.parametrize("level", [5, 25, 128, 222, 250])
@pytest.mark.parametrize("tilt", [0, 1.5, -2])
def test_each_photograph_is_found(level: float, tilt: float) -> None:
    found = mount.find_all(Photo(page(level, tilt)))
    assert len(found) == 3
    for box, (top, left), each in zip(found, PLACES, photographs(), strict=True):
        height, width = each.shape
        slack = 4 + abs(np.radians(tilt)) * max(height, width) / 2
        edges = np.array([box.top, box.bottom, box.left, box.right])
        wanted = np.array([top, top + height, left, left + width])
        assert np.abs(edges - wanted).max() <= slack


def test_a_scan_may_show_more_than_the_page() -> None:
    scan = np.pad(page(25), ((0, 30), (20, 40)), constant_values=250)
    found = mount.find_all(Photo(scan))
    assert len(found) == 3
    for box, (top, left) in zip(found, PLACES, strict=True):
        assert abs(box.top - top) <= 4
        assert abs(box.left - left - 20) <= 4


@pytest.mark.parametrize(
    "pixels",
    [
        photographs()[0], np.full((400, 500), 128, np.uint8),
        np.random.default_rng(0).integers(0, 255, (300, 400), np.uint8),
        *(getattr(data, name)() for name in ("coins", "page", "text", "camera")),
    ],
    ids=["portrait", "even", "noise", "coins", "page", "text", "camera"],
)  # fmt: skip
def test_one_picture_is_not_several(pixels: NDArray[Any]) -> None:
    assert len(mount.find_all(Photo(pixels))) == 1


def test_the_page_stays_neutral_and_each_photograph_is_seen_alone(guided: Pipeline) -> None:
    grey = page(200)
    view = guided.open(Photo(grey))
    assert isinstance(view.box, Boxes)
    assert isinstance(view.framed, Album)
    assert [part.framed.small.shape[0] for part in view.framed.parts] == [
        guided.colorizer.native] * 3  # fmt: skip
    found = guided(Photo(grey)).pixels
    outside = ~view.box.mask(slice(None))
    assert 0.3 < outside.mean() < 0.7
    np.testing.assert_array_equal(found[outside], grey[outside][:, None].repeat(3, -1))
    for box in view.box.parts:
        inner = tuple(slice(each.start + 6, each.stop - 6) for each in box.slices)
        alone = guided(Photo(np.ascontiguousarray(grey[inner]))).pixels
        away = lab.rgb_to_lab(found[inner]) - lab.rgb_to_lab(alone)
        assert np.linalg.norm(away[..., 1:], axis=-1).mean() < 3


def test_exact_jpeg_keeps_the_page_neutral(guided: Pipeline, album: Path) -> None:
    pytest.importorskip("jpeglib")
    photo = files.read(album)
    view = guided.open(photo)
    assert photo.jpeg is not None
    for orientation in (1, 6):
        source = JpegSource(photo.jpeg.content, orientation)
        blue, red = exact.chroma_planes(view, view.chroma(), Finish(chroma="4:4:4"), source)
        inside = view.box.turned(orientation).mask(slice(None))
        assert inside.shape == blue.shape
        for plane in (blue, red):
            assert (plane[~inside] == exact.NEUTRAL).all()
            assert (plane[inside] != exact.NEUTRAL).mean() > 0.5


@pytest.fixture(scope="module")
def sky() -> View:
    """A page as a method sees it that colours what is at the top, and where hints are."""
    return Pipeline(Sky()).open(Photo(page(200)))


def test_hints_colour_a_photograph_or_the_page(sky: View) -> None:
    album = sky.framed
    assert isinstance(album, Album)
    plain = sky.chroma()
    own = sky.chroma(Hints.parse(["20%,25%,red"]))
    changed = (own != plain).any(axis=-1)
    first, second, _ = album.parts
    assert changed[first.inside].any()
    assert not changed[second.inside].any()
    assert (plain[first.inside] == -40).any()
    assert (plain[second.inside] == -40).any()
    found = sky.colorize(Hints.parse(["95%,95%,red"])).pixels.astype(int)
    assert found[410, 570, 0] - found[410, 570, 1] > 40


def test_variants_and_certainty_have_the_size_of_the_page(sky: View) -> None:
    plain = sky.chroma()
    for each in sky.chromas(2):
        np.testing.assert_allclose(each, plain, atol=1e-3)
    certainty = sky.certainty()
    assert certainty.shape == (430, 600)
    assert certainty[428, 598] == pytest.approx(1)
    assert certainty[200, 100] < 0.5


def test_a_page_is_a_reference_and_has_one(sky: View) -> None:
    colors = page()[..., None] * np.array([1, 0.8, 0.6])
    reference = Reference(sky.pipeline, Photo(colors.astype(np.uint8)))
    assert reference.hints(sky)


def test_boxes_turn_and_scale_with_their_outlines() -> None:
    box = Box(10, 60, 20, 80, (100, 120), ((20, 15), (78, 10), (80, 55), (22, 60)))
    mask = box.mask(slice(None))
    upright = {3: np.rot90(mask, 2), 6: np.rot90(mask), 8: np.rot90(mask, -1), 2: np.fliplr(mask)}
    for orientation, wanted in upright.items():
        found = box.turned(orientation).mask(slice(None))
        assert found.shape == wanted.shape
        assert (found != wanted).mean() < 0.03
    half = box.at((50, 60)).mask(slice(None))
    assert abs(half.mean() - mask.mean()) < 0.02


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_split_writes_each_photograph(
    tmp_path: Path, album: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / f"page.{ending}"
    if ending != "jpg":
        with Image.open(album) as picture:
            picture.save(source, dpi=(300, 300), exif=picture.getexif())
    out = tmp_path / "out"
    assert run(source, "--split", "-o", f"{out}/", *UNET) == 0
    targets = [out / f"page-{k}.{ending}" for k in (1, 2, 3)]
    assert capsys.readouterr().out.split() == list(map(str, targets))
    assert sorted(out.iterdir()) == targets
    boxes = mount.find_all(files.read(source))
    for target, box in zip(targets, boxes, strict=True):
        with Image.open(target) as picture:
            assert picture.size == box.inner[::-1]
            assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
            assert picture.getexif()[0x010E] == "Summer of 1931"
        found = files.read(target)
        assert np.ptp(found.pixels.astype(int), axis=-1).mean() > 1
        own = files.read(source).pixels[box.slices].astype(int)
        assert np.abs(lab.grey(found.pixels).astype(int) - own).mean() < 1.5
        said = xmp.provenance(found.metadata.xmp)
        assert said is not None
        assert said["Part"] == [box.left, box.top, *box.inner[::-1]]
        assert said["Split"] is True


def test_split_refuses_a_single_photograph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(photographs()[0]).save(tmp_path / "a.png")
    assert run(tmp_path / "a.png", "--split", *UNET) == 1
    said = capsys.readouterr()
    assert said.err == (f"retint: {tmp_path / 'a.png'}: fewer than two photographs were found on "
                        "it, so it was not split\n")  # fmt: skip
    assert said.out == ""
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_split_in_a_folder_resumes_and_never_overwrites(tmp_path: Path, album: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    album.rename(folder / "page.jpg")
    assert run(folder, "--split", "-o", out, "--quiet", *UNET) == 0
    before = {each.name: each.stat().st_mtime_ns for each in out.glob("*.jpg")}
    assert sorted(before) == ["page-1.jpg", "page-2.jpg", "page-3.jpg"]
    assert run(folder, "--split", "-o", out, "--quiet", "--resume", *UNET) == 0
    assert {each.name: each.stat().st_mtime_ns for each in out.glob("*.jpg")} == before
    (folder / "page-2.jpg").write_bytes(b"an original")
    assert run(folder, "--split", "-o", folder, "--force", "--quiet", "--exclude", "page-2.jpg",
               *UNET) == 1  # fmt: skip
    assert (folder / "page-2.jpg").read_bytes() == b"an original"


def test_split_needs_files_and_one_coloring(
    album: Path, tmp_path: Path, guided: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(album, "--split", "-o", "-", *UNET) == 2
    with pytest.raises(UsageError, match="split"):
        Request(guided, split=True, confidence=True)
    pages = tmp_path / "pages.tif"
    first, second = Image.fromarray(page()), Image.fromarray(page())
    first.save(pages, save_all=True, append_images=[second])
    assert run(pages, "--split", *UNET) == 1
    assert "one page" in capsys.readouterr().err


def test_photographs_turn_one_by_one(guided: Pipeline, album: Path) -> None:
    boxes = mount.find_all(files.read(album))
    found = Request(guided, Finish(turn="90"), split=True)(files.read(album)).photos
    assert [each.size for each in found] == [box.inner[::-1] for box in boxes]


def test_python_splits_files_and_arrays(album: Path) -> None:
    pictures = retint.split(album, "unet", upright="off", threads=1)
    arrays = retint.split(page(), "unet", upright="off", threads=1)
    assert len(pictures) == len(arrays) == 3
    assert b"Part" in pictures[0].info["xmp"]
    assert pictures[0].size == arrays[0].shape[1::-1]
    with pytest.raises(PhotoError, match="fewer than two"):
        retint.split(photographs()[0], "unet", upright="off", threads=1)
