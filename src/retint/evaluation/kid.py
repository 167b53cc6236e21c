"""KID-lite0: distance between a set of coloured pictures and a set of real ones.

The kernel inception distance (Binkowski et al. 2018, "Demystifying MMD GANs", section 4) is an
unbiased squared maximum mean discrepancy with a cubic polynomial kernel, so it is meaningful for a
few hundred pictures. The features are those of EfficientNet-lite0, not of Inception, so values
cannot be compared with published KID or FID.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from retint.colorizers.parts.sessions import session_of
from retint.evaluation.statistics import LEVEL, RESAMPLES, Estimate, Values
from retint.weights import shipped

if TYPE_CHECKING:
    import onnxruntime

SIDE = 224
"""Side of the input; pictures are cropped to squares and resized to it."""
MAX_PICTURES = 2000
"""Maximum number of pictures: the kernel needs memory proportional to its square."""


@cache
def _session() -> onnxruntime.InferenceSession:
    return session_of(shipped("kid-lite0"), threads=1, device="cpu")


def features(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1280 features of sRGB [H, W, 3]."""
    square = ImageOps.fit(Image.fromarray(rgb), (SIDE, SIDE), Image.Resampling.BICUBIC)
    planes = np.asarray(square, np.float32).transpose(2, 0, 1)[None] / np.float32(255)
    answer: NDArray[np.float32] = _session().run(None, {"picture": planes})[0][0]
    return answer


def discrepancies(coloured: NDArray[np.float32], real: NDArray[np.float32]) -> NDArray[np.float64]:
    """The terms h(z_i, z_j) [N, N] whose mean off the diagonal is KID.

    Computed from features [N, D] of each set (Gretton et al. 2012, "A Kernel Two-Sample Test",
    lemma 6, equation 4). The i-th pictures of both sets may belong together, such as a photograph
    and its colouring, so they are never compared with each other.
    """
    x, y = coloured.astype(np.float64), real.astype(np.float64)
    cross = _kernel(x, y)
    terms: NDArray[np.float64] = _kernel(x, x) + _kernel(y, y) - cross - cross.T
    return terms


def _kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    kernel: NDArray[np.float64] = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel


def kid(terms: NDArray[np.float64], seed: int = 0) -> Estimate:
    """KID-lite0 with its bootstrap interval over pictures.

    For the difference of two methods' terms, the difference of their KID with its interval.
    """
    count = len(terms)
    if count < 2:
        return Estimate(np.nan, np.nan, np.nan)
    off_diagonal = terms - np.diag(np.diag(terms))
    mean = off_diagonal.sum() / (count * (count - 1))
    # A picture that was drawn twice must not be compared with itself, so the diagonal is excluded.
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float64)
    sums = ((weights @ off_diagonal) * weights).sum(axis=1)
    pairs = count**2 - np.square(weights).sum(axis=1)
    means: Values = sums[pairs > 0] / pairs[pairs > 0]  # with few pictures, one may be drawn alone
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(mean), float(low), float(high))
