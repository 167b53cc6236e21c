"""What the page says and shows while one colours, and that nothing of it is cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .driver import PATIENCE, Page, at, chosen, coloured, opened, until

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
ROOM = """() => {
    const select = document.getElementById("versus");
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.font = getComputedStyle(select).font;
    return select.clientWidth - context.measureText(select.selectedOptions[0].text).width;
}"""
"""Beside the text of the chosen comparison, for the padding and the arrow, in pixels."""
DRAWN = "() => document.querySelector('#outline .held')?.getAttribute('d')"


def said(page: Page) -> str:
    return str(page.inner_text("#stage-help"))


def test_a_line_says_what_a_click_does_and_how_to_correct_it(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    assert said(page).startswith("Click anything that has the wrong color")
    bottom = page.locator("#stage-help").bounding_box()
    assert bottom["y"] + bottom["height"] < 900  # it is seen without scrolling
    coloured(page)
    assert "Too much is colored? Choose Not this" in said(page)
    page.click("[data-choose-tool=exclude]")
    assert said(page) == "Click what should keep its own color."
    page.click("[data-choose-tool=brush]")
    assert "where you paint" in said(page)
    page.click("[data-choose-tool=dot]")
    page.click("#undo")
    assert said(page).startswith("Click anything")


def test_what_a_dot_colors_is_outlined_while_its_color_is_chosen(
    page_of: Callable[..., Page], portrait: Path
) -> None:
    page = page_of(**PHONE)
    opened(page, portrait)
    assert said(page).startswith("Tap anything")
    page.touchscreen.tap(*at(page, 0.5, 0.3))
    until(page, "an outline", DRAWN)
    page.uncheck("#thing")
    assert not page.evaluate(DRAWN)
    page.check("#thing")
    until(page, "an outline", DRAWN)
    page.tap("#picker-cancel")
    assert not page.evaluate(DRAWN)


def test_a_color_that_floods_is_confined_from_its_dot(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*at(page, 0.5, 0.5))
    assert page.is_hidden("#picker-exclude")  # there is nothing yet to take away from
    chosen(page, "grass")
    page.mouse.click(*at(page, 0.5, 0.5))
    page.click("#picker-exclude")
    assert said(page) == "Click what should keep its own color."
    page.mouse.click(*at(page, 0.2, 0.8))
    until(page, "a place", "() => document.querySelector('.dot.exclusion')")
    assert "Too much is colored?" in said(page)


def test_the_picture_keeps_its_size_when_something_appears_above_a_scrolled_page(
    page: Page, portrait: Path
) -> None:
    opened(page, portrait)
    page.click("summary")
    height = "() => document.getElementById('stage').offsetHeight"
    before = page.evaluate(height)
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate("() => scrollY") > 200
    page.evaluate("() => dispatchEvent(new Event('resize'))")
    page.wait_for_timeout(100)
    assert page.evaluate(height) == before


@pytest.mark.parametrize("width", [360, 390])
def test_the_tools_of_a_telephone_are_in_one_row(
    page_of: Callable[..., Page], portrait: Path, width: int
) -> None:
    page = page_of(**{**PHONE, "viewport": {"width": width, "height": 800}})
    opened(page, portrait)
    tops = page.evaluate(
        "() => [...document.querySelectorAll('[aria-label=Tools] button')]"
        ".filter((each) => each.checkVisibility())"
        ".map((each) => Math.round(each.getBoundingClientRect().top))"
    )
    assert len(tops) == 7
    assert len(set(tops)) == 1
    place = "() => document.getElementById('undo').getBoundingClientRect().top"
    before = page.evaluate(place)
    page.tap("[data-choose-tool=brush]")
    assert page.evaluate(place) == before
    page.tap("[data-choose-tool=dot]")
    assert page.locator("#view-tools").bounding_box()["height"] < 100  # two rows
    assert page.get_by_role("button", name="Undo").count() == 1
    assert page.get_by_role("button", name="Add a color").count() == 1


def test_the_handle_and_the_choice_of_a_comparison_are_seen_whole_on_a_telephone(
    page_of: Callable[..., Page], portrait: Path
) -> None:
    page = page_of(**PHONE)
    opened(page, portrait)
    page.touchscreen.tap(*at(page, 0.5, 0.3))
    assert page.inner_text("#picker-said") == "Tap a color to use it."
    page.tap("#usual button[aria-label='navy']")
    until(page, "a dot", "() => document.querySelector('.dot')")
    box = page.locator("#split").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate(ROOM) > 30


def test_what_is_suggested_is_announced_while_it_is_computed(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.route("**/colors?**", lambda _: None)  # it never answers
    page.mouse.click(*at(page, 0.5, 0.3))
    shown = "() => getComputedStyle(document.getElementById('likely'), '::after').content"
    assert "Looking" in page.evaluate(shown)
    page.unroute("**/colors?**")


def test_the_name_of_a_file_that_cannot_be_read_is_shown_in_place_of_another(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "letter.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 broken")
    opened(page, portrait)
    page.set_input_files("#more", [broken])
    page.locator(".notice.urgent").wait_for(timeout=PATIENCE * 1000)
    assert page.inner_text("#dimensions") == "letter.jpg"


def test_a_telephone_that_lies_shows_the_comparison_and_undo_in_full(
    page_of: Callable[..., Page], portrait: Path
) -> None:
    page = page_of(**{**PHONE, "viewport": {"width": 844, "height": 390}})
    opened(page, portrait)
    assert page.evaluate(ROOM) > 30
    page.tap("[data-choose-tool=brush]")
    undo, redo = (page.locator(each).bounding_box() for each in ("#undo", "#redo"))
    assert undo["y"] == redo["y"]


def test_the_picture_to_be_cropped_leaves_room_on_a_telephone_that_lies(
    page_of: Callable[..., Page], portrait: Path
) -> None:
    page = page_of(**{**PHONE, "viewport": {"width": 844, "height": 390}})
    opened(page, portrait)
    page.tap("summary")
    page.tap("#framing-open")
    assert page.locator("#framing-view").bounding_box()["height"] <= 196
