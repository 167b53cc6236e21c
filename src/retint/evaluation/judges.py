"""LPIPS and FID, if their networks are available as ONNX files.

The usual libraries for both need torchvision and download their weights from hubs.
`docs/metrics.md` contains a script that writes the two files on a machine that has them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint.colorizers.parts.sessions import session_of
from retint.errors import WeightsError

if TYPE_CHECKING:
    import onnxruntime

INCEPTION_SIDE = 299


@cache
def _session(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise WeightsError(f"no weights at {path}")
    return session_of(path, threads=1, device="cpu")


def _run(path: Path, *planes: NDArray[np.float32]) -> NDArray[np.float32]:
    session = _session(path)
    names = [each.name for each in session.get_inputs()]
    if len(names) != len(planes):
        raise WeightsError(f"{path} takes {len(names)} pictures, not {len(planes)}")
    answer: NDArray[np.float32] = session.run(None, dict(zip(names, planes, strict=True)))[0]
    return answer


def lpips(path: Path, coloured: NDArray[np.uint8], original: NDArray[np.uint8]) -> float:
    """Learned perceptual distance of two pictures sRGB [H, W, 3].

    Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric".
    The file at `path` takes two pictures [1, 3, H, W] in [-1, 1].
    """
    return float(_run(path, _planes(coloured) * 2 - 1, _planes(original) * 2 - 1).squeeze())


def inception(path: Path, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Features of sRGB [H, W, 3] from a file that takes [1, 3, 299, 299] in [0, 1]."""
    side = (INCEPTION_SIDE, INCEPTION_SIDE)
    square = np.asarray(Image.fromarray(rgb).resize(side, Image.Resampling.BICUBIC))
    return _run(path, _planes(square)).reshape(-1)


def frechet(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Fréchet distance of normal distributions fitted to features [N, D].

    Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", equation 6. Biased upwards
    for few pictures, so state their number.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)
    shift = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    # trace((Cx Cy)^1/2) is the sum of the singular values of X Y' for centred X, Y over sqrt(N-1):
    # the same value as with matrix roots, which are problematic for N < D.
    x, y = ((each - each.mean(axis=0)) / np.sqrt(len(each) - 1) for each in (x, y))
    cross = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return float(shift + np.square(x).sum() + np.square(y).sum() - 2 * cross)


def _planes(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255))
