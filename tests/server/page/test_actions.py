"""Actions on the page: what is possible with a method, what they ask, and where the focus stays."""

from __future__ import annotations

import importlib.util
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from retint.server.settings import Settings

from ..serving import Served
from .driver import Page, at, changed, coloured, drop, opened, points, shown, until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LYING = {"viewport": {"width": 844, "height": 390}, "has_touch": True, "is_mobile": True}
Pages = Callable[..., Page]


def focused(page: Page) -> str:
    """Id or class of the element that has the focus; empty if none has it."""
    found: str = page.evaluate(
        "() => { const it = document.activeElement;"
        " return it === document.body ? '' : it.id || it.className; }"
    )
    return found


def test_a_method_without_hints_greys_out_dots_and_tools(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    coloured(page)
    before = changed(page, before)
    page.click("summary")
    page.select_option("#method", "unet")
    changed(page, before)
    for tool in ("dot", "brush", "region"):
        assert page.is_disabled(f"[data-choose-tool={tool}]")
    assert page.is_disabled("#add")
    assert page.is_disabled("#reference")
    assert "unet takes no color hints" in page.inner_text("#no-hints")
    assert "are kept" in page.inner_text("#no-hints")
    assert (
        page.evaluate("() => Number(getComputedStyle(document.getElementById('dots')).opacity)") < 1
    )
    page.mouse.click(*at(page, 0.5, 0.5))
    page.locator("#errors .notice").wait_for()
    assert page.inner_text("#errors").startswith("grandmother.jpg: unet takes no color hints")
    assert page.locator("#picker").is_hidden()
    page.focus(".dot")
    page.keyboard.press("Enter")
    assert page.locator("#picker").is_hidden()
    page.select_option("#method", "guided-unet")
    shown(page)
    assert page.locator("#no-hints").is_hidden()
    assert page.is_enabled("[data-choose-tool=brush]")
    assert points(page) == 1


def test_a_reference_that_is_no_picture_is_named(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    opened(page, portrait)
    letter = tmp_path / "letter.png"
    letter.write_text("Dear Sir")
    page.click("summary")
    page.set_input_files("#reference", letter)
    page.locator("#errors .notice").wait_for()
    assert page.inner_text("#errors").startswith("letter.png: ")
    page.click("#errors .close")
    drop(page, "#referring", letter)
    page.locator("#errors .notice").wait_for()
    assert page.inner_text("#errors").startswith("letter.png: ")


@pytest.mark.parametrize("answer", ["keep", "escape", "replace"])
def test_hints_are_replaced_only_if_one_agrees(
    page: Page, portrait: Path, tmp_path: Path, answer: str
) -> None:
    opened(page, portrait)
    coloured(page)
    path = tmp_path / "mine.json"
    mine = [{"x": 99 * k, "y": 99, "color": "#aa3322"} for k in (1, 2)]
    path.write_text(json.dumps({"version": 1, "size": [512, 512], "points": mine}))
    page.focus("#fit")
    drop(page, "#stage", path)
    page.locator("#question").wait_for(state="visible")
    said = page.inner_text("#question-text")
    assert said == "grandmother.jpg has 1 color hint. Replace with 2 color hints from mine.json?"
    if answer == "escape":
        page.keyboard.press("Escape")
    else:
        page.click("#question-yes" if answer == "replace" else "#question-no")
    assert page.locator("#question").is_hidden()
    assert focused(page) == "fit"
    page.wait_for_timeout(100)
    assert points(page) == (2 if answer == "replace" else 1)


def test_entries_of_an_archive_have_the_date_of_today(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    with page.expect_download() as download:
        page.click("#zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        for each in archive.infolist():
            age = datetime.now() - datetime(*each.date_time)
            assert abs(age) < timedelta(minutes=5)


def test_the_focus_stays_where_it_was(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    for place in ((0.6, 0.3), (0.6, 0.6), (0.8, 0.8)):
        coloured(page, "navy", place)
    page.focus("#save")
    with page.expect_download():
        page.keyboard.press("Enter")
    assert focused(page) == "save"
    page.focus("#zip")
    with page.expect_download():
        page.keyboard.press("Enter")
    assert focused(page) == "zip"
    page.locator("#hints .remove").nth(1).focus()
    for left in (2, 1):
        page.keyboard.press("Enter")
        until(
            page, "fewer hints", "(n) => document.querySelectorAll('#hints li').length === n", left
        )
        assert focused(page) == "remove"
    page.keyboard.press("Enter")
    until(page, "no hints", "() => !document.querySelector('#hints li')")
    assert focused(page) == "stage"
    page.focus("#undo")
    for _ in range(6):
        page.keyboard.press("Enter")
    assert page.is_disabled("#undo")
    assert focused(page) == "redo"
    page.locator("#strip-list .remove-picture").nth(0).focus()
    page.keyboard.press("Enter")
    assert focused(page) == "thumb"
    page.locator("#notices .notice button:has-text('Undo')").focus()
    page.keyboard.press("Enter")
    until(page, "three pictures", "() => document.querySelectorAll('#strip-list li').length === 3")
    assert focused(page)


def test_all_hints_removed_by_key_leave_the_focus_near(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    coloured(page)
    page.focus("#hints-clear")
    page.keyboard.press("Enter")
    assert points(page) == 0
    assert focused(page) == "stage"
    page.keyboard.press("Enter")
    page.locator("#picker").wait_for(state="visible")


@pytest.mark.parametrize(
    "options",
    [{"viewport": {"width": w, "height": h}} for w, h in ((1440, 900), (1024, 768), (900, 600))]
    + [PHONE, LYING],
    ids=["1440x900", "1024x768", "900x600", "390x844", "844x390"],
)
def test_the_lower_toolbar_stays_in_view(
    page_of: Pages, scans: list[Path], options: dict[str, Any]
) -> None:
    page = page_of(**options)
    opened(page, *scans)
    high = options["viewport"]["height"]

    def is_seen() -> bool:
        box = page.locator("#view-tools").bounding_box()
        return bool(box["y"] >= 0 and box["y"] + box["height"] <= high + 1)

    assert is_seen()
    page.select_option("#versus", label="unet")
    for _ in range(3):
        page.click("#zoom-in")
    assert is_seen()
    page.evaluate("() => scrollTo(0, 60)")
    assert is_seen()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that reads no films, HEIC or RAW, and small files only."""
    real = importlib.util.find_spec
    missing = ("av", "pillow_heif", "rawpy")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in missing else real(name)
    )
    served = Served(replace(Settings(threads=1), max_bytes=20_000))
    yield served
    served.stop()


def test_the_page_tells_beforehand_what_the_server_reads(
    browser: Any, poor: Served, tmp_path: Path, page: Page, portrait: Path
) -> None:
    until(page, "what it reads", "() => document.getElementById('reads').textContent")
    assert "Drop photographs or films here" in page.inner_text("#drop")
    assert "HEIC" in page.inner_text("#reads")
    assert ".mp4" in page.get_attribute("#files", "accept")
    context = browser.new_context()
    page = context.new_page()
    page.goto(poor.url)
    until(page, "what it reads", "() => document.getElementById('reads').textContent")
    assert "Drop photographs here" in page.inner_text("#drop")
    assert "HEIC" not in page.inner_text("#reads")
    assert "does not read HEIC, RAW or films" in page.inner_text("#lacks")
    assert not {".mp4", ".heic", ".nef", "image/*"} & set(
        page.get_attribute("#files", "accept").split(",")
    )
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if it.method == "POST" else None)
    for name, said in (("a.heic", "does not read HEIC"), ("b.mp4", "does not read films")):
        path = tmp_path / name
        path.write_bytes(b"anything")
        drop(page, "#drop", path)
        until(page, said, "(s) => document.getElementById('errors').textContent.includes(s)", said)
        assert name in page.inner_text("#errors")
    drop(page, "#drop", portrait)
    said = "takes up to 1 MB"
    until(page, said, "(s) => document.getElementById('errors').textContent.includes(s)", said)
    assert "--max-megabytes" in page.inner_text("#errors")
    time.sleep(0.2)
    assert asked == []
    context.close()
