"""A certificate authority for tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("c2pa")
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Identity:
    certificate: x509.Certificate
    key: Any
    issuers: bytes = b""

    @property
    def chain(self) -> bytes:
        return self.certificate.public_bytes(PEM) + self.issuers

    def pem(self, password: bytes | None = None) -> bytes:
        how: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            how = serialization.BestAvailableEncryption(password)
        written: bytes = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, how)
        return written

    def write(self, folder: Path, password: bytes | None = None) -> tuple[Path, Path]:
        paths = folder / "archive.pem", folder / "archive.key"
        for path, content in zip(paths, (self.chain, self.pem(password)), strict=True):
            path.write_bytes(content)
        return paths


def key_of(kind: str) -> Any:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(getattr(ec, kind.upper())())


def identity(
    name: str,
    issuer: Identity | None = None,
    kind: str = "secp256r1",
    days: tuple[int, int] = (-1, 30),
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.EMAIL_PROTECTION,
) -> Identity:
    """A certificate with its key; one without an issuer is an authority."""
    is_ca = issuer is None
    key = key_of(kind)
    own = x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, name),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "City archive"),
    ])  # fmt: skip
    by = issuer or Identity(None, key)  # type: ignore[arg-type]
    usage = x509.KeyUsage(not is_ca, False, False, False, False, is_ca, is_ca, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), False
        )
    )
    if purpose is not None and not is_ca:
        is_critical = purpose == ExtendedKeyUsageOID.TIME_STAMPING  # RFC 3161, section 2.3
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), is_critical)
    signed = builder.sign(by.key, None if _is_ed(by.key) else hashes.SHA256())
    return Identity(signed, key, b"" if issuer is None else issuer.chain)


def _is_ed(key: Any) -> bool:
    return isinstance(key, ed25519.Ed25519PrivateKey)
