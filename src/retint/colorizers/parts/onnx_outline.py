"""Checks what an ONNX file refers to before it is run, and reads single weights.

Walks over the relevant protocol buffer fields (onnx.proto): operator sets, the domains of nodes,
and the location of weights. Tensors occur in graphs, in attributes of nodes, and in graphs inside
those attributes.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retint.color.lab import Float32
from retint.errors import WeightsError

KNOWN_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "ai.onnx.training")
"""Domains of the operators of ONNX Runtime."""

MOST_NESTED = 100
"""Maximum nesting of messages, the limit of protocol buffer libraries."""

_OPSET, _DOMAIN, _EXTERNAL = "opset", "domain", "external"
_MESSAGES = {
    "model": {7: "graph", 8: _OPSET, 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 9: _OPSET, 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute", 7: _DOMAIN},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: _EXTERNAL},
}
"""Fields to follow, by message and number, and the messages they contain."""
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_GRAPH, _TENSOR = 7, 5
_TENSOR_DIMENSION, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_CONTENT = 1, 2, 8, 9
_TYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}
"""Types of tensors by their number in onnx.proto."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Field = tuple[int, int, int, int]
"""Number, start, stop, and the value if it is an integer."""


@dataclass(frozen=True)
class Outline:
    """Operator sets by domain (0 if only a node names it), and external files with weights."""

    opsets: dict[str, int]
    external: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> Outline:
        """Raises WeightsError if the file is not an ONNX file."""
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
        external: dict[str, None] = {}
        for kind, start, stop in _walk(content):
            if kind == _DOMAIN:
                opsets.setdefault(content[start:stop].decode("utf-8"), 0)
                continue
            parts = {each[0]: each for each in _fields(content, start, stop)}
            if kind == _OPSET:
                version = parts[_OPSET_VERSION][3] if _OPSET_VERSION in parts else 0
                opsets[_text(content, parts.get(_OPSET_DOMAIN))] = version
            elif _text(content, parts.get(_ENTRY_KEY)) == "location":
                external[_text(content, parts.get(_ENTRY_VALUE))] = None
        if not opsets:
            raise ValueError
        return cls(opsets, tuple(external))

    def check(self, path: Path) -> None:
        """Raise WeightsError for operators and paths that are not allowed."""
        strange = sorted(set(self.opsets) - set(KNOWN_DOMAINS))
        if strange:
            raise WeightsError(f"{path} uses operators of {strange[0]!r}, which are not supported")
        # ONNX Runtime looks beside the name that it is given, whether that is a link or not.
        folder = path.parent.resolve()
        for name in self.external:
            try:
                place = (folder / name).resolve()
                there = place.is_file()
            except (OSError, RuntimeError, ValueError):
                place, there = folder, False
            if place.parent != folder:
                raise WeightsError(f"{path} stores weights outside its folder, at {name[:200]!r}")
            if not there:
                raise WeightsError(f"{path} requires {name!r} beside it")


def weights(path: Path, named: str) -> dict[str, Float32]:
    """The weights of a graph, in single or half precision, whose name contains `named`.

    Raises
    ------
    WeightsError
        If the file is not an ONNX file.
    """
    found: dict[str, Float32] = {}
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
            for number, start, stop, _ in _fields(m, 0, len(m)):
                if number != _GRAPH:
                    continue
                for kind, begin, end, _ in _fields(m, start, stop):
                    if kind == _TENSOR:
                        found |= _weight(m, begin, end, named)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}") from None
    except (ValueError, IndexError, UnicodeDecodeError):
        raise WeightsError(f"{path} is not an ONNX file") from None
    return found


def _weight(content: mmap.mmap, start: int, stop: int, named: str) -> dict[str, Float32]:
    """One tensor by its name, or nothing if it has another name or is stored differently."""
    fields = list(_fields(content, start, stop))
    parts = {each[0]: each for each in fields}
    name = _text(content, parts.get(_TENSOR_NAME))
    raw, kind = parts.get(_TENSOR_CONTENT), parts.get(_TENSOR_TYPE)
    if named not in name or raw is None or kind is None or kind[3] not in _TYPES:
        return {}
    shape = [value for number, _, _, value in fields if number == _TENSOR_DIMENSION]
    values = np.frombuffer(content[raw[1] : raw[2]], _TYPES[kind[3]])
    return {name: values.reshape(shape).astype(np.float32)}


def _walk(content: mmap.mmap) -> Iterator[tuple[str, int, int]]:
    """Kind, start and stop of all relevant messages; raises ValueError if they are malformed."""
    waiting = [("model", 0, len(content), 0)]
    while waiting:
        message, begin, end, depth = waiting.pop()
        if depth > MOST_NESTED:
            raise ValueError(depth)
        known = _MESSAGES[message]
        for number, start, stop, _ in _fields(content, begin, end):
            kind = known.get(number)
            if kind in _MESSAGES:
                waiting.append((kind, start, stop, depth + 1))
            elif kind is not None:
                yield kind, start, stop


def _text(content: mmap.mmap, field: Field | None) -> str:
    return "" if field is None else content[field[1] : field[2]].decode("utf-8")


def _fields(content: mmap.mmap, place: int, stop: int) -> Iterator[Field]:
    """The fields of a message; raises ValueError or IndexError if it is malformed."""
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
