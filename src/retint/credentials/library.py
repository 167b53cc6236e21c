"""The C2PA library, set up so that it uses the network only for time stamps that are asked for."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from retint.extras import required
from retint.files.formats import WRITABLE

SETTINGS = {
    # The library's defaults fetch manifests and certificate states from addresses in files.
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    # Previews of the original would reveal what a crop or a repair removes.
    "builder": {"thumbnail": {"enabled": False}},
}


EXTRA = "c2pa"


def is_there() -> bool:
    """Whether the extra is installed."""
    return find_spec("c2pa") is not None


@functools.cache
def library() -> Any:
    """The package; raises UsageError if the extra is missing."""
    with required(EXTRA, "Content Credentials"):
        import c2pa
    return c2pa


@functools.cache
def context() -> Any:
    """Settings for signing and reading."""
    c2pa = library()
    return c2pa.Context(c2pa.Settings.from_dict(SETTINGS))


def is_supported(media_type: str) -> bool:
    """Whether files of a type can have credentials."""
    return media_type in library().Builder.get_supported_mime_types()


def type_of(path: Path) -> str:
    """The media type of a file, or its suffix if that says as much, as the library takes both."""
    ending = path.suffix.lower()
    return WRITABLE[ending].media_type if ending in WRITABLE else ending.removeprefix(".")
