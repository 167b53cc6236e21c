"""Reads and verifies Content Credentials."""

from __future__ import annotations

import io
import json
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from retint.credentials.library import SETTINGS, context, is_supported, library
from retint.errors import UsageError

LABEL = b"c2pa"
"""Label of a manifest store, which is in each file that has one."""
UNTRUSTED = "signingCredential.untrusted"
"""Status if nobody vouches for the signer's certificate."""
STAMPED, STAMP_TRUSTED = "timeStamp.validated", "timeStamp.trusted"
"""Statuses of a time stamp that belongs to the signature, and of one whose authority is trusted."""


@dataclass(frozen=True)
class Credentials:
    """The latest credentials in a file."""

    signer: str
    """Name in the certificate, which anybody can choose."""
    trusted: bool
    """Whether a trusted certificate vouches for the signer."""
    problems: tuple[str, ...]
    """Why the credentials are not valid; empty if the file is as it was signed."""
    generator: str
    """The program that made them."""
    actions: tuple[str, ...]
    """What was done, as C2PA names it."""
    originals: tuple[str, ...]
    """Names of the files that it was made from."""
    stamped: str = ""
    """When they were signed, by the time stamp of an authority; empty without a valid one."""
    stamp_trusted: bool = False
    """Whether a trusted certificate vouches for that authority."""

    @property
    def is_valid(self) -> bool:
        """Whether the file is unchanged since it was signed."""
        return not self.problems

    def __str__(self) -> str:
        if self.problems:
            return f"not valid: {', '.join(self.problems)}"
        vouched = "trusted" if self.trusted else "untrusted: nobody vouches for this name"
        said = f"valid, signed by {self.signer} ({vouched})"
        if self.stamped:
            known = "trusted" if self.stamp_trusted else "untrusted"
            said += f", time stamp of {self.stamped} ({known})"
        return said


def read(
    source: Path | BinaryIO, media_type: str, anchors: bytes | None = None
) -> Credentials | None:
    """Read and verify the credentials of a file; None if it has none.

    Parameters
    ----------
    media_type
        Of the file, such as `image/jpeg`.
    anchors
        Certificates in PEM format that are trusted, such as the C2PA trust list. Without any, no
        signer is trusted.

    Raises
    ------
    UsageError
        If the extra is missing, or the anchors cannot be read.
    """
    c2pa = library()
    if not is_supported(media_type):
        return None
    with io.BytesIO() if not isinstance(source, Path) else source.open("rb") as opened:
        stream = opened if isinstance(source, Path) else source
        try:
            reader = c2pa.Reader.try_create(media_type, stream, context=_context(anchors))
        except c2pa.C2paError as error:
            return Credentials("", False, (str(error).split("\n", 1)[0],), "", (), ())
    if reader is None:
        return None
    with reader:
        return _credentials(json.loads(reader.json()))


def has_credentials(path: Path) -> bool:
    """Whether a file may have credentials; does not need the extra."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(LABEL) >= 0


def _context(anchors: bytes | None) -> Any:
    if anchors is None:
        return context()
    from cryptography import x509

    try:
        x509.load_pem_x509_certificates(anchors)
    except ValueError:
        raise UsageError(
            "cannot read the trusted certificates: they are not in PEM format"
        ) from None
    c2pa = library()
    settings = {**SETTINGS, "trust": {"trust_anchors": anchors.decode(errors="replace")}}
    return c2pa.Context(c2pa.Settings.from_dict(settings))


def _credentials(store: Mapping[str, Any]) -> Credentials:
    active = store.get("manifests", {}).get(store.get("active_manifest"), {})
    signature = active.get("signature_info", {})
    results = store.get("validation_results", {}).get("activeManifest", {})
    codes = [each["code"] for each in results.get("failure", [])]
    passed = {each["code"] for each in results.get("success", [])}
    name = signature.get("common_name") or signature.get("issuer") or "an unknown signer"
    return Credentials(
        name,
        UNTRUSTED not in codes and store.get("validation_state") == "Trusted",
        tuple(dict.fromkeys(code for code in codes if code != UNTRUSTED)),
        _generator(active),
        tuple(_actions(active)),
        tuple(each.get("title", "") for each in active.get("ingredients", [])),
        str(signature.get("time", "")) if STAMPED in passed else "",
        STAMP_TRUSTED in passed,
    )


def _generator(manifest: Mapping[str, Any]) -> str:
    for each in manifest.get("claim_generator_info", []):
        return f"{each.get('name', '')} {each.get('version', '')}".strip()
    return str(manifest.get("claim_generator", ""))


def _actions(manifest: Mapping[str, Any]) -> Iterator[str]:
    for each in manifest.get("assertions", []):
        if each.get("label", "").startswith("c2pa.actions"):
            yield from (action["action"] for action in each["data"].get("actions", []))
