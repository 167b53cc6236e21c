"""The content of an archive, as a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from retint.errors import RetintError
from tools.portable import libraries
from tools.portable.systems import SYSTEMS, VERSION, System

ROOT = Path(__file__).parents[2]
EXTRAS = "film,serve,watch"
"""What of retint is in it; `exact` has no wheels for Windows."""
NOT_NEEDED = (
    "include", "share", "tcl", "libs", "Doc", "Scripts", "lib/pkgconfig", "lib/libpython*.a",
    "lib/tcl*", "lib/tk*", "lib/itcl*", "lib/thread*", "{lib}/ensurepip", "{lib}/idlelib",
    "{lib}/lib2to3", "{lib}/tkinter", "{lib}/turtledemo", "{lib}/pydoc_data", "{lib}/test",
    "{lib}/config-*", "{lib}/site-packages/*", "{lib}/lib-dynload/_tkinter*",
    "{lib}/lib-dynload/_test*", "DLLs/_tkinter*", "DLLs/_test*", "DLLs/tcl*", "DLLs/tk*",
)  # fmt: skip
"""Patterns in a Python's folder: programs of its own, tests, what compilers need."""
READ_ME = """\
retint colours black-and-white photographs and films. In a terminal, in this folder:

    {start} photo.jpg     writes photo.retint.jpg beside it
    {start} serve --open  the page in the browser
    {start} desktop install  a right click in file managers; "desktop remove" removes it

To uninstall, delete this folder. LICENSE has the terms, python/ the terms of Python, and its folder
of packages those of each.
"""


class PortableError(RetintError):
    """An archive cannot be made."""


def compose(target: Path, name: str, python: Path | None = None) -> None:
    """Write the content of the archive for a system into an empty folder.

    Parameters
    ----------
    python
        An installation of Python for that system; otherwise uv fetches one.

    Raises
    ------
    PortableError
        If a program fails, or `python` is no such installation.
    """
    system = SYSTEMS[name]
    with tempfile.TemporaryDirectory() as work:
        source = python or _fetched(Path(work) / "python", system)
        if not (source / system.program).exists():
            raise PortableError(f"{source} has no {system.program}")
        copy(source, target / "python", system)
        if name == "linux":
            libraries.complete(target / "python")
        wheel = _wheel(Path(work) / "wheel")
        _uv(
            "pip", "install", "--target", str(target / "python" / system.packages),
            "--python-version", VERSION, "--python-platform", system.platform,
            "--only-binary", ":all:", "--no-compile-bytecode", "--no-config",
            f"retint[{EXTRAS}] @ {wheel.as_uri()}",
        )  # fmt: skip
    shutil.rmtree(target / "python" / system.packages / "bin", ignore_errors=True)
    start, content = system.start
    (target / start).write_bytes(content.encode())
    (target / start).chmod(0o755)
    text = READ_ME.format(start=f"./{start}" if name == "linux" else "retint")
    (target / "README.txt").write_text(text, "utf-8", newline="\r\n" if name == "windows" else "\n")
    shutil.copy(ROOT / "LICENSE", target)


def copy(source: Path, target: Path, system: System) -> None:
    """Copy a Python without what is not needed."""
    lib = system.packages.rpartition("/")[0]
    left_out = {
        path for each in NOT_NEEDED for path in source.glob(each.format(lib=lib))
    }  # fmt: skip

    def ignored(folder: str, names: Sequence[str]) -> set[str]:
        return {each for each in names if each == "__pycache__" or Path(folder, each) in left_out}

    shutil.copytree(source, target, symlinks=True, ignore=ignored)
    if system.program.startswith("bin/"):  # not pip and the like, which name their old place
        for path in (target / "bin").iterdir():
            if path.name not in ("python3", f"python{VERSION}"):
                path.unlink()


def _fetched(target: Path, system: System) -> Path:
    """A Python of python-build-standalone."""
    key = f"cpython-{VERSION}-{system.key}"
    _uv("python", "install", key, "--install-dir", str(target), "--no-bin")
    (found,) = (each for each in target.glob("cpython-*") if not each.is_symlink())
    return found


def _wheel(target: Path) -> Path:
    _uv("build", "--wheel", "--out-dir", str(target), str(ROOT))
    (found,) = target.glob("*.whl")
    return found


def _uv(*arguments: str) -> None:
    """Call the uv that is installed beside this Python."""
    program = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if program is None:
        raise PortableError("uv is missing: pip install uv")
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode:
        said = (done.stderr.strip() or "it failed").splitlines()[-1].strip()
        raise PortableError(f"uv {arguments[0]} {arguments[1]}: {said}")
