"""Directories of a TIFF file (TIFF 6.0, section 2), beyond what the libraries support.

EXIF has the same structure. Values are kept as bytes, so text travels unchanged in any encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, Self

import numpy as np

FIELD = 12
"""Bytes of a field: tag, type, number of values, and the value or its offset."""
MAX_FIELDS = 65_000
"""Fields that are read from a directory; a classic one can store 65,535."""
BIG = 43
"""Version number of BigTIFF."""
BIG_ENDIAN_BIG = b"MM\0+"
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, IFD = 1, 2, 3, 4, 5, 7, 13
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes per value of each type."""
BIG_SIZES = {16: 8, 17: 8, 18: 8}
"""The same for the types that only BigTIFF has."""
PARTS = {5: 4, 10: 4}
"""Bytes that are stored in the byte order of the file, where they are not whole values."""


@dataclass(frozen=True)
class Value:
    """The value of a tag: its type, and its bytes in little-endian order."""

    kind: int
    data: bytes

    @classmethod
    def short(cls, *numbers: int) -> Self:
        return cls(SHORT, struct.pack(f"<{len(numbers)}H", *numbers))

    @classmethod
    def long(cls, *numbers: int) -> Self:
        return cls(LONG, struct.pack(f"<{len(numbers)}I", *numbers))

    @classmethod
    def rational(cls, number: float) -> Self:
        """A positive number below 65,536."""
        whole = Fraction(number).limit_denominator(10_000)
        return cls(RATIONAL, struct.pack("<II", whole.numerator, whole.denominator))

    @property
    def count(self) -> int:
        return len(self.data) // (SIZES.get(self.kind) or BIG_SIZES[self.kind])

    @property
    def numbers(self) -> list[int]:
        """A list of integers; empty for other types."""
        code = {SHORT: "H", LONG: "I", IFD: "I", 16: "Q", 18: "Q"}.get(self.kind)
        return list(struct.unpack(f"<{self.count}{code}", self.data)) if code else []

    @property
    def number(self) -> int:
        """The first number of a list of integers; 0 for other types."""
        return next(iter(self.numbers), 0)

    @property
    def quotients(self) -> list[float]:
        """A list of positive rational numbers; empty for other types."""
        if self.kind != RATIONAL:
            return []
        pairs = struct.iter_unpack("<II", self.data[: 8 * self.count])
        return [above / below if below else 0.0 for above, below in pairs]

    @property
    def quotient(self) -> float:
        """The first rational number; 0 for other types."""
        return next(iter(self.quotients), 0.0)

    def packed(self, order: str) -> bytes:
        """Its bytes in the byte order of a file."""
        return in_order(self.kind, self.data, order)


Tags = Mapping[int, Value]


