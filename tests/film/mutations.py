"""Small films in all formats, and broken variants of them at the level of their formats."""

from __future__ import annotations

import functools
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np

from .clips import moving

SIZE = (48, 64)
FRAMES = 14
EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
            0xFFFFFF00, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)  # fmt: skip
MOST = 1 << 22
"""Bytes of a mutated film."""


@dataclass(frozen=True)
class Piece:
    """A part of a file that says how long it is: an atom, an element, a chunk."""

    begin: int
    content: int
    """Where its content begins."""
    end: int


def atoms(content: bytes, begin: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Of MP4 and MOV, those inside of others too."""
    end = len(content) if end is None else end
    while begin + 8 <= end:
        size, kind = (
            int.from_bytes(content[begin : begin + 4], "big"),
            content[begin + 4 : begin + 8],
        )
        if size < 8 or begin + size > end:
            return
        yield Piece(begin, begin + 8, begin + size)
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta"):
            yield from atoms(content, begin + 8, begin + size)
        begin += size


def elements(content: bytes, begin: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Of Matroska and WebM: those with the first bytes of masters are looked into."""
    end = len(content) if end is None else end
    while begin < end:
        start = begin
        length = 9 - content[begin].bit_length()
        kind = content[begin : begin + length]
        begin += length
        if begin >= end or length > 4 or not content[begin]:
            return
        wide = 9 - content[begin].bit_length()
        size = int.from_bytes(content[begin : begin + wide], "big") & ((1 << 7 * wide) - 1)
        begin += wide
        unknown = size == (1 << 7 * wide) - 1
        last = end if unknown else begin + size
        if last > end:
            return
        yield Piece(start, begin, last)
        if kind.hex() in MASTERS:
            yield from elements(content, begin, last)
        begin = last


MASTERS = ("1a45dfa3", "18538067", "114d9b74", "4dbb", "1549a966", "1654ae6b", "ae", "e0", "e1",
           "1f43b675", "a0", "1c53bb6b", "bb", "b7", "1254c367", "7373", "67c8")  # fmt: skip


def chunks(content: bytes, begin: int = 0, end: int | None = None) -> Iterator[Piece]:
    """Of AVI."""
    end = len(content) if end is None else end
    while begin + 8 <= end:
        size = int.from_bytes(content[begin + 4 : begin + 8], "little")
        last = min(end, begin + 8 + size)
        yield Piece(begin, begin + 8, last)
        if content[begin : begin + 4] in (b"RIFF", b"LIST"):
            yield from chunks(content, begin + 12, last)
        begin = last + size % 2


def packets_of_188(content: bytes) -> Iterator[Piece]:
    """Of MPEG transport streams."""
    for begin in range(0, len(content) - 187, 188):
        yield Piece(begin, begin + 4, begin + 188)


def start_codes(content: bytes) -> Iterator[Piece]:
    """Of MPEG program streams."""
    places = [each.start() for each in re.finditer(rb"\x00\x00\x01[\xb9-\xff]", content)]
    for begin, end in pairwise([*places, len(content)]):
        yield Piece(begin, begin + 4, end)


def flv_tags(content: bytes) -> Iterator[Piece]:
    """Of FLV."""
    begin = 9
    while begin + 15 <= len(content):
        size = int.from_bytes(content[begin + 5 : begin + 8], "big")
        end = min(len(content), begin + 15 + size)
        yield Piece(begin + 4, begin + 15, end)
        begin += 15 + size


def asf_objects(content: bytes, begin: int = 0) -> Iterator[Piece]:
    """Of WMV."""
    while begin + 24 <= len(content):
        size = int.from_bytes(content[begin + 16 : begin + 24], "little")
        if size < 24 or begin + size > len(content):
            return
        yield Piece(begin, begin + 24, begin + size)
        begin += size


def pages(content: bytes) -> Iterator[Piece]:
    """Of Ogg."""
    places = [each.start() for each in re.finditer(rb"OggS", content)]
    for begin, end in pairwise([*places, len(content)]):
        yield Piece(begin, begin + 27, end)


def triplets(content: bytes) -> Iterator[Piece]:
    """Of MXF: a key of 16 bytes, a length and a value."""
    places = [each.start() for each in re.finditer(rb"\x06\x0e\x2b\x34\x02", content)]
    for begin, end in pairwise([*places, len(content)]):
        yield Piece(begin, begin + 17, end)


@dataclass(frozen=True)
class Kind:
    """A container with what is in it."""

    ending: str
    video: str
    sound: str
    pieces: Callable[[bytes], Iterator[Piece]]
    order: str
    """Of the bytes of numbers."""


KINDS = {
    "MP4, H.264 and AAC": Kind(".mp4", "libx264", "aac", atoms, "big"),
    "MOV, MPEG-4 and PCM": Kind(".mov", "mpeg4", "pcm_s16le", atoms, "big"),
    "Matroska, H.264 and AAC": Kind(".mkv", "libx264", "aac", elements, "big"),
    "Matroska, FFV1 and FLAC": Kind(".mkv", "ffv1", "flac", elements, "big"),
    "WebM, VP9 and Opus": Kind(".webm", "libvpx-vp9", "libopus", elements, "big"),
    "AVI, MPEG-4 and MP3": Kind(".avi", "mpeg4", "mp3", chunks, "little"),
    "MPEG-TS, MPEG-2 and MP2": Kind(".ts", "mpeg2video", "mp2", packets_of_188, "big"),
    "MPEG-PS, MPEG-2 and MP2": Kind(".vob", "mpeg2video", "mp2", start_codes, "big"),
    "FLV, H.263 and AAC": Kind(".flv", "flv", "aac", flv_tags, "big"),
    "WMV and MP3": Kind(".wmv", "wmv2", "mp3", asf_objects, "little"),
    "Ogg, VP8 and Opus": Kind(".ogv", "libvpx", "libopus", pages, "little"),
    "MXF, MPEG-2 and PCM": Kind(".mxf", "mpeg2video", "pcm_s16le", triplets, "big"),
}


@functools.cache
def whole(name: str) -> bytes:
    """A film of that kind."""
    kind = KINDS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{kind.ending}"
        _write(path, kind)
        return path.read_bytes()


def _write(path: Path, kind: Kind) -> None:
    rate = 48000 if kind.sound == "libopus" or kind.ending == ".mxf" else 32000
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(kind.video, rate=24)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.options = {"g": "6"}
        sound: Any = out.add_stream(kind.sound, rate=rate, layout="mono")
        out.metadata["title"] = "Small"
        for k, levels in enumerate(moving(FRAMES, SIZE)):
            grey = levels if k < FRAMES // 2 else 255 - levels
            frame = av.VideoFrame.from_ndarray(grey.astype(np.uint8), "gray")
            frame.pts, frame.time_base = k, Fraction(1, 24)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
        tone = (8000 * np.sin(np.arange(rate * FRAMES // 24) * 0.05)).astype(np.int16)
        frame_of_tone = av.AudioFrame.from_ndarray(tone[None], "s16", "mono")
        frame_of_tone.sample_rate, frame_of_tone.pts = rate, 0
        for part in _resampled(sound, frame_of_tone):
            out.mux(sound.encode(part))
        out.mux(sound.encode(None))


def _resampled(stream: Any, frame: Any) -> Iterator[Any]:
    context = stream.codec_context
    if not context.is_open:
        context.open()
    size = context.frame_size or 1024
    resampler = av.AudioResampler(context.format, context.layout, context.rate, size)
    yield from resampler.resample(frame)
    yield from resampler.resample(None)


def mutated(name: str, seed: int) -> bytes:
    """A broken film; the same one for the same seed."""
    kind, content = KINDS[name], whole(name)
    rng = random.Random(f"{name} {seed}")
    for _ in range(rng.choice((1, 1, 2, 4))):
        pieces = list(kind.pieces(content))
        if not pieces:
            break
        edit = rng.choice((_number, _number, _number, _size, _size, _noise, _cut, _drop, _twice,
                           _swap))  # fmt: skip
        content = edit(rng, content, pieces, kind.order)[:MOST]
    return content


def _number(rng: random.Random, content: bytes, pieces: list[Piece], order: Any) -> bytes:
    """A number in what describes something, which is short, becomes another."""
    piece = rng.choice([each for each in pieces if each.end - each.content <= 4096] or pieces)
    if piece.end <= piece.content:
        return content
    place = piece.content + rng.randrange(min(256, piece.end - piece.content))
    wide = rng.choice((1, 1, 2, 4, 4, 8))
    number = rng.choice(EXTREMES) if rng.random() < 0.7 else rng.getrandbits(64)
    return _put(content, place, (number & ((1 << 8 * wide) - 1)).to_bytes(wide, order))


def _size(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    """What a piece says of itself becomes something else."""
    piece = rng.choice(pieces)
    place = rng.randrange(piece.begin, piece.content)
    return _put(content, place, bytes([rng.choice((0, 1, 0x40, 0x7F, 0xFF, rng.getrandbits(8)))]))


def _noise(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    """Bytes of a packet, or whatever it is, become others."""
    piece = rng.choice(pieces)
    length = min(rng.choice((1, 8, 64, 1024)), piece.end - piece.content)
    place = rng.randrange(piece.content, max(piece.content, piece.end - length) + 1)
    return _put(content, place, rng.randbytes(length))


def _cut(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    return content[: rng.randrange(rng.choice(pieces).begin, len(content) + 1)]


def _drop(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    piece = rng.choice(pieces)
    return content[: piece.begin] + content[piece.end :]


def _twice(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    piece = rng.choice(pieces)
    own = content[piece.begin : piece.end]
    return content[: piece.end] + own * rng.choice((1, 1, 3, 500)) + content[piece.end :]


def _swap(rng: random.Random, content: bytes, pieces: list[Piece], _order: Any) -> bytes:
    one, other = sorted((rng.choice(pieces), rng.choice(pieces)), key=lambda each: each.begin)
    if one.end > other.begin:
        return content
    return (
        content[: one.begin] + content[other.begin : other.end] + content[one.end : other.begin]
        + content[one.begin : one.end] + content[other.end :]
    )  # fmt: skip


def _put(content: bytes, place: int, what: bytes) -> bytes:
    return content[:place] + what + content[place + len(what) :]
