"""Folders and buckets, by whatever fsspec knows how to reach.

Credentials come from the environment alone; nothing here sees, keeps or prints them.
"""

from __future__ import annotations

import posixpath
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from retint.errors import UsageError

EXTRA = "retint[cluster]"
PACKAGES = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "s3": "s3fs"}
"""What fsspec needs, by protocol."""


@dataclass(frozen=True)
class Entry:
    """A file in a place."""

    name: str
    """Its path below the place."""
    size: int
    stamp: str
    """Its ETag, or when it was changed: another one is another file."""


@dataclass(frozen=True)
class Place:
    """A folder, `s3://bucket/prefix`, or another address of fsspec's."""

    address: str

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ModuleNotFoundError:
            raise UsageError(f"this needs fsspec: pip install '{EXTRA}'") from None
        protocol = self.address.partition("://")[0] if "://" in self.address else "file"
        try:
            # Others write there too: what was listed a moment ago may not be so any more.
            fs, root = fsspec.core.url_to_fs(self.address, use_listings_cache=False)
        except (ImportError, ValueError):
            package = PACKAGES.get(protocol, "a package for it")
            raise UsageError(f"{protocol}:// needs {package}: pip install {package}") from None
        return fs, str(root).rstrip("/")

    @property
    def fs(self) -> Any:
        """The file system."""
        return self._opened[0]

    @property
    def root(self) -> str:
        """Its path in the file system."""
        return self._opened[1]

    @property
    def is_local(self) -> bool:
        protocol = self.fs.protocol
        return "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def path(self, name: str) -> str:
        """Of a file below it, in the file system."""
        return posixpath.join(self.root, name)

    def holds(self, other: Place) -> bool:
        """Whether another place is this one or lies within it."""
        same = type(self.fs) is type(other.fs)
        return same and (other.root + "/").startswith(self.root + "/")

    def check(self) -> None:
        """Raise UsageError, in one line, where it cannot be reached."""
        try:
            self.fs.invalidate_cache()
            if not self.fs.isdir(self.root):
                raise UsageError(f"{self.address}: there is no such folder or bucket")
        except UsageError:
            raise
        except Exception as error:  # each file system has its own
            raise UsageError(f"{self.address}: {_said(error)}") from None

    def folders(self) -> Iterator[tuple[str, list[Entry]]]:
        """Folder after folder, by name, with its files; one listing at a time is in memory."""
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
                    below.append(own.rstrip("/"))
                else:
                    stamp = found.get("ETag") or found.get("etag") or found.get("mtime") or ""
                    entries.append(Entry(own, int(found["size"] or 0), str(stamp).strip('"')))
            yield folder, sorted(entries, key=lambda each: each.name)
            waiting += sorted(below, reverse=True)

    def read(self, name: str) -> bytes:
        content: bytes = self.fs.cat_file(self.path(name))
        return content

    def exists(self, name: str) -> bool:
        return bool(self.fs.exists(self.path(name)))

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole: by one put, or beside its place and renamed."""
        path = self.path(name)
        if not self.is_local:
            self.fs.pipe_file(path, content)
            return
        self.fs.makedirs(posixpath.dirname(path), exist_ok=True)
        partial = posixpath.join(posixpath.dirname(path), f".{secrets.token_hex(8)}.partial")
        try:
            self.fs.pipe_file(partial, content)
            self.fs.mv(partial, path)
        finally:
            if self.fs.exists(partial):
                self.fs.rm_file(partial)


def _said(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text[:200]