@dataclass
class Reader:
    """Reads the directories of a file. Values that are broken are left out."""

    stream: BinaryIO
    order: str
    big: bool
    first: int
    """Offset of the first directory."""
    left: int
    """Bytes that may still be read: values may overlap, and would need too much memory."""

    @classmethod
    def of(cls, stream: BinaryIO) -> Reader:
        """Raises ValueError or struct.error if it is not a TIFF file."""
        size = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(16)
        if head[:2] not in (b"II", b"MM"):
            raise ValueError("not a TIFF file")
        order = "<" if head[:2] == b"II" else ">"
        big = BIG in head[2:4]
        (first,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", head, 8 if big else 4)
        return cls(stream, order, big, first, size)

    def directory(
        self, place: int, only: Collection[int] | None = None
    ) -> tuple[dict[int, Value], int]:
        """The values of a directory, or only of some tags, and the offset of the next directory."""
        head, field, offset = ("Q", "HHQ8s", "Q") if self.big else ("H", "HHI4s", "I")
        number, size = struct.calcsize(f"<{head}"), struct.calcsize(f"<{field}")
        sizes = SIZES | BIG_SIZES if self.big else SIZES
        start = self._bytes(place, number)
        if len(start) < number:
            return {}, 0
        count = min(struct.unpack(f"{self.order}{head}", start)[0], MAX_FIELDS)
        content = self._bytes(place + number, count * size + struct.calcsize(f"<{offset}"))
        tags: dict[int, Value] = {}
        for k in range(min(count, len(content) // size)):
            tag, kind, length, data = struct.unpack_from(f"{self.order}{field}", content, k * size)
            length *= sizes.get(kind, 0)
            if tag in tags or (only is not None and tag not in only):
                continue
            if not 0 < length <= self.left:
                continue
            if length > len(data):
                self.left -= length
                (at,) = struct.unpack(f"{self.order}{offset}", data)
                data = self._bytes(at, length)
            if len(data) >= length:
                tags[tag] = Value(kind, in_order(kind, data[:length], self.order))
        following = content[count * size :]
        return tags, int.from_bytes(following, "little" if self.order == "<" else "big")

    def _bytes(self, place: int, size: int) -> bytes:
        if place >= 1 << 63:
            return b""
        self.stream.seek(place)
        return self.stream.read(size)


def is_tiff(stream: BinaryIO) -> bool:
    """Whether a file starts as TIFF or BigTIFF; the stream is rewound."""
    return _start(stream) in (b"II*\0", b"MM\0*", b"II+\0", BIG_ENDIAN_BIG)


def is_big_endian_bigtiff(stream: BinaryIO) -> bool:
    """Whether a file starts as BigTIFF in big-endian order; the stream is rewound."""
    return _start(stream) == BIG_ENDIAN_BIG


def _start(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    return head


def block(tags: Tags, place: int, order: str) -> bytes:
    """A directory and its values, to be written at an even place of a file; its size is even."""
    fields, values = bytearray(), bytearray()
    start = place + 2 + FIELD * len(tags) + 4
    for tag in sorted(tags):
        field, value = _field(tag, tags[tag], start + len(values), order)
        fields += field
        values += value
    return struct.pack(f"{order}H", len(tags)) + bytes(fields) + b"\0\0\0\0" + bytes(values)


def with_tags(tiff: bytes | bytearray, pages: Iterable[Tags]) -> bytes:
    """A TIFF file with further tags, or other values, in the directories of its first pages.

    A bytearray is changed; files are large.
    """
    whole = tiff if isinstance(tiff, bytearray) else bytearray(tiff)
    order = "<" if tiff[:2] == b"II" else ">"
    pointer = 4
    for tags in pages:
        (place,) = struct.unpack_from(f"{order}I", whole, pointer)
        (count,) = struct.unpack_from(f"{order}H", whole, place)
        end = place + 2 + FIELD * count
        own = [bytes(whole[k : k + FIELD]) for k in range(place + 2, end, FIELD)]
        following = whole[end : end + 4]
        fields = {struct.unpack_from(f"{order}H", each)[0]: each for each in own}
        for tag, value in tags.items():
            fields[tag], data = _field(tag, value, aligned(whole), order)
            whole += data
        struct.pack_into(f"{order}I", whole, pointer, aligned(whole))
        whole += struct.pack(f"{order}H", len(fields))
        whole += b"".join(fields[tag] for tag in sorted(fields))
        pointer = len(whole)
        whole += following
    return bytes(whole)


def aligned(content: bytearray) -> int:
    """Pad the file, and return the offset for the next directory or value."""
    content += b"\0" * (len(content) % 2)
    return len(content)


def _field(tag: int, value: Value, place: int, order: str) -> tuple[bytes, bytes]:
    """A field, and its value if it has to be stored elsewhere, at `place`."""
    data = value.packed(order)
    head = struct.pack(f"{order}HHI", tag, value.kind, value.count)
    if len(data) <= 4:
        return head + data.ljust(4, b"\0"), b""
    return head + struct.pack(f"{order}I", place), data + b"\0" * (len(data) % 2)


def in_order(kind: int, data: bytes, order: str) -> bytes:
    """Values from little-endian order to another one, or back."""
    width = PARTS.get(kind) or SIZES.get(kind) or BIG_SIZES[kind]
    if order == "<" or width == 1:
        return data
    return np.frombuffer(data, f">u{width}").astype(f"<u{width}").tobytes()
