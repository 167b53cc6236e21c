"""Unusual pictures are read according to their specification, or refused by name."""

from __future__ import annotations

import io
import os
import struct
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import EpsImagePlugin, Image, ImageCms

from retint import files
from retint.api import load_pipeline
from retint.color import lab
from retint.errors import PhotoError, TooLargeError
from retint.files.chunks import SRGB_PRIMARIES
from retint.files.jpeg import segments as jpeg
from retint.files.reading import read_reduced
from retint.files.size_limit import BESIDE
from retint.hints.file import MAX_BYTES
from retint.picture.request import Request

from ..cli.test_main import run

RAMP = np.linspace(0, 65535, 16 * 24).astype(np.uint16).reshape(16, 24)


def chunk(kind: bytes, content: bytes) -> bytes:
    size, crc = struct.pack(">I", len(content)), zlib.crc32(kind + content)
    return size + kind + content + struct.pack(">I", crc)


def png(bits: int, color: int, rows: bytes, size: tuple[int, int], *more: bytes) -> bytes:
    """A PNG file, width and height first, of rows with their filters, and chunks before them."""
    header = struct.pack(">IIBBBBB", *size, bits, color, 0, 0, 0)
    parts = chunk(b"IHDR", header), *more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def read(content: bytes) -> files.Photo:
    return files.read(io.BytesIO(content))


