"""The only place where FFmpeg opens files.

FFmpeg interprets names as addresses (`http:`, `tcp:`, `concat:`), and some formats refer to other
files. So it gets streams instead of names, only self-contained formats are read, and any other file
that it tries to open is refused.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn

from retint.errors import PhotoError, reason
from retint.extras import required
from retint.film.stages import check_wanted
from retint.film.structure import is_cut_off

FILMS = (
    "mov", "matroska", "avi", "mpeg", "mpegts", "mpegvideo", "dv", "mxf", "gxf", "asf", "wtv",
    "ogg", "flv", "rm", "nut", "yuv4mpegpipe", "h264", "hevc", "ivf", "srt", "ass",
)  # fmt: skip
"""FFmpeg's names of the supported formats; the last two are for subtitles inside AVI."""
PART = "nut"
"""Container of a finished shot: it supports any time base."""
MOST_STREAMS = 64
MOST_BYTES_AT_ONCE = 1 << 16
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
FOREIGN_TEXT = "retint-latin-1"
"""Name of the error handler for tags that are not UTF-8, as in old AVI files."""


def needed() -> Any:
    """Import PyAV; raises PhotoError if it is missing, since photographs in the same batch do not
    need it.
    """
    with required("film", "a film", PhotoError):
        import av
    return av


@contextmanager
def opened(source: Path | io.BytesIO, formats: tuple[str, ...] = FILMS) -> Iterator[Any]:
    """Open a film for reading as PyAV's container; raises PhotoError if it is not a film."""
    av = needed()
    with _stream(source) if isinstance(source, Path) else nullcontext(source) as file:
        try:
            container = av.open(
                file, "r", io_open=_refuse, metadata_errors=FOREIGN_TEXT,
                buffer_size=MOST_BYTES_AT_ONCE,
                container_options={
                    "format_whitelist": ",".join(formats), "max_streams": str(MOST_STREAMS)
                },
            )  # fmt: skip
        except av.ArgumentError:
            raise PhotoError("not a readable film (unsupported format)") from None
        except (av.FFmpegError, OSError, ValueError) as error:
            cut_off = isinstance(source, Path) and is_cut_off(source)
            why = "it is truncated" if cut_off else reason_of(error)
            raise PhotoError(f"not a readable film ({why})") from None
        with container:
            yield container


@contextmanager
def created(path: Path, format: str, options: Mapping[str, str] = NO_OPTIONS) -> Iterator[Any]:
    """Create a film as PyAV's container; it is on the disk when this ends.

    Raises OSError (FileExistsError if the file exists), PyAV's errors, and all exceptions raised
    within.
    """
    with path.open("xb") as raw:
        with written(raw, format, options) as container:
            yield container
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def written(raw: BinaryIO, format: str, options: Mapping[str, str] = NO_OPTIONS) -> Iterator[Any]:
    """Write a film to an open file, or to memory, as PyAV's container; raises like `created`."""
    av = needed()
    file = _Written(raw)
    container = av.open(file, "w", format=format, io_open=_refuse, container_options=dict(options))
    try:
        yield container
    except BaseException:
        with suppress(Exception):  # the first error is the one to report
            container.close()
        raise
    container.close()
    if file.error is not None:  # FFmpeg drops some of them
        raise file.error


def packets_of(container: Any) -> Iterator[Any]:
    """All packets of an open film, followed by an empty one per stream; raises PyAV's errors."""
    # At the end, PyAV fails to find streams that have appeared meanwhile.
    with suppress(IndexError):
        yield from container.demux()


def reason_of(error: BaseException) -> str:
    """The error message of FFmpeg or the operating system."""
    return (str(getattr(error, "strerror", None) or error) or type(error).__name__).splitlines()[0]


def _stream(path: Path) -> _Read:
    """Open a file as a stream; raises PhotoError for pipes and devices, which may never end."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise PhotoError(f"not a readable film ({reason(error)})") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PhotoError("not a regular file")
    return _Read(descriptor)


class _Read(io.FileIO):
    """A file that stops when its result is no longer wanted, since FFmpeg may read for long."""

    _stopped = False

    def read(self, size: int | None = -1, /) -> Any:
        if self._stopped:
            # FFmpeg may try again, and PyAV prints an exception that another one replaces.
            return b""
        try:
            check_wanted()
        except BaseException:
            self._stopped = True
            raise
        return super().read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except OSError as error:
            # For FFmpeg, a negative result is an error; PyAV prints exceptions that it drops.
            return -(error.errno or errno.EINVAL)


class _Written:
    """A file that remembers its first write error."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: OSError | None = None
        self.seek, self.tell = file.seek, file.tell

    def write(self, content: bytes) -> int:
        check_wanted()
        try:
            written: int = self._file.write(content)
        except OSError as error:
            self.error = self.error or error
            raise
        return written


def _refuse(url: str, _flags: int, _options: dict[str, str]) -> NoReturn:
    raise PhotoError(f"it refers to another file ({url}), which is not allowed")


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(FOREIGN_TEXT, _as_latin_1)
