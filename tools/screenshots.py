"""Takes screenshots of the page for the README, in headless Chromium.

    python tools/screenshots.py docs/pictures [NAME...]

Writes page-light.webp, page-picker.webp and page-dark.webp (1440x900), page-side.webp (1024x768),
page-phone.webp (390x844) and page-film.webp, whose film moves over photographs; or those that are
named, such as `film`. Requires the test tools and Chromium.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).parents[1]
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
SMALL = {"viewport": {"width": 1024, "height": 768}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
OTHERS = ["broadway-saratoga-springs-1900s.jpg", "detroit-1915.jpg"]
TOLD = ((0.62, 0.8, "navy"), (0.83, 0.1, "straw"), (0.36, 0.86, "fair skin"))
"""Positions, in shares of the picture, and colours of the hints."""


SHOTS = ("migrant-mother-1936", "detroit-1915", "broadway-saratoga-springs-1900s")
"""Photographs that the film moves over."""
FRAMES, RATE, SIZE = 48, 24, (480, 640)
ALL = ("light", "dark", "side", "phone", "film")


def main(folder: Path, *names: str) -> None:
    wanted = names or ALL
    command = [sys.executable, "-m", "retint", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        (address,) = re.findall(r"http://\S+/", server.stdout.readline())
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for name, photo, options in (
                ("light", "migrant-mother-1936", {**WIDE, "color_scheme": "light"}),
                ("dark", "broadway-saratoga-springs-1900s", {**WIDE, "color_scheme": "dark"}),
                ("side", "detroit-1915", {**SMALL, "color_scheme": "light"}),
                ("phone", "migrant-mother-1936", {**PHONE, "color_scheme": "light"}),
            ):
                if name not in wanted:
                    continue
                page = browser.new_context(**options).new_page()
                page.goto(address)
                photos = [f"{photo}.jpg"] + (OTHERS if name == "light" else [])
                page.set_input_files(
                    "#files", [PROJECT / "examples" / "photographs" / each for each in photos]
                )
                shown(page)
                if name == "light":
                    tell(page, folder)
                elif name == "side":
                    page.click("#side")
                    shown(page)
                save(page.screenshot(), folder / f"page-{name}.webp")
            if "film" in wanted:
                page = browser.new_context(**{**WIDE, "color_scheme": "light"}).new_page()
                page.goto(address)
                with tempfile.TemporaryDirectory() as temporary:
                    page.set_input_files("#files", [panned(Path(temporary) / "album.mp4")])
                    shown(page)
                shown(page)
                page.locator("#followers img").nth(2).wait_for(timeout=60_000)
                shown(page)
                part: Any = {"x": 0, "y": 0, "width": 1440, "height": 1200}
                save(page.screenshot(full_page=True, clip=part), folder / "page-film.webp")
            browser.close()
    finally:
        server.terminate()
        server.wait()


def panned(path: Path) -> Path:
    """A film of photographs over which the camera moves down."""
    height, width = SIZE
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for name in SHOTS:
            photo = Image.open(PROJECT / "examples" / "photographs" / f"{name}.jpg").convert("L")
            photo = photo.resize(
                (width + 2 * FRAMES, (width + 2 * FRAMES) * photo.height // photo.width)
            )
            levels = np.asarray(photo)
            top = max(0, (levels.shape[0] - height) // 4)
            for k in range(FRAMES):
                part = levels[top : top + height, k : k + width]
                frame = np.ascontiguousarray(np.repeat(part[..., None], 3, axis=-1))
                film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode(None))
    return path


def tell(page: Any, folder: Path) -> None:
    """Add the hints; takes a screenshot of the last popover."""
    box = page.locator("#view").bounding_box()
    for k, (x, y, colour) in enumerate(TOLD):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if k == len(TOLD) - 1:
            page.hover(f"#usual button[aria-label='{colour}']")
            shown(page)
            save(page.screenshot(), folder / "page-picker.webp")
        page.click(f"#usual button[aria-label='{colour}']")
        shown(page)


def shown(page: Any) -> None:
    """Wait until the picture is shown."""
    while not page.evaluate(
        "() => document.getElementById('after').naturalWidth"
        " && document.getElementById('stage').ariaBusy === 'false'"
    ):
        time.sleep(0.05)
    page.wait_for_timeout(2500)


def save(content: bytes, path: Path) -> None:
    """Save as WebP: PNG files of photographs are large, and 256 colours would merge the dots of two
    hints.
    """
    Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=90, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
