"""Files as scanner software, microscopes, browsers and telephones write them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from retint import files
from retint.api import load_pipeline
from retint.errors import PhotoError
from retint.files import Photo, icc
from retint.files.formats import FORMATS
from retint.files.jpeg.source import SIGNED
from retint.files.pages import BESIDE, STRETCHED
from retint.files.tiff import MASK_LEFT_OUT
from retint.picture.finish import Finish
from retint.picture.request import Request, Result

YS, XS = np.mgrid[:48, :64]
GREY = (XS * 3 + YS * 1).astype(np.uint8)


def read(content: bytes) -> Photo:
    return files.read(io.BytesIO(content))


def colored(photo: Photo, format: str, **finish: Any) -> Result:
    request = Request(load_pipeline("mean", threads=1), Finish(**finish))
    return request(photo, FORMATS[format])


def written(photo: Photo, format: str) -> bytes:
    return files.encode(colored(photo, format).pictures[0], FORMATS[format])


def tiff(*pages: tuple[Any, dict[str, Any]], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, **options) as file:
        for pixels, more in pages:
            file.write(pixels, **({"metadata": None} | more))
    return buffer.getvalue()


def descriptions(file: tifffile.TiffFile) -> list[str]:
    return [page.aspage().description for page in file.pages]


OME = {"metadata": {"axes": "CYX", "Channel": {"Name": ["DAPI", "GFP"]}}}
STACK = np.stack([GREY, GREY[::-1]])


@pytest.mark.parametrize(
    ("pixels", "options", "more"),
    [
        (GREY, {"ome": True}, {"metadata": {"axes": "YX"}}),
        (STACK, {"ome": True}, OME),
        (GREY, {"imagej": True}, {"metadata": {"axes": "YX"}}),
        (STACK, {}, {"metadata": {}}),
        ((GREY / 255).astype(np.float32), {"imagej": True}, {"metadata": {"axes": "YX"}}),
    ],
    ids=["ome", "ome-channels", "imagej", "tifffile", "imagej-float"],
)
@pytest.mark.parametrize("format", ["TIFF", "PNG"])
def test_descriptions_of_axes_and_channels_are_left_out(
    pixels: Any, options: dict[str, Any], more: dict[str, Any], format: str
) -> None:
    photo = read(tiff((pixels, more), **options))
    assert any("states axes and channels" in each for each in photo.all_remarks)
    content = written(photo if format == "TIFF" else replace(photo, pages=()), format)
    if format == "TIFF":
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            assert set(descriptions(file)) == {""}
            assert file.series[0].shape[-3:] == (*GREY.shape, 3)
    else:
        assert Image.open(io.BytesIO(content)).getexif().get(270) is None


@pytest.mark.parametrize("said", ["Grandmother, 1943", "ImageJ is a program", "<b>OME</b>"])
def test_descriptions_of_the_photograph_stay(said: str) -> None:
    photo = read(tiff((GREY, {"description": said})))
    assert photo.all_remarks == ()
    with tifffile.TiffFile(io.BytesIO(written(photo, "TIFF"))) as file:
        assert descriptions(file) == [said]


def test_private_tags_are_named_where_tifffile_reads_the_file() -> None:
    own = (GREY / 255).astype(np.float32), {"extratags": [(50838, 4, 1, 7, True)]}
    assert read(tiff(own)).all_remarks == ("left out: tag 50838",)


def test_a_transparency_mask_is_left_out() -> None:
    mask = GREY > 100, {"subfiletype": 4, "photometric": 4}
    photo = read(tiff((GREY, {}), mask))
    np.testing.assert_array_equal(photo.pixels, GREY)
    assert photo.pages == ()
    assert photo.all_remarks == (MASK_LEFT_OUT,)


@pytest.mark.parametrize("wide", [False, True], ids=["8 bits", "16 bits"])
def test_a_thumbnail_may_come_first(wide: bool) -> None:
    pixels = np.repeat(GREY[..., None], 3, axis=2).astype(np.uint16) * 257 if wide else GREY
    small = pixels[::4, ::4].copy(), {"subfiletype": 1}
    photo = read(tiff(small, (pixels, {"description": "whole"})))
    assert photo.pixels.shape == GREY.shape
    assert photo.pages == ()
    with tifffile.TiffFile(io.BytesIO(written(photo, "TIFF"))) as file:
        assert descriptions(file) == ["whole"]
    assert read(tiff(small)).size == (12, 16)


def animation(format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.fromarray(each) for each in STACK]
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
@pytest.mark.parametrize("loops", [0, 3])
def test_animations_are_shown_as_often(format: str, loops: int) -> None:
    content = written(read(animation(format, duration=50, loop=loops)), format)
    assert Image.open(io.BytesIO(content)).info["loop"] == loops


@pytest.mark.parametrize("moving", [False, True], ids=["still", "animation"])
@pytest.mark.parametrize("lossless", [False, True])
def test_lossless_webp_stays_lossless(moving: bool, lossless: bool) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 48, 64)).astype(np.uint8)
    buffer = io.BytesIO()
    first, second = map(Image.fromarray, noise)
    more = {"save_all": True, "append_images": [second]} if moving else {}
    first.save(buffer, "WEBP", lossless=lossless, **more)
    photo = read(buffer.getvalue())
    request = Request(load_pipeline("gray", threads=1))
    again = read(files.encode(request(photo, FORMATS["WEBP"]).pictures[0], FORMATS["WEBP"]))
    assert np.array_equal(again.pixels, photo.pixels) == lossless


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content)
    )  # fmt: skip


def png(pixels: Any, *chunks: bytes) -> bytes:
    content = cv2.imencode(".png", pixels)[1].tobytes()
    return content[:33] + b"".join(chunks) + content[33:]


def gamma(share: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(share * 100_000)))


@pytest.mark.parametrize(
    ("pixels", "tolerance"),
    [(GREY, 1), (GREY.astype(np.uint16) * 257, 40),
     (np.repeat(GREY[..., None], 3, axis=2).astype(np.uint16) * 257, 40)],
    ids=["grey", "deep grey", "deep RGB"],
)  # fmt: skip
@pytest.mark.parametrize("share", [1.0, 1 / 1.8])
def test_png_with_another_gamma_is_converted(pixels: Any, tolerance: int, share: float) -> None:
    """As browsers show it."""
    levels = np.iinfo(pixels.dtype).max
    light = (pixels / levels) ** (1 / share)
    expected = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    found = read(png(pixels, gamma(share))).pixels
    if pixels.ndim == 3:
        expected = expected[..., 0]
    assert np.abs(found - expected * levels).max() <= tolerance


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("space", ["adobe-rgb", "display-p3"])
def test_neutral_pictures_of_other_spaces_are_grey(space: str, dtype: Any) -> None:
    """As saved by Photoshop; rounding would tint them."""
    levels = np.repeat(GREY[..., None], 3, axis=2).astype(dtype) * (1 if dtype == np.uint8 else 257)
    profile = icc.profile(space, grey=False)
    content = tiff((levels, {"photometric": "rgb", "extratags": [
        (34675, 7, len(profile), profile, True)]}))  # fmt: skip
    assert read(content).pixels.ndim == 2


@pytest.mark.parametrize(
    "chunks",
    [(gamma(0.45455),), (gamma(1.0), chunk(b"sRGB", b"\0")), (gamma(0),), (gamma(20),)],
    ids=["sRGB's", "with sRGB", "zero", "implausible"],
)
def test_png_with_the_gamma_of_srgb_is_unchanged(chunks: Sequence[bytes]) -> None:
    np.testing.assert_array_equal(read(png(GREY, *chunks)).pixels, GREY)


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "JPEG", quality=90)
    content = buffer.getvalue()
    own = b"".join(
        bytes([0xFF, 0xE0 + number]) + struct.pack(">H", len(each) + 2) + each
        for number, each in segments
    )
    return content[:2] + own + content[2:]


SEGMENTS = [
    (12, b"Ducky\0\1\0\4\0\0\0\x50\0\0"), (13, b"Adobe_CM\0\2"), (4, b"SCALADO\0abc"),
    (1, b"FLIR\0abcdef"), (13, b"Photoshop 3.0\x008BIM\x04\x0b\0\0\0\0\0\4http"),
]  # fmt: skip
LOST = "APP13 Adobe_CM, APP4 SCALADO, APP1 FLIR, Photoshop's resources"


@pytest.mark.parametrize(
    ("format", "finish"),
    [("JPEG", {"lightness": "recompressed"}), ("JPEG", {"negative": True}), ("PNG", {})],
    ids=["recompressed", "negative", "png"],
)
def test_segments_that_are_lost_are_named(format: str, finish: dict[str, Any]) -> None:
    remarks = colored(read(jpeg(*SEGMENTS)), format, **finish).remarks
    assert f"not kept in {format}: {LOST}" in remarks


def test_segments_stay_with_exact_lightness() -> None:
    pytest.importorskip("jpeglib")
    photo = read(jpeg(*SEGMENTS))
    result = colored(photo, "JPEG")
    assert result.remarks == ()
    content = files.encode(result.pictures[0], FORMATS["JPEG"])
    assert all(each in content for _, each in SEGMENTS)


def test_content_credentials_are_left_out() -> None:
    pytest.importorskip("jpeglib")
    photo = read(jpeg((11, b"JP\0\1\0\0\0\1\0\0\0\x20jumb c2pa")))
    assert photo.all_remarks == (SIGNED,)
    assert b"c2pa" not in written(photo, "JPEG")


@pytest.mark.parametrize("space", ["srgb", "adobe-rgb"])
def test_a_grey_jpeg_with_a_profile_of_rgb_is_read(space: str) -> None:
    """As ImageMagick leaves it."""
    profile = icc.profile(space, grey=False)
    photo = read(jpeg((2, b"ICC_PROFILE\0\1\1" + profile)))
    assert photo.remarks == ()
    plain = read(jpeg()).pixels.astype(int)
    difference = np.abs(photo.pixels - plain)
    assert photo.jpeg is not None
    if space == "srgb":
        assert photo.jpeg.why_not == ""
        assert difference.max() == 0
    else:
        assert photo.jpeg.why_not == "its color profile is not sRGB"
        light = (plain / 255) ** (563 / 256)
        srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        assert np.abs(photo.pixels - srgb * 255).max() <= 1


@pytest.mark.parametrize("segment", [b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0"])
def test_no_resolution_is_made_up_for_broken_exif(segment: bytes) -> None:
    assert read(jpeg((1, segment))).metadata.dpi is None


def test_an_empty_packet_of_xmp_is_no_loss() -> None:
    content = jpeg((1, b"http://ns.adobe.com/xap/1.0/\0" + b" " * 100))
    assert colored(read(content), "PNG").remarks == ()


def test_opaque_pictures_go_into_formats_without_opacity() -> None:
    alpha = np.full_like(GREY, 255)
    photo = Photo(GREY, alpha)
    assert read(files.encode(photo, FORMATS["JPEG"])).alpha is None
    alpha[0, 0] = 254
    with pytest.raises(PhotoError, match="does not support its transparency"):
        files.encode(photo, FORMATS["JPEG"])


def test_a_still_picture_beside_an_animation_is_no_frame() -> None:
    buffer = io.BytesIO()
    first, second = map(Image.fromarray, STACK)
    still = Image.fromarray(255 - GREY)
    still.save(
        buffer, "PNG", save_all=True, default_image=True, append_images=[first, second], duration=50
    )
    photo = read(buffer.getvalue())
    assert photo.remarks == (BESIDE,)
    assert len(photo.pages) == 1
    np.testing.assert_array_equal(photo.pixels, GREY)
    assert photo.duration == 50


def test_pixels_that_are_not_square_are_named() -> None:
    content = bytearray(jpeg())
    place = content.index(b"JFIF\0")
    content[place + 7 : place + 12] = struct.pack(">BHH", 0, 12, 11)
    assert STRETCHED in read(bytes(content)).all_remarks
    assert STRETCHED in read(png(GREY, chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)))).all_remarks
    assert read(jpeg()).all_remarks == ()
