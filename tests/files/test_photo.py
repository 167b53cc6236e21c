from __future__ import annotations

import errno
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.errors import PhotoError
from retint.files import Photo

RAMP = np.arange(0, 240, 4, dtype=np.uint8).reshape(6, 10)


def saved(folder: Path, picture: Image.Image, name: str = "in.png", **options: Any) -> Path:
    path = folder / name
    picture.save(path, **options)
    return path


def test_grey_is_read_as_one_channel(tmp_path: Path) -> None:
    photo = files.read(saved(tmp_path, Image.fromarray(RAMP)))
    np.testing.assert_array_equal(photo.pixels, RAMP)
    assert photo.alpha is None
    assert photo.format == "PNG"
    assert photo.size == (6, 10)


def test_rgb_of_equal_channels_is_grey(tmp_path: Path) -> None:
    photo = files.read(saved(tmp_path, Image.fromarray(RAMP).convert("RGB")))
    np.testing.assert_array_equal(photo.pixels, RAMP)


def test_toned_stays_rgb(tmp_path: Path) -> None:
    toned = np.stack([RAMP, RAMP // 2, RAMP // 3], axis=-1)
    toned[0] = 0  # a first row without a tone must not decide it
    photo = files.read(saved(tmp_path, Image.fromarray(toned)))
    np.testing.assert_array_equal(photo.pixels, toned)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(RAMP).convert(mode)
    picture.putalpha(Image.fromarray(255 - RAMP))
    photo = files.read(saved(tmp_path, picture))
    np.testing.assert_array_equal(photo.pixels, RAMP)
    np.testing.assert_array_equal(photo.alpha, 255 - RAMP)
    files.write(photo, tmp_path / "out.png")
    again = files.read(tmp_path / "out.png")
    np.testing.assert_array_equal(again.alpha, 255 - RAMP)


def test_a_palette_is_read_with_and_without_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 2), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    photo = files.read(saved(tmp_path, picture))
    assert photo.pixels[0, 0].tolist() == [200, 100, 50]
    assert photo.alpha is None
    photo = files.read(saved(tmp_path, picture, "clear.png", transparency=1))
    assert photo.alpha is not None
    assert photo.alpha.max() == 0


def test_bilevel_is_read_as_black_and_white(tmp_path: Path) -> None:
    photo = files.read(saved(tmp_path, Image.fromarray(RAMP > 100)))
    assert sorted(np.unique(photo.pixels)) == [0, 255]


def test_cmyk_is_read_as_light_not_ink(tmp_path: Path) -> None:
    ink = Image.new("CMYK", (16, 16), (0, 0, 0, 51))  # a fifth of black ink
    photo = files.read(saved(tmp_path, ink, "ink.jpg"))
    assert abs(int(photo.pixels.flat[0]) - 204) <= 2


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_16_bit_keeps_its_levels(tmp_path: Path, name: str) -> None:
    deep = (np.arange(60, dtype=np.uint16) * 1000).reshape(6, 10)
    photo = files.read(saved(tmp_path, Image.fromarray(deep), name))
    assert photo.pixels.dtype == np.uint16
    np.testing.assert_array_equal(photo.pixels, deep)


def test_16_bit_big_endian_tiff_keeps_its_levels(tmp_path: Path) -> None:
    deep = (np.arange(60, dtype=np.uint16) * 1000).reshape(6, 10)
    picture = Image.frombytes("I;16B", (10, 6), deep.astype(">u2").tobytes())
    photo = files.read(saved(tmp_path, picture, "big.tif"))
    assert photo.pixels.dtype == np.uint16
    np.testing.assert_array_equal(photo.pixels, deep)


def test_16_bit_is_written_with_8(tmp_path: Path) -> None:
    deep = np.full((2, 2, 3), 257 * 100, np.uint16)
    files.write(Photo(deep), tmp_path / "out.png")
    assert np.asarray(Image.open(tmp_path / "out.png")).max() == 100


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera"
    path = saved(tmp_path, Image.fromarray(RAMP), "turned.tif", exif=exif)
    upright = {1: RAMP, 3: RAMP[::-1, ::-1], 6: RAMP.T[:, ::-1], 8: RAMP.T[::-1]}
    photo = files.read(path)
    if orientation in upright:
        np.testing.assert_array_equal(photo.pixels, upright[orientation])
    files.write(photo, tmp_path / "out.png")
    again = files.read(tmp_path / "out.png")
    np.testing.assert_array_equal(again.pixels, photo.pixels)
    assert Image.open(tmp_path / "out.png").getexif()[0x010F] == "a camera"


def test_resolution_is_kept(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RAMP), "in.jpg", dpi=(600, 600))
    files.write(files.read(path), tmp_path / "out.jpg")
    assert Image.open(tmp_path / "out.jpg").info["dpi"] == (600, 600)


