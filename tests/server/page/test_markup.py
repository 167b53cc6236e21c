"""The page displays texts of clients and files as text, never as markup."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.film.clips import moving, write

from .driver import Page, after, drop, opened, until

MARKUP = "<img src=x onerror=window.ran=1><script>window.ran=1<!script>\"'>"
"""As a name of a file may be: it has no slash."""


def is_harmless(page: Page) -> None:
    """Nothing of the markup has become an element, and nothing has run."""
    assert page.evaluate("() => window.ran") is None
    assert page.locator("img[src=x], img[onerror], body script:not([src])").count() == 0


def picture(path: Path, grey: NDArray[np.uint8]) -> Path:
    exif = Image.Exif()
    for tag in (0x010D, 0x010E, 0x0131, 0x013B, 0x8298):  # name, description, software, artist, ...
        exif[tag] = MARKUP
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><![CDATA['
        + MARKUP
        + "]]></dc:title>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    Image.fromarray(grey[::4, ::4]).save(path, exif=exif, xmp=packet.encode(), comment=MARKUP)
    return path


def test_names_of_pictures_are_shown_as_text(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    one = picture(tmp_path / f"{MARKUP}.jpg", grey)
    broken = tmp_path / f"broken{MARKUP}.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    opened(page, one, broken)
    until(page, "what is broken", "() => document.getElementById('errors').textContent")
    assert MARKUP in page.inner_text("#errors")
    is_harmless(page)
    with page.expect_download() as download:
        page.click("#save")
    assert "/" not in download.value.suggested_filename
    page.reload()  # the browser keeps what was open
    after(page)
    is_harmless(page)
    titles = page.eval_on_selector_all("#strip-list .thumb", "all => all.map(e => e.title)")
    assert any(MARKUP in each for each in titles) or MARKUP in page.inner_text("body")


def test_colours_of_a_hints_file_are_shown_as_text(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    opened(page, picture(tmp_path / "a.jpg", grey))
    for place, color in enumerate(
        (MARKUP, "url(http://evil.example/x)", "red;} body{display:none")
    ):
        hints = tmp_path / "a.json"
        point = {"x": 9, "y": 9, "color": color}
        hints.write_text(json.dumps({"version": 1, "size": [128, 128], "points": [point]}))
        drop(page, "#stage", hints)
        if place:
            page.click("#question-yes")
        until(page, "a refusal", "() => document.getElementById('errors').textContent")
        page.click("#errors .close")
        is_harmless(page)
        assert page.is_visible("#stage")


def test_the_title_of_a_film_is_shown_as_text(page: Page, tmp_path: Path) -> None:
    clip = write(tmp_path / f"{MARKUP}.mp4", moving(12, (96, 128)))
    drop(page, "#drop", clip)
    after(page)
    until(page, "its title", "() => document.getElementById('film-said').textContent")
    assert MARKUP in page.inner_text("#film-said")
    is_harmless(page)
