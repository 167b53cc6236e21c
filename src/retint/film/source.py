"""Reads a film: its frames in order, and what could not be read.

A time in a film, here and everywhere else, is the number of seconds since its first frame. The
clock of the file may start at any other value: some recorders start it at an hour. Only this module
and `retint.film.joining` know that clock.
"""

from __future__ import annotations

import copy
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.film import held
from retint.film.beside import Mastering, kinds
from retint.film.losses import Losses
from retint.film.opening import MOST_STREAMS, needed, opened, reason_of
from retint.film.options import moment
from retint.film.pixels import has_alpha
from retint.film.planes import conversion, layout_of, readable
from retint.film.stages import Aside, pulse

if TYPE_CHECKING:
    import av

MAX_SIDE = 8192
"""Maximum longer side of a frame in pixels."""
FALLBACK_RATE = 25
"""Frames per second of a film that does not state a rate."""
MOST_RATE = 1000
"""Maximum frames per second; higher rates are ignored."""
MOST_DENOMINATOR = 100_000
"""Maximum denominator of a frame rate; containers do not support all fractions."""
MISSING = 0.5
"""Seconds before the stated end at which a film is considered truncated."""
MOST_BROKEN = 10_000
"""Number of consecutive packets without a frame after which reading stops."""
DEINTERLACER, DEINTERLACING = "bwdif", "mode=send_frame:deint=interlaced"
"""FFmpeg's filter; frames that are not flagged as interlaced pass through it unchanged."""
MOST_TICKS = 1 << 62
"""Maximum time of a frame in ticks; FFmpeg counts them in 64 bits."""
SEEK_EARLY = 1.0
"""Seconds before the span from which is read: FFmpeg seeks by decoding time, which is earlier than
the time at which a frame is shown.
"""
ONLY_DECODING_TIMES = "avi"
"""FFmpeg's name of the format without presentation times."""
ATTACHED = 1 << 10
"""FFmpeg's flag for a stream that is an attached picture, such as a cover."""


