"""What a server lends to the page: remembered colours, and a folder of references."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image

from ...picture.test_memory import mirrored
from .conftest import Served
from .driver import Page, changed, coloured, opened, until

USED = "() => document.querySelectorAll('#remembered-places path').length === 2"


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    return tmp_path / "colours.json"


@pytest.fixture
def address(tmp_path: Path, colors: Path, coffee: NDArray[np.uint8]) -> Iterator[str]:
    """Of a server that remembers, and has references."""
    folder = tmp_path / "family"
    folder.mkdir()
    Image.fromarray(coffee[::2, ::2][10:190, 20:280]).save(folder / "kitchen.png")
    served = Served(remember=colors, references=folder)
    yield served.address
    served.stop()


@pytest.fixture
def cups(tmp_path: Path, coffee: NDArray[np.uint8]) -> list[Path]:
    """The same things in two pictures."""
    cup = np.asarray(Image.fromarray(coffee[::2, ::2]).convert("L"))
    paths = [tmp_path / f"{name}.png" for name in ("one", "other")]
    for path, pixels in zip(paths, (cup, mirrored(cup)), strict=True):
        Image.fromarray(pixels).save(path)
    return paths


def test_colors_are_remembered_for_other_photographs_until_one_forgets_them(
    page: Page, cups: list[Path], colors: Path
) -> None:
    opened(page, cups[0])
    assert page.is_disabled("#remember"), "there is no dot yet"
    coloured(page, place=(0.45, 0.45))
    assert not colors.exists(), "only if somebody asks"
    page.click("#remember")
    until(page, "a remembered color", "() => document.querySelector('#remembered-list li')")
    (entry,) = json.loads(colors.read_text())["remembered"]
    assert entry["picture"] == "one.png"
    before = page.get_attribute("#after", "src")
    page.set_input_files("#more", str(cups[1]))
    before = changed(page, str(before))
    until(page, "a mark where it is used", USED)
    assert "from one.png" in page.inner_text("#remembered-list")
    assert "used in this picture" in page.inner_text("#remembered-list")
    page.uncheck("#remembered")
    before = changed(page, before)
    until(page, "no mark", "() => !document.querySelector('#remembered-places path')")
    page.check("#remembered")
    before = changed(page, before)
    until(page, "a mark where it is used", USED)
    page.click("#remembered-list button")
    changed(page, before)
    assert not json.loads(colors.read_text())["remembered"]
    assert page.locator("#remembered-list li").count() == 0


def test_references_of_the_server_are_used_if_one_chooses_them(
    page: Page, cups: list[Path]
) -> None:
    before = opened(page, cups[1])
    assert page.is_hidden("#followed")
    until(page, "a number", "() => document.getElementById('lent-said').textContent.includes('1')")
    page.check("#lent")
    changed(page, before)
    page.click("#followed")
    until(
        page, "what it follows",
        "() => document.getElementById('lent-said').textContent.includes('kitchen.png')",
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_server_lends_is_accessible(
    page_of: Callable[..., Page], cups: list[Path], scheme: str
) -> None:
    page = page_of(color_scheme=scheme, bypass_csp=True)
    opened(page, cups[0])
    coloured(page, place=(0.45, 0.45))
    page.click("#remember")
    until(page, "a remembered color", "() => document.querySelector('#remembered-list li')")
    assert not Axe().run(page).response["violations"]
