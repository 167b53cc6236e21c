"""JPEG files with a further picture or a film after the first one, as telephones write them."""

from __future__ import annotations

import io
from pathlib import Path

import jpeglib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.files.jpeg.segments import segments

from ..cli.test_main import run

PICTURE, FILM = "a further picture in its file was left out", "the film in its file was left out"

DATA = "data after the picture in its file was left out"


def of_two(grey: NDArray[np.uint8], mode: str = "L") -> bytes:
    """CIPA's multi-picture format."""
    first, second = (Image.fromarray(each).convert(mode) for each in (grey, grey[::4, ::4]))
    buffer = io.BytesIO()
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    return buffer.getvalue()


def jpeg(grey: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_file_with_further_pictures_keeps_its_exact_lightness(
    tmp_path: Path, grey: NDArray[np.uint8], mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, result = tmp_path / "a.jpg", tmp_path / "a.retint.jpg"
    source.write_bytes(of_two(grey, mode))
    assert Image.open(source).format == "MPO"
    assert run(source, "--quiet", "--method", "mean", "--lightness", "exact") == 0
    assert PICTURE in capsys.readouterr().err
    luma = jpeglib.read_dct(str(result)).Y
    np.testing.assert_array_equal(luma, jpeglib.read_dct(str(source)).Y)


def test_the_result_does_not_point_to_a_further_picture(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    (tmp_path / "a.jpg").write_bytes(of_two(grey))
    assert run(tmp_path / "a.jpg", "--quiet", "--method", "mean") == 0
    content = (tmp_path / "a.retint.jpg").read_bytes()
    assert not any(each.content.startswith(b"MPF") for each in segments(content))
    assert content.count(b"\xff\xd8\xff") == 1
    with Image.open(io.BytesIO(content)) as found:
        assert found.format == "JPEG"


@pytest.mark.parametrize(
    ("rest", "remarks"),
    [
        (b"", []),
        (b"\0" * 100, []),
        (b"\r\n\0\xff", []),
        (b"\0" * 9 + b"SEFT and what only its maker knows", [DATA]),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 100, [FILM]),
    ],
)
def test_what_follows_is_named(grey: NDArray[np.uint8], rest: bytes, remarks: list[str]) -> None:
    found = files.read(io.BytesIO(jpeg(grey) + rest))
    assert list(found.remarks) == remarks
    assert found.jpeg is not None


def test_an_hdr_gain_map_is_named(grey: NDArray[np.uint8]) -> None:
    """Pillow does not report it."""
    (remark,) = files.read(io.BytesIO(jpeg(grey) + jpeg(grey[::4, ::4]))).remarks
    assert remark.startswith(PICTURE)


def test_a_thumbnail_is_not_a_further_picture(grey: NDArray[np.uint8]) -> None:
    content, thumbnail = jpeg(grey), b"Exif\0\0" + jpeg(grey[::8, ::8])
    inside = b"\xff\xe1" + (2 + len(thumbnail)).to_bytes(2, "big") + thumbnail
    assert files.read(io.BytesIO(content[:2] + inside + content[2:])).remarks == ()
