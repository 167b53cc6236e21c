"""EXIF (Exif 2.32, section 4.5), read and written without decoding its values."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from PIL import Image, TiffImagePlugin
from PIL.ExifTags import IFD, Base

from retint.files import tags as which
from retint.files import texts
from retint.files.deep.tiff_directory import (
    ASCII,
    FIELD,
    SHORT,
    Reader,
    Value,
    block,
    in_order,
)
from retint.files.turn import Turn

HEAD = b"Exif\0\0"
UTF16 = b"UNICODE\0"
"""Start of a text in UTF-16 (Exif 2.32, UserComment)."""
HEADER = 8
"""Bytes before the first directory."""
THUMBNAIL = frozenset({int(Base.ImageWidth), int(Base.Compression), int(Base.JpegIFOffset)})
"""Tags of the directory of a thumbnail."""
JPEG = 6
"""Compression of a thumbnail (TIFF 6.0, section 22)."""
BROKEN = (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError, OSError,
          struct.error)  # fmt: skip


@dataclass(frozen=True)
class Exif:
    """The directories of EXIF, without those that only the original pixels need."""

    order: str = ">"
    """Byte order, as in `struct`."""
    tags: dict[int, Value] = field(default_factory=dict)
    """The first directory, without pointers to the others."""
    inner: dict[int, dict[int, Value]] = field(default_factory=dict)
    """The directories of EXIF, GPS and interoperability, by the tag that points to them."""
    thumbnail: bool = False
    """Whether it contained a thumbnail."""
    apart: dict[int, Value] = field(default_factory=dict)
    """Tags of a TIFF page that contain IPTC; they are not encoded."""

    @classmethod
    def parsed(cls, content: bytes) -> Exif:
        """EXIF as stored in all formats but TIFF; empty if it is broken."""
        for _ in range(2):  # some programs write it twice
            content = content.removeprefix(HEAD)
        try:
            found, tags = _directories(io.BytesIO(content))
        except BROKEN:
            return cls()
        return replace(found, tags=which.of_exif(tags))

    @classmethod
    def of(cls, picture: Image.Image) -> Exif:
        """EXIF of the file of a picture that is not decoded yet."""
        stored = _stored(picture)
        return cls() if stored is None else stored

    @classmethod
    def of_edited(cls, picture: Image.Image) -> Exif:
        """EXIF of a picture of Pillow's, which its owner may have edited or decoded."""
        stored = _stored(picture)
        with suppress(*BROKEN):
            if stored is None or _is_edited(picture):
                return _of_pillow(picture)
        return cls() if stored is None else stored

    def __bool__(self) -> bool:
        return bool(self.tags or self.inner)

    def __bytes__(self) -> bytes:
        return self.with_thumbnail(b"")

    def of_new_pixels(self, turn: Turn) -> Exif:
        """EXIF whose statements about pixels hold for a picture in sRGB, after an orientation is
        applied.
        """
        inner = {int(tag): which.of_new_pixels(tags, turn) for tag, tags in self.inner.items()}
        found = replace(self, tags=which.of_new_pixels(self.tags, turn), inner=inner)
        return found.with_color_space(which.SRGB)

    def with_color_space(self, space: int) -> Exif:
        """EXIF with another ColorSpace, if it states one."""
        return replace(self, inner=which.with_color_space(self.inner, space))

    def shortened(self, size: int) -> tuple[Exif, list[int]]:
        """EXIF encoded in so many bytes, and the tags of the longest values, which are left out."""
        left_out: list[int] = []
        excess = len(bytes(self)) - size
        parts = {0: dict(self.tags), **{tag: dict(tags) for tag, tags in self.inner.items()}}
        lengths = [(len(v.data), part, tag) for part in parts for tag, v in parts[part].items()]
        for length, part, tag in sorted(lengths, reverse=True):
            if excess <= 0:
                break
            del parts[part][tag]
            left_out.append(tag)
            excess -= FIELD + (length + length % 2 if length > 4 else 0)
        return replace(self, tags=parts.pop(0), inner=parts), left_out

    def with_orientation(self, orientation: int) -> Exif:
        """EXIF of a picture that is to be shown in an orientation."""
        return replace(self, tags=self.tags | {Base.Orientation: Value.short(orientation)})

    def with_thumbnail(self, jpeg: bytes) -> bytes:
        """Encoded, with a thumbnail unless that is empty."""
        dummies = dict.fromkeys(self.pointers(0)[0], Value.long(0))
        place = HEADER + len(block(self.tags | dummies, HEADER, self.order))
        pointers, directories = self.pointers(place)
        first = block(self.tags | pointers, HEADER, self.order)
        if jpeg:
            second = place + len(directories)
            first = _with_following(first, second, self.order)
            tags: dict[int, Value] = {
                Base.Compression: Value.short(JPEG),
                Base.JpegIFOffset: Value.long(0),
                Base.JpegIFByteCount: Value.long(len(jpeg)),
            }
            start = second + len(block(tags, second, self.order))
            tags[Base.JpegIFOffset] = Value.long(start)
            directories += block(tags, second, self.order) + jpeg
        head = b"II*\0" if self.order == "<" else b"MM\0*"
        return HEAD + head + struct.pack(f"{self.order}I", HEADER) + first + directories

    def pointers(self, place: int, order: str = "") -> tuple[dict[int, Value], bytes]:
        """The directories within EXIF, to be written at a place, and tags that point to them."""
        content, found = b"", {}
        inner = {tag: dict(tags) for tag, tags in self.inner.items() if tags}
        if order not in ("", self.order):
            inner = {tag: _with_swapped_text(tags) for tag, tags in inner.items()}
        order = order or self.order
        if interop := inner.pop(IFD.Interop, None):
            inner.setdefault(IFD.Exif, {})[IFD.Interop] = Value.long(place)
            content += block(interop, place, order)
        for tag, tags in inner.items():
            found[tag] = Value.long(place + len(content))
            content += block(tags, place + len(content), order)
        return found, content


