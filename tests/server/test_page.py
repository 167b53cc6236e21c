"""The page in headless Chromium, as people use it."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import sync_playwright

from retint import files
from retint.files import xmp
from retint.hint_files import read_hints
from retint.server.app import create_app
from retint.server.connection import configured
from retint.server.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 30
"""Seconds that the slowest machine may take."""
Page = Any

if CHROMIUM is None:
    if os.environ.get("RETINT_BROWSER") == "required":
        raise RuntimeError("RETINT_BROWSER=required, and there is no chromium")
    pytest.skip("the page's tests need chromium (apt install chromium)", allow_module_level=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app, _ = create_app(Settings(threads=1))
    server = uvicorn.Server(configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_of(browser: Any, address: str) -> Iterator[Callable[..., Page]]:
    """A page in a browser of some kind; nothing it does may be an error of the page."""
    contexts, faults = [], []

    def build(**options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: foreign(request.url))
        page.goto(address)
        return page

    def foreign(url: str) -> None:
        if not url.startswith((address, "blob:", "data:")):
            faults.append(f"asked for {url}")

    yield build
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def page(page_of: Callable[..., Page]) -> Page:
    return page_of(viewport={"width": 1280, "height": 860})


@pytest.fixture
def portrait(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    path = tmp_path / "grandmother.jpg"
    Image.fromarray(grey).save(path, quality=95, dpi=(300, 300))
    return path


def until(page: Page, said: str, script: str, argument: Any = None) -> Any:
    """Wait until a script finds something; the page's policy lets nobody evaluate texts in it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := page.evaluate(script, argument):
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {PATIENCE} s: {said}")


def after(page: Page) -> str:
    """Where the picture in colour is now."""
    return str(
        until(page, "a picture in colour",
              "() => document.getElementById('after').naturalWidth && "
              "document.getElementById('busy').hidden && document.getElementById('after').src")
    )  # fmt: skip


def changed(page: Page, before: str) -> str:
    return str(
        until(page, "another picture",
              "(old) => { const it = document.getElementById('after'); "
              "return it.src !== old && it.naturalWidth && it.src; }", before)
    )  # fmt: skip


def opened(page: Page, path: Path) -> str:
    page.set_input_files("#files", path)
    return after(page)


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def coloured(page: Page, name: str = "navy") -> None:
    """Place a colour in the middle of the picture."""
    before = after(page)
    page.mouse.click(*middle(page, "#view"))
    page.click(f"#usual button[aria-label='{name}']")
    changed(page, before)


def points(page: Page) -> int:
    return int(page.locator(".dot").count())


