"""Encodes shots, each to its own file.

Finished shots survive if the process is killed; at the end all are joined (`retint.film.joining`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from retint.errors import PhotoError
from retint.film import held
from retint.film.containers import Container
from retint.film.opening import PART, created, needed, reason_of
from retint.film.options import FilmOptions
from retint.film.parts import Parts
from retint.film.source import Source
from retint.film.stages import pulse

if TYPE_CHECKING:
    import av

PRESETS = {"libx264": "veryfast", "libx265": "veryfast", "libsvtav1": "9", "libvpx-vp9": "5"}
LOSSLESS = "ffv1"
AHEAD_OF_ENCODER = 24
"""Frames that an encoder may buffer for lookahead and for its threads."""
LEAST_AHEAD = 4
"""Below this number the encoder may not buffer any."""


class Encoder:
    """Encodes frames; a shot is written completely or not at all."""

    def __init__(self, source: Source, container: Container, options: FilmOptions) -> None:
        self._source, self._container, self._options = source, container, options

    @property
    def codec(self) -> str:
        if self._options.lossless:
            return LOSSLESS
        deep = self._source.layout.bits > 8
        return self._container.deep_encoder if deep else self._container.encoder

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
                stream: Any = None
                for count, frame in enumerate(frames, 1):
                    stream = stream or self._stream(out, held.weight(frame))
                    _mux(out, encoded(stream, frame))
                    yield count
                if stream is not None:
                    _mux(out, stream.encode_lazy(None))
            parts.keep(path, number, count)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise unwritable(error) from error
        finally:
            path.unlink(missing_ok=True)

    def _stream(self, out: Any, frame: int) -> Any:
        """Create the stream for frames of that many bytes."""
        source, layout = self._source, self._source.layout
        stream = out.add_stream(self.codec, rate=source.rate)
        context = stream.codec_context
        stream.width, stream.height = layout.size[1], layout.size[0]
        name = layout.format
        stream.pix_fmt = name.replace("yuvj", "yuv") if self.codec == LOSSLESS else name
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
        crf, preset = str(self._options.crf), PRESETS.get(self.codec, "")
        if self.codec == LOSSLESS:
            return {"level": "3", "slicecrc": "1"}
        if self.codec == "libvpx-vp9":
            return {"crf": crf, "b": "0", "cpu-used": preset, "deadline": "realtime", "row-mt": "1"}
        if self.codec == "libx265":
            return {"crf": crf, "preset": preset, "x265-params": "log-level=none:bframes=0"}
        if self.codec == "libx264":
            found = {"crf": crf, "preset": preset, "bf": "0"}
            # Otherwise it states the time base as the frame rate, such as 1000. Times stay exact.
            return found | ({"x264-params": "force-cfr=1"} if self._source.constant else {})
        return {"crf": crf, "preset": preset}

    def _spare(self) -> dict[str, str]:
        """Encoder options without lookahead, which would take gigabytes for frames this large."""
        if self.codec == "libx264":
            return {"tune": "zerolatency"}
        if self.codec == "libx265":
            return {"x265-params": "log-level=none:bframes=0:rc-lookahead=0:frame-threads=1"}
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
