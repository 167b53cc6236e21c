"""A film that is written: shots one by one, each its own file, and at the end all joined.

What was finished survives a kill. Sound, subtitles, chapters and tags are taken over as they are.
"""

from __future__ import annotations

import json
import queue
import shutil
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.files.atomic import partials
from retint.film.containers import Container
from retint.film.options import FilmOptions
from retint.film.source import Source, needed

if TYPE_CHECKING:
    import av

PART = "nut"
"""The container of a finished shot: it keeps any time base."""
WAITING = 8
"""Coloured frames that may wait for the encoder."""
PRESETS = {"libx264": "veryfast", "libx265": "veryfast", "libsvtav1": "9", "libvpx-vp9": "5"}
LOSSLESS = "ffv1"


SAID_IN = "comment"
"""The container's tag that says how the film was coloured, as JSON."""
MARK = "retint"


class Parts:
    """The folder beside the output where finished shots are kept until they are joined."""

    def __init__(self, target: Path, key: dict[str, Any]) -> None:
        self.folder = target.with_name(f".{target.name}.retint-shots")
        self._key = key

    def prepare(self, *, resume: bool) -> None:
        """Make the folder, empty unless a run with the same options left it."""
        said = self.folder / "key.json"
        try:
            known = json.loads(said.read_text("utf-8"))
        except (OSError, ValueError):
            known = None
        if not resume or known != self._key:
            shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            said.write_text(json.dumps(self._key), "utf-8")
        except OSError as error:
            raise PhotoError(f"cannot make {self.folder}: {error.strerror}") from error

    def path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.{PART}"

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Encoder:
    """Encodes frames on a thread of its own; whole or not at all."""

    def __init__(self, source: Source, container: Container, options: FilmOptions) -> None:
        self._source, self._container, self._options = source, container, options

    @property
    def codec(self) -> str:
        if self._options.lossless:
            return LOSSLESS
        deep = self._source.layout.bits > 8
        return self._container.deep_encoder if deep else self._container.encoder

    def write(self, frames: Iterator[av.VideoFrame], path: Path) -> int:
        """Encode frames into a part; how many."""
        av = needed()
        waiting: queue.Queue[Any] = queue.Queue(WAITING)
        failed: list[BaseException] = []
        count = 0

        def encode() -> None:
            try:
                with (
                    partials([path]) as (partial,),
                    av.open(str(partial), "w", format=PART) as out,
                ):
                    stream = self._stream(out)
                    while (frame := waiting.get()) is not None:
                        if isinstance(frame, BaseException):
                            raise frame
                        out.mux(encoded(stream, frame))
                    out.mux(stream.encode(None))
            except BaseException as error:
                failed.append(error)
                while waiting.get() is not None:  # nobody shall wait for us
                    pass

        thread = threading.Thread(target=encode)
        thread.start()
        try:
            for frame in frames:
                waiting.put(frame)
                count += 1
        except BaseException as error:
            waiting.put(error)
            raise
        finally:
            waiting.put(None)
            thread.join()
        if failed:
            raise _told(av, failed[0])
        return count

    def _stream(self, out: Any) -> Any:
        source, layout = self._source, self._source.layout
        stream = out.add_stream(self.codec, rate=Fraction(source.rate).limit_denominator(100_000))
        context = stream.codec_context
        stream.width, stream.height = layout.size[1], layout.size[0]
        name = layout.format
        stream.pix_fmt = name.replace("yuvj", "yuv") if self.codec == LOSSLESS else name
        stream.time_base = context.time_base = source.time_base
        if source.aspect:
            context.sample_aspect_ratio = source.aspect
        context.thread_count = 0
        (context.color_primaries, context.color_trc, context.colorspace,
         context.color_range) = source.tags  # fmt: skip
        context.options = self._settings()
        return stream

    def _settings(self) -> dict[str, str]:
        # Without frames that need later ones, so that shots can be joined at their very times.
        crf, preset = str(self._options.crf), PRESETS.get(self.codec, "")
        if self.codec == LOSSLESS:
            return {"level": "3", "slicecrc": "1"}
        if self.codec == "libvpx-vp9":
            return {"crf": crf, "b": "0", "cpu-used": preset, "deadline": "realtime", "row-mt": "1"}
        if self.codec == "libx265":
            return {"crf": crf, "preset": preset, "x265-params": "log-level=none:bframes=0"}
        if self.codec == "libx264":
            return {"crf": crf, "preset": preset, "bf": "0"}
        return {"crf": crf, "preset": preset}


