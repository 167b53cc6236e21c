"""Python processes that run nothing of the folder that somebody works in.

Python looks for modules in the working folder first (`python -m`, `python -c`) or in a script's
own. People work in folders that they have downloaded: a `json.py` in one must not be run.
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
"""With it set, Python puts no folder of a caller's before those that are installed."""
BEGIN = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); del sys.argv[1]; "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
"""What a child runs first: it takes over a search path, then runs a module."""


def start(module: str, *arguments: str, **options: Any) -> subprocess.Popen[Any]:
    """Run an installed module in a process of its own, apart from the working folder.

    It has the modules that this process has (`search_path`), the environment without what steers
    Python, the folder of the interpreter as its own, and no open files but those it is given.

    Parameters
    ----------
    arguments
        Its command line; paths are absolute, as its working folder is another one.
    options
        Those of `subprocess.Popen`: streams.
    """
    command = [sys.executable, "-I", "-c", BEGIN, json.dumps(search_path()), module, *arguments]
    clean = {name: each for name, each in os.environ.items() if not name.startswith("PYTHON")}
    # A virtual environment is known by the interpreter's place, installed packages by their .pth.
    return subprocess.Popen(command, env=clean, cwd=folder(), close_fds=True, **options)


def folder() -> Path:
    """Where a process may work: the interpreter's own folder, whose files are run anyway."""
    return Path(sys.executable).parent


def search_path() -> list[str]:
    """`sys.path` without the working folder, the folder of a script, and what is relative to them.

    The folder that this package was imported from stays wherever it is, as its code runs already.
    """
    stays = {Path(each).resolve() for each in sysconfig.get_paths().values()}
    stays.add(Path(__file__).resolve().parents[1])
    left_out = _callers_folders() - stays
    return [each for each in sys.path if Path(each).is_absolute() and _place(each) not in left_out]


@contextmanager
def guarded() -> Iterator[None]:
    """For the time of a command: the search path is safe here, and in Python processes that
    libraries start (multiprocessing and its resource tracker, Ray).
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
    with suppress(OSError):  # it was removed
        found.add(Path.cwd().resolve())
    return found


def _place(entry: str) -> Path:
    """Of an entry of the search path, which may be anything."""
    try:
        return Path(entry).resolve()
    except (OSError, RuntimeError, ValueError):
        return Path(entry)
