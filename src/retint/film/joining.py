"""Joins shots to a film, with the sound and all other streams of the source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from retint.errors import PhotoError
from retint.film.containers import Container
from retint.film.opening import PART, created, needed, opened, reason_of
from retint.film.source import Source, is_picture
from retint.film.stages import pulse
from retint.film.timecode import timecode_after
from retint.film.writing import unwritable

SAID_IN = "comment"
"""Container tag with the provenance of a film, as JSON."""
MARK = "retint"
COVERS = {"mjpeg": ("image/jpeg", "jpg"), "png": ("image/png", "png")}
"""Types of covers that are kept: MIME type and suffix."""
MOST_CHAPTERS = 1000
UNPACKED, UNPACKED_AT_LEAST = 2, 64 << 20
"""Limit for sound and subtitles, as a multiple of the source's bytes, and the minimum of that
limit: they can be compressed.
"""


def join(
    source: Source, parts: Sequence[Path], container: Container, target: Path, how: dict[str, Any]
) -> Iterator[None]:
    """Write all parts in sequence to a new file, with the sound and everything else of the source;
    yields after each packet of the film.

    Raises
    ------
    PhotoError
        If it cannot be written.
    """
    av = needed()
    if not parts:
        raise PhotoError("none of its frames can be read")
    try:
        with created(target, container.format) as out, source.opened() as original:
            video = _video_stream(out, parts[0], source, original)
            others = _other_streams(out, container, source, original)
            out.metadata.update(original.metadata)
            out.metadata[SAID_IN] = json.dumps({MARK: how}, ensure_ascii=False)
            packets = _video_packets(parts, video)
            first = next(packets)
            kept = _Kept.of(source, first)
            for tags in (out.metadata, video.metadata):
                _advance_timecode(tags, kept, source)
            _take_chapters(out, kept, source, original)
            waiting = _other_packets(original, others, kept, source)
            pending = next(waiting, None)
            for packet in chain([first], packets):
                _shift(packet, source.origin - kept.begin)
                # The muxer expects packets of all streams in order of time.
                while pending is not None and _time(pending) <= _time(packet):
                    _mux_other(av, out, pending, kept, source)
                    pending = next(waiting, None)
                out.mux(packet)
                yield
            while pending is not None:
                pulse()
                _mux_other(av, out, pending, kept, source)
                pending = next(waiting, None)
    except (av.FFmpegError, OSError, OverflowError, ValueError) as error:
        raise unwritable(error) from error


@dataclass(frozen=True)
class _Kept:
    """What is kept of a film, by the clock of its file, in seconds."""

    begin: Fraction
    """The time that becomes 0."""
    start: float
    end: float
    """Sound and subtitles are kept between these two."""

    @classmethod
    def of(cls, source: Source, first: Any) -> _Kept:
        """A part begins at its first frame; a whole film keeps its clock, and what comes before the
        first frame.
        """
        if not source.is_part:
            return cls(Fraction(0), float("-inf"), float("inf"))
        begin = source.origin + first.pts * Fraction(first.time_base)
        return cls(begin, float(begin), float(source.origin) + source.span[1])


def _advance_timecode(tags: dict[str, str], kept: _Kept, source: Source) -> None:
    """Let the timecode be that of the first frame that is kept."""
    if not source.is_part:
        return
    frames = round((kept.begin - source.origin) * source.rate)
    for name, code in list(tags.items()):
        if name.lower() == "timecode":
            tags[name] = timecode_after(code, frames, source.rate)


def _shift(packet: Any, seconds: Fraction) -> None:
    """Move a packet to another time."""
    ticks = round(seconds / Fraction(packet.time_base))
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks


def _mux_other(av: Any, out: Any, packet: Any, kept: _Kept, source: Source) -> None:
    """Write a packet of sound or subtitles; packets that the container refuses are left out."""
    kind, second = packet.stream.type, _time(packet) + float(kept.begin - source.origin)
    try:
        out.mux(packet)
    except av.ArgumentError as error:
        source.lost.add(f"{kind} lost", second, reason_of(error))


def _video_stream(out: Any, part: Path, source: Source, original: Any) -> Any:
    with opened(part, (PART,)) as first:
        stream = out.add_stream_from_template(first.streams.video[0])
    stream.time_base = source.time_base
    # The muxer writes it; frames keep their own times. A timecode track requires it.
    stream.codec_context.framerate = source.rate
    if source.matrix is not None:
        stream.set_display_matrix(source.matrix)
    own = source.video(original).metadata
    stream.metadata.update({k: v for k, v in own.items() if k != "encoder"})
    return stream


def _other_streams(out: Any, container: Container, source: Source, original: Any) -> dict[int, Any]:
    """Add the other streams that the container supports; by number in the source."""
    others = {}
    film = source.video(original)
    for each in original.streams:
        if each.index == film.index or each.type not in ("audio", "subtitle", "video"):
            continue
        picture = is_picture(each)
        if each.type == "video" and not picture:
            source.lost.say(f"it has several video streams; stream {each.index} is left out")
        elif not (_takes_cover if picture else _takes)(container, each):
            what = "cover" if picture else each.type
            codec = each.codec_context.name if each.codec_context else "unknown"
            source.lost.say(f"{container.name} does not support its {what} ({codec})")
        elif picture and container.format == "matroska":
            _attach(out, each, source)
        else:
            others[each.index] = made = out.add_stream_from_template(each)
            made.metadata.update(each.metadata)
            made.disposition = each.disposition
    return others


def _attach(out: Any, cover: Any, source: Source) -> None:
    """Keep a cover as Matroska does: it must be added before everything else."""
    mime_type, ending = COVERS[cover.codec_context.name]
    name = cover.metadata.get("filename", f"cover.{ending}")
    with source.opened() as again:
        for packet in again.demux(again.streams[cover.index]):
            if packet.size:
                out.add_attachment(name, mime_type, bytes(packet))
                return


def _take_chapters(out: Any, kept: _Kept, source: Source, original: Any) -> None:
    chapters = [moved for each in original.chapters() if (moved := _chapter(each, kept))]
    if len(chapters) > MOST_CHAPTERS:
        source.lost.say(f"only {MOST_CHAPTERS:,} of its {len(chapters):,} chapters are kept")
    if chapters:
        out.set_chapters(chapters[:MOST_CHAPTERS])


def _chapter(chapter: Any, kept: _Kept) -> Any:
    """The part of a chapter that is kept; None if there is none."""
    tick = Fraction(chapter["time_base"])
    start, end = (float(chapter[name] * tick) for name in ("start", "end"))
    if kept.start == float("-inf"):
        return chapter
    start, end = max(start, kept.start), min(end, kept.end)
    if start >= end:
        return None
    ends = (round((Fraction(each) - kept.begin) / tick) for each in (start, end))
    return {**chapter, **dict(zip(("start", "end"), ends, strict=True))}


def _video_packets(parts: Sequence[Path], stream: Any) -> Iterator[Any]:
    for part in parts:
        with opened(part, (PART,)) as found:
            for packet in found.demux(video=0):
                if packet.size == 0:
                    continue
                packet.dts = packet.pts
                packet.stream = stream
                yield packet


def _other_packets(
    original: Any, others: dict[int, Any], kept: _Kept, source: Source
) -> Iterator[Any]:
    """Packets of the other streams that are kept; a truncated file ends there."""
    if not others:
        return
    av = needed()
    source.seek(original)
    room = max(UNPACKED * source.path.stat().st_size, UNPACKED_AT_LEAST)
    try:
        for packet in original.demux([original.streams[index] for index in others]):
            pulse()
            if packet.size == 0:
                continue
            made = others[packet.stream_index]
            cover = is_picture(original.streams[packet.stream_index])
            if packet.dts is None and not cover:
                continue
            room -= packet.size
            if room < 0:
                raise PhotoError("its sound and subtitles are too large when decompressed")
            time = float(packet.pts * packet.time_base) if packet.pts is not None else _time(packet)
            if cover or kept.start <= time < kept.end:
                if not cover:
                    _shift(packet, -kept.begin)
                packet.stream = made
                yield packet
    except av.FFmpegError:
        return  # already reported by the scan


def _time(packet: Any) -> float:
    ticks = packet.dts if packet.dts is not None else packet.pts
    return float((ticks or 0) * packet.time_base)


def _takes(container: Container, stream: Any) -> bool:
    """Whether the container supports the stream without re-encoding."""
    if stream.codec_context is None:
        return False
    name: str = stream.codec_context.name
    if container.format == "webm":
        return name in ("opus", "vorbis", "webvtt", "libopus", "libvorbis")
    if container.format in ("mp4", "mov") and stream.type == "subtitle":
        return name == "mov_text"
    return True


def _takes_cover(container: Container, stream: Any) -> bool:
    known: bool = stream.codec_context is not None and stream.codec_context.name in COVERS
    return known and container.format in ("mp4", "matroska")


def read_provenance(path: Path) -> dict[str, Any] | None:
    """The provenance record of a film; None if it has none."""
    with Source(path, deinterlace=True).opened() as container:
        tags = {name.lower(): value for name, value in container.metadata.items()}
    try:
        said = json.loads(tags.get(SAID_IN, ""))[MARK]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
