"""Builds an sdist and a wheel, and colours a photograph with the installed wheel."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import retint

ROOT = Path(__file__).parents[2]
MOST_BYTES = 95_000_000
MOST_WEIGHTS = 95_000_000


def build(source: Path, kind: str, target: Path) -> Path:
    """What hatchling makes of a tree, without a network."""
    call = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(call, cwd=source, check=True, capture_output=True)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    sdist = build(ROOT, "sdist", folder / "built")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is built from the sdist alone."""
    return build(unpacked, "wheel", tmp_path_factory.mktemp("wheel") / "built")


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(path))


def test_the_wheel_has_all_it_runs_on_and_nothing_of_the_tests(wheel: Path) -> None:
    found = names(wheel)
    source = ROOT / "src"
    wanted = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packaged = {each for each in found if not each.split("/")[0].endswith(".dist-info")}
    assert packaged == wanted
    assert {"retint/py.typed", "retint/server/static/index.html"} <= packaged
    for weights in (each for each in packaged if each.endswith(".onnx")):
        assert weights.replace(".onnx", ".md") in packaged


def test_the_wheel_is_small_enough(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES
    with zipfile.ZipFile(wheel) as archive:
        weights = sum(each.file_size for each in archive.infolist() if "/weights/" in each.filename)
    assert weights < MOST_WEIGHTS


def test_the_terms_of_the_weights_are_in_its_metadata(wheel: Path) -> None:
    said = metadata(wheel)
    files = said.get_all("License-File") or []
    weights = ROOT / "src/retint/weights"
    cards = {f"src/retint/weights/{each.name}" for each in weights.glob("*.md")}
    assert {"LICENSE", *cards} == set(files)
    assert said["Version"] == retint.__version__
    body = said.get_payload()
    assert "research use" in str(body)


def test_project_urls_are_placeholders(wheel: Path) -> None:
    urls = metadata(wheel).get_all("Project-URL") or []
    assert len(urls) >= 3
    for each in urls:
        host = re.fullmatch(r".*, https://([^/]+)/.*", each)
        assert host is not None
        assert host[1].endswith(".example"), each


def test_versions_agree() -> None:
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    newest = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert newest is not None
    assert cited[1] == newest[1] == retint.__version__


def test_the_tests_of_the_sdist_find_all_they_need(unpacked: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked / "src")}
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run([*call, "--collect-only"], cwd=unpacked, env=environment, check=True,
                   capture_output=True)  # fmt: skip
    some = ["tests/color/test_lab.py", "tests/hints/test_hints.py", "tests/integrations"]
    subprocess.run([*call, *some], cwd=unpacked, env=environment, check=True, capture_output=True)


@pytest.mark.skipif(
    os.environ.get("RETINT_NETWORK") != "required", reason="RETINT_NETWORK=required tries uvx"
)
@pytest.mark.parametrize(
    "further", [[], ["--with", "opencv-contrib-python"]], ids=["alone", "beside opencv-contrib"]
)
def test_uvx_colours_a_photograph(
    further: list[str], wheel: Path, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    Image.fromarray(grey).save(tmp_path / "photo.jpg")
    call = ["uvx", "--python", sys.executable, "--from", str(wheel), *further]
    call += ["retint", "photo.jpg"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    subprocess.run(call, cwd=tmp_path, env=environment, check=True, timeout=600)
    with Image.open(tmp_path / "photo.retint.jpg") as picture:
        assert picture.mode == "RGB"