def encoded(stream: Any, frame: av.VideoFrame) -> Any:
    """The packets that are ready once a frame was given to the encoder."""
    return stream.encode(frame)


def join(
    source: Source, parts: list[Path], container: Container, target: Path, said: dict[str, Any]
) -> None:
    """All parts one after the other, with the sound and everything else of the source."""
    av = needed()
    try:
        with (
            av.open(str(target), "w", format=container.format) as out,
            source.opened() as original,
        ):
            video = _video_stream(av, out, parts[0], source)
            others = {}
            for each in original.streams:
                if each.type not in ("audio", "subtitle"):
                    continue
                if _takes(container, each):
                    others[each.index] = out.add_stream_from_template(each)
                else:
                    codec = each.codec_context.name if each.codec_context else "unknown"
                    source.lost.append(f"{container.name} cannot hold its {each.type} ({codec})")
            for index, made in others.items():
                made.metadata.update(original.streams[index].metadata)
            out.metadata.update(original.metadata)
            out.metadata[SAID_IN] = json.dumps({MARK: said}, ensure_ascii=False)
            if chapters := original.chapters():
                out.set_chapters(chapters)
            waiting = _other_packets(original, others, source.span)
            pending = next(waiting, None)
            for packet in _video_packets(av, parts, video):
                # The muxer wants what belongs together at about one time.
                while pending is not None and _time(pending) <= _time(packet):
                    out.mux(pending)
                    pending = next(waiting, None)
                out.mux(packet)
            while pending is not None:
                out.mux(pending)
                pending = next(waiting, None)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _told(av, error) from error


def _told(av: Any, error: BaseException) -> BaseException:
    """What FFmpeg refuses, as an error of ours."""
    if isinstance(error, av.FFmpegError | OSError):
        return PhotoError(f"cannot be written: {getattr(error, 'strerror', None) or error}")
    return error


def _video_stream(av: Any, out: Any, part: Path, source: Source) -> Any:
    with av.open(str(part)) as first:
        stream = out.add_stream_from_template(first.streams.video[0])
    stream.time_base = source.time_base
    if source.matrix is not None:
        stream.set_display_matrix(source.matrix)
    with source.opened() as original:
        stream.metadata.update(
            {k: v for k, v in original.streams.video[0].metadata.items() if k != "encoder"}
        )
    return stream


def _video_packets(av: Any, parts: list[Path], stream: Any) -> Iterator[Any]:
    for part in parts:
        with av.open(str(part)) as opened:
            for packet in opened.demux(video=0):
                if packet.size == 0:
                    continue
                packet.dts = packet.pts
                packet.stream = stream
                yield packet


def _other_packets(
    original: Any, others: dict[int, Any], span: tuple[float, float]
) -> Iterator[Any]:
    if not others:
        return
    begin, end = span
    if begin > 0:
        original.seek(int(begin * 1_000_000), backward=True)
    for packet in original.demux([original.streams[index] for index in others]):
        if packet.size == 0 or packet.dts is None:
            continue
        time = float(packet.pts * packet.time_base) if packet.pts is not None else _time(packet)
        if begin <= time < end or (begin == 0 and time < end):
            packet.stream = others[packet.stream_index]
            yield packet


def _time(packet: Any) -> float:
    ticks = packet.dts if packet.dts is not None else packet.pts
    return float((ticks or 0) * packet.time_base)


def _takes(container: Container, stream: Any) -> bool:
    """Whether the container can hold the stream as it is."""
    if container.format == "webm":
        return stream.codec_context.name in ("opus", "vorbis", "webvtt", "libopus", "libvorbis")
    if container.format in ("mp4", "mov") and stream.type == "subtitle":
        return stream.codec_context is not None and stream.codec_context.name == "mov_text"
    return True


def read_provenance(path: Path) -> dict[str, Any] | None:
    """What a film says of how it was coloured; None where it says nothing."""
    with Source(path, deinterlace=True).opened() as container:
        tags = {name.lower(): value for name, value in container.metadata.items()}
    try:
        said = json.loads(tags.get(SAID_IN, ""))[MARK]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
