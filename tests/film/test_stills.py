"""Stills are the truth at their frames; their colours are carried through the shot, never across a
cut.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.api import load_pipeline
from retint.color import lab
from retint.color.lab import Float32
from retint.errors import PhotoError, RetintError, UsageError
from retint.film.carrying import Truth, carried
from retint.film.choosing import choose_times
from retint.film.film import Film
from retint.film.stills import name_of, named
from retint.inputs import reference_of
from retint.picture.still import At

from ..cli.test_main import run
from .clips import write

QUIET = ("--quiet", "--threads", 1)
RED, GREEN, BLUE = (45.0, 25.0), (-35.0, 25.0), (10.0, -45.0)
COUNT = 12
"""Frames of each shot."""


def textured(count: int = COUNT, seed: int = 0) -> list[NDArray[Any]]:
    """A ground with a square that goes to the right, both with texture, so that motion is seen."""
    rng = np.random.default_rng(seed)
    coarse, fine = rng.integers(40, 100, (16, 24)), rng.integers(140, 200, (8, 8))
    ground = np.kron(coarse, np.ones((8, 8))).astype(np.float32)
    thing = np.kron(fine, np.ones((4, 4))).astype(np.float32)
    frames = [ground.copy() for _ in range(count)]
    for k, frame in enumerate(frames):
        frame[42:74, 16 + 4 * k : 48 + 4 * k] = thing
    return frames


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots."""
    frames = textured() + [235 - each for each in textured(seed=5)]
    return write(tmp_path_factory.mktemp("film") / "clip.mkv", frames, codec="ffv1")


@pytest.fixture(scope="module")
def film(clip: Path) -> Film:
    found = Film(clip, load_pipeline("guided-unet", threads=1, semantics=False))
    assert len(found.shots) == 2
    return found


def square(number: int) -> tuple[slice, slice]:
    """The inside of the bright square of a frame of the first shot."""
    return slice(48, 68), slice(22 + 4 * number, 42 + 4 * number)


def painted(film: Film, number: int, color: tuple[float, float]) -> NDArray[np.uint8]:
    """A frame of the first shot in green, with its square in another colour."""
    grey = film.frame(number / 24).pixels
    chroma = np.full((*grey.shape, 2), GREEN, np.float32)
    chroma[42:74, 16 + 4 * number : 48 + 4 * number] = color
    found = np.empty((*grey.shape, 3), np.uint8)
    lab.merge(lab.lightness(grey), chroma, found)
    return found


def chroma_of(pixels: NDArray[Any]) -> Float32:
    return lab.rgb_to_lab(pixels)[..., 1:]


def shown(film: Film, numbers: list[int], stills: Any) -> list[Float32]:
    """a*, b* of some frames."""
    reference = reference_of(film.pipeline, stills)
    photos = film.followed((), [each / 24 for each in numbers], reference)
    return [chroma_of(each.pixels) for each in photos]


def test_a_still_is_the_truth_at_its_frame(film: Film) -> None:
    still = painted(film, 3, RED)
    (found,) = shown(film, [3], {3: still})
    assert np.abs(found - chroma_of(still)).mean() < 2.5


def test_colours_follow_the_motion_and_stay_in_the_shot(film: Film) -> None:
    stills = {2: painted(film, 2, RED)}
    here, there, after = shown(film, [0, 11, 18], stills)
    for number, found in ((0, here), (11, there)):
        assert found[square(number)].mean((0, 1))[0] > 30
        assert found[:30].mean((0, 1))[0] < -20
    (alone,) = shown(film, [18], [])
    assert np.abs(after - alone).mean() < 3


def test_a_film_is_opened_with_stills(film: Film) -> None:
    options: dict[str, Any] = {"threads": 1, "semantics": False}
    reference = {3: painted(film, 3, RED)}
    opened = retint.open_film(film.path, "guided-unet", reference=reference, **options)
    (photo,) = opened.followed((), [3 / 24])
    assert chroma_of(photo.pixels)[square(3)].mean((0, 1))[0] > 30


