"""Test pictures, generated or from scikit-image."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import retint
from retint.picture.pipeline import Pipeline


@pytest.fixture(scope="session")
def coffee() -> NDArray[np.uint8]:
    """A colour photograph, 400 x 600."""
    picture: NDArray[np.uint8] = skimage.data.coffee()  # type: ignore[no-untyped-call]
    return picture


@pytest.fixture(scope="session")
def grey() -> NDArray[np.uint8]:
    """A grey photograph, 512 x 512."""
    picture: NDArray[np.uint8] = skimage.data.camera()  # type: ignore[no-untyped-call]
    return picture


@pytest.fixture(scope="session")
def unet() -> Pipeline:
    """The shipped default, on one thread."""
    return retint.load("unet", threads=1).pipeline


@pytest.fixture
def photo(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    """A small grey JPEG file."""
    path = tmp_path / "photo.jpg"
    Image.fromarray(grey[::4, ::2]).save(path)
    return path


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def colourfulness(pixels: NDArray[Any]) -> float:
    """Mean distance of the channels from one another: 0 for grey."""
    values = pixels.astype(np.float64)
    return float(np.abs(np.diff(values, axis=-1)).mean())


CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next((path for each in CHROMIUMS if (path := shutil.which(each))), None)
"""The shell opens a page with less than half the work: a browser opens a window around each."""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("RETINT_BROWSER") == "required":
            raise RuntimeError("RETINT_BROWSER=required, and there is no chromium")
        pytest.skip("the page's tests need chromium (apt install chromium-headless-shell)")
    if os.environ.get("RETINT_BROWSER") != "required":
        pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


MARKERS = {
    "torch": (
        "colorizers/test_chroma_diffusion.py", "colorizers/test_controlnet.py",
        "colorizers/test_ddim.py", "colorizers/test_octaves.py", "training",
    ),
    "slow": (
        "cluster/test_cluster.py", "colorizers/test_chroma_diffusion.py",
        "docs/test_code_blocks.py", "film/test_film.py", "release/test_distribution.py",
        "server/page/test_one.py", "test_audit.py", "training/test_export.py",
        "training/test_loop.py", "web/test_page.py",
    ),
}  # fmt: skip
"""Directories and files that have a marker as a whole."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parent
    for item in items:
        name = item.path.relative_to(root).as_posix() if item.path.is_relative_to(root) else ""
        for marker, places in MARKERS.items():
            if any(name == place or name.startswith(f"{place}/") for place in places):
                item.add_marker(marker)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    # A worker that begins with a long file last would keep the others waiting.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


NOT_CORE = (
    "cluster", "credentials", "docs", "evaluation", "film", "release", "server", "tools",
    "training", "web", "whole",
    "colorizers/test_chroma_diffusion.py", "colorizers/test_ddim.py", "colorizers/test_foreign.py",
    "colorizers/test_hostile.py", "colorizers/test_octaves.py", "colorizers/test_onnx_outline.py",
    "files/test_corpus.py", "files/test_heif.py", "files/test_jpeg2000.py", "files/test_raw.py",
    "files/test_several_in_one.py", "files/test_tiff.py", "cli/test_serve.py",
    "cli/test_pipe.py", "picture/test_exact.py", "test_audit.py", "test_options.py",
)  # fmt: skip
"""What needs more than retint's core and the group `core-test`, and cannot be imported without."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--core", action="store_true", help="only what needs no extra")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if config.getoption("markexpr") == "alone" and collection_path.suffix == ".py":
        # To import the others would take longer than many of these tests.
        return "mark.alone" not in collection_path.read_text("utf-8") or None
    if not config.getoption("--core"):
        return None
    name = collection_path.relative_to(Path(__file__).parent).as_posix()
    return name in NOT_CORE or None
