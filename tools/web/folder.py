"""Puts the folder together."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

import retint.server
from retint.colorizers import DEFAULT, load_colorizer
from retint.colorizers.guided_unet import GuidedUNet
from retint.errors import RetintError
from tools.web import models, runtime
from tools.web.capabilities import capabilities
from tools.web.facts import facts

PAGE = Path(retint.server.__file__).parent / "static"
OWN = Path(__file__).parents[2] / "web"
ONLY_SERVED = ("docs.css", "docs.html", "docs.js")
"""Files of the server's page that describe its API."""
API_LINK = re.compile(r' <a href="docs"[^>]*>[^<]*</a>')
WORKER = "sw.js"
VERSION, FILES, POLICY = '"VERSION"', '["FILES"]', '"POLICY"'
"""What stands in the service worker in place of them."""


def build(target: Path) -> None:
    """Write the folder, in place of an earlier one.

    Raises
    ------
    RetintError
        If the runtime cannot be fetched, or the target is a folder of something else.
    """
    if target.exists() and any(target.iterdir()) and not (target / WORKER).is_file():
        raise RetintError(f"{target} contains other files")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / "made"
        _fill(made)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)


def _fill(folder: Path) -> None:
    left_out = shutil.ignore_patterns(*ONLY_SERVED)
    shutil.copytree(PAGE, folder, ignore=left_out)
    shutil.copytree(
        OWN, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.html", "*.txt")
    )
    method = load_colorizer(DEFAULT, device="cpu")
    assert isinstance(method, GuidedUNet)
    packed = models.packed(method)
    files = runtime.runtime()
    packed["runtime"] = models.compressed("runtime", ".wasm", files.pop(runtime.BINARY), {})
    (folder / models.FOLDER).mkdir()
    for each in packed.values():
        (folder / each.name).write_bytes(each.content)
    (folder / "runtime").mkdir()
    for name, content in files.items():
        (folder / "runtime" / name).write_bytes(content)
    _write(folder / "facts.json", facts(method, packed))
    _write(folder / "capabilities.json", capabilities())
    _complete(folder / "index.html")
    _list(folder)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), "utf-8")


def _complete(page: Path) -> None:
    """Add to the server's page what it states in headers, and what a page of its own needs."""
    text, links = API_LINK.subn("", page.read_text("utf-8"))
    if links != 1:
        raise RetintError("index.html does not link the documentation of the API once")
    for mark in ("<head>", "</head>", "</footer>"):
        if text.count(mark) != 1:
            raise RetintError(f"index.html contains no {mark}, or several")
    head, footer = ((OWN / f"{name}.html").read_text("utf-8") for name in ("head", "footer"))
    policy = f'  <meta http-equiv="Content-Security-Policy" content="{_policy()}">\n'
    text = text.replace("<head>\n", f"<head>\n{policy}").replace("</head>", f"{head}</head>")
    page.write_text(text.replace("  </footer>", f"{footer}  </footer>"), "utf-8")


def _policy() -> str:
    """The Content-Security-Policy of the page."""
    return (OWN / "policy.txt").read_text("utf-8").strip()


def _list(folder: Path) -> None:
    """Tell the service worker the files of the page, and a version that changes with them."""
    found = {
        each.relative_to(folder).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and each.name != WORKER
    }
    page = [name for name in found if not name.startswith(f"{models.FOLDER}/")]
    worker = folder / WORKER
    content = worker.read_text("utf-8")
    content = content.replace(POLICY, json.dumps(_policy()))
    digest = hashlib.sha256(f"{content}{found}".encode()).hexdigest()[:16]
    content = content.replace(VERSION, json.dumps(digest)).replace(FILES, json.dumps(page))
    worker.write_text(content, "utf-8")
