from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers import hybrid, load_colorizer
from retint.colorizers.base import Colorizer, Look, PlainLook
from retint.colorizers.hybrid import Hybrid, agreement, boosted
from retint.colorizers.options import HybridOptions
from retint.colorizers.parts.richness import Richness
from retint.errors import UsageError
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.options import MachineOptions
from retint.picture.pipeline import Pipeline

PLANE = np.random.default_rng(0).uniform(20, 80, (64, 96)).astype(np.float32)
"""L* of a picture."""
BROWN, RED, BLUE = (10.0, 10.0), (40.0, 40.0), (10.0, -50.0)


def flat(chroma: tuple[float, float], like: Float32) -> Float32:
    return np.broadcast_to(np.array(chroma, np.float32), (*like.shape[:2], 2)).copy()


def constant(gain: float) -> Richness:
    return Richness(faint=gain, strong=gain, middle=1)


class Brown(Colorizer):
    """Everything is brown."""

    name = "brown"
    look_class = PlainLook
    native = 32
    size = SizeRequirement(16, 16)
    options = MachineOptions()

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def look(self, lightness: Float32) -> Look:
        self.seen.append(lightness.shape)
        return PlainLook(self.name, lightness, lambda plane: flat(BROWN, plane))


class SureLook(PlainLook):
    """Everything is brown but for hints, and that is certain, but on the right."""

    takes_hints = True
    features = np.zeros((4, 4, 3), np.float32)

    def _chroma(self, hints: Float32 | None) -> Float32:
        chroma = flat(BROWN, self.lightness)
        return chroma if hints is None else np.where(hints[..., 2:] > 0, hints[..., :2], chroma)

    def _certainty(self, hints: Float32 | None) -> Float32:  # noqa: ARG002
        certainty = np.ones_like(self.lightness)
        certainty[:, self.lightness.shape[1] // 2 :] = 0
        return certainty


class Sure(Brown):
    look_class = SureLook

    def look(self, lightness: Float32) -> Look:
        return SureLook("sure", lightness, lambda plane: flat(BROWN, plane))


class PaintingLook(PlainLook):
    takes_hints = True
    painting: Painting

    def _variants(
        self,
        count: int,
        hints: Float32 | None,  # noqa: ARG002
        base: Float32 | None,
    ) -> list[Float32]:
        assert base is not None
        self.painting.bases.append(base)
        colors = self.painting.colors
        return [flat(colors[k % len(colors)], self.lightness) for k in range(count)]


class Painting(Brown):
    """Diffusion that paints in one colour after the other, whatever it starts from."""

    name = "painting"
    look_class = PaintingLook
    native = 64

    def __init__(self) -> None:
        super().__init__()
        self.colors: tuple[tuple[float, float], ...] = (BLUE, RED)
        self.bases: list[Float32] = []

    def look(self, lightness: Float32) -> Look:
        look = PaintingLook(self.name, lightness, lambda plane: flat(BROWN, plane))
        look.painting = self
        return look


@pytest.fixture(autouse=True)
def no_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hybrid, "RICHNESS", constant(1))


@pytest.fixture
def painting() -> Painting:
    return Painting()


def made(base: Colorizer, painting: Painting, **options: Any) -> Hybrid:
    return Hybrid(HybridOptions(**options), base, painting)


def test_hue_changes_only_where_the_base_is_unsure(painting: Painting) -> None:
    chroma = made(Sure(), painting)(PLANE)
    assert chroma.shape == (64, 96, 2)
    np.testing.assert_allclose(chroma[:, :40], flat(BROWN, PLANE)[:, :40], atol=1e-3)
    np.testing.assert_allclose(chroma[:, 56:], flat(BLUE, PLANE)[:, 56:], atol=1e-3)


def test_saturation_may_rise_everywhere(painting: Painting) -> None:
    painting.colors = (RED,)
    chroma = made(Sure(), painting)(PLANE)
    sure = chroma[:, :40]
    assert (np.linalg.norm(sure, axis=-1) > 40).all()
    np.testing.assert_allclose(sure[..., 0], sure[..., 1], rtol=1e-4)  # brown's hue


