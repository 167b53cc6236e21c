"""What differs between the systems that there are archives for."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "3.13"
"""The Python in the archives."""
LINUX_START = """\
#!/bin/sh
# -I: nothing of another Python's settings applies.
exec "$(dirname "$(readlink -f "$0")")/python/bin/python3" -I -m retint "$@"
"""
WINDOWS_START = '@"%~dp0python\\python.exe" -I -m retint %*\n'


@dataclass(frozen=True)
class System:
    """A system."""

    key: str
    """As uv names it in the names of Pythons."""
    platform: str
    """As uv names it for wheels."""
    packages: str
    """The folder for packages in the Python's folder."""
    program: str
    """The interpreter in the Python's folder."""
    start: tuple[str, str]
    """Name and content of the file that starts retint."""
    ending: str
    """Of the archive."""


SYSTEMS = {
    "linux": System(
        "linux-x86_64-gnu", "x86_64-manylinux_2_28", f"lib/python{VERSION}/site-packages",
        "bin/python3", ("retint", LINUX_START), ".tar.gz",
    ),
    "windows": System(
        "windows-x86_64-none", "x86_64-pc-windows-msvc", "Lib/site-packages", "python.exe",
        ("retint.cmd", WINDOWS_START.replace("\n", "\r\n")), ".zip",
    ),
}  # fmt: skip
