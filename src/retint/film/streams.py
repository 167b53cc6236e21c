"""The streams of a film besides its picture: copied to the coloured film, or converted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from retint.film.containers import Container
from retint.film.opening import needed, reason_of, written
from retint.film.source import Source, is_picture
from retint.film.subtitles import can_rewrite, rewritten

COVERS = {"mjpeg": ("image/jpeg", "jpg"), "png": ("image/png", "png")}
"""Types of covers that are kept: MIME type and suffix."""
NAVIGATION = ("dvd_nav_packet",)
"""Codecs of data that has no meaning outside of its disc."""
CHAPTER_TITLES = "bin_data"
"""Codec of the stream in which QuickTime and MP4 keep the titles of chapters."""
SHORT_SAMPLES = ("s16", "s16p", "u8", "u8p")
"""Formats of sound with at most 16 bits; all others are stored with 24."""


class Carried(Protocol):
    """A stream of the coloured film."""

    made: Any

    def packets(self, packet: Any) -> Iterable[Any]:
        """The packets to be written for one of the source."""

    def rest(self) -> Iterable[Any]:
        """The packets that remain at the end."""


@dataclass
class _Copied:
    made: Any
    _began: bool = False

    def packets(self, packet: Any) -> Iterable[Any]:
        if packet.stream.type == "video" and not self._began and not packet.is_keyframe:
            return []  # of a part; frames before the first key frame cannot be decoded
        self._began = True
        packet.stream = self.made
        return [packet]

    def rest(self) -> Iterable[Any]:
        return []


@dataclass
class _Recoded:
    """Sound that is decoded, and encoded without loss."""

    made: Any
    source: Source

    def packets(self, packet: Any) -> Iterator[Any]:
        try:
            frames = packet.decode()
        except (needed().FFmpegError, ValueError) as error:
            second = float(packet.pts * packet.time_base) if packet.pts is not None else None
            self.source.lost.add("audio lost", second, reason_of(error))
            return
        for frame in frames:
            yield from self.made.encode(frame)

    def rest(self) -> Iterable[Any]:
        found: Iterable[Any] = self.made.encode(None)
        return found


def carried(out: Any, container: Container, source: Source, original: Any) -> dict[int, Carried]:
    """Add all streams that are kept to the coloured film; by number in the source. Reports those
    that are not.
    """
    found: dict[int, Carried] = {}
    film = source.video(original)
    for each in original.streams:
        if each.index == film.index or _is_replaced(each, original):
            continue
        if each.type == "attachment":
            _attach(out, container, each, source)
        elif is_picture(each) and not _takes_cover(container, each):
            _say_left_out(container, "cover", each, source)
        elif is_picture(each) and container.format == "matroska":
            _attach_cover(out, each, source)
        elif each.type == "audio" and each.codec_context and not _has_parameters(each):
            source.lost.say(
                f"its audio stream {each.index} ({_codec(each)}) is empty or begins late, and is "
                "left out"
            )
        elif takes(container, each):
            found[each.index] = _copied(out, each)
            if each.type == "video" and not is_picture(each):
                source.lost.remark(f"its video stream {each.index} is kept as it is, without color")
        elif can_rewrite(each):
            found[each.index] = rewritten(out, container, each, source)
        elif each.type == "audio" and _is_decodable(each) and container.sound:
            found[each.index] = _recoded(out, container, each, source)
        else:
            _say_left_out(container, each.type, each, source)
    return found


def takes(container: Container, stream: Any) -> bool:
    """Whether a container supports a stream as it is; tried with a file in memory."""
    av = needed()
    try:
        with written(io.BytesIO(), container.format) as out:
            out.add_stream_from_template(stream)
            out.start_encoding()
    except (av.FFmpegError, AttributeError, OverflowError, ValueError):
        return False
    return True


def _is_replaced(stream: Any, original: Any) -> bool:
    """Whether the information of a stream is in the tags or the chapters too, or has no use."""
    if stream.type != "data":
        return False
    chapters = stream.name == CHAPTER_TITLES and bool(original.chapters())
    return "timecode" in stream.metadata or chapters or stream.name in NAVIGATION


def _has_parameters(stream: Any) -> bool:
    """Whether FFmpeg has found sound in a stream that was announced."""
    context = stream.codec_context
    return bool(context.sample_rate) and context.layout.nb_channels > 0


def _is_decodable(stream: Any) -> bool:
    """Whether a decoder for the sound exists, and its parameters are known."""
    return stream.codec_context is not None and stream.codec_context.format is not None


def _copied(out: Any, stream: Any) -> _Copied:
    made = out.add_stream_from_template(stream)
    made.metadata.update(stream.metadata)
    made.disposition = stream.disposition
    return _Copied(made)


def _recoded(out: Any, container: Container, stream: Any, source: Source) -> _Recoded:
    context = stream.codec_context
    samples = "s16" if context.format.name in SHORT_SAMPLES else "s32"
    made = out.add_stream(
        container.sound, rate=context.sample_rate, layout=context.layout, format=samples
    )
    made.metadata.update(stream.metadata)
    made.disposition = stream.disposition
    source.lost.remark(
        f"{container.name} does not support its audio ({_codec(stream)}), which is written as "
        f"{container.sound}, without loss"
    )
    return _Recoded(made, source)


def _attach(out: Any, container: Container, attachment: Any, source: Source) -> None:
    """Keep an attached file, such as a font."""
    name = attachment.metadata.get("filename", "") or f"attachment-{attachment.index}"
    if container.format != "matroska":
        source.lost.say(f"{container.name} does not support its attached file {name}")
        return
    kind = attachment.mimetype or "application/octet-stream"
    out.add_attachment(name, kind, attachment.data)


def _attach_cover(out: Any, cover: Any, source: Source) -> None:
    """Keep a cover as Matroska does: it must be added before everything else."""
    mime_type, ending = COVERS[_codec(cover)]
    name = cover.metadata.get("filename", f"cover.{ending}")
    with source.opened() as again:
        for packet in again.demux(again.streams[cover.index]):
            if packet.size:
                out.add_attachment(name, mime_type, bytes(packet))
                return


def _takes_cover(container: Container, stream: Any) -> bool:
    return _codec(stream) in COVERS and container.format in ("mp4", "matroska")


def _say_left_out(container: Container, what: str, stream: Any, source: Source) -> None:
    source.lost.say(f"{container.name} does not support its {what} ({_codec(stream)})")


def _codec(stream: Any) -> str:
    """FFmpeg's name of a stream's codec."""
    if stream.codec_context is not None:
        return str(stream.codec_context.name)
    return (stream.type == "data" and stream.name) or "unknown"
