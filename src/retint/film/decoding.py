"""Decodes the frames of a film in order, and reports what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.film.beside import kinds
from retint.film.jumps import Continued, may_jump
from retint.film.losses import Losses
from retint.film.opening import needed, packets_of, reason_of
from retint.film.stages import pulse
from retint.film.structure import is_partial
from retint.film.times import Clock, rate_of

if TYPE_CHECKING:
    import av

MOST_BROKEN = 10_000
"""Number of consecutive packets without a frame after which reading stops."""
SLICED = ("mpeg1video", "mpeg2video")
"""Codecs whose decoder does not report that the end of a picture is missing."""
DEINTERLACER, DEINTERLACING = "bwdif", "mode=send_frame:deint=interlaced"
"""FFmpeg's filter; frames that are not flagged as interlaced pass through it unchanged."""
MOST_TICKS = 1 << 62
"""Maximum time of a frame in ticks; FFmpeg counts them in 64 bits."""


@dataclass
class Decoding:
    """Decodes a stream of an open film."""

    container: Any
    stream: Any
    clock: Clock
    lost: Losses
    deinterlace: bool
    size: tuple[int, int] | None = None
    """Height and width that all frames must have; None if they are not known yet."""
    beside: set[str] = field(default_factory=set)
    """FFmpeg's names of what the frames decoded until now contain besides pixels."""
    jumps: list[float] = field(default_factory=list)
    """Times after which the clock jumps back, once all packets were read."""
    untimed: int = 0
    """Number of frames at the beginning that have no time."""
    timed: int | None = None
    """Time of the first frame that has one, by the clock of the file."""
    end: Fraction = Fraction(0)
    """End of the last frame decoded until now, in seconds since the first frame."""
    end_of_all: float = 0.0
    """The same of all streams, by the clock of the file."""
    _last: dict[int, Any] = field(default_factory=dict)
    """The last packet of each stream."""
    _ends_damaged: bool = False
    _aspect: Any = None
    """Pixel aspect ratio of the first frame that has one."""

    @property
    def is_cut_off(self) -> bool:
        """Whether the last frame, or the last packet of any stream, is incomplete."""
        if self._ends_damaged or any(each.is_corrupt for each in self._last.values()):
            return True
        picture = self._last.get(self.stream.index)
        if picture is None or self.stream.codec_context.name not in SLICED:
            return False
        return is_partial(bytes(picture), self.stream.height)

    @property
    def step(self) -> int:
        """Ticks between frames."""
        return max(1, int(1 / (rate_of(self.stream) * (self.stream.time_base or 1))))

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames in presentation order, with times since the first frame of the film; raises
        PhotoError.
        """
        if not self.deinterlace:
            yield from self._in_time()
            return
        av = needed()
        graph: Any = None
        for frame in self._in_time():
            graph = graph or _deinterlacer(av, self.stream)
            graph.push(frame)
            yield from _pull(av, graph)
        if graph is not None:
            graph.push(None)  # flushes the last frame
            yield from _pull(av, graph)

    def _in_time(self) -> Iterator[av.VideoFrame]:
        """Frames with times that increase."""
        last: int | None = None
        for frame in self._decoded():
            second = self.clock.second(frame, self.stream.time_base)
            self._ends_damaged = frame.is_corrupt
            if frame.is_corrupt:
                self.lost.add("damaged", second)
            if self.size is not None and (frame.height, frame.width) != self.size:
                raise PhotoError(f"its frame size changes at {_at(second)}")
            self._check_aspect()
            if frame.interlaced_frame and not self.deinterlace:
                raise PhotoError("it is interlaced (use `deinterlace`)")
            frame.time_base = frame.time_base or self.stream.time_base
            if self.clock.lag is not None:
                # FFmpeg's guess runs backwards if there are B-frames; the last ones have none.
                frame.pts = None if frame.dts is None else frame.dts - self.clock.lag
            last = self._in_order(frame, last)
            if abs(last - self.clock.first) > MOST_TICKS:
                raise PhotoError("its timestamps are too far apart")
            frame.pts = last - self.clock.first
            end = (frame.pts + max(frame.duration, 0)) * Fraction(frame.time_base)
            self.end = max(self.end, end)
            yield frame

    def _check_aspect(self) -> None:
        """Name a later pixel aspect ratio, of which a stream has one."""
        aspect = self.stream.codec_context.sample_aspect_ratio
        self._aspect = self._aspect or aspect
        if aspect and aspect != self._aspect:
            self.lost.say(
                f"its pixel aspect ratio changes from {self._aspect} to {aspect}; the first one is "
                "written for the whole film"
            )

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """Frames as FFmpeg returns them."""
        av = needed()
        broken = 0
        for packet in self.packets():
            pulse()
            try:
                decoded = packet.decode()
            except (av.FFmpegError, ValueError) as error:
                self.lost.add("lost", self.clock.second(packet, packet.time_base), reason_of(error))
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
                yield frame

    def _in_order(self, frame: av.VideoFrame, last: int | None) -> int:
        """The frame's time by the clock of the file, or one after the last frame's if it has none
        or an earlier one.
        """
        if frame.pts is None:
            self.untimed += self.timed is None
            return self.clock.first if last is None else last + self.step
        self.timed = frame.pts if self.timed is None else self.timed
        if last is not None and frame.pts <= last:
            # No container supports two frames with the same time.
            second = self.clock.second(frame, frame.time_base)
            self.lost.add("a timestamp that does not increase", second)
            return last + 1
        return frame.pts

    def packets(self) -> Iterator[Any]:
        """Packets of the stream; a truncated file ends there."""
        av = needed()
        known = len(self.container.streams)
        continued = Continued() if may_jump(self.container) else None
        try:
            for packet in packets_of(self.container):
                if continued is not None:
                    continued.move(packet)
                self._note(packet)
                if packet.stream.index != self.stream.index:  # that of flushing packets is 0
                    continue
                if packet.is_corrupt and packet.size:
                    self.lost.add("damaged", self.clock.second(packet, packet.time_base))
                yield packet
        except av.FFmpegError as error:
            self.lost.say(f"reading stopped at {float(self.end):.2f} s ({reason_of(error)})")
        if continued is not None and continued.jumps:
            self.jumps[:] = continued.jumps
            first = continued.jumps[0] - float(self.clock.origin)
            self.lost.remark(
                f"its clock jumps back after {first:.2f} s; its times go on from there"
            )
        # MPEG streams do not announce all of them, such as subtitles that begin after minutes.
        for late in list(self.container.streams)[known:]:
            self.lost.say(f"its {late.type} stream {late.index} begins late, and is left out")

    def _note(self, packet: Any) -> None:
        if packet.size:
            self._last[packet.stream.index] = packet
        if packet.pts is not None and packet.time_base:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            self.end_of_all = max(self.end_of_all, end)


def _at(second: float | None) -> str:
    return "an unknown time" if second is None else f"{second:.2f} s"


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
