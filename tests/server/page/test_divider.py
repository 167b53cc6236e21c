"""The divider between the two pictures: where it starts, and that it hides no hints."""

from __future__ import annotations

from pathlib import Path

from .driver import Page, at, coloured, drag, opened, points, shown, until


def share(page: Page) -> float:
    """Position of the divider, in shares of the picture."""
    found: float = page.evaluate(
        """() => {
            const line = document.getElementById('line').getBoundingClientRect();
            const view = document.getElementById('view').getBoundingClientRect();
            return (line.left + line.width / 2 - view.left) / view.width;
        }"""
    )
    return found


def move_divider(page: Page, place: float) -> None:
    drag(page, at(page, share(page), 0.15), at(page, place, 0.15))


def test_it_starts_at_the_left_edge_once_there_are_hints(page: Page, scans: list[Path]) -> None:
    opened(page, *scans)
    assert abs(share(page) - 0.3) < 0.01
    coloured(page, "navy", (0.7, 0.7))
    assert share(page) < 0.01
    page.locator("#strip-list .thumb").nth(1).click()
    shown(page)
    assert abs(share(page) - 0.3) < 0.01
    page.locator("#strip-list .thumb").nth(0).click()
    shown(page)
    assert share(page) < 0.01
    page.wait_for_timeout(600)  # until it is written down
    page.reload()
    shown(page)
    assert share(page) < 0.01


def test_a_dot_in_the_grey_half_moves_it(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    move_divider(page, 0.7)
    assert abs(share(page) - 0.7) < 0.02
    page.mouse.click(*at(page, 0.5, 0.6))
    assert abs(share(page) - 0.7) < 0.02  # a click alone changes nothing
    page.hover("#usual button[aria-label='grass']")
    until(page, "another place of the divider", "() => document.getElementById('split').value < 40")
    assert 0 < share(page) < 0.4
    page.keyboard.press("Escape")
    assert abs(share(page) - 0.7) < 0.02
    coloured(page, "grass", (0.5, 0.6))
    assert 0 < share(page) < 0.4
    assert points(page) == 1


def test_a_stroke_that_begins_in_the_grey_half_moves_it(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    move_divider(page, 0.6)
    page.click("[data-choose-tool=brush]")
    drag(page, at(page, 0.8, 0.7), at(page, 0.4, 0.8))
    page.click("#usual button[aria-label='navy']")
    shown(page)
    assert share(page) < 0.3


def test_a_dot_in_the_colored_half_leaves_it_where_somebody_put_it(
    page: Page, portrait: Path
) -> None:
    opened(page, portrait)
    move_divider(page, 0.4)
    coloured(page, "navy", (0.8, 0.5))
    assert abs(share(page) - 0.4) < 0.02


def test_the_keyboard_places_it_too(page: Page, portrait: Path) -> None:
    opened(page, portrait)
    page.focus("#split")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    coloured(page, "navy", (0.8, 0.5))
    assert abs(share(page) - 0.35) < 0.02
