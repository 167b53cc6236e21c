"""XMP files beside pictures, and file times."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import retint
from retint.batch import sidecars
from retint.errors import UsageError
from retint.files import xmp
from retint.files.turn import Turn
from tests.cli.test_main import run

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
OLD = 86_400 * 365 * 10**9
"""A time in 1971, in nanoseconds."""
PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/"
 xmlns:t="http://ns.adobe.com/tiff/1.0/" xmlns:c="http://ns.adobe.com/camera-raw-settings/1.0/"
 xmlns:G="http://ns.microsoft.com/photo/1.2/t/Region#"
 t:Orientation="6" c:ConvertToGrayscale="True" G:Rectangle="0.25, 0.075, 0.1, 0.25">
<d:title><rdf:Alt><rdf:li xml:lang="x-default">Großmutter</rdf:li></rdf:Alt></d:title>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def picture(path: Path, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(RAMP).save(path, exif=exif)
    return path


def sidecar(path: Path, content: str = PACKET) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def colored(*arguments: object) -> int:
    return run(*arguments, "--quiet", "--method", "mean", "--threads", 1)


@pytest.mark.parametrize("named", ["photo.xmp", "photo.jpg.xmp", "photo.XMP"])
def test_a_sidecar_is_copied_with_the_record(tmp_path: Path, named: str) -> None:
    path = picture(tmp_path / "photo.jpg")
    before = sidecar(tmp_path / named).read_bytes()
    assert colored(path) == 0
    whole = "photo.retint.jpg.xmp" if ".jpg" in named else "photo.retint.xmp"
    content = (tmp_path / whole).read_bytes()
    assert xmp.SOURCE_TYPE.encode() in content
    said = xmp.provenance(content)
    assert said is not None
    assert said["Method"] == "mean"
    assert "Großmutter" in content.decode()
    assert b"ConvertToGrayscale" not in content
    assert (tmp_path / named).read_bytes() == before
    if shutil.which("exiftool"):
        command = ["exiftool", "-json", "-G1", str(tmp_path / whole)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
        assert found["XMP-dc:Title"] == "Großmutter"
        assert found["XMP-iptcExt:DigitalSourceType"] == xmp.SOURCE_TYPE


@pytest.mark.parametrize(("lightness", "turned"), [("recompressed", True), ("exact", False)])
def test_a_sidecar_follows_the_orientation(tmp_path: Path, lightness: str, turned: bool) -> None:
    if lightness == "exact":
        pytest.importorskip("jpeglib")
    path = picture(tmp_path / "photo.jpg", 6)
    sidecar(tmp_path / "photo.xmp")
    assert colored(path, "--lightness", lightness) == 0
    content = (tmp_path / "photo.retint.xmp").read_text(encoding="utf-8")
    assert ('Orientation="6"' in content) != turned
    assert ("0.675, 0.25, 0.25, 0.1" if turned else "0.25, 0.075, 0.1, 0.25") in content


def test_sidecars_of_a_folder_are_mirrored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.png", "c.jpg"):
        picture(tmp_path / "in" / name)
    sidecar(tmp_path / "in" / "a.xmp")
    sidecar(tmp_path / "in" / "b.png.xmp")
    sidecar(tmp_path / "in" / "other.xmp")
    arguments = (tmp_path / "in", "-o", tmp_path / "out", "--method", "mean", "--format", "jpeg")
    assert run(*arguments) == 0
    names = {each.name for each in (tmp_path / "out").iterdir() if not each.name.startswith(".")}
    assert names == {"a.jpg", "a.xmp", "b.jpg", "b.jpg.xmp", "c.jpg", "retint-manifest.jsonl"}
    assert "3 colored; 1 file of another type was ignored" in capsys.readouterr().err
    assert run(*arguments) == 0
    assert "3 already done" in capsys.readouterr().err


@pytest.mark.parametrize("force", [False, True])
def test_an_existing_sidecar_stays_unless_forced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], force: bool
) -> None:
    path = picture(tmp_path / "photo.jpg")
    sidecar(tmp_path / "photo.xmp")
    existing = sidecar(tmp_path / "photo.retint.xmp", PACKET.replace("mutter", "vater"))
    before = existing.read_bytes()
    assert colored(path, *(["--force"] if force else [])) == 0
    assert (tmp_path / "photo.retint.jpg").exists()
    assert (existing.read_bytes() == before) != force
    assert ("photo.retint.xmp exists and was not replaced" in capsys.readouterr().err) != force


def test_a_sidecar_that_differs_in_the_record_only_is_renewed(tmp_path: Path) -> None:
    path = picture(tmp_path / "in" / "photo.jpg")
    sidecar(tmp_path / "in" / "photo.xmp")
    line = (tmp_path / "in", "-o", tmp_path / "out", "--resume")
    assert colored(*line) == 0
    assert colored(*line, "--vividness", "1.3") == 0
    said = xmp.provenance((tmp_path / "out" / "photo.xmp").read_bytes())
    assert said is not None
    assert said["Options"] == {"vividness": 1.3}
    assert path.exists()


def test_the_sidecar_of_the_source_is_never_overwritten(tmp_path: Path) -> None:
    path = picture(tmp_path / "photo.jpg")
    before = sidecar(tmp_path / "photo.xmp").read_bytes()
    assert colored(path, "-o", tmp_path / "photo.png", "--force") == 0
    assert (tmp_path / "photo.xmp").read_bytes() == before


@pytest.mark.parametrize("content", ["", "no xml", "<!DOCTYPE x [<!ENTITY a 'b'>]>" + PACKET])
def test_a_broken_sidecar_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = picture(tmp_path / "photo.jpg")
    sidecar(tmp_path / "photo.xmp", content)
    assert colored(path) == 0
    assert "its sidecar photo.xmp was not copied: it is not XMP" in capsys.readouterr().err
    assert not (tmp_path / "photo.retint.xmp").exists()


def test_without_provenance_the_copy_has_no_record(tmp_path: Path) -> None:
    path = picture(tmp_path / "photo.jpg")
    sidecar(tmp_path / "photo.xmp")
    assert colored(path, "--no-provenance") == 0
    content = (tmp_path / "photo.retint.xmp").read_bytes()
    assert xmp.provenance(content) is None
    assert xmp.SOURCE_TYPE.encode() not in content


def test_raw_files_are_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    dng = io.BytesIO(exif.tobytes().removeprefix(b"Exif\0\0"))
    assert sidecars.turn_of_raw(dng, (64, 48)) == Turn(8, 64, 48)
    assert not sidecars.turn_of_raw(io.BytesIO(b"no tiff"), (64, 48))


def test_what_is_lost_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chunks = PngImagePlugin.PngInfo()
    for name in ("Serial", "Operator"):
        chunks.add_text(name, "0815")
    Image.fromarray(RAMP).save(tmp_path / "a.png", pnginfo=chunks)
    picture(tmp_path / "b.png")
    target = tmp_path / "out"
    assert colored(tmp_path / "a.png", tmp_path / "b.png", "-o", target, "--format", "tiff") == 0
    said = capsys.readouterr().err
    assert said.count("not kept in TIFF: text 'Serial', text 'Operator'") == 1
    assert said.count("not kept") == 1


def made_old(path: Path) -> Path:
    os.utime(path, ns=(OLD + 5, OLD))
    return path


def modified(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_file_times_are_kept(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png"):
        made_old(picture(tmp_path / "in" / name))
    made_old(sidecar(tmp_path / "in" / "a.xmp"))
    line = (tmp_path / "in", "-o", tmp_path / "out", "--keep-times")
    assert colored(*line) == 0
    for name in ("a.jpg", "b.png", "a.xmp"):
        found = (tmp_path / "out" / name).stat()
        assert (found.st_atime_ns, found.st_mtime_ns) == (OLD + 5, OLD)
    lines = (tmp_path / "out" / "retint-manifest.jsonl").read_text().splitlines()
    entries: list[dict[str, Any]] = [json.loads(each) for each in lines]
    assert [each["outputs"][0]["mtime_ns"] for each in entries] == [OLD, OLD]


def test_a_missing_source_is_reported_as_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert colored(tmp_path / "a.jpg") == 1
    before = capsys.readouterr().err
    assert colored(tmp_path / "a.jpg", "--keep-times") == 1
    assert capsys.readouterr().err == before


def test_without_the_option_results_are_new(tmp_path: Path) -> None:
    path = made_old(picture(tmp_path / "photo.jpg"))
    assert colored(path) == 0
    assert modified(tmp_path / "photo.retint.jpg") > OLD


def test_file_times_are_kept_in_python(tmp_path: Path) -> None:
    path = made_old(picture(tmp_path / "photo.jpg"))
    retint.open(path, "mean").save(tmp_path / "out.jpg", keep_times=True)
    assert modified(tmp_path / "out.jpg") == OLD
    with pytest.raises(UsageError, match="keep_times"):
        retint.open(RAMP, "mean").save(tmp_path / "other.jpg", keep_times=True)
    assert not (tmp_path / "other.jpg").exists()


def test_films_keep_times_and_sidecars(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(RAMP, format="gray").reformat(format="yuv420p")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made_old(path)
    sidecar(tmp_path / "clip.xmp")
    assert colored(path, "--keep-times") == 0
    assert modified(tmp_path / "clip.retint.mp4") == OLD
    said = xmp.provenance((tmp_path / "clip.retint.xmp").read_bytes())
    assert said is not None
    assert said["Method"] == "mean"
    retint.open_film(path, "mean").colorize(tmp_path / "again.mp4", keep_times=True)
    assert modified(tmp_path / "again.mp4") == OLD
