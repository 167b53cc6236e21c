"""Makes a Python for Linux independent of its place and of the system's libraries but glibc's.

One from python-build-standalone is so already, and stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from retint.errors import RetintError

SYSTEM = re.compile(
    r"(ld-linux.*|linux-vdso|libc|libm|libdl|libpthread|librt|libutil|libcrypt|libresolv|libnsl)"
    r"\.so.*"
)
"""Libraries that every Linux with glibc has; libcrypt is there for logins."""
ELF = b"\x7fELF"


def complete(python: Path) -> None:
    """Copy the libraries that a Python needs beside it, and let it find them there.

    Raises RetintError if a library or a program for this is missing.
    """
    folder = python / "lib"
    waiting = list(_binaries(python))
    done: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        needed = dict(_needed(path, folder))
        for name, found in needed.items():
            own = folder / name
            if not own.exists():
                shutil.copy(found, own)
                own.chmod(0o755)
            waiting.append(own)
        if needed:
            up = Path(*[".."] * len(path.parent.relative_to(python).parts))
            _run("patchelf", "--set-rpath", f"$ORIGIN/{up / 'lib'}", str(path))


def _binaries(python: Path) -> Iterator[Path]:
    """Programs and modules, but not those of packages, whose wheels have their libraries."""
    for path in sorted(python.rglob("*")):
        if "site-packages" in path.parts or path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(4) == ELF:
                yield path


def _needed(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Names of the libraries that a file itself names, and where they are."""
    own = set(_run("patchelf", "--print-needed", str(path)).split())
    for line in _run("ldd", str(path)).splitlines():
        name, _, place = line.strip().partition(" => ")
        if name not in own or SYSTEM.fullmatch(name):
            continue
        found = folder / name
        if not found.exists():
            found = Path(place.rpartition(" (")[0])
        if not found.is_file():
            raise RetintError(f"{path.name} needs {name}, which is not installed")
        yield name, found


def _run(*call: str) -> str:
    beside = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    if (program := shutil.which(call[0], path=beside)) is None:
        raise RetintError(f"{call[0]} is missing")
    done = subprocess.run([program, *call[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RetintError(f"{' '.join(call)}: {done.stderr.strip()}")
    return done.stdout
