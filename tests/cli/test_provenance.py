from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint
from retint import files
from retint.files import xmp

from .test_main import run


@pytest.fixture
def coloured(photo: Path) -> Path:
    target = photo.with_name("photo.retint.png")
    assert run(photo, "-o", target, "--quiet", "--vividness", "1.3", "--threads", 1) == 0
    return target


def test_inspect_shows_how_a_picture_was_coloured(
    coloured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert xmp.SOURCE_TYPE.encode() in files.read_metadata(coloured).xmp
    assert run("inspect", coloured) == 0
    shown = capsys.readouterr().out
    assert "colored by retint" in shown
    assert "guided-unet" in shown
    assert '"vividness": 1.3' in shown
    assert run("inspect", "--json", coloured) == 0
    said = json.loads(capsys.readouterr().out)["provenance"]
    assert said["Method"] == "guided-unet"
    assert len(said["Weights"]["guided-unet.onnx"]) == 64


@pytest.mark.parametrize("ending", ["jpg", "tif", "webp", "avif"])
def test_every_format_carries_provenance(photo: Path, ending: str) -> None:
    target = photo.with_name(f"out.{ending}")
    assert run(photo, "-o", target, "--quiet", "--method", "mean") == 0
    said = xmp.provenance(files.read_metadata(target).xmp)
    assert said is not None
    assert said["Method"] == "mean"


def test_no_provenance_leaves_no_record(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = photo.with_name("silent.png")
    assert run(photo, "-o", target, "--quiet", "--no-provenance", "--method", "mean") == 0
    assert run("inspect", target) == 0
    assert "no record" in capsys.readouterr().out


def test_restore_gives_back_the_original(
    photo: Path, coloured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("restore", coloured) == 0
    target = photo.with_name("photo.restored.png")
    assert capsys.readouterr().out == f"{target}\n"
    before = np.asarray(Image.open(photo)).astype(int)
    after = np.asarray(Image.open(target)).astype(int)
    assert after.shape == before.shape
    assert np.abs(after - before).max() <= 1
    assert xmp.provenance(files.read_metadata(target).xmp) is None
    assert run("restore", coloured) == 1
    assert "--force" in capsys.readouterr().err
    assert run("restore", target) == 1
    assert "already black and white" in capsys.readouterr().err


def test_toned_originals_come_back_neutral(
    tmp_path: Path, grey: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    small = grey[::8, ::8]
    toned = tmp_path / "sepia.png"
    Image.fromarray(np.stack([small, small * 0.9, small * 0.7], -1).astype(np.uint8)).save(toned)
    assert run(toned, "--quiet", "--method", "mean") == 0
    assert run("restore", tmp_path / "sepia.retint.png") == 0
    assert "was toned; the restored picture is neutral gray" in capsys.readouterr().err
    assert np.asarray(Image.open(tmp_path / "sepia.restored.png")).ndim == 2


def test_inspect_names_what_it_cannot_read(
    coloured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", coloured.with_name("missing.png"), coloured) == 1
    out, err = capsys.readouterr()
    assert "missing.png: No such file" in err
    assert "colored by" in out


def test_python_gives_back_the_original(photo: Path) -> None:
    assert run(photo, "-o", photo.with_name("c.png"), "--method", "mean") == 0
    restored = retint.restore(photo.with_name("c.png"))
    assert restored == photo.with_name("c.restored.png")
    difference = np.asarray(Image.open(restored), int) - np.asarray(Image.open(photo), int)
    assert np.abs(difference).max() <= 1
    with pytest.raises(retint.PhotoError, match="already exists"):
        retint.restore(photo.with_name("c.png"))


@pytest.mark.parametrize("ending", ["png", "webp", "tif"])
def test_a_converted_file_with_the_record_of_an_exact_one(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"Method": "mean", "Lightness": "exact", "Coefficients": "0"}
    source, target = tmp_path / f"a.{ending}", tmp_path / "b.jpg"
    picture = Image.fromarray(np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3))
    photo = files.from_pillow(picture)
    metadata = dataclasses.replace(photo.metadata, xmp=xmp.with_provenance(b"", said))
    files.write(dataclasses.replace(photo, metadata=metadata), source)
    assert run("restore", source, "-o", target) == 0
    with Image.open(target) as restored:
        assert restored.mode == "L"
    assert run("inspect", source) == 0
    assert "internal error" not in (out := "".join(capsys.readouterr()))
    assert "has been changed since" in out or "to verify" in out
