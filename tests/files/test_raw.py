from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from retint import files
from retint.errors import PhotoError

from ..cli.test_main import run


def dng(size: tuple[int, int] = (64, 96), orientation: int = 1) -> bytes:
    """A grey ramp behind a colour filter, white balanced for what it is."""
    ys, xs = np.mgrid[: size[0], : size[1]]
    identity = tuple(n for row in np.eye(3, dtype=int) for value in row for n in (int(value), 1))
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNG version
        (50708, "s", 0, "a camera", True),
        (33421, "H", 2, (2, 2), True),  # filters repeat every 2 x 2 pixels
        (33422, "B", 4, (0, 1, 1, 2), True),  # red, green, green, blue
        (50721, "2i", 9, identity, True),  # colour matrix
        (50778, "H", 1, 21, True),  # for daylight
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # what is neutral
        (50714, "H", 1, 0, True),
        (50717, "H", 1, 65535, True),
        (274, "H", 1, orientation, True),
    ]
    buffer = io.BytesIO()
    mosaic = (4000 + (xs + ys) * 300).astype(np.uint16)
    tifffile.imwrite(buffer, mosaic, photometric=32803, extratags=tags, metadata=None)
    return buffer.getvalue()


def test_raw_is_developed_at_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng())
    pixels = files.read(path).pixels
    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint16
    linear = (4000 + (20 + 30) * 300) / 65535
    expected = 65535 * (1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(pixels[20, 30], expected, rtol=0.03)


def test_dng_is_known_by_its_content_too() -> None:
    assert files.read(io.BytesIO(dng())).pixels.dtype == np.uint16


def test_raw_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng(orientation=6))
    assert files.read(path).size == (96, 64)


def test_raw_becomes_what_can_hold_it(tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(dng())
    assert run(tmp_path / "a.dng", "--quiet", "--method", "mean") == 0
    assert files.read(tmp_path / "a.retint.png").pixels.dtype == np.uint16


@pytest.mark.parametrize("content", [b"", b"II*\0nothing", dng()[:300], dng()[:5000]])
def test_broken_raw_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dng").write_bytes(content)
    with pytest.raises(PhotoError):
        files.read(tmp_path / "a.dng")


def test_large_raw_is_refused_undecoded() -> None:
    with pytest.raises(PhotoError, match="96 x 64 pixels exceed"):
        files.read(io.BytesIO(dng()), max_pixels=6000)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(PhotoError, match=r"pip install 'retint\[raw\]'"):
        files.read(io.BytesIO(dng()))
