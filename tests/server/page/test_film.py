"""Films on the page: stills of shots, hints that are followed, and the coloured film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.film.clips import moving, write

from .driver import Page, after, at, chosen, drop, points, shown, until

OTHERS = """(old) => {
    const now = [...document.querySelectorAll('#followers img')].map(({ src }) => src);
    return now.length === 3 && now[0] !== old[0] && now;
}"""
FRAMES = "() => [...document.querySelectorAll('#followers img')].map(({ src }) => src)"
BLUE = """async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(image, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two shots, of 4:3 and large enough to be clicked on."""
    size = (192, 256)
    bright, dark = moving(30, size), [each * 0.4 for each in moving(20, size, seed=5)]
    return write(tmp_path / "walk.mp4", [*bright, *dark], sound=True)


def followers(page: Page, old: list[str] | None = None) -> list[str]:
    found: list[str] = until(page, "three others", OTHERS, old or [])
    return found


def test_a_film_is_dropped_hinted_followed_and_saved(
    page: Page, clip: Path, tmp_path: Path
) -> None:
    drop(page, "#drop", clip)
    after(page)
    until(page, "two stills", "() => document.querySelectorAll('#strip-list li').length === 2")
    assert "2 shots, 50 frames" in page.inner_text("#film-said")
    assert page.is_hidden("#sliders")
    plain = followers(page)
    page.mouse.click(*at(page, 0.5, 0.5))
    chosen(page, "navy")
    assert points(page) == 1
    told = followers(page, plain)
    before, now = (np.array(page.evaluate(BLUE, each[0])) for each in (plain, told))
    assert (now - before)[2] > (now - before)[0]
    page.click("#strip-list li:nth-child(2) .thumb")
    shown(page)
    assert not set(told) & set(page.evaluate(FRAMES))
    with page.expect_download(timeout=120_000) as download:
        page.click("#film-save")
        until(page, "progress", "() => document.querySelector('#film-list progress:not([hidden])')")
    target = tmp_path / download.value.suggested_filename
    assert target.name == "walk.retint.mp4"
    download.value.save_as(target)
    with av.open(str(target), "r") as film:
        assert len(film.streams.audio) == 1
        frames = [each.to_ndarray(format="rgb24").astype(int) for each in film.decode(video=0)]
    assert len(frames) == 50
    assert frames[0][..., 2].mean() > frames[0][..., 0].mean()
    assert page.is_enabled("#film-save")


def test_a_smaller_film_is_saved(page: Page, clip: Path) -> None:
    drop(page, "#drop", clip)
    after(page)

    def size() -> int:
        with page.expect_download(timeout=120_000) as download:
            page.click("#film-save")
        until(page, "the end", "() => !document.getElementById('film-save').disabled")
        return Path(download.value.path()).stat().st_size

    usual = size()
    page.select_option("#film-quality", label="smallest file (CRF 25)")
    assert size() < 0.8 * usual


def test_a_film_can_be_stopped(page: Page, clip: Path) -> None:
    drop(page, "#drop", clip)
    after(page)
    page.click("#film-save")
    page.click("#film-list button")
    until(page, "that it has stopped", "() => !document.getElementById('film-save').disabled")
    assert "was stopped" in page.inner_text("#notices")
    assert page.is_hidden("#film-queue")


def test_a_part_is_saved_in_another_format(page: Page, tmp_path: Path) -> None:
    dark = [each * 0.4 for each in moving(20, (96, 128), seed=5)]
    drop(page, "#drop", write(tmp_path / "walk.mp4", [*moving(30, (96, 128)), *dark]))
    after(page)
    page.click("#strip-list li:nth-child(2) .thumb")
    shown(page)
    page.click("#film-shot")
    assert page.input_value("#film-start") == "0:01.250"
    page.select_option("#film-format", "mkv")
    page.select_option("#film-quality", label="lossless (FFV1 in MKV)")
    page.reload()
    after(page)
    assert page.input_value("#film-end") == "0:02.083"
    assert page.is_disabled("#film-format")
    with page.expect_download(timeout=120_000) as download:
        page.click("#film-save")
    assert download.value.suggested_filename == "walk.retint.mkv"
    download.value.save_as(tmp_path / "part.mkv")
    with av.open(str(tmp_path / "part.mkv"), "r") as film:
        assert film.streams.video[0].codec_context.name == "ffv1"
        assert sum(1 for _ in film.decode(video=0)) == 20
    page.fill("#film-start", "7:xx")
    page.click("#film-save")
    until(page, "why", "() => document.getElementById('errors').textContent")
    assert "walk.mp4: '7:xx' is not a valid time" in page.inner_text("#errors")
    page.click("#film-whole")
    assert page.input_value("#film-start") == page.input_value("#film-end") == ""


def test_films_wait_in_a_queue_that_survives_a_reload(page: Page, tmp_path: Path) -> None:
    clips = [
        write(tmp_path / f"{name}.mp4", moving(16, (96, 128), seed=k))
        for k, name in enumerate(("one", "two", "three"))
    ]
    found = []
    page.on("download", lambda download: found.append(download.suggested_filename))
    drop(page, "#drop", *clips)
    after(page)
    current = (
        "(k) => [...document.querySelectorAll('#strip-list .thumb')][k - 1]?.ariaCurrent === 'true'"
    )
    until(page, "the last", current, 3)
    for k in (1, 2, 3):
        page.click(f"#strip-list li:nth-child({k}) .thumb")
        until(page, "it", current, k)
        page.click("#film-save")
        until(page, "that it waits", "() => document.getElementById('film-save').disabled")
        assert page.inner_text("#film-save") == "In the queue"
    items = page.locator("#film-list li")
    assert items.count() == 3
    assert "waiting" in items.nth(2).inner_text()
    page.click("#film-list button[aria-label='Remove two.mp4']")
    assert items.count() == 2
    page.reload()
    until(page, "the queue", "() => !document.getElementById('film-queue').hidden")
    until(page, "no queue", "() => document.getElementById('film-queue').hidden")
    while len(found) < 2:  # the browser tells of a download a little later
        page.wait_for_event("download")
    assert sorted(found) == ["one.retint.mp4", "three.retint.mp4"]


def test_stills_survive_a_reload_and_photographs_have_no_film(
    page: Page, clip: Path, scans: list[Path]
) -> None:
    drop(page, "#drop", clip)
    after(page)
    page.reload()
    after(page)
    assert page.is_visible("#film-save")
    followers(page)
    page.set_input_files("#more", [scans[0]])
    until(page, "the photograph", "() => document.getElementById('film').hidden")
    shown(page)
    assert page.is_hidden("#followers")
    assert page.locator("#strip-list li").count() == 3


def test_invalid_films_are_reported(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")
    drop(page, "#drop", broken)
    until(page, "why", "() => document.getElementById('errors').textContent")
    assert "broken.mp4: not a readable film" in page.inner_text("#errors")
    assert page.is_visible("#drop")


def test_a_film_that_the_server_has_deleted_is_named(page: Page, clip: Path, address: str) -> None:
    drop(page, "#drop", clip)
    after(page)
    id = page.evaluate(
        "() => performance.getEntriesByType('resource').map(({ name }) => name)"
        ".find((name) => name.includes('/frame?')).match(/films\\/([^/]+)/)[1]"
    )
    assert page.request.delete(f"{address}v1/films/{id}").status == 204
    page.click("#film-save")
    until(page, "why", "() => document.getElementById('errors').textContent")
    assert "open it again" in page.inner_text("#errors")
    assert page.is_enabled("#film-save")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_choices_and_the_queue_are_accessible(
    page_of: Callable[..., Page], clip: Path, scheme: str
) -> None:
    page = page_of(color_scheme=scheme, bypass_csp=True)
    drop(page, "#drop", clip)
    after(page)
    page.click("#film-shot")
    page.select_option("#film-quality", "lossless")
    page.click("#film-save")
    page.locator("#film-list li").wait_for()
    assert not Axe().run(page).response["violations"]
    # The film may be finished by now.
    page.evaluate("document.querySelector('#film-list button')?.click()")
    until(page, "no queue", "() => document.getElementById('film-queue').hidden")
