"""On a telephone: what is touched is large enough, in both themes and both ways of holding it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.film.clips import moving, write

from .driver import Page, at, opened, until

PHONE = {"has_touch": True, "is_mobile": True}
HELD = {"width": 390, "height": 844}
LYING = {"width": 844, "height": 390}
LEAST = 44
"""Pixels that a finger needs (WCAG 2.2, 2.5.5)."""
NARROW = 35
"""Width of the tools, all of which are in one row beside or above the picture."""
SMALL = """([least, narrow]) => {
    const found = [];
    const others = "[type=range], [type=file], [type=radio]";
    const all = `button, select, summary, .button, input:not(${others})`;
    for (const each of document.querySelectorAll(all)) {
      const isSeen = each.checkVisibility({visibilityProperty: true, opacityProperty: true});
      if (!isSeen || each.closest("[popover]:not(:popover-open)")) continue;
      const both = [each, each.closest("label")].filter(Boolean);
      const boxes = both.map((one) => one.getBoundingClientRect());
      const after = getComputedStyle(each, "::after");
      const more = after.content === "none" ? [0, 0] : [after.width, after.height].map(parseFloat);
      const width = Math.max(...boxes.map((box) => box.width), more[0] || 0);
      const height = Math.max(...boxes.map((box) => box.height), more[1] || 0);
      if (height < least - .5 || width < (each.closest(".tools") ? narrow : least) - .5) {
        found.push(`${each.id || each.className || each.textContent.trim()} ${width} x ${height}`);
      }
    }
    return found;
}"""
OVER = "() => document.documentElement.scrollWidth - innerWidth"


def small(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SMALL, [LEAST, NARROW])
    return found


@pytest.mark.parametrize("viewport", [HELD, LYING], ids=["held", "lying"])
def test_targets_are_large_enough_for_fingers(
    page_of: Callable[..., Page], scans: list[Path], viewport: dict[str, Any]
) -> None:
    page = page_of(viewport=viewport, **PHONE)
    assert not small(page)
    opened(page, *scans)
    page.touchscreen.tap(*at(page, 0.5, 0.4))
    page.locator("#picker").wait_for(state="visible")
    assert not small(page)
    page.tap("#usual button >> nth=4")
    until(page, "a dot", "() => document.querySelector('.dot')")
    page.tap("summary")
    assert not small(page)
    for each in ("#overview-open", "#saving-open", "#framing-open"):
        page.tap(each)
        assert not small(page)
        page.keyboard.press("Escape")
    assert page.evaluate(OVER) <= 0


@pytest.mark.parametrize("viewport", [HELD, LYING], ids=["held", "lying"])
def test_a_film_fits_on_a_telephone(
    page_of: Callable[..., Page], tmp_path: Path, viewport: dict[str, Any]
) -> None:
    size = (192, 256)
    shots = [each * share for share in (1, 0.4, 0.8) for each in moving(8, size, seed=5)]
    page = page_of(viewport=viewport, **PHONE)
    opened(page, write(tmp_path / "walk.mp4", shots))
    until(page, "stills", "() => document.querySelectorAll('#strip-list li').length > 1")
    tops = [page.locator(each).bounding_box() for each in ("#strip-list", "#strip .add")]
    assert tops[1]["y"] < tops[0]["y"] + tops[0]["height"] / 2, "the button has a row of its own"
    strip, name = (page.locator(each).bounding_box() for each in ("#strip", "h1"))
    beside = strip["x"] + strip["width"] <= name["x"]
    assert beside or name["y"] + name["height"] <= strip["y"], "the strip covers the name"
    assert page.locator("#stage").bounding_box()["height"] >= 200
    assert not small(page)
    assert page.evaluate(OVER) <= 0
