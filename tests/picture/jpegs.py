"""What jpeglib reads of a JPEG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def luma(path: Path) -> NDArray[Any]:
    """The coefficients of its luma; skips the test without jpeglib, which is not in the core."""
    opened = pytest.importorskip("jpeglib").read_dct(str(path))
    found: NDArray[Any] = np.array(opened.Y)
    return found