def _directories(stream: BinaryIO, place: int | None = None) -> tuple[Exif, dict[int, Value]]:
    """EXIF without its first directory, and that directory; of a TIFF page, which is at a place,
    only the tags that are used.
    """
    reader = Reader.of(stream)
    if place is None:
        tags, following = reader.directory(reader.first)
    else:
        tags, following = reader.directory(place, which.READ)
    inner: dict[int, dict[int, Value]] = {}
    for tag in (IFD.Exif, IFD.GPSInfo, IFD.Interop):
        pointer = (inner.get(IFD.Exif, {}) if tag == IFD.Interop else tags).get(tag)
        found = reader.directory(pointer.number)[0] if pointer else {}
        if found:
            inner[tag] = found
    for each in inner.values():
        for pointing in which.POINTERS & set(each):
            del each[pointing]
    thumbnail = bool(following and reader.directory(following, THUMBNAIL)[0])
    return Exif(reader.order, {}, inner, thumbnail), tags


def _stored(picture: Image.Image) -> Exif | None:
    """EXIF as the file contains it; None if there is none, or the file is no longer open."""
    if picture.format == "TIFF":
        stream = getattr(picture, "fp", None)
        if stream is None or stream.closed:
            return None
        before = stream.tell()  # Pillow continues from there
        try:
            found, tags = _directories(stream, picture.tag_v2.offset)  # type: ignore[attr-defined]
        except BROKEN:
            return None
        finally:
            stream.seek(before)
        apart = {tag: tags[tag] for tag in which.APART & set(tags)}
        return replace(found, tags=which.of_tiff(tags), apart=apart)
    content = picture.info.get("exif")
    if picture.format == "PNG" and content is None:
        content = texts.exif_of_png(picture)
    if picture.format == "AVIF" and content is not None:
        # Pillow encodes it anew if its orientation is not that of the file's boxes.
        with suppress(*BROKEN):
            content = picture._decoder.get_info()[4] or content  # type: ignore[attr-defined]
    return Exif.parsed(content) if isinstance(content, bytes) else None


def _is_edited(picture: Image.Image) -> bool:
    """Whether someone has changed what Pillow read from the file."""
    fresh = Image.Exif()
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        assert picture.fp is not None
        before = picture.fp.tell()
        shown = picture.getexif()
        fresh.bigtiff, fresh.endian = shown.bigtiff, shown.endian
        fresh.load_from_fp(picture.fp, picture.tag_v2.offset)
        same = _listed(fresh) == _listed(shown)
        picture.fp.seek(before)
        return not same
    fresh.load(picture.info["exif"])
    return _listed(fresh) != _listed(picture.getexif())


def _listed(exif: Image.Exif) -> list[str]:
    """All values, comparable (undefined numbers such as 0/0 are not equal to themselves)."""
    parts = [dict(exif), *(exif.get_ifd(tag) for tag in (IFD.Exif, IFD.GPSInfo))]
    skipped = which.POINTERS | {Base.Orientation}
    return [repr(sorted((t, v) for t, v in part.items() if t not in skipped)) for part in parts]


def _of_pillow(picture: Image.Image) -> Exif:
    """EXIF as Pillow has it in memory; its own encoding would lose text that is not ASCII."""
    exif = picture.getexif()
    found, tags = _directories(io.BytesIO(exif.tobytes()[len(HEAD) :]))
    kept = which.of_tiff(tags) if picture.format == "TIFF" else which.of_exif(tags)
    apart = {tag: tags[tag] for tag in which.APART & set(tags)}
    for directory, values in (
        (kept, exif),
        *((found.inner.get(tag, {}), exif.get_ifd(tag)) for tag in (IFD.Exif, IFD.GPSInfo)),
    ):
        for tag in directory:
            if isinstance(value := values.get(tag), str):
                directory[tag] = Value(ASCII, _text(value) + b"\0")
    return replace(found, tags=kept, thumbnail=bool(exif.get_ifd(IFD.IFD1)), apart=apart)


def _with_swapped_text(tags: dict[int, Value]) -> dict[int, Value]:
    """A directory with its UTF-16, which has no type of its own, in the other byte order."""
    head = len(UTF16)
    return {
        tag: Value(value.kind, UTF16 + in_order(SHORT, value.data[head:], ">"))
        if value.data.startswith(UTF16) and not len(value.data) % 2
        else value
        for tag, value in tags.items()
    }


def _text(text: str) -> bytes:
    """Text as UTF-8; Pillow decodes UTF-8 from files as Latin-1."""
    try:
        content = text.encode("latin-1")
        content.decode()
    except UnicodeError:
        return text.encode()
    return content


def _with_following(directory: bytes, place: int, order: str) -> bytes:
    """A directory that names the offset of the next one."""
    (count,) = struct.unpack_from(f"{order}H", directory)
    end = 2 + FIELD * count
    return directory[:end] + struct.pack(f"{order}I", place) + directory[end + 4 :]
