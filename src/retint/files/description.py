"""What a file says about its picture, wherever it says so."""

from __future__ import annotations

from PIL.ExifTags import Base

from retint.files import iptc, xmp
from retint.files.exif import Exif
from retint.files.metadata import Metadata
from retint.files.texts import decoded

CAPTION = (iptc.APPLICATION, 120)
"""IPTC's Caption-Abstract."""
KEYWORD = "description"
"""Of a text of PNG, in lower case."""


def description(metadata: Metadata) -> str:
    """The description in XMP, else that of IPTC's datasets, of EXIF or of PNG; empty if there is
    none. That of retint does not count.
    """
    stated = [
        xmp.description(metadata.xmp),
        *iptc.texts(metadata.iptc).get(CAPTION, []),
        _of_exif(metadata.exif),
        *(each.content for each in metadata.texts if each.keyword.lower() == KEYWORD),
    ]
    return next((each.strip() for each in stated if each.strip()), "")


def _of_exif(exif: bytes) -> str:
    value = Exif.parsed(exif).tags.get(Base.ImageDescription)
    return "" if value is None else decoded(value.data).strip("\0")
