"""Times and memory of the page without a server in Chromium, beside the installed program.

    python benchmarks/speed/browser.py site/web

`make web` builds the folder. The picture is scikit-image's astronaut in grey, enlarged.
"""

from __future__ import annotations

import argparse
import base64
import functools
import io
import resource
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import skimage.data
from PIL import Image
from playwright.sync_api import Error, sync_playwright

import retint

SIZES = {"1 MP": (1000, 1000), "12 MP": (4000, 3000)}
COLORS = "#2f3e63", "#8c2f39", "#55703c"
SCRIPT = """async ([content, colors]) => {
    const { prepare, open, original, colorize } = await import("./api.js");
    const times = {};
    let begun = performance.now();
    const lap = (name) => {
        times[name] = (performance.now() - begun) / 1000;
        begun = performance.now();
    };
    await prepare();
    lap("networks ready");
    if (!content) return times;
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    begun = performance.now();
    const { id, width, height } = await open(new File([bytes], "photo.jpg"));
    await original(id);
    await colorize(id, { size: "preview" });
    lap("first colors");
    const hints = (color, thing) => ({
        version: 1, size: [width, height],
        points: [{ x: width / 2, y: 0.6 * height, color, ...(thing ? { thing: true } : {}) }],
    });
    for (const thing of [true, false]) {
        for (const color of colors) {
            begun = performance.now();
            await colorize(id, { size: "preview", hints: hints(color, thing) });
            lap(thing ? "another color of a thing" : "another dot");
        }
    }
    begun = performance.now();
    await colorize(id, { size: "file" });
    lap("file saved");
    return times;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """A static host."""

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """The address of a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def picture(size: tuple[int, int]) -> bytes:
    """A grey JPEG file of a width and a height."""
    astronaut = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    Image.fromarray(astronaut).convert("L").resize(size).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def in_browser(folder: Path, *, threads: bool) -> None:
    """Print times of two visits and of each size, with several threads or one."""
    print("browser,", "several threads" if threads else "one thread")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver, hosted(folder) as address:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(service_workers="allow" if threads else "block")
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(address)
        while threads and not is_isolated(page):
            time.sleep(0.05)
        page.evaluate(SCRIPT, ["", COLORS])
        show("first visit", {"networks ready": time.perf_counter() - begun})
        begun = time.perf_counter()
        page.reload()
        page.evaluate(SCRIPT, ["", COLORS])
        show("second visit", {"networks ready": time.perf_counter() - begun})
        for name, size in SIZES.items():
            content = base64.b64encode(picture(size)).decode()
            show(name, page.evaluate(SCRIPT, [content, COLORS]))
            print(f"  peak of the page's process: {peak(browser):,.0f} MB")
        browser.close()


def is_isolated(page: Any) -> bool:
    """Whether a page may have several threads; it is loaded twice at first."""
    try:
        return bool(page.evaluate("crossOriginIsolated"))
    except Error:
        return False


def peak(browser: Any) -> float:
    """Largest memory that a renderer of a browser has used, in MB."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    peaks = [
        int(line.split()[1]) / 1000
        for each in processes
        if each["type"] == "renderer"
        for line in Path(f"/proc/{each['id']}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return max(peaks)


def installed() -> None:
    """Print the times of the installed program, with all cores."""
    print("installed")
    begun = time.perf_counter()
    load = retint.load()
    load(Image.new("L", (64, 64)))
    show("start", {"networks ready": time.perf_counter() - begun})
    for name, size in SIZES.items():
        content = picture(size)
        times = {}
        begun = time.perf_counter()
        session = retint.open(content)
        session.colorize()
        times["first colors, all pixels"] = time.perf_counter() - begun
        for color in COLORS:
            begun = time.perf_counter()
            session.colorize([f"50%,60%,{color}"])
            times["another color of a thing, all pixels"] = time.perf_counter() - begun
        show(name, times)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"  peak: {used:,.0f} MB")


def show(name: str, times: dict[str, float]) -> None:
    """Print seconds by name."""
    print(f"  {name}:", ", ".join(f"{each} {seconds:.2f} s" for each, seconds in times.items()))


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=["threads", "one", "installed"])
    given = parser.parse_args()
    if given.only in (None, "threads"):
        in_browser(given.folder, threads=True)
    if given.only in (None, "one"):
        in_browser(given.folder, threads=False)
    if given.only in (None, "installed"):
        installed()


if __name__ == "__main__":
    main()