@dataclass
class Source:
    """A film. Each iteration over its frames opens the file again."""

    path: Path
    deinterlace: bool = False
    span: tuple[float, float] = (0.0, float("inf"))
    """Start and end in seconds since the first frame."""
    lost: Losses = field(default_factory=Losses)
    """What could not be read, with its time."""

    first: int = field(default=0, init=False)
    """Time of the first frame by the clock of the file, in ticks of `time_base`."""

    beside: set[str] = field(default_factory=set, init=False)
    """FFmpeg's names of what the frames read until now contain besides pixels."""

    lag: int | None = field(default=None, init=False)
    """How much later than a frame is shown, in ticks, its decoding time is, in a file that states
    only decoding times; None for other files.
    """

    def __post_init__(self) -> None:
        with Aside(self._look(), "opening") as steps:
            for _ in steps:
                pass

    def _look(self) -> Iterator[None]:
        """Determine the film's properties."""
        with self.opened() as container:
            stream = self.video(container)
            if max(stream.width, stream.height) > MAX_SIDE:
                size = f"{stream.width} x {stream.height}"
                raise PhotoError(
                    f"frames of {size} pixels exceed the maximum of {MAX_SIDE} per side"
                )
            if not stream.width or not stream.height:
                raise PhotoError("its video stream has no size")
            if not stream.time_base:
                raise PhotoError("its video stream has no time base")
            self.time_base = stream.time_base
            self.rate = Fraction(_rate(stream)).limit_denominator(MOST_DENOMINATOR)
            self.constant = stream.base_rate == stream.average_rate
            """Whether all frames are shown for the same time, as far as the file states it."""
            self._only_stated = "matroska" in container.format.name
            """Whether the file states a rate whatever the times of its frames are."""
            self.aspect = stream.sample_aspect_ratio
            # The times of losses are not known yet; each later pass meets them again.
            lost, self.lost = self.lost, Losses()
            first = next(self._decode(container), None)
            self.lost = lost
            if first is None:
                raise PhotoError("it has no frames")
            if container.format.name == ONLY_DECODING_TIMES:
                own = int(exact_time(first) / Fraction(self.time_base))
                self.lag = 0 if first.dts is None else first.dts - own
            self.first = int(exact_time(first) / Fraction(self.time_base))
            self.length = _length(stream, float(self.origin))
            """Seconds, as stated in the file; 0 if not stated."""
            self.codec = stream.codec_context.name
            seen = readable(first, self.codec)
            self.layout = layout_of(first, seen)
            self.turn = round(first.rotation / 90) % 4
            """Quarter turns anticlockwise that make it upright."""
            self.matrix = _display_matrix(first)
            self.mastering = Mastering.of(first)
            self.tags = (
                first.color_primaries, first.color_trc, seen.colorspace, seen.color_range
            )  # fmt: skip
            self._read_as = seen.format.name
            if remark := conversion(first, self.layout):
                self.lost.remark(remark)
            if has_alpha(first.format):
                self.lost.say(f"its alpha channel ({first.format.name}) is left out")
        yield

    @property
    def origin(self) -> Fraction:
        """Time of the first frame by the clock of the file, in seconds."""
        return self.first * Fraction(self.time_base)

    @property
    def is_part(self) -> bool:
        """Whether frames at the start or the end are left out."""
        return self.span != (0.0, float("inf"))

    def part(self, begin: float, end: float = float("inf")) -> Source:
        """The same film between two times in seconds; raises UsageError for invalid times."""
        found = copy.copy(self)
        found.span = moment(begin), end
        return found

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Open the file; raises PhotoError."""
        with opened(self.path) as container:
            if len(container.streams) >= MOST_STREAMS:
                raise PhotoError(f"it has {MOST_STREAMS} or more streams, which is too many")
            stream = self.video(container)
            if stream.codec_context is None:
                raise PhotoError("the codec of its video stream is unknown")
            stream.thread_type = "AUTO"
            # Each thread of the decoder holds a frame.
            size = 2 * stream.width * stream.height
            stream.codec_context.thread_count = held.how_many(
                held.WAITING, size, os.cpu_count() or 1
            )
            yield container

    def video(self, container: Any) -> Any:
        """The main video stream; raises PhotoError if there is none."""
        streams = [each for each in container.streams.video if not is_picture(each)]
        if not streams:
            raise PhotoError("it contains no video")
        return streams[0]

    def frames(self, waiting: Callable[[], None] | None = None) -> Aside[av.VideoFrame]:
        """All frames of the span in presentation order, read ahead by a thread that ends when this
        is closed; `waiting` is called regularly while there is none.
        """
        return Aside(
            self._frames(), "reading", weigh=held.weight, most=held.WAITING, waiting=waiting
        )

    def _frames(self) -> Iterator[av.VideoFrame]:
        begin, end = self.span
        with self.opened() as container:
            self.seek(container)
            for frame in self._decode(container):
                time = time_of(frame)
                if time >= end:
                    return
                if time >= begin:
                    yield self._readable(frame)

    def _readable(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with its luma as levels in the first plane, as that of the first frame."""
        found = readable(frame, self.codec)
        if found.format.name != self._read_as:
            raise PhotoError(
                f"its pixel format changes at {time_of(frame):.2f} s from {self._read_as} to "
                f"{found.format.name}"
            )
        return found

    def seek(self, container: Any) -> None:
        """Seek to a key frame before the span."""
        begin = self.span[0] - SEEK_EARLY
        if begin <= 0:
            return
        av = needed()
        try:
            container.seek(int((float(self.origin) + begin) * 1_000_000), backward=True)
        except (av.FFmpegError, OverflowError) as error:
            raise PhotoError(f"cannot seek to {begin:g} s ({reason_of(error)})") from None

    def _second(self, timed: Any, time_base: Any) -> float | None:
        """Time of a packet, or of a frame whose times are those of the file."""
        ticks = timed.pts if timed.pts is not None else timed.dts
        if ticks is None or not time_base:
            return None
        return float(ticks * Fraction(time_base) - self.origin)

    def _decode(self, container: Any) -> Iterator[av.VideoFrame]:
        av = needed()
        stream = self.video(container)
        graph: Any = None
        last: int | None = None
        step = max(1, int(1 / (_rate(stream) * (stream.time_base or 1))))
        broken = 0
        for packet in self._packets(container, stream):
            pulse()
            try:
                decoded = packet.decode()
            except (av.FFmpegError, ValueError) as error:
                self.lost.add("lost", self._second(packet, packet.time_base), reason_of(error))
                broken += 1
                if broken == MOST_BROKEN:
                    self.lost.say(
                        f"more than {MOST_BROKEN:,} packets without a frame; reading stopped there"
                    )
                    return
                continue
            for frame in decoded:
                broken = 0
                self.beside |= kinds(frame)
                if frame.is_corrupt:
                    self.lost.add("damaged", self._second(frame, stream.time_base))
                if hasattr(self, "layout") and (frame.height, frame.width) != self.layout.size:
                    raise PhotoError(
                        f"its frame size changes at {_at(self._second(frame, stream.time_base))}"
                    )
                if frame.interlaced_frame and not self.deinterlace:
                    raise PhotoError("it is interlaced (use `deinterlace`)")
                frame.time_base = frame.time_base or stream.time_base
                if self.lag is not None:
                    # FFmpeg's guess runs backwards if there are B-frames; the last ones have none.
                    frame.pts = None if frame.dts is None else frame.dts - self.lag
                last = self._in_order(frame, last, step)
                if abs(last - self.first) > MOST_TICKS:
                    raise PhotoError("its timestamps are too far apart")
                frame.pts = last - self.first
                if not self.deinterlace:
                    yield frame
                    continue
                graph = graph or _deinterlacer(av, stream)
                graph.push(frame)
                yield from _pull(av, graph)
        if graph is not None:
            graph.push(None)  # flushes the last frame
            yield from _pull(av, graph)

    def _in_order(self, frame: av.VideoFrame, last: int | None, step: int) -> int:
        """The frame's time by the clock of the file, or one after the last frame's if it has none
        or an earlier one.
        """
        if frame.pts is None:
            return self.first if last is None else last + step
        if last is not None and frame.pts <= last:
            # No container supports two frames with the same time.
            second = self._second(frame, frame.time_base)
            self.lost.add("a timestamp that does not increase", second)
            return last + 1
        return frame.pts

    def _packets(self, container: Any, stream: Any) -> Iterator[Any]:
        """Packets of the stream; a truncated file ends there."""
        av = needed()
        known = len(container.streams)
        try:
            for packet in container.demux(stream):
                if packet.is_corrupt and packet.size:
                    self.lost.add("damaged", self._second(packet, packet.time_base))
                yield packet
        except av.FFmpegError as error:
            self.lost.say(f"the file is truncated ({reason_of(error)})")
        # MPEG streams do not announce all of them, such as subtitles that begin after minutes.
        for late in list(container.streams)[known:]:
            self.lost.say(f"its {late.type} stream {late.index} begins late, and is left out")

    def time_of_frame(self, number: float) -> float:
        """Time in seconds of a frame of the film, whose first one is 0."""
        times = [] if self.constant and not self._only_stated else self._times
        if number < len(times):
            return times[int(number)]
        beyond = number - len(times)
        return float(beyond / self.rate) + (times[-1] + float(1 / self.rate) if times else 0.0)

    @cached_property
    def _times(self) -> list[float]:
        """Times of all frames in seconds, by their packets: nothing is decoded."""
        ticks = []
        with self.opened() as container:
            for packet in self._packets(container, self.video(container)):
                own = packet.pts if self.lag is None else packet.dts
                if packet.size and own is not None:
                    ticks.append(own - (self.lag or 0) - self.first)
        return [float(each * Fraction(self.time_base)) for each in sorted(ticks)]

    def ended(self, time: float) -> None:
        """Report a last frame that comes long before the stated end."""
        if self.span[1] == float("inf") and self.length - time > MISSING:
            self.lost.say(f"the file is truncated at {time:.2f} s of {self.length:.2f} s")


