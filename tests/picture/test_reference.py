"""References: places that show the same thing take its colours, all others stay as they are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.api import load_pipeline
from retint.color import lab
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.hints.length import pixels
from retint.inputs import reference_of
from retint.picture.correspondence import CELLS
from retint.picture.finish import Finish
from retint.picture.pipeline import Pipeline
from retint.picture.reference import MOST, UNUSED, Reference
from retint.picture.request import Request


@pytest.fixture(scope="module")
def guided() -> Pipeline:
    return load_pipeline(threads=1, upright="off")


@pytest.fixture(scope="module")
def cat() -> NDArray[np.uint8]:
    """A picture of another thing than `coffee`."""
    picture: NDArray[np.uint8] = skimage.data.cat()  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(picture[::2, ::2])


@pytest.fixture(scope="module")
def cup(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(coffee[::2, ::2])


def green(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture in greens, with its lightness."""
    found = np.empty_like(pixels)
    chroma = np.full((*pixels.shape[:2], 2), (-30, 25), np.float32)
    lab.merge(lab.rgb_to_lab(pixels)[..., 0], chroma, found)
    return found


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def error(pipeline: Pipeline, photo: NDArray[np.uint8], *others: NDArray[np.uint8]) -> float:
    """Mean distance in a*b* of the coloured picture from the original."""
    reference = Reference.joined(Reference(pipeline, Photo(each)) for each in others)
    found = Request(pipeline, reference=reference)(Photo(grey(photo))).photos[0].pixels
    return float(np.abs(lab.rgb_to_lab(found) - lab.rgb_to_lab(photo))[..., 1:].mean())


def alone(pipeline: Pipeline, photo: NDArray[np.uint8]) -> float:
    found = pipeline(Photo(grey(photo))).pixels
    return float(np.abs(lab.rgb_to_lab(found) - lab.rgb_to_lab(photo))[..., 1:].mean())


