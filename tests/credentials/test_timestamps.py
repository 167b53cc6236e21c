"""Time stamps of signatures, by an authority on this computer."""

from __future__ import annotations

import datetime
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("c2pa")
from cryptography.x509.oid import ExtendedKeyUsageOID

from retint.credentials import Signer
from retint.credentials.signing import signed
from retint.errors import PhotoError, UsageError
from tests.cli.test_main import run
from tests.credentials.authority import identity
from tests.credentials.test_credentials import ARCHIVE, AUTHORITY, original, picture, verified
from tests.programs import program

CLOCK = identity("Clock", AUTHORITY, "rsa", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
SETTINGS = """[clock]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""
NOBODY = "http://127.0.0.1:9/"


class Clock(ThreadingHTTPServer):
    """An authority that answers as RFC 3161 says, by OpenSSL."""

    def __init__(self, folder: Path) -> None:
        self.openssl = program("openssl")
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder = folder
        self.certificate, self.key = CLOCK.write(folder)
        (folder / "settings").write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01")
        self.asked: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def reply(self, query: bytes) -> bytes:
        self.asked.append(query)
        (self.folder / "query").write_bytes(query)
        call: list[str | Path] = [
            self.openssl,
            "ts",
            "-reply",
            "-config",
            "settings",
            "-section",
            "clock",
        ]
        call += ["-queryfile", "query", "-signer", self.certificate, "-inkey", self.key]
        call += ["-chain", self.certificate, "-out", "reply"]
        subprocess.run(call, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()


class Answer(BaseHTTPRequestHandler):
    server: Clock

    def do_POST(self) -> None:
        reply = self.server.reply(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    folder = tmp_path / "clock"
    folder.mkdir()
    with Clock(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def stamped(signer: Signer) -> bytes:
    return signed(picture(), "image/jpeg", "a.jpg", original(), None, signer)[0]


def options(folder: Path, address: str) -> tuple[object, ...]:
    certificate, key = ARCHIVE.write(folder)
    sign = ("--sign", "--sign-certificate", certificate, "--sign-key", key)
    return (*sign, "--sign-timestamp", address, "--method", "mean", "--quiet")


def test_an_authority_states_when_a_picture_was_signed(tmp_path: Path, clock: Clock) -> None:
    found = verified(stamped(Signer.of_files(*ARCHIVE.write(tmp_path), timestamp=clock.url)))
    assert found.is_valid
    when = datetime.datetime.fromisoformat(found.stamped)
    assert abs(datetime.datetime.now(datetime.UTC) - when) < datetime.timedelta(minutes=5)
    assert not found.stamp_trusted
    assert str(found).endswith("(untrusted)")
    (query,) = clock.asked
    assert len(query) < 200  # a hash, and not the picture


def test_an_authority_is_trusted_if_a_certificate_vouches(tmp_path: Path, clock: Clock) -> None:
    content = stamped(Signer.of_files(*ARCHIVE.write(tmp_path), timestamp=clock.url))
    found = verified(content, trust=True)
    assert found.trusted
    assert found.stamp_trusted
    assert str(found).endswith("(trusted)")


def test_a_signature_without_a_time_stamp_has_no_time(tmp_path: Path) -> None:
    found = verified(stamped(Signer.of_files(*ARCHIVE.write(tmp_path))))
    assert (found.stamped, found.stamp_trusted) == ("", False)


def test_a_remote_signer_gets_a_time_stamp(clock: Clock) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    def sign(data: bytes) -> bytes:
        r, s = utils.decode_dss_signature(ARCHIVE.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    found = verified(stamped(Signer.remote(ARCHIVE.chain, sign, clock.url)))
    assert found.is_valid
    assert found.stamped


def test_the_command_asks_the_authority_and_inspect_shows_the_time(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(picture(color=False))
    assert run(source, "-o", target, *options(tmp_path, clock.url)) == 0
    assert len(clock.asked) == 1
    capsys.readouterr()
    assert run("inspect", "--json", target) == 0
    assert "time stamp of 20" in json.loads(capsys.readouterr().out)["credentials"]


def test_an_authority_that_does_not_answer_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(picture(color=False))
    assert run(source, "-o", target, *options(tmp_path, NOBODY)) == 1
    shown = capsys.readouterr().err
    assert NOBODY in shown
    assert len(shown.splitlines()) == 1
    assert not target.exists()


def test_an_answer_that_is_no_time_stamp_is_an_error(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "reply", lambda _: b"no time stamp")
    with pytest.raises(PhotoError, match="time stamp of http"):
        stamped(Signer.of_files(*ARCHIVE.write(tmp_path), timestamp=clock.url))


@pytest.mark.parametrize("address", ["clock", "ftp://example.org", "file:///etc/passwd", "http://"])
def test_other_addresses_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="not a web address"):
        Signer.of_files(*ARCHIVE.write(tmp_path), timestamp=address)


def test_a_time_stamp_requires_a_signature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "a.jpg", "--sign-timestamp", "https://example.org") == 2
    assert "--sign-timestamp requires --sign" in capsys.readouterr().err