def test_between_two_stills_colours_are_blended(film: Film) -> None:
    stills = {1: painted(film, 1, RED), 9: painted(film, 9, BLUE)}
    early, middle, late = (
        found[square(number)].mean((0, 1))[1]
        for number, found in zip((1, 5, 9), shown(film, [1, 5, 9], stills), strict=True)
    )
    assert early > 15
    assert late < -30
    assert late + 15 < middle < early - 15


def test_hints_override_stills(film: Film) -> None:
    from retint.film.tracking import Timed
    from retint.hints import Hint, Hints

    reference = reference_of(film.pipeline, {3: painted(film, 3, RED)})
    place = Hint("20%", "90%", "blue", reach=0.2, radius=6)
    (told,) = film.followed([Timed(3 / 24, Hints((place,)))], [3 / 24], reference)
    found = chroma_of(told.pixels)
    assert found[110:122, 30:46].mean((0, 1))[1] < 0  # blue, not green
    assert found[square(3)].mean((0, 1))[0] > 30


def test_the_film_is_coloured_by_stills_on_the_command_line(
    clip: Path, film: Film, tmp_path: Path
) -> None:
    Image.fromarray(painted(film, 2, RED)).save(tmp_path / "ref_000002.png")
    Image.fromarray(painted(film, 9, RED)).save(tmp_path / "late.png")
    target = tmp_path / "out.mkv"
    stills = [tmp_path / "ref_000002.png", f"{tmp_path}/late.png@0.375"]
    given = [part for each in stills for part in ("--reference", each)]
    assert run(clip, "-o", target, *given, "--no-semantics", "--lossless", *QUIET) == 0
    with av.open(str(target)) as container:
        frames = [each.to_ndarray(format="rgb24") for each in container.decode(video=0)]
        record = str(container.metadata)
    for number in (0, 5, 11):
        assert chroma_of(frames[number])[square(number)].mean((0, 1))[0] > 25
    assert "frame 2: " in record  # with its hash
    assert "0.375 s: " in record


