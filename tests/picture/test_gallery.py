"""A folder of colour photographs: those that are most like a picture are its references."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.api import load_pipeline
from retint.color import lab
from retint.errors import PhotoError, UsageError
from retint.files import Photo
from retint.files.reading import read_reduced
from retint.files.xmp import provenance
from retint.inputs import reference_of
from retint.picture import gallery_index
from retint.picture.gallery import NONE
from retint.picture.gallery_index import NAME, Entry, ForeignError, Kind
from retint.picture.pipeline import Pipeline
from retint.picture.reference import NONE_NEAR, Reference
from retint.picture.request import Request, Result

from ..cli.test_main import run

QUIET = ("--threads", 1, "--upright", "off")


@pytest.fixture(scope="module")
def guided() -> Pipeline:
    return load_pipeline(threads=1, upright="off")


@pytest.fixture(scope="module")
def cup(coffee: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(coffee[::2, ::2])


@pytest.fixture(scope="module")
def cat() -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = skimage.data.cat()  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(picture[::2, ::2])


@pytest.fixture
def family(tmp_path: Path, cup: NDArray[np.uint8], cat: NDArray[np.uint8]) -> Path:
    """Colour photographs: a part of a cup, mirrored, and a cat."""
    folder = tmp_path / "family"
    (folder / "1987").mkdir(parents=True)
    height, width = cup.shape[:2]
    part = cup[: int(0.8 * height), width // 8 :][:, ::-1]
    Image.fromarray(part).save(folder / "1987" / "cup.jpg", quality=95)
    Image.fromarray(cat).save(folder / "cat.png")
    return folder


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are looked at."""
    names: list[str] = []

    def reading(source: Path, side: int, *, max_pixels: int) -> Photo:
        names.append(source.name)
        return read_reduced(source, side, max_pixels=max_pixels)

    monkeypatch.setattr("retint.picture.gallery.read_reduced", reading)
    return names


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def colored(pipeline: Pipeline, pixels: NDArray[np.uint8], folder: Path) -> Result:
    return Request(pipeline, reference=reference_of(pipeline, (), folder))(Photo(grey(pixels)))


def error(found: NDArray[Any], original: NDArray[np.uint8]) -> float:
    """Mean distance in a*b*."""
    return float(np.abs(lab.rgb_to_lab(found) - lab.rgb_to_lab(original))[..., 1:].mean())


def test_a_picture_takes_the_colours_of_the_one_that_shows_the_same(
    guided: Pipeline, family: Path, cup: NDArray[np.uint8]
) -> None:
    result = colored(guided, cup, family)
    alone = guided(Photo(grey(cup))).pixels
    assert error(result.photos[0].pixels, cup) < 0.7 * error(alone, cup)
    assert result.remarks == ("colors taken from 1987/cup.jpg",)
    used = Reference(guided, files.read(family / "1987" / "cup.jpg"))
    assert result.record is not None
    assert result.record["Reference"] == used.sha256
    assert "References" not in result.record


def test_pictures_of_other_things_change_nothing(
    guided: Pipeline, family: Path, cat: NDArray[np.uint8]
) -> None:
    (family / "cat.png").unlink()
    result = colored(guided, cat, family)
    np.testing.assert_array_equal(result.photos[0].pixels, guided(Photo(grey(cat))).pixels)
    assert result.remarks == (NONE_NEAR,)
    assert result.record is not None
    assert {"Reference", "References", "Matching"}.isdisjoint(result.record)


def test_pictures_are_looked_at_once_and_changes_are_noticed(
    guided: Pipeline, family: Path, cup: NDArray[np.uint8], looked_at: list[str]
) -> None:
    before = reference_of(guided, (), family)
    assert sorted(looked_at) == ["cat.png", "cup.jpg"]
    looked_at.clear()
    again = reference_of(guided, (), family)
    assert looked_at == []
    assert before is not None
    assert again is not None
    assert again.how == before.how
    Image.fromarray(cup).save(family / "new.png")
    os.utime(family / "cat.png", ns=(1, 1))
    (family / "1987" / "cup.jpg").unlink()
    found = reference_of(guided, (), family)
    assert sorted(looked_at) == ["cat.png", "new.png"]
    assert found is not None
    assert found.gallery is not None
    assert found.gallery.names == ("cat.png", "new.png")
    assert found.how != before.how
    assert set(json.loads((family / NAME).read_text())["pictures"]) == {"cat.png", "new.png"}


