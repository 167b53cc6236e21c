"""Locks that one process holds at a time, also on drives without `flock` (SMB, some NFS).

Beside the locked file lies a marker, a file that is created exclusively and names its process.
Where `flock` works, it decides, and the marker informs processes for which it does not work.
Elsewhere the marker decides.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from retint.files.atomic import is_old, lives
from retint.files.confined import open_plain

HELD = ".held"
"""Suffix of markers."""
LONGEST = 10_000
"""Maximum bytes of a marker."""
UNSUPPORTED = {errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""Errors of file systems that have no locks."""
TRIES = 3
"""Attempts to replace the marker of a process that has ended, while others do the same."""


class HeldError(Exception):
    """Another process holds the lock; the message tells which one, if this is known."""


@dataclass(frozen=True)
class Holder:
    """The process that has made a marker."""

    host: str
    system: str
    """What process numbers refer to: the boot and the PID namespace, where known."""
    process: int
    started: str
    """When the process started, where known: numbers are used again."""
    flock: bool
    """Whether the process also holds the lock of the file system."""
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def this(cls, *, flock: bool) -> Holder:
        """The holder that this process is."""
        process = os.getpid()
        return cls(socket.gethostname(), _system(), process, _started(process), flock)

    @classmethod
    def read(cls, path: Path) -> Holder | None:
        """Parse a marker; None if it is invalid. Raises OSError if it cannot be read."""
        with open_plain(path, "rb") as file:
            content = file.read(LONGEST)
        try:
            found = cls(**json.loads(content))
            valid = all(
                type(each) is type(asdict(KIND)[name]) for name, each in vars(found).items()
            )
        except (RecursionError, TypeError, ValueError):
            return None
        return found if valid else None

    def has_ended(self) -> bool:
        """Whether the process provably runs no more; other computers' processes are unknown."""
        if (self.host, self.system) != (socket.gethostname(), _system()):
            return False
        return not lives(self.process) or _started(self.process) != self.started


KIND = Holder("", "", 0, "", False, "", "")


class Lock:
    """A lock on a file, which is created if it does not exist.

    Parameters
    ----------
    path
        The file; the marker is beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._flock = FileLock(path, timeout=0)
        self._own: Holder | None = None
        self.marker = path.with_name(path.name + HELD)
        self.remark = ""
        """One line if the file system has no locks."""

    def acquire(self) -> None:
        """Take the lock; raises HeldError or OSError."""
        open_plain(self._path, "ab").close()  # the lock library would follow a link
        try:
            self._flock.acquire()
            flock = True
        except Timeout:
            raise HeldError from None
        except NotImplementedError:  # filelock before 4, without a system call
            flock = False
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            flock = False
        try:
            self._mark(Holder.this(flock=flock))
        except BaseException:
            self._flock.release()
            raise
        if not flock:
            self.remark = (
                f"the file system has no locks (flock); {self.marker.name} keeps other runs out"
            )

    def release(self) -> None:
        """Give the lock back; it may have been removed."""
        with suppress(OSError):
            if self.is_current():
                self.marker.unlink()
        self._own = None
        self._flock.release()

    def is_current(self) -> bool:
        """Whether this lock still lies at its path, where others find it."""
        try:
            return self._own is not None and Holder.read(self.marker) == self._own
        except OSError:
            return False

    def _mark(self, own: Holder) -> None:
        """Create the marker, replacing that of a process that has ended."""
        for _ in range(TRIES):
            try:
                with open_plain(self.marker, "xb") as file:
                    self._own = own
                    file.write(json.dumps(asdict(own)).encode())
                return
            except FileExistsError:
                self._remove_leftover(own)
        raise HeldError

    def _remove_leftover(self, own: Holder) -> None:
        """Remove the marker of a process that has ended; raises HeldError for others."""
        try:
            found = Holder.read(self.marker)
        except FileNotFoundError:
            return
        # A marker without content is being written, or its process was killed before it was.
        ended = is_old(self.marker) if found is None else found.has_ended()
        # Who held a lock of the file system that is ours now has ended, on any computer.
        if not ended and not (found is not None and own.flock and found.flock):
            raise HeldError(self._description(found))
        # Another process may have replaced it in this moment.
        aside = self.marker.with_name(f"{self.marker.name}.{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):
            self.marker.rename(aside)
            if Holder.read(aside) == found:
                aside.unlink()
            else:
                aside.rename(self.marker)

    def _description(self, found: Holder | None) -> str:
        who = "" if found is None else f"process {found.process} on {found.host} since {found.time}"
        return f"{who or 'an unknown process'}; if it has ended, delete {self.marker}"


def _system() -> str:
    """Identifies the running system, in which a process has one number; empty if unknown."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def _started(process: int) -> str:
    """When a process started, in a unit of the system; empty if unknown."""
    with suppress(OSError, IndexError):
        # The name, in parentheses, may contain anything.
        return (
            Path(f"/proc/{process}/stat")
            .read_text("utf-8", "replace")
            .rpartition(")")[2]
            .split()[19]
        )
    return ""
