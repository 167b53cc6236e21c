from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage import color, metrics

import retint
from retint.errors import PhotoError
from retint.evaluation import photographs
from retint.evaluation.results import Results, document, wholeness_table, write_json
from retint.evaluation.run import Task, measuring
from retint.evaluation.wholeness import FIGURES
from tests.cli.test_main import run

METHODS = ("gray", "mean", "unet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three colour photographs of two kinds, a grey one and a broken one."""
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("coffee", "chelsea", "astronaut"):
        pixels = getattr(skimage.data, name)()
        kind = folder / ("people" if name == "astronaut" else "things")
        kind.mkdir(exist_ok=True)
        Image.fromarray(pixels[:200, :240]).save(kind / f"{name}.png")
    Image.fromarray(skimage.data.camera()).save(folder / "grey.png")  # type: ignore[no-untyped-call]
    (folder / "broken.png").write_bytes((folder / "things" / "coffee.png").read_bytes()[:300])
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return measured(folder, workers=1)


def measured(folder: Path, workers: int) -> Results:
    found = Results(METHODS)
    with measuring(photographs.find(folder), Task(METHODS, 96), workers) as everything:
        for each in everything:
            found.add(each)
    return found


def test_pictures_that_cannot_be_measured_are_named(results: Results) -> None:
    assert results.pictures == 3
    reasons = dict(results.skipped)
    assert sorted(reasons) == ["broken.png", "grey.png"]
    assert reasons["grey.png"] == "it has no colors"


@pytest.mark.parametrize("method", METHODS)
def test_figures_agree_with_an_independent_computation(
    folder: Path, results: Results, method: str
) -> None:
    """Greyed, coloured and measured by scikit-image instead of our own code."""
    psnr, ciede2000, chroma = [], [], []
    for source in photographs.find(folder):
        if "/" not in source.name:
            continue
        with Image.open(folder / source.name) as picture:
            scale = 96 / min(picture.size)
            shape = (round(picture.width * scale), round(picture.height * scale))
            original = np.asarray(picture.resize(shape, Image.Resampling.LANCZOS))
        lab = color.rgb2lab(original)
        neutral = color.lab2rgb(np.dstack([lab[..., 0], np.zeros((*lab.shape[:2], 2))]))
        grey = np.round(neutral[..., 1] * 255).astype(np.uint8)
        coloured = retint.colorize(grey, method, threads=1)
        ours = color.rgb2lab(coloured)
        psnr.append(metrics.peak_signal_noise_ratio(original, coloured))  # type: ignore[no-untyped-call]
        ciede2000.append(color.deltaE_ciede2000(lab, ours).mean())  # type: ignore[no-untyped-call]
        chroma.append(np.abs(lab - ours)[..., 1:].mean())
    assert results.column(method, "psnr").mean() == pytest.approx(np.mean(psnr), abs=0.01)
    assert results.column(method, "ciede2000").mean() == pytest.approx(np.mean(ciede2000), abs=0.01)
    assert results.column(method, "chroma_error").mean() == pytest.approx(np.mean(chroma), abs=0.01)


def test_baselines_are_what_they_say(results: Results) -> None:
    assert results.column("gray", "colorfulness").max() < 0.5
    assert results.column("mean", "colorfulness").min() > 1
    assert results.column("gray", "lightness_error").max() < 0.3


def test_processes_do_not_change_the_figures(folder: Path, results: Results) -> None:
    again = measured(folder, workers=2)
    for method in METHODS:
        np.testing.assert_array_equal(again.column(method, "psnr"), results.column(method, "psnr"))
    assert again.skipped == results.skipped


def test_kinds_come_from_folders_or_the_table(folder: Path, results: Results) -> None:
    assert list(results.by_kind("gray", "psnr")) == ["people", "things"]
    table = folder.with_suffix(".csv")
    table.write_text("file,source\nthings/coffee.png,kitchen\n")
    kinds = {source.name: source.kind for source in photographs.find(folder)}
    table.unlink()
    assert kinds["things/coffee.png"] == "kitchen"
    assert kinds["things/chelsea.png"] == "things"


def test_limit_chooses_evenly(folder: Path) -> None:
    everything = [source.name for source in photographs.find(folder)]
    assert [s.name for s in photographs.find(folder, limit=2)] == [everything[0], everything[2]]


@pytest.fixture
def zipped(folder: Path, tmp_path: Path) -> Path:
    """The same photographs in a zip file, as macOS makes them."""
    with zipfile.ZipFile(tmp_path / "photographs.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            name = path.relative_to(folder).as_posix()
            archive.write(path, name)
            archive.writestr(f"__MACOSX/{name}", b"x")
        archive.writestr("raw.nef", b"x")
    return tmp_path / "photographs.zip"


def test_a_zip_file_is_as_good_as_a_folder(folder: Path, zipped: Path) -> None:
    found, inside = photographs.find(folder), photographs.find(zipped)
    assert [each.name for each in inside] == [each.name for each in found]
    by_kind = {each.name: each.kind for each in inside}
    assert by_kind["people/astronaut.png"] == "people"
    assert by_kind["grey.png"] == "photographs"
    for one, other in zip(found, inside, strict=True):
        if one.name not in ("grey.png", "broken.png"):
            np.testing.assert_array_equal(photographs.read(one, 96), photographs.read(other, 96))


def test_a_zip_file_is_measured_in_processes(zipped: Path, results: Results) -> None:
    again = measured(zipped, workers=2)
    np.testing.assert_array_equal(again.column("gray", "psnr"), results.column("gray", "psnr"))


def test_damage_in_a_zip_file_is_named(
    zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(zipped.read_bytes())
    with zipfile.ZipFile(zipped) as archive:
        begin = archive.getinfo("things/coffee.png").header_offset
    content[begin + 200 : begin + 260] = bytes(60)
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)
    (source,) = [each for each in photographs.find(damaged) if each.name == "things/coffee.png"]
    with pytest.raises(PhotoError, match="cannot be extracted"):
        photographs.read(source, 96)
    (tmp_path / "text.zip").write_bytes(b"Dear Sir")
    assert run("evaluate", "--data", tmp_path / "text.zip", "-o", tmp_path / "report") != 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "neither a folder nor a zip file" in said[0]


def test_hidden_folders_are_not_measured(tmp_path: Path) -> None:
    for name in ("a.jpg", "@eaDir/a.jpg/b.jpg", ".thumbnails/a.jpg", "deep/._a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [source.name for source in photographs.find(tmp_path)] == ["a.jpg"]


def test_small_pictures_are_not_enlarged() -> None:
    assert photographs.shrunk(Image.new("RGB", (50, 30)), 96).shape == (30, 50, 3)
    assert photographs.shrunk(Image.new("RGB", (500, 300)), 96).shape == (96, 160, 3)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="no pictures"):
        photographs.find(tmp_path)
    with pytest.raises(PhotoError, match="neither a folder nor a zip file"):
        photographs.find(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("out") / "report"
    args = ["--data", folder, "--method", ",".join(METHODS), "--size", 96, "-o", target]
    assert run("evaluate", *args, "--workers", 1, "--quiet") == 0
    return target


def test_results_json_holds_all_figures_with_their_intervals(report: Path) -> None:
    content: dict[str, Any] = json.loads((report / "results.json").read_text())
    assert content["schema"] == 1
    assert content["data"]["pictures"] == 3
    assert [each["file"] for each in content["data"]["skipped"]] == ["broken.png", "grey.png"]
    assert list(content["methods"]) == list(METHODS)
    for figures in content["methods"].values():
        for name in ("psnr", "ssim", "ciede2000", "chroma_error", "kid_lite0", "milliseconds"):
            assert figures[name]["low"] <= figures[name]["mean"] <= figures[name]["high"]
        assert figures["lpips"] == "weights not available"
        assert figures["peak_memory_mb"] > 20
    assert list(content["weights"]) == ["unet"]
    grey_skin, our_skin = (content["methods"][name]["skin"] for name in ("gray", "unet"))
    assert {each["hue_turn"] for each in grey_skin.values()} == {None}  # grey has no hue
    assert all(each["pixels"] > 0 for each in our_skin.values())
    assert re.fullmatch("[0-9a-f]{64}", content["weights"]["unet"])
    pairs = [(each["method"], each["against"]) for each in content["comparisons"]]
    assert pairs == [("mean", "gray"), ("unet", "gray"), ("unet", "mean")]


def test_whole_things_are_reported_for_every_method_and_source(report: Path) -> None:
    content = json.loads((report / "results.json").read_text())
    for figures in content["methods"].values():
        assert list(figures["wholeness"]) == list(FIGURES)
        assert list(figures["wholeness_by_source"]) == ["people", "things"]
        assert list(figures["wholeness_by_source"]["things"]) == list(FIGURES)
        assert figures["wholeness_by_source"]["people"]["skin_separation"] is not None
        assert figures["wholeness_by_source"]["things"]["skin_separation"] is None
    grey, unet = (content["methods"][name]["wholeness"] for name in ("gray", "unet"))
    assert grey["separation"]["mean"] == 0.5
    assert grey["left_grey"] == {"mean": 1, "low": 1, "high": 1}
    assert grey["equal_ciede2000"]["mean"] is None
    assert unet["equal_ciede2000"]["low"] < unet["equal_ciede2000"]["mean"]
    assert 0 < unet["separation"]["mean"] < 1
    page = (report / "report.html").read_text()
    for figure in FIGURES.values():
        assert page.count(f"<th>{figure.title}<") == 2
    assert f"{unet['separation']['mean']:.3f}" in page
    with (report / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["left_grey"] for row in rows if row["method"] == "gray"} == {"1"}
    separations = [
        float(row["separation"]) for row in rows if row["picture"].endswith("coffee.png")
    ]
    assert separations[0] == 0.5 != separations[2]


def test_console_shows_whole_things(results: Results, folder: Path) -> None:
    results.peak_memory = dict.fromkeys(METHODS, 1.0)
    shown = wholeness_table(document(results, folder, 96)).splitlines()
    assert [line.count("|") for line in shown] == [len(FIGURES) + 2] * 5
    assert shown[2].startswith("| gray | 0.500 | 0.500 | 1.000 | 0.000 | - |")


def test_results_csv_has_a_row_for_each_picture_and_method(report: Path) -> None:
    with (report / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert {row["source"] for row in rows} == {"people", "things"}


def test_report_is_one_file_that_asks_for_nothing(report: Path) -> None:
    page = (report / "report.html").read_text()
    assert "data:image/webp;base64," in page
    assert "<svg" in page
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)
    assert "broken.png" in page


def test_results_are_not_overwritten(
    folder: Path, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (report / "results.json").read_bytes()
    assert run("evaluate", "--data", folder, "-o", report) == 2
    assert "--force" in capsys.readouterr().err
    assert (report / "results.json").read_bytes() == before


def test_an_unknown_method_is_refused_with_a_suggestion(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "--data", folder, "--method", "gray,umet", "-o", tmp_path / "r") == 2
    assert "did you mean unet" in capsys.readouterr().err


def test_a_folder_of_unmeasurable_pictures_writes_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (40, 40), 90).save(tmp_path / "grey.png")
    assert run("evaluate", "--data", tmp_path, "-o", tmp_path / "r", "--workers", 1) == 1
    assert "none of the 1 pictures" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_infinite_figures_are_null_in_json(tmp_path: Path) -> None:
    write_json({"a": [float("inf"), 1.0], "b": float("nan")}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [None, 1.0], "b": None}


def test_compare_shows_every_method(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = [folder / "things" / "coffee.png", folder / "broken.png", folder / "grey.png"]
    sheet = tmp_path / "sheet.png"
    assert run("compare", *photos, "-o", sheet, "--method", "gray,unet") == 1
    assert "broken.png" in capsys.readouterr().err
    with Image.open(sheet) as picture:
        assert picture.width > 3 * 300
        assert picture.height > 2 * 300
    assert run("compare", photos[0], "-o", sheet) == 1  # there already
    assert "--force" in capsys.readouterr().err


def test_names_that_are_no_unicode_are_measured(folder: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.mkdir()
    content = (folder / "things" / "coffee.png").read_bytes()
    (odd / os.fsdecode(b"caf\xe9.png")).write_bytes(content)
    target = tmp_path / "out"
    args = ["--data", odd, "--method", "gray", "--size", 64, "--workers", 1, "-o", target]
    assert run("evaluate", *args, "--quiet") == 0
    assert (target / "results.csv").exists()
    assert (target / "report.html").exists()
