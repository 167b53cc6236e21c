"""Actions of users on the page, with the results to wait for."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

PATIENCE = 30
"""Seconds that the slowest machine may take."""
Page = Any


def until(page: Page, said: str, script: str, argument: Any = None) -> Any:
    """Wait until a script finds something; the page's policy lets nobody evaluate texts in it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := page.evaluate(script, argument):
            return found
        page.wait_for_timeout(30)
    raise AssertionError(f"not within {PATIENCE} s: {said}")


def after(page: Page) -> str:
    """Where the picture in colour is now."""
    return str(
        until(page, "a picture in colour",
              "() => { const it = document.getElementById('after'); "
              "return !it.hidden && it.naturalWidth && "
              "document.getElementById('busy').hidden && it.src; }")
    )  # fmt: skip


def changed(page: Page, before: str) -> str:
    return str(
        until(page, "another picture",
              "(old) => { const it = document.getElementById('after'); "
              "return it.src !== old && !it.hidden && it.naturalWidth && it.src; }", before)
    )  # fmt: skip


def pixel(page: Page, x: float, y: float, image: str = "after") -> list[int]:
    """Of an image that is shown, at shares of its size."""
    found: list[int] = page.evaluate(
        """([id, x, y]) => {
            const image = document.getElementById(id);
            const context = new OffscreenCanvas(1, 1).getContext("2d");
            context.drawImage(image, Math.floor(x * image.naturalWidth) - 2,
                              Math.floor(y * image.naturalHeight) - 2, 5, 5, 0, 0, 1, 1);
            return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }""",
        [image, x, y],
    )
    return found


def opened(page: Page, *paths: Path) -> str:
    page.set_input_files("#files", list(paths))
    return after(page)


def middle(page: Page, selector: str) -> tuple[float, float]:
    return at(page, 0.5, 0.5, selector)


def at(page: Page, x: float, y: float, selector: str = "#view") -> tuple[float, float]:
    """Where in the window a place of an element is, in shares of it."""
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def coloured(page: Page, name: str = "navy", place: tuple[float, float] = (0.5, 0.5)) -> None:
    """Place a colour."""
    page.mouse.click(*at(page, *place))
    chosen(page, name)


def chosen(page: Page, name: str) -> None:
    """Choose a colour in the popover."""
    count = points(page)
    page.click(f"#usual button[aria-label='{name}']")
    until(page, "a dot", "(n) => document.querySelectorAll('.dot').length > n", count)
    shown(page)


def shown(page: Page) -> None:
    """Wait until what was asked for is seen."""
    page.wait_for_timeout(80)  # a colour is tried when one has rested on it
    until(page, "the picture", "() => document.getElementById('stage').ariaBusy === 'false'")
    after(page)


def points(page: Page) -> int:
    return int(page.locator(".dot").count())


def drag(page: Page, begin: tuple[float, float], *others: tuple[float, float]) -> None:
    page.mouse.move(*begin)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


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
