"""A film that is read: its frames in order, and what could not be read of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.film.planes import layout_of

if TYPE_CHECKING:
    import av

MAX_SIDE = 8192
"""Pixels of a frame's longer side."""
FALLBACK_RATE = 25
"""Frames a second of a film that does not say."""
MISSING = 0.5
"""Seconds before the end that a file names, from which on frames are missing."""
DEINTERLACER = "bwdif"


@dataclass
class Source:
    """A film. Every walk over its frames opens the file anew."""

    path: Path
    deinterlace: bool = False
    span: tuple[float, float] = (0.0, float("inf"))
    """From which second to which."""
    lost: list[str] = field(default_factory=list)
    """What could not be read, with its time."""

    def __post_init__(self) -> None:
        with self.opened() as container:
            stream = container.streams.video[0]
            if max(stream.width, stream.height) > MAX_SIDE:
                size = f"{stream.width} x {stream.height}"
                raise PhotoError(f"frames of {size} pixels are more than {MAX_SIDE} to a side")
            if not stream.width or not stream.height:
                raise PhotoError("its video has no size")
            self.time_base = stream.time_base
            self.rate = stream.average_rate or stream.guessed_rate or FALLBACK_RATE
            self.length = _length(stream)
            """Seconds, as the file says; 0 where it does not."""
            self.aspect = stream.sample_aspect_ratio
            first = next(iter(self._decoded(container)), None)
            if first is None:
                raise PhotoError("it has no frames")
            self.layout = layout_of(first)
            self.turn = round(first.rotation / 90) % 4
            """Quarter turns anticlockwise that make it upright."""
            self.matrix = _display_matrix(first)
            self.tags = (
                first.color_primaries, first.color_trc, first.colorspace, first.color_range
            )  # fmt: skip

    def opened(self) -> Any:
        """The file; raises PhotoError."""
        av = needed()
        try:
            container = av.open(str(self.path))
        except (OSError, av.FFmpegError, ValueError) as error:
            raise PhotoError(f"not a film that can be read ({_said(error)})") from None
        if not container.streams.video:
            container.close()
            raise PhotoError("there is no video in it")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            container.close()
            raise PhotoError("its video's codec is unknown")
        stream.thread_type = "AUTO"
        return container

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames of the span, in the order in which they are shown."""
        begin, end = self.span
        with self.opened() as container:
            if begin > 0:
                container.seek(int(begin * 1_000_000), backward=True)
            for frame in self._decoded(container):
                time = time_of(frame)
                if time >= end:
                    return
                if time >= begin:
                    yield frame

    def _decoded(self, container: Any) -> Iterator[av.VideoFrame]:
        av = needed()
        stream = container.streams.video[0]
        graph: Any = None
        last = None
        rate = stream.average_rate or stream.guessed_rate or FALLBACK_RATE
        step = max(1, int(1 / (rate * (stream.time_base or 1))))
        for packet in self._packets(container, stream):
            try:
                decoded = packet.decode()
            except av.FFmpegError as error:
                self._lose(packet, _said(error))
                continue
            for frame in decoded:
                if frame.is_corrupt:
                    self._say(f"damaged at {_at(frame.pts, stream.time_base)}")
                if hasattr(self, "layout") and (frame.height, frame.width) != self.layout.size:
                    raise PhotoError(
                        f"its frames change their size at {_at(frame.pts, stream.time_base)}"
                    )
                if frame.interlaced_frame and not self.deinterlace:
                    raise PhotoError("it is interlaced (make whole frames with `deinterlace`)")
                if frame.pts is None:
                    frame.pts = 0 if last is None else last + step
                last = frame.pts
                frame.time_base = frame.time_base or stream.time_base
                if not self.deinterlace:
                    yield frame
                    continue
                graph = graph or _deinterlacer(av, stream)
                graph.push(frame)
                yield from _pulled(av, graph)
        if graph is not None:
            graph.push(None)  # the last one waits for what comes after it
            yield from _pulled(av, graph)

    def _packets(self, container: Any, stream: Any) -> Iterator[Any]:
        """Packets of the stream; a file that breaks off ends there."""
        av = needed()
        try:
            for packet in container.demux(stream):
                if packet.is_corrupt and packet.size:
                    self._say(f"damaged at {_at(packet.pts, packet.time_base)}")
                yield packet
        except av.FFmpegError as error:
            self._say(f"the file breaks off ({_said(error)})")

    def _lose(self, packet: Any, why: str) -> None:
        at = _at(packet.pts if packet.pts is not None else packet.dts, packet.time_base)
        self._say(f"lost at {at}: {why}")

    def _say(self, what: str) -> None:
        if what not in self.lost:  # a film is walked over more than once
            self.lost.append(what)

    def ended(self, time: float) -> None:
        """Say so where the last frame, of that second, comes long before the end that the file
        names.
        """
        if self.span[1] == float("inf") and self.length - time > MISSING:
            self._say(f"the file breaks off at {time:.2f} s of {self.length:.2f} s")


def _length(stream: Any) -> float:
    """Of a stream, by what it says itself (Matroska in a tag): its sound may be longer."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    try:
        hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    except ValueError:
        return 0.0


def _deinterlacer(av: Any, stream: Any) -> Any:
    graph = av.filter.Graph()
    chain = [graph.add_buffer(template=stream), graph.add(DEINTERLACER, "mode=send_frame"),
             graph.add("buffersink")]  # fmt: skip
    graph.link_nodes(*chain).configure()
    return graph


def _pulled(av: Any, graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _display_matrix(frame: Any) -> tuple[int, ...] | None:
    """How the picture is turned to be shown, as containers keep it: nine numbers."""
    for each in frame.side_data:
        if each.type.name == "DISPLAYMATRIX":
            return struct.unpack("=9i", bytes(each))
    return None


def time_of(frame: av.VideoFrame) -> float:
    """Its second; every frame that `Source.frames` gives has one."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return float(frame.pts * frame.time_base)


def _at(pts: int | None, time_base: Any) -> str:
    return "an unknown time" if pts is None or not time_base else f"{float(pts * time_base):.2f} s"


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0]


def needed() -> Any:
    """PyAV; raises PhotoError where it is missing: photographs beside a film need none."""
    try:
        import av
    except ModuleNotFoundError:
        raise PhotoError("films need PyAV: pip install 'retint[film]'") from None
    return av
