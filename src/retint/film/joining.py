"""Joins shots to a film, with the sound and all other streams of the source."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from retint.errors import PhotoError
from retint.files import xmp
from retint.files.jpeg.source import SIGNED
from retint.film import xmp_box
from retint.film.containers import Container
from retint.film.jumps import Continued, may_jump
from retint.film.kept import Kept, advance_timecode, shift, take_chapters, time_of_packet
from retint.film.opening import (
    PART,
    created,
    needed,
    opened,
    packets_of,
    reason_of,
    written,
)
from retint.film.options import shortened
from retint.film.source import SEEK_EARLY, Source, is_picture
from retint.film.stages import pulse
from retint.film.statement import Statement
from retint.film.streams import Carried, carried
from retint.film.tags import missing, own_tags, provenance_of
from retint.film.writing import unwritable

Part = Path | io.BytesIO
"""A file with encoded frames."""
TRIED = 32
"""Packets of sound and subtitles that are written on trial."""
SUBTITLES_EARLY = 30.0
"""Seconds before a part from which subtitles are read: they may begin before it."""
UNPACKED, UNPACKED_AT_LEAST = 2, 64 << 20
"""Limit for sound and subtitles, as a multiple of the source's bytes, and the minimum of that
limit: they can be compressed.
"""


@dataclass(frozen=True)
class Joining:
    """Joins the shots of a film."""

    source: Source
    container: Container
    statement: Statement | None
    """What the film states about its colours; None for nothing."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the muxer."""

    def join(self, parts: Sequence[Part], target: Path) -> Iterator[None]:
        """Write all parts in sequence to a new file, with the sound and everything else of the
        source; yields after each packet of the film.

        Raises
        ------
        PhotoError
            If it cannot be written.
        """
        if not parts:
            raise PhotoError("none of its frames can be read")
        try:
            with created(target, self.container.format, self.options) as out:
                yield from self._write(out, parts)
            self._add_packet(target)
        except _failures() as error:
            raise unwritable(error) from error

    def _add_packet(self, target: Path) -> None:
        """Write the XMP packet of the source, and what the film states, to a complete file."""
        found = xmp.of_new_pixels(xmp_box.read(self.source.path))
        if xmp_box.has_credentials(self.source.path):
            self.source.lost.remark(SIGNED)
        if not self.container.has_xmp:
            if found:
                self.source.lost.say(f"{self.container.name} does not support its XMP")
            return
        if self.statement is not None:
            found = self.statement.packet(found)
        if found:
            xmp_box.append(target, found)

    def tried(self, part: Part) -> Joining:
        """Write a part and the beginnings of all streams to memory, and report what is lost.

        Returns the same with the options of the muxer by which the fewest tags are lost. Raises
        PhotoError if the film cannot be written.
        """
        lost = self._lost_tags(part)
        if lost and self.container.all_tags:
            other = dataclasses.replace(self, options=dict(self.container.all_tags))
            lost_then = other._lost_tags(part)
            if len(lost_then) < len(lost) and not self._has_cover():
                return other._report_lost(lost_then)
        return self._report_lost(lost)

    def _report_lost(self, lost: list[str]) -> Joining:
        if lost:
            self.source.lost.say(
                f"{self.container.name} does not support its tags {shortened(', '.join(lost))}"
            )
        return self

    def _has_cover(self) -> bool:
        with self.source.opened() as original:
            return any(is_picture(each) for each in original.streams.video)

    def _lost_tags(self, part: Part) -> list[str]:
        """The names of the tags that a file in memory does not have."""
        memory = io.BytesIO()
        try:
            with written(memory, self.container.format, self.options) as out:
                for _ in self._write(out, [part], most=TRIED):
                    pass
                wanted = dict(out.metadata)
                streams = {each.index: dict(each.metadata) for each in out.streams}
            memory.seek(0)
            with opened(memory) as made:
                own = [dict(each.metadata) for each in made.streams]
                lost = missing(wanted, made.metadata, *own)
                stated = {item for item in wanted.items() if item[0] not in lost}
                for index, tags in streams.items():
                    # Cameras state the time of recording for the film and for each stream.
                    further = dict(tags.items() - stated)
                    lost += missing(further, own[index] if index < len(own) else {})
        except _failures() as error:
            raise unwritable(error) from error
        return list(dict.fromkeys(lost))

    def _write(self, out: Any, parts: Sequence[Part], most: int | None = None) -> Iterator[None]:
        """Write the film, with at most `most` packets of other streams; raises PyAV's errors."""
        source = self.source
        with source.opened() as original:
            video = _video_stream(out, parts[0], source, original)
            others = carried(out, self.container, source, original)
            tags = dict(original.metadata)
            if self.statement is not None:
                tags = self.statement.tags(tags, self.container)
            out.metadata.update(tags)
            packets = _video_packets(parts, video)
            first = next(packets)
            kept = Kept.of(source, first)
            for tags in (out.metadata, video.metadata):
                advance_timecode(tags, kept, source)
            take_chapters(out, kept, source, original)
            waiting = islice(_other_packets(original, others, kept, source), most)
            pending = next(waiting, None)
            for packet in chain([first], packets):
                shift(packet, source.origin - kept.begin)
                # The muxer expects packets of all streams in order of time.
                while pending is not None and time_of_packet(pending) <= time_of_packet(packet):
                    _mux_other(out, pending, kept, source)
                    pending = next(waiting, None)
                out.mux(packet)
                yield
            while pending is not None:
                pulse()
                _mux_other(out, pending, kept, source)
                pending = next(waiting, None)


