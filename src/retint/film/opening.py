"""The one place where FFmpeg opens files.

FFmpeg takes a name for an address (`http:`, `tcp:`, `concat:`), and some formats for orders to open
other files. So it gets streams, never names; only formats that hold a film themselves are read;
and whatever else it would open is refused.
"""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from retint.errors import PhotoError, reason
from retint.extras import required
from retint.film.stages import check_wanted

FILMS = ("mov", "matroska", "avi", "srt", "ass")
"""FFmpeg's names of what is read; the last two are subtitles inside of AVI."""
PART = "nut"
"""The container of a finished shot: it keeps any time base."""
MOST_STREAMS = 64
MOST_BYTES_AT_ONCE = 1 << 16
FOREIGN_TEXT = "retint-latin-1"
"""How tags that are no UTF-8 are read: as old AVI files were written."""


def needed() -> Any:
    """PyAV; raises PhotoError where it is missing: photographs beside a film need none."""
    with required("film", "a film", PhotoError):
        import av
    return av


@contextmanager
def opened(path: Path, formats: tuple[str, ...] = FILMS) -> Iterator[Any]:
    """A film to be read, as PyAV's container; raises PhotoError where it is none."""
    av = needed()
    with _stream(path) as file:
        try:
            container = av.open(
                file, "r", io_open=_refused, metadata_errors=FOREIGN_TEXT,
                buffer_size=MOST_BYTES_AT_ONCE,
                container_options={
                    "format_whitelist": ",".join(formats), "max_streams": str(MOST_STREAMS)
                },
            )  # fmt: skip
        except av.ArgumentError:
            raise PhotoError("not a film that can be read (of no format that is)") from None
        except (av.FFmpegError, OSError, ValueError) as error:
            raise PhotoError(f"not a film that can be read ({reason_of(error)})") from None
        with container:
            yield container


@contextmanager
def created(path: Path, format: str) -> Iterator[Any]:
    """A new film to be written, as PyAV's container; it is on the disk when this ends.

    Raises OSError, FileExistsError where there is a file of that name, PyAV's errors, and whatever
    else is raised within.
    """
    av = needed()
    with path.open("xb") as raw:
        file = _Written(raw)
        container = av.open(file, "w", format=format, io_open=_refused)
        try:
            yield container
        except BaseException:
            with suppress(Exception):  # what went wrong first is what is told
                container.close()
            raise
        container.close()
        if file.error is not None:  # FFmpeg forgets some of them
            raise file.error
        raw.flush()
        os.fsync(raw.fileno())


def reason_of(error: BaseException) -> str:
    """What went wrong, in FFmpeg's or the system's words."""
    return (str(getattr(error, "strerror", None) or error) or type(error).__name__).splitlines()[0]


def _stream(path: Path) -> _Read:
    """A file's content; raises PhotoError where it is no plain file, which may never end."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise PhotoError(f"not a film that can be read ({reason(error)})") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PhotoError("not a file")
    return _Read(descriptor)


class _Read(io.FileIO):
    """A file that is read as long as somebody wants it: FFmpeg may look for long."""

    def read(self, size: int | None = -1, /) -> Any:
        check_wanted()
        return super().read(size)


class _Written:
    """A file that keeps the first error of being written."""

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


def _refused(url: str, _flags: int, _options: dict[str, str]) -> NoReturn:
    raise PhotoError(f"it names another file ({url}), and none is opened")


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(FOREIGN_TEXT, _as_latin_1)
