"""Checks a certificate and its key before a picture is coloured, with one clear line each."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from retint.credentials.library import EXTRA
from retint.errors import UsageError
from retint.extras import required

PURPOSES = (
    "1.3.6.1.5.5.7.3.4",  # e-mail protection
    "1.3.6.1.5.5.7.3.36",  # document signing
    "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
)
"""Extended key usages that C2PA accepts for signing (specification 2.2, section 14.5.1)."""
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
LEAST_RSA = 2048
"""Fewest bits of an RSA key."""


@dataclass(frozen=True)
class Pair:
    """A certificate chain and its private key, checked."""

    chain: bytes
    """PEM, the signer's certificate first."""
    key: bytes
    """PEM (PKCS #8), not encrypted."""
    algorithm: str
    """Name of the C2PA specification, such as `es256`."""

    def __repr__(self) -> str:
        return "Pair(...)"  # a key never appears in a log


def pair(chain: bytes, key: bytes, password: str | None = None) -> Pair:
    """Check a certificate chain and a private key.

    Parameters
    ----------
    chain
        PEM, the signer's certificate first.
    key
        PEM.
    password
        Decrypts the key.

    Raises
    ------
    UsageError
        If they cannot be used to sign.
    """
    with required(EXTRA, "Content Credentials"):
        from cryptography.hazmat.primitives import serialization
    certificate = checked(chain)
    private = _private_key(key, password)
    if private.public_key() != certificate.public_key():
        raise UsageError("the signing key does not belong to the certificate")
    plain = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(chain, plain, algorithm_of(certificate))


def checked(chain: bytes) -> Any:
    """The signer's certificate of a chain; raises UsageError if it cannot be used to sign."""
    from cryptography import x509

    try:
        first, *_ = x509.load_pem_x509_certificates(chain)
    except ValueError:
        raise UsageError("the signing certificate is not a certificate in PEM format") from None
    now = datetime.datetime.now(datetime.UTC)
    if now > first.not_valid_after_utc:
        raise UsageError(f"the signing certificate expired on {first.not_valid_after_utc:%Y-%m-%d}")
    if now < first.not_valid_before_utc:
        begin = f"{first.not_valid_before_utc:%Y-%m-%d}"
        raise UsageError(f"the signing certificate is valid from {begin} on only")
    if not _may_sign(first):
        raise UsageError(
            "the signing certificate is not made for signing documents: it needs the key usage "
            "digitalSignature and the purpose e-mail protection, document signing or C2PA signing"
        )
    algorithm_of(first)
    return first


def algorithm_of(certificate: Any) -> str:
    """The signature algorithm for a certificate's key; raises UsageError if C2PA has none."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key = certificate.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA:
        return "ps256"
    raise UsageError(
        f"the signing certificate has a key that Content Credentials do not allow; use P-256, "
        f"P-384, P-521, Ed25519, or RSA of at least {LEAST_RSA} bits"
    )


def _private_key(key: bytes, password: str | None) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    secret = None if password is None else password.encode()
    encrypted = b"ENCRYPTED" in key
    try:
        return serialization.load_pem_private_key(key, secret if encrypted else None)
    except TypeError:
        raise UsageError("the signing key is encrypted: give its password") from None
    except (ValueError, UnsupportedAlgorithm):
        wrong = "cannot be decrypted with this password" if encrypted else "is not in PEM format"
        raise UsageError(f"the signing key {wrong}") from None


def _may_sign(certificate: Any) -> bool:
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and any(each.dotted_string in PURPOSES for each in purposes)
