"""The tray of reference pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image

from .driver import Page, after, changed, drop, opened, until

SHARES = """() => {
    const all = [...document.querySelectorAll('#references .share')];
    const texts = all.map((each) => each.textContent);
    return texts.length && texts.every(Boolean) && texts;
}"""
MARKED = "() => document.querySelectorAll('#followed-places path').length"


@pytest.fixture
def pictures(tmp_path: Path, coffee: NDArray[np.uint8]) -> list[Path]:
    """A grey picture, one of another thing, and the same in color."""
    small = coffee[::2, ::2]
    ramp = np.zeros((80, 120, 3), np.uint8)
    ramp[..., 2] = np.arange(120) * 2
    paths = [tmp_path / f"{name}.png" for name in ("grey", "ramp", "coffee")]
    for path, pixels in zip(paths, (small.mean(-1).astype(np.uint8), ramp, small), strict=True):
        Image.fromarray(pixels).save(path)
    return paths


def test_several_references_are_shown_with_what_follows_them(
    page: Page, pictures: list[Path]
) -> None:
    grey, ramp, coffee = pictures
    before = opened(page, grey)
    drop(page, "#referring", ramp, coffee)
    before = changed(page, before)
    assert page.locator("#references li").count() == 2
    page.click("#followed")
    none, some = until(page, "what follows", SHARES)
    assert none == "no places match"
    assert int(some.split()[0]) > 20
    assert page.evaluate(MARKED) == 4
    page.set_viewport_size({"width": 844, "height": 390})
    for text in page.locator("#references .share").all():
        assert text.bounding_box()["height"] < 30, "more than one line"
    page.click("#references li:first-child button")
    until(page, "one", "() => document.querySelectorAll('#references li').length === 1")
    until(
        page, "its marks", "() => document.querySelectorAll('#followed-places path').length === 2"
    )
    page.reload()
    after(page)
    assert "coffee.png" in page.inner_text("#references")
    page.click("#references button")
    assert page.is_hidden("#followed")
    assert page.evaluate(MARKED) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tray_is_accessible(
    page_of: Callable[..., Page], pictures: list[Path], scheme: str
) -> None:
    page = page_of(color_scheme=scheme, bypass_csp=True)
    grey, _, coffee = pictures
    opened(page, grey)
    drop(page, "#referring", coffee)
    page.click("#followed")
    until(page, "what follows", SHARES)
    assert not Axe().run(page).response["violations"]


def test_a_server_that_lends_nothing_offers_nothing(page: Page, pictures: list[Path]) -> None:
    opened(page, pictures[0])
    for each in ("#remember", "#remembered", "#lent"):
        assert page.is_hidden(each)