@pytest.mark.parametrize(
    ("stills", "error", "words"),
    [
        ({900: 2}, PhotoError, "beyond the end of the film"),
        ({2: 2, 2.0 / 24: 2}, UsageError, "belong to the same frame"),
        ({2: (64, 64)}, PhotoError, "not the shape of the film's frames (192 x 128)"),
        ({2: (192, 128)}, PhotoError, "not the shape of the film's frames"),
        ({2: "grey"}, PhotoError, "no colors"),
        ({"8 seconds": 2}, UsageError, "not a valid time"),
        ({-1: 2}, UsageError, "not a valid time"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_still_is_one_line(
    film: Film, stills: dict[Any, Any], error: type[RetintError], words: str
) -> None:
    still = painted(film, 2, RED)

    def given(what: Any) -> NDArray[Any]:
        if what == "grey":
            return still[..., 0]
        return still if what == 2 else np.resize(still, (*what, 3))

    with pytest.raises(error) as raised:
        shown(film, [2], {when: given(what) for when, what in stills.items()})
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("scale", [0.125, 3])
def test_a_small_or_large_still_is_resized(film: Film, scale: float) -> None:
    still = Image.fromarray(painted(film, 3, RED)).resize((round(192 * scale), round(128 * scale)))
    (found,) = shown(film, [3], {3: still})
    assert found[square(3)].mean((0, 1))[0] > 20
    assert found[:30].mean((0, 1))[0] < -20


def test_a_still_of_another_picture_is_a_reference_like_others(film: Film) -> None:
    rng = np.random.default_rng(3)
    other = np.kron(rng.integers(0, 255, (8, 12, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    (found,), (alone,) = shown(film, [3], {3: other}), shown(film, [3], [])
    assert np.abs(found - alone).mean() < 4
    assert any("does not look like frame 3" in each for each in film.remarks)


def test_the_next_frame_is_aligned(film: Film) -> None:
    (found,) = shown(film, [3], {3: painted(film, 4, RED)})
    assert found[square(3)].mean((0, 1))[0] > 30


def test_bars_are_not_part_of_a_still(tmp_path: Path) -> None:
    barred = [np.pad(each, ((24, 24), (0, 0)), constant_values=16) for each in textured(8)]
    path = write(tmp_path / "bars.mkv", barred, codec="ffv1")
    film = Film(path, load_pipeline("guided-unet", threads=1, semantics=False))
    inner = painted(film, 3, RED)
    assert inner.shape[0] < 176
    whole = np.pad(inner, ((24, 176 - 24 - inner.shape[0]), (0, 0), (0, 0)))
    for still in (inner, whole):
        (found,) = shown(film, [3], {3: still})
        assert np.abs(found - chroma_of(inner)).mean() < 3


def test_names_of_stills() -> None:
    assert name_of(40) == "ref_000040.png"
    assert named(Path("a/ref_000040.png")) == (Path("a/ref_000040.png"), At(frame=40))
    assert named(Path("a/REF_40.jpg"))[1] == At(frame=40)
    assert named(Path("a/coat.png@00:01:08"))[1] == At(second=68.0)
    assert named(Path("a/coat.png@8.5")) == (Path("a/coat.png"), At(second=8.5))
    for plain in ("coat.png", "my_ref_000040.png", "ref_4a.png", "me@home.png", "@8"):
        assert named(Path(plain)) == (Path(plain), None)


def test_a_file_with_such_a_name_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "coat@12"
    path.touch()
    assert named(path) == (path, None)


def test_stills_of_each_shot_are_saved(clip: Path, tmp_path: Path) -> None:
    assert run("stills", clip, "-o", tmp_path / "grey", "--grey", *QUIET) == 0
    names = sorted(each.name for each in (tmp_path / "grey").iterdir())
    assert names == ["ref_000006.png", "ref_000018.png"]
    film = Film(clip, retint.load("mean").pipeline)
    saved = np.asarray(Image.open(tmp_path / "grey" / names[1]))
    np.testing.assert_array_equal(saved, film.frame(18 / 24).pixels)
    assert run("stills", clip, "-o", tmp_path / "grey", "--grey", *QUIET) == 1  # they exist
    paths = retint.stills(clip, tmp_path / "colored", "mean", threads=1)
    assert [each.name for each in paths] == names
    with Image.open(paths[0]) as still:
        assert still.mode == "RGB"
        assert b"retint" in still.info["xmp"]


def test_stills_of_a_part_have_the_numbers_of_the_film(clip: Path, tmp_path: Path) -> None:
    call = ("stills", clip, "-o", tmp_path / "a", "--grey", "--start", "0.5", *QUIET)
    assert run(*call) == 0
    assert [each.name for each in (tmp_path / "a").iterdir()] == ["ref_000018.png"]


def test_a_shot_that_changes_much_gets_more_stills(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    wide = np.kron(rng.integers(30, 220, (8, 60)), np.ones((8, 8))).astype(np.float32)
    panned = [wide[:, 4 * k : 4 * k + 96] for k in range(96)]
    film = Film(write(tmp_path / "pan.mkv", panned, codec="ffv1"), retint.load("mean").pipeline)
    assert len(film.shots) == 1
    times = choose_times(film.source, film.shots, lambda _: None)
    assert 3 <= len(times) <= 8
    assert times == sorted(times)


def test_a_folder_of_stills_that_were_not_coloured_is_refused(clip: Path, tmp_path: Path) -> None:
    assert run("stills", clip, "-o", tmp_path / "grey", "--grey", *QUIET) == 0
    assert run(clip, "-o", tmp_path / "b.mkv", "--reference", tmp_path / "grey", *QUIET) == 2


def test_colours_are_carried_without_drift() -> None:
    """A pattern that goes 2 pixels to the left in each of 40 frames."""
    rng = np.random.default_rng(1)
    ground = np.kron(rng.uniform(20, 80, (10, 30)), np.ones((8, 8))).astype(np.float32)
    lightness = [np.ascontiguousarray(ground[:, 2 * k : 2 * k + 100]) for k in range(40)]
    truth = np.stack([lightness[20], -lightness[20]], axis=-1)
    found = carried(lightness, [Truth(20, truth)], {0, 20, 39})
    for number, (chroma, weight) in found.items():
        sure = weight > 0.5
        assert sure.mean() > 0.4
        assert np.abs(chroma[..., 0] - lightness[number])[sure].mean() < 2
    np.testing.assert_allclose(found[20].chroma, truth, atol=0.1)
    gone = found[0].weight[:, :30]  # what is there in frame 0 is not in frame 20
    assert gone.mean() < 0.3
