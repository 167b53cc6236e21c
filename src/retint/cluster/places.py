"""Folders and buckets, accessed with fsspec.

Credentials come from the environment only; nothing here reads, stores or prints them.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from retint.errors import ExistsError, PhotoError, UsageError
from retint.extras import required
from retint.files.atomic import is_old, is_partial, is_taken, partials
from retint.files.confined import is_below, leads_out
from retint.files.times import Times

PACKAGES = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "s3": "s3fs"}
"""Packages for fsspec, by protocol."""


ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
"""Beginning of a name that is an address."""


@dataclass(frozen=True)
class Entry:
    """A file in a place."""

    name: str
    """Its path below the place."""
    size: int
    stamp: str
    """Its ETag or modification time, which changes with the file."""
    readable: bool = True
    """Whether it is a file, or a link that may lead to one; not a pipe or a socket."""


@dataclass(frozen=True)
class Place:
    """A folder, `s3://bucket/prefix`, or another address of fsspec."""

    address: str

    @cached_property
    def _fs_and_root(self) -> tuple[Any, str]:
        with required("cluster"):
            import fsspec
        protocol = self.address.partition("://")[0] if "://" in self.address else "file"
        try:
            # Others write there too, so listings are not cached.
            fs, root = fsspec.core.url_to_fs(self.address, use_listings_cache=False)
        except (ImportError, ValueError):
            package = PACKAGES.get(protocol, "a package for it")
            raise UsageError(f"{protocol}:// requires {package}: pip install {package}") from None
        return fs, str(root).rstrip("/")

    @property
    def fs(self) -> Any:
        """The file system."""
        return self._fs_and_root[0]

    @property
    def root(self) -> str:
        """Its path in the file system."""
        return self._fs_and_root[1]

    @property
    def is_local(self) -> bool:
        protocol = self.fs.protocol
        return "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    @property
    def absolute(self) -> str:
        """An address that does not depend on the working directory."""
        return self.root if self.is_local else self.address

    def path(self, name: str) -> str:
        """Path of a file below it, in the file system.

        Names are used literally, without decoding.

        Raises
        ------
        PhotoError
            If the name leads outside: an absolute path, `..`, another address, or a link.
        """
        path = self.own_path(name)
        if self.is_local and leads_out(Path(path), Path(self.root)):
            raise PhotoError(f"{name!r} is outside {self.address}, through a link")
        return path

    def own_path(self, name: str) -> str:
        """Path of a file to be written; a link at this path is replaced, not followed.

        Raises like `path`.
        """
        path = posixpath.join(self.root, name)
        outside = not is_below(name) or ADDRESS.match(name) is not None
        if outside or (self.is_local and leads_out(Path(path).parent, Path(self.root))):
            raise PhotoError(f"{name!r} is outside {self.address}")
        return path

    def holds(self, other: Place) -> bool:
        """Whether another place is this one or below it."""
        same = type(self.fs) is type(other.fs)
        return same and (other._real + "/").startswith(self._real + "/")

    @property
    def _real(self) -> str:
        return Path(self.root).resolve().as_posix() if self.is_local else self.root

    def check(self) -> None:
        """Raise a UsageError with one line if it cannot be reached."""
        try:
            self.fs.invalidate_cache()
            if not self.fs.isdir(self.root):
                raise UsageError(f"{self.address}: no such folder or bucket")
        except UsageError:
            raise
        except Exception as error:  # each file system has its own exceptions
            raise UsageError(f"{self.address}: {_first_line(error)}") from None

    def folders(
        self, enters: Callable[[str], bool] = lambda _: True
    ) -> Iterator[tuple[str, list[Entry]]]:
        """Folders by name, each with its files; one listing at a time is in memory.

        Parameters
        ----------
        enters
            Whether a folder below is listed.
        """
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            entries, below = [], []
            for found in self.fs.ls(self.path(folder) if folder else self.root, detail=True):
                name = found["name"].removeprefix("/" if not self.is_local else "")
                own = name[len(self.root) :].lstrip("/")
                if not own or own == folder:
                    continue
                if found["type"] == "directory":
                    # A link may lead outside, or form a cycle.
                    folder_below = own.rstrip("/")
                    if not found.get("islink") and enters(folder_below):
                        below.append(folder_below)
                elif not (found.get("islink") and Path(name).is_dir()):
                    stamp = found.get("ETag") or found.get("etag") or found.get("mtime") or ""
                    size, stamp = int(found["size"] or 0), str(stamp).strip('"')
                    entries.append(Entry(own, size, stamp, _is_readable(name, found)))
            yield folder, sorted(entries, key=lambda each: each.name)
            waiting += sorted(below, reverse=True)

    def read(self, name: str, most: int | None = None) -> bytes:
        """The content of a file, or its first `most` bytes."""
        path = self.path(name)
        if self.is_local and Path(path).exists() and not Path(path).is_file():
            raise PhotoError(f"{name!r} is not a file")  # reading a pipe would block
        content: bytes = self.fs.cat_file(path, end=most)
        return content

    def times(self, name: str) -> Times:
        """The times of a file before it is read; object storage only has that of its last change.

        Raises
        ------
        OSError, NotImplementedError
            If it is missing, or the file system has none.
        """
        path = self.path(name)
        if self.is_local:
            return Times.of(Path(path))
        changed = round(self.fs.modified(path).timestamp() * 1e9)
        return Times(changed, changed)

    def give_times(self, name: str, times: Times) -> None:
        """Give them to a file of a folder; raises OSError if its file system does not allow it."""
        times.put(Path(self.own_path(name)))

    def exists(self, name: str) -> bool:
        """Whether something has that name, including links."""
        path = self.own_path(name)
        return is_taken(Path(path)) if self.is_local else bool(self.fs.exists(path))

    def write(self, name: str, content: bytes, *, new: bool = False) -> None:
        """Write a file completely: with a single put, or beside its path and then renamed.

        Parameters
        ----------
        new
            Whether it must not replace anything; for files in folders, this raises ExistsError.
        """
        path = self.own_path(name)
        if not self.is_local:
            self.fs.pipe_file(path, content)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partials([target], new=[target] if new else []) as (partial,):
                partial.write_bytes(content)
        except FileExistsError:
            raise ExistsError.of(name) from None

    def sweep(self) -> None:
        """Remove partial files of killed runs from a folder; other runs may be active."""
        if not self.is_local:
            return
        for folder, _, names in os.walk(self.root):
            for path in (Path(folder, name) for name in filter(is_partial, names)):
                # Files of other computers, whose processes are unknown here, are included.
                if is_old(path):
                    with suppress(OSError):
                        path.unlink()


def _is_readable(path: str, found: Mapping[str, Any]) -> bool:
    if found["type"] == "file":
        return True
    return bool(found.get("islink")) and (Path(path).is_file() or not Path(path).exists())


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text[:200]
