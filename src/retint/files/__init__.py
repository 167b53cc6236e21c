"""Pictures in files: read, described, written."""

from retint.files.formats import FALLBACK, FORMATS, KEEP, OFFERED, READABLE, Format
from retint.files.metadata import Metadata
from retint.files.photo import Photo, to_pillow
from retint.files.reading import MAX_PIXELS, from_pillow, read, read_metadata
from retint.files.writing import Encoded, encode, write, write_all

__all__ = [
    "FALLBACK", "FORMATS", "KEEP", "MAX_PIXELS", "OFFERED", "READABLE", "Encoded", "Format",
    "Metadata", "Photo", "encode", "from_pillow", "read", "read_metadata", "to_pillow", "write",
    "write_all",
]  # fmt: skip
