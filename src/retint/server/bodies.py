"""Bodies of requests: pictures are read into memory, films onto the disk, up to their limits."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retint.server.problems import Problem
from retint.server.settings import Settings

FILE, REFERENCE = "file", "reference"
"""The parts of a form that are pictures."""
MAX_FIELDS = 32
PICTURE_PATHS = ("/v1/colorize", "/v1/sessions")
"""Where bodies may be pictures."""
FILM_PATH = "/v1/films"
"""Where they may be films."""


@dataclass(frozen=True)
class Body:
    """A picture, and what is said about it."""

    picture: bytes
    reference: bytes
    """Another picture, or nothing."""
    fields: dict[str, Any]
    """Of the form and of the query."""


class _InMemory(MultiPartParser):
    """Starlette's parser writes larger parts to a temporary file; the body is in memory already."""

    spool_max_size = 1 << 40


class Bounded:
    """Every body that comes in: so many bytes, in so much time, whatever it says of itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        settings = self._settings
        if scope["path"] == FILM_PATH:
            most, seconds = settings.film_bytes, settings.film_seconds
        elif scope["path"] in PICTURE_PATHS:
            most, seconds = settings.max_bytes, settings.upload_seconds
        else:
            most, seconds = settings.json_bytes, settings.json_seconds
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            await _too_large(most).response()(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, most, seconds), send)


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """Raises HTTPException, which FastAPI lets through: 413 and 408."""
    deadline = anyio.current_time() + seconds
    taken = 0
    arrived = False

    async def receiving() -> Message:
        nonlocal taken, arrived
        if arrived:  # what comes after the body is that the caller has gone
            return await receive()
        message: Message | None = None
        with anyio.move_on_at(deadline):
            message = await receive()
        if message is None:
            late = "the body took too long to arrive"
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, late)
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most).detail)
        arrived = not message.get("more_body", False)
        return message

    return receiving


def _too_large(most: int) -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {most / 1e6:g} MB, please")


async def read_picture(request: Request) -> Body:
    """A body that is a picture, or a form with one in its field `file`.

    Raises
    ------
    Problem
        400 where it does not arrive or the form is broken, 422 where that has no picture.
    """
    try:
        content = await request.body()
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the picture did not arrive") from None
    fields: dict[str, Any] = dict(request.query_params)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Body(content, b"", fields)
    files = {FILE: b"", REFERENCE: b""}
    for name, value in await _parts(request, content):
        if not isinstance(value, UploadFile):
            fields[name] = value
        elif name in files:
            files[name] = await value.read()
        else:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"no file is asked for as {name!r}")
    if not files[FILE]:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"the form has no file {FILE!r}")
    return Body(files[FILE], files[REFERENCE], fields)


async def save(request: Request, path: Path) -> None:
    """Write a body to the disk as it comes.

    Raises
    ------
    Problem
        400 where it does not arrive, 507 where the disk does not take it.
    """
    try:
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in request.stream():
                await file.write(chunk)
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the film did not arrive") from None
    except OSError as error:
        said = f"the film cannot be kept: {error.strerror}"
        raise Problem(HTTPStatus.INSUFFICIENT_STORAGE, said) from None


async def _parts(request: Request, content: bytes) -> list[tuple[str, str | UploadFile]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield content

    parser = _InMemory(
        request.headers, stream(), max_files=2, max_fields=MAX_FIELDS, max_part_size=1 << 20
    )
    try:
        return (await parser.parse()).multi_items()
    except (MultiPartException, FormParserError, LookupError, ValueError) as error:
        said = getattr(error, "message", "") or str(error)
        raise Problem(HTTPStatus.BAD_REQUEST, f"broken form: {said}") from None
