"""Request bodies with limits: pictures are read into memory, films are written to disk."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

import anyio
from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retint.picture.reference import MOST
from retint.server.problems import Problem
from retint.server.settings import Settings

FILE, REFERENCE = "file", "reference"
"""Form fields that are pictures."""
MAX_FIELDS = 32
PICTURE_PATHS = ("/v1/colorize", "/v1/sessions")
"""Routes whose bodies may be pictures."""
MOST_DIGITS = 18
"""Maximum digits of a body's length; no disk is larger."""
FILM_PATH = "/v1/films"
"""Route whose bodies may be films."""


@dataclass(frozen=True)
class Body:
    """A picture with its options."""

    picture: bytes
    references: list[bytes]
    """Other pictures."""
    fields: dict[str, Any]
    """Fields of the form and of the query."""


class _InMemory(MultiPartParser):
    """A parser that keeps everything in memory; Starlette's own writes large parts to temporary
    files.
    """

    spool_max_size = 1 << 40


class Bounded:
    """Limits the size and duration of every body, whatever its headers state."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowed = self._limits(scope["path"])
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # Two servers in a row may disagree about its end (RFC 9112, 6.3), so the connection is
            # closed.
            said = Problem(
                HTTPStatus.BAD_REQUEST, "the request has both Content-Length and Transfer-Encoding"
            ).response()
            said.headers["Connection"] = "close"
            await said(scope, receive, send)
            return
        if declared(headers) > allowed.bytes:
            await _too_large(allowed.bytes).response()(scope, receive, send)
            return
        await self._app(scope, _limit(receive, allowed), send)

    def _limits(self, path: str) -> _Limits:
        settings = self._settings
        if path == FILM_PATH:
            return _Limits(
                settings.film_bytes, settings.film_seconds,
                settings.film_stall_seconds, settings.film_rate,
            )  # fmt: skip
        if path in PICTURE_PATHS:
            return _Limits(settings.max_bytes, settings.upload_seconds)
        return _Limits(settings.json_bytes, settings.json_seconds)


@dataclass(frozen=True)
class _Limits:
    """Limits of a body."""

    bytes: int
    seconds: float
    """Maximum duration in total."""
    stall: float = math.inf
    """Maximum duration without any data."""
    rate: float = 0
    """Minimum average bytes per second after that."""

    def until(self, now: float, began: float, taken: int, waited: float) -> float:
        """Deadline for the next part, given the bytes and the waiting time so far."""
        patience = now + self.stall
        if self.rate:
            patience = min(patience, now + self.stall + taken / self.rate - waited)
        return min(began + self.seconds, patience)


def _limit(receive: Receive, allowed: _Limits) -> Receive:
    """Raises HTTPException, which FastAPI passes on: 413 and 408."""
    began = anyio.current_time()
    taken, waited = 0, 0.0
    arrived = False

    async def receiving() -> Message:
        nonlocal taken, waited, arrived
        if arrived:  # after the body, the only message is a disconnect
            return await receive()
        message: Message | None = None
        now = anyio.current_time()
        with anyio.move_on_at(allowed.until(now, began, taken, waited)):
            message = await receive()
        waited += anyio.current_time() - now
        if message is None:
            late = "the request body took too long to arrive"
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, late)
        taken += len(message.get("body", b""))
        if taken > allowed.bytes:
            detail = _too_large(allowed.bytes).detail
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        arrived = not message.get("more_body", False)
        return message

    return receiving


def _too_large(most: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body exceeds the limit of {most / 1e6:g} MB"
    )


async def read_picture(request: Request) -> Body:
    """Read a body that is a picture, or a form with one in its field `file`.

    Raises
    ------
    Problem
        400 if it does not arrive or the form is malformed, 422 if the form has no picture.
    """
    try:
        content = await request.body()
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the picture did not arrive") from None
    fields: dict[str, Any] = dict(request.query_params)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Body(content, [], fields)
    files: dict[str, list[bytes]] = {FILE: [], REFERENCE: []}
    for name, value in await _parts(request, content):
        if not isinstance(value, UploadFile):
            fields[name] = value
        elif name in files:
            files[name].append(await value.read())
        else:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"unexpected file in field {name!r}")
    if not any(files[FILE]):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"the form has no file in field {FILE!r}")
    return Body(files[FILE][-1], list(filter(None, files[REFERENCE])), fields)


def declared(headers: Headers) -> int:
    """The stated length of a body in bytes; 0 if not stated."""
    said = headers.get("content-length", "")
    return int(said[:MOST_DIGITS]) if said.isdecimal() else 0


async def save(request: Request, path: Path, grant: Callable[[int], None]) -> None:
    """Write a body to disk as it arrives.

    Parameters
    ----------
    grant
        Called before that many bytes are written; raises Problem if there is no space for them.

    Raises
    ------
    Problem
        400 if it does not arrive, 507 if the disk refuses it.
    """

    def write(file: BinaryIO, chunk: bytes) -> None:
        grant(len(chunk))
        file.write(chunk)

    try:
        with await to_thread.run_sync(path.open, "wb") as file:
            async for chunk in request.stream():
                await to_thread.run_sync(write, file, chunk)
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the film did not arrive") from None
    except OSError as error:
        said = f"the film cannot be stored: {error.strerror}"
        raise Problem(HTTPStatus.INSUFFICIENT_STORAGE, said) from None


async def _parts(request: Request, content: bytes) -> list[tuple[str, str | UploadFile]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield content

    parser = _InMemory(
        request.headers, stream(), max_files=1 + MOST, max_fields=MAX_FIELDS, max_part_size=1 << 20
    )
    try:
        return (await parser.parse()).multi_items()
    except (MultiPartException, FormParserError, LookupError, ValueError) as error:
        said = getattr(error, "message", "") or str(error)
        raise Problem(HTTPStatus.BAD_REQUEST, f"malformed form: {said}") from None
