"""Many pictures, each with its own edits; all are kept and saved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retint import files

from .conftest import Served
from .driver import Page, after, coloured, drop, opened, points, shown, until

ALL_DONE = """() => [...document.querySelectorAll('#strip-list .thumb img')].length
              === document.querySelectorAll('#strip-list li').length"""


def thumb(page: Page, index: int) -> None:
    page.locator("#strip-list .thumb").nth(index).click()
    after(page)


def test_hints_stay_with_their_picture(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    coloured(page)
    thumb(page, 1)
    assert points(page) == 0
    assert page.is_disabled("#undo")
    assert "scan1" in page.inner_text("#dimensions")
    thumb(page, 0)
    assert points(page) == 1


def test_a_reference_stays_with_its_picture(
    page: Page, scans: list[Path], tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    other = tmp_path / "coffee.png"
    Image.fromarray(coffee).save(other)
    opened(page, *scans)
    page.click("summary")
    drop(page, "#referring", other)
    until(page, "its name", "() => document.getElementById('references').textContent")
    thumb(page, 1)
    assert page.inner_text("#references") == ""
    drop(page, "#stage", scans[2])
    after(page)
    assert page.inner_text("#references") == ""


def test_all_are_coloured_edited_and_saved_as_they_are(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    until(page, "all in colour", ALL_DONE)
    coloured(page, "grass")
    thumb(page, 1)
    page.fill("#vividness", "0")
    shown(page)
    until(page, "all in colour", "() => document.getElementById('strip-said').textContent"
          ".startsWith('3 of 3')")  # fmt: skip
    with page.expect_download() as download:
        page.click("#zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [f"scan{k}.retint.png" for k in range(3)]
        pixels = [files.read(io.BytesIO(archive.read(name))).pixels.astype(int) for name in names]
    green = pixels[0][64, 64]
    assert green[1] > green[0]
    assert pixels[1].ndim == 2  # without any colour
    assert np.ptp(pixels[2], axis=-1).mean() > 1


def test_settings_go_to_all_or_to_those_chosen(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    until(page, "all in colour", ALL_DONE)
    coloured(page)
    page.fill("#vividness", "1.5")
    page.locator("#strip-list input").nth(2).check()
    page.click("#same")
    thumb(page, 1)
    assert page.input_value("#vividness") == "1"
    thumb(page, 2)
    assert page.input_value("#vividness") == "1.5"
    assert points(page) == 0
    page.click("#undo")
    assert page.input_value("#vividness") == "1"


def test_a_broken_one_is_named_and_spoils_nothing(page: Page, scans: list[Path]) -> None:
    scans[1].write_bytes(scans[1].read_bytes()[:60])
    opened(page, *scans)
    until(page, "the end", "() => document.getElementById('strip-said').textContent"
          " === '2 of 2 colored, 1 could not be read'")  # fmt: skip
    assert "scan1.png" in page.inner_text("#errors")
    with page.expect_download() as download:
        page.click("#zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["scan0.retint.png", "scan2.retint.png"]


def test_the_same_name_twice_is_told_apart(page: Page, scans: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other" / scans[0].name
    other.parent.mkdir()
    other.write_bytes(scans[1].read_bytes())
    opened(page, scans[0], other)
    with page.expect_download() as download:
        page.click("#zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["scan0.retint.png", "scan0.retint-2.png"]


def test_back_leaves_the_picture_and_not_the_page(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    coloured(page)
    page.go_back()
    page.locator("#start").wait_for(state="visible")
    assert page.locator("#strip").is_visible()
    thumb(page, 0)
    assert points(page) == 1


def test_work_survives_a_reload(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    thumb(page, 1)
    coloured(page, "brick")
    page.wait_for_timeout(600)  # until it is written down
    page.reload()
    after(page)
    assert page.locator("#strip-list li").count() == 3
    assert "scan1" in page.inner_text("#dimensions")
    assert points(page) == 1
    page.click("#undo")
    assert points(page) == 0


def test_work_survives_a_server_that_starts_again(
    page: Page, scans: list[Path], served: Served
) -> None:
    opened(page, *scans)
    until(page, "all in colour", ALL_DONE)
    shown(page)
    served.stop()
    served.start()
    coloured(page)
    assert points(page) == 1
    assert page.locator("#errors .notice").count() == 0
    thumb(page, 2)
    with page.expect_download():
        page.click("#save")


def test_a_closed_picture_can_be_had_back(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    coloured(page)
    page.locator(".remove-picture").first.click()
    assert page.locator("#strip-list li").count() == 2
    page.click(".notice button:has-text('Undo')")
    assert page.locator("#strip-list li").count() == 3
    assert points(page) == 1
