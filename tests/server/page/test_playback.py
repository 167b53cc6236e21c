"""A coloured film is played beside the original."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.film.clips import moving, write

from .driver import Page, after, drop, until

BOTH = "() => [...document.querySelectorAll('video')].map((each) => each.currentTime)"
READY = """() => [...document.querySelectorAll('video')]
           .every(({ readyState, videoWidth }) => readyState >= 2 && videoWidth === 128)"""
STILL = """() => [...document.querySelectorAll('video')]
           .every((each) => each.paused && !each.seeking)"""
SHOWN = "() => !document.getElementById('film-play').hidden"


def coloured_film(page: Page, path: Path) -> None:
    drop(page, "#drop", path)
    after(page)
    assert page.is_hidden("#film-play")
    with page.expect_download(timeout=120_000):
        page.click("#film-save")
    until(page, "the button", SHOWN)


def test_a_film_plays_in_step_with_the_original(page: Page, tmp_path: Path) -> None:
    coloured_film(page, write(tmp_path / "walk.mp4", moving(72, (96, 128))))
    page.reload()  # the server knows that the film is finished
    after(page)
    until(page, "the button", SHOWN)
    page.focus("#film-play")
    page.keyboard.press("Enter")
    until(page, "both films", READY)
    page.keyboard.press(" ")
    until(
        page, "that it plays", "() => document.getElementById('playback-after').currentTime > 0.6"
    )
    page.keyboard.press(" ")
    until(page, "that both stop", STILL)
    before, now = page.evaluate(BOTH)
    assert before == pytest.approx(now, abs=0.13)
    page.evaluate("() => { document.getElementById('playback-after').currentTime = 2 }")
    until(page, "the same place",
          "() => document.getElementById('playback-before').currentTime === 2")  # fmt: skip
    assert page.inner_text("#playback-said") == ""
    page.keyboard.press("Escape")
    until(page, "the page", "() => !document.getElementById('playback').open")
    # The dialog says only after it is closed that it is.
    until(page, "that films are released", "() => !document.querySelector('video[src]')")
    assert page.evaluate("() => document.activeElement.id") == "film-play"


def test_what_the_browser_does_not_play_is_named(page: Page, tmp_path: Path) -> None:
    film = write(tmp_path / "walk.mkv", moving(24, (96, 128)), codec="ffv1")
    coloured_film(page, film)
    page.click("#film-play")
    until(page, "why", "() => document.getElementById('playback-said').textContent")
    assert "does not play the original" in page.inner_text("#playback-said")
    page.click("#playback-close")
    assert page.inner_text("#errors") == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_player_is_accessible(
    page_of: Callable[..., Page], tmp_path: Path, scheme: str
) -> None:
    page: Any = page_of(color_scheme=scheme, bypass_csp=True)
    coloured_film(page, write(tmp_path / "walk.mp4", moving(24, (96, 128))))
    page.click("#film-play")
    until(page, "both films", READY)
    found = Axe().run(page).response["violations"]
    assert not [each for each in found if each["impact"] in ("serious", "critical")]