def test_what_is_no_reference_is_said_in_one_line(
    guided: Pipeline, family: Path, cup: NDArray[np.uint8]
) -> None:
    Image.fromarray(grey(cup)).save(family / "old.png")
    (family / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    retint.open(grey(cup), threads=1, upright="off").save(family / "old.retint.png")
    (family / ".hidden").mkdir()
    shutil.copy(family / "cat.png", family / ".hidden" / "cat.png")
    found = reference_of(guided, (), family)
    assert found is not None
    assert found.gallery is not None
    assert found.gallery.names == ("1987/cup.jpg", "cat.png")
    assert found.gallery.remarks == (
        f"{family}: not used as references: 1 black and white, 1 colored by retint, 1 unreadable",
    )


def test_a_picture_of_the_folder_is_its_own_reference_only_in_colour(
    guided: Pipeline, tmp_path: Path, cup: NDArray[np.uint8], cat: NDArray[np.uint8]
) -> None:
    Image.fromarray(grey(cup)).save(tmp_path / "grey.png")
    Image.fromarray(cat).save(tmp_path / "cat.png")
    assert colored(guided, cup, tmp_path).remarks == (NONE_NEAR,)
    assert colored(guided, cat, tmp_path).remarks == ("colors taken from cat.png",)


def test_folders_without_references_are_refused(
    guided: Pipeline, tmp_path: Path, cup: NDArray[np.uint8]
) -> None:
    picture = tmp_path / "grey.png"
    with pytest.raises(PhotoError, match="contains no pictures"):
        reference_of(guided, (), tmp_path)
    Image.fromarray(grey(cup)).save(picture)
    with pytest.raises(PhotoError, match="none of its pictures can be a reference: 1 black"):
        reference_of(guided, (), tmp_path)
    for path in (picture, tmp_path / "missing"):
        with pytest.raises(UsageError, match=f"must be a folder, and {path} is not one"):
            reference_of(guided, (), path)
    with pytest.raises(UsageError, match="unet takes no reference"):
        reference_of(load_pipeline("unet", threads=1), (), tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\0\xff", b"{" * 100_000])
def test_a_file_of_another_kind_is_kept(guided: Pipeline, family: Path, content: bytes) -> None:
    (family / NAME).write_bytes(content)
    found = reference_of(guided, (), family)
    assert found is not None
    assert found.gallery is not None
    (remark,) = found.gallery.remarks
    assert f"{family / NAME} is not an index of references" in remark
    assert (family / NAME).read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"weights": "others"},
        {"pictures": [1]},
        {"pictures": {"cat.png": {"size": "x"}, "../../etc/passwd": 5}},
    ],
)
def test_a_damaged_index_is_made_again(
    guided: Pipeline, family: Path, change: dict[str, Any]
) -> None:
    reference_of(guided, (), family)
    good = json.loads((family / NAME).read_text())
    (family / NAME).write_text(json.dumps(good | change))
    found = reference_of(guided, (), family)
    assert found is not None
    assert found.gallery is not None
    assert found.gallery.remarks == ()
    assert json.loads((family / NAME).read_text()) == good


@pytest.mark.parametrize("coded", ["", "AAAA", "?", 5])
def test_a_damaged_description_is_made_again(guided: Pipeline, family: Path, coded: Any) -> None:
    reference_of(guided, (), family)
    good = json.loads((family / NAME).read_text())
    damaged = json.loads((family / NAME).read_text())
    damaged["pictures"]["cat.png"]["likeness"] = coded
    (family / NAME).write_text(json.dumps(damaged))
    reference_of(guided, (), family)
    assert json.loads((family / NAME).read_text()) == good


def test_an_index_larger_than_its_folder_needs_is_made_again(tmp_path: Path) -> None:
    """A stranger's file of 256 MB in which each list takes three bytes becomes gigabytes."""
    path = tmp_path / NAME
    gallery_index.write(path, "w", {f"{k}.jpg": Entry(1, 2, Kind.GREY, NONE) for k in range(2)})
    assert len(gallery_index.read(path, "w", 2)) == 2
    own = path.read_text()
    path.write_text(own.replace('"pictures"', f'"more": [{"[]," * 9000}[]], "pictures"'))
    assert gallery_index.read(path, "w", 2) == {}
    assert len(gallery_index.read(path, "w", 20)) == 2
    path.write_text(f"[{'[],' * 9000}[]]")
    with pytest.raises(ForeignError):
        gallery_index.read(path, "w", 2)


def test_a_folder_that_cannot_be_written_serves_all_the_same(
    guided: Pipeline, family: Path, cup: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("retint.picture.gallery_index.atomic.write", refuse)
    found = reference_of(guided, (), family)
    assert found is not None
    assert found.gallery is not None
    (remark,) = found.gallery.remarks
    assert remark.endswith(f"examined in each run: {family / NAME}: Permission denied")
    assert "1987/cup.jpg" in Request(guided, reference=found)(Photo(grey(cup))).remarks[0]


def test_what_was_seen_until_an_interrupt_is_kept(guided: Pipeline, family: Path) -> None:
    def interrupt(_: int, count: int) -> None:
        assert count == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reference_of(guided, (), family, seen=interrupt)
    assert len(json.loads((family / NAME).read_text())["pictures"]) == 1


def test_a_reference_that_has_gone_since_is_left_out(
    guided: Pipeline, family: Path, cup: NDArray[np.uint8]
) -> None:
    found = reference_of(guided, (), family)
    (family / "1987" / "cup.jpg").unlink()
    assert Request(guided, reference=found)(Photo(grey(cup))).remarks == (NONE_NEAR,)


def test_the_command_colours_an_album_by_a_folder(
    family: Path, tmp_path: Path, cup: NDArray[np.uint8], cat: NDArray[np.uint8],
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    album = tmp_path / "album"
    album.mkdir()
    Image.fromarray(grey(cup)).save(album / "a.png")
    Image.fromarray(grey(cat)).save(album / "b.png")
    assert run(album, "-o", tmp_path / "out", "--references", family, *QUIET, "--json") == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    remarks = {Path(line["input"]).name: line["remarks"] for line in lines}
    assert remarks == {
        "a.png": ["colors taken from 1987/cup.jpg"],
        "b.png": ["colors taken from cat.png"],
    }
    found = files.read(tmp_path / "out" / "a.png")
    assert error(found.pixels, cup) < 8
    assert "Reference" in (provenance(found.metadata.xmp) or {})


def test_the_command_names_a_folder_that_is_none(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "a.png"
    Image.new("L", (40, 40), 90).save(picture)
    assert run(picture, "--references", tmp_path / "none", *QUIET) == 2
    assert "--references must be a folder" in capfd.readouterr().err


def test_python_takes_a_folder(family: Path, cup: NDArray[np.uint8]) -> None:
    found = retint.colorize(grey(cup), references=family, threads=1, upright="off")
    alone = retint.colorize(grey(cup), threads=1, upright="off")
    assert error(found, cup) < 0.7 * error(alone, cup)
