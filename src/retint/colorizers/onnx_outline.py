"""What a foreign ONNX file says of itself before anything runs it.

A walk over the few fields of its protocol buffers that matter (onnx.proto: ModelProto, GraphProto,
TensorProto): operator sets, and where its weights lie.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retint.errors import WeightsError

KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "ai.onnx.training")
"""Operators that ONNX Runtime brings along."""

_MODEL_GRAPH, _MODEL_OPSETS = 7, 8
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_GRAPH_INITIALIZER = 5
_TENSOR_EXTERNAL = 13
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Field = tuple[int, int, int, int]
"""Number, start, stop, and the value of a number."""


@dataclass(frozen=True)
class Outline:
    """Operator sets by domain, and the files beside it that hold weights."""

    opsets: dict[str, int]
    external: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> Outline:
        """Raises WeightsError where the file is no ONNX file."""
        try:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
                return cls._read(m)
        except OSError as error:
            raise WeightsError(f"{path}: {error.strerror}") from None
        except (ValueError, IndexError, UnicodeDecodeError):
            raise WeightsError(f"{path} is not an ONNX file") from None

    @classmethod
    def _read(cls, content: mmap.mmap) -> Outline:
        opsets: dict[str, int] = {}
        external: list[str] = []
        for number, start, stop, _ in _fields(content, 0, len(content)):
            if number == _MODEL_OPSETS:
                parts = {each[0]: each for each in _fields(content, start, stop)}
                domain = _text(content, parts.get(_OPSET_DOMAIN))
                opsets[domain] = parts[_OPSET_VERSION][3] if _OPSET_VERSION in parts else 0
            elif number == _MODEL_GRAPH:
                external += _external(content, start, stop)
        if not opsets:
            raise ValueError
        return cls(opsets, tuple(dict.fromkeys(external)))

    def check(self, path: Path) -> None:
        """Raise WeightsError for operators and places that are not to be run."""
        strange = sorted(set(self.opsets) - set(KNOWN_DOMAINS))
        if strange:
            raise WeightsError(f"{path} needs operators of {strange[0]!r}, which are not run")
        folder = path.resolve().parent
        for name in self.external:
            place = (folder / name).resolve()
            if place.parent != folder:
                raise WeightsError(f"{path} keeps weights outside its folder, at {name!r}")
            if not place.is_file():
                raise WeightsError(f"{path} needs {name!r} beside it")


def _external(content: mmap.mmap, start: int, stop: int) -> Iterator[str]:
    for number, begin, end, _ in _fields(content, start, stop):
        if number != _GRAPH_INITIALIZER:
            continue
        for inner, left, right, _ in _fields(content, begin, end):
            if inner != _TENSOR_EXTERNAL:
                continue
            parts = {each[0]: each for each in _fields(content, left, right)}
            if _text(content, parts.get(_ENTRY_KEY)) == "location":
                yield _text(content, parts.get(_ENTRY_VALUE))


def _text(content: mmap.mmap, field: Field | None) -> str:
    return "" if field is None else content[field[1] : field[2]].decode("utf-8")


def _fields(content: mmap.mmap, place: int, stop: int) -> Iterator[Field]:
    """The fields of a message; raises ValueError or IndexError where it is none."""
    while place < stop:
        tag, place = _varint(content, place)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, end = _varint(content, place)
            yield number, place, end, value
        elif kind == _BYTES:
            length, place = _varint(content, place)
            end = place + length
            yield number, place, end, 0
        elif kind in (_FIXED64, _FIXED32):
            end = place + (8 if kind == _FIXED64 else 4)
            yield number, place, end, 0
        else:
            raise ValueError(kind)
        if end > stop:
            raise ValueError(end)
        place = end


def _varint(content: mmap.mmap, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError(shift)
