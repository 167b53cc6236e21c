"""What web pages state about a coloured picture: schema.org's terms as JSON-LD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from retint import files
from retint.addresses import address, check_folder_address
from retint.errors import PhotoError
from retint.files import xmp
from retint.files.description import description
from retint.files.formats import media_type
from retint.film.containers import is_film
from retint.picture.caption import caption

SOURCE_TYPE = "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"
"""schema.org's term for that of IPTC (`retint.files.xmp.SOURCE_TYPE`)."""


def image_object(path: Path, name: str, url: str = "") -> dict[str, Any] | None:
    """An ImageObject for a picture; None if retint has not coloured it.

    Parameters
    ----------
    name
        Path of the picture within the published folder.
    url
        Web address of that folder; without it, the address of the picture is relative.

    Raises
    ------
    PhotoError
        If it cannot be read, or is a film.
    UsageError
        If the address is none.
    """
    if url:
        check_folder_address(url)
    if is_film(path):
        raise PhotoError("JSON-LD is for pictures, and it is a film")
    metadata = files.read_metadata(path)
    record = xmp.provenance(metadata.xmp)
    if record is None:
        return None
    height, width = files.read_size(path)
    own = description(metadata)
    return {
        "@context": "https://schema.org",
        "@type": "ImageObject",
        "contentUrl": address(url or ".", name),
        **({"encodingFormat": kind} if (kind := media_type(name)) else {}),
        "width": width,
        "height": height,
        **({"description": own} if own else {}),
        "caption": caption(record),
        "digitalSourceType": SOURCE_TYPE,
    }


def element(content: dict[str, Any]) -> str:
    """One line of HTML for the page that shows the picture."""
    # A text with </script> would end the element.
    said = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{said}</script>'
