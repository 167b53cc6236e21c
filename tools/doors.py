"""Makes the pictures of the pages on watched folders, pipes, agents and ComfyUI.

    python tools/doors.py docs/pictures

Each shows what was really typed, called and printed, and pictures before and after. Writes
watch.webp, pipe.webp, mcp.webp and comfyui.webp. Requires the test tools, FFmpeg and Chromium.
"""

from __future__ import annotations

import asyncio
import base64
import html
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from mcp import Client, StdioServerParameters
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from tools.screenshots import FLAGS, PROJECT, save

PHOTOGRAPHS = PROJECT / "examples" / "photographs"
NODES = PROJECT / "integrations" / "comfyui" / "retint_nodes"
FRAME = (480, 320)
"""Width and height of the film's frames."""
SAUCER, CUP = (0.12, 0.17, 0.8, 0.95), (0.27, 0.04, 0.68, 0.7)
"""Left, top, right and bottom of two ellipses, in shares of the picture of a cup."""
STYLE = """
body { margin: 0; width: 1080px; font: 15px/1.5 'DejaVu Sans Mono', monospace; }
pre { margin: 0; padding: 20px 24px; background: #1d2126; color: #e6e6e6; white-space: pre-wrap; }
pre b { color: #8fd3a8; font-weight: normal; }
div { display: flex; gap: 12px; padding: 12px; background: #f2f0ec; }
figure { margin: 0; } figcaption { padding-top: 4px; color: #333; font-size: 13px; }
img { width: 100%; display: block; }
"""


def main(target: Path) -> None:
    for door in (watch, pipe, mcp, comfyui):
        with tempfile.TemporaryDirectory() as folder:
            lines, pictures = door(Path(folder))
            save(drawn(lines, pictures), target / f"{door.__name__}.webp")


Shown = tuple[list[str], list[tuple[str, Path]]]
"""Lines, those that were typed beginning with "$ ", and titled pictures."""


def watch(folder: Path) -> Shown:
    """Two scans arrive in a watched folder."""
    scans = folder / "scans"
    scans.mkdir()
    for number, name in enumerate(("coffee", "migrant-mother-1936"), 1):
        grey(name).save(scans / f"000{number}.png")
    lines = typed("retint watch scans/ -o coloured/ --once", folder)
    names = [f"{each}/000{n}.png" for n in (1, 2) for each in ("scans", "coloured")]
    return lines, [(name, folder / name) for name in names]


def pipe(folder: Path) -> Shown:
    """A film goes through `retint pipe`."""
    width, height = FRAME
    photograph = PHOTOGRAPHS / "broadway-saratoga-springs-1900s.jpg"
    moving = f"scale=720:-1,crop={width}:{height}:x='n*8':y=60,format=gray"
    picture = ["-loop", "1", "-i", str(photograph), "-frames:v", "24", "-vf", moving]
    run(["ffmpeg", *picture, "-c:v", "ffv1", "film.mkv"], folder)
    lines = typed(
        "ffmpeg -v error -i film.mkv -f rawvideo -pix_fmt yuv420p - \\\n"
        f"  | retint pipe --size {width}x{height} --pixel yuv420p \\\n"
        f"  | ffmpeg -v error -f rawvideo -pix_fmt yuv420p -s {width}x{height} -r 25 -i - \\\n"
        "    coloured.mkv",
        folder,
    )
    pictures = []
    for name in ("film", "coloured"):
        for number in (0, 23):
            frame = folder / f"{name}{number}.png"
            chosen = ["-i", f"{name}.mkv", "-vf", f"select=eq(n\\,{number})", "-frames:v", "1"]
            run(["ffmpeg", *chosen, str(frame)], folder)
            pictures.append((f"{name}.mkv, frame {number}", frame))
    return lines, pictures


