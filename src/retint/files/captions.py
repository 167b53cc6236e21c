"""The description that retint has written, in the fields of EXIF and IPTC that some programs read
instead of XMP's. A description of somebody else is never replaced there.
"""

from __future__ import annotations

from dataclasses import replace

from PIL.ExifTags import Base

from retint.files import iptc, xmp
from retint.files.deep.tiff_directory import ASCII, Value
from retint.files.exif import Exif
from retint.files.metadata import Metadata
from retint.files.texts import decoded

IPTC = (iptc.APPLICATION, 120)
"""Caption-Abstract."""


def of_exif(metadata: Metadata) -> str:
    """EXIF's ImageDescription; empty if there is none."""
    value = Exif.parsed(metadata.exif).tags.get(Base.ImageDescription)
    return "" if value is None else decoded(value.data).strip("\0 ")


def of_iptc(metadata: Metadata) -> str:
    """IPTC's Caption-Abstract; empty if there is none."""
    return next((each.strip() for each in iptc.texts(metadata.iptc).get(IPTC, [])), "")


def spread(metadata: Metadata) -> Metadata:
    """Metadata with the description that retint wrote into XMP in the other fields for it, where
    these are empty.
    """
    text = xmp.own_description(metadata.xmp)
    if not text:
        return metadata
    if not of_exif(metadata):
        exif = Exif.parsed(metadata.exif)
        own = {Base.ImageDescription: Value(ASCII, text.encode() + b"\0")}
        metadata = replace(metadata, exif=bytes(replace(exif, tags=exif.tags | own)))
    if not of_iptc(metadata):
        metadata = replace(metadata, iptc=iptc.with_text(metadata.iptc, IPTC, text))
    return metadata


def gathered(metadata: Metadata) -> Metadata:
    """Metadata as they were before `spread`."""
    text = xmp.own_description(metadata.xmp)
    if not text:
        return metadata
    if of_exif(metadata) == text:
        exif = Exif.parsed(metadata.exif)
        others = {tag: each for tag, each in exif.tags.items() if tag != Base.ImageDescription}
        exif = replace(exif, tags=others)
        metadata = replace(metadata, exif=bytes(exif) if exif else b"")
    if of_iptc(metadata) == text:
        metadata = replace(metadata, iptc=iptc.without_text(metadata.iptc, IPTC))
    return metadata
