"""Metadata of picture files, and how each format stores it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from retint.files.deep.tiff_directory import FIELD, Directory, aligned
from retint.files.jpeg import metadata as jpeg_metadata

IPTC_TAG, XMP_TAG = 33723, 700
"""Tags of TIFF."""
SUBDIRECTORIES = (int(ExifTags.IFD.Exif), int(ExifTags.IFD.GPSInfo))
MAX_SEGMENT = 65_533
"""Maximum bytes of a JPEG segment."""
THUMBNAIL = 160
"""Longest side in pixels (Exif 2.32, section 4.6.2: 160 x 120)."""

# Tags that describe how TIFF stores its pixels: width, strips, compression, samples, and the
# orientation, which is applied. They are not valid for the output.
STRUCTURE = {254, 255, *range(256, 260), 262, 266, 273, 274, *range(277, 281), 284, 317, 320}
STRUCTURE |= {*range(322, 326), 338, 339, 347, *range(529, 533)}
STRUCTURE |= {XMP_TAG, IPTC_TAG, 34377, 34675}


@dataclass(frozen=True)
class Metadata:
    """Metadata of a file."""

    exif: bytes = b""
    """EXIF without the orientation, which is applied, and without the thumbnail."""
    xmp: bytes = b""
    """The XMP packet."""
    iptc: bytes = b""
    """IPTC's information interchange model (IIM), as in JPEG and TIFF."""
    dpi: tuple[float, float] | None = None
    thumbnail: bool = False
    """Whether EXIF contained a thumbnail."""

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self.exif) + len(self.xmp) + len(self.iptc)

    @classmethod
    def of(cls, picture: Image.Image, upright: Image.Image) -> Metadata:
        """Metadata as read by Pillow; `upright` is the rotated picture."""
        exif, thumbnail = _exif(picture)
        return cls(
            exif=exif,
            xmp=_bytes(upright.info.get("xmp")),  # without its orientation
            iptc=_iptc(picture),
            dpi=_valid_dpi(picture.info.get("dpi")),
            thumbnail=thumbnail,
        )

    def options(
        self, format: str, picture: Callable[[], Image.Image], orientation: int = 1
    ) -> dict[str, Any]:
        """Pillow's options for saving the picture in a format (Pillow's name).

        The picture is only requested if a thumbnail is needed.
        """
        options: dict[str, Any] = {"dpi": self.dpi} if self.dpi else {}
        exif = self.exif if orientation == 1 else _with_orientation(self.exif, orientation)
        if self.thumbnail and exif and format != "TIFF":
            exif = _with_thumbnail(exif, picture())
        if format == "TIFF":
            options["exif"] = self._tags()
        elif exif and format != "BMP":
            options["exif"] = exif
        if self.xmp and format == "PNG":
            options["pnginfo"] = PngImagePlugin.PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", self.xmp.decode("utf-8", "replace"))
        elif self.xmp and format != "JPEG":
            options["xmp"] = self.xmp
        elif format == "JPEG":
            packet, further = jpeg_metadata.split_xmp(self.xmp)
            further += jpeg_metadata.iptc_segments(self.iptc) if self.iptc else []
            options |= {"xmp": packet} if packet else {}
            options |= {"extra": b"".join(map(bytes, further))} if further else {}
        return options

    def finished(self, format: str, content: bytes) -> bytes:
        """Add what Pillow cannot save to a file that it has saved."""
        if format != "TIFF" or not self.exif:
            return content
        return _with_subdirectories(content, _inner(self.exif))

    def _tags(self) -> Image.Exif:
        """Everything as tags of a TIFF file, except the directories within EXIF."""
        tags = Image.Exif()
        if self.exif:
            tags.load(self.exif)
            for each in SUBDIRECTORIES:
                tags.pop(each, None)
        if self.xmp:
            tags[XMP_TAG] = self.xmp
        if self.iptc:
            tags[IPTC_TAG] = self.iptc
        return tags


