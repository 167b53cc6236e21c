"""Names near the limit of the file system work, or are refused before anything is done."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.files import xmp
from retint.files.atomic import partials, too_long
from tests.cli.test_main import run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows counts no bytes of names")

MOST = 255
FAST = ("--method", "mean", "--threads", "1", "--quiet")
REFUSED = "is longer than the 255 that the file system allows"


def named(folder: Path, length: int, ending: str) -> Path:
    """A path in a new folder `in` whose name has that many bytes, not all of them of ASCII."""
    folder = folder / "in"
    folder.mkdir()
    rest = length - len(ending)
    return folder / f"{'é' * (rest // 2)}{'n' * (rest % 2)}{ending}"


@pytest.fixture
def picture(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    path = named(tmp_path, MOST, ".jpg")
    short = path.with_name("a.jpg")
    Image.fromarray(grey[::8, ::8]).save(short)
    return short.rename(path)


def made(folder: Path) -> set[str]:
    """The endings of the files of a folder that are not retint's own."""
    return {each.suffix for each in folder.iterdir() if "retint" not in each.name}


def test_the_longest_name_is_colored_into_a_folder(picture: Path, tmp_path: Path) -> None:
    assert run(picture.parent, "-o", tmp_path / "out", *FAST) == 0
    assert made(tmp_path / "out") == {".jpg"}


def test_a_new_sidecar_has_a_partial_file_of_its_own(picture: Path, tmp_path: Path) -> None:
    assert run(picture.parent, "-o", tmp_path / "out", "--sidecar", *FAST) == 0
    assert made(tmp_path / "out") == {".jpg", ".xmp"}
    assert xmp.provenance(next((tmp_path / "out").glob("*.xmp")).read_bytes())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], f"a name of 262 bytes {REFUSED}; name an output with -o"),
        (["--split", "-o", "out/"], f"a name of 257 bytes {REFUSED}"),
        (
            ["--keep-original", ".original", "-o", "out/"],
            f"its original cannot be copied: a name of 264 bytes {REFUSED}",
        ),
    ],
    ids=["beside", "split", "copy"],
)
def test_what_cannot_be_named_is_refused_before_work(
    arguments: list[str], reason: str, picture: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(picture.parents[1])
    before = picture.read_bytes()
    assert run(picture.relative_to(Path.cwd()), *arguments, *FAST) == 1
    error = capsys.readouterr().err
    assert error.endswith(f".jpg: {reason}\n")
    assert error.count("\n") == 1
    assert [each.name for each in picture.parent.iterdir()] == [picture.name]
    assert picture.read_bytes() == before


def test_a_sidecar_that_cannot_be_named_is_reported(
    tmp_path: Path, grey: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(tmp_path, MOST - len(".xmp") - 2, ".gif")
    for ending in (".gif", ".gif.xmp"):
        short = path.with_name(f"a{ending}")
        if ending == ".gif":
            Image.fromarray(grey[::8, ::8]).save(short)
        else:
            short.write_bytes(xmp.with_provenance(b"", {"Method": "none"}))
        short.rename(path.with_name(path.stem + ending))
    assert run(path, "-o", tmp_path / "out" / f"{path.stem}abc.png", *FAST) == 0
    assert f"was not copied: a name of 256 bytes {REFUSED}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [([], f"a name of 262 bytes {REFUSED}"), (["--preview"], f"a name of 270 bytes {REFUSED}")],
)
def test_a_film_is_refused_before_it_is_read(
    arguments: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(tmp_path, MOST, ".mp4")
    path.write_bytes(b"no film, which is not seen")
    assert run(path, *arguments, *FAST) == 1
    assert capsys.readouterr().err == f"retint: {path}: {reason}; name an output with -o\n"


def test_stills_without_a_name_for_their_folder_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(tmp_path, MOST, ".mp4")
    path.write_bytes(b"no film, which is not seen")
    assert run("stills", path) == 2
    assert capsys.readouterr().err.endswith(f"{REFUSED}; name another folder with -o\n")


def test_shortened_names_of_partial_files_differ(tmp_path: Path) -> None:
    targets = [tmp_path / f"{'n' * 200}-{k}.png" for k in range(200)]
    with partials(targets) as found:
        assert len(set(found)) == len(targets)
        for number, path in enumerate(found):
            path.write_text(str(number))
    assert [int(each.read_text()) for each in targets] == list(range(200))


def test_partial_names_fit_where_names_are_encrypted(tmp_path: Path) -> None:
    """Such file systems allow 143 bytes."""
    with partials([tmp_path / ("n" * 143)]) as (path,):
        assert len(path.name) <= 143
        path.write_bytes(b"")
    assert too_long(tmp_path / ("n" * MOST)) == ""
    assert too_long(tmp_path / "new" / "folder" / ("n" * (MOST + 1)))
