"""The page without a server, built once, served as static files, in headless Chromium."""

from __future__ import annotations

import base64
import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tools.web import folder as web

from ..registry import runtime_files

Page = Any
INSIDE = "photographs/color"
"""Where the folder lies on its host: pages of documentation are beside it."""


class Host:
    """A static host that can be stopped."""

    def __init__(self, root: Path) -> None:
        class Quiet(SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=root)
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.root = f"http://127.0.0.1:{self._server.server_port}/"
        self.page = f"{self.root}{INSIDE}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a static host, with the page in a folder of it."""
    runtime_files()
    root = tmp_path_factory.mktemp("host")
    web.build(root / INSIDE)
    return root


@pytest.fixture(scope="session")
def host(built: Path) -> Iterator[Host]:
    host = Host(built)
    yield host
    host.stop()


@pytest.fixture
def page_of(browser: Any, host: Host) -> Iterator[Callable[..., Page]]:
    """A page in a browser of some kind; nothing it does may be an error, or leave its host."""
    contexts, faults = [], []

    def build(
        host: Host = host,
        prepare: Callable[[Page], Any] = lambda _: None,
        allowed: str = "nothing is",
        **options: Any,
    ) -> Page:
        def foreign(url: str) -> None:
            if not url.startswith((host.root, f"blob:{host.root}", "data:")):
                faults.append(f"asked for {url}")

        def said(message: Any) -> None:
            if message.type == "error" and allowed not in message.text:
                faults.append(message.text)

        contexts.append(context := browser.new_context(**options))
        context.on("request", lambda request: foreign(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", said)
        prepare(page)
        page.goto(host.page)
        return page

    yield build
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture(scope="module")
def ready(browser: Any, host: Host) -> Iterator[Page]:
    """A page whose networks are loaded, for many questions; it has one thread."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(host.page)
    page.evaluate(f"async () => (await import('/{INSIDE}/api.js')).prepare()")
    yield page
    context.close()


ASK = """async ([api, name, content, wish]) => {
    const { open, ...asked } = await import(api);
    const opened = (globalThis.opened ??= new Map());
    if (!opened.has(content)) {
        const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
        opened.set(content, (await open(new File([bytes], "photo"))).id);
    }
    const answer = await asked[name](opened.get(content), ...wish);
    if (!(answer instanceof Blob)) return answer;
    return new Promise((done) => {
        const reader = new FileReader();
        reader.onload = () => done({ url: reader.result });
        reader.readAsDataURL(answer);
    });
}"""


def asked(page: Page, name: str, content: bytes, *wish: Any) -> Any:
    """What the page's back end answers about a picture; a file as bytes."""
    given = base64.b64encode(content).decode()
    found = page.evaluate(ASK, [f"/{INSIDE}/api.js", name, given, list(wish)])
    return base64.b64decode(found["url"].partition(",")[2]) if "url" in found else found
