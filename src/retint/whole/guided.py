"""The guided U-Net without hints, and the recognition of objects, in a graph.

See `retint.colorizers.guided_unet`, `parts.semantics` and `parts.richness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retint.colorizers.guided_unet import EVENED, RICHNESS, GuidedUNet
from retint.colorizers.parts.guided_parts import KEPT, MAPS
from retint.colorizers.parts.richness import SURROUNDINGS, Richness
from retint.colorizers.parts.semantics import (
    ALIKE,
    AS_LIGHT,
    GREY,
    GRID,
    LAYERS,
    NEAR,
    OUTPUTS,
    SIDE,
    TRUST,
)  # fmt: skip
from retint.colorizers.parts.skin import (
    CLEAR,
    COLORED,
    DIRECTION,
    FROM,
    LITTLE,
    PROBABLE,
    TO,
    WEIGHT,
)
from retint.errors import UsageError
from retint.whole import colors
from retint.whole.graph import Value, joined
from retint.whole.networks import load_part
from retint.whole.resampling import average, blurred, cubic, size_of

QUARTERS = 2 * GRID
"""Cells along a side whose colors the recognizer predicts."""


def answer(method: GuidedUNet, lightness: Value) -> Value:
    """a*, b* [2, H, W] for L* [H, W] of an accepted size.

    Raises
    ------
    UsageError
        If the network works at a size at which the recognizer's input is resized in another way.
    """
    network, *recognizers = method.weights
    chroma = enriched(_predicted(network, lightness), RICHNESS)
    if not recognizers:
        return chroma
    if method.size.padded(method.native) > SIDE:
        raise UsageError(f"object recognition needs a network of at most {SIDE} pixels")
    recognizer, skin = recognizers
    *found, layer8, layer12 = _recognized(recognizer, lightness)
    (probable,) = lightness.graph.include(load_part(skin, LAYERS, [PROBABLE]), layer8, layer12)
    return enriched(evened(lightness, chroma, chroma, [*found, probable]), EVENED)


def _predicted(path: Path, lightness: Value) -> Value:
    """a*, b* [2, H, W], averaged over the picture and its mirror image."""
    graph = lightness.graph
    pair = joined([lightness.unsqueezed(0, 1), lightness.mirrored().unsqueezed(0, 1)], 0) / 100
    maps = graph.include(load_part(path, ["lightness"], MAPS), pair)
    no_hints = joined([pair * 0] * 3, 1)
    decoder = load_part(path, [*KEPT, "hints"], ["chroma"])
    (chroma,) = graph.include(decoder, *maps, no_hints)
    return averaged(chroma)


def averaged(chroma: Value) -> Value:
    """a*, b* [2, H, W] of the decoder's output for a picture and its mirror image [2, 2, H, W]."""
    return (chroma.part(0, 0) + chroma.part(1, 0).mirrored()) / 2 * 100


def enriched(chroma: Value, by: Richness, far: Value | None = None) -> Value:
    """Multiply a*, b* [2, H, W] by the factors of `by`, less where `far` [H, W] is below 1."""
    height, width = size_of(chroma)
    around = blurred(chroma, height.at_most(width).to(np.float32) * SURROUNDINGS)
    gain = _factor(around, by)
    return chroma * (gain if far is None else (gain - 1) * far + 1)


def _factor(chroma: Value, by: Richness) -> Value:
    """Factor [1, H, W] for a*, b* [2, H, W]; see `Richness.at`."""
    square = (chroma * chroma).total(0)
    return square / (square + by.middle**2) * (by.strong - by.faint) + by.faint


def _recognized(recognizer: Path, lightness: Value) -> list[Value]:
    """What the recognizer finds in L* [H, W]: its `OUTPUTS` and `LAYERS`."""
    graph = lightness.graph
    side = (graph.constant(np.array(SIDE)),) * 2
    grey = cubic(colors.grey(lightness), side).unsqueezed(0, 1)
    return graph.include(load_part(recognizer, [GREY], [*OUTPUTS, *LAYERS]), grey)


def evened(
    lightness: Value,
    chroma: Value,
    alone: Value,
    recognized: Sequence[Value],
    far: Value | None = None,
) -> Value:
    """a*, b* [2, H, W] evened out over objects; see `semantics.Scene.even`.

    Parameters
    ----------
    alone
        a*, b* [2, H, W] predicted without hints.
    recognized
        The recognizer's `OUTPUTS`, and what is probably skin [1, 32, 32].
    far
        Distance from hints [H, W], from 0 to 1.
    """
    graph = lightness.graph
    grid, quarters = ((graph.constant(np.array(each)),) * 2 for each in (GRID, QUARTERS))
    tokens, predicted, skin = recognized
    wanted = predicted.squeezed(0).transposed(2, 0, 1)
    own = average(alone, quarters)
    change = (wanted - own) * _factor(wanted, TRUST)
    change = change + _drawn_together(own + change, skin)
    if far is not None:
        change = change * average(far, quarters)
    mixed = (average(chroma, grid) + average(change, grid)).reshaped(2, -1).transposed(1, 0)
    shared = _shares(tokens.squeezed(0), average(lightness, grid)) @ mixed
    evening = (shared - mixed).transposed(1, 0).reshaped(2, GRID, GRID)
    size = size_of(chroma)
    return chroma + cubic(change, size) + cubic(evening, size)


def _drawn_together(colors: Value, skin: Value) -> Value:
    """What is to be added to a*, b* [2, n, n] of skin [1, n, n]; see `skin.drawn_together`."""
    a, b = (colors.part(k, 0) * share for k, share in enumerate(DIRECTION))
    along = (a + b).at_least(0)
    counts = skin.apply("Pow", CLEAR) * along.apply("Pow", COLORED)
    total = counts.reshaped(1, 1, -1).total(2) + LITTLE
    common = (counts * colors).reshaped(2, 1, -1).total(2) / total
    share = ((skin - FROM) / (TO - FROM)).clip(0, 1) * WEIGHT
    return (common - colors) * share


def _shares(tokens: Value, lightness: Value) -> Value:
    """How much each cell's color counts for each other cell [256, 256]."""
    rows, columns = (each.reshape(-1) for each in np.indices((GRID, GRID)))
    apart = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    differing = lightness.reshaped(-1, 1) - lightness.reshaped(1, -1)
    scores = (tokens @ tokens.transposed(1, 0)) / ALIKE
    scores = scores - (apart / (2 * NEAR**2)).astype(np.float32)
    scores = scores - differing * differing / (2 * AS_LIGHT**2)
    return scores.apply("Softmax", axis=1)
