"""The pipeline in a graph, from picture to picture; see `retint.picture.pipeline`."""

from __future__ import annotations

import numpy as np

from retint.color.resize import MAX_ASPECT, MAX_ENLARGEMENT
from retint.color.upsampling import EPSILON, RADIUS
from retint.colorizers import Colorizer
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.unet import UNet
from retint.errors import UsageError
from retint.whole import colors, guided, plain
from retint.whole.graph import Graph, Value
from retint.whole.resampling import Size, box, cropped, enlarged, padded, shrink, size_of

METHODS = UNet, GuidedUNet
"""The methods that there is a graph for."""
PICTURE, VIVIDNESS, COLORED = "picture", "vividness", "colored"
"""Names of the inputs and of the output."""
SHAPE = (1, "height", "width", 3)
"""Of both pictures."""


def check(kind: type[Colorizer]) -> None:
    """Raise UsageError if there is no graph for a method."""
    if not issubclass(kind, METHODS):
        able = " and ".join(each.name for each in METHODS)
        raise UsageError(f"{kind.name} cannot be exported with all its steps; only {able} can")


def graph_of(method: Colorizer) -> Graph:
    """The graph of a method that passes `check`."""
    graph = Graph(method.name)
    picture = graph.input(PICTURE, np.uint8, SHAPE)
    # Not optional: from Java and JavaScript, ONNX Runtime takes no inputs that have a default.
    vividness = graph.input(VIVIDNESS, np.float32, [1])
    lightness = colors.lightness(picture)
    small = shrink(lightness, _working_size(size_of(lightness), method.native))
    chroma = cropped(_answer(method, padded(small, method.size)), size_of(small))
    a, b = _upsampled(lightness, small, chroma * vividness)
    graph.output(COLORED, colors.merge(lightness, a, b), SHAPE)
    return graph


def _answer(method: Colorizer, lightness: Value) -> Value:
    """a*, b* [2, H, W] for L* [H, W] of an accepted size."""
    if isinstance(method, GuidedUNet):
        return guided.answer(method, lightness)
    assert isinstance(method, UNet)
    return plain.answer(method, lightness)


def _working_size(size: Size, native: int) -> Size:
    """Height and width at which the network sees the picture; see `color.resize.working_size`."""
    height, width = (side.to(np.float64) for side in size)
    scale = (native / height.at_most(width)).at_most(
        MAX_ASPECT * native / height.at_least(width)
    ).at_most(MAX_ENLARGEMENT)  # fmt: skip
    rows, columns = (
        (side * scale).apply("Round").to(np.int64).at_least(1) for side in (height, width)
    )
    return rows, columns


def _upsampled(lightness: Value, small: Value, chroma: Value) -> tuple[Value, Value]:
    """a* and b*, of the size of L* [H, W], from L* [h, w] and a*, b* [2, h, w].

    See `color.upsampling`.
    """
    slope, offset = fitted_lines(small, chroma)
    size = size_of(lightness)
    a, b = (
        enlarged(slope.part(k, 0), size) * lightness + enlarged(offset.part(k, 0), size)
        for k in range(2)
    )
    return a, b


def fitted_lines(small: Value, chroma: Value) -> tuple[Value, Value]:
    """Slope and offset [C, h, w] of chroma [C, h, w] as a linear function of L* [h, w]."""
    plane = small.unsqueezed(0)
    mean_l, mean_c = box(plane, RADIUS), box(chroma, RADIUS)
    variance = box(plane * plane, RADIUS) - mean_l * mean_l
    covariance = box(plane * chroma, RADIUS) - mean_l * mean_c
    slope = box(covariance / (variance.at_least(0) + EPSILON), RADIUS)
    return slope, chroma - slope * plane
