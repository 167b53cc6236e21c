"""Files to photos.

Everything a colorizer should not know about lives here: orientation, palettes, transparency, bit
depth, colour profiles, pages.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from retint.errors import PhotoError, RetintError, TooLargeError, reason
from retint.files import heif, icc, raw
from retint.files.deep import codec
from retint.files.formats import FORMATS, MAX_PIXELS
from retint.files.jpeg.segments import JpegSource, check_scans
from retint.files.metadata import Metadata
from retint.files.photo import Photo

_TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""EXIF's orientations: what makes the picture upright."""
BITS_PER_SAMPLE, PHOTOMETRIC, EXTRA_SAMPLES, SAMPLE_FORMAT = 258, 262, 338, 339
"""Tags of TIFF."""
WHITE_IS_ZERO, SIGNED = 0, 2
UNSPECIFIED, PREMULTIPLIED, OPACITY = 0, 1, 2
"""What a fourth channel may mean (TIFF 6.0, section 18)."""
UNUSED_PROFILE = "its colour profile is broken or of another kind of picture, and was left out"
HEAD = 16
"""Bytes that say what a file is."""
FILM_MAGIC = ((4, b"ftyp"), (4, b"moov"), (0, b"\x1aE\xdf\xa3"), (8, b"AVI "))
"""What films have at some place of their head, which says why they are no pictures."""
READ_ONLY = ("GIF", "PPM", "JPEG2000", "MPO", "HEIF")
"""Pillow's names of further formats that are read (`READABLE` has their endings)."""
ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats of files that may move."""
FRAME = 100.0
"""Milliseconds of a frame that does not say."""
TOO_LONG = "its frames have too many pixels; the first one stands for all (`max_pixels`)"
FIRST_ONLY = "it is an animation, whose format is not written; its first frame stands for all"
MAX_PAGES = 1000
"""A TIFF file with more is no picture."""
SUBFILE, REDUCED = 254, 1
"""TIFF's tag that says what a page is, and its bit for a small copy of another page."""
# Profiles are larger than Pillow thinks that texts may be.
PngImagePlugin.MAX_TEXT_CHUNK = 1 << 24

# Pillow's own limit is one number for the whole process; ours is an argument.
_pillow_limit = threading.Lock()


