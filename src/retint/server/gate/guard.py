"""Checks the host name, origin and token of requests.

A page of another site, open in the same browser, can reach a server on this computer. It must not
be able to use it: neither through its own host name that resolves here (DNS rebinding), which the
Host header reveals, nor through a form or script (CSRF), which Origin and Sec-Fetch-Site reveal.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from contextlib import suppress
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retint.server.gate.address import origin
from retint.server.problems import Problem
from retint.server.settings import Settings

COOKIE = "retint"
KEY = "key"
"""Query parameter of the printed link."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS = ("/healthz",)
"""Paths that need no token."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses requests that are not allowed, and adds the security headers to all responses."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._origins = frozenset(map(origin, settings.origins))
        self._names = {"localhost", "127.0.0.1", "[::1]", *map(str.lower, settings.hosts)}
        self._names |= {_host_and_port(urlsplit(each).netloc)[0] for each in self._origins}
        self._everywhere = settings.host in ("0.0.0.0", "::")
        if self._everywhere:
            own = socket.gethostname().lower()
            self._names |= {own, f"{own}.local"}
        else:
            self._names.add(_bracketed(settings.host))
        self._keys: set[bytes] = set()
        """Keys that have not been used."""
        # An environment variable may not be valid text, so its bytes are kept.
        self._tokens = [settings.token.encode("utf-8", "surrogateescape")]
        with suppress(UnicodeEncodeError):
            self._tokens.append(settings.token.encode("latin-1"))
        self._cookie = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        headers = Headers(scope=scope)
        app: ASGIApp = self._app
        try:
            self._check_host(headers)
            if scope["method"] not in SAFE_METHODS:
                self._check_origin(headers)
            if key := self._key_of(scope):
                app = self._welcome(key)
            elif not scope["path"]:
                # The page's addresses are relative to a path with a slash at the end.
                app = RedirectResponse(
                    f"{self._settings.root_path}/", HTTPStatus.PERMANENT_REDIRECT
                )
            elif scope["path"] not in OPEN_PATHS:
                self._check_token(headers)
        except Problem as problem:
            app = problem.response()
        await app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        name, _ = _host_and_port(headers.get("host", ""))
        if name in self._names or (self._everywhere and _is_address(name)):
            return
        raise Problem(
            HTTPStatus.FORBIDDEN, "this server does not answer to that host name (see --allow-host)"
        )

    def _check_origin(self, headers: Headers) -> None:
        """Refuse requests from pages of other sites; programs send neither header.

        Behind a proxy, the Host header may be that of this server and not that of the page.
        Headers such as X-Forwarded-Host are ignored: any client can send them.
        """
        given = headers.get("origin")
        own = given is None or given in self._origins or _netloc(given) == headers.get("host")
        if not own or headers.get("sec-fetch-site", "none") in ("cross-site", "same-site"):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "requests from pages of other sites are refused (behind a proxy, see --origin)",
            )

    def new_key(self) -> str:
        """A key that opens the page in one browser, once; empty if no token is required."""
        if not self._settings.token:
            return ""
        key = secrets.token_urlsafe(16)
        self._keys.add(key.encode())
        return key

    def _key_of(self, scope: Scope) -> bytes | None:
        """The valid key of a request; None if it has none."""
        if scope["path"] not in ("", "/"):
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get(KEY, [""])[0].encode()
        return next((key for key in self._keys if _same(given, key)), None)

    def _welcome(self, key: bytes) -> ASGIApp:
        """Set the cookie for a browser; the link becomes invalid."""
        self._keys.remove(key)
        root = self._settings.root_path
        answer = RedirectResponse(f"{root or '.'}/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(COOKIE, self._cookie, httponly=True, samesite="strict", path=f"{root}/")
        return answer

    def _check_token(self, headers: Headers) -> None:
        if not self._settings.token:
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        # Header values are bytes, which clients encode as Latin-1 or UTF-8.
        given = token.strip().encode("latin-1")
        if scheme.lower() == "bearer" and any(_same(given, each) for each in self._tokens):
            return
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        if cookie is None or not _same(cookie.value.encode(), self._cookie.encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "open the link printed by 'retint serve', or send its token as a bearer token",
            )


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None if it is invalid."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _host_and_port(host: str) -> tuple[str, str]:
    name, colon, port = host.lower().rpartition(":")
    return (name, port) if colon and port.isdigit() else (host.lower(), "")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address.lower()


def _is_address(name: str) -> bool:
    """Whether this is an IP address, which cannot be rebound by DNS."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return secrets.compare_digest(one, other)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
