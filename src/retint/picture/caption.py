"""A sentence for people about where the colours of a picture come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retint.files import xmp
from retint.files.description import description
from retint.files.metadata import Metadata
from retint.files.xmp.caption import ADD, APPEND, joined
from retint.picture.finish import Caption


def caption(record: Mapping[str, Any]) -> str:
    """One sentence for a picture with that provenance record."""
    made = str(record.get("Software", "retint"))
    helped = [
        text
        for name, text in (
            ("Hints", "colors that a person chose"),
            ("Remembered", "colors that a person chose for other pictures"),
            ("Reference", "the colors of another picture"),
        )
        if name in record
    ]
    aided = f" aided by {' and '.join(helped)}" if helped else ""
    return f"Black-and-white photograph; the colors are a guess by {made}{aided}, not documented."


def caption_for(metadata: Metadata, record: Mapping[str, Any], how: Caption) -> str:
    """What is written into the description in XMP; empty if nothing is.

    Parameters
    ----------
    metadata
        Those of the original. EXIF and IPTC's datasets keep their descriptions.
    """
    if how == "off" or kept_caption(metadata, how):
        return ""
    sentence = caption(record)
    if how == APPEND and not xmp.description(metadata.xmp):
        return joined(description(metadata), sentence)
    return sentence


def kept_caption(metadata: Metadata, how: Caption) -> bool:
    """Whether the original has a description, and it stays as it is."""
    return how == ADD and bool(description(metadata))
