"""The graphs of single steps answer as retint's own functions do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from retint.color.upsampling import EPSILON, RADIUS, _fit_lines
from retint.colorizers import load_colorizer
from retint.colorizers.guided_unet import EVENED, RICHNESS, GuidedUNet, enriched
from retint.colorizers.parts import semantics
from retint.hints.distance import unknown
from retint.whole.steps import steps_of

SIZE = 64, 96
Planes = NDArray[np.float32]
Run = Callable[..., list[Planes]]


@pytest.fixture(scope="module")
def method() -> GuidedUNet:
    found = load_colorizer("guided-unet", device="cpu", threads=1)
    assert isinstance(found, GuidedUNet)
    return found


@pytest.fixture(scope="module")
def run(method: GuidedUNet) -> Run:
    models = steps_of(method)

    def run(name: str, **inputs: Planes) -> list[Planes]:
        content = models[name].SerializeToString()
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        found: Any = session.run(None, inputs)
        return list(found)

    return run


class Skin:
    """Stands in for the network that finds skin."""

    probable = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(1, 32, 32)

    def run(self, *_: object) -> list[Planes]:
        return [self.probable]


@pytest.fixture(scope="module")
def lightness() -> Planes:
    rows, columns = np.indices(SIZE, np.float32)
    return np.asarray(50 + 40 * np.sin(rows / 9) * np.cos(columns / 7), np.float32)


@pytest.fixture(scope="module")
def hints() -> Planes:
    hints = np.zeros((*SIZE, 3), np.float32)
    hints[20:24, 30:34] = 40, -20, 1
    return hints


def chroma(seed: int) -> Planes:
    rows, columns = np.indices(SIZE, np.float32)
    waves = [20 * np.sin(rows / (7 + seed)), 25 * np.cos(columns / (9 + seed))]
    return np.asarray(np.stack(waves, axis=-1), np.float32)


def far_of(hints: Planes) -> Planes:
    far = unknown(hints)
    assert far is not None
    return far


def channels_first(planes: Planes) -> Planes:
    return np.ascontiguousarray(planes.transpose(2, 0, 1))


def test_told(run: Run, hints: Planes) -> None:
    one, other = (channels_first(chroma(seed)) / np.float32(100) for seed in (0, 1))
    (found,) = run("told", chroma=np.stack([one, other]), far=far_of(hints))
    mean = (one + other[..., ::-1]).transpose(1, 2, 0) * np.float32(50)
    expected = enriched(np.ascontiguousarray(mean), far_of(hints), RICHNESS)
    np.testing.assert_allclose(found.transpose(1, 2, 0), expected, atol=1e-3)


def test_without_hints_everything_is_far(run: Run) -> None:
    one = channels_first(chroma(0)) / np.float32(100)
    pair = np.stack([one, one[..., ::-1]])
    (found,) = run("told", chroma=pair, far=np.ones(SIZE, np.float32))
    np.testing.assert_allclose(
        found.transpose(1, 2, 0), enriched(chroma(0), None, RICHNESS), atol=1e-3
    )


def test_evened(run: Run, method: GuidedUNet, lightness: Planes, hints: Planes) -> None:
    assert method._recognizer is not None
    networks = method._recognizer.semantics, Skin()
    seen = semantics.seen(networks[0], lightness)
    recognized = {name: seen[name] for name in semantics.OUTPUTS} | {"skin": Skin.probable}
    told, alone = chroma(0), chroma(2)
    planes = {name: channels_first(each) for name, each in {"told": told, "alone": alone}.items()}
    (found,) = run("evened", lightness=lightness, far=far_of(hints), **planes, **recognized)
    scene = semantics.Scene(networks[0], lightness, cast(Any, networks[1]))
    expected = enriched(scene.even(told, alone, far_of(hints)), far_of(hints), EVENED)
    np.testing.assert_allclose(found.transpose(1, 2, 0), expected, atol=5e-3)


def test_lines(run: Run, lightness: Planes) -> None:
    found = run("lines", lightness=lightness, planes=channels_first(chroma(1)))
    expected = _fit_lines(lightness, chroma(1), RADIUS, EPSILON)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.transpose(1, 2, 0), other, atol=2e-3)


def test_scores(run: Run, method: GuidedUNet) -> None:
    cells = np.random.default_rng(0).normal(size=(9, 96)).astype(np.float32)
    (found,) = run("scores", cells=cells)
    np.testing.assert_allclose(found[0], method._parts.shares(cells).mean(axis=0), atol=1e-5)


def test_they_need_no_operators_of_others(method: GuidedUNet) -> None:
    for model in steps_of(method).values():
        onnx.checker.check_model(model, full_check=True)
        assert {node.domain for node in model.graph.node} == {""}
