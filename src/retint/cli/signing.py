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


def _files(purpose: str = "") -> tuple[Any, Any]:
    """The options for the certificate and the key."""
    return (
        cloup.option(
            "--sign-certificate", type=A_PATH, metavar="FILE",
            help=f"Your certificate and those of its issuers (PEM){purpose}.  "
            f"[default: ${CERTIFICATE}]",
        ),
        cloup.option(
            "--sign-key", type=A_PATH, metavar="FILE",
            help=f"The private key of the certificate (PEM).  [default: ${KEY}]",
        ),
    )  # fmt: skip


SIGNING = cloup.option_group(
    "Content Credentials",
    cloup.option(
        "--sign", is_flag=True,
        help="Sign pictures: state what they were made from and how (C2PA).",
    ),
    *_files(),
    cloup.option(
        "--sign-timestamp", metavar="URL",
        help="Have an authority (RFC 3161) state when the pictures were signed; it gets a hash.",
    ),
)  # fmt: skip
OFFERING = cloup.option_group(
    "Content Credentials", *_files(", with which clients can have pictures signed")
)


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
    files = paths["sign_certificate"], paths["sign_key"]
    return _signing(*files, "--sign", timestamp or "")


def offered(certificate: Path | None, key: Path | None) -> Signing | None:
    """What a server signs with; None if neither a certificate nor a key is given.

    Raises
    ------
    UsageError
        If one of them is missing, or they cannot be used.
    """
    variables = (os.environ.get(each) for each in (CERTIFICATE, KEY))
    if not any((certificate, key, *variables)):
        return None
    return _signing(certificate, key, "signing")


def _signing(
    certificate: Path | None, key: Path | None, purpose: str, timestamp: str = ""
) -> Signing:
    from retint.credentials import Signer, Signing

    return Signing(
        Signer.of_files(
            _path(certificate, CERTIFICATE, "--sign-certificate", purpose),
            _path(key, KEY, "--sign-key", purpose),
            timestamp=timestamp,
        )
    )


def _path(given: Path | None, variable: str, option: str, purpose: str) -> Path:
    path = given or os.environ.get(variable)
    if not path:
        raise UsageError(
            f"{purpose} requires {option} FILE, or the environment variable {variable}"
        )
    return Path(path)
