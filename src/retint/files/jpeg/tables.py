"""Quantization tables, and conversion of planes to quantized coefficients (ITU-T T.81)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The tables that libjpeg scales by quality (ITU-T T.81, tables K.1 and K.2).
LUMA = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
]).reshape(8, 8)  # fmt: skip
CHROMA = np.full((8, 8), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]

_COSINES = np.array([
    [np.sqrt((1 if u == 0 else 2) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)]
    for u in range(8)
], np.float32)  # fmt: skip


def chroma_table(luma: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A chroma table [8, 8] of the same quality as a luma table."""
    share = float(np.median(luma / LUMA))
    return np.clip(np.round(CHROMA * share), 1, 255).astype(np.uint16)


def quantized(plane: NDArray[np.uint8], table: NDArray[np.uint16]) -> NDArray[np.int16]:
    """Quantized DCT coefficients [rows, columns, 8, 8] of a plane (T.81, A.3.3 and A.3.4)."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % 8), (0, -width % 8)), mode="edge")
    rows, columns = padded.shape[0] // 8, padded.shape[1] // 8
    levels = padded.astype(np.float32) - np.float32(128)
    across = levels.reshape(-1, 8) @ _COSINES.T
    blocks = across.reshape(rows, 8, columns, 8).transpose(0, 2, 3, 1)
    down = np.ascontiguousarray(blocks).reshape(-1, 8) @ _COSINES.T
    found = down.reshape(rows, columns, 8, 8).transpose(0, 1, 3, 2)
    return np.rint(found / table.astype(np.float32)).astype(np.int16)
