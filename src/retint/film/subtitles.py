"""Subtitles that consist of text, rewritten for a container with another notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from retint.film.containers import Container
from retint.film.opening import needed, reason_of
from retint.film.source import Source

TEXTS = ("srt", "subrip", "mov_text", "webvtt", "text", "ass", "ssa")
"""FFmpeg's names of the codecs that are converted."""
PLACED = ("webvtt", "ass", "ssa")
"""Those that can state positions and styles, which others cannot."""


@dataclass
class Rewritten:
    """A stream of subtitles in another notation. FFmpeg converts through ASS."""

    made: Any
    source: Source

    def packets(self, packet: Any) -> Iterator[Any]:
        """The packets for one of the source; none for one that only ends another."""
        from av.subtitles.subtitle import SubtitleSet

        try:
            for line in packet.stream.codec_context.decode2(packet) or ():
                text = SubtitleSet.create(line.ass, 0, packet.duration or 0, packet.pts)
                found: Any = self.made.codec_context.encode_subtitle(text)
                found.pts = found.dts = packet.pts
                found.duration, found.time_base = packet.duration, packet.time_base
                found.stream = self.made
                yield found
        except (needed().FFmpegError, ValueError) as error:
            second = float(packet.pts * packet.time_base) if packet.pts is not None else None
            self.source.lost.add("subtitle lost", second, reason_of(error))

    def rest(self) -> Iterable[Any]:
        """Nothing: subtitles are converted at once."""
        return []


def can_rewrite(stream: Any) -> bool:
    """Whether a stream consists of subtitles that can be converted."""
    context = stream.codec_context
    return stream.type == "subtitle" and context is not None and context.name in TEXTS


def rewritten(out: Any, container: Container, stream: Any, source: Source) -> Rewritten:
    """Add a stream with converted subtitles to the coloured film, and say so."""
    context = stream.codec_context
    context.open(strict=False)  # otherwise the header that the encoder requires is not known
    made = out.add_stream(container.text)
    made.time_base = made.codec_context.time_base = stream.time_base
    made.codec_context.subtitle_header = context.subtitle_header
    made.metadata.update(stream.metadata)
    made.disposition = stream.disposition
    said = f"{container.name} does not support its subtitles ({context.name}), which are written as"
    if context.name in PLACED:
        source.lost.say(f"{said} {container.text}, without positions and styles")
    else:
        source.lost.remark(f"{said} {container.text}")
    return Rewritten(made, source)
