"""Metadata of one format in the fields of another, and what has none there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PIL.ExifTags import GPSTAGS, TAGS

from retint.files import xmp
from retint.files.exif import Exif
from retint.files.jpeg.metadata import MAX_SEGMENT
from retint.files.metadata import Metadata
from retint.files.tags import listed
from retint.files.texts import COMMENT, Text
from retint.files.xmp.rdf import is_xml

WITH_IPTC = ("JPEG", "TIFF")
"""Formats that store IPTC as such."""
BY_PROGRAMS = ("date:", "exif:", "icc:", "jpeg:", "pdf:", "photoshop:", "png:", "svg:", "tiff:",
               "xmp:")  # fmt: skip
"""Beginnings of keywords that ImageMagick makes up; they repeat what the file says elsewhere."""


def converted(said: Metadata, format: str) -> tuple[Metadata, list[str]]:
    """Metadata as a format stores it, and the names of what it cannot store.

    IPTC and texts become fields of XMP where the format has no place for them. What XMP contains
    already stays.
    """
    if format == "BMP":
        parts = {"EXIF": said.exif, "XMP": said.xmp, "IPTC": said.iptc, "texts": said.texts}
        return Metadata(dpi=said.dpi), [name for name, content in parts.items() if content]
    broken = bool(said.xmp) and not is_xml(said.xmp)
    texts = said.texts if format == "PNG" else tuple(filter(_fits, said.texts))
    if format not in ("PNG", "JPEG"):
        texts = ()
    others = [each for each in said.texts if each not in texts]
    others = [each for each in others if not each.keyword.startswith(BY_PROGRAMS)]
    iptc = b"" if format in WITH_IPTC else said.iptc
    packet, lost = xmp.with_fields(b"" if broken else said.xmp, iptc, others)
    lost += ["XMP, which is broken"] if broken else []
    if format == "JPEG" and len(said.exif) > MAX_SEGMENT:
        lost += [f"EXIF {_named(tag)}" for tag in Exif.parsed(said.exif).shortened(MAX_SEGMENT)[1]]
    kept = said.iptc if format in WITH_IPTC else b""
    return replace(said, xmp=packet, iptc=kept, texts=texts), lost


def lost(pages: Iterable[Metadata], format: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """A remark that names what a format cannot store of the metadata of some pages, if any.

    Parameters
    ----------
    others
        Names of what else the files have and results do not.
    """
    names = list(dict.fromkeys(name for each in pages for name in converted(each, format)[1]))
    names += others
    return (f"not kept in {format}: {listed(names)}",) if names else ()


def _fits(text: Text) -> bool:
    """Whether JPEG can store a text as a comment."""
    return text.keyword == COMMENT and len(text.as_comment) <= MAX_SEGMENT


def _named(tag: int) -> str:
    return TAGS.get(tag) or GPSTAGS.get(tag) or str(tag)