def _exif(picture: Image.Image) -> tuple[bytes, bool]:
    """EXIF without tags about the pixels of the original file, and whether it had a thumbnail.

    Broken EXIF is dropped.
    """
    kept = Image.Exif()
    try:
        exif = picture.getexif()
        kept.load(exif.tobytes())
        for tag in STRUCTURE & set(kept):
            del kept[tag]
        inner = _inner(kept.tobytes())
        _with_subdirectories(kept.tobytes()[6:], inner)  # fails now rather than later
        return (kept.tobytes() if len(kept) else b""), bool(exif.get_ifd(ExifTags.IFD.IFD1))
    except (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError,
            OSError, struct.error):  # fmt: skip
        return b"", False


def _with_orientation(exif: bytes, orientation: int) -> bytes:
    whole = Image.Exif()
    if exif:
        whole.load(exif)
    whole[ExifTags.Base.Orientation] = orientation
    return whole.tobytes()


def _inner(exif: bytes) -> dict[int, dict[int, Any]]:
    """The directories within EXIF."""
    whole = Image.Exif()
    whole.load(exif)
    inner = {each: whole.get_ifd(each) for each in SUBDIRECTORIES}
    return {each: tags for each, tags in inner.items() if tags}


def _iptc(picture: Image.Image) -> bytes:
    blocks = picture.info.get("photoshop")
    if isinstance(blocks, dict):
        return _bytes(blocks.get(jpeg_metadata.IPTC))
    tags = getattr(picture, "tag_v2", None)
    found = tags.get(IPTC_TAG) if tags is not None else None
    if isinstance(found, tuple):  # some programs declare it as a list of 32-bit numbers
        try:
            return struct.pack(f"{tags.prefix.decode()}{len(found)}I", *found)  # type: ignore[union-attr]
        except (AttributeError, struct.error):
            return b""
    return _bytes(found)


def _with_thumbnail(exif: bytes, picture: Image.Image) -> bytes:
    """EXIF with a second directory (Exif 2.32, section 4.5.8) that contains a thumbnail."""
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    jpeg, head = buffer.getvalue(), exif[:6]
    tiff = bytearray(exif[6:])
    directory = Directory.first(exif[6:])
    order = directory.order
    struct.pack_into(f"{order}I", tiff, directory.start(len(directory.fields)), aligned(tiff))
    start = len(tiff) + 2 + 3 * FIELD + 4
    tiff += struct.pack(f"{order}H", 3)
    for tag, kind, value in ((0x0103, 3, 6), (0x0201, 4, start), (0x0202, 4, len(jpeg))):
        field = struct.pack(f"{order}H2x", value) if kind == 3 else struct.pack(f"{order}I", value)
        tiff += struct.pack(f"{order}HHI", tag, kind, 1) + field
    whole = head + bytes(tiff) + b"\0\0\0\0" + jpeg
    return whole if len(whole) < MAX_SEGMENT else exif


def _with_subdirectories(tiff: bytes, inner: dict[int, dict[int, Any]]) -> bytes:
    """A TIFF file with the EXIF and GPS directories, which libtiff does not write for Pillow."""
    if not inner:
        return tiff
    directory = Directory.first(tiff)
    fields, whole = list(directory.fields), bytearray(tiff)
    for tag, tags in inner.items():
        place = aligned(whole)
        written = TiffImagePlugin.ImageFileDirectory_v2(ifh=tiff[:8])
        for name, value in tags.items():
            written[name] = value
        fields.append(struct.pack(f"{directory.order}HHII", tag, 4, 1, place))
        whole += written.tobytes(place)
    return directory.with_fields(whole, fields)


def _valid_dpi(dpi: Any) -> tuple[float, float] | None:
    try:
        x, y = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return (x, y) if 0 < x < 65536 and 0 < y < 65536 else None


def _bytes(found: Any) -> bytes:
    if isinstance(found, str):
        return found.encode()
    return found if isinstance(found, bytes) else b""
