"""What web pages state about a coloured picture or film: schema.org's terms as JSON-LD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from retint import files
from retint.addresses import address, check_folder_address
from retint.files import xmp
from retint.files.description import description
from retint.files.formats import media_type
from retint.film import containers
from retint.film.containers import is_film
from retint.film.joining import read_provenance
from retint.film.source import Source
from retint.film.statement import FILM, Statement, titled
from retint.picture.caption import caption

SOURCE_TYPE = "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"
"""schema.org's term for that of IPTC (`retint.files.xmp.SOURCE_TYPE`)."""


def media_object(path: Path, name: str, url: str = "") -> dict[str, Any] | None:
    """An ImageObject or VideoObject for a file; None if retint has not coloured it.

    Parameters
    ----------
    name
        Path of the file within the published folder.
    url
        Web address of that folder; without it, the address of the file is relative.

    Raises
    ------
    PhotoError
        If it cannot be read.
    UsageError
        If the address is none.
    """
    if url:
        check_folder_address(url)
    own = _video(path) if is_film(path) else _image(path, name)
    if own is None:
        return None
    return {
        "@context": "https://schema.org",
        "contentUrl": address(url or ".", name),
        "digitalSourceType": SOURCE_TYPE,
        **{term: value for term, value in own.items() if value},
    }


def _image(path: Path, name: str) -> dict[str, Any] | None:
    metadata = files.read_metadata(path)
    record = xmp.provenance(metadata.xmp)
    if record is None:
        return None
    height, width = files.read_size(path)
    return {
        "@type": "ImageObject",
        "encodingFormat": media_type(name),
        "width": width,
        "height": height,
        "description": description(metadata),
        "caption": caption(record),
    }


def _video(path: Path) -> dict[str, Any] | None:
    record = read_provenance(path)
    if record is None:
        return None
    source = Source(path)
    height, width = source.layout.size[:: -1 if source.turn % 2 else 1]
    return {
        "@type": "VideoObject",
        "encodingFormat": containers.media_type(path),
        "width": width,
        "height": height,
        "duration": f"PT{source.length:.3f}S" if source.length else "",
        "description": Statement.of(source, record, "off").before,
        "caption": caption(titled(record), FILM),
    }


def element(content: dict[str, Any]) -> str:
    """One line of HTML for the page that shows the file."""
    # A text with </script> would end the element.
    said = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{said}</script>'
