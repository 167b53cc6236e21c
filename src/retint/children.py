"""Child processes that run no code from the working directory.

Python looks for modules in the working directory first (`python -m`, `python -c`), or in the
directory of a script. A downloaded directory may contain a `json.py`, which must not run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

SAFE_PATH = "PYTHONSAFEPATH"
"""If set, Python puts no directory of the caller before the installed packages."""
BEGIN = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); del sys.argv[1]; "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
"""First code of a child: adopts a search path, then runs a module."""


def start(module: str, *arguments: str, **options: Any) -> subprocess.Popen[Any]:
    """Run an installed module in its own process, isolated from the working directory.

    The process gets the modules of this one (`search_path`), the environment without variables that
    control Python, the interpreter's directory as its working directory, and no open files except
    those passed.

    Parameters
    ----------
    arguments
        Its command line. Paths must be absolute, since the working directory differs.
    options
        Options of `subprocess.Popen`, such as streams.
    """
    command = [sys.executable, "-I", "-c", BEGIN, json.dumps(search_path()), module, *arguments]
    clean = {name: each for name, each in os.environ.items() if not name.startswith("PYTHON")}
    # The interpreter's path identifies a virtual environment; .pth files name further packages.
    return subprocess.Popen(command, env=clean, cwd=folder(), close_fds=True, **options)


def folder() -> Path:
    """A safe working directory: the interpreter's own, whose files run anyway."""
    return Path(sys.executable).parent


def search_path() -> list[str]:
    """`sys.path` without the working directory, a script's directory, and entries relative to them.

    The directory that this package was imported from stays, since its code already runs.
    """
    stays = {Path(each).resolve() for each in sysconfig.get_paths().values()}
    stays.add(Path(__file__).resolve().parents[1])
    left_out = _callers_folders() - stays
    return [each for each in sys.path if Path(each).is_absolute() and _place(each) not in left_out]


@contextmanager
def guarded() -> Iterator[None]:
    """While it is active, the search path is safe in this process and in Python processes started
    by libraries (multiprocessing and its resource tracker, Ray).
    """
    before, path = os.environ.get(SAFE_PATH), list(sys.path)
    os.environ[SAFE_PATH] = "1"
    sys.path[:] = search_path()
    try:
        yield
    finally:
        sys.path[:] = path
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


def _callers_folders() -> set[Path]:
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    found = {Path(script).resolve().parent} if script else set()
    with suppress(OSError):  # it has been removed
        found.add(Path.cwd().resolve())
    return found


def _place(entry: str) -> Path:
    """Resolve an entry of the search path, which may be any string."""
    try:
        return Path(entry).resolve()
    except (OSError, RuntimeError, ValueError):
        return Path(entry)