def drop(page: Page, target: str, *paths: Path) -> None:
    """As somebody does with the mouse, from a folder."""
    files = [[each.name, base64.b64encode(each.read_bytes()).decode()] for each in paths]
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, content] of files) {
              const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
              transfer.items.add(new File([bytes], name));
            }
            return transfer;
        }""",
        files,
    )
    page.dispatch_event(target, "drop", {"dataTransfer": transfer})


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


def test_the_divider_shows_more_or_less_of_the_original(page: Page, portrait: Path) -> None:
    opened(page, portrait)

    def hidden() -> float:
        clip = page.evaluate("() => document.getElementById('before').style.clipPath")
        return float(clip.split()[1].rstrip("%"))

    first = hidden()
    box = page.locator("#split").bounding_box()
    thumb = box["x"] + 20.8 + 0.3 * (box["width"] - 41.6), box["y"] + box["height"] / 2
    page.mouse.move(*thumb)
    page.mouse.down()
    page.mouse.move(thumb[0] + 250, thumb[1], steps=5)
    page.mouse.up()
    assert hidden() < first - 20
    page.focus("#split")
    page.keyboard.press("Home")
    assert hidden() == 100
    page.keyboard.press("End")
    assert hidden() == 0


def test_a_colour_is_placed_dragged_changed_and_taken_back(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    coloured(page)
    assert points(page) == 1
    before = after(page)
    place = middle(page, ".dot")
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0] + 60, place[1] - 40, steps=4)
    page.mouse.up()
    before = changed(page, before)
    moved = middle(page, ".dot")
    assert abs(moved[0] - place[0] - 60) < 3
    assert abs(moved[1] - place[1] + 40) < 3
    page.mouse.click(*moved)
    page.click("#usual button[aria-label='wine red']")
    before = changed(page, before)
    assert "#8c2f39" in page.inner_text("#hints")
    page.click("#undo")
    before = changed(page, before)
    assert "#2f3e63" in page.inner_text("#hints")
    page.click("#undo")
    page.click("#undo")
    changed(page, before)
    assert points(page) == 0
    page.keyboard.press("Control+Shift+z")
    assert points(page) == 1


def test_likely_colours_are_offered(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.mouse.click(*middle(page, "#view"))
    swatch = page.locator("#likely button").first
    swatch.wait_for(timeout=PATIENCE * 1000)
    swatch.click()
    changed(page, before)
    assert points(page) == 1


def test_hints_go_into_the_address_and_a_file(page: Page, portrait: Path, tmp_path: Path) -> None:
    opened(page, portrait)
    coloured(page)
    with page.expect_download() as download:
        page.click("#hints-save")
    path = tmp_path / "hints.json"
    download.value.save_as(path)
    (point,) = read_hints(path).points
    assert point.color == "#2f3e63"
    assert json.loads(path.read_text())["size"] == [512, 512]
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    opened(page, portrait)
    assert points(page) == 1
    before = after(page)
    page.click("#hints-clear")
    before = changed(page, before)
    drop(page, "#stage", path)
    changed(page, before)
    assert points(page) == 1


def test_the_guesses_are_shown(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.click("#guesses")
    page.locator("#map").wait_for(state="visible")
    assert until(page, "a map", "() => document.getElementById('map').naturalWidth")
    page.click("#guesses")
    assert page.locator("#map").is_hidden()


def test_one_of_four_proposals_is_taken(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.click("#propose")
    page.locator("#variants button").nth(3).wait_for(timeout=PATIENCE * 1000)
    page.locator("#variants button").nth(2).click()
    changed(page, before)
    assert page.input_value("#method") == "chroma-diffusion"
    assert page.get_attribute("#variants button >> nth=2", "aria-pressed") == "true"


def test_a_reference_and_the_sliders_change_the_colours(
    page: Page, portrait: Path, tmp_path: Path, coffee: NDArray[np.uint8]
) -> None:
    before = opened(page, portrait)
    other = tmp_path / "coffee.png"
    Image.fromarray(coffee).save(other)
    drop(page, "#reference-drop", other)
    before = changed(page, before)
    assert page.inner_text("#reference-said") == "coffee.png"
    page.click("#reference-off")
    before = changed(page, before)
    page.fill("#vividness", "1.6")
    changed(page, before)


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


def test_five_photographs_one_of_them_broken(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    paths = []
    for k in range(5):
        folder = tmp_path / str(k)
        folder.mkdir()
        paths.append(folder / ("scan.png" if k < 2 else f"scan{k}.png"))
        Image.fromarray(np.roll(grey[::4, ::4], 9 * k, axis=1)).save(paths[-1])
    paths[3].write_bytes(paths[3].read_bytes()[:60])
    page.set_input_files("#files", paths)
    until(page, "the end", "() => !document.getElementById('zip').disabled")
    assert page.inner_text("#queue-said") == "4 in colour, 1 could not be read"
    assert page.locator(".failed").inner_text().startswith("scan3.png")
    with page.expect_download() as download:
        page.click("#zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [
            "scan.retint.png", "scan.retint-2.png", "scan2.retint.png", "scan4.retint.png",
        ]  # fmt: skip
        pixels = files.read(io.BytesIO(archive.read(names[0]))).pixels
    assert np.ptp(pixels.astype(int), axis=-1).mean() > 1
    page.click("#queue-list button >> nth=0")
    after(page)
    assert "128 \u00d7 128" in page.inner_text("#dimensions")


def test_what_is_no_photograph_is_said(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "letter.png"
    path.write_text("Dear Sir")
    page.set_input_files("#files", path)
    page.locator("#error").wait_for(state="visible")
    assert "not a picture" in page.inner_text("#error")
    assert page.locator("#start").is_visible()


def test_the_keyboard_is_enough(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.focus("#stage")
    page.keyboard.press("Enter")
    page.locator("#picker").wait_for(state="visible")
    page.locator("#usual button").first.focus()
    page.keyboard.press("Enter")
    before = changed(page, before)
    assert page.evaluate("() => document.activeElement.className") == "dot"
    place = middle(page, ".dot")
    page.keyboard.press("ArrowRight")
    before = changed(page, before)
    assert middle(page, ".dot")[0] > place[0]
    page.keyboard.press("Delete")
    changed(page, before)
    assert points(page) == 0


def test_it_works_on_a_telephone(page_of: Callable[..., Page], portrait: Path) -> None:
    page = page_of(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    before = opened(page, portrait)
    wide = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(wide)
    page.touchscreen.tap(*middle(page, "#view"))
    page.locator("#usual button[aria-label='navy']").tap()
    changed(page, before)
    assert points(page) == 1


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
    check("picker")
    page.goto(page.url.split("#")[0] + "docs")
    page.locator(".operation").first.wait_for()
    check("docs")