def test_jpeg_keeps_chroma_at_full_resolution(tmp_path: Path) -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2, 0] = stripes[:, 1::2, 1] = 200
    files.write(Photo(stripes), tmp_path / "out.jpg")
    difference = np.asarray(Image.open(tmp_path / "out.jpg")).astype(int) - stripes
    assert np.abs(difference).mean() < 8


def test_reads_from_a_stream() -> None:
    buffer = io.BytesIO()
    Image.fromarray(RAMP).save(buffer, "WEBP", lossless=True)
    buffer.seek(0)
    assert files.read(buffer).format == "WEBP"


def corrupt(folder: Path, kind: str) -> Path:
    path = folder / "bad.jpg"
    Image.effect_noise((200, 200), 60).save(path)
    whole = path.read_bytes()
    content = {
        "empty": b"",
        "text": b"Dear aunt, here are the pictures",
        "truncated": whole[: len(whole) // 2],
        "header only": whole[:30],
        "broken png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    }[kind]
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("empty", "empty"),
        ("text", "not a readable picture"),
        ("truncated", "truncated"),
        ("header only", "(?i)broken|truncated|not a readable picture"),
        ("broken png", "broken|truncated|not a readable picture"),
    ],
)
def test_broken_files_get_one_clear_line(tmp_path: Path, kind: str, reason: str) -> None:
    with pytest.raises(PhotoError, match=reason) as caught:
        files.read(corrupt(tmp_path, kind))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="No such file"):
        files.read(tmp_path / "nothing.jpg")


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_huge_header_is_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(30_000, 30_000))
    with pytest.raises(PhotoError, match=r"30000 x 30000 .* 300 million .*`max_pixels`"):
        files.read(path)
    path.write_bytes(png_that_claims(10, 11))
    with pytest.raises(PhotoError, match="10 x 11"):
        files.read(path, max_pixels=100)


def test_pillows_own_limit_is_left_as_it_was(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS
    files.read(saved(tmp_path, Image.fromarray(RAMP)))
    assert before is not None
    assert before == Image.MAX_IMAGE_PIXELS


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"dear")
    with pytest.raises(PhotoError, match="`overwrite`"):
        files.write(Photo(RAMP), target)
    assert target.read_bytes() == b"dear"
    files.write(Photo(RAMP), target, overwrite=True)
    np.testing.assert_array_equal(files.read(target).pixels, RAMP)


class FullDisk(io.BytesIO):
    def write(self, _: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"dear")
    really_open = Path.open

    def open_then_fail(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if "x" not in mode:
            return really_open(path, mode, *args, **options)
        really_open(path, mode).close()
        return FullDisk()

    monkeypatch.setattr(Path, "open", open_then_fail)
    with pytest.raises(PhotoError, match="No space left"):
        files.write(Photo(RAMP), target, overwrite=True)
    assert target.read_bytes() == b"dear"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unwritable_folder_and_an_unknown_ending_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="cannot write"):
        files.write(Photo(RAMP), tmp_path / "no" / "such" / "folder.png")
    with pytest.raises(PhotoError, match=r"\.jpg"):
        files.write(Photo(RAMP), tmp_path / "out.docx")


def test_jpeg_refuses_transparency_rather_than_dropping_it(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="transparency"):
        files.write(Photo(RAMP, alpha=RAMP), tmp_path / "out.jpg")
    assert not list(tmp_path.iterdir())


def test_pillow_round_trip_does_not_touch_the_original() -> None:
    picture = Image.fromarray(RAMP)
    picture.getexif()[0x0112] = 6
    photo = files.from_pillow(picture)
    assert picture.getexif()[0x0112] == 6
    assert photo.size == (10, 6)


def test_float_pixels_are_written_as_8_bit() -> None:
    pixels: NDArray[np.float32] = np.array([[[0, 0.5, 1]]], np.float32)
    assert np.asarray(files.to_pillow(Photo(pixels))).tolist() == [[[0, 128, 255]]]
