"""The site built by `make docs`, opened from disk, in light and dark themes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlencode

import pytest

SITE = Path(__file__).parents[2] / "site" / "html"
pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").exists() and os.environ.get("RETINT_SITE") != "required",
    reason="make docs builds the site",
)
PAGES = ("index", "install", "faq", "gallery", "hints", "api", "options", "notebooks/diffusion")
SEARCHES = {
    "dress brown": "faq",
    "arm grey": "faq",
    "leave my computer": "faq",
    "print sell": "terms",
    "license": "terms",
    "licence": "terms",
    "newspaper": "terms",
    "install Windows": "install",
    "DLL load failed": "install",
    "macOS": "install",
    "telephone": "install",
    "phone": "install",
    "offline": "install",
    "Docker": "install",
    "GPU": "install",
    "uvx": "install",
    "choose method": "methods",
    "Lightroom": "editors",
    "darktable": "editors",
    "digiKam": "editors",
    "Immich": "editors",
}
"""Words that people search for, and the page that must be among the first five results."""
SCHEMES = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
]


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page of the site; nothing may be asked of any server, and nothing may fail."""
    contexts, faults = [], []

    def build(name: str, **options: Any) -> Any:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: outside(request.url))
        page.goto((SITE / f"{name}.html").as_uri())
        return page

    def outside(url: str) -> None:
        if not url.startswith(("file:", "data:")):
            faults.append(f"asked for {url}")

    yield build
    for context in contexts:
        context.close()
    assert not faults


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark", "telephone"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible(
    opened: Callable[..., Any], name: str, scheme: dict[str, Any]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name, **scheme)
    found = Axe().run(page)
    serious = [
        (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious
    assert page.evaluate("[...document.styleSheets].length > 2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_search_works_from_the_disk(opened: Callable[..., Any]) -> None:
    page = opened("search")
    page.fill("#searchbox input[name=q], input.sidebar-search, input[name=q]", "kriging")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li a", timeout=20_000)
    assert page.locator("ul.search li a").count() >= 1


@pytest.mark.parametrize(("words", "name"), SEARCHES.items())
def test_search_finds_what_people_look_for(
    opened: Callable[..., Any], words: str, name: str
) -> None:
    page = opened("search")
    page.goto(f"{(SITE / 'search.html').as_uri()}?{urlencode({'q': words})}")
    page.wait_for_selector("ul.search li a", timeout=20_000)
    found = page.eval_on_selector_all("ul.search li a", "links => links.map((each) => each.href)")
    assert f"{name}.html" in [urldefrag(each)[0].rpartition("/")[2] for each in found[:5]]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "telephone"])
def test_terms_are_on_the_first_screen(opened: Callable[..., Any], size: tuple[int, int]) -> None:
    page = opened("index", viewport={"width": size[0], "height": size[1]})
    link = page.locator("article a[href^='terms.html']").first
    assert link.bounding_box()["y"] < size[1]


def test_a_slider_moves_the_line_between_grey_and_colour(opened: Callable[..., Any]) -> None:
    page = opened("gallery")
    pair = page.locator(".compare .pair").first
    before = pair.locator(".before")
    wide = before.evaluate("(image) => getComputedStyle(image).clipPath")
    pair.locator("input").fill("20")
    assert before.evaluate("(image) => getComputedStyle(image).clipPath") != wide
    assert page.evaluate(
        "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    )


def test_the_page_without_a_server_is_part_of_the_site() -> None:
    assert 'href="try/index.html"' in (SITE / "browser.html").read_text("utf-8")
    for name in ("index.html", "sw.js", "facts.json"):
        assert (SITE / "try" / name).is_file()


def test_internal_links_are_not_broken() -> None:
    broken = []
    ids: dict[Path, set[str]] = {}

    def ids_of(path: Path) -> set[str]:
        if path not in ids:
            ids[path] = set(re.findall(r'\bid="([^"]+)"', path.read_text("utf-8")))
        return ids[path]

    for page in SITE.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]*)"', page.read_text("utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            path, fragment = urldefrag(unquote(link))
            path = path.partition("?")[0]
            target = (page.parent / path).resolve() if path else page
            exists = target.exists()
            if not exists or (
                fragment and target.suffix == ".html" and fragment not in ids_of(target)
            ):
                broken.append(f"{page.relative_to(SITE)}: {link}")
    assert not broken
