"""Colors evened out over whole things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pytest

from retint.color.lab import Float32
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.options import GuidedOptions
from retint.colorizers.parts import semantics
from retint.colorizers.parts.richness import Richness
from retint.colorizers.parts.semantics import Scene

GRAY = np.full((64, 96), 50, np.float32)
LEFT = np.s_[:, :48]


class TwoThings:
    """Stands in for the network: the left half is one thing, the right half another."""

    def __init__(self, predicted: tuple[float, float] = (0, 0)) -> None:
        self.predicted = np.tile(np.asarray(predicted, np.float32), (1, 32, 32, 1))
        self.asked: dict[str, Float32] = {}

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Float32]) -> list[Float32]:
        self.asked = dict(inputs)
        tokens = np.zeros((1, 16, 16, 2), np.float32)
        tokens[:, :, :8, 0] = tokens[:, :, 8:, 1] = 1
        known = {"tokens": tokens.reshape(1, 256, 2), "predicted": self.predicted}
        return [known.get(name, tokens) for name in outputs]


def scene(recognizer: TwoThings, lightness: Float32) -> Scene:
    return Scene(cast(Any, recognizer), lightness)


def blotchy() -> Float32:
    """Two things, each with a blotch of another color at its lower end."""
    chroma = np.zeros((64, 96, 2), np.float32)
    chroma[:, :48], chroma[:, 48:] = (20, 10), (-10, -20)
    chroma[48:, :48], chroma[48:, 48:] = (0, 10), (-10, 0)
    return chroma


@pytest.fixture
def no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantics, "TRUST", Richness(faint=0, strong=0, middle=1))


@pytest.mark.usefixtures("no_head")
def test_a_thing_gets_one_color_and_its_neighbor_keeps_another() -> None:
    chroma = blotchy()
    even = scene(TwoThings(), GRAY).even(chroma, chroma)
    inner = even[:, 6:42]
    assert inner.std(axis=(0, 1)).max() < 0.6 * chroma[LEFT].std(axis=(0, 1)).max()
    np.testing.assert_allclose(inner.mean(axis=(0, 1)), chroma[LEFT].mean(axis=(0, 1)), atol=1)
    assert np.linalg.norm(inner.mean(axis=(0, 1)) - even[:, 54:90].mean(axis=(0, 1))) > 25


@pytest.mark.usefixtures("no_head")
def test_what_is_much_lighter_keeps_its_color_within_a_thing() -> None:
    chroma, lightness = blotchy(), GRAY.copy()
    lightness[48:] = 95
    even = scene(TwoThings(), lightness).even(chroma, chroma)
    assert even[52:, 6:42, 0].mean() < 6
    assert even[:44, 6:42, 0].mean() > 17


@pytest.mark.usefixtures("no_head")
def test_texture_finer_than_a_cell_stays() -> None:
    chroma = np.zeros((64, 96, 2), np.float32)
    chroma[..., 0] = 5 * (-1.0) ** np.arange(96)
    even = scene(TwoThings(), GRAY).even(chroma, chroma)
    np.testing.assert_allclose(even, chroma, atol=1e-3)


def test_the_head_moves_colors_by_its_weight_and_less_near_hints() -> None:
    chroma = np.zeros((64, 96, 2), np.float32)
    unknown = np.ones((64, 96), np.float32)
    unknown[LEFT] = 0
    even = scene(TwoThings((20, -10)), GRAY).even(chroma, chroma, unknown)
    head = np.array([20, -10], np.float32)
    wanted = semantics.TRUST.at(head) * head
    np.testing.assert_allclose(even[:, 60:].mean(axis=(0, 1)), wanted, atol=0.4)
    np.testing.assert_allclose(even[:, :36].mean(axis=(0, 1)), [0, 0], atol=0.3)


def test_the_head_counts_more_where_it_is_sure() -> None:
    """The mean of scored colors is strong only where they agree."""
    nothing = np.zeros((64, 96, 2), np.float32)
    faint, strong = (
        scene(TwoThings((a, 0)), GRAY).even(nothing, nothing)[..., 0].mean() / a for a in (5, 40)
    )
    assert strong > 1.5 * faint


def test_the_head_changes_the_colors_of_hints_as_those_without() -> None:
    """It knows nothing of hints: what a hint adds to the prediction stays in full."""
    alone = np.zeros((64, 96, 2), np.float32)
    hinted = np.full_like(alone, 30)
    recognizer = TwoThings((20, -10))
    added = scene(recognizer, GRAY).even(hinted, alone) - scene(recognizer, GRAY).even(alone, alone)
    np.testing.assert_allclose(added, hinted, atol=1e-3)


def test_the_head_tells_the_quarters_of_a_cell_apart() -> None:
    recognizer, chroma = TwoThings(), np.zeros((64, 64, 2), np.float32)
    recognizer.predicted[:, ::2, :, 0] = 20
    even = scene(recognizer, GRAY[:, :64]).even(chroma, chroma)
    assert even[::4, :, 0].mean() > even[2::4, :, 0].mean() + 1


def test_the_network_sees_the_picture_as_a_square() -> None:
    recognizer = TwoThings()
    lightness = GRAY.copy()
    lightness[:, 48:] = 100
    scene(recognizer, lightness)
    grey = recognizer.asked["grey"]
    assert grey.shape == (1, 1, 224, 224)
    assert grey[..., 150:].min() > 0.99
    assert abs(grey[..., :100].mean() - 0.466) < 0.01  # L* 50 in sRGB


def test_recognition_can_be_turned_off() -> None:
    with_it, without = (GuidedUNet(GuidedOptions(semantics=each)) for each in (True, False))
    assert [path.name for path in with_it.weights] == [
        "guided-unet.onnx", "semantics.onnx", "skin.onnx",
    ]  # fmt: skip
    assert [path.name for path in without.weights] == ["guided-unet.onnx"]
    lightness = np.random.default_rng(0).uniform(0, 100, (64, 64)).astype(np.float32)
    np.testing.assert_array_equal(without(lightness), without.look(lightness).told(None))
    assert np.abs(with_it(lightness) - without(lightness)).max() > 0.5


def test_hints_before_the_first_answer_change_nothing_elsewhere() -> None:
    """What the head is asked of is the prediction without hints, whatever was asked first."""
    lightness = np.random.default_rng(0).uniform(0, 100, (64, 64)).astype(np.float32)
    hints = np.zeros((64, 64, 3), np.float32)
    hints[30, 30] = (40, 40, 1)
    colorizer = GuidedUNet(GuidedOptions())
    first, second = colorizer.look(lightness), colorizer.look(lightness)
    second.chroma(None)
    np.testing.assert_array_equal(first.chroma(hints), second.chroma(hints))
