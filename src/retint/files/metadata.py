"""Metadata of picture files, and how each format stores it."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin
from PIL.ExifTags import Base

from retint.files import iptc, texts, xmp
from retint.files import tags as which
from retint.files.deep.tiff_directory import BYTE, UNDEFINED, Tags, Value, aligned, with_tags
from retint.files.exif import Exif
from retint.files.jpeg import metadata as jpeg_metadata
from retint.files.jpeg.metadata import MAX_SEGMENT
from retint.files.texts import Text
from retint.files.turn import Turn, turn_back

THUMBNAIL = 160
"""Longest side in pixels (Exif 2.32, section 4.6.2: 160 x 120)."""
WITHOUT_RESOLUTION = ("WEBP", "AVIF")
"""Formats with no place for the resolution but EXIF."""
INCH = 2
"""TIFF's unit of resolution (TIFF 6.0, ResolutionUnit)."""


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
    texts: tuple[Text, ...] = ()
    """Texts of PNG, comments of JPEG and GIF."""

    @property
    def size(self) -> int:
        """Bytes of memory."""
        texts = sum(len(each.content) for each in self.texts)
        return len(self.exif) + len(self.xmp) + len(self.iptc) + texts

    @classmethod
    def of(cls, picture: Image.Image) -> Metadata:
        """Metadata as a file that Pillow has opened contains it."""
        return cls.with_exif(picture, Exif.of(picture))

    @classmethod
    def with_exif(cls, picture: Image.Image, exif: Exif) -> Metadata:
        """The same with EXIF that is read already."""
        unknown = not _states_resolution(picture, exif)
        profiles, found = texts.split(texts.of(picture))
        packet = picture.info.get("xmp") or profiles.get("xmp")
        return cls(
            exif=bytes(exif) if exif else b"",
            xmp=_xmp(picture.format or "", packet),
            iptc=_iptc(picture, exif) or _unwrapped(profiles.get("iptc", b"")),
            texts=found,
            dpi=None if unknown else _valid_dpi(picture.info.get("dpi")),
            thumbnail=exif.thumbnail,
        )

    def of_new_pixels(self, turn: Turn) -> Metadata:
        """Metadata whose statements about pixels hold for a picture in sRGB, after an orientation
        is applied.
        """
        exif = Exif.parsed(self.exif).of_new_pixels(turn)
        dpi = turn.sides(*self.dpi) if self.dpi else None
        return replace(
            self,
            exif=bytes(exif) if exif else b"",
            xmp=xmp.of_new_pixels(self.xmp, turn),
            iptc=iptc.without_preview(self.iptc),
            dpi=dpi,
        )

    def lost_by(self, turn: Turn) -> list[str]:
        """What a further turn or cut takes away, in words."""
        exif = Exif.parsed(self.exif)
        tags = {*exif.tags, *(tag for inner in exif.inner.values() for tag in inner)}
        names = ["its place on the map (GeoTIFF)"] * bool(turn and tags & which.GEO)
        marked = tags & which.SUBJECTS or xmp.has_positions(self.xmp)
        return names + ["regions of faces and the like"] * bool(turn.cut and marked)

    def uncalibrated(self) -> Metadata:
        """Metadata of a picture in another colour space than sRGB."""
        exif = Exif.parsed(self.exif).with_color_space(which.UNCALIBRATED)
        return replace(self, exif=bytes(exif) if exif else b"")

    def options(
        self, format: str, picture: Callable[[], Image.Image], orientation: int = 1
    ) -> dict[str, Any]:
        """Pillow's options for saving the picture in a format (Pillow's name).

        The picture is only requested if a thumbnail is needed.
        """
        if format == "TIFF":
            return {}  # see `tags`
        options: dict[str, Any] = {"dpi": self.dpi} if self.dpi else {}
        exif = Exif.parsed(self.exif)
        if orientation != 1:
            exif = exif.with_orientation(orientation)
        if format in WITHOUT_RESOLUTION and self.dpi and not _is_resolution(exif.tags, self.dpi):
            exif = replace(exif, tags=exif.tags | _resolution(self.dpi))
        if format == "JPEG":
            exif, _ = exif.shortened(MAX_SEGMENT)
        if exif and format != "BMP":
            options["exif"] = bytes(exif)
            if self.thumbnail:
                whole = exif.with_thumbnail(_thumbnail(picture(), orientation))
                options["exif"] = whole if len(whole) < MAX_SEGMENT else options["exif"]
        if format == "PNG":
            options["pnginfo"] = chunks = PngImagePlugin.PngInfo()
            texts.put_into_png(chunks, self.texts)
            if self.xmp:
                chunks.add_itxt(texts.XMP_KEYWORD, self.xmp.decode("utf-8", "replace"))
        elif self.xmp and format != "JPEG":
            options["xmp"] = self.xmp
        elif format == "JPEG":
            packet, further = jpeg_metadata.split_xmp(self.xmp)
            further += jpeg_metadata.iptc_segments(self.iptc) if self.iptc else []
            further += jpeg_metadata.comments(each.as_comment for each in self.texts)
            options |= {"xmp": packet} if packet else {}
            options |= {"extra": b"".join(map(bytes, further))} if further else {}
        return options

    def tags(self, place: int) -> tuple[dict[int, Value], bytes]:
        """Everything as tags of a little-endian TIFF file, and what they point to, to be written at
        a place of it. Libtiff, which Pillow uses, decodes text and knows only some of the tags.
        """
        exif = Exif.parsed(self.exif)
        pointers, directories = exif.pointers(place, "<")
        tags = which.of_tiff(exif.tags) | pointers
        if self.dpi and not _is_resolution(tags, self.dpi):
            tags |= _resolution(self.dpi)
        if self.xmp:
            tags[Base.XMLPacket] = Value(BYTE, self.xmp)
        if self.iptc:
            tags[Base.IPTCNAA] = Value(UNDEFINED, self.iptc)
        return tags, directories