def written(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    tifffile.imwrite(path, pixels, **options)
    return path


def test_sixteen_bits_with_white_as_zero_are_inverted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", RAMP, photometric="miniswhite")
    np.testing.assert_array_equal(files.read(path).pixels, 65535 - RAMP)


def test_twelve_bits_fill_the_range(tmp_path: Path) -> None:
    levels = np.array([[0, 1, 2048, 4095]], np.uint16)
    # Two levels to three bytes (TIFF 6.0, BitsPerSample 12).
    packed = bytes([0x00, 0x00, 0x01, 0x80, 0x0F, 0xFF])
    fields = [(256, 3, 1, 4), (257, 3, 1, 1), (258, 3, 1, 12), (259, 3, 1, 1), (262, 3, 1, 1),
              (273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, 6)]  # fmt: skip
    content = b"II*\0" + struct.pack("<I", 16) + packed + b"\0\0"
    content += struct.pack("<H", 9) + b"".join(struct.pack("<HHII", *f) for f in fields) + b"\0" * 4
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    found = files.read(path).pixels
    np.testing.assert_allclose(found, levels.astype(float) * 65535 / 4095, atol=16)
    assert (found[0, 0], found[0, 3]) == (0, 65535)


def test_thirty_two_bits_keep_their_upper_half(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", RAMP.astype(np.uint32) << 16, photometric="minisblack")
    np.testing.assert_array_equal(files.read(path).pixels, RAMP)


def test_levels_with_a_sign_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", RAMP.astype(np.int32), photometric="minisblack")
    with pytest.raises(PhotoError, match="signed values"):
        files.read(path)


def four_channels(path: Path, meaning: str) -> files.Photo:
    """RGB of half the range, a fourth channel of half the range."""
    pixels = np.full((8, 8, 4), 32768, np.uint16)
    pixels[:, :4, 1] = 8192
    return files.read(written(path, pixels, photometric="rgb", extrasamples=[meaning]))


def test_a_fourth_channel_is_what_the_file_says(tmp_path: Path) -> None:
    straight = four_channels(tmp_path / "a.tif", "unassalpha")
    assert straight.alpha is not None
    assert (straight.alpha == 32768).all()
    assert straight.pixels[0, 0, 0] == 32768
    premultiplied = four_channels(tmp_path / "b.tif", "assocalpha")
    assert premultiplied.alpha is not None
    assert premultiplied.pixels[0, 0, 0] == 65535  # half the light at half the opacity is white
    assert abs(int(premultiplied.pixels[0, 0, 1]) - 16384) < 2
    unspecified = four_channels(tmp_path / "c.tif", "unspecified")
    assert unspecified.alpha is None
    assert unspecified.pixels[0, 0, 0] == 32768


def test_opacity_that_is_written_at_sixteen_bits_says_so(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (8, 9, 3)).astype(np.uint16)
    target = tmp_path / "a.tif"
    files.write(files.Photo(pixels, alpha=pixels[..., 0].copy()), target)
    with tifffile.TiffFile(target) as file:
        assert file.pages.first.tags[338].value in (2, (2,))
    found = files.read(target)
    np.testing.assert_array_equal(found.pixels, pixels)
    np.testing.assert_array_equal(found.alpha, pixels[..., 0])


def test_the_clear_level_of_a_sixteen_bit_grey_png_is_clear() -> None:
    levels = np.array([[500, 60000]], ">u2")
    content = png(16, 0, b"\0" + levels.tobytes(), (2, 1), chunk(b"tRNS", struct.pack(">H", 500)))
    photo = read(content)
    np.testing.assert_array_equal(photo.pixels, levels)
    np.testing.assert_array_equal(photo.alpha, [[0, 65535]])


def test_a_png_that_lies_about_its_length_is_refused() -> None:
    content = png(16, 2, (b"\0" + b"\1\2" * 12) * 4, (4, 4))
    place = content.index(b"IDAT") - 4
    lying = content[:place] + struct.pack(">I", 0xFFFFFF00) + content[place + 4 :]
    with pytest.raises(PhotoError):
        read(lying)


def test_a_large_profile_is_no_reason_to_refuse() -> None:
    profile = b"iCC\0\0" + zlib.compress(bytes(3_000_000))
    photo = read(png(8, 2, (b"\0" + b"\1\2\3" * 4) * 4, (4, 4), chunk(b"iCCP", profile)))
    assert photo.size == (4, 4)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("profile", [b"nonsense" * 40, "of another kind"], ids=["broken", "other"])
def test_a_profile_that_does_not_fit_is_left_out_with_a_remark(
    mode: str, profile: bytes | str
) -> None:
    if isinstance(profile, str):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    buffer = io.BytesIO()
    Image.new(mode, (8, 8), 90 if mode == "L" else (90,) * len(mode)).save(
        buffer, "JPEG", icc_profile=profile
    )
    photo = read(buffer.getvalue())
    assert photo.size == (8, 8)
    assert len(photo.remarks) == 1


def test_names_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    target = tmp_path / ("写" * 80 + ".png")
    files.write(files.Photo(np.zeros((4, 4), np.uint8)), target)
    assert files.read(target).size == (4, 4)


@pytest.mark.parametrize("error", [RuntimeError("avif"), KeyError(3), TypeError(), struct.error()])
def test_exceptions_of_decoders_are_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(Image.Image, "getexif", broken)
    monkeypatch.setattr(Image.Image, "convert", broken)
    with pytest.raises(PhotoError) as found:
        read(png(8, 2, (b"\0" + b"\1\2\3" * 4) * 4, (4, 4)))
    assert "\n" not in str(found.value)


def moving(format: str, path: Path) -> Path:
    frames = [Image.new("L", (32, 24), level) for level in (40, 120, 200)]
    frames[0].save(path, format, save_all=True, append_images=frames[1:], duration=[50, 100, 150])
    return path


@pytest.mark.parametrize("ending", ["png", "webp", "avif"])
def test_animations_are_coloured_frame_by_frame(tmp_path: Path, ending: str) -> None:
    source = moving(ending.upper(), tmp_path / f"a.{ending}")
    photo = files.read(source)
    assert len(photo.pages) == 2
    assert [each.duration for each in (photo, *photo.pages)] == [50, 100, 150]
    target = tmp_path / f"b.{ending}"
    pipeline = load_pipeline("mean", threads=1)
    (coloured,) = Request(pipeline)(photo).pictures
    files.write(coloured, target)
    again = files.read(target)
    levels = [lab.lightness(each.pixels).mean() for each in (again, *again.pages)]
    wanted = [lab.lightness(each.pixels).mean() for each in (photo, *photo.pages)]
    np.testing.assert_allclose(levels, wanted, atol=1.5)
    assert [each.duration for each in (again, *again.pages)] == [50, 100, 150]


def test_formats_without_animation_get_the_first_frame(tmp_path: Path) -> None:
    photo = files.read(moving("PNG", tmp_path / "a.png"))
    files.write(photo, tmp_path / "a.jpg")
    assert files.read(tmp_path / "a.jpg").pages == ()
    gif = files.read(moving("GIF", tmp_path / "a.gif"))
    assert gif.pages == ()
    assert "first frame" in gif.remarks[0]
    small = files.read(tmp_path / "a.png", max_pixels=1000)
    assert small.pages == ()
    assert "too many pixels" in small.remarks[0]


def of_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    buffer = io.BytesIO()
    Image.fromarray((RAMP >> 8).astype(np.uint8)).save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    there = content.count(b"\xff\xda")
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * (count - there) + content[-2:]


@pytest.mark.parametrize("between", [b"", b"\xff\xff", b"noise", b"\xff\xfe\x00\x06\xff\xda.."])
def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded(between: bytes) -> None:
    assert read(of_scans(jpeg.MOST_SCANS)).size == RAMP.shape
    content = of_scans(jpeg.MOST_SCANS + 1)
    place = content.rindex(b"\xff\xda")
    with pytest.raises(PhotoError, match=rf"{jpeg.MOST_SCANS} scans"):
        read(content[:place] + between + content[place:])


def test_scans_of_a_following_jpeg_do_not_count() -> None:
    """A second picture (MPO) or a telephone's film comes after the end."""
    assert read(of_scans(jpeg.MOST_SCANS) + of_scans(jpeg.MOST_SCANS)).size == RAMP.shape


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"\xff\x0a\x89\xc1", "JPEG XL is not supported"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL is not supported"),
        (b"8BPS\0\x01", "Photoshop documents are not supported"),
        (b"%PDF-1.7", "PDF is not supported"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path: Path, start: bytes, why: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(start + b"\0" * 100)
    for source in (path, io.BytesIO(path.read_bytes())):
        with pytest.raises(PhotoError, match=why):
            files.read(source)


def test_half_an_avif_is_no_film() -> None:
    buffer = io.BytesIO()
    Image.new("L", (64, 64)).save(buffer, "AVIF")
    with pytest.raises(PhotoError, match="broken AVIF"):
        read(buffer.getvalue()[:150])


def test_a_program_that_says_to_be_a_picture_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> Any:
        raise AssertionError("Ghostscript was asked")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", run)
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "EPS")
    with pytest.raises(PhotoError, match="not a readable picture"):
        read(buffer.getvalue())


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe in a folder, to which nobody writes."""
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", [["inspect"], ["restore"], ["colorize"]])
def test_pipes_in_a_folder_are_not_waited_for(
    pipe: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    link = pipe.with_name("link.png")
    link.symlink_to(pipe)
    for path in (pipe, link):
        assert run(*command, path) == 1
        assert "it is a pipe or a device" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("option", ["--hints", "--reference", "--resume"])
def test_pipes_beside_a_picture_are_not_waited_for(
    pipe: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = pipe.with_name("photo.png")
    Image.new("L", (16, 16), 100).save(photo)
    if option == "--resume":
        assert run(pipe, "-o", pipe.with_name("out"), option, "--method", "mean") == 1
    else:
        assert run(photo, option, pipe, "--method", "unet") == 2
    assert "it is a pipe or a device" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_pipes_of_a_shell_are_read(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("L", (16, 16), 100).save(photo)
    reading, writing = os.pipe()
    os.write(writing, b'{"version": 1, "size": [16, 16], "points": []}')
    os.close(writing)
    try:
        assert run(photo, "--hints", f"/dev/fd/{reading}", "--threads", 1) == 0
    finally:
        os.close(reading)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_endless_hints_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, hints = tmp_path / "photo.png", tmp_path / "hints.json"
    Image.new("L", (16, 16), 100).save(photo)
    hints.symlink_to("/dev/zero")
    assert run(photo, "--hints", hints) == 2
    hints.unlink()
    hints.write_bytes(b" " * (MAX_BYTES + 1))
    assert run(photo, "--hints", hints) == 2
    assert "is larger than 16 MiB" in capsys.readouterr().err


def png_with(kind: bytes, content: bytes, picture: Image.Image) -> io.BytesIO:
    """A PNG file with a chunk after its header."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    whole = buffer.getvalue()
    chunk = struct.pack(">I", len(content)) + kind + content
    chunk += struct.pack(">I", zlib.crc32(kind + content))
    return io.BytesIO(whole[:33] + chunk + whole[33:])


@pytest.mark.parametrize(
    ("kind", "content", "remark"),
    [
        (b"cICP", bytes([1, 13, 0, 1]), ""),
        (b"cICP", bytes([9, 16, 0, 1]), "(cICP 9/16/0/1) were ignored"),
        (b"cICP", b"", "(cICP ) were ignored"),
        (b"cHRM", struct.pack(">8I", *SRGB_PRIMARIES), ""),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
         "primaries (cHRM) are not those of sRGB"),
        (b"caBX", b"jumb", "content credentials (C2PA) were left out"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_statements_about_colors_that_are_not_used_are_named(
    kind: bytes, content: bytes, remark: str, mode: str
) -> None:
    remarks = files.read(png_with(kind, content, Image.new(mode, (8, 8)))).remarks
    assert len(remarks) == bool(remark)
    assert remark in "".join(remarks)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_pcx_is_read(mode: str) -> None:
    ramp = Image.fromarray(np.tile(np.arange(32, dtype=np.uint8) * 8, (8, 1))).convert(mode)
    buffer = io.BytesIO()
    ramp.save(buffer, "PCX")
    expected = np.asarray(ramp.convert("L"))
    assert np.array_equal(files.read(buffer).pixels, expected)


@pytest.mark.parametrize(("format", "name"), [("TGA", "a.tga"), ("TGA", "a"), ("SGI", "a.sgi")])
def test_old_formats_are_refused_by_name(tmp_path: Path, format: str, name: str) -> None:
    path = tmp_path / name
    Image.new("L", (8, 8)).save(path, format)
    for source in (path, io.BytesIO(path.read_bytes())):
        with pytest.raises(PhotoError, match=f"{format} is not supported"):
            files.read(source)


@pytest.mark.parametrize("ending", ["jpg", "webp", "avif", "png", "tif"])
def test_a_file_much_larger_than_its_picture_is_refused(tmp_path: Path, ending: str) -> None:
    """Zeros behind a picture take no room in an archive, but they would in memory."""
    path = tmp_path / f"a.{ending}"
    Image.fromarray(RAMP.astype(np.uint8)).save(path)
    files.read(path, max_pixels=1000)
    os.truncate(path, BESIDE + 100_000)
    for read in (files.read, partial(read_reduced, side=8)):
        with pytest.raises(TooLargeError, match="its file has 269 MB, more than any picture of"):
            read(path, max_pixels=1000)


def test_a_film_behind_a_photograph_is_not_too_much(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(RAMP.astype(np.uint8)).save(path)
    os.truncate(path, 20_000_000)
    assert files.read(path).size == RAMP.shape


def test_the_limit_of_a_jpeg_follows_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(RAMP.astype(np.uint8)).save(path)
    os.truncate(path, BESIDE + 100_000)
    for read in (files.read, files.read_metadata):
        with pytest.raises(TooLargeError, match="more than any picture of 384 pixels takes"):
            read(path)
