"""What a file says about its picture, wherever it says so."""

from __future__ import annotations

from retint.files import captions, xmp
from retint.files.metadata import Metadata

KEYWORD = "description"
"""Of a text of PNG, in lower case."""


def description(metadata: Metadata) -> str:
    """The description in XMP, else that of IPTC's datasets, of EXIF or of PNG; empty if there is
    none. That of retint does not count.
    """
    metadata = captions.gathered(metadata)
    stated = [
        xmp.description(metadata.xmp),
        captions.of_iptc(metadata),
        captions.of_exif(metadata),
        *(each.content for each in metadata.texts if each.keyword.lower() == KEYWORD),
    ]
    return next((each.strip() for each in stated if each.strip()), "")
