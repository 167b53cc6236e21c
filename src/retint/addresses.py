"""Web addresses from outside."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, urlsplit

from retint.errors import UsageError


def is_address(url: str) -> bool:
    """Whether a text is a web address."""
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    is_web = found.scheme in ("http", "https") and bool(found.hostname)
    return is_web and url.isprintable() and " " not in url


def check_folder_address(url: str) -> None:
    """Raise UsageError if a text is no web address that names of files can follow."""
    if not is_address(url) or re.search("[?#]", url):
        raise UsageError(f"{url} is not a web address of a folder (https://...)")


def address(url: str, name: str) -> str:
    """The address of a file by its path within the folder that is published under `url`."""
    return f"{url.rstrip('/')}/{quote(os.fsencode(name))}"
