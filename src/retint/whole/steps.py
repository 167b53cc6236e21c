"""Steps around the networks of `guided-unet` as graphs of their own.

A program that colours a picture again and again, with changing hints, runs the shipped networks
and these graphs one by one, and keeps what does not change. The page without a server does so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx

from retint.colorizers.guided_unet import EVENED, RICHNESS, GuidedUNet
from retint.colorizers.parts import onnx_outline
from retint.colorizers.parts.guided_parts import CLASSIFIER
from retint.colorizers.parts.semantics import GRID, OUTPUTS
from retint.colorizers.parts.skin import PROBABLE
from retint.whole.graph import Graph, Value
from retint.whole.guided import QUARTERS, averaged, enriched, evened
from retint.whole.pipeline import fitted_lines

PLANES = ("count", "height", "width")
"""Shape of planes."""
TOKENS = 768
"""Numbers in a token of the recognizer."""


def steps_of(method: GuidedUNet) -> dict[str, onnx.ModelProto]:
    """The graphs by name.

    told
        `chroma` of the decoder for a picture and its mirror image [2, 2, H, W], and `far`, the
        distance from hints [H, W], to a*, b* `told` [2, H, W].
    evened
        `lightness` [H, W], a*, b* `told` and, without hints, `alone` [2, H, W], the recognizer's
        outputs, what is probably `skin` and `far`, to a*, b* `evened` [2, H, W].
    lines
        `lightness` [H, W] and `planes` [C, H, W] to their `slope` and `offset` [C, H, W], by which
        they are enlarged.
    scores
        `cells` of the decoder's features [N, 96] to the mean `shares` of colours [1, 313].
    """
    graphs: dict[str, Callable[[Graph], None]] = {
        "told": _enrich,
        "evened": _even,
        "lines": _lines,
        "scores": lambda graph: _scores(graph, method),
    }
    models = {}
    for name, build in graphs.items():
        graph = Graph(name)
        build(graph)
        models[name] = graph.model({}, f"step of {method.name}")
    return models


def _enrich(graph: Graph) -> None:
    chroma = graph.input("chroma", np.float32, (2, 2, "height", "width"))
    graph.output("told", enriched(averaged(chroma), RICHNESS, _far(graph)), (2, "height", "width"))


def _even(graph: Graph) -> None:
    lightness = graph.input("lightness", np.float32, ("height", "width"))
    told, alone = (
        graph.input(name, np.float32, (2, "height", "width")) for name in ("told", "alone")
    )
    shapes = (1, GRID**2, TOKENS), (1, QUARTERS, QUARTERS, 2), (1, QUARTERS, QUARTERS)
    names = [*OUTPUTS, PROBABLE]
    recognized = [
        graph.input(name, np.float32, shape) for name, shape in zip(names, shapes, strict=True)
    ]
    far = _far(graph)
    chroma = enriched(evened(lightness, told, alone, recognized, far), EVENED, far)
    graph.output("evened", chroma, (2, "height", "width"))


def _lines(graph: Graph) -> None:
    lightness = graph.input("lightness", np.float32, ("height", "width"))
    planes = graph.input("planes", np.float32, PLANES)
    for name, found in zip(("slope", "offset"), fitted_lines(lightness, planes), strict=True):
        graph.output(name, found, PLANES)


def _scores(graph: Graph, method: GuidedUNet) -> None:
    stored = onnx_outline.weights(method.weights[0], CLASSIFIER)
    by_size = {each.ndim: each for each in stored.values()}
    weight, bias = by_size[4][..., 0, 0], by_size[1]
    cells = graph.input("cells", np.float32, ("count", weight.shape[1]))
    scores = cells @ graph.constant(np.ascontiguousarray(weight.T)) + graph.constant(bias)
    shares = scores.apply("Softmax", axis=1).mean(0)
    graph.output("shares", shares, (1, len(bias)))


def _far(graph: Graph) -> Value:
    return graph.input("far", np.float32, ("height", "width"))
