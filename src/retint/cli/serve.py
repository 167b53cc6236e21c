"""`retint serve`: the page and the HTTP API, on this computer by default."""

from __future__ import annotations

import errno
import secrets
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import cloup

from retint.cli import invitation
from retint.cli.console import ALL_DONE, complain, references_seen
from retint.cli.flags import A_PATH, debug_option, threads_option
from retint.cli.several import method_weights, weights_option
from retint.cli.signing import OFFERING, offered
from retint.cli.values import WholeRange
from retint.errors import UsageError, reason
from retint.extras import required
from retint.server.settings import FILMS_KEPT, MEGA, Settings
from retint.threads import Shares, threads_or_all

if TYPE_CHECKING:
    import uvicorn

PORT = 8017
MOST_WORKERS = 256
ENDING = ("SIGTERM", "SIGHUP")
"""Signals that end the server, besides Ctrl-C; not all systems have both."""
BACKLOG = 128
"""Connections that may wait to be accepted."""


def _megabytes(name: str, default: int, help: str, least: int = 1) -> Callable[[Any], Any]:
    """An option in megabytes; its default is given in bytes."""
    kind = WholeRange(min=least)
    return cloup.option(name, type=kind, default=default // MEGA, show_default=True, help=help)


@cloup.command()
@cloup.option("--host", default=Settings.host, show_default=True, help="Address to listen on.")
@cloup.option(
    "--port",
    type=WholeRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen on; 0 for any free port.",
)
@cloup.option(
    "--token",
    envvar="RETINT_TOKEN",
    default="",
    help="Token that clients must send; generated if other computers can connect.",
)
@cloup.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@cloup.option(
    "--allow-host",
    multiple=True,
    help="Further host name that the server answers to. Can be repeated.",
)
@cloup.option(
    "--origin",
    multiple=True,
    metavar="URL",
    help="Address at which browsers reach the server through a proxy, such as "
    "https://photos.example. Can be repeated.",
)
@cloup.option(
    "--root-path",
    default="",
    metavar="PATH",
    help="Path at which browsers reach the server through a proxy, such as /retint.",
)
@cloup.option(
    "--workers",
    type=WholeRange(min=1),
    help="Pictures processed in parallel.  [default: one per two processors]",
)
@threads_option
@_megabytes("--max-megabytes", Settings.max_bytes, "Maximum size of pictures.")
@cloup.option(
    "--max-pixels",
    type=WholeRange(min=1),
    default=Settings.max_pixels,
    show_default=True,
    help="Maximum number of pixels; larger pictures are refused before decoding.",
)
@_megabytes(
    "--memory", Settings.session_bytes, "Megabytes of memory for opened pictures.", least=100
)
@_megabytes(
    "--max-film-megabytes",
    Settings.film_bytes,
    f"Maximum size of films; their folder may grow to {FILMS_KEPT} times this size.",
)
@weights_option
@cloup.option(
    "--references",
    type=A_PATH,
    metavar="FOLDER",
    help="Folder of color pictures. Requests can use the ones most similar to a picture as "
    "references. An index is kept in the folder.",
)
@cloup.option(
    "--remember",
    type=A_PATH,
    metavar="FILE",
    help="File of remembered hints, which the page and other clients can use, add to and remove "
    "from.",
)
@OFFERING
@debug_option
def serve(
    host: str,
    port: int,
    token: str,
    open_: bool,
    allow_host: tuple[str, ...],
    origin: tuple[str, ...],
    root_path: str,
    workers: int | None,
    threads: int,
    max_megabytes: int,
    max_pixels: int,
    memory: int,
    max_film_megabytes: int,
    method_weights_: tuple[str, ...],
    references: Path | None,
    remember: Path | None,
    sign_certificate: Path | None,
    sign_key: Path | None,
) -> int:
    """Serve a web page for coloring photographs, and an HTTP API."""
    with required("serve"):
        import uvicorn

        from retint.server.api.app import create_app
        from retint.server.gate import address
        from retint.server.gate.connection import configured
        from retint.server.keep import folders

    origins = tuple(map(address.origin, origin))
    root_path = address.root_path(root_path)
    reached = [host, *(urlsplit(each).hostname for each in origins)]
    shared = not all(map(invitation.is_here, reached))
    if not token and shared:
        token = secrets.token_urlsafe(24)
        print(f"retint: API token: {token}", flush=True)
    shares = Shares.of(threads, workers or max(1, threads_or_all(threads) // 2), MOST_WORKERS)
    settings = Settings(
        host, allow_host, origins, root_path, token, shares.workers, shares.threads,
        max_bytes=max_megabytes * MEGA, max_pixels=max_pixels, session_bytes=memory * MEGA,
        film_bytes=max_film_megabytes * MEGA, films_bytes=FILMS_KEPT * max_film_megabytes * MEGA,
        method_weights=tuple(method_weights(method_weights_).items()),
        signing=offered(sign_certificate, sign_key), references=references, remember=remember,
    )  # fmt: skip
    listening = _listen(host, port)
    with references_seen() as seen:
        app, guard = create_app(settings, seen, complain)

    def link_to(own: str) -> str:
        key = guard.new_key()
        return f"{own}{root_path}/{f'?key={key}' if key else ''}"

    port = listening.getsockname()[1]
    everywhere = invitation.is_everywhere(host)
    name = socket.gethostname() if everywhere else host
    link = link_to(origins[0] if origins else invitation.address(name, port))
    once = " (this link works once, in one browser)" if token else ""
    print(f"retint: {link}{once}; press Ctrl-C to stop", flush=True)
    if shared and origins:
        _invite("on a telephone", link_to(origins[0]))
    elif shared and (reached_at := invitation.network_address() if everywhere else host):
        where = "on a telephone in the same network"
        _invite(where, link_to(invitation.address(reached_at, port)))
    if open_:
        webbrowser.open(link)
    folders.sweep()
    server = uvicorn.Server(configured(app))
    with _ending_on_signals(server):
        try:
            server.run(sockets=[listening])
        finally:
            folders.remove_all()
    return ALL_DONE


@contextmanager
def _ending_on_signals(server: uvicorn.Server) -> Iterator[None]:
    """While active, signals that would end this process end the server first, then the process."""
    ending: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        ending.append(number)
        if not server.should_exit:
            server.handle_exit(number, frame)

    names = [each for each in ENDING if hasattr(signal, each)]
    numbers = [getattr(signal, each) for each in names]
    # A signal that nohup ignores stays ignored.
    before = {each: signal.getsignal(each) for each in numbers}
    for each, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if ending:
        # An exception would make the interpreter wait for threads that still work.
        signal.raise_signal(ending[0])


def _invite(where: str, link: str) -> None:
    """Print a link for another device, with a QR code if this is a terminal that shows it."""
    print(f"retint: {where}: {link}", flush=True)
    if sys.stdout.isatty():
        with suppress(UnicodeEncodeError):
            print(invitation.code(link), end="", flush=True)
    print(invitation.KEYS, flush=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)  # a browser that connects early waits
    except OSError as error:
        listening.close()
        said = reason(error)
        if error.errno == errno.EADDRINUSE:
            said = (
                "it is in use, perhaps by another retint (choose another with --port, or 0 for any)"
            )
        raise UsageError(f"cannot listen on {host}, port {port}: {said}") from None
    return listening