def test_blend_leads_from_the_base_to_the_boosted(painting: Painting) -> None:
    none, half, full = (made(Sure(), painting, blend=blend)(PLANE) for blend in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(none, flat(BROWN, PLANE), atol=1e-4)
    np.testing.assert_allclose(half, (none + full) / 2, atol=1e-4)


def test_chroma_is_raised_but_not_that_of_a_hint(
    painting: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = Pipeline(made(Sure(), painting), threads=1).open(Photo(np.full((64, 96), 128, np.uint8)))
    hint = Hints((Hint(80, 32, "#2e8b57", radius=6),))
    plain, told = view.chroma(), view.chroma(hint)
    monkeypatch.setattr(hybrid, "RICHNESS", constant(1.5))
    np.testing.assert_allclose(view.chroma(), 1.5 * plain, rtol=1e-4)
    richer = view.chroma(hint)
    np.testing.assert_allclose(richer[32, 80], told[32, 80], rtol=1e-4)
    np.testing.assert_allclose(richer[5, 5], 1.5 * told[5, 5], rtol=1e-4)


def test_diffusion_starts_from_the_base_at_its_own_size(painting: Painting) -> None:
    brown = Brown()
    made(brown, painting)(PLANE)
    assert brown.seen == [(32, 48)]
    np.testing.assert_allclose(painting.bases[0], flat(BROWN, PLANE), atol=1e-3)


def test_a_base_without_certainty_is_as_sure_as_the_samples_agree(painting: Painting) -> None:
    torn = made(Brown(), painting)(PLANE)
    np.testing.assert_allclose(torn, flat(BLUE, PLANE), atol=1e-3)
    painting.colors = (BLUE,)
    agreed = made(Brown(), painting)(PLANE)
    np.testing.assert_allclose(agreed, flat(BROWN, PLANE), atol=1e-3)


def test_booster_gets_its_options() -> None:
    made = load_colorizer("hybrid", strength=0.3, guidance_scale=2.0, seed=4, threads=1)
    assert made.chosen == {"strength": 0.3, "guidance_scale": 2.0, "seed": 4}
    assert load_colorizer("hybrid", threads=1).chosen == {}


def test_hints_hold_in_both_stages(painting: Painting) -> None:
    photo = Photo(np.full((64, 96), 128, np.uint8))
    hint = Hints((Hint(80, 32, "#2e8b57", radius=6),))
    pipeline = Pipeline(made(Sure(), painting), threads=1)
    view = pipeline.open(photo)
    told = view.chroma(hint)[32, 80]
    assert told[0] < -15  # green, where diffusion is free to paint blue
    assert view.chroma()[32, 80, 1] < -40
    variants = view.variants(2, hint)
    assert len(variants) == 2


def test_a_base_without_hints_refuses_them(painting: Painting) -> None:
    pipeline = Pipeline(made(Brown(), painting), threads=1)
    view = pipeline.open(Photo(np.full((64, 96), 128, np.uint8)))
    with pytest.raises(UsageError, match="brown takes no hints"):
        view.colorize(Hints((Hint(5, 5, "red"),)))
    with pytest.raises(UsageError, match="brown has no measure of confidence"):
        view.certainty()


def test_grey_stays_grey_where_the_base_is_sure() -> None:
    grey, sure = flat((0.0, 0.0), PLANE), np.ones_like(PLANE)
    np.testing.assert_array_equal(boosted(grey, flat(BLUE, PLANE), sure), grey)


def test_nothing_is_made_duller_where_the_base_is_sure() -> None:
    base = flat(RED, PLANE)
    np.testing.assert_allclose(boosted(base, flat(BROWN, PLANE), np.ones_like(PLANE)), base)


def test_samples_agree_only_where_all_do() -> None:
    one, other = flat(BROWN, PLANE), flat(BLUE, PLANE)
    assert (agreement([one, one, one]) == 1).all()
    assert (agreement([one, one, other]) < 1).all()
    assert agreement([one, other]).max() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"blend": 1.5}, "blend must be a number from 0 to 1"),
        ({"base": "hybrid"}, "cannot contain another hybrid"),
        ({"booster": "guided-unet"}, "guided-unet is not a diffusion method"),
        ({"base": "unett"}, "unknown method 'unett'"),
        ({"booster": "chroma-diffusion", "prompt": "a barn"}, "unknown option of hybrid 'prompt'"),
        ({"strength": 0.0}, "strength must be a number above 0"),
    ],
)
def test_unknown_and_invalid_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_colorizer("hybrid", **options)
