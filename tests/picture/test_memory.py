"""Hints are remembered by what they lie on, for the same things in other pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.api import load_pipeline
from retint.color import lab
from retint.errors import UsageError
from retint.files import Photo, read
from retint.files.confined import ENDLESS
from retint.film.film import Film
from retint.film.tracking import Timed
from retint.hints import Hints
from retint.hints.file import MAX_BYTES
from retint.picture.memory import Memory
from retint.picture.pipeline import Pipeline
from retint.picture.request import Request

from ..cli.test_main import run

BERRY = Hints.parse(["45%,45%,#a02060"])
"""On the cup of `cup`."""


@pytest.fixture(scope="module")
def guided() -> Pipeline:
    return load_pipeline(threads=1, upright="off")


@pytest.fixture(scope="module")
def cup(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(coffee[::2, ::2]).convert("L"))


@pytest.fixture(scope="module")
def cat() -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = skimage.data.cat()  # type: ignore[no-untyped-call]
    return np.asarray(Image.fromarray(picture[::2, ::2]).convert("L"))


def mirrored(cup: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same things, the other way round and darker."""
    return (255 * (cup[:, ::-1] / 255.0) ** 1.2).astype(np.uint8)


@pytest.fixture(scope="module")
def memory(guided: Pipeline, cup: NDArray[np.uint8]) -> Memory:
    return Memory(guided).with_hints(guided.open(Photo(cup)), BERRY, "a.jpg")


def test_the_same_thing_gets_the_same_colour(
    guided: Pipeline, memory: Memory, cup: NDArray[np.uint8]
) -> None:
    other = mirrored(cup)
    (place,) = memory.hints(guided.open(Photo(other))).points
    assert place.color == "#a02060"
    x, y = float(str(place.x)[:-1]), float(str(place.y)[:-1])
    assert np.hypot(x - 55, y - 45) < 12  # on the cup, which is 50 wide
    result = Request(guided, memory=memory)(Photo(other))
    row, column = round(y / 100 * other.shape[0]), round(x / 100 * other.shape[1])
    near = lab.rgb_to_lab(result.photos[0].pixels[row - 3 : row + 3, column - 3 : column + 3])
    assert near[..., 1].mean() > 20
    assert "remembered colors: #a02060" in result.remarks
    assert "#a02060" in str((result.record or {})["Remembered"])


def test_another_thing_does_not(guided: Pipeline, memory: Memory, cat: NDArray[np.uint8]) -> None:
    result = Request(guided, memory=memory)(Photo(cat))
    assert "Remembered" not in (result.record or {})
    np.testing.assert_array_equal(result.photos[0].pixels, guided(Photo(cat)).pixels)


def test_results_depend_on_what_is_remembered(guided: Pipeline, memory: Memory) -> None:
    assert Request(guided, memory=memory).how != Request(guided, memory=Memory(guided)).how


def test_new_hints_replace_those_of_the_picture(
    guided: Pipeline, memory: Memory, cup: NDArray[np.uint8]
) -> None:
    view = guided.open(Photo(cup))
    changed = memory.with_hints(view, Hints.parse(["10%,10%,navy", "45%,45%,teal"]), "a.jpg")
    assert [each.hint.color for each in changed.entries] == ["navy", "teal"]
    assert len(changed.with_hints(view, BERRY, "b.jpg").entries) == 3


def test_another_picture_of_the_same_name_is_another(
    guided: Pipeline, memory: Memory, cat: NDArray[np.uint8], cup: NDArray[np.uint8]
) -> None:
    both = memory.with_hints(guided.open(Photo(cat)), Hints.parse(["45%,45%,teal"]), "a.jpg")
    assert [each.hint.color for each in both.entries] == ["#a02060", "teal"]
    again = both.with_hints(guided.open(Photo(cup)), Hints.parse(["45%,45%,navy"]), "a.jpg")
    assert [each.hint.color for each in again.entries] == ["teal", "navy"]


def test_what_others_have_remembered_meanwhile_stays(
    guided: Pipeline, memory: Memory, cat: NDArray[np.uint8], cup: NDArray[np.uint8], tmp_path: Path
) -> None:
    path = tmp_path / "album.json"
    memory.write(path)
    long_run = Memory.read(guided, path)
    other = Memory.read(guided, path).with_hints(
        guided.open(Photo(cat)), Hints.parse(["45%,45%,teal"]), "b.jpg"
    )
    other.write(path)
    long_run.with_hints(guided.open(Photo(cup)), Hints.parse(["45%,45%,navy"]), "a.jpg").write(path)
    assert [each.hint.color for each in Memory.read(guided, path).entries] == ["teal", "navy"]
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "remembered": []}))  # a person forgets them
    other.write(path)
    assert [each.hint.color for each in Memory.read(guided, path).entries] == ["teal"]


@pytest.mark.parametrize(
    ("most", "why"),
    [
        *((most, "not those of a picture") for most in ("NaN", "Infinity", "1e300", "-1")),
        ("1" + 400 * "0", "does not contain remembered hints"),
    ],
)
def test_tokens_without_numbers_are_refused(
    guided: Pipeline, memory: Memory, tmp_path: Path, most: str, why: str
) -> None:
    path = tmp_path / "album.json"
    memory.write(path)
    content = path.read_text().splitlines()
    (line,) = (k for k, each in enumerate(content) if '"tokens"' in each)
    content[line + 1] = f'    "most": {most},'
    path.write_text("\n".join(content))
    with pytest.raises(UsageError, match=why):
        Memory.read(guided, path)


