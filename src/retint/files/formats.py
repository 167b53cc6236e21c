"""Formats of picture files: names, suffixes and capabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retint.errors import PhotoError

KEEP = "keep"
"""Instead of a format: that of the source."""
SIDECAR = ".xmp"
"""Suffix of files with the metadata of a picture (Adobe: photo.xmp; darktable: photo.jpg.xmp)."""
MARK = ".retint"
"""Suffix of results beside their originals, before that of the format."""
MAX_PIXELS = 300_000_000
"""Default limit; larger pictures are refused before they are decoded."""


@dataclass(frozen=True)
class Format:
    """A format that can be written."""

    name: str
    """Pillow's name."""
    endings: tuple[str, ...]
    """File suffixes; the first is used for output."""
    media_type: str
    options: dict[str, Any] = field(default_factory=dict)
    """Pillow's options for saving."""
    lossless: dict[str, Any] = field(default_factory=dict)
    """Further options for saving without loss, if the format can do both."""
    transparent: bool = True
    """Whether it supports opacity."""
    animated: bool = False
    """Whether it supports animations."""
    offered: bool = True
    """Whether users can select it; otherwise it is only kept."""

    @property
    def key(self) -> str:
        """Name for users."""
        return self.name.lower()


# Chroma is what retint adds, so JPEG keeps it at full resolution (4:4:4).
FORMATS = {
    each.name: each
    for each in (
        Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jif", ".jfif"), "image/jpeg",
               {"quality": 95, "subsampling": 0}, transparent=False),
        Format("PNG", (".png", ".apng"), "image/png", {"compress_level": 3}, animated=True),
        Format("TIFF", (".tif", ".tiff"), "image/tiff", {"compression": "tiff_adobe_deflate"}),
        Format("WEBP", (".webp",), "image/webp", {"quality": 95, "method": 4},
               {"lossless": True, "quality": 50},
               animated=True),
        Format("AVIF", (".avif", ".avifs"), "image/avif", {"quality": 90, "subsampling": "4:4:4"},
               animated=True),
        Format("BMP", (".bmp",), "image/bmp", transparent=False, offered=False),
    )
}  # fmt: skip
OFFERED = {each.key: each for each in FORMATS.values() if each.offered}
"""Formats that users can select, by key."""
FALLBACK = FORMATS["PNG"]
"""Used if a format does not support a colour picture."""
RAW_ENDINGS = (".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw")
"""Suffixes of RAW and DNG files; Pillow considers most of them TIFF files with a small picture."""
WRITABLE = {ending: each for each in FORMATS.values() for ending in each.endings}
READ_ONLY = {
    "GIF": (".gif",),
    "PCX": (".pcx",),
    "PPM": (".pgm", ".ppm", ".pbm", ".pnm"),
    "JPEG2000": (".jp2", ".jpx", ".jpf", ".j2k", ".j2c", ".jpc"),
    "MPO": (".mpo",),
    "HEIF": (".heic", ".heif", ".hif", ".heics", ".heifs"),
}
"""Suffixes of further formats that are read, by Pillow's name."""
READABLE = (*WRITABLE, *(each for endings in READ_ONLY.values() for each in endings), *RAW_ENDINGS)
"""Suffixes of pictures in folders."""


def kept(name: str) -> Format:
    """The format with Pillow's name, or the fallback if it cannot be written."""
    return FORMATS.get(name, FALLBACK)


def chosen(key: str, name: str) -> Format:
    """Resolve a requested format, `KEEP` or a key of `OFFERED`, for a picture in that format."""
    return kept(name) if key == KEEP else OFFERED[key]


def format_of(target: Path) -> Format:
    """The format for the target's suffix.

    Raises
    ------
    PhotoError
        If there is none.
    """
    try:
        return WRITABLE[target.suffix.lower()]
    except KeyError:
        endings = ", ".join(WRITABLE)
        raise PhotoError(f"cannot write {target}: its name must end in one of {endings}") from None


def media_type(name: str) -> str:
    """The media type of a picture by its suffix, such as image/jpeg; empty if it is unknown."""
    ending = Path(name).suffix.lower()
    if ending in WRITABLE:
        return WRITABLE[ending].media_type
    from PIL import Image

    return Image.MIME.get(Image.EXTENSION.get(ending, ""), "") if ending in READABLE else ""
