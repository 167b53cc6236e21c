"""RAW files of cameras and scanners, including DNG, through LibRaw; requires `retint[raw]`."""

from __future__ import annotations

import struct
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.ExifTags import Base

from retint.color.srgb import gamma
from retint.errors import PhotoError, TooLargeError
from retint.extras import required
from retint.files.deep.tiff_directory import Reader, Value
from retint.files.formats import RAW_ENDINGS, READABLE
from retint.files.icc import stripes
from retint.files.levels import LEFT_OUT
from retint.files.turn import turn_upright

if TYPE_CHECKING:
    import rawpy

GAMMA = (2.4, 12.92)
"""sRGB's curve in the form that LibRaw takes."""
OF_FOUR_COLOURS = 12
"""Values of a color matrix of four colours, as opposed to three and infrared."""
ORIENTATIONS = {3: 3, 5: 8, 6: 6}
"""EXIF orientation by LibRaw's codes; others change nothing."""


CR2 = b"II*\0\x10\0\0\0CR"
"""Beginning of Canon's RAW files, which are TIFF inside."""


class NotRawError(PhotoError):
    """The file has the tags of DNG, but its pixels are an ordinary picture."""


def is_raw(source: Path | BinaryIO) -> bool:
    """Whether a file is RAW: by its name, or a stream without the name of a picture by its content.
    Pillow would take the previews of many kinds for the picture.
    """
    suffix = PurePath(str(getattr(source, "name", ""))).suffix.lower()
    if isinstance(source, Path) or suffix in READABLE:
        return suffix in RAW_ENDINGS
    tags = _tags(source, [Base.DNGVersion, Base.NewSubfileType, Base.SubIFDs])
    reduced = tags.get(Base.NewSubfileType)
    has_thumbnail_first = reduced is not None and bool(reduced.number & 1)
    inside = Base.SubIFDs in tags and has_thumbnail_first
    return Base.DNGVersion in tags or inside or _is_cr2(source)


def _is_cr2(stream: BinaryIO) -> bool:
    place = stream.tell()
    head = stream.read(len(CR2))
    stream.seek(place)
    return head[:4] == CR2[:4] and head[8:] == CR2[8:]


def develop(stream: BinaryIO, max_pixels: int, remarks: list[str]) -> NDArray[np.uint16]:
    """Pixels in sRGB [H, W, 3] or grey [H, W], upright, with exposure and white balance from the
    file. Infrared is left out.

    Raises
    ------
    NotRawError
        If it is not RAW inside.
    PhotoError
        If the extra is missing, or the file is broken or has more than `max_pixels`.
    """
    with required("raw", "RAW", PhotoError):
        import rawpy
    tags = _tags(stream, [Base.DNGVersion, Base.ColorMatrix1, Base.AsShotNeutral, *_OF_A_PICTURE])
    try:
        with rawpy.imread(stream) as raw:
            height, width = raw.sizes.height, raw.sizes.width
            if height * width > max_pixels:
                raise TooLargeError.of(width, height, max_pixels)
            if _has_infrared(raw, tags):
                remarks.append(LEFT_OUT)
                return _without_infrared(raw, tags)
            # By default, LibRaw would brighten it until one percent is white.
            pixels = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                adjust_maximum_thr=0,
                output_bps=16,
                gamma=GAMMA,
            )
    except rawpy.LibRawFileUnsupportedError as error:
        if _is_picture(tags):
            raise NotRawError("it is DNG without RAW pixels") from None
        raise PhotoError(f"this RAW file is not supported ({_line(error)})") from error
    except rawpy.LibRawError as error:
        raise PhotoError(f"broken RAW file ({_line(error)})") from error
    wide = np.asarray(pixels, np.uint16)
    return wide[..., 0] if wide.ndim == 3 and wide.shape[2] == 1 else wide


def _tags(stream: BinaryIO, only: list[int]) -> dict[int, Value]:
    """Tags of the first directory; empty if it is not a TIFF file, or broken."""
    try:
        reader = Reader.of(stream)
        return reader.directory(reader.first, only)[0]
    except (ValueError, struct.error):
        return {}
    finally:
        stream.seek(0)


_OF_A_PICTURE = (int(Base.NewSubfileType), int(Base.PhotometricInterpretation))
GREY_OR_RGB = (0, 1, 2)
"""Values of PhotometricInterpretation of ordinary pictures."""


def _is_picture(tags: dict[int, Value]) -> bool:
    """Whether the first directory of a DNG file is an ordinary picture, and not a reduced copy."""
    reduced, kind = (tags.get(tag) for tag in _OF_A_PICTURE)
    whole = reduced is None or not reduced.number & 1
    return Base.DNGVersion in tags and whole and kind is not None and kind.number in GREY_OR_RGB


def _has_infrared(raw: rawpy.RawPy, tags: dict[int, Value]) -> bool:
    """Whether it has a fourth channel that is not a colour: scanners store infrared there."""
    import rawpy

    matrix = tags.get(Base.ColorMatrix1)
    four = matrix is not None and matrix.count == OF_FOUR_COLOURS
    return raw.raw_type == rawpy.RawType.Stack and raw.num_colors == 4 and not four


def _without_infrared(raw: rawpy.RawPy, tags: dict[int, Value]) -> NDArray[np.uint16]:
    """Develop the first three of four channels, which LibRaw considers CMYG, as it does RGB."""
    samples = raw.raw_image_visible
    black = np.array(raw.black_level_per_channel[:3], np.float32)
    white = np.array(raw.camera_white_level_per_channel or [raw.white_level] * 3, np.float32)[:3]
    balance = _balance(raw, tags)
    matrix = np.asarray(raw.color_matrix, np.float32)[:, :3]
    pixels = np.empty((*samples.shape[:2], 3), np.uint16)
    for rows in stripes(samples):
        linear = (samples[rows, :, :3] - black) / (white - black) * balance
        shown = gamma((linear.clip(0, 1) @ matrix.T).clip(0, 1))
        pixels[rows] = shown * np.float32(65535) + np.float32(0.5)
    return np.ascontiguousarray(turn_upright(pixels, ORIENTATIONS.get(raw.sizes.flip, 1)))


def _balance(raw: rawpy.RawPy, tags: dict[int, Value]) -> NDArray[np.float32]:
    """Factors for red, green and blue of which the least is 1."""
    neutral = tags.get(Base.AsShotNeutral)
    levels = np.array(neutral.quotients[:3] if neutral else (), np.float32)
    if len(levels) == 3 and levels.min() > 0:
        factors = 1 / levels
    else:
        factors = np.array(raw.daylight_whitebalance[:3], np.float32)
    return np.asarray(factors / factors.min(), np.float32)


def _line(error: Exception) -> str:
    """LibRaw's message, which may be bytes."""
    message = error.args[0] if error.args else type(error).__name__
    return message.decode(errors="replace") if isinstance(message, bytes) else str(message)
