"""A sentence for people about where the colours of a picture come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retint.files.description import description
from retint.files.metadata import Metadata
from retint.files.xmp.caption import ADD
from retint.picture.finish import Caption


def caption(record: Mapping[str, Any], kind: str = "photograph") -> str:
    """One sentence for a photograph, or something of another kind, with that provenance record."""
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
    return f"Black-and-white {kind}; the colors are a guess by {made}{aided}, not documented."


def caption_for(metadata: Metadata, record: Mapping[str, Any], how: Caption) -> str:
    """The sentence for the description of a picture; empty if none is written.

    Parameters
    ----------
    metadata
        Those of the original.
    """
    if how == "off" or (how == ADD and description(metadata)):
        return ""
    return caption(record)