def _failures() -> tuple[type[Exception], ...]:
    return needed().FFmpegError, OSError, OverflowError, ValueError


def _mux_other(out: Any, packet: Any, kept: Kept, source: Source) -> None:
    """Write a packet of sound or subtitles; packets that the container refuses are left out."""
    kind, second = packet.stream.type, time_of_packet(packet) + float(kept.begin - source.origin)
    try:
        out.mux(packet)
    except needed().ArgumentError as error:
        source.lost.add(f"{kind} lost", second, reason_of(error))


def _video_stream(out: Any, part: Part, source: Source, original: Any) -> Any:
    _rewind(part)
    with opened(part, (PART,)) as first:
        # Otherwise it looks for an encoder by the name of the decoder, which AV1 does not have.
        stream = out.add_stream_from_template(first.streams.video[0], opaque=True)
    stream.time_base = source.time_base
    # Parts store neither of these for FFV1.
    context = stream.codec_context
    (context.color_primaries, context.color_trc, context.colorspace,
     context.color_range) = source.tags  # fmt: skip
    # The muxer writes it; frames keep their own times. A timecode track requires it.
    context.framerate = source.rate
    if source.matrix is not None:
        stream.set_display_matrix(source.matrix)
    own = source.video(original)
    stream.metadata.update(own_tags(own.metadata))
    stream.disposition = own.disposition
    return stream


def _rewind(part: Part) -> None:
    if isinstance(part, io.BytesIO):
        part.seek(0)


def _video_packets(parts: Sequence[Part], stream: Any) -> Iterator[Any]:
    for part in parts:
        _rewind(part)
        with opened(part, (PART,)) as found:
            for packet in found.demux(video=0):
                if packet.size == 0:
                    continue
                packet.dts = packet.pts
                packet.stream = stream
                yield packet


def _other_packets(
    original: Any, others: dict[int, Carried], kept: Kept, source: Source
) -> Iterator[Any]:
    """Packets of the other streams that are kept; a truncated file ends there."""
    if not others:
        return
    av = needed()
    texts = any(original.streams[index].type == "subtitle" for index in others)
    source.seek(original, SUBTITLES_EARLY if texts else SEEK_EARLY)
    continued = Continued() if may_jump(original) else None
    room = max(UNPACKED * source.path.stat().st_size, UNPACKED_AT_LEAST)
    try:
        for packet in packets_of(original):
            pulse()
            if continued is not None:
                continued.move(packet)
            if packet.size == 0 or packet.stream.index not in others:
                continue
            cover = is_picture(packet.stream)
            if packet.dts is None and packet.pts is None and not cover:
                source.lost.add(f"{packet.stream.type} lost", None, "it has no time")
                continue
            room -= packet.size
            if room < 0:
                raise PhotoError("its sound and subtitles are too large when decompressed")
            if cover or kept.placed(packet):
                yield from others[packet.stream.index].packets(packet)
    except av.FFmpegError:
        pass  # already reported by the scan
    for other in others.values():
        yield from other.rest()


def read_provenance(path: Path) -> dict[str, Any] | None:
    """The provenance record of a film; None if it has none."""
    with Source(path, deinterlace=True).opened() as container:
        return provenance_of(container.metadata)
