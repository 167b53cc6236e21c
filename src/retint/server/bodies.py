"""Bodies of requests: read into memory up to a limit, never onto the disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import anyio
from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from retint.server.problems import Problem
from retint.server.settings import Settings

FILE, REFERENCE = "file", "reference"
"""The parts of a form that are pictures."""
MAX_FIELDS = 32


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


async def read(request: Request, settings: Settings) -> bytes:
    """A body, as it comes.

    Raises
    ------
    Problem
        413 when it is larger than the limit, whatever it says of itself; 408 when it takes too
        long.
    """
    too_large = Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {settings.max_bytes / 1e6:g} MB, please"
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > settings.max_bytes:
        raise too_large
    content = bytearray()
    try:
        with anyio.fail_after(settings.upload_seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > settings.max_bytes:
                    raise too_large
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the picture took too long to arrive") from None
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "the picture did not arrive") from None
    return bytes(content)


async def read_picture(request: Request, settings: Settings) -> Body:
    """A body that is a picture, or a form with one in its field `file`.

    Raises
    ------
    Problem
        As `read`; 400 where the form is broken, 422 where it has no picture.
    """
    content = await read(request, settings)
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
