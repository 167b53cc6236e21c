"""Many pictures: folders, the overview, closing all, settings for all, the time left."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from .driver import Page, after, coloured, middle, opened, points, shown, until
from .test_many import ALL_DONE

OPEN = "() => document.getElementById('overview').open"
CLOSED = "() => !document.getElementById('overview').open"


def count(page: Page) -> int:
    return int(page.locator("#strip-list li").count())


def drop_folder(page: Page, *paths: Path) -> None:
    """As somebody does with the mouse; a script cannot make entries of folders."""
    client = page.context.new_cdp_session(page)
    x, y = middle(page, "#drop" if page.is_visible("#drop") else "#stage")
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for type in ("dragEnter", "dragOver", "drop"):
        client.send("Input.dispatchDragEvent", {"type": type, "x": x, "y": y, "data": data})


@pytest.fixture
def album(tmp_path: Path, scans: list[Path]) -> Path:
    """A folder with a picture, a text, a hidden file and a folder with two pictures."""
    folder = tmp_path / "album"
    (folder / "more").mkdir(parents=True)
    shutil.move(scans[0], folder / "z.png")
    for path in scans[1:]:
        shutil.move(path, folder / "more" / path.name)
    (folder / "notes.txt").write_text("Anna, 1931")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.getAttribute('aria-label') ?? ''"))


def test_a_folder_is_opened_with_the_folders_in_it(page: Page, album: Path) -> None:
    drop_folder(page, album)
    after(page)
    names = page.eval_on_selector_all("#strip-list .thumb", "all => all.map((each) => each.title)")
    assert names == ["scan1.png", "scan2.png", "z.png"]
    assert "1 other file was left out" in page.inner_text("#notices")
    assert page.inner_text("#errors") == ""


def test_a_folder_without_pictures_is_named(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "notes.txt").write_text("Anna, 1931")
    drop_folder(page, folder)
    until(page, "why", "() => document.getElementById('errors').textContent")
    assert "contains no pictures" in page.inner_text("#errors")
    assert count(page) == 0


def test_the_overview_shows_all_and_opens_one_with_the_mouse(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    until(page, "all in colour", ALL_DONE)
    page.click("#overview-open")
    assert page.inner_text("#overview-title") == "3 pictures"
    until(page, "three pictures",
          "() => [...document.querySelectorAll('.large-thumb img')]"
          ".filter(({ naturalWidth }) => naturalWidth).length === 3")  # fmt: skip
    assert page.locator(".large-thumb").first.bounding_box()["width"] > 240
    page.locator(".large-thumb").nth(2).click()
    until(page, "the picture", CLOSED)
    after(page)
    assert "scan2" in page.inner_text("#dimensions")


def test_the_overview_works_with_keys(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    page.focus("#overview-open")
    page.keyboard.press("Enter")
    assert focused(page) == "Open scan0.png"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "Open scan1.png"
    page.keyboard.press("End")
    assert focused(page) == "Open scan2.png"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert focused(page) == "Open scan0.png"
    page.keyboard.press("Delete")
    assert count(page) == 2
    assert focused(page) == "Open scan1.png"
    page.keyboard.press("Escape")
    until(page, "the picture", CLOSED)
    page.click("#overview-open")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    until(page, "the picture", CLOSED)
    after(page)
    assert "scan2" in page.inner_text("#dimensions")


def test_arrow_keys_go_down_by_rows(page_of: Callable[..., Page], scans: list[Path]) -> None:
    page = page_of(viewport={"width": 390, "height": 844})
    opened(page, *scans)
    page.click("#overview-open")
    columns = page.evaluate(
        "() => { const tops = [...document.querySelectorAll('#overview-list li')]"
        ".map(({ offsetTop }) => offsetTop); return tops.filter((top) => top === tops[0]).length; }"
    )
    assert columns == 2
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Open scan2.png"


def test_the_overview_works_by_touch(page_of: Callable[..., Page], scans: list[Path]) -> None:
    page = page_of(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened(page, *scans)
    page.tap("#overview-open")
    page.locator("#overview-list label").nth(1).tap()
    page.locator(".large-thumb").nth(1).tap()
    until(page, "the picture", CLOSED)
    assert page.locator("#strip-list input").nth(1).is_checked()
    assert page.inner_text("#zip") == "Save 1 selected as ZIP"


def test_what_is_selected_is_the_same_in_strip_and_overview(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    page.locator("#strip-list input").nth(2).check()
    page.click("#overview-open")
    assert page.locator("#overview-list input").nth(2).is_checked()
    page.locator("#overview-list .remove-picture").nth(2).click()
    assert count(page) == 2
    page.click("#overview-close")
    assert page.inner_text("#zip") == "Save all as ZIP"


def test_all_are_closed_at_once_and_come_back(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    page.click("#close-all")
    page.locator("#start").wait_for(state="visible")
    assert count(page) == 0
    assert not page.locator("#question").is_visible()
    page.click(".notice button:has-text('Undo')")
    after(page)
    assert count(page) == 3
    page.wait_for_timeout(600)  # until it is written down
    page.reload()
    after(page)
    assert count(page) == 3


def test_closing_all_asks_once_if_something_was_not_saved(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    coloured(page)
    page.click("#close-all")
    text = page.inner_text("#question-text")
    assert text == "1 of 3 pictures has changes that were not saved. Close all?"
    page.keyboard.press("Escape")
    assert count(page) == 3
    assert points(page) == 1
    with page.expect_download():
        page.click("#save")
    page.click("#overview-open")
    until(page, "the overview", OPEN)
    page.click("#overview-close-all")
    page.locator("#start").wait_for(state="visible")
    assert page.evaluate(CLOSED)
    page.reload()
    page.locator("#start").wait_for(state="visible")
    assert count(page) == 0


def test_changes_after_saving_are_asked_about_also_after_a_reload(
    page: Page, scans: list[Path]
) -> None:
    opened(page, *scans)
    coloured(page)
    with page.expect_download():
        page.click("#zip")
    page.wait_for_timeout(600)  # until it is written down
    page.reload()
    after(page)
    page.fill("#vividness", "1.5")
    shown(page)
    page.click("#close-all")
    page.click("#question-yes")
    page.locator("#start").wait_for(state="visible")


def test_settings_go_to_all_as_one_step_each(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    until(page, "all in colour", ALL_DONE)
    page.locator("#looks input[value='hand-tinted']").check(force=True)
    page.fill("#vividness", "1.5")
    page.click("summary")
    page.select_option("#method", "unet")
    page.click("#same")
    page.locator("#strip-list .thumb").nth(1).click()
    after(page)
    chosen = (page.input_value("#method"), page.input_value("#vividness"))
    assert chosen == ("unet", "1.5")
    assert page.locator("#looks input[value='hand-tinted']").is_checked()
    page.click("#undo")
    assert page.input_value("#vividness") == "1"
    assert page.is_disabled("#undo")


def test_the_time_left_is_shown(page: Page, scans: list[Path], tmp_path: Path) -> None:
    many = [tmp_path / f"copy{k}.png" for k in range(8)]
    for path in many:
        shutil.copy(scans[0], path)
    page.set_input_files("#files", many)
    said = until(
        page, "the time left",
        "() => /left/.test(document.getElementById('strip-said').textContent)"
        " && document.getElementById('strip-said').textContent",
    )  # fmt: skip
    assert re.fullmatch(r"\d of 8 colored, about \d+ s left", said)
    finished = "() => document.getElementById('strip-said').textContent === '8 of 8 colored'"
    until(page, "the end", finished)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_overview_is_accessible(
    page_of: Callable[..., Page], scans: list[Path], scheme: str
) -> None:
    page = page_of(color_scheme=scheme, bypass_csp=True)
    opened(page, *scans)
    page.click("#overview-open")
    assert not Axe().run(page).response["violations"]
