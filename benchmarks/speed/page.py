"""Measures waiting times on the page, in headless Chromium, and the server's own time.

    python benchmarks/speed/page.py [--times 20]

Times are from the event until the picture is loaded, by the page's own clock. Requires the test
tools and Chromium. The picture is one of scikit-image, enlarged.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import httpx
import skimage.data
from PIL import Image
from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SHOWN = "() => document.getElementById('stage').ariaBusy === 'false'"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "retint", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        (address,) = re.findall(r"http://\S+/", server.stdout.readline())
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            measure(browser, address, folder, times)
            browser.close()
        measure_server(address, picture(folder, 1000), times)
    finally:
        server.terminate()
        server.wait()


def picture(folder: Path, side: int) -> Path:
    path = folder / f"{side}.jpg"
    if not path.exists():
        grey = skimage.data.camera()  # type: ignore[no-untyped-call]
        large = cv2.resize(grey, (side, side), interpolation=cv2.INTER_CUBIC)
        Image.fromarray(large).save(path, quality=92)
    return path


def measure(browser: Any, address: str, folder: Path, times: int) -> None:
    one = picture(folder, 1000)
    fresh(browser, address, one)  # loads the networks
    say("drop to color, 1 MP", [drop(browser, address, one) for _ in range(times)])
    say("drop to color, 40 MP", [drop(browser, address, picture(folder, 6325)) for _ in range(5)])
    say("new picture, immediate click, color chosen: new color",
        [first_hint(browser, address, one) for _ in range(times)])  # fmt: skip
    page = fresh(browser, address, one)
    say("hover over a color: preview", hover(page, times))
    page.context.close()
    page = fresh(browser, address, one, picture(folder, 900))
    page.wait_for_timeout(3000)
    say("switch to another open picture", switch(page, times))
    page.context.close()
    queue(browser, address, folder)


def say(what: str, seconds: list[float]) -> None:
    print(f"{what}: median {1000 * statistics.median(seconds):.0f} ms, maximum "
          f"{1000 * max(seconds):.0f} ms, of {len(seconds)}", flush=True)  # fmt: skip


def fresh(browser: Any, address: str, *paths: Path) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    page.evaluate(CLOCK)
    page.wait_for_timeout(300)
    page.set_input_files("#files", list(paths))
    seen(page, "")
    return page


def seen(page: Any, before: str) -> str:
    """Wait for another decoded picture in colour; return its URL."""
    while True:
        found = page.evaluate(
            """(old) => { const it = document.getElementById("after");
                return it.src && it.src !== old && it.complete && it.naturalWidth && it.src; }""",
            before,
        )
        if found:
            return str(found)
        page.wait_for_timeout(5)


CLOCK = """() => {
    for (const event of ["change", "click", "pointerover"]) {
        addEventListener(event, () => (window.began = performance.now()), { capture: true });
    }
    document.getElementById("after").addEventListener("load", () => {
        window.seconds = (performance.now() - window.began) / 1000;
    });
}"""


def timed(page: Any, act: Callable[[], Any]) -> float:
    """Seconds from an action to a new picture."""
    page.evaluate("() => { window.seconds = 0; }")
    act()
    while not (found := page.evaluate("() => window.seconds")):
        page.wait_for_timeout(5)
    return float(found)


def drop(browser: Any, address: str, path: Path) -> float:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    page.evaluate(CLOCK)
    page.wait_for_timeout(300)
    seconds = timed(page, lambda: page.set_input_files("#files", path))
    page.context.close()
    return seconds


def first_hint(browser: Any, address: str, path: Path) -> float:
    page = fresh(browser, address, path)
    box = page.locator("#view").bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    seconds = timed(page, lambda: page.click("#usual button[aria-label='brick']"))
    page.context.close()
    return seconds


def hover(page: Any, times: int) -> list[float]:
    box = page.locator("#view").bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_timeout(8000)  # the likely colours have arrived
    found = []
    for k in range(times):
        page.wait_for_timeout(300)
        found.append(timed(page, page.locator("#usual button").nth(1 + k % 11).hover))
    return found


def switch(page: Any, times: int) -> list[float]:
    found = []
    for k in range(times):
        page.wait_for_timeout(200)
        found.append(timed(page, page.locator("#strip-list .thumb").nth((k + 1) % 2).click))
    return found


def queue(browser: Any, address: str, folder: Path) -> None:
    """Fifty pictures, and a hint on the first while the others are being coloured."""
    paths = []
    for k in range(50):
        paths.append(folder / f"queue{k}.jpg")
        shutil.copy(picture(folder, 1000), paths[-1])
    began = time.perf_counter()
    page = fresh(browser, address, *paths)
    box = page.locator("#view").bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    hint = timed(page, lambda: page.click("#usual button[aria-label='brick']"))
    say("a hint while 50 pictures are being colored", [hint])
    while not page.inner_text("#strip-said").startswith("50 of 50"):
        page.wait_for_timeout(200)
    print(f"a queue of 50 pictures of 1 MP: {time.perf_counter() - began:.1f} s", flush=True)
    page.context.close()


def measure_server(address: str, path: Path, times: int) -> None:
    with httpx.Client(base_url=address, timeout=60) as client:
        id = client.post("v1/sessions", content=path.read_bytes()).json()["id"]
        found = []
        for k in range(times):
            point = {"x": 700, "y": 500 - k, "color": "#9c4a3a", "reach": 0.6}
            content = {"version": 1, "size": [1000, 1000], "points": [point]}
            began = time.perf_counter()
            answer = client.post(f"v1/sessions/{id}/colorize", json={"hints": content})
            answer.raise_for_status()
            found.append(time.perf_counter() - began)
        say("the server alone, another hint", found)


if __name__ == "__main__":
    main()
