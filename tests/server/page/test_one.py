"""One picture: opening, comparing, adding hints, saving."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image

from retint import files
from retint.files import xmp
from retint.hints import read_hints

from .driver import (
    Page,
    after,
    at,
    changed,
    chosen,
    coloured,
    drag,
    drop,
    middle,
    opened,
    pixel,
    points,
    shown,
    until,
)  # fmt: skip


def test_a_dropped_photograph_is_coloured_and_saved(page: Page, portrait: Path) -> None:
    drop(page, "#drop", portrait)
    after(page)
    assert "512 \u00d7 512" in page.inner_text("#dimensions")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "grandmother.retint.jpg"
    saved = files.read(Path(download.value.path()))
    assert saved.format == "JPEG"
    assert saved.size == (512, 512)
    assert saved.metadata.dpi == (300, 300)
    assert np.ptp(saved.pixels.astype(int), axis=-1).mean() > 2
    said = xmp.provenance(saved.metadata.xmp)
    assert said is not None
    assert said["Method"] == "guided-unet"


def line(page: Page) -> float:
    """How far from the left of the stage the line is."""
    return float(
        page.evaluate(
            "() => document.getElementById('line').getBoundingClientRect().left"
            " + 12 - document.getElementById('stage').getBoundingClientRect().left"
        )
    )


def test_the_line_is_dragged_anywhere_on_its_length(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    first = line(page)
    box = page.locator("#stage").bounding_box()
    grip = box["x"] + first, box["y"] + 60
    drag(page, grip, (grip[0] + 150, grip[1]))
    assert abs(line(page) - first - 150) < 4
    assert points(page) == 0
    assert page.locator("#picker").is_hidden()
    page.mouse.click(grip[0] + 150, grip[1])
    assert page.locator("#picker").is_visible()


def test_the_line_stays_within_the_picture(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    path = tmp_path / "tall.png"
    Image.fromarray(grey[:, 150:350]).save(path)
    opened(page, path)
    stage, view = (page.locator(each).bounding_box() for each in ("#stage", "#view"))
    page.focus("#split")
    page.keyboard.press("Home")
    assert abs(line(page) - (view["x"] - stage["x"])) < 2
    page.keyboard.press("End")
    assert abs(line(page) - (view["x"] + view["width"] - stage["x"])) < 2


def test_a_colour_is_placed_dragged_changed_and_taken_back(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    coloured(page)
    assert points(page) == 1
    before = after(page)
    place = middle(page, ".dot")
    drag(page, place, (place[0] + 60, place[1] - 40))
    before = changed(page, before)
    moved = middle(page, ".dot")
    assert abs(moved[0] - place[0] - 60) < 3
    assert abs(moved[1] - place[1] + 40) < 3
    page.mouse.click(*moved)
    page.click("#usual button[aria-label='wine red']")
    shown(page)
    assert "wine red" in page.inner_text("#hints")
    page.click("#undo")
    shown(page)
    assert "navy" in page.inner_text("#hints")
    page.click("#undo")
    page.click("#undo")
    assert points(page) == 0
    page.keyboard.press("Control+Shift+z")
    assert points(page) == 1


def test_everything_can_be_undone_in_sensible_steps(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    coloured(page)
    place = middle(page, ".dot")
    page.focus(".dot")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    shown(page)
    assert middle(page, ".dot")[0] > place[0] + 10
    page.click("text=Vivid")
    shown(page)
    assert page.is_checked("[name=look][value=vivid]")
    for value in ("1.2", "1.4", "1.6"):
        page.fill("#vividness", value)
    shown(page)
    page.click("#undo")
    assert page.input_value("#vividness") == "1"
    page.click("#undo")
    assert page.is_checked("[name=look][value=natural]")
    page.click("#undo")
    assert abs(middle(page, ".dot")[0] - place[0]) < 2
    page.click("#undo")
    assert points(page) == 0
    assert page.is_disabled("#undo")
    changed(page, before)


def test_the_network_sees_the_picture_turned_until_that_is_undone(
    page: Page, portrait: Path
) -> None:
    before = opened(page, portrait)
    page.click("summary")
    assert page.inner_text("#upright-said") == "turned upright if needed"
    for said in ("as it is", "turned by 90°"):
        page.click("#turn")
        assert page.inner_text("#upright-said") == said
    before = changed(page, before)
    page.click("#undo")
    assert page.inner_text("#upright-said") == "turned upright if needed"
    changed(page, before)


def test_the_saved_picture_is_turned_straightened_and_cropped(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    before = opened(page, portrait)
    with Image.open(portrait) as source:
        width, height = source.size
    page.click("summary")
    assert page.inner_text("#framing-said") == "as it is"
    page.click("#framing-open")
    page.click("#framing-turn")
    box = page.locator("#framing-view").bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(height / width, rel=0.02)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.mouse.up()
    assert float(page.input_value("#crop-width")) == pytest.approx(50, abs=1.5)
    page.click("#framing-apply")
    assert page.inner_text("#framing-said") == "turned by 90°, cropped"
    before = changed(page, before)
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(tmp_path / "saved.png")
    with Image.open(tmp_path / "saved.png") as result:
        assert result.width == pytest.approx(height / 2, abs=0.03 * height)
        assert result.height == pytest.approx(width / 2, abs=0.03 * width)
    page.click("#undo")
    assert page.inner_text("#framing-said") == "as it is"
    changed(page, before)
    page.click("#framing-open")
    page.fill("#straighten", "2.5")
    page.click("#framing-cancel")
    assert page.inner_text("#framing-said") == "as it is"


def test_the_picture_changes_as_one_moves_over_colours(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    natural = pixel(page, 0.75, 0.3)
    page.mouse.click(*at(page, 0.75, 0.3))
    page.hover("#usual button[aria-label='grass']")
    changed(page, before)
    shown(page)
    tried = pixel(page, 0.75, 0.3)
    assert tried[1] > tried[0]
    assert points(page) == 0
    page.keyboard.press("Escape")
    shown(page)
    assert np.abs(np.subtract(pixel(page, 0.75, 0.3), natural)).max() < 4
    assert page.is_disabled("#undo")


def test_the_popover_stands_beside_the_place_and_goes_with_a_press_outside(
    page: Page, portrait: Path
) -> None:
    opened(page, portrait)
    place = at(page, 0.4, 0.4)
    page.mouse.click(*place)
    box = page.locator("#picker").bounding_box()
    assert not (
        box["x"] <= place[0] <= box["x"] + box["width"]
        and box["y"] <= place[1] <= box["y"] + box["height"]
    )
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    assert page.locator("#drawing path").count() == 1  # where one clicked
    page.mouse.click(*at(page, 0.2, 0.9))
    assert page.locator("#picker").is_hidden()
    assert page.locator("#drawing path").count() == 0


def test_likely_colours_are_offered_with_their_names(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*at(page, 0.8, 0.8))
    swatch = page.locator("#likely button").first
    swatch.wait_for()
    name = swatch.get_attribute("title")
    assert name
    assert not name.startswith("#")
    swatch.click()
    until(page, "a dot", "() => document.querySelector('.dot')")


def test_a_colour_is_found_by_its_name(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*middle(page, "#view"))
    page.fill("#color-name", "no such colour")
    page.keyboard.press("Enter")
    assert "Unknown color" in page.inner_text("#picker-said")
    page.fill("#color-name", "dusty rose")
    page.keyboard.press("Enter")
    until(page, "a dot", "() => document.querySelector('.dot')")
    assert "dusty rose" in page.inner_text("#hints")
    page.mouse.click(*at(page, 0.2, 0.2))
    assert page.locator("#recent button").first.get_attribute("title") == "dusty rose"


def test_the_picker_tells_what_the_lightness_allows(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "light.png"
    Image.fromarray(np.full((200, 200), 215, np.uint8)).save(path)
    opened(page, path)
    page.mouse.click(*middle(page, "#view"))
    page.hover("#usual button[aria-label='navy']")
    said = until(page, "a word", "() => document.getElementById('picker-said').textContent")
    assert "too light for navy" in said


def test_a_colour_is_picked_up_from_the_picture(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    coloured(page, "brick", (0.2, 0.2))
    page.mouse.click(*at(page, 0.8, 0.8))
    page.click("#dropper")
    page.mouse.click(*at(page, 0.22, 0.23))  # beside the dot
    until(page, "two dots", "() => document.querySelectorAll('.dot').length === 2")
    colors = page.eval_on_selector_all("#hints .chip", "all => all.map((e) => e.dataset.color)")
    red, green, blue = (int(colors[1][k : k + 2], 16) for k in (1, 3, 5))
    assert red > green
    assert red > blue


def test_a_brush_stroke_and_a_region_stay_where_they_are_drawn(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    opened(page, portrait)
    away = pixel(page, 0.85, 0.9)
    page.click("[data-choose-tool=region]")
    corners = [(0.15, 0.15), (0.45, 0.15), (0.45, 0.45), (0.15, 0.45)]
    drag(page, *(at(page, *each) for each in corners))
    chosen(page, "grass")
    red, green, _ = pixel(page, 0.3, 0.3)
    assert green > red
    assert np.abs(np.subtract(pixel(page, 0.85, 0.9), away)).max() < 6
    page.click("[data-choose-tool=brush]")
    drag(page, at(page, 0.6, 0.7), at(page, 0.9, 0.7))
    chosen(page, "navy")
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    hints = read_hints(path)
    assert len(hints.polygons) == 1
    assert hints.polygons[0].reach == 0
    assert hints.strokes[0].reach == 0


def test_the_reach_of_a_dot_can_be_chosen(page: Page, portrait: Path, tmp_path: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*middle(page, "#view"))
    page.uncheck("#thing")
    page.focus("#reach")
    page.keyboard.press("Home")
    chosen(page, "grass")
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    (point,) = read_hints(path).points
    assert point.reach == 0.1
    assert not point.thing


def test_a_dot_colors_the_thing_that_it_lies_on(page: Page, portrait: Path, tmp_path: Path) -> None:
    opened(page, portrait)
    page.mouse.click(*middle(page, "#view"))
    assert page.is_checked("#thing")
    assert page.is_hidden("#reach-row")
    chosen(page, "grass")
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    assert read_hints(path).points[0].thing


def test_the_thing_under_the_mouse_is_outlined(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    outline = "() => document.querySelector('#outline path')?.getAttribute('d')"
    page.mouse.move(*at(page, 0.4, 0.4))
    first = until(page, "an outline", outline)
    assert first.startswith("M")
    page.mouse.move(*at(page, 0.05, 0.9))
    until(page, "another one", f"(first) => ![undefined, first].includes(({outline})())", first)
    page.mouse.move(2, 2)
    until(page, "no outline", f"() => !({outline})()")


def test_what_is_not_part_of_a_thing_is_taken_away(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    opened(page, portrait)
    page.click("#view", modifiers=["Alt"], position={"x": 30, "y": 30})
    assert "Click a thing" in page.inner_text("#errors")
    coloured(page, "grass", (0.5, 0.5))
    before = after(page)
    page.keyboard.down("Alt")
    page.mouse.click(*at(page, 0.2, 0.8))
    page.keyboard.up("Alt")
    before = changed(page, before)
    page.click("[data-choose-tool=exclude]")
    page.mouse.click(*at(page, 0.8, 0.8))
    changed(page, before)
    assert page.locator(".dot.exclusion").count() == 2
    page.mouse.click(*at(page, 0.2, 0.8))
    places = "(count) => document.querySelectorAll('.dot.exclusion').length === count"
    until(page, "one place", places, 1)
    for keys in ("Alt+Enter", "Enter"):  # in the middle
        if keys == "Enter":
            page.click("[data-choose-tool=exclude]")
        page.focus("#stage")
        page.keyboard.press(keys)
        until(page, "another place", places, 2)
        page.keyboard.press("Control+z")
        until(page, "one place", places, 1)
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    (point,) = read_hints(path).points
    assert point.thing
    assert len(point.without) == 1


def test_hints_go_into_a_file_and_come_back(page: Page, portrait: Path, tmp_path: Path) -> None:
    opened(page, portrait)
    coloured(page)
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    (point,) = read_hints(path).points
    assert point.color == "#2f3e63"
    assert json.loads(path.read_text())["size"] == [512, 512]
    before = after(page)
    page.click("#hints-clear")
    before = changed(page, before)
    drop(page, "#stage", path)
    changed(page, before)
    assert points(page) == 1


@pytest.mark.parametrize(
    ("content", "said"), [("{", "not a hints file"), ('{"version": 9}', "not a hints file")]
)
def test_a_file_that_holds_no_hints_is_named(
    page: Page, portrait: Path, tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "letter.json"
    path.write_text(content)
    drop(page, "#drop", path)
    page.locator("#errors .notice").wait_for()
    assert "open the photograph" in page.inner_text("#errors")
    opened(page, portrait)
    drop(page, "#stage", path)
    until(page, "a word", "(s) => document.getElementById('errors').textContent.includes(s)", said)
    assert "letter.json" in page.inner_text("#errors")


def test_the_guesses_have_a_scale_and_a_next_best_click(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.click("#guesses")
    page.locator("#map").wait_for(state="visible")
    assert page.locator("#legend").is_visible()
    helping = page.locator(".most-wanted")
    helping.click()
    page.locator("#picker").wait_for(state="visible")
    chosen(page, "skin")
    page.click("#guesses")
    assert page.locator("#map").is_hidden()
    assert helping.count() == 0


def test_each_option_says_what_it_does(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.click("summary")
    for name in ("warmth", "vividness", "saturation", "repair", "fading", "method", "upright"):
        assert len(page.inner_text(f"#{name}-help")) > 20


def test_a_reference_and_the_sliders_change_the_colours(
    page: Page, portrait: Path, tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    before = opened(page, portrait)
    page.click("summary")
    other = tmp_path / "coffee.png"
    Image.fromarray(coffee).save(other)
    drop(page, "#referring", other)
    before = changed(page, before)
    assert "coffee.png" in page.inner_text("#references")
    page.click("#references button")
    before = changed(page, before)
    assert page.inner_text("#references") == ""
    page.click("#undo")
    before = changed(page, before)
    assert "coffee.png" in page.inner_text("#references")
    page.fill("#vividness", "1.6")
    before = changed(page, before)
    page.fill("#fading", "1")
    changed(page, before)


def test_two_ways_are_compared_wiped_and_side_by_side(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    original = page.get_attribute("#before", "src")
    page.select_option("#versus", label="unet")
    until(page, "the other", "(old) => document.getElementById('before').src !== old", original)
    page.click("#side")
    page.click("#zoom-in")
    views = page.eval_on_selector_all(
        ".view", "all => all.map(({ style }) => [style.left, style.top, style.width].join())"
    )
    assert len(set(views)) == 1
    panes = [page.locator(each).bounding_box() for each in ("#pane-before", "#pane-after")]
    assert panes[0]["x"] + panes[0]["width"] <= panes[1]["x"] + 2
    page.click("#keep")
    page.click("text=Vivid")
    shown(page)
    assert "Version 1" in page.inner_text("#versus")


def test_dust_is_shown_and_what_is_none_is_erased_from_it(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    path = tmp_path / "dusty.png"
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 4)).copy()
    for x, y in ((130, 60), (380, 100)):
        cv2.circle(soft, (x, y), 3, 255, -1)
    Image.fromarray(soft).save(path)
    before = opened(page, path)
    page.click("summary")
    assert page.locator("#repairing").is_hidden()
    page.fill("#repair", "1")
    before = changed(page, before)
    shown(page)
    assert max(pixel(page, 380 / 512, 100 / 512)) < 235
    page.click("#specks-shown")
    page.locator("#specks").wait_for(state="visible")
    page.click("[data-choose-tool=eraser]")
    drag(page, at(page, 370 / 512, 100 / 512), at(page, 390 / 512, 100 / 512))
    before = changed(page, before)
    page.click("[data-choose-tool=healer]")
    drag(page, at(page, 250 / 512, 300 / 512), at(page, 270 / 512, 300 / 512))
    changed(page, before)
    shown(page)
    assert page.evaluate("() => document.getElementById('specks').naturalWidth")
    with page.expect_download() as download:
        page.click("#save")
    saved = files.read(Path(download.value.path())).pixels
    assert saved[100, 380].min() > 225  # it is no dust
    assert saved[60, 130].max() < 235
    assert (cv2.absdiff(saved[..., 1], soft)[290:310, 250:270] > 0).any()
    page.click("#undo")
    shown(page)
    page.fill("#repair", "0")
    shown(page)
    assert page.locator("#specks").is_hidden()


def test_a_closer_look_shows_all_pixels(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(np.kron(grey, np.ones((3, 3), np.uint8))).save(path)
    opened(page, path)
    assert page.evaluate("() => document.getElementById('after').naturalWidth") == 1000
    for _ in range(4):
        page.click("#zoom-in")
    script = "(id) => document.getElementById(id).naturalWidth === 1536"
    assert until(page, "all pixels", script, "after")
    assert until(page, "all pixels", script, "before")


def test_files_that_are_not_pictures_are_named(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "letter.png"
    path.write_text("Dear Sir")
    page.set_input_files("#files", path)
    page.locator("#errors .notice").wait_for()
    assert "letter.png" in page.inner_text("#errors")
    assert "not a readable picture" in page.inner_text("#errors")
    assert page.locator("#start").is_visible()
    notice, footer = (page.locator(each).bounding_box() for each in (".notice", "footer"))
    assert notice["y"] + notice["height"] <= footer["y"]


def test_a_colour_photograph_gets_a_notice(
    page: Page, tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    path = tmp_path / "coffee.png"
    Image.fromarray(coffee).save(path)
    opened(page, path)
    assert "already in color" in page.inner_text("#notices")


def test_no_broken_picture_is_seen_while_it_loads(page: Page, portrait: Path) -> None:
    page.set_input_files("#files", portrait)
    broken = """() => [...document.querySelectorAll('img')].filter(
        (image) => image.checkVisibility() && image.complete && !image.naturalWidth).length"""
    for _ in range(20):
        assert page.evaluate(broken) == 0
        page.wait_for_timeout(20)


def test_the_keyboard_is_enough(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.focus("#stage")
    page.keyboard.press("Enter")
    page.locator("#picker").wait_for(state="visible")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.closest('.swatches') !== null")
    page.keyboard.press("Enter")
    until(page, "a dot", "() => document.querySelector('.dot')")
    before = changed(page, before)
    until(page, "the dot", "() => document.activeElement.className.startsWith('dot')")
    place = middle(page, ".dot")
    page.keyboard.press("ArrowRight")
    shown(page)
    assert middle(page, ".dot")[0] > place[0]
    page.keyboard.press("Delete")
    shown(page)
    assert points(page) == 0


def test_it_works_on_a_telephone(page_of: Callable[..., Page], portrait: Path) -> None:
    page = page_of(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert "Drop" not in page.inner_text("#drop")
    opened(page, portrait)
    wide = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(wide)
    page.touchscreen.tap(*middle(page, "#view"))
    page.locator("#usual button[aria-label='navy']").tap()
    until(page, "a dot", "() => document.querySelector('.dot')")
    assert page.evaluate(wide)


def test_a_swipe_over_the_picture_scrolls_a_telephone(
    page_of: Callable[..., Page], portrait: Path
) -> None:
    page = page_of(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened(page, portrait)
    shown(page)
    x, y = middle(page, "#stage")
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        touches = [{"x": place[0], "y": place[1]} for place in places]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (x, y))
    for step in range(1, 16):
        touch("touchMove", (x, y - 20 * step))
        page.wait_for_timeout(16)
    touch("touchEnd")
    assert until(page, "a scrolled page", "() => scrollY > 100")
    assert points(page) == 0


def test_nothing_of_the_panel_is_cut_off(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    coloured(page)
    page.click("summary")
    hidden = """() => [...document.querySelectorAll('#panel *')].filter(
        (each) => each.scrollHeight > each.clientHeight + 2 && each.clientHeight > 0
                  && getComputedStyle(each).overflowY === 'hidden').length"""
    assert page.evaluate(hidden) == 0
    page.locator("#hints-save").scroll_into_view_if_needed()
    assert page.locator("#hints-save").is_visible()


def test_the_page_for_programs_names_its_own_address(page: Page, address: str) -> None:
    page.goto(address + "docs")
    page.locator(".operation").first.wait_for()
    assert f"{address}v1/colorize" in page.inner_text("pre")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(page_of: Callable[..., Page], portrait: Path, scheme: str) -> None:
    axe = Axe()
    # axe is evaluated in the page, which the page's own policy forbids.
    page = page_of(color_scheme=scheme, bypass_csp=True)

    def check(where: str) -> None:
        found = axe.run(page).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        said = [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious]
        assert not said, where

    check("start")
    opened(page, portrait)
    coloured(page)
    check("editor")
    page.click(".dot")
    page.locator("#picker").wait_for(state="visible")
    check("picker")
    page.keyboard.press("Escape")
    page.click("summary")
    page.select_option("#method", "unet")
    page.locator("#no-hints").wait_for(state="visible")
    check("a method without hints")
    page.goto(page.url.split("#")[0] + "docs")
    page.locator(".operation").first.wait_for()
    check("docs")
