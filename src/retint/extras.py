"""Optional dependencies, and the error if one is missing."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from retint.errors import UsageError

INDEX = "retint"
"""Source of an installation from PyPI: the name alone."""
CLONE = "."
"""Source of an installation from a local folder or file."""
PUBLISHED = CLONE
"""Where users get retint, for pages and messages: `INDEX` from the first release on PyPI on."""


def install(extra: str) -> str:
    """The command that adds an extra to this installation, from where retint came."""
    source = _source()
    return command(extra, source) + (" in a clone of retint" if source == CLONE else "")


def command(extras: str, source: str) -> str:
    """The call of pip that installs retint; parameters as for `requirement`."""
    return f"pip install {requirement(extras, source)}"


def requirement(extras: str, source: str) -> str:
    """What pip, pipx and uv install, in quotes where shells need them.

    Parameters
    ----------
    extras
        Names of extras, separated by commas; may be empty.
    source
        `INDEX`, `CLONE`, or an address such as `git+https://...`.
    """
    name, address = (INDEX, f" @ {source}") if ":" in source else (source, "")
    plain = not extras and not address
    # Double quotes work in all shells, cmd.exe included.
    return name if plain else f'"{name}{f"[{extras}]" if extras else ""}{address}"'


@functools.cache
def _source() -> str:
    """Where this installation came from, as pip and uv record it (PEP 610)."""
    try:
        text = metadata.distribution("retint").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # the source tree is on Python's path
        return CLONE
    return source_of(text)


def source_of(direct_url: str | None) -> str:
    """The source that `direct_url.json` of an installation states; without one, `PUBLISHED`."""
    if direct_url is None:
        return PUBLISHED
    found = json.loads(direct_url)
    address: str = found["url"]
    if address.startswith("file:"):  # not named: servers show the message to their clients
        return CLONE
    if versions := found.get("vcs_info"):
        return f"{versions['vcs']}+{address}@{versions['commit_id']}"
    return address


@contextmanager
def required(extra: str, what: str = "this", error: type[Exception] = UsageError) -> Iterator[None]:
    """Report a failed import in one line that names the extra to install.

    Parameters
    ----------
    what
        The feature that needs the extra.
    error
        The exception to raise: `PhotoError` if other pictures do not need the extra.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise error(f"{what} requires {missing.name}: {install(extra)}") from missing
