"""What is saved: its quality and size, and the original beside it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.film.clips import moving, write

from .conftest import Served
from .driver import Page, middle, opened, until


def saved(page: Page, button: str) -> tuple[str, bytes]:
    """The name and the content of the file that a button saves."""
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def pair(page: Page, kind: str) -> tuple[str, bytes]:
    page.click("#saving-open")
    page.select_option("#pair", kind)
    found = saved(page, "#pair-save")
    until(page, "the end", "() => !document.getElementById('saving').open")
    return found


def test_a_line_says_what_was_saved(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    name, content = saved(page, "#save")
    assert name == "grandmother.retint.jpg"
    size = f"{len(content) / 1e3:.0f} kB"
    assert f"Saved grandmother.retint.jpg, {size}" in page.inner_text("#notices")


def test_quality_and_size_are_chosen(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    _, plain = saved(page, "#save")
    page.click("#saving-open")
    page.select_option("#quality", "60")
    page.select_option("#longest", "640")
    page.click("#saving-close")
    assert page.inner_text("#saving-said") == "Saved with quality 60."  # it has 512 pixels
    _, rough = saved(page, "#save")
    assert len(rough) < len(plain) / 2
    assert Image.open(io.BytesIO(rough)).size == (512, 512)
    page.select_option("#format", "png")
    assert page.inner_text("#saving-said") == ""


def test_a_label_is_written_into_a_corner(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.select_option("#format", "png")
    _, plain = saved(page, "#save")
    page.click("#saving-open")
    assert page.is_hidden("#signed")
    page.fill("#label", "Coloured in 2026")
    page.keyboard.press("Tab")
    assert page.is_checked("#labelled")
    page.keyboard.press("Escape")
    assert page.inner_text("#saving-said") == "Saved with the label “Coloured in 2026”."
    _, content = saved(page, "#save")
    before, now = (np.asarray(Image.open(io.BytesIO(each)), int) for each in (plain, content))
    changed = np.argwhere(np.abs(now - before).max(-1) > 2)
    assert changed.min(0) == pytest.approx([490, 380], abs=60)
    page.click("#saving-open")
    page.click("#labelled")
    page.keyboard.press("Escape")
    assert saved(page, "#save")[1] == plain


def test_a_server_with_a_certificate_signs(browser: Any, portrait: Path, tmp_path: Path) -> None:
    clip = write(tmp_path / "walk.mp4", moving(6, (192, 256)))
    credentials = pytest.importorskip("retint.credentials")
    authority = pytest.importorskip("tests.credentials.test_credentials")
    signer = credentials.Signer.of_files(*authority.ARCHIVE.write(tmp_path))
    server = Served(signing=credentials.Signing(signer))
    try:
        page = browser.new_page(bypass_csp=True)
        page.goto(server.address)
        opened(page, portrait)
        page.click("#saving-open")
        page.check("#signed")
        assert not Axe().run(page).response["violations"]
        page.keyboard.press("Escape")
        _, content = saved(page, "#save")
        page.set_input_files("#more", str(clip))
        page.wait_for_selector("#film-signed")
        page.check("#film-signed")
        _, film = saved(page, "#film-save")
        page.close()
    finally:
        server.stop()
    for made, kind in ((content, "image/jpeg"), (film, "video/mp4")):
        found = credentials.read(io.BytesIO(made), kind)
        assert found is not None
        assert found.is_valid


def test_larger_pictures_are_reduced_in_files_and_archives(
    page: Page, portrait: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    Image.open(portrait).resize((900, 700)).save(large)
    opened(page, large)
    page.click("#saving-open")
    page.select_option("#longest", "640")
    page.keyboard.press("Escape")
    assert page.inner_text("#saving-said") == "Saved with at most 640 pixels on a side."
    _, content = saved(page, "#save")
    assert Image.open(io.BytesIO(content)).size == (640, 498)


@pytest.mark.parametrize(
    ("kind", "name", "format", "size"),
    [
        ("jpeg", "grandmother.before-after.jpg", "JPEG", (1029, 512)),
        ("png", "grandmother.before-after.png", "PNG", (1029, 512)),
        ("fade", "grandmother.before-after.webp", "WEBP", (512, 512)),
    ],
)  # fmt: skip
def test_before_and_after_are_one_picture(
    page: Page, portrait: Path, kind: str, name: str, format: str, size: tuple[int, int]
) -> None:
    opened(page, portrait)
    found, content = pair(page, kind)
    assert found == name
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == (format, size)
    assert getattr(picture, "n_frames", 1) == (18 if kind == "fade" else 1)
    assert f"Saved {name}" in page.inner_text("#notices")


def test_before_and_after_have_the_hints_and_the_part_that_is_kept(
    page: Page, portrait: Path
) -> None:
    opened(page, portrait)
    page.fill("#vividness", "0")
    _, content = pair(page, "png")
    pixels = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    assert (pixels[:, :512] == pixels[:, -512:]).all()


def test_a_slider_works_offline_with_mouse_and_keys(
    page: Page, browser: Any, portrait: Path, tmp_path: Path
) -> None:
    opened(page, portrait)
    name, content = pair(page, "slider")
    assert name == "grandmother.before-after.html"
    target = tmp_path / name
    target.write_bytes(content)
    context = browser.new_context(viewport={"width": 800, "height": 700}, offline=True)
    asked: list[str] = []
    slider = context.new_page()
    slider.on("request", lambda request: asked.append(request.url))
    slider.goto(target.as_uri())
    at = "() => document.getElementById('pair').style.getPropertyValue('--at')"
    shown = "() => [...document.images].every((each) => each.naturalWidth === 512)"
    until(slider, "both pictures", shown)
    assert slider.evaluate(at) == "50%"
    x, y = middle(slider, "#pair")
    slider.mouse.move(x, y)
    slider.mouse.down()
    slider.mouse.move(x - 100, y)
    slider.mouse.up()
    dragged = float(slider.evaluate(at).removesuffix("%"))
    width = slider.locator("#pair").bounding_box()["width"]
    assert dragged == pytest.approx(50 - 100 * 100 / width, abs=1)
    slider.keyboard.press("End")
    assert slider.evaluate(at) == "100%"
    slider.keyboard.press("ArrowLeft")
    assert slider.evaluate(at) == "99.5%"
    assert all(each.startswith(("file:", "data:")) for each in asked)
    context.close()


def test_a_pair_that_cannot_be_made_is_named(page: Page, portrait: Path, served: Served) -> None:
    opened(page, portrait)
    page.click("#saving-open")
    served.stop()
    try:
        page.click("#pair-save")
        until(page, "why", "() => document.getElementById('errors').textContent")
        assert "grandmother.jpg: The server does not respond" in page.inner_text("#errors")
        assert not page.locator("#saving").is_visible()
    finally:
        served.start()


def test_a_slider_is_accessible(page: Page, browser: Any, portrait: Path, tmp_path: Path) -> None:
    opened(page, portrait)
    name, content = pair(page, "slider")
    (tmp_path / name).write_bytes(content)
    for scheme in ("light", "dark"):
        context = browser.new_context(bypass_csp=True, color_scheme=scheme)
        slider = context.new_page()
        slider.goto((tmp_path / name).as_uri())
        assert not Axe().run(slider).response["violations"]
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_is_accessible(
    page_of: Callable[..., Page], portrait: Path, scheme: str
) -> None:
    page = page_of(color_scheme=scheme, bypass_csp=True)
    opened(page, portrait)
    page.focus("#saving-open")
    page.keyboard.press("Enter")
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.id") == "saving-open"


def test_the_line_is_seen_on_a_telephone(page_of: Callable[..., Page], portrait: Path) -> None:
    page = page_of(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened(page, portrait)
    with page.expect_download():
        page.tap("#save")
    line = page.locator("#notices .notice").first
    line.wait_for(state="visible")
    box = line.bounding_box()
    assert 0 <= box["y"] < 844 - box["height"]