def read(source: Path | BinaryIO, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a picture file.

    Grey, toned, RGBA, palette, CMYK and 16-bit grey files are understood; a picture of equal
    channels comes back as grey.

    Raises
    ------
    PhotoError
        If the file is missing, no picture, broken or truncated, or larger than `max_pixels`.
    """
    with _refusing(source):
        developed = raw.is_raw(source)
    if developed:
        return _developed(source, max_pixels)
    with _readable(source) as (picture, stream):
        width, height = picture.size
        if width * height > max_pixels:
            raise TooLargeError.of(width, height, max_pixels)
        _check_scans(picture, stream)
        photo = _decode(picture, _deep_pixels(picture, stream))
        if picture.format in ANIMATED and getattr(picture, "n_frames", 1) > 1:
            return _moving(picture, photo, max_pixels)
        if picture.format == "JPEG":
            stream.seek(0)
            kept = JpegSource(stream.read(), _orientation(picture))
            return replace(photo, jpeg=kept, metadata=kept.complete(photo.metadata))
        if picture.format != "TIFF":
            return photo
        further = _further_pages(picture, stream, max_pixels - width * height)
        return replace(photo, pages=tuple(further))


def read_metadata(source: Path | BinaryIO) -> Metadata:
    """What a picture file says besides its pixels; raises PhotoError as `read` does."""
    with _readable(source) as (picture, stream):
        said = Metadata.of(picture, picture)
        if picture.format != "JPEG":
            return said
        stream.seek(0)
        return JpegSource(stream.read(), 1).complete(said)


@contextmanager
def _readable(source: Path | BinaryIO) -> Iterator[tuple[Image.Image, BinaryIO]]:
    """A picture file that is open, its stream, and all that can be wrong with it as one line."""
    with _refusing(source), _stream(source) as stream, _open(stream) as picture:
        yield picture, stream


@contextmanager
def _refusing(source: Path | BinaryIO | None = None) -> Iterator[None]:
    """Whatever decoders of foreign bytes raise, as one line: they raise what they like."""
    try:
        yield
    except RetintError:
        raise
    except UnidentifiedImageError:
        why = "not a picture that can be read" if source is None else _why_unidentified(source)
        raise PhotoError(why) from None
    except MemoryError:
        raise PhotoError("not enough memory to decode it") from None
    except OSError as error:
        raise PhotoError(reason(error)) from error
    except Exception as error:
        said = str(error).splitlines()
        raise PhotoError(f"broken file ({said[0] if said else type(error).__name__})") from error


def from_pillow(picture: Image.Image) -> Photo:
    """A Pillow picture as a photo; the picture itself is not changed."""
    with _refusing():
        return _decode(picture)


def _stream(source: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    # Never a path to Pillow: it would map an uncompressed TIFF into memory at its turned size.
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def _formats() -> list[str]:
    """Whom Pillow may ask whether a file is theirs: not those that run programs, as EPS does."""
    Image.init()
    return [each for each in (*FORMATS, *READ_ONLY) if each in Image.OPEN]


def _open(source: BinaryIO) -> Image.Image:
    heif.enable(source)
    with _pillow_limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(source, formats=_formats())
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_scans(picture: Image.Image, stream: BinaryIO) -> None:
    """Raise PhotoError for a JPEG that would be decoded without end."""
    if picture.format not in ("JPEG", "MPO"):
        return
    place = stream.tell()  # Pillow goes on from there
    stream.seek(0)
    check_scans(stream.read())
    stream.seek(place)


def _developed(source: Path | BinaryIO, max_pixels: int) -> Photo:
    """A RAW file as a photo; to be written as TIFF, for who takes RAW wants its depth."""
    with _refusing(), _stream(source) as stream:
        return Photo(_grey_if_equal(raw.develop(stream, max_pixels)), format="TIFF")


def _further_pages(picture: Image.Image, stream: BinaryIO, pixels_left: int) -> Iterator[Photo]:
    """The pages after the first, but for the small copies of a page that some programs add."""
    for page in range(1, min(getattr(picture, "n_frames", 1), MAX_PAGES + 1)):
        picture.seek(page)
        pixels = picture.size[0] * picture.size[1]
        pixels_left -= pixels
        if page == MAX_PAGES or pixels_left < 0:
            raise TooLargeError(
                "its pages have too many pixels (raise the limit with `max_pixels`)"
            )
        if getattr(picture, "tag_v2", {}).get(SUBFILE, 0) & REDUCED:
            continue
        yield _decode(picture, _deep_pixels(picture, stream, page))


def _moving(picture: Image.Image, first: Photo, max_pixels: int) -> Photo:
    """An animation with all its frames; its first one where they are too many.

    MPO, which is JPEG with a second view, does not move.
    """
    width, height = picture.size
    count = getattr(picture, "n_frames", 1)
    if count > MAX_PAGES or count * width * height > max_pixels:
        return replace(first, remarks=(*first.remarks, TOO_LONG))
    if picture.format not in FORMATS:
        return replace(first, remarks=(*first.remarks, FIRST_ONLY))
    frames = []
    for k in range(count):
        picture.seek(k)
        picture.load()
        shown = float(picture.info.get("duration", 0) or FRAME)
        frames.append(replace(_decode(picture), duration=shown, pages=()))
    said = replace(frames[0], metadata=first.metadata, remarks=first.remarks)
    return replace(said, pages=tuple(frames[1:]))


def _deep_pixels(
    picture: Image.Image, stream: BinaryIO, page: int = 0
) -> NDArray[np.uint16] | None:
    """Pixels of a colour picture of 16 bits a channel, turned upright."""
    place = stream.tell()  # Pillow goes on from there
    pixels = codec.read(picture, stream, page)
    stream.seek(place)
    if pixels is None:
        return None
    turn = _TURNS.get(_orientation(picture))
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _decode(picture: Image.Image, wide: NDArray[np.uint16] | None = None) -> Photo:
    format_ = picture.format or "PNG"
    profile = picture.info.get("icc_profile")
    remarks: list[str] = []
    # A picture that is upright would only be copied.
    upright = picture if _orientation(picture) == 1 else ImageOps.exif_transpose(picture)
    if wide is None:
        levels = _levels_of(picture)
        pixels, alpha = _pixels(upright, profile, levels, remarks)
    else:
        rgb, alpha = _without_extra(wide, picture)
        pixels = _in_srgb(rgb, profile, remarks)
    said = Metadata.of(picture, upright)
    return Photo(_grey_if_equal(pixels), alpha, format_, said, remarks=tuple(remarks))


def _orientation(picture: Image.Image) -> int:
    """EXIF's; upright where EXIF is broken."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1
    return found if found in _TURNS else 1


@dataclass(frozen=True)
class _Levels:
    """How the numbers of a grey picture are meant that Pillow gives as they are."""

    shift: int = 0
    """Bits to move them by, to fill 16 from the top."""
    inverted: bool = False
    """Whether 0 is white."""

    def applied(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        if self.shift < 0:
            values = values.astype(np.uint32) >> -self.shift
        wide: NDArray[np.uint16] = np.clip(values, 0, 65535).astype(np.uint16)
        if self.shift > 0:  # all ones shall be white: the upper bits are repeated below
            wide = np.asarray((wide << self.shift) | (wide >> (16 - 2 * self.shift)), np.uint16)
        return np.uint16(65535) - wide if self.inverted else wide


def _levels_of(picture: Image.Image) -> _Levels:
    """Of a grey TIFF of more than 8 bits (TIFF 6.0, section 4: PhotometricInterpretation).

    Raises
    ------
    PhotoError
        If its numbers have a sign.
    """
    tags = getattr(picture, "tag_v2", None)
    if picture.format != "TIFF" or tags is None or not picture.mode.startswith("I"):
        return _Levels()
    if tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED:
        raise PhotoError("grey levels with a sign cannot be read; save it with 8 or 16 bits")
    bits = tags.get(BITS_PER_SAMPLE, (16,))[0]
    return _Levels(16 - bits, tags.get(PHOTOMETRIC) == WHITE_IS_ZERO)


def _without_extra(
    wide: NDArray[np.uint16], picture: Image.Image
) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None]:
    """RGB and opacity [H, W] of 16-bit pixels [H, W, 3 or 4], as the file means the fourth channel.

    TIFF 6.0, section 18: ExtraSamples. PNG's is always opacity.
    """
    rgb = np.ascontiguousarray(wide[..., :3])
    if wide.shape[2] == 3:
        return rgb, None
    meaning = OPACITY
    if picture.format == "TIFF":
        meaning = next(iter(getattr(picture, "tag_v2", {}).get(EXTRA_SAMPLES, ())), OPACITY)
    if meaning == UNSPECIFIED:
        return rgb, None
    alpha = np.ascontiguousarray(wide[..., 3])
    if meaning == PREMULTIPLIED:
        share = np.maximum(alpha, 1)[..., None].astype(np.uint32)
        rgb = np.minimum((rgb.astype(np.uint32) * 65535 + share // 2) // share, 65535)
        rgb = rgb.astype(np.uint16)
    return rgb, alpha


def _pixels(
    picture: Image.Image, profile: bytes | None, levels: _Levels, remarks: list[str]
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    mode = picture.mode
    if mode.startswith("I"):  # 16 bits a pixel, or 32
        values = np.asarray(picture)
        clear = picture.info.get("transparency")
        alpha = None
        if isinstance(clear, int):  # one level of a grey PNG is no part of the picture
            alpha = np.where(values == clear, 0, 65535).astype(np.uint16)
        return _in_srgb(levels.applied(values), profile, remarks), alpha
    if mode == "F":
        raise PhotoError("floating-point pictures cannot be read; save it with 8 or 16 bits")
    if mode == "CMYK":
        try:
            return np.asarray(_with_lcms(picture, profile)), None
        except (ImageCms.PyCMSError, OSError, ValueError):
            remarks.append(UNUSED_PROFILE)
            return np.asarray(picture.convert("RGB")), None
    if mode in ("LA", "La", "PA", "RGBa") or picture.has_transparency_data:
        grey = mode in ("L", "LA", "La")
        channels = np.asarray(picture.convert("RGBA"))
        pixels = np.ascontiguousarray(channels[..., 0] if grey else channels[..., :3])
        return _in_srgb(pixels, profile, remarks), np.ascontiguousarray(channels[..., 3])
    pixels = np.asarray(picture.convert("L" if mode in ("1", "L") else "RGB"))
    return _in_srgb(pixels, profile, remarks), None


def _in_srgb(pixels: NDArray[Any], profile: bytes | None, remarks: list[str]) -> NDArray[Any]:
    """Pixels of that profile in sRGB; as they are, with a remark, where nobody can tell."""
    if not profile:
        return pixels
    try:
        return icc.Profile.parse(profile).to_srgb(pixels)
    except icc.ProfileError:
        if pixels.ndim == 3 and pixels.dtype == np.uint8:
            with suppress(ImageCms.PyCMSError, OSError, ValueError):
                return np.asarray(_with_lcms(Image.fromarray(pixels), profile))
    except Exception:  # a profile is foreign bytes too
        pass
    remarks.append(UNUSED_PROFILE)
    return pixels


def _with_lcms(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return picture.convert("RGB")
    converted = ImageCms.profileToProfile(
        picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # only in-place conversion answers None
    return converted


def _grey_if_equal(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.ndim == 2:
        return pixels
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    # A first row that differs settles it for nearly every toned picture.
    if not np.array_equal(red[0], green[0]):
        return pixels
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(green)
    return pixels


def _why_unidentified(source: Path | BinaryIO) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(HEAD)
        if not head:
            return "the file is empty"
    else:
        source.seek(0)
        head = source.read(HEAD)
        if not head:
            return "the input is empty"
    if any(head[place:].startswith(magic) for place, magic in FILM_MAGIC):
        return "a film; films are files of their own, whose names end as films' do (.mp4, .mkv)"
    return "not a picture that can be read"
