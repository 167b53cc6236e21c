"""Error responses according to RFC 9457."""

from __future__ import annotations

from http import HTTPStatus

from fastapi.responses import JSONResponse

from retint.errors import PhotoError, RetintError, TooLargeError, UsageError, WeightsError

MEDIA_TYPE = "application/problem+json"
LONGEST = 500
"""Maximum length of a detail in characters."""
BUSY = "the server is busy; try again soon"
CANCELLED = "the request was cancelled"
INTERNAL = "internal server error; see the server's log"
RETRY_SECONDS = 2
"""Value of Retry-After for an overloaded server."""


class Problem(Exception):  # noqa: N818 - the term of the RFC
    """An error response.

    Parameters
    ----------
    status
        HTTP status, 400 or more.
    detail
        One line for the user.
    """

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        # Details may contain text of clients, of any length and with line breaks.
        line = " ".join(detail.split())
        self.status, self.detail = status, line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
        super().__init__(self.detail)

    def response(self) -> JSONResponse:
        """The HTTP response."""
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
    """Convert an error of retint to a problem."""
    if isinstance(error, MemoryError):
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "not enough memory for this picture")
    if isinstance(error, TooLargeError):
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
    if isinstance(error, WeightsError):
        return Problem(HTTPStatus.NOT_IMPLEMENTED, str(error))
    assert isinstance(error, PhotoError | UsageError)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
