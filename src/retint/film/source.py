"""A film as it is read: its properties, and its frames in order."""

from __future__ import annotations

import copy
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retint.errors import PhotoError
from retint.film import held
from retint.film.beside import Mastering
from retint.film.decoding import Decoding
from retint.film.jumps import may_jump
from retint.film.losses import Losses
from retint.film.opening import MOST_STREAMS, needed, opened, reason_of
from retint.film.options import moment
from retint.film.pixels import has_alpha
from retint.film.planes import conversion, layout_of, readable
from retint.film.stages import Aside, pulse
from retint.film.structure import is_cut_off
from retint.film.times import (
    ONLY_DECODING_TIMES,
    Clock,
    exact_time,
    length_of,
    length_of_all,
    rate_of,
    time_of,
)

if TYPE_CHECKING:
    import av

MAX_SIDE = 8192
"""Maximum longer side of a frame in pixels."""
MOST_DENOMINATOR = 100_000
"""Maximum denominator of a frame rate; containers do not support all fractions."""
MISSING = 0.5
"""Seconds before the stated end at which a film is considered truncated."""
SEEK_EARLY = 1.0
"""Seconds before the span from which is read: FFmpeg seeks by decoding time, which is earlier than
the time at which a frame is shown.
"""
MOST_UNTIMED = 250
"""Number of frames among which to look for one with a time."""
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

    jumps: list[float] = field(default_factory=list, init=False)
    """Times by the clock of the file after which it jumps back, as far as they are known."""

    beside: set[str] = field(default_factory=set, init=False)
    """FFmpeg's names of what the frames read until now contain besides pixels."""

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
            self.clock = Clock(Fraction(self.time_base))
            self.rate = Fraction(rate_of(stream)).limit_denominator(MOST_DENOMINATOR)
            self.constant = stream.base_rate == stream.average_rate
            """Whether all frames are shown for the same time, as far as the file states it."""
            self._only_stated = "matroska" in container.format.name
            """Whether the file states a rate whatever the times of its frames are."""
            self.aspect = stream.sample_aspect_ratio
            # The times of losses are not known yet; each later pass meets them again.
            decoding = Decoding(container, stream, self.clock, Losses(), self.deinterlace)
            frames = decoding.frames()
            first = next(frames, None)
            if first is None:
                raise PhotoError("it has no frames")
            self.beside |= decoding.beside
            own, lag = int(exact_time(first) / self.clock.time_base), None
            if decoding.untimed:
                own = _time_before(decoding, frames)
            if container.format.name == ONLY_DECODING_TIMES:
                lag = 0 if first.dts is None else first.dts - own
            self.clock = Clock(self.clock.time_base, own, lag)
            self.length = length_of(stream, float(self.origin))
            """Seconds, as stated in the file; 0 if not stated."""
            self._length_of_all = length_of_all(container)
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
            # The decoders of VP8 and VP9 do not return what WebM stores apart.
            if self.span[0] > SEEK_EARLY and may_jump(container):
                self._find_jumps()
            if has_alpha(first.format) or stream.metadata.get("alpha_mode") == "1":
                self.lost.say(f"its alpha channel ({stream.format.name}) is left out")
        yield

    @property
    def origin(self) -> Fraction:
        """Time of the first frame by the clock of the file, in seconds."""
        return self.clock.origin

    @property
    def stated_length(self) -> float:
        """Seconds of the film, or else of its longest stream, as stated in the file; 0 if not."""
        return self.length or self._length_of_all

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
            why = " (it is truncated)" if is_cut_off(self.path) else ""
            raise PhotoError(f"it contains no video{why}")
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
            decoding = self._decoding(container)
            for frame in decoding.frames():
                time = time_of(frame)
                if time >= end:
                    return
                if time >= begin:
                    yield self._readable(frame)
            self._check_end(decoding)

    def _decoding(self, container: Any) -> Decoding:
        return Decoding(
            container, self.video(container), self.clock, self.lost, self.deinterlace,
            self.layout.size, self.beside, self.jumps,
        )  # fmt: skip

    def _readable(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame with its luma as levels in the first plane, as that of the first frame."""
        found = readable(frame, self.codec)
        if found.format.name != self._read_as:
            raise PhotoError(
                f"its pixel format changes at {time_of(frame):.2f} s from {self._read_as} to "
                f"{found.format.name}"
            )
        return found

    def seek(self, container: Any, early: float = SEEK_EARLY) -> None:
        """Seek to a key frame that many seconds before the span, unless the clock jumps."""
        begin = self.span[0] - early
        if begin <= 0 or self.jumps:
            return
        av = needed()
        try:
            container.seek(int((float(self.origin) + begin) * 1_000_000), backward=True)
        except (av.FFmpegError, OverflowError) as error:
            raise PhotoError(f"cannot seek to {begin:g} s ({reason_of(error)})") from None

    def time_of_frame(self, number: float) -> float:
        """Time in seconds of a frame of the film, whose first one is 0."""
        times = [] if self.constant and not self._only_stated else self._times
        if number < len(times):
            return times[int(number)]
        beyond = number - len(times)
        return float(beyond / self.rate) + (times[-1] + float(1 / self.rate) if times else 0.0)

    def number_at(self, time: float) -> int:
        """Number of the frame at a time in seconds: the inverse of `time_of_frame`."""
        if self.constant and not self._only_stated:
            return round(time * self.rate)
        times = np.asarray(self._times)
        return int(np.abs(times - time).argmin()) if len(times) else round(time * self.rate)

    def _find_jumps(self) -> None:
        """Read all packets; nothing is decoded."""
        with self.opened() as container:
            for _ in self._decoding(container).packets():
                pulse()

    @cached_property
    def _times(self) -> list[float]:
        """Times of all frames in seconds, by their packets: nothing is decoded."""
        ticks = []
        with self.opened() as container:
            for packet in self._decoding(container).packets():
                own = packet.pts if self.clock.lag is None else packet.dts
                if packet.size and own is not None:
                    ticks.append(own - (self.clock.lag or 0) - self.clock.first)
        return [float(each * Fraction(self.time_base)) for each in sorted(ticks)]

    def _check_end(self, read: Decoding) -> None:
        """Report a truncated file: its frames end early, all of its streams do, or the end of the
        file is not that of its structure.
        """
        whole, end = self.stated_length, float(read.end)
        short = self._length_of_all - read.end_of_all > MISSING or self.length - end > MISSING
        if short or read.is_cut_off or is_cut_off(self.path):
            known = whole - end > 1 / self.rate
            said = f"{end:.2f} s of {whole:.2f} s were read" if known else f"it ends at {end:.2f} s"
            self.lost.say(f"the file is truncated: {said}")


def _time_before(decoding: Decoding, frames: Iterator[av.VideoFrame]) -> int:
    """Time of the first of several frames without one, from the next that has one, if any."""
    for _ in islice(frames, MOST_UNTIMED):
        if decoding.timed is not None:
            return decoding.timed - decoding.untimed * decoding.step
    return 0


def is_picture(stream: Any) -> bool:
    """Whether a video stream is an attached picture, such as a cover."""
    return bool(int(stream.disposition) & ATTACHED)


def _display_matrix(frame: Any) -> tuple[int, ...] | None:
    """The display matrix of a frame, which rotates the picture: nine numbers."""
    for each in frame.side_data:
        if each.type.name == "DISPLAYMATRIX":
            return struct.unpack("=9i", bytes(each))
    return None
