"""What went wrong, as RFC 9457 has it."""

from __future__ import annotations

from http import HTTPStatus

from fastapi.responses import JSONResponse

from retint.errors import PhotoError, RetintError, TooLargeError, UsageError, WeightsError

MEDIA_TYPE = "application/problem+json"
LONGEST = 500
"""Characters of what is said to a person."""
RETRY_SECONDS = 2
"""When to come back to a server that has too much to do."""


class Problem(Exception):  # noqa: N818 - what the RFC calls it
    """An answer that is no success.

    Parameters
    ----------
    status
        Of HTTP, 400 or more.
    detail
        One line for a person.
    """

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        # Callers' own words are in some: of any length, and in lines.
        line = " ".join(detail.split())
        self.status, self.detail = status, line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
        super().__init__(self.detail)

    def response(self) -> JSONResponse:
        """The answer."""
        headers = {}
        if self.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            headers["Retry-After"] = str(RETRY_SECONDS)
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        content = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        return JSONResponse(content, self.status.value, headers, MEDIA_TYPE)


def of(error: RetintError | MemoryError) -> Problem:
    """What an error of ours is to a caller."""
    if isinstance(error, MemoryError):
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "not enough memory for such a picture")
    if isinstance(error, TooLargeError):
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
    if isinstance(error, WeightsError):
        return Problem(HTTPStatus.NOT_IMPLEMENTED, str(error))
    assert isinstance(error, PhotoError | UsageError)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