def test_tokens_of_another_recognizer_are_refused(
    guided: Pipeline, memory: Memory, cup: NDArray[np.uint8]
) -> None:
    (entry,) = memory.entries
    short = replace(entry, tokens=entry.tokens[:, :7], means=entry.means[:, :7])
    with pytest.raises(UsageError, match="made with another recognizer"):
        replace(memory, entries=(short,)).hints(guided.open(Photo(cup)))


def test_the_file_is_readable_and_an_entry_can_be_deleted(
    guided: Pipeline, memory: Memory, tmp_path: Path
) -> None:
    path = tmp_path / "album.json"
    memory.write(path)
    content = json.loads(path.read_text())
    entry = content["remembered"][0]
    assert {name: entry[name] for name in ("picture", "color", "x", "y")} == {
        "picture": "a.jpg", "color": "#a02060", "x": "45.00%", "y": "45.00%",
    }  # fmt: skip
    assert path.stat().st_size < 5000
    again = Memory.read(guided, path)
    np.testing.assert_allclose(again.entries[0].tokens, memory.entries[0].tokens, atol=1e-4)
    assert again.sha256 == memory.sha256
    path.write_text(json.dumps({**content, "remembered": []}))
    assert not Memory.read(guided, path).entries
    assert not Memory.read(guided, tmp_path / "new.json").entries


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"\xff\xfe", b'{"version": 2, "remembered": []}',
        b'{"version": 1, "remembered": 7}', b'{"version": 1, "remembered": [{}]}',
        b'{"version": 1, "remembered": [{"picture": "a", "color": "nocolor", "x": 1, "y": 1}]}',
        b'{"version": 1, "remembered": [{"picture": "a", "color": "navy", "x": "1%", "y": "1%", '
        b'"tokens": {"most": 1, "levels": "AAAA"}, "means": {"most": 1, "levels": "AAAA"}}]}',
    ],
)  # fmt: skip
def test_another_file_is_refused_in_one_line(
    guided: Pipeline, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        Memory.read(guided, path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, MAX_BYTES + 1)


@pytest.mark.skipif(os.name == "nt", reason="it has no such files in folders")
@pytest.mark.parametrize(
    ("make", "why"), [(pipe, ENDLESS), (endless, ENDLESS), (huge, "is larger than 16 MiB")]
)
def test_a_file_without_end_is_refused(
    guided: Pipeline, tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    make(tmp_path / "a.json")
    with pytest.raises(UsageError, match=why):
        Memory.read(guided, tmp_path / "a.json")


def test_a_method_without_hints_remembers_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes no hints"):
        retint.load("mean", remember=tmp_path / "a.json")


def test_hints_are_remembered_on_the_command_line(cup: NDArray[np.uint8], tmp_path: Path) -> None:
    album, out = tmp_path / "album", tmp_path / "out"
    album.mkdir()
    Image.fromarray(cup).save(album / "a.png")
    Image.fromarray(mirrored(cup)).save(album / "b.png")
    path = album / "colours.json"
    common = ("--quiet", "--threads", 1, "--upright", "off", "--remember", path)
    assert run(album / "a.png", "-o", out / "one.png", "--hint", "45%,45%,#a02060", *common) == 0
    assert len(json.loads(path.read_text())["remembered"]) == 1
    before = path.read_bytes()
    assert run(album, "-o", out, *common) == 0
    assert path.read_bytes() == before
    assert b"#a02060" in read(out / "b.png").metadata.xmp


def test_hints_of_several_pictures_are_said_not_to_be_remembered(
    cup: NDArray[np.uint8], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(cup[::2, ::2]).save(tmp_path / name)
    path = tmp_path / "colours.json"
    call = ("--hint", "45%,45%,#a02060", "--no-semantics", "--threads", 1, "--quiet")
    assert run(tmp_path, "-o", tmp_path / "out", *call, "--remember", path) == 0
    assert not path.exists()
    assert capsys.readouterr().err.count("those of several are not remembered\n") == 1


def test_other_shots_of_a_film_are_remembered(
    guided: Pipeline, cup: NDArray[np.uint8], cat: NDArray[np.uint8], tmp_path: Path
) -> None:
    pytest.importorskip("av")
    from ..film.clips import write

    side = min(cup.shape[0], cat.shape[0]) // 2 * 2
    one, other = (each[:side, :side].astype(np.float32) for each in (cup, cat))
    shots = [one] * 8 + [other] * 8 + [mirrored(one.astype(np.uint8)).astype(np.float32)] * 8
    path = write(tmp_path / "a.mkv", shots, codec="ffv1", full=True)
    film = Film(path, guided).remembering([Timed(0.0, BERRY)])
    hinting = film.hinting([Timed(0.0, BERRY)])
    assert [hinting.tracks(each) is not None for each in film.shots] == [True, False, True]
