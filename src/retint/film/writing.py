"""Encodes shots, each to its own file.

Finished shots survive if the process is killed; at the end all are joined (`retint.film.joining`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.film import held, priority
from retint.film.containers import Container
from retint.film.opening import PART, created, needed, reason_of
from retint.film.options import FilmOptions
from retint.film.parts import Parts
from retint.film.pixels import DEPTHS, SUBSAMPLED, name_of
from retint.film.source import Source
from retint.film.stages import pulse

if TYPE_CHECKING:
    import av

PRESETS = {"libx264": "faster", "libx265": "faster", "libsvtav1": "9", "libvpx-vp9": "5"}
CRF_AWAY = {"libx265": -2, "libvpx-vp9": -7, "libsvtav1": -7}
"""Differences between the scales of quality: with them, errors of luma are about the same."""
EVEN = "aq-mode=0"
"""Adaptive quantization is off: it takes bits from textures, whose luma would change most."""
ERRORS_ONLY = "1"
"""A level of messages of SVT-AV1."""
LOSSLESS = "ffv1"
GENERAL = "yuv420p"
"""Subsampling that all encoders support."""
AHEAD_OF_ENCODER = 24
"""Frames that an encoder may buffer for lookahead and for its threads."""
LEAST_AHEAD = 4
"""Below this number the encoder may not buffer any."""


class Encoder:
    """Encodes frames; a shot is written completely or not at all."""

    def __init__(self, source: Source, container: Container, options: FilmOptions) -> None:
        self._source, self._container, self._options = source, container, options
        deep = source.layout.bits > 8
        lossy = container.deep_encoder if deep else container.encoder
        self.codec = LOSSLESS if options.lossless else lossy
        # It prints its settings otherwise, and has no option for that.
        os.environ.setdefault("SVT_LOG", ERRORS_ONLY)
        self.format = self._supported_format()

    def _supported_format(self) -> str:
        """The pixel format nearest to the film's that the codec supports."""
        layout = self._source.layout
        supported = {each.name for each in needed().Codec(self.codec, "w").video_formats or ()}
        own = f"yuv{SUBSAMPLED[layout.across, layout.down]}p"
        for bits in reversed([each for each in DEPTHS if each <= layout.bits]):
            for parts in (own, GENERAL):
                if (name := name_of(parts, bits)) in supported:
                    if bits < layout.bits:
                        self._source.lost.remark(
                            f"its {layout.bits} bits of luma are written as {bits} "
                            f"({self.codec}); `lossless` keeps them"
                        )
                    return name
        raise PhotoError(f"{self.codec} does not support {layout.format}")

    def write(self, frames: Iterable[av.VideoFrame], parts: Parts, number: int) -> Iterator[int]:
        """Encode the frames of a shot and store it; yields the number of finished frames after each
        one.

        Raises
        ------
        PhotoError
            If they cannot be encoded or written.
        """
        av = needed()
        path, count = parts.new(), 0
        try:
            with created(path, PART) as out:
                for count in self.encode(frames, out):
                    yield count
            parts.keep(path, number, count)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise unwritable(error) from error
        finally:
            path.unlink(missing_ok=True)

    def encode(self, frames: Iterable[av.VideoFrame], out: Any) -> Iterator[int]:
        """Encode frames to an open container; yields the number of finished ones. Raises PyAV's
        errors.
        """
        stream: Any = None
        for count, frame in enumerate(frames, 1):
            if stream is None:
                stream = self._stream(out, held.weight(frame))
                with priority.ordinary():
                    packets = encoded(stream, self._fitted(frame))  # opens the encoder
            else:
                packets = encoded(stream, self._fitted(frame))
            _mux(out, packets)
            yield count
        if stream is not None:
            _mux(out, stream.encode_lazy(None))

    def _fitted(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A frame in the encoder's pixel format."""
        if frame.format.name == self.format:
            return frame
        return frame.reformat(format=self.format)

    def _stream(self, out: Any, frame: int) -> Any:
        """Create the stream for frames of that many bytes."""
        source, layout = self._source, self._source.layout
        stream = out.add_stream(self.codec, rate=source.rate)
        context = stream.codec_context
        stream.width, stream.height = layout.size[1], layout.size[0]
        stream.pix_fmt = self.format
        stream.time_base = context.time_base = source.time_base
        if source.aspect:
            context.sample_aspect_ratio = source.aspect
        # An encoder keeps several copies of each buffered frame.
        ahead = held.how_many(held.WAITING, frame, AHEAD_OF_ENCODER)
        context.thread_count = 0 if ahead == AHEAD_OF_ENCODER else ahead
        (context.color_primaries, context.color_trc, context.colorspace,
         context.color_range) = source.tags  # fmt: skip
        context.options = self._settings() | (self._spare() if ahead < LEAST_AHEAD else {})
        return stream

    def _settings(self) -> dict[str, str]:
        # Without B-frames, so that shots can be joined with exact times.
        crf = str(max(0, self._options.crf + CRF_AWAY.get(self.codec, 0)))
        preset = PRESETS.get(self.codec, "")
        if self.codec == LOSSLESS:
            return {"level": "3", "slicecrc": "1"}
        if self.codec == "libvpx-vp9":
            return {"crf": crf, "b": "0", "cpu-used": preset, "deadline": "realtime", "row-mt": "1"}
        if self.codec == "libx265":
            return {"crf": crf, "preset": preset, "x265-params": ":".join(self._x265())}
        if self.codec == "libx264":
            params = [EVEN, *self._source.mastering.params(self.codec)]
            if self._source.constant:
                # Otherwise it states the time base as the frame rate, such as 1000.
                params.append("force-cfr=1")
            return {"crf": crf, "preset": preset, "bf": "0", "x264-params": ":".join(params)}
        params = self._source.mastering.params(self.codec)
        own = {"svtav1-params": ":".join(params)} if params else {}
        return {"crf": crf, "preset": preset, **own}

    def _x265(self) -> list[str]:
        return [
            "log-level=none", "bframes=0", EVEN, *self._source.mastering.params(self.codec)
        ]  # fmt: skip

    def _spare(self) -> dict[str, str]:
        """Encoder options without lookahead, which would take gigabytes for frames this large."""
        if self.codec == "libx264":
            return {"tune": "zerolatency"}
        if self.codec == "libx265":
            params = [*self._x265(), "rc-lookahead=0", "frame-threads=1"]
            return {"x265-params": ":".join(params)}
        return {"lag-in-frames": "0"} if self.codec == "libvpx-vp9" else {}


def encoded(stream: Any, frame: av.VideoFrame) -> Any:
    """Encode a frame and return the packets that are ready."""
    return stream.encode(frame)


def unwritable(error: Exception) -> PhotoError:
    """Convert an error of FFmpeg or the operating system to a PhotoError."""
    return PhotoError(f"cannot be written: {reason_of(error)}")


def _mux(out: Any, packets: Iterable[Any]) -> None:
    for packet in packets:
        pulse()
        out.mux(packet)
