"""Options for Content Credentials."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloup

from retint.cli.flags import A_PATH
from retint.errors import UsageError

if TYPE_CHECKING:
    from retint.credentials import Signing

CERTIFICATE, KEY = "RETINT_SIGN_CERTIFICATE", "RETINT_SIGN_KEY"
"""Environment variables in place of the options."""

SIGNING = cloup.option_group(
    "Content Credentials",
    cloup.option(
        "--sign", is_flag=True,
        help="Sign pictures: state what they were made from and how (C2PA).",
    ),
    cloup.option(
        "--sign-certificate", type=A_PATH, metavar="FILE",
        help=f"Your certificate and those of its issuers (PEM).  [default: ${CERTIFICATE}]",
    ),
    cloup.option(
        "--sign-key", type=A_PATH, metavar="FILE",
        help=f"The private key of the certificate (PEM).  [default: ${KEY}]",
    ),
    cloup.option(
        "--sign-timestamp", metavar="URL",
        help="Have an authority (RFC 3161) state when the pictures were signed; it gets a hash.",
    ),
)  # fmt: skip


def signing(given: dict[str, Any]) -> Signing | None:
    """Take the options out of `given`; None if nothing is signed.

    Raises
    ------
    UsageError
        If the certificate or the key is missing or cannot be used.
    """
    wanted = given.pop("sign")
    paths = {name: given.pop(name) for name in ("sign_certificate", "sign_key")}
    timestamp = given.pop("sign_timestamp")
    if not wanted:
        if named := next((name for name, path in paths.items() if path is not None), None):
            raise UsageError(f"--{named.replace('_', '-')} requires --sign")
        if timestamp is not None:
            raise UsageError("--sign-timestamp requires --sign")
        return None
    from retint.credentials import Signer, Signing

    return Signing(
        Signer.of_files(
            _path(paths["sign_certificate"], CERTIFICATE, "--sign-certificate"),
            _path(paths["sign_key"], KEY, "--sign-key"),
            timestamp=timestamp or "",
        )
    )


def _path(given: Path | None, variable: str, option: str) -> Path:
    path = given or os.environ.get(variable)
    if not path:
        raise UsageError(f"--sign requires {option} FILE, or the environment variable {variable}")
    return Path(path)
