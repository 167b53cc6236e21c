"""The page without a server, as people use it."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error

from tests.server.page.driver import PATIENCE, after, changed, coloured, opened, pixel, until
from tools.web.capabilities import MOST_PICTURES
from tools.web.folder import OWN

from .conftest import Host, Page


def loaded(page: Page) -> None:
    """Wait for the networks, however long it takes."""
    page.evaluate("async () => (await import('./api.js')).prepare()")


def is_isolated(page: Page) -> None:
    """Wait until the service worker is in charge, after which nothing is loaded again."""
    script = "() => crossOriginIsolated && navigator.serviceWorker.controller !== null"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(Error):  # the page is loaded again meanwhile
            if page.evaluate(script):
                return loaded(page)
    raise AssertionError(f"not isolated within {PATIENCE} s")


def told(page: Page, text: str) -> str:
    """The line of an error that contains a text."""
    script = """(text) => [...document.querySelectorAll('#errors span')]
        .map((each) => each.textContent).find((each) => each.includes(text))"""
    return str(until(page, f"a line about {text}", script, text))


@pytest.fixture
def portrait(tmp_path: Path, grey: NDArray[np.uint8]) -> Path:
    path = tmp_path / "grandmother.jpg"
    Image.fromarray(grey).save(path, quality=95)
    return path


def test_it_colors_takes_hints_and_saves(page_of: Callable[..., Page], portrait: Path) -> None:
    """And shows only what it can do."""
    page = page_of()
    is_isolated(page)
    first = opened(page, portrait)
    coloured(page, "navy", (0.4, 0.8))
    changed(page, first)
    red, _, blue = pixel(page, 0.4, 0.8)
    assert blue > red + 20
    script = "() => [...document.querySelectorAll('#looks img')].every(({ hidden }) => !hidden)"
    until(page, "six looks", script)
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "grandmother.retint.jpg"
    assert Image.open(download.value.path()).size == (512, 512)
    assert "nothing about you is sent" in page.inner_text("#privacy")
    page.click("details summary")
    for there in ("#method", "#vividness", "#saturation", "#guesses", "#turn"):
        assert page.is_visible(there), there
    for missing in ("#variants", "#framing-open", "#referring", "#repair", "#fading"):
        assert not page.is_visible(missing), missing
    assert page.locator("#format option").all_inner_texts() == ["same as original", "JPEG", "PNG"]


def test_it_works_offline_after_the_first_visit(
    page_of: Callable[..., Page], built: Path, portrait: Path
) -> None:
    host = Host(built)
    try:
        page = page_of(host)
        is_isolated(page)
        opened(page, portrait)
    finally:
        host.stop()
    page.reload()
    is_isolated(page)
    after(page)


def test_touch_in_the_dark(page_of: Callable[..., Page], portrait: Path) -> None:
    telephone = {"width": 390, "height": 844}
    page = page_of(viewport=telephone, has_touch=True, is_mobile=True, color_scheme="dark")
    is_isolated(page)
    opened(page, portrait)
    page.locator("#view").tap()
    assert page.is_visible("#picker")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    levels = [int(each) for each in background.strip("rgb()").split(",")]
    assert max(levels) < 80


def test_keyboard_and_one_thread(page_of: Callable[..., Page], portrait: Path) -> None:
    page = page_of(service_workers="block")
    loaded(page)
    first = opened(page, portrait)
    assert not page.evaluate("crossOriginIsolated")
    page.focus("#stage")
    page.keyboard.press("Enter")
    page.fill("#color-name", "navy")
    page.keyboard.press("Enter")
    changed(page, first)
    assert page.locator("#hints li").count() == 1


def encoded(pixels: NDArray[Any], format: str, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(buffer, format)
    return buffer.getvalue()


def huge() -> bytes:
    """The beginning of a PNG file with 200 million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 10_000, 8, 0, 0, 0, 0)
    size, check = struct.pack(">I", len(header) - 4), struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + size + header + check


PLAIN = np.zeros((20, 30), np.uint8)
BAD: dict[str, tuple[bytes, str]] = {
    "empty.jpg": (b"", "the file is empty"),
    "broken.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(90), "may be damaged"),
    "text.png": (b"not a picture", "cannot read the file"),
    "walk.gif": (encoded(PLAIN, "GIF"), "does not read GIF"),
    "walk.jpg": (encoded(PLAIN, "GIF"), "one frame"),
    "print.jpg": (encoded(PLAIN, "JPEG", "CMYK"), "CMYK"),
    "deep.png": (encoded(PLAIN.astype(np.uint16), "PNG"), "16 bits"),
    "scan.tif": (encoded(PLAIN, "TIFF"), "does not read TIFF"),
    "scan.png": (encoded(PLAIN, "TIFF"), "do not read TIFF"),
    "IMG_1.HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60), "HEIC"),
    "huge.png": (huge(), "200 million pixels"),
    "street.mp4": (bytes(99), "does not read films"),
}


def test_bad_input_is_one_line_each(
    page_of: Callable[..., Page], portrait: Path, tmp_path: Path
) -> None:
    page = page_of(service_workers="block")
    loaded(page)
    before = opened(page, portrait)
    for name, (content, said) in BAD.items():
        path = tmp_path / name
        path.write_bytes(content)
        page.set_input_files("#more", path)
        line = told(page, f"{name}: ")
        assert said in line
        assert "installed program" in line or name == "empty.jpg"
    page.click("#strip-list .thumb")
    assert after(page) == before
    photo = {"mimeType": "image/jpeg", "buffer": portrait.read_bytes()}
    page.set_input_files("#more", [{"name": f"{k}.jpg", **photo} for k in range(MOST_PICTURES)])
    told(page, f"up to {MOST_PICTURES} pictures")


def test_without_webassembly(page_of: Callable[..., Page]) -> None:
    def remove(page: Page) -> None:
        page.add_init_script("delete globalThis.WebAssembly")

    page = page_of(prepare=remove, service_workers="block")
    told(page, "no WebAssembly")


def test_a_network_that_is_not_there(page_of: Callable[..., Page]) -> None:
    def miss(page: Page) -> None:
        page.context.route("**/models/semantics.*", lambda route: route.fulfill(status=404))

    page = page_of(prepare=miss, allowed="", service_workers="block")
    told(page, "could not be loaded")


def test_no_memory(page_of: Callable[..., Page], portrait: Path) -> None:
    def exhaust(page: Page) -> None:
        text = (OWN / "local" / "pixels.js").read_text("utf-8")
        begin = "export function shrunk(bitmap, [toHeight, toWidth], lab) {"
        assert begin in text
        text = text.replace(
            begin, f"{begin} throw new RangeError('Array buffer allocation failed');"
        )
        page.context.route(
            "**/local/pixels.js",
            lambda route: route.fulfill(body=text, content_type="text/javascript"),
        )

    page = page_of(prepare=exhaust, allowed="allocation failed", service_workers="block")
    page.set_input_files("#files", portrait)
    assert "grandmother.jpg: this browser has not enough memory" in told(page, "memory")
