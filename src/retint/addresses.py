"""Web addresses from outside."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from retint.errors import UsageError


def check_address(url: str) -> None:
    """Raise UsageError if a text is no web address."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is not a web address (https://...)")


def address(url: str, name: str) -> str:
    """The address of a file by its path within the folder that is published under `url`."""
    return f"{url.rstrip('/')}/{quote(name)}"
