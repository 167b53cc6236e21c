"""Access to the first directory of a TIFF file (TIFF 6.0, section 2), beyond what the libraries
support.

EXIF has the same structure.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

FIELD = 12
"""Bytes of a field: tag, type, number of values, and the value or its offset."""


@dataclass(frozen=True)
class Directory:
    """A directory in its file."""

    order: str
    """Byte order, as in `struct`."""
    place: int
    fields: list[bytes]
    following: bytes
    """Offset of the next directory."""

    @classmethod
    def first(cls, tiff: bytes) -> Directory:
        """The first directory of a file; raises struct.error if it is broken."""
        order = "<" if tiff[:2] == b"II" else ">"
        (place,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, place)
        end = place + 2 + FIELD * count
        fields = [tiff[start : start + FIELD] for start in range(place + 2, end, FIELD)]
        return cls(order, place, fields, tiff[end : end + 4])

    def tag(self, field: bytes) -> int:
        """The tag of a field."""
        tag: int = struct.unpack_from(f"{self.order}H", field)[0]
        return tag

    def start(self, index: int) -> int:
        """Offset of a field in the file; `following` comes after the last one."""
        return self.place + 2 + FIELD * index

    def with_fields(self, content: bytearray, fields: list[bytes]) -> bytes:
        """The file with other fields in its first directory, which is moved to the end."""
        aligned(content)
        struct.pack_into(f"{self.order}I", content, 4, len(content))
        ordered: list[bytes] = sorted(fields, key=self.tag)
        count = struct.pack(f"{self.order}H", len(fields))
        return bytes(content) + count + b"".join(ordered) + self.following


def aligned(content: bytearray) -> int:
    """Pad the file, and return the offset for the next directory or value."""
    content += b"\0" * (len(content) % 2)
    return len(content)
