"""The popover with colors: when it changes the picture, what it covers, and how it is moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .driver import Page, after, at, changed, chosen, drag, middle, opened, points, shown, until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LYING = {"viewport": {"width": 844, "height": 390}, "has_touch": True, "is_mobile": True}
Pages = Callable[..., Page]


def tries(page: Page) -> list[str]:
    """Collects the requests for colored pictures from now on."""
    found: list[str] = []
    page.on("request", lambda it: found.append(it.url) if it.url.endswith("/colorize") else None)
    return found


def covers(page: Page, place: tuple[float, float]) -> bool:
    """Whether the popover covers a place of the window."""
    box = page.locator("#picker").bounding_box()
    across = box["x"] <= place[0] <= box["x"] + box["width"]
    return bool(across and box["y"] <= place[1] <= box["y"] + box["height"])


def is_within_the_window(page: Page, selector: str) -> bool:
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    across = box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    return bool(across and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


def settle(page: Page) -> None:
    page.wait_for_timeout(300)


@pytest.mark.parametrize("way", ["mouse", "touch", "keys"])
def test_opening_it_changes_nothing(page_of: Pages, portrait: Path, way: str) -> None:
    page = page_of(**(PHONE if way == "touch" else {"viewport": {"width": 1440, "height": 900}}))
    before = opened(page, portrait)
    found = tries(page)
    if way == "mouse":
        page.mouse.click(*at(page, 0.6, 0.3))
    elif way == "touch":
        page.touchscreen.tap(*at(page, 0.6, 0.3))
    else:
        page.focus("#stage")
        page.keyboard.press("Enter")
    page.locator("#picker").wait_for(state="visible")
    page.locator("#likely button").first.wait_for()
    settle(page)
    page.keyboard.press("Escape")
    settle(page)
    assert found == []
    assert after(page) == before
    assert points(page) == 0


def test_a_pointer_that_rests_where_it_opens_tries_no_color(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*at(page, 0.6, 0.3))
    grip, swatch = middle(page, "#picker-move"), middle(page, "#usual button >> nth=1")
    page.keyboard.press("Escape")
    found = tries(page)
    page.mouse.move(5, 5)
    page.mouse.click(*at(page, 0.6, 0.3))
    # Under the pointer, which does not move.
    page.evaluate(
        "([x, y]) => Object.assign(document.getElementById('picker').style,"
        " { left: `${parseFloat(document.getElementById('picker').style.left) + x}px`,"
        " top: `${parseFloat(document.getElementById('picker').style.top) + y}px` })",
        [at(page, 0.6, 0.3)[0] - swatch[0], at(page, 0.6, 0.3)[1] - swatch[1]],
    )
    settle(page)
    assert grip
    assert found == []


def test_keys_move_onto_the_suggestions_first(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.focus("#stage")
    page.keyboard.press("Enter")
    page.locator("#likely button").first.wait_for()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(
        "() => document.activeElement === document.querySelector('#likely button')"
    )
    changed(page, before)
    shown(page)
    page.keyboard.press("End")
    assert page.evaluate("() => document.activeElement.matches('#usual button:last-child')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    until(page, "a dot", "() => document.querySelector('.dot')")


def test_the_place_is_suggested_colors_at_once(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "/colors" in it.url else None)
    page.mouse.click(*at(page, 0.8, 0.8))
    swatch = page.locator("#picker .swatches button").first
    swatch.wait_for()
    page.locator("#likely button").first.wait_for()
    order = page.evaluate(
        "() => [...document.querySelectorAll('#picker .swatches')].map(({ id }) => id)"
    )
    assert order[0] == "likely"
    page.locator("#likely button").first.click()
    until(page, "a dot", "() => document.querySelector('.dot')")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("size", "shape"),
    [((1440, 900), (512, 512)), ((1024, 768), (400, 700)), ((1024, 768), (900, 400))],
    ids=["wide-square", "small-tall", "small-broad"],
)
def test_it_stands_beside_the_picture(
    page_of: Pages, tmp_path: Path, size: tuple[int, int], shape: tuple[int, int]
) -> None:
    page = page_of(viewport={"width": size[0], "height": size[1]})
    path = tmp_path / "a.png"
    Image.fromarray(np.tile(np.arange(shape[0]) % 256, (shape[1], 1)).astype(np.uint8)).save(path)
    opened(page, path)
    for place in ((0.05, 0.05), (0.5, 0.5), (0.95, 0.6)):
        page.mouse.click(*at(page, *place))
        view, box = (page.locator(each).bounding_box() for each in ("#view", "#picker"))
        beside = box["x"] >= view["x"] + view["width"] or box["x"] + box["width"] <= view["x"]
        assert beside, place
        assert is_within_the_window(page, "#picker")
        page.keyboard.press("Escape")


def test_the_sheet_stays_at_the_bottom_as_it_grows(page_of: Pages, portrait: Path) -> None:
    page = page_of(**PHONE)
    opened(page, portrait)
    page.touchscreen.tap(*at(page, 0.5, 0.2))
    page.evaluate("document.getElementById('picker-said').style.minHeight = '5rem'")
    bottom = "document.getElementById('picker').getBoundingClientRect().bottom"
    page.wait_for_function(f"() => Math.abs({bottom} - innerHeight) <= 1", timeout=5000)


def test_it_is_a_sheet_at_the_bottom_of_a_telephone(page_of: Pages, portrait: Path) -> None:
    page = page_of(**PHONE)
    opened(page, portrait)
    for place in ((0.5, 0.2), (0.5, 0.95)):
        page.touchscreen.tap(*at(page, *place))
        box = page.locator("#picker").bounding_box()
        assert box["x"] <= 1
        assert box["width"] >= 388
        assert abs(box["y"] + box["height"] - 844) <= 1
        assert not covers(page, at(page, *place))
        page.locator("#picker-cancel").tap()
    page.touchscreen.tap(*at(page, 0.5, 0.95))
    page.locator("#usual button[aria-label='navy']").tap()
    until(page, "a dot", "() => document.querySelector('.dot')")


def test_it_is_used_on_a_telephone_that_lies(page_of: Pages, portrait: Path) -> None:
    page = page_of(**LYING)
    opened(page, portrait)
    assert is_within_the_window(page, "#stage")
    place = at(page, 0.5, 0.5)
    page.touchscreen.tap(*place)
    assert not covers(page, place)
    assert is_within_the_window(page, "#picker")
    for name in ("#picker-cancel", "#usual button[aria-label='navy']"):
        page.locator(name).scroll_into_view_if_needed()
        assert is_within_the_window(page, name)
    page.locator("#usual button[aria-label='navy']").tap()
    until(page, "a dot", "() => document.querySelector('.dot')")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_it_is_moved_by_mouse_and_keys(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*at(page, 0.6, 0.3))
    first = page.locator("#picker").bounding_box()
    grip = middle(page, "#picker-title")
    drag(page, grip, (grip[0] - 200, grip[1] + 40))
    second = page.locator("#picker").bounding_box()
    assert abs(second["x"] - first["x"] + 200) <= 2
    assert abs(second["y"] - first["y"] - 40) <= 2
    page.focus("#picker-move")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    third = page.locator("#picker").bounding_box()
    assert third["x"] > second["x"]
    assert third["y"] < second["y"]
    drag(page, middle(page, "#picker-title"), (5000, -900))
    assert is_within_the_window(page, "#picker-title")
    assert points(page) == 0
    chosen(page, "navy")


def test_it_is_moved_by_touch(page_of: Pages, portrait: Path) -> None:
    page = page_of(**PHONE)
    opened(page, portrait)
    page.touchscreen.tap(*at(page, 0.5, 0.3))
    first = page.locator("#picker").bounding_box()
    x, y = middle(page, "#picker-title")
    client: Any = page.context.new_cdp_session(page)
    moves = [("touchStart", y)] + [("touchMove", y + 20 * k) for k in range(1, 7)]
    for kind, down in moves:
        touch = {"type": kind, "touchPoints": [{"x": x, "y": down}]}
        client.send("Input.dispatchTouchEvent", touch)
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert abs(page.locator("#picker").bounding_box()["y"] - first["y"] - 120) <= 3
    assert is_within_the_window(page, "#picker-title")


def test_cancelling_returns_the_focus_and_the_picture(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(grey).save(path)
    opened(page, path)
    page.focus("#add")
    page.keyboard.press("Enter")
    page.locator("#picker").wait_for(state="visible")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.id") == "add"
