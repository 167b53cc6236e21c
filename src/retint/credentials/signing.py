"""Signs coloured files."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self

from retint.addresses import is_address
from retint.credentials import certificates
from retint.credentials.library import context, is_supported, library
from retint.credentials.manifest import PARENT, manifest
from retint.credentials.reading import read
from retint.errors import PhotoError, UsageError, reason
from retint.files.atomic import partials
from retint.files.confined import open_existing

PASSWORD = "RETINT_SIGN_PASSWORD"
"""Environment variable with the password of a key."""


@dataclass(frozen=True)
class Original:
    """The file that was coloured."""

    name: str
    content: bytes | Path = field(repr=False)
    """A large file is named by its path."""
    media_type: str
    """Empty if it is unknown."""

    def opened(self) -> BinaryIO:
        """The file, open."""
        if isinstance(self.content, Path):
            return self.content.open("rb")
        return io.BytesIO(self.content)

    @property
    def memory(self) -> int:
        """Bytes of memory that it takes."""
        return 0 if isinstance(self.content, Path) else len(self.content)

    @cached_property
    def sha256(self) -> str:
        """Its hash."""
        with self.opened() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Signer:
    """Someone who signs pictures.

    Parameters
    ----------
    chain
        Certificates in PEM format, the signer's first.
    algorithm
        Name of the C2PA specification, such as `es256`.
    sign
        Returns the signature of bytes: with elliptic curves r and s one after the other, as COSE
        (RFC 9053) has them.
    timestamp
        Web address of an authority (RFC 3161) that states when the picture was signed; empty for
        none. It gets a hash of the signature, and not the picture.
    """

    chain: bytes = field(repr=False)
    algorithm: str
    sign: Callable[[bytes], bytes] | None = field(default=None, repr=False)
    _key: bytes = field(default=b"", repr=False)
    timestamp: str = ""

    @classmethod
    def of_files(
        cls, certificate: Path, key: Path, password: str | None = None, timestamp: str = ""
    ) -> Self:
        """Read a certificate chain and a private key in PEM format.

        Parameters
        ----------
        password
            Of the key; by default that of the environment variable RETINT_SIGN_PASSWORD.
        timestamp
            See `Signer`.

        Raises
        ------
        UsageError
            If they cannot be used to sign.
        """
        password = password if password is not None else os.environ.get(PASSWORD)
        pair = certificates.pair(
            _content(certificate, "certificate"), _content(key, "key"), password
        )
        return cls(pair.chain, pair.algorithm, None, pair.key, _checked(timestamp))

    @classmethod
    def remote(
        cls, certificate: bytes, sign: Callable[[bytes], bytes], timestamp: str = ""
    ) -> Self:
        """A signer whose key is elsewhere: in hardware, or on a server.

        Parameters
        ----------
        certificate
            Certificates in PEM format, the signer's first.
        sign, timestamp
            See `Signer`.

        Raises
        ------
        UsageError
            If the certificate cannot be used to sign.
        """
        library()
        first = certificates.checked(certificate)
        algorithm = certificates.algorithm_of(first)
        return cls(certificate, algorithm, sign, timestamp=_checked(timestamp))

    def opened(self) -> Any:
        """The library's signer."""
        c2pa = library()
        if self.sign is None:
            address = self.timestamp.encode() or None
            info = c2pa.C2paSignerInfo(self.algorithm.encode(), self.chain, self._key, address)
            return c2pa.Signer.from_info(info)
        kind = c2pa.C2paSigningAlg[self.algorithm.upper()]
        return c2pa.Signer.from_callback(
            self.sign, kind, self.chain.decode(), self.timestamp or None
        )


def signed(
    content: bytes, media_type: str, title: str, original: Original | None,
    record: Mapping[str, Any] | None, signer: Signer,
) -> tuple[bytes, tuple[str, ...]]:  # fmt: skip
    """Add Content Credentials to a coloured file; nothing may change it afterwards.

    Parameters
    ----------
    content
        The file.
    original
        The file that was coloured; it becomes the parent, with its own credentials.
    record
        The provenance record.

    Returns
    -------
    tuple
        The signed file, and remarks of one line each.

    Raises
    ------
    PhotoError
        If the format does not support credentials, or the signature fails.
    """
    found = io.BytesIO()
    remarks = _sign(io.BytesIO(content), found, media_type, title, original, record, signer)
    return found.getvalue(), remarks


def sign_file(
    path: Path, media_type: str, title: str, original: Original | None,
    record: Mapping[str, Any] | None, signer: Signer,
) -> tuple[str, ...]:  # fmt: skip
    """Add Content Credentials to a file in its place, as `signed` does; also raises OSError.

    Returns remarks of one line each.
    """
    with (
        partials([path]) as (partial,),
        path.open("rb") as before,
        partial.open("xb+") as after,
    ):
        remarks = _sign(before, after, media_type, title, original, record, signer)
        after.flush()
        os.fsync(after.fileno())
    return remarks


def check_type(media_type: str, title: str) -> None:
    """Raise PhotoError if files of a type cannot be signed."""
    if not is_supported(media_type):
        raise PhotoError(f"cannot sign {title}: its format does not support Content Credentials")


def _sign(
    before: BinaryIO, after: BinaryIO, media_type: str, title: str, original: Original | None,
    record: Mapping[str, Any] | None, signer: Signer,
) -> tuple[str, ...]:  # fmt: skip
    """Write a signed file; for the parameters, see `signed`."""
    c2pa = library()
    check_type(media_type, title)
    remarks: tuple[str, ...] = ()
    try:
        builder = c2pa.Builder(manifest(title, original, record), context())
        if original is None:
            kind = c2pa.C2paDigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
            builder.set_intent(c2pa.C2paBuilderIntent.CREATE, kind)
        else:
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            remarks = _add_parent(builder, original)
        with signer.opened() as opened:
            builder.sign(opened, media_type, before, after)
    except c2pa.C2paError as error:
        stamped = f" with a time stamp of {signer.timestamp}" if signer.timestamp else ""
        raise PhotoError(f"cannot sign {title}{stamped}: {_line(error)}") from None
    return remarks


def _add_parent(builder: Any, original: Original) -> tuple[str, ...]:
    """Add the original as the parent of a picture; returns remarks about its own credentials."""
    if not is_supported(original.media_type):
        return ()  # the manifest names it
    said = {"title": original.name, "relationship": PARENT}
    with original.opened() as file:
        builder.add_ingredient(said, original.media_type, file)
    with original.opened() as file:
        found = read(file, original.media_type)
    if found is not None and not found.is_valid:
        return (f"the Content Credentials of the original are {found}",)
    return ()


def _checked(timestamp: str) -> str:
    if timestamp and not is_address(timestamp):
        raise UsageError(f"{timestamp} is not a web address of a time-stamping authority")
    return timestamp


def _content(path: Path, what: str) -> bytes:
    try:
        with open_existing(path) as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read the signing {what} {path}: {reason(error)}") from None


def _line(error: Exception) -> str:
    """The first line of the library's message, without its prefix."""
    return str(error).split("\n", 1)[0].partition(": ")[2] or str(error)