def with_metadata(tiff: bytes, pages: Sequence[Metadata]) -> bytes:
    """A little-endian TIFF file with the metadata of its pages."""
    whole, every = bytearray(tiff), []
    for each in pages:
        tags, directories = each.tags(aligned(whole))
        whole += directories
        every.append(tags)
    return with_tags(whole, every)


def _states_resolution(picture: Image.Image, exif: Exif) -> bool:
    """Whether a file states a resolution: without one, Pillow reports 1 dpi for TIFF, and 72 dpi
    for JPEG with broken EXIF.
    """
    if picture.format in ("JPEG", "MPO") and picture.info.get("jfif_unit") in (1, 2):
        return True
    return picture.format not in ("JPEG", "MPO", "TIFF") or Base.XResolution in exif.tags


def _iptc(picture: Image.Image, exif: Exif) -> bytes:
    blocks = picture.info.get("photoshop")
    if isinstance(blocks, dict):
        return _bytes(blocks.get(jpeg_metadata.IPTC))
    own = exif.apart.get(Base.IPTCNAA)
    if own is None:
        resources = exif.apart.get(Base.ImageResources)
        return jpeg_metadata.iptc_of_resources(resources.data) if resources else b""
    # Photoshop and ExifTool declare it as a list of 32-bit numbers. Programs disagree about whether
    # it has the byte order of the file.
    orders = (exif.order, "<", ">")
    packed = [own.packed(order) for order in orders]
    return next((each for each in packed if each.startswith(iptc.MARKER)), packed[0])


def _unwrapped(profile: bytes) -> bytes:
    """IPTC from a profile of ImageMagick, which may be within Photoshop's resources."""
    if profile.startswith(jpeg_metadata.RESOURCE):
        return jpeg_metadata.iptc_of_resources(profile)
    return profile


def _thumbnail(picture: Image.Image, orientation: int) -> bytes:
    """A small copy as JPEG, which is shown in the orientation of the whole."""
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small = Image.fromarray(np.ascontiguousarray(turn_back(np.asarray(small), orientation)))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _resolution(dpi: tuple[float, float]) -> dict[int, Value]:
    """The tags that state a resolution."""
    return {
        Base.XResolution: Value.rational(dpi[0]),
        Base.YResolution: Value.rational(dpi[1]),
        Base.ResolutionUnit: Value.short(INCH),
    }


def _is_resolution(tags: Tags, dpi: tuple[float, float]) -> bool:
    """Whether tags state this resolution, in inches or centimetres."""
    unit = tags.get(Base.ResolutionUnit, Value.short(INCH)).number
    inch = {INCH: 1.0, 3: 2.54}.get(unit, 0.0)
    sides = [tags.get(tag, Value.short(0)) for tag in (Base.XResolution, Base.YResolution)]
    return all(
        math.isclose(side.quotient * inch, own, rel_tol=1e-4)
        for side, own in zip(sides, dpi, strict=True)
    )


def _valid_dpi(dpi: Any) -> tuple[float, float] | None:
    try:
        x, y = float(dpi[0]), float(dpi[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return (x, y) if 0 < x < 65536 and 0 < y < 65536 else None


def _xmp(format: str, packet: Any) -> bytes:
    if isinstance(packet, str) and format == "TIFF":  # declared as ASCII
        return packet.encode("latin-1")  # as Pillow decodes any bytes
    content = _bytes(packet)
    return content if content.strip(b" \t\r\n\0") else b""


def _bytes(found: Any) -> bytes:
    if isinstance(found, str):
        return found.encode()
    return found if isinstance(found, bytes) else b""
