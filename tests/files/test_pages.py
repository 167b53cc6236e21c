from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from retint import files
from retint.errors import PhotoError
from retint.files import Photo, xmp

from ..cli.test_main import run


def page(level: int, size: tuple[int, int] = (30, 40)) -> Image.Image:
    pixels = np.full(size, level, np.uint8)
    pixels[: size[0] // 2] += 20
    return Image.fromarray(pixels)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    path = tmp_path / "album.tif"
    page(50).save(path, save_all=True, append_images=[page(100, (20, 20)), page(150)])
    return path


def test_every_page_is_read(album: Path) -> None:
    photo = files.read(album)
    assert [each.size for each in (photo, *photo.pages)] == [(30, 40), (20, 20), (30, 40)]
    assert [int(each.pixels[-1, 0]) for each in (photo, *photo.pages)] == [50, 100, 150]


def test_every_page_is_coloured(album: Path) -> None:
    assert run(album, "--quiet", "--method", "mean") == 0
    coloured = files.read(album.with_name("album.retint.tif"))
    assert len(coloured.pages) == 2
    for each in (coloured, *coloured.pages):
        assert each.pixels.ndim == 3
        assert np.ptp(each.pixels.astype(int), axis=-1).mean() > 2
    assert xmp.provenance(coloured.metadata.xmp) is not None


def test_other_formats_refuse_pages(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(album, "-o", album.with_name("a.jpg"), "--quiet", "--method", "mean") == 1
    assert "does not support its 3 pages; use TIFF (--format tiff)" in capsys.readouterr().err


def test_every_page_gets_its_map(album: Path) -> None:
    target = album.with_name("sure.tif")
    assert run(album, "--quiet", "--confidence", target) == 0
    sure = files.read(target)
    assert [each.size for each in (sure, *sure.pages)] == [(30, 40), (20, 20), (30, 40)]


def test_small_copies_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    small = page(50, (10, 10))
    reduced = ImageFileDirectory_v2()
    reduced[254] = 1
    small.encoderinfo = {"tiffinfo": reduced}
    page(50).save(path, save_all=True, append_images=[small])
    assert files.read(path).pages == ()


def test_pages_count_against_the_limit(album: Path) -> None:
    with pytest.raises(PhotoError, match="too many pixels"):
        files.read(album, max_pixels=30 * 40 + 100)


def test_a_single_page_has_no_further_pages(tmp_path: Path) -> None:
    files.write(Photo(np.asarray(page(9))), tmp_path / "a.tif")
    assert files.read(tmp_path / "a.tif").pages == ()


def test_every_page_is_restored(album: Path) -> None:
    assert run(album, "--quiet", "--method", "mean") == 0
    assert run("restore", album.with_name("album.retint.tif"), "--quiet") == 0
    restored = files.read(album.with_name("album.restored.tif"))
    assert [int(each.pixels[-1, 0]) for each in (restored, *restored.pages)] == [50, 100, 150]
