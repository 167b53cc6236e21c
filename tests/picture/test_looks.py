"""Looks and warmth: they change chroma only, and what hints colour stays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.color import lab
from retint.color.lab import Float32
from retint.color.size import SizeRequirement
from retint.colorizers.base import Colorizer, Look
from retint.errors import UsageError
from retint.files import Photo, xmp
from retint.hints import Hint, Hints
from retint.options import MachineOptions
from retint.picture.finish import AS_IT_COMES, Finish, Output
from retint.picture.grading import graded
from retint.picture.looks import LOOKS, LookName
from retint.picture.pipeline import Pipeline, View

OTHERS = [name for name in LOOKS if name != "natural"]
SKIN, SKY, LEAF, STONE = (14.0, 18.0), (-4.0, -20.0), (-14.0, 22.0), (0.5, 2.0)
MAGENTA, RED = (20.0, -4.0), (36.0, 6.0)
NAVY = Hint("75%", "50%", "navy")


class PaintedLook(Look):
    """Skin everywhere; hints colour themselves and the right half."""

    takes_hints = True

    def __init__(self, lightness: Float32) -> None:
        super().__init__("painted")
        self.answer = np.empty((*lightness.shape, 2), np.float32)
        self.answer[:] = SKIN

    def _chroma(self, hints: Float32 | None) -> Float32:
        answer = self.answer.copy()
        if hints is not None:
            answer[:, answer.shape[1] // 2 :] = hints[hints[..., 2] > 0][0, :2]
        return answer

    def _variants(
        self, count: int, hints: Float32 | None, base: Float32 | None
    ) -> list[Float32]:  # fmt: skip
        assert base is None
        return [self._chroma(hints)] * count


class Painted(Colorizer):
    """Paints without a network."""

    name = "painted"
    summary = ""
    look_class = PaintedLook
    native = 64
    size = SizeRequirement()
    options = MachineOptions()

    def look(self, lightness: Float32) -> PaintedLook:
        return PaintedLook(lightness)


@pytest.fixture
def view() -> View:
    levels = np.linspace(60, 200, 64 * 128).reshape(64, 128).astype(np.uint8)
    return Pipeline(Painted(), threads=1).open(Photo(levels, bare=True))


def of(
    color: tuple[float, float], name: LookName, lightness: float = 60.0, warmth: float = 0.0
) -> Float32:
    """The colour that a look makes of one that fills a picture."""
    grading = Finish(look=name, warmth=warmth).grading
    chroma = np.empty((32, 32, 2), np.float32)
    chroma[:] = color
    if grading is None:
        return np.asarray(chroma[16, 16])
    found = graded(np.full((32, 32), lightness, np.float32), chroma, grading)
    assert found.dtype == np.float32
    return np.asarray(found[16, 16])


def length(color: Float32 | tuple[float, float]) -> float:
    return float(np.hypot(*color))


def test_natural_is_the_default_and_changes_nothing(view: View) -> None:
    assert AS_IT_COMES.grading is None
    np.testing.assert_array_equal(view.chroma(finish=Finish(look="natural")), view.chroma())
    assert Finish(look="natural").chosen() == {}


@pytest.mark.parametrize("name", OTHERS)
def test_each_look_changes_colours_and_no_lightness(view: View, name: LookName) -> None:
    plain, changed = (view.colorize(finish=finish) for finish in (AS_IT_COMES, Finish(look=name)))
    assert (plain.pixels != changed.pixels).any()
    apart = np.abs(lab.lightness(changed.pixels) - lab.lightness(view.photo.pixels))
    assert apart.max() < 0.6  # rounding to levels


@pytest.mark.parametrize("color", [SKIN, SKY, LEAF, STONE], ids=["skin", "sky", "leaf", "stone"])
def test_vivid_is_more_colourful(color: tuple[float, float]) -> None:
    assert length(of(color, "vivid")) > 1.2 * length(color)


@pytest.mark.parametrize("name", ["vivid", "kodachrome-like"])
def test_strong_looks_limit_reds_and_leave_blacks_black(name: LookName) -> None:
    assert length(of(MAGENTA, name, 12)) < 0.6 * length(MAGENTA)
    assert length(of(LEAF, name, 8)) < length(LEAF)
    assert length(of(RED, name)) < 40
    assert length(of((60.0, -20.0), name)) < 45


def test_skin_does_not_become_orange() -> None:
    assert length(of((20.0, 25.0), "vivid")) < 40


def test_a_hand_tinted_picture_is_pale_and_mostly_grey() -> None:
    for color in (SKIN, SKY, LEAF):
        assert 4 < length(of(color, "hand-tinted")) < 21
    for color in (STONE, (8.0, -30.0), (-20.0, -3.0)):  # stone, violet, sea green
        assert length(of(color, "hand-tinted")) < 3
    assert length(of(SKIN, "hand-tinted", 15)) < 1  # a dark coat is not skin


def test_a_warm_print_is_cream_where_it_is_light() -> None:
    assert of(STONE, "warm-print", 75)[1] > STONE[1] + 5
    assert length(of((0.0, 0.0), "warm-print", 100)) < 0.1  # white and black stay
    assert length(of((0.0, 0.0), "warm-print", 0)) < 0.1


def test_warmth_goes_from_faithful_to_warm() -> None:
    warm = [of(SKIN, "natural", warmth=each)[1] for each in (0.0, 0.3, 0.6, 1.0)]
    assert warm[0] == SKIN[1]
    assert warm == sorted(set(warm))
    assert of(STONE, "natural", warmth=1.0)[1] > STONE[1] + 2
    np.testing.assert_allclose(of(SKY, "natural", warmth=1.0), SKY, atol=1)
    assert length(of(MAGENTA, "natural", 8, warmth=1.0)) <= length(MAGENTA) + 0.1


def test_warmth_adds_to_that_of_a_look() -> None:
    assert of(SKIN, "warm-print", warmth=0.5)[1] > of(SKIN, "warm-print")[1]
    assert Finish(look="vivid", warmth=1.0).grading == Finish(look="vivid", warmth=0.9).grading


@pytest.mark.parametrize("finish", [Finish(look="hand-tinted"), Finish(warmth=1.0)])
def test_what_hints_colour_stays(view: View, finish: Finish) -> None:
    hints = Hints((NAVY,))
    plain, changed = view.chroma(hints), view.chroma(hints, finish)
    np.testing.assert_allclose(changed[:, 64:], plain[:, 64:], atol=0.01)
    assert np.abs(changed[:, 10] - plain[:, 10]).max() > 1  # far from them, it does not


def test_a_hint_of_the_predicted_colour_keeps_its_place(view: View) -> None:
    own = lab.lab_to_rgb(np.array([50, *SKIN], np.float32))
    color = "#" + "".join(f"{round(255 * each):02x}" for each in own)
    hints = Hints((Hint("50%", "50%", color),))
    changed = view.chroma(hints, Finish(look="hand-tinted"))
    np.testing.assert_allclose(changed[32, 64], SKIN, atol=1)


def test_variants_have_the_look(view: View) -> None:
    plain, changed = (view.variants(2, None, each) for each in (AS_IT_COMES, Finish(look="vivid")))
    for one, other in zip(plain, changed, strict=True):
        assert (one.pixels != other.pixels).any()


def test_a_mount_stays_neutral() -> None:
    levels = np.full((160, 200), 240, np.uint8)
    levels[30:130, 40:160] = np.random.default_rng(0).integers(40, 190, (100, 120))
    view = Pipeline(Painted(), threads=1).open(Photo(levels))
    assert not view.box.is_whole
    pixels = view.colorize(finish=Finish(look="warm-print")).pixels
    assert np.ptp(pixels[:20].astype(int), axis=-1).max() == 0
    assert np.ptp(pixels[60:100, 80:120].astype(int), axis=-1).max() > 5


def test_looks_fit_exact_jpeg_and_films() -> None:
    for name in LOOKS:
        for output in Output:
            assert Finish(look=name, warmth=0.5).misfit(output) == ""


def test_exact_jpeg_has_the_look_and_names_it(
    tmp_path: Path, grey: NDArray[np.uint8]
) -> None:  # fmt: skip
    jpeglib = pytest.importorskip("jpeglib")
    source = tmp_path / "a.jpg"
    Image.fromarray(grey[::2, ::2]).save(source, quality=90)
    chroma = {}
    for name in ("natural", "warm-print"):
        target = tmp_path / f"{name}.jpg"
        session = retint.open(source, "mean", look=name, warmth=0.25, threads=1)
        session.save(target)
        found = jpeglib.read_dct(str(target))
        np.testing.assert_array_equal(found.Y, jpeglib.read_dct(str(source)).Y)
        chroma[name] = np.array(found.Cb)
        said = xmp.provenance(files.read(target).metadata.xmp)
        assert said is not None
        wanted = {"warmth": 0.25} | ({} if name == "natural" else {"look": name})
        assert said["Options"] == wanted
    assert (chroma["natural"] != chroma["warm-print"]).any()


def test_python_lists_looks_and_refuses_others() -> None:
    assert list(retint.looks()) == list(LOOKS)
    assert all(len(each) > 15 for each in retint.looks().values())
    with pytest.raises(UsageError, match="unknown look 'vivd'; did you mean vivid"):
        retint.load("mean", look="vivd")
    with pytest.raises(UsageError, match="warmth"):
        retint.load("mean", warmth=1.5)


def test_a_pillow_picture_gets_a_look() -> None:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((64, 64)).save(buffer, "PNG")
    plain, tinted = (
        np.asarray(retint.colorize(buffer.getvalue(), "mean", look=each))
        for each in ("natural", "autochrome-like")
    )
    assert (plain != tinted).any()


@pytest.mark.parametrize("more", [{"look": "vivid"}, {"warmth": 0.5}], ids=["look", "warmth"])
def test_raw_has_no_look(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="`raw` shows the network's own colors"):
        retint.load("unet", raw=True, **more)
