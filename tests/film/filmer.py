"""A child process that colours films under limits and reports the outcomes.

It takes a line with a path and answers one, as `tests.reader` does: "ok", "refused" or a fault.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from retint.cli.main import main as retint
from retint.film.source import Source

from ..reader import MEMORY, megabytes, megabytes_anew

OUT = "out"
"""The folder beside the films' that results go to, and nothing else anywhere."""
LONGEST = 600
"""Characters of a line about a film."""
MOST_LINES = 30


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print("idle", flush=True)
    for line in sys.stdin:
        path = Path(line.rstrip("\n").partition(" ")[2])
        before = megabytes_anew()
        answer = color(path)
        print(f"{megabytes() - before} {answer}", flush=True)


def color(path: Path) -> str:
    """What comes of a film."""
    target = path.parent.parent / OUT / f"{path.stem}.mkv"
    said, told = io.StringIO(), io.StringIO()
    arguments = [str(path), "-o", str(target), "--method", "mean", "--threads", "1", "--json"]
    with redirect_stderr(said), redirect_stdout(told):
        try:
            retint(arguments)
        except SystemExit as end:
            status = end.code
    lines = said.getvalue().splitlines()
    if status not in (0, 1) or len(lines) > MOST_LINES or any(is_strange(each) for each in lines):
        return f"fault: {status} {lines}"
    if not told.getvalue():  # it was not taken for a film
        return f"refused: {lines}" if lines and not target.exists() else f"fault: {status} {lines}"
    outcome = json.loads(told.getvalue())
    if outcome["error"] is not None:
        return f"refused: {lines}" if not target.exists() else f"fault: made in spite of {lines}"
    with Source(target).frames() as frames:
        count = sum(1 for _ in frames)
    target.unlink()
    return "ok" if count else "fault: it became a film of no frames"


def is_strange(line: str) -> bool:
    """Whether it is no clear line of retint's."""
    clear = line.startswith("retint: ") and line.isprintable() and len(line) < LONGEST
    return not clear or "internal error in retint" in line


if __name__ == "__main__":
    main()
