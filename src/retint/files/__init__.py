"""Reading and writing picture files with their metadata.

Formats are available immediately; numpy and Pillow are imported with the first picture.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from retint.files.formats import FALLBACK, FORMATS, KEEP, MAX_PIXELS, OFFERED, READABLE, Format

if TYPE_CHECKING:
    from retint.files.conversion import lost
    from retint.files.metadata import Metadata
    from retint.files.photo import Photo, to_pillow
    from retint.files.reading import from_pillow, read, read_metadata, read_size
    from retint.files.writing import Encoded, encode, write, write_all

__all__ = [
    "FALLBACK", "FORMATS", "KEEP", "MAX_PIXELS", "OFFERED", "READABLE", "Encoded", "Format",
    "Metadata", "Photo", "encode", "from_pillow", "lost", "read", "read_metadata", "read_size",
    "to_pillow",
    "write", "write_all",
]  # fmt: skip

_MODULES = {
    "conversion": ("lost",),
    "metadata": ("Metadata",),
    "photo": ("Photo", "to_pillow"),
    "reading": ("from_pillow", "read", "read_metadata", "read_size"),
    "writing": ("Encoded", "encode", "write", "write_all"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
