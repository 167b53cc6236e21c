"""What `against.py` measures, with whichever version is imported.

    python benchmarks/speed/tasks.py DIR

Reads tasks line by line, and prints their seconds and CPU seconds. DIR gets pictures by which two
versions can be compared.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import retint


def main() -> None:
    tasks = prepared(Path(sys.argv[1]))
    for line in sys.stdin:
        began, before = time.perf_counter(), time.process_time()
        tasks[line.strip()]()
        print(json.dumps([time.perf_counter() - began, time.process_time() - before]), flush=True)


def prepared(out: Path) -> dict[str, Callable[[], Any]]:
    """Tasks by name, after the pictures were written."""
    colorizer, scan = retint.load(), out.parent / "scan.jpg"
    square = np.asarray(Image.open(out.parent / "square.jpg"))
    session = colorizer.open(square)
    for name, hints in (("alone", []), ("hinted", [retint.Hint(200, 300, "navy")])):
        Image.fromarray(session.colorize(hints)).save(out / f"{name}.png")
    turns = iter(range(10**6))

    def first() -> Any:
        # Another picture each time, since what was recognized in the last ones is kept.
        return colorizer(np.roll(square, next(turns)))

    def hint() -> Any:
        return session.colorize([retint.Hint(next(turns) % 500, 9, "navy")])

    def large() -> None:
        colorizer(scan).save(out / "scan.jpg", quality=95, subsampling=0)

    return {"first look": first, "another hint": hint, "12 MP": large}


if __name__ == "__main__":
    main()
