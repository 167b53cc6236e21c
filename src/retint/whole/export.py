"""Writes a method and all steps around it to one ONNX file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from retint.colorizers import Colorizer, load_colorizer, method_class
from retint.colorizers.parts.network import WHOLE_KEY
from retint.errors import RetintError, UsageError
from retint.files import Photo, atomic
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline
from retint.version import __version__
from retint.weights import shipped
from retint.whole.pipeline import COLORED, PICTURE, VIVIDNESS, check, graph_of

CARD_KEY = "card."
"""Start of the keys of model cards, before the names of networks."""
TOLERANCE = 8
"""Largest allowed difference from retint in levels of 8 bits. The recognizer's activations are
quantized, which amplifies rounding: retint itself differs by 4 between processors.
"""
_TRIAL = 96, 128
"""Height and width of the picture that is colored for comparison."""


def export(name: str, target: Path, *, semantics: bool = True) -> int:
    """Write a shipped method as a graph from picture to picture, and compare it with retint.

    Parameters
    ----------
    name
        The method.
    target
        File to write; it appears only if it agrees with retint.
    semantics
        Whether methods that recognize objects do so.

    Returns
    -------
    The largest difference found, in levels of 8 bits.

    Raises
    ------
    UsageError
        If the method cannot be exported, or recognizes no objects in any case.
    RetintError
        If the file differs from retint by more than `TOLERANCE`.
    """
    kind = method_class(name)
    check(kind)
    if not semantics and "semantics" not in kind.Options.described():
        raise UsageError(f"`semantics` does not apply to {name}, which recognizes no objects")
    options = {} if semantics else {"semantics": False}
    method = load_colorizer(name, device="cpu", **options)
    model = graph_of(method).model(_metadata(method), method.summary)
    content = model.SerializeToString()
    difference = _difference(method, content)
    if difference > TOLERANCE:
        raise RetintError(f"the exported file differs from retint by {difference} levels")
    atomic.write(target, content)
    return difference


def _metadata(method: Colorizer) -> dict[str, str]:
    """What the file contains, and the model cards of its networks."""
    names = [path.stem for path in method.weights]
    about = {"method": method.name, "networks": names, "version": __version__}
    cards = {
        f"{CARD_KEY}{name}": shipped(name).with_suffix(".md").read_text("utf-8") for name in names
    }
    return {WHOLE_KEY: json.dumps(about), **cards}


def _difference(method: Colorizer, content: bytes) -> int:
    """Largest difference from retint for a picture of soft shapes and some noise."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    picture = _trial()
    vividness = np.array([Finish().vividness], np.float32)
    (found,) = session.run([COLORED], {PICTURE: picture[None], VIVIDNESS: vividness})
    expected = Pipeline(method)(Photo(picture, bare=True)).pixels
    return int(np.abs(found[0].astype(np.int16) - expected).max())


def _trial() -> NDArray[np.uint8]:
    rows, columns = np.indices(_TRIAL) / np.array(_TRIAL)[:, None, None]
    waves = np.sin(9 * rows + 3 * columns) + np.cos(7 * columns - 2 * rows)
    noise = np.random.default_rng(0).normal(0, 8, (*_TRIAL, 3))
    return np.asarray((127 + 50 * waves[..., None] + noise).clip(0, 255), np.uint8)
