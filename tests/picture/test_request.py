"""Requests: from hints to pictures, layers and maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.color import lab
from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look, PlainLook
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints import Hint, Hints
from retint.options import MachineOptions
from retint.picture.finish import Finish, Output
from retint.picture.pipeline import Pipeline
from retint.picture.reference import Reference
from retint.picture.request import Request
from retint.session import PictureColorizer

CELL = 8
CELLS = SizeRequirement(minimum=CELL, multiple_of=CELL)
ANY = SizeRequirement()


class EchoLook(Look):
    """Answers with the hints it is given, certain where there are some; grey elsewhere."""

    takes_hints = True

    def __init__(self, lightness: Float32) -> None:
        super().__init__("echo")
        self.lightness = lightness

    def _chroma(self, hints: Float32 | None) -> Float32:
        if hints is None:
            return np.zeros((*self.lightness.shape, 2), np.float32)
        assert hints.shape[:2] == self.lightness.shape
        return hints[..., :2].copy()

    def _certainty(self, hints: Float32 | None) -> Float32:
        if hints is None:
            return np.zeros(self.lightness.shape, np.float32)
        return hints[..., 2].copy()


class Echo(Colorizer):
    name = "echo"
    look_class = EchoLook
    native = 60
    size = CELLS
    options = MachineOptions()

    def __init__(self) -> None:
        self.looks: list[tuple[int, ...]] = []

    def look(self, lightness: Float32) -> EchoLook:
        self.looks.append(lightness.shape)
        return EchoLook(lightness)


class Plain(Colorizer):
    """Takes no hints."""

    name = "plain"
    look_class = PlainLook
    native = 16
    size = ANY
    options = MachineOptions()

    def look(self, lightness: Float32) -> Look:
        return PlainLook(
            self.name, lightness, lambda plane: np.zeros((*plane.shape, 2), np.float32)
        )


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def pipeline(echo: Echo) -> Pipeline:
    return Pipeline(echo, threads=1)


LIGHT_LEFT = np.repeat(np.where(np.arange(180) < 90, 200, 60).astype(np.uint8)[None], 120, axis=0)
"""120 x 180, light on the left, dark on the right."""
RED_LEFT = Hints((Hint("25%", "50%", "red", 25),))


def redness(photo: Photo) -> Float32:
    """a* [H, W]."""
    return lab.rgb_to_lab(photo.pixels)[..., 1]


def test_a_hint_colours_its_place(pipeline: Pipeline) -> None:
    red = redness(pipeline(Photo(LIGHT_LEFT), RED_LEFT))
    assert red[60, 45] > 15
    assert abs(red[60, 150]) < 2
    assert abs(red[5, 5]) < 2


def test_the_picture_is_looked_at_once(pipeline: Pipeline, echo: Echo) -> None:
    view = pipeline.open(Photo(LIGHT_LEFT))
    plain, hinted = view.colorize(), view.colorize(RED_LEFT)
    assert echo.looks == [(64, 96)]  # 60 x 90, padded
    np.testing.assert_array_equal(view.colorize().pixels, plain.pixels)
    np.testing.assert_array_equal(hinted.pixels, pipeline(Photo(LIGHT_LEFT), RED_LEFT).pixels)
    assert not np.array_equal(plain.pixels, hinted.pixels)


def test_certainty_has_the_size_of_the_photo(pipeline: Pipeline) -> None:
    certainty = pipeline.open(Photo(LIGHT_LEFT)).certainty(RED_LEFT)
    assert certainty.shape == (120, 180)
    assert certainty[60, 45] == 1
    assert certainty[60, 150] == 0


def test_methods_without_hints_say_so() -> None:
    plain = Pipeline(Plain(), threads=1)
    assert plain(Photo(LIGHT_LEFT)).pixels.shape == (120, 180, 3)
    with pytest.raises(UsageError, match=r"plain takes no hints; use `method` guided-unet"):
        plain(Photo(LIGHT_LEFT), RED_LEFT)
    with pytest.raises(UsageError, match="has no measure of confidence"):
        plain.open(Photo(LIGHT_LEFT)).certainty()
    with pytest.raises(UsageError, match="takes no reference"):
        Reference(plain, Photo(np.zeros((4, 4, 3), np.uint8)))


def test_sessions_return_the_type_of_their_input(pipeline: Pipeline) -> None:
    colorizer = PictureColorizer(pipeline)
    hint = RED_LEFT.points
    array = colorizer.open(LIGHT_LEFT).colorize(hint)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, colorizer(LIGHT_LEFT, hint))
    picture = colorizer.open(Image.fromarray(LIGHT_LEFT)).colorize(RED_LEFT)
    np.testing.assert_array_equal(np.asarray(picture), array)
    assert colorizer.open(LIGHT_LEFT).confidence(hint).max() == 1


def test_reference_colours_go_where_it_looks_alike(pipeline: Pipeline) -> None:
    # The reference is dark on the left: its blue belongs to what is dark.
    reference = np.zeros((90, 90, 3), np.uint8)
    reference[:, :45] = (40, 50, 130)
    reference[:, 45:] = (240, 190, 150)
    hints = Reference(pipeline, Photo(reference)).hints(pipeline.open(Photo(LIGHT_LEFT)))
    assert len(hints.points) > 10
    planes = hints.stated.planes((120, 180), np.full((60, 90), 50, np.float32))
    hinted = planes[..., 2] > 0
    assert hinted[:, :45].any()
    assert (planes[:, :45][hinted[:, :45]][:, 1] > 8).all()  # b*: orange
    assert hinted[:, 45:].any()
    assert (planes[:, 45:][hinted[:, 45:]][:, 1] < -15).all()  # blue


def test_a_reference_needs_colours(pipeline: Pipeline) -> None:
    with pytest.raises(PhotoError, match="no colors"):
        Reference(pipeline, Photo(LIGHT_LEFT))


def test_hints_override_the_reference(pipeline: Pipeline) -> None:
    blue = Photo(np.full((60, 60, 3), (150, 160, 240), np.uint8))
    request = Request(pipeline, hints=RED_LEFT, reference=Reference(pipeline, blue))
    assert redness(request(Photo(LIGHT_LEFT)).photos[0])[60, 45] > 15


def test_a_request_gives_the_layer_and_the_map(pipeline: Pipeline) -> None:
    request = Request(pipeline, hints=RED_LEFT, chroma_only=True, confidence=True)
    result = request(Photo(LIGHT_LEFT))
    (layer,), certainty = result.photos, result.certainty
    assert layer.alpha is not None
    assert layer.alpha[60, 45] > 50
    assert layer.alpha[60, 150] == 0
    assert certainty is not None
    assert (certainty.pixels[60, 45], certainty.pixels[60, 150]) == (255, 0)
    assert Request(pipeline)(Photo(LIGHT_LEFT)).certainty is None


class DiceLook(PlainLook):
    """Proposes another tint each time."""

    def _variants(
        self,
        count: int,
        hints: Float32 | None,  # noqa: ARG002
        base: Float32 | None,  # noqa: ARG002
    ) -> list[Float32]:
        shape = (*self.lightness.shape, 2)
        return [np.full(shape, 10 * k, np.float32) for k in range(count)]


class Dice(Plain):
    look_class = DiceLook

    def look(self, lightness: Float32) -> DiceLook:
        return DiceLook("dice", lightness, lambda plane: np.zeros((*plane.shape, 2), np.float32))


def test_variants_are_several_pictures() -> None:
    dice = Pipeline(Dice(), threads=1)
    pictures = Request(dice, variants=3)(Photo(LIGHT_LEFT)).photos
    assert [round(float(np.median(redness(each)))) for each in pictures] == [0, 10, 20]
    for each in pictures:
        assert np.abs(lab.lightness(each.pixels) - lab.lightness(LIGHT_LEFT)).max() < 1
    arrays = PictureColorizer(dice).variants(LIGHT_LEFT, 2)
    np.testing.assert_array_equal(arrays[1], pictures[1].pixels)
    with pytest.raises(UsageError, match="takes no hints"):
        Request(dice, hints=RED_LEFT, variants=2)(Photo(LIGHT_LEFT))


def test_methods_with_one_answer_refuse_variants() -> None:
    with pytest.raises(UsageError, match="plain gives only one result"):
        Request(Pipeline(Plain(), threads=1), variants=2)(Photo(LIGHT_LEFT))


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_what_is_saved_is_what_was_shown_of_the_same_look(
    pipeline: Pipeline, echo: Echo, tmp_path: Path, ending: str
) -> None:
    source = tmp_path / f"source.{ending}"
    Image.fromarray(LIGHT_LEFT).save(source)
    session = PictureColorizer(pipeline).open(source)
    shown = session.colorize(RED_LEFT)
    session.save(tmp_path / "saved.png", RED_LEFT)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "saved.png")), np.asarray(shown))
    assert len(echo.looks) == 1


@pytest.mark.parametrize("output", Output)
def test_a_finish_that_does_not_fit_is_named(output: Output) -> None:
    assert not Finish(vividness=1.3).misfit(output)
    for name, value in {"saturation": 1.2, "repair": 0.5, "fading": 0.5, "raw": True}.items():
        assert name in Finish(**{name: value}).misfit(output)  # type: ignore[arg-type]
