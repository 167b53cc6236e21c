"""The plain U-Net in a graph; see `retint.colorizers.unet` and `parts.views`."""

from __future__ import annotations

import numpy as np

from retint.colorizers.unet import SCALES, UNet
from retint.whole import colors
from retint.whole.graph import Value, joined
from retint.whole.networks import load_part
from retint.whole.resampling import Size, cropped, linear, padded, shrink, size_of


def answer(method: UNet, lightness: Value) -> Value:
    """a*, b* [2, H, W] for L* [H, W] of an accepted size."""
    (path,) = method.weights
    network = load_part(path, ["picture"], ["answer"])
    whole, views = size_of(lightness), []
    for scale in SCALES:
        size = _scaled(whole, scale)
        view = padded(shrink(lightness, size), method.size)
        pair = joined([view.unsqueezed(0, 1), view.mirrored().unsqueezed(0, 1)], 0)
        (painted,) = lightness.graph.include(network, pair / 100)
        here, there = (colors.chroma(painted.part(k, 0)) for k in range(2))
        mean = (here + there.mirrored()) / 2
        views.append(linear(cropped(mean, size), whole))
    total = views[0]
    for each in views[1:]:
        total = total + each
    return total / len(SCALES)


def _scaled(size: Size, scale: float) -> Size:
    height, width = (
        (side.to(np.float64) * scale).apply("Round").to(np.int64).at_least(1) for side in size
    )
    return height, width