def is_picture(stream: Any) -> bool:
    """Whether a video stream is an attached picture, such as a cover."""
    return bool(int(stream.disposition) & ATTACHED)


def _rate(stream: Any) -> Any:
    """Frames per second."""
    for found in (stream.average_rate, stream.guessed_rate):
        if found and 0 < found <= MOST_RATE:
            return found
    return FALLBACK_RATE


def _length(stream: Any, origin: float) -> float:
    """Length of a stream as it states itself (Matroska: in a tag), since sound may be longer."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    try:
        hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
        stated = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        # FFmpeg writes the clock's time at the end, others the length.
        return stated - origin if stated > origin else stated
    except ValueError:
        return 0.0


def _deinterlacer(av: Any, stream: Any) -> Any:
    graph = av.filter.Graph()
    chain = [graph.add_buffer(template=stream), graph.add(DEINTERLACER, DEINTERLACING),
             graph.add("buffersink")]  # fmt: skip
    graph.link_nodes(*chain).configure()
    return graph


def _pull(av: Any, graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _display_matrix(frame: Any) -> tuple[int, ...] | None:
    """The display matrix of a frame, which rotates the picture: nine numbers."""
    for each in frame.side_data:
        if each.type.name == "DISPLAYMATRIX":
            return struct.unpack("=9i", bytes(each))
    return None


def time_of(frame: av.VideoFrame) -> float:
    """Time of a frame in seconds since the first one; every frame of `Source.frames` has one."""
    return float(exact_time(frame))


def exact_time(frame: av.VideoFrame) -> Fraction:
    """The same without rounding."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


def _at(second: float | None) -> str:
    return "an unknown time" if second is None else f"{second:.2f} s"
