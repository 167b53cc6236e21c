"""Reads from files how they were coloured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retint import credentials, files
from retint.extras import install
from retint.files import xmp
from retint.files.jpeg import coefficients
from retint.film.containers import is_film, media_type
from retint.picture.restore import record_beside

JPEG = b"\xff\xd8"
"""Beginning of a file."""


def record_of(path: Path) -> dict[str, Any] | None:
    """The provenance record of a picture or film; None if it has none.

    Raises PhotoError if the file cannot be read.
    """
    return _of_film(path) if is_film(path) else _of_photo(path)


def credentials_of(path: Path, anchors: bytes | None = None) -> str:
    """The Content Credentials of a file in one line; empty if it has none.

    Parameters
    ----------
    anchors
        Certificates of trusted signers (PEM).
    """
    if not credentials.has_credentials(path):
        return ""
    if not credentials.is_there():
        return f"present (to verify: {install(credentials.EXTRA)})"
    kind = media_type(path) if is_film(path) else credentials.type_of(path)
    found = credentials.read(path, kind, anchors)
    return "" if found is None else str(found)


def _of_photo(path: Path) -> dict[str, Any] | None:
    said = xmp.provenance(files.read_metadata(path).xmp) or record_beside(path)
    if said and said.get("Lightness") == "exact":
        said["Lightness"] = _check_lightness(path, str(said.get("Coefficients")))
    return said


def _check_lightness(path: Path, sha256: str) -> str:
    """Whether the file still has the coefficients that it was written with."""
    if not coefficients.is_there():
        return f"exact (to verify: {install('exact')})"
    content = path.read_bytes()
    same = False
    if content.startswith(JPEG):  # not converted to another format since
        with coefficients.opened(content) as source:
            same = source.fingerprint() == sha256
    return "exact" if same else "was exact, but has been changed since"


def _of_film(path: Path) -> dict[str, Any] | None:
    from retint.film.joining import read_provenance
    from retint.film.statement import titled

    said = read_provenance(path)
    return said and titled(said)