def mcp(folder: Path) -> Shown:
    """An agent calls two tools."""
    grey("coffee").save(folder / "cup.png")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("colorize", {"path": "cup.png"}),
        ("hint", {"path": "cup.png", "hints": ["22%,70%,teal"], "output": "teal.png"}),
    ]
    answers = asyncio.run(called(calls, folder))
    lines = []
    for (name, arguments), answer in zip(calls, answers, strict=True):
        shown = answer.replace(f"{folder}/", "")
        lines += [f"$ {name} {json.dumps(arguments)}", json.dumps(json.loads(shown))]
    names = ["cup.png", "cup.retint.png", "teal.png"]
    return lines, [(name, folder / name) for name in names]


async def called(calls: Sequence[tuple[str, dict[str, Any]]], root: Path) -> list[str]:
    """What the tools of `retint mcp` answer."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "retint", "mcp", str(root)], env=dict(os.environ)
    )
    async with Client(server) as client:
        found = [await client.call_tool(name, arguments) for name, arguments in calls]
    return ["\n".join(part.text for part in each.content if part.type == "text") for each in found]


def comfyui(folder: Path) -> Shown:
    """The nodes colour a picture, with a mask and a colour."""
    nodes = nodes_of(NODES)
    picture = grey("coffee")
    mask = Image.new("L", picture.size)
    for shares, value in ((SAUCER, 255), (CUP, 0)):
        ends = [share * side for share, side in zip(shares, picture.size * 2, strict=True)]
        ImageDraw.Draw(mask).ellipse(ends, value)
    (method,) = nodes.RetintLoad().load("guided-unet")
    image = tensor(picture.convert("RGB"))
    (hints,) = nodes.RetintHints().hint(tensor(mask), "teal")
    node = nodes.RetintColorize()
    plain, hinted = (node.colorize(image, method, hints=each)[0] for each in (None, hints))
    pictures = [("Load Image", picture), ("its mask", mask)]
    pictures += [("Colorize (retint)", of(plain)), ("with Hints from mask, teal", of(hinted))]
    found = []
    for number, (title, each) in enumerate(pictures):
        each.save(folder / f"{number}.png")
        found.append((title, folder / f"{number}.png"))
    return [], found


def nodes_of(folder: Path) -> ModuleType:
    """The nodes, as ComfyUI loads them: from a folder that is no package of its own."""
    spec = importlib.util.spec_from_file_location(folder.name, folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[folder.name] = module
    spec.loader.exec_module(module)
    return sys.modules[f"{folder.name}.nodes"]


def tensor(picture: Image.Image) -> torch.Tensor:
    """A batch of one picture, as ComfyUI has it."""
    return torch.from_numpy(np.asarray(picture, np.float32)[None] / 255)


def of(batch: Any) -> Image.Image:
    """The picture of a batch of one."""
    return Image.fromarray((np.asarray(batch)[0] * 255).round().astype(np.uint8))


def grey(name: str) -> Image.Image:
    return Image.open(PHOTOGRAPHS / f"{name}.jpg").convert("L")


def typed(command: str, folder: Path) -> list[str]:
    """A command of the shell, and what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=folder, text=True, check=True, capture_output=True,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    return [f"$ {command}", *(done.stdout + done.stderr).splitlines()]


def run(command: Sequence[str], folder: Path) -> None:
    subprocess.run([command[0], "-v", "error", *command[1:]], cwd=folder, check=True)


def drawn(lines: Sequence[str], pictures: Sequence[tuple[str, Path]]) -> bytes:
    """Lines above pictures, as PNG."""
    text = "\n".join(
        f"<b>{html.escape(line)}</b>" if line.startswith("$ ") else html.escape(line)
        for line in lines
    )
    figures = "".join(figure(*each) for each in pictures)
    above = f"<pre>{text}</pre>" if lines else ""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1080, "height": 100})
        page.set_content(f"<style>{STYLE}</style>{above}<div>{figures}</div>")
        return bytes(page.screenshot(full_page=True))


def figure(title: str, path: Path) -> str:
    """A titled picture; beside others it is as high as they are."""
    with Image.open(path) as picture:
        width, height = picture.size
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"<figure style='flex: {width / height:.3f}'><img src='data:image/png;base64,{data}'>"
        f"<figcaption>{html.escape(title)}</figcaption></figure>"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
