"""Content Credentials of coloured files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("c2pa")
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID

from retint.credentials import Credentials, Original, Signer, read, signed
from retint.errors import PhotoError, UsageError
from tests.credentials.authority import Identity, identity

AUTHORITY = identity("Authority")
ARCHIVE = identity("City archive", AUTHORITY)
RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
RECORD = {"Method": "guided-unet", "Hints": {"points": []}}
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "WEBP": "image/webp",
         "AVIF": "image/avif"}  # fmt: skip


def picture(format: str = "JPEG", color: bool = True) -> bytes:
    pixels = np.dstack([RAMP, RAMP // 2, RAMP // 3]) if color else RAMP
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format)
    return stream.getvalue()


def signer(folder: Path, who: Identity = ARCHIVE, password: bytes | None = None) -> Signer:
    text = None if password is None else password.decode()
    return Signer.of_files(*who.write(folder, password), text)


def original(content: bytes | None = None) -> Original:
    return Original("grey.jpg", content or picture(color=False), "image/jpeg")


def verified(content: bytes, media_type: str = "image/jpeg", trust: bool = False) -> Credentials:
    found = read(io.BytesIO(content), media_type, AUTHORITY.chain if trust else None)
    assert found is not None
    return found


@pytest.mark.parametrize("format", TYPES)
def test_a_signed_file_is_valid_and_names_its_original(tmp_path: Path, format: str) -> None:
    before = picture(format)
    content, remarks = signed(before, TYPES[format], "a", original(), RECORD, signer(tmp_path))
    assert remarks == ()
    found = verified(content, TYPES[format])
    assert found.is_valid
    assert not found.trusted
    assert found.signer == "City archive"
    assert found.actions == ("c2pa.opened", "c2pa.color_adjustments")
    assert found.originals == ("grey.jpg",)
    plain, after = (np.asarray(Image.open(io.BytesIO(each))) for each in (before, content))
    assert np.array_equal(plain, after)


def test_a_signer_is_trusted_only_with_its_authority(tmp_path: Path) -> None:
    content, _ = signed(picture(), "image/jpeg", "a.jpg", original(), None, signer(tmp_path))
    assert verified(content, trust=True).trusted
    stranger = identity("City archive", identity("Another authority"))
    content, _ = signed(
        picture(), "image/jpeg", "a.jpg", original(), None, signer(tmp_path, stranger)
    )
    found = verified(content, trust=True)
    assert found.is_valid
    assert not found.trusted
    assert "untrusted" in str(found)


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    content, _ = signed(picture(), "image/jpeg", "a.jpg", original(), RECORD, signer(tmp_path))
    changed = bytearray(content)
    changed[-20] ^= 1
    found = verified(bytes(changed), trust=True)
    assert not found.is_valid
    assert "assertion.dataHash.mismatch" in str(found)


@pytest.mark.parametrize("kind", ["secp256r1", "secp384r1", "secp521r1", "ed25519", "rsa"])
def test_every_kind_of_key_signs(tmp_path: Path, kind: str) -> None:
    who = identity("Archive", AUTHORITY, kind)
    content, _ = signed(picture(), "image/jpeg", "a", original(), None, signer(tmp_path, who))
    assert verified(content, trust=True).trusted


def test_an_encrypted_key_takes_its_password(tmp_path: Path) -> None:
    content, _ = signed(
        picture(), "image/jpeg", "a", original(), None, signer(tmp_path, password=b"secret")
    )
    assert verified(content).is_valid


def test_a_key_may_be_elsewhere() -> None:
    def remote(data: bytes) -> bytes:
        signature = ARCHIVE.key.sign(data, ec.ECDSA(hashes.SHA256()))
        return b"".join(each.to_bytes(32, "big") for each in decode_dss_signature(signature))

    who = Signer.remote(ARCHIVE.chain, remote)
    content, _ = signed(picture(), "image/jpeg", "a", original(), None, who)
    assert verified(content, trust=True).trusted


def test_a_remote_signer_that_fails_is_one_line() -> None:
    def broken(_: bytes) -> bytes:
        raise ConnectionError("no route")

    with pytest.raises(PhotoError, match=r"cannot sign a\.jpg"):
        signed(picture(), "image/jpeg", "a.jpg", original(), None,
               Signer.remote(ARCHIVE.chain, broken))  # fmt: skip


def test_credentials_of_the_original_are_kept(tmp_path: Path) -> None:
    who = signer(tmp_path)
    first, _ = signed(picture(color=False), "image/jpeg", "scan.jpg", None, None, who)
    content, remarks = signed(picture(), "image/jpeg", "a", original(first), None, who)
    assert remarks == ()
    assert verified(content).is_valid
    assert b"scan.jpg" in content


def test_broken_credentials_of_the_original_are_reported(tmp_path: Path) -> None:
    who = signer(tmp_path)
    first, _ = signed(picture(color=False), "image/jpeg", "scan.jpg", None, None, who)
    broken = bytearray(first)
    broken[-20] ^= 1
    content, remarks = signed(picture(), "image/jpeg", "a", original(bytes(broken)), None, who)
    assert len(remarks) == 1
    assert "not valid" in remarks[0]
    assert verified(content).is_valid


def test_an_original_of_another_format_is_named(tmp_path: Path) -> None:
    scan = Original("scan.bmp", picture("BMP", color=False), "image/bmp")
    content, _ = signed(picture(), "image/jpeg", "a", scan, RECORD, signer(tmp_path))
    assert verified(content).originals == ("scan.bmp",)


@pytest.mark.parametrize(
    ("who", "message"),
    [
        (identity("Old", AUTHORITY, days=(-30, -1)), "expired on"),
        (identity("Early", AUTHORITY, days=(10, 20)), "valid from"),
        (identity("Web", AUTHORITY, purpose=ExtendedKeyUsageOID.SERVER_AUTH), "not made for"),
        (identity("None", AUTHORITY, purpose=None), "not made for"),
        (AUTHORITY, "not made for"),
        (identity("Curve", AUTHORITY, "secp256k1"), "do not allow"),
        (Identity(ARCHIVE.certificate, AUTHORITY.key), "does not belong"),
    ],
    ids=["expired", "early", "web", "no purpose", "authority", "curve", "another key"],
)
def test_unfit_certificates_are_refused(tmp_path: Path, who: Identity, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        signer(tmp_path, who)


@pytest.mark.parametrize(
    ("certificate", "key", "password", "message"),
    [
        (b"", ARCHIVE.pem(), None, "not a certificate"),
        (ARCHIVE.chain, b"none", None, "not in PEM format"),
        (ARCHIVE.chain, ARCHIVE.pem(b"secret"), None, "is encrypted"),
        (ARCHIVE.chain, ARCHIVE.pem(b"secret"), "wrong", "with this password"),
    ],
    ids=["no certificate", "no key", "no password", "wrong password"],
)
def test_unreadable_keys_are_refused(
    tmp_path: Path, certificate: bytes, key: bytes, password: str | None, message: str
) -> None:
    paths = tmp_path / "certificate", tmp_path / "key"
    for path, content in zip(paths, (certificate, key), strict=True):
        path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        Signer.of_files(*paths, password)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    certificate, _ = ARCHIVE.write(tmp_path)
    with pytest.raises(UsageError, match=r"cannot read the signing key .*none"):
        Signer.of_files(certificate, tmp_path / "none")


def test_no_key_appears_when_a_signer_is_printed(tmp_path: Path) -> None:
    assert "PRIVATE" not in repr(signer(tmp_path))
    assert "BEGIN" not in repr(signer(tmp_path))


def test_a_format_without_credentials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"a\.bmp: its format"):
        signed(picture("BMP"), "image/bmp", "a.bmp", original(), None, signer(tmp_path))


def test_a_file_without_credentials_has_none() -> None:
    assert read(io.BytesIO(picture()), "image/jpeg") is None
    assert read(io.BytesIO(picture("BMP")), "image/bmp") is None
