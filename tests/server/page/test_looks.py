"""Looks are chosen by mouse, keys and touch; variants are offered if they are plausible."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from retint.picture.looks import LOOKS
from retint.server.api import look_routes
from retint.server.api.coloring import Studio

from .driver import Page, changed, coloured, opened, shown, until

THUMBNAILS = """() => {
    const all = [...document.querySelectorAll("#looks img")].map(({ src }) => src);
    const shown = [...document.querySelectorAll("#looks img")].every(({ hidden }) => !hidden);
    return shown && all.length && all.every((each) => each.startsWith("data:")) && all;
}"""


def thumbnails(page: Page, old: list[str] | None = None) -> list[str]:
    """The small pictures, other than the old ones."""
    script = (
        THUMBNAILS if old is None else f"(old) => ({THUMBNAILS})()?.[0] !== old && ({THUMBNAILS})()"
    )
    found: list[str] = until(page, "small pictures", script, old and old[0])
    return found


def pixels(source: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))


def test_small_pictures_show_this_photograph_in_each_look(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    first = thumbnails(page)
    assert len(set(first)) == len(LOOKS)
    assert [each.strip() for each in page.locator("#looks label").all_inner_texts()] == [
        each.title for each in LOOKS.values()
    ]
    assert page.is_checked("[name=look][value=natural]")
    coloured(page)
    hinted = thumbnails(page, first)
    assert (pixels(first[0]) != pixels(hinted[0])).any()


def test_one_request_brings_all_of_them_and_a_look_brings_none(page: Page, portrait: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = opened(page, portrait)
    thumbnails(page)
    page.click("text=Kodachrome-like")
    changed(page, before)
    page.wait_for_timeout(700)
    assert sum(each.endswith("/looks") and "/sessions/" in each for each in asked) == 1


def test_a_look_is_chosen_with_the_mouse(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.click("text=Hand-tinted")
    before = changed(page, before)
    assert "gray" in page.inner_text("#look-help")
    page.click("text=Natural")
    changed(page, before)


def test_a_look_is_chosen_with_the_keys(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.focus("[name=look][value=natural]")
    page.keyboard.press("ArrowRight")
    before = changed(page, before)
    assert page.is_checked("[name=look][value=vivid]")
    page.keyboard.press("ArrowLeft")
    changed(page, before)
    assert page.is_checked("[name=look][value=natural]")


def test_a_look_is_chosen_by_touch(page_of: Callable[..., Page], portrait: Path) -> None:
    page = page_of(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    before = opened(page, portrait)
    label = page.locator("#looks label", has_text="Warm print")
    label.scroll_into_view_if_needed()
    assert label.bounding_box()["height"] >= 44
    label.tap()
    changed(page, before)
    assert page.is_checked("[name=look][value=warm-print]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_small_pictures_show_all_of_a_tall_photograph(
    page: Page, tmp_path: Path, grey: NDArray[np.uint8]
) -> None:
    path = tmp_path / "tall.png"
    Image.fromarray(grey[:, 150:300]).save(path)
    opened(page, path)
    thumbnails(page)
    assert (
        page.eval_on_selector("#looks img", "each => getComputedStyle(each).objectFit") == "contain"
    )
    width, height = page.eval_on_selector(
        "#looks img", "each => [each.naturalWidth, each.naturalHeight]"
    )
    assert abs(width / height - 150 / 512) < 0.02


def test_each_photograph_has_its_own_small_pictures(page: Page, scans: list[Path]) -> None:
    opened(page, *scans[:2])
    first = thumbnails(page)
    page.locator("#strip-list button").nth(1).click()
    assert thumbnails(page, first) != first


def test_warmth_is_a_slider(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.fill("#warmth", "1")
    before = changed(page, before)
    page.click("#undo")
    changed(page, before)
    assert page.input_value("#warmth") == "0"


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds that were asked for; each other one is implausible."""
    seeds: list[int] = []
    predicted = Studio.predicted

    def sample(studio: Studio, session: Any, wish: Any) -> Any:
        if not wish.seed:
            return predicted(studio, session, wish)
        seeds.append(wish.seed)
        quick = wish.model_copy(update={"method": "unet", "seed": None})
        return predicted(studio, session, quick)

    monkeypatch.setattr(Studio, "predicted", sample)
    monkeypatch.setattr(look_routes, "is_plausible", lambda *_: seeds[-1] % 2 == 0)
    return seeds


@pytest.mark.usefixtures("sampled")
def test_only_plausible_variants_are_offered(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.click("#variants")
    page.locator("#proposals button").nth(3).wait_for()
    assert page.locator("#proposals > *").count() == 4
    assert page.eval_on_selector_all(
        "#proposals button", "all => all.map(({ dataset }) => Number(dataset.seed))"
    ) == [2, 4, 6, 8]
    assert (
        page.eval_on_selector("#proposals img", "each => getComputedStyle(each).objectFit")
        == "contain"
    )


def test_there_may_be_fewer_plausible_variants(
    page: Page, portrait: Path, sampled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_routes, "is_plausible", lambda *_: sampled[-1] == 3)
    opened(page, portrait)
    page.click("#variants")
    until(
        page,
        "a notice",
        "() => document.getElementById('notices').textContent.includes('Only 1 of')",
    )
    assert page.locator("#proposals > *").count() == 1


@pytest.mark.alone
def test_a_variant_is_chosen_and_left_again(page: Page, portrait: Path) -> None:
    before = opened(page, portrait)
    page.click("#variants")
    page.locator("#proposals button").first.wait_for(timeout=60_000)
    page.locator("#proposals button").first.click()
    before = changed(page, before)
    assert page.input_value("#method") == "chroma-diffusion"
    assert page.get_attribute("#proposals button >> nth=0", "aria-pressed") == "true"
    page.click("text=Vivid")
    before = changed(page, before)
    assert page.input_value("#method") == "chroma-diffusion"
    page.click("#variants")
    changed(page, before)
    assert page.input_value("#method") == "guided-unet"
    assert page.locator("#proposals > *").count() == 0
    shown(page)
