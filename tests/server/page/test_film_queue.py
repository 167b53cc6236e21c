"""The queue of films on the page when the page is reloaded or the server is away: none is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.film.clips import moving, write

from .driver import Page, after, drop, until

EMPTY = "() => document.getElementById('film-queue').hidden"


@pytest.fixture
def film(page: Page, tmp_path: Path) -> Page:
    """The page with a short film."""
    drop(page, "#drop", write(tmp_path / "one.mp4", moving(16, (96, 128))))
    after(page)
    return page


def save(page: Page) -> list[str]:
    """Save the film; returns the names of the files that the browser saves."""
    found: list[str] = []
    page.on("download", lambda download: found.append(download.suggested_filename))
    page.click("#film-save")
    until(page, "it in the queue", "() => document.getElementById('film-save').disabled")
    until(page, "no queue", EMPTY)
    page.wait_for_timeout(500)  # the browser tells of a download a little later
    return found


def test_a_request_for_progress_that_fails_loses_no_film(film: Page) -> None:
    asked = []

    def fail_once(route: Any) -> None:
        asked.append(route.request.url)
        route.abort("connectionreset") if len(asked) == 1 else route.fallback()

    film.route("**/v1/films/*", fail_once)
    assert save(film) == ["one.retint.mp4"]
    assert len(asked) > 1
    assert not film.inner_text("#errors")


def test_a_film_that_the_server_has_begun_unheard_is_not_lost(film: Page) -> None:
    begun = []

    def lose_the_answer(route: Any) -> None:
        begun.append(route.request.url)
        if len(begun) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.fallback()

    film.route("**/v1/films/*/colorize", lose_the_answer)
    assert save(film) == ["one.retint.mp4"]
    assert not film.inner_text("#errors")


def test_a_reload_during_a_request_for_progress_loses_no_film(film: Page) -> None:
    found: list[str] = []
    film.on("download", lambda download: found.append(download.suggested_filename))
    asked: list[Any] = []
    film.route("**/v1/films/*", lambda route: asked.append(route))  # without an answer
    film.click("#film-save")
    while not asked:
        film.wait_for_timeout(30)
    film.unroute("**/v1/films/*")
    film.reload()
    after(film)
    until(film, "no queue", EMPTY)
    film.wait_for_timeout(500)
    assert found == ["one.retint.mp4"]
