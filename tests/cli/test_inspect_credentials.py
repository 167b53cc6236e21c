"""Content Credentials as `retint inspect` shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("c2pa")

from retint import credentials
from retint.credentials import signed
from retint.extras import install
from tests.cli.test_main import run
from tests.credentials.test_credentials import AUTHORITY, original, picture, signer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    content, _ = signed(picture(), "image/jpeg", "a", original(), None, signer(tmp_path))
    target = tmp_path / "a.jpg"
    target.write_bytes(content)
    return target


def test_credentials_are_shown_as_untrusted(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", path) == 0
    assert (
        "content credentials: valid, signed by City archive (untrusted" in capsys.readouterr().out
    )


def test_a_trusted_certificate_vouches(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = tmp_path / "trusted.pem"
    anchors.write_bytes(AUTHORITY.chain)
    assert run("inspect", path, "--trust", anchors, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["credentials"] == "valid, signed by City archive (trusted)"


def test_a_changed_file_is_not_valid(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert run("inspect", path) == 0
    assert "content credentials: not valid" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"none"])
def test_unreadable_trust_is_an_error(
    path: Path, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = tmp_path / "trusted.pem"
    if content is not None:
        anchors.write_bytes(content)
    assert run("inspect", path, "--trust", anchors) == 2
    assert "cannot read the trusted certificates" in capsys.readouterr().err


def test_without_the_extra_credentials_are_mentioned(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(credentials, "is_there", lambda: False)
    assert run("inspect", path) == 0
    assert f"present (to verify: {install('c2pa')})" in capsys.readouterr().out
