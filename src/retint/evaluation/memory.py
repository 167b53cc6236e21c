"""Peak memory of a process that loads a method and colours one 512 x 512 picture.

python -m retint.evaluation.memory METHOD
"""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np

from retint import children
from retint.api import load_pipeline
from retint.files import Photo

SIDE = 512


def peak_memory(method: str, weights: Path | None = None) -> float:
    """Megabytes, measured in a separate process; NaN on Windows, where it is not available."""
    if sys.platform == "win32":
        return math.nan
    given = [] if weights is None else [str(weights.resolve())]
    with children.start(__name__, method, *given, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"cannot measure the memory of {method}")
    return float(said)


def megabytes(which: str = "VmHWM") -> int:
    """Memory of this process on Linux: its peak, or with "VmRSS" the current value."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) // 1024
    raise ValueError(which)


def main(method: str, weights: str = "") -> None:
    """Colour one picture and print the peak resident size of the process."""
    import resource  # not on Windows

    ramp = np.linspace(0, 255, SIDE * SIDE).astype(np.uint8).reshape(SIDE, SIDE)
    own = {"weights": Path(weights)} if weights else {}
    load_pipeline(method, threads=1, upright="off", **own)(Photo(ramp))
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.platform == "darwin":
        kilobytes /= 1024  # macOS counts bytes
    print(f"{kilobytes / 1024:.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
