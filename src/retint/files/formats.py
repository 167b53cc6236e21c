"""The formats of picture files: their names, endings and abilities, each stated once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retint.errors import PhotoError

KEEP = "keep"
"""In place of a format: that of the source."""
MAX_PIXELS = 300_000_000
"""Pictures with more pixels than this are refused before they are decoded."""


@dataclass(frozen=True)
class Format:
    """A format that can be written."""

    name: str
    """Pillow's."""
    endings: tuple[str, ...]
    """Of file names, the one that is written first."""
    media_type: str
    options: dict[str, Any] = field(default_factory=dict)
    """What Pillow saves it with."""
    transparent: bool = True
    """Whether it holds opacity."""
    animated: bool = False
    """Whether it holds animations."""
    offered: bool = True
    """Whether one can ask for it; else it is only kept."""

    @property
    def key(self) -> str:
        """What people call it."""
        return self.name.lower()


# Chroma carries the whole work of retint, so JPEG keeps it at full resolution (4:4:4).
FORMATS = {
    each.name: each
    for each in (
        Format("JPEG", (".jpg", ".jpeg"), "image/jpeg", {"quality": 95, "subsampling": 0},
               transparent=False),
        Format("PNG", (".png",), "image/png", {"compress_level": 3}, animated=True),
        Format("TIFF", (".tif", ".tiff"), "image/tiff", {"compression": "tiff_adobe_deflate"}),
        Format("WEBP", (".webp",), "image/webp", {"quality": 95, "method": 4},
               animated=True),
        Format("AVIF", (".avif",), "image/avif", {"quality": 90, "subsampling": "4:4:4"},
               animated=True),
        Format("BMP", (".bmp",), "image/bmp", transparent=False, offered=False),
    )
}  # fmt: skip
OFFERED = {each.key: each for each in FORMATS.values() if each.offered}
"""What one can ask for, by key."""
FALLBACK = FORMATS["PNG"]
"""Where a format cannot hold a picture in colour."""
RAW_ENDINGS = (".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw")
"""Of RAW and DNG: to Pillow most of these are TIFF files with a small picture."""
WRITABLE = {ending: each for each in FORMATS.values() for ending in each.endings}
READABLE = (*WRITABLE, ".gif", ".pgm", ".ppm", ".pbm", ".pnm", ".jp2", ".heic", ".heif",
            *RAW_ENDINGS)  # fmt: skip
"""Endings that mark a file of a folder as a picture."""


def kept(name: str) -> Format:
    """The format of that name (Pillow's), or what stands in where it cannot be written."""
    return FORMATS.get(name, FALLBACK)


def chosen(key: str, name: str) -> Format:
    """What was asked for, `KEEP` or a key of `OFFERED`, of a picture in the format of that name."""
    return kept(name) if key == KEEP else OFFERED[key]


def format_of(target: Path) -> Format:
    """The format that the target's ending asks for.

    Raises
    ------
    PhotoError
        If there is none such.
    """
    try:
        return WRITABLE[target.suffix.lower()]
    except KeyError:
        endings = ", ".join(WRITABLE)
        raise PhotoError(f"cannot write {target}: its name must end in one of {endings}") from None