def test_a_mirrored_darker_part_is_recognized(guided: Pipeline, cup: NDArray[np.uint8]) -> None:
    height, width = cup.shape[:2]
    part = cup[: int(0.8 * height), width // 8 :][:, ::-1] / 255
    other = (255 * part**1.25).astype(np.uint8)
    assert error(guided, cup, other) < 0.6 * alone(guided, cup)


def test_matches_lie_where_the_same_place_is(guided: Pipeline, cup: NDArray[np.uint8]) -> None:
    """Red on the left, blue on the right, in the mirrored reference the other way round."""
    tinted = np.empty_like(cup)
    chroma = np.zeros((*cup.shape[:2], 2), np.float32)
    chroma[:, : cup.shape[1] // 2, 0], chroma[:, cup.shape[1] // 2 :, 1] = 40, -40
    lab.merge(lab.rgb_to_lab(cup)[..., 0], chroma, tinted)
    mirrored = np.ascontiguousarray(tinted[:, ::-1])
    reference = Reference(guided, Photo(mirrored))
    found = reference.matches(guided.open(Photo(grey(cup))))
    assert found.share > 0.3
    column = np.arange(CELLS**2) % CELLS
    sure = found.matched
    left, right = sure & (column < CELLS // 2 - 3), sure & (column > CELLS // 2 + 3)
    assert (found.chroma[left, 0] > 20).mean() > 0.8
    assert (found.chroma[right, 1] < -20).mean() > 0.8


def test_another_thing_changes_nothing(
    guided: Pipeline, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    reference = Reference(guided, Photo(green(cat)))
    view = guided.open(Photo(grey(cup)))
    plain = view.colorize().pixels.astype(int)
    told = view.colorize(reference.hints(view)).pixels.astype(int)
    assert reference.matches(view).share == 0
    np.testing.assert_array_equal(told, plain)


def test_each_place_follows_the_best_of_several(
    guided: Pipeline, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    """In a picture of two things, each follows the reference that shows it."""
    side = min(*cup.shape[:2], *cat.shape[:2])
    both = np.concatenate([cup[:side, :side], cat[:side, :side]], axis=1)
    found = Reference.joined(
        [Reference(guided, Photo(cup)), Reference(guided, Photo(cat))]
    ).matches(guided.open(Photo(grey(both))))
    sure = found.matched
    column = np.arange(CELLS**2) % CELLS
    left, right = sure & (column < CELLS // 2), sure & (column >= CELLS // 2)
    assert min(left.sum(), right.sum()) > 50
    assert (found.which[left] == 0).mean() > 0.95
    assert (found.which[right] == 1).mean() > 0.95


def test_looks_change_what_no_reference_states(
    guided: Pipeline, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    """Anchors repeat the network's colours, so they count as the network's."""
    side = min(*cup.shape[:2], *cat.shape[:2])
    both = Photo(grey(np.concatenate([cup[:side, :side], cat[:side, :side]], axis=1)))
    view = guided.open(both)
    hints = Reference(guided, Photo(cat)).hints(view)
    assert hints.anchors
    assert all(pixels(each.x, 100) < 60 for each in hints.anchors)
    plain, warm = (view.chroma(hints, Finish(warmth=warmth)) for warmth in (0, 1))
    change = np.linalg.norm(warm - plain, axis=-1)
    third = change.shape[1] // 3
    assert change[:, :third].mean() > 4 * change[:, -third:].mean()


@pytest.mark.parametrize("turns", [1, 2])
def test_a_turned_reference_is_matched(
    cup: NDArray[np.uint8], guided: Pipeline, turns: int
) -> None:
    other = np.ascontiguousarray(np.rot90(cup, turns))
    assert error(guided, cup, other) < alone(guided, cup) + 0.2


@pytest.mark.parametrize("side", [1, 2, 5])
def test_a_tiny_reference_does_no_harm(guided: Pipeline, cup: NDArray[np.uint8], side: int) -> None:
    other = np.full((side, side, 3), (200, 60, 40), np.uint8)
    assert error(guided, cup, other) < alone(guided, cup) + 0.2


def test_references_of_other_types_give_the_same_colours(
    guided: Pipeline, cup: NDArray[np.uint8]
) -> None:
    view = guided.open(Photo(grey(cup)))
    usual = Reference(guided, Photo(cup)).matches(view)
    for other in (cup.astype(np.uint16) * 257, (cup / 255).astype(np.float32)):
        found = Reference(guided, Photo(other)).matches(view)
        assert np.abs(found.chroma - usual.chroma).mean() < 0.1


@pytest.mark.parametrize("gray", [np.uint8(128), None])
def test_a_reference_without_colors_is_refused(
    guided: Pipeline, cup: NDArray[np.uint8], gray: np.uint8 | None
) -> None:
    """One in grey, and one that is hardly coloured."""
    level = grey(cup)
    photo = Photo(level) if gray is None else Photo(np.stack([level, level, level | 1], axis=-1))
    with pytest.raises(PhotoError, match="no colors"):
        Reference(guided, photo)


def test_the_reference_is_recorded(guided: Pipeline, cup: NDArray[np.uint8]) -> None:
    one, two = (Reference(guided, Photo(each)) for each in (cup, green(cup)))
    assert Request(guided, reference=one).how["reference"] == one.sha256
    both = Request(guided, reference=Reference.joined([one, two])).how["reference"]
    assert both == [one.sha256, two.sha256]


def test_python_takes_a_reference(guided: Pipeline, cup: NDArray[np.uint8]) -> None:
    level = grey(cup)
    session = retint.open(level, threads=1, upright="off", reference=cup)
    told = session.colorize()
    plain = guided(Photo(level)).pixels
    assert np.abs(told.astype(int) - plain).mean() > 2
    assert (session.confidence() != guided.open(Photo(level)).certainty()).any()


def test_pictures_of_all_forms_are_the_same_reference(
    guided: Pipeline, tmp_path: Path, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    folder = tmp_path / "references"
    (folder / "deeper").mkdir(parents=True)
    Image.fromarray(cat).save(folder / "cat.png")
    Image.fromarray(cup).save(folder / "deeper" / "cup.png")
    content = io.BytesIO()
    Image.fromarray(cup).save(content, "PNG")
    one, two = (Reference(guided, Photo(each)).sha256 for each in (cup, cat))
    for given, hashes in (
        (cup, one), (Image.fromarray(cup), one), (content.getvalue(), one), ([cup], one),
        (folder / "deeper", one), ((cup, cat), [one, two]), (folder, [two, one]),
    ):  # fmt: skip
        found = reference_of(guided, given)
        assert found is not None
        assert found.sha256 == hashes


def test_the_first_frame_of_an_animation_is_the_reference(
    guided: Pipeline, tmp_path: Path, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    path = tmp_path / "both.png"
    frames = [Image.fromarray(each) for each in (cup, cat[: len(cup), : cup.shape[1]])]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    found = reference_of(guided, path)
    assert found is not None
    assert found.sha256 == Reference(guided, Photo(cup)).sha256


def test_wrong_references_are_one_line(guided: Pipeline, tmp_path: Path) -> None:
    film, empty, red = tmp_path / "a.mp4", tmp_path / "empty", tmp_path / "red.png"
    film.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    empty.mkdir()
    Image.new("RGB", (8, 8), "red").save(red)
    Image.new("RGB", (8, 8), "gray").save(tmp_path / "gray.png")
    assert reference_of(guided, []) is None
    with pytest.raises(UsageError, match=r"a.mp4 is a film; save frames"):
        reference_of(guided, film)
    with pytest.raises(PhotoError, match="empty contains no pictures"):
        reference_of(guided, [red, empty])
    with pytest.raises(PhotoError, match=r"gray.png: .* no colors"):
        reference_of(guided, [red, tmp_path / "gray.png"])
    with pytest.raises(UsageError, match=f"65 .* too many; the maximum is {MOST}"):
        reference_of(guided, [red] * (MOST + 1))
    with pytest.raises(UsageError, match="must be a picture"):
        reference_of(guided, 5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="unet takes no reference"):
        reference_of(load_pipeline("unet", threads=1), red)


def test_a_reference_that_matches_nothing_is_said_to_be_unused(
    guided: Pipeline, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    for other, unused in ((cat, True), (cup, False)):
        request = Request(guided, reference=Reference(guided, Photo(green(other))))
        result = request(Photo(grey(cup)))
        assert (UNUSED in result.remarks) == unused
        assert ("Reference" in (result.record or {})) != unused


def test_how_places_are_matched_is_part_of_what_results_depend_on(
    guided: Pipeline, cup: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(guided, reference=Reference(guided, Photo(cup)))
    before = dict(request.how)
    monkeypatch.setattr("retint.picture.reference.MATCHING", "otherwise")
    after = Request(guided, reference=request.reference).how
    assert after != before
