"""FFmpeg opens no other file that a film's name or content refers to."""

from __future__ import annotations

import os
import shutil
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from retint.errors import PhotoError
from retint.film.joining import read_provenance
from retint.film.source import Source

from ..cli.test_main import run
from .clips import lumas, moving, write
from .mutations import whole

STREAM_PROPERTIES = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
"""Identifier of ASF, followed by the size of an object."""
QUIET = ("--method", "mean", "--threads", 1, "--quiet")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine that nobody should knock at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_a_name_that_looks_like_an_address_opens_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket, scheme: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{scheme}:127.0.0.1:{listener.getsockname()[1]}?timeout=2000000&x.mp4"
    shutil.copy(write(tmp_path / "a.mp4", moving(6)), name)
    assert run(name, *QUIET) == 0
    assert run("a.mp4", "-o", f"out-{name}", *QUIET) == 0
    assert run("a.mp4", "-o", name, "--force", *QUIET) == 0
    with pytest.raises(BlockingIOError):
        listener.accept()
    made = [f"{name.removesuffix('.mp4')}.retint.mp4", f"out-{name}", name]
    assert [len(lumas_of(Path(each))) for each in made] == [6, 6, 6]


@pytest.mark.parametrize(
    "name", ["12:30.mp4", "Reel-1:Beginning.mkv", "pipe:0.mp4", "-.mp4", "50%d.mp4", "a\nb.mp4"]
)
def test_names_with_a_meaning_for_ffmpeg_are_names_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    monkeypatch.chdir(folder)
    whole = write(tmp_path / f"a{Path(name).suffix}", moving(6))
    Path(name).write_bytes(whole.read_bytes())
    assert run(".", "-o", "out", *QUIET) == 0
    assert len(lumas_of(Path("out") / name)) == 6
    assert read_provenance(Path("out") / name)


def test_a_film_whose_name_is_not_unicode_is_coloured(tmp_path: Path) -> None:
    name = os.fsdecode(b"R\xe9publique.mp4")
    (tmp_path / name).write_bytes(write(tmp_path / "a.mp4", moving(6)).read_bytes())
    assert run(tmp_path / name, *QUIET) == 0
    assert len(lumas_of(tmp_path / name.replace(".mp4", ".retint.mp4"))) == 6


def lumas_of(path: Path) -> list[Any]:
    """As `lumas`, of a file whose name may be an address."""
    plain = path.parent / f"plain{path.suffix}"
    shutil.copy(path, plain)
    try:
        return lumas(plain)
    finally:
        plain.unlink()


SCRIPTS = {
    "concat": "ffconcat version 1.0\nfile secret.mp4\n",
    "itself": "ffconcat version 1.0\nfile script.mp4\n",
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    "DASH": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="0" bandwidth="1"><BaseURL>secret.mp4</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "VobSub": "# VobSub index file, v7 (do not modify this line!)\n"
    "id: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n",
    "SubRip": "1\n00:00:00,000 --> 00:00:01,000\nsecret.mp4\n",
    "IMF": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/'
    '2067-3/2016"><Id>urn:uuid:00000000-0000-0000-0000-000000000000</Id></CompositionPlaylist>',
    "picture": "P5\n64 48\n255\n" + "x" * 64 * 48,
}  # fmt: skip


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_with_a_films_ending_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, ending: str
) -> None:
    write(tmp_path / "secret.mp4", moving(6))
    path = tmp_path / f"script{ending}"
    path.write_text(SCRIPTS[kind])
    assert run(path, *QUIET) == 1
    said = capsys.readouterr().err
    assert "script" in said
    assert "not a readable film" in said or "contains no video" in said
    assert said.count("\n") == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["secret.mp4", path.name])


def test_a_film_whose_samples_are_in_another_file_is_refused(tmp_path: Path) -> None:
    """QuickTime's references by an alias, which FFmpeg follows where it is allowed to."""
    other = write(tmp_path / "secret.mov", moving(6), codec="mpeg4")
    path = tmp_path / "refers.mov"
    path.write_bytes(with_reference(other.read_bytes(), alias(other)))
    allowed = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(str(path), options=allowed) as film:
        assert len(list(film.decode(video=0))) == 6
    with pytest.raises(PhotoError):
        Source(path)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def alias(path: Path) -> bytes:
    """A Macintosh alias with the file's name, its folder and its path."""
    name, volume, folder = path.name.encode(), b"/", path.parent.name.encode()
    head = b"\0\0\0\0" + b"\0" * 4 + struct.pack(">HH", 0, 2) + b"\0\0"
    head += bytes([len(volume)]) + volume.ljust(27, b"\0") + b"\0" * 12
    head += bytes([len(name)]) + name.ljust(63, b"\0") + b"\0" * 16
    head += struct.pack(">HH", 1, 1) + b"\0" * 16
    tags = b"".join(
        struct.pack(">HH", kind, len(text)) + text + b"\0" * (len(text) % 2)
        for kind, text in ((2, str(path).encode()), (0, folder))
    )
    return box(b"alis", head + tags + struct.pack(">HH", 0xFFFF, 0))


def with_reference(content: bytes, reference: bytes) -> bytes:
    """A QuickTime file without its samples, whose track says that they are elsewhere."""
    own = content.index(b"dref") - 4
    size = struct.unpack(">I", content[own : own + 4])[0]
    new = box(b"dref", b"\0\0\0\0" + struct.pack(">I", 1) + reference)
    grown = bytearray(content[:own] + new + content[own + size :])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = content.index(kind) - 4
        old = struct.unpack(">I", content[place : place + 4])[0]
        grown[place : place + 4] = struct.pack(">I", old + len(new) - size)
    samples = content.index(b"mdat")
    length = struct.unpack(">I", content[samples - 4 : samples])[0]
    grown[samples + 4 : samples - 4 + length] = bytes(length - 8)
    return bytes(grown)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.mp4"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(PhotoError, match="not a regular file"):
        Source(path)


def test_thousands_of_streams_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("mpeg4", rate=24)
        stream.width, stream.height = 64, 48
        sounds: list[Any] = [out.add_stream("pcm_s16le", rate=8000) for _ in range(400)]
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
        out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        assert len(sounds) == 400
    with pytest.raises(PhotoError, match="streams"):
        Source(path)


def test_reading_that_is_stopped_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Frames of several reads, whose decoder is left after the first ones."""
    size = (240, 320)
    film = write(tmp_path / "a.avi", moving(50, size), codec="rawvideo", pix_fmt="uyvy422")
    assert run(film, *QUIET) == 0
    assert capfd.readouterr().err == ""


def test_a_place_before_the_beginning_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "film.wmv"
    content = bytearray(whole("WMV and MP3"))
    header = content.index(STREAM_PROPERTIES) + 16
    content[header : header + 8] = (1 << 63).to_bytes(8, "little")
    source.write_bytes(content)
    assert run(source, *QUIET) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "not a readable film" in line


def test_a_source_that_is_no_film_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "film.ts"
    source.write_bytes(b"export const a = 1;" * 100)
    assert run(source, "-o", tmp_path / "out.mkv", *QUIET) == 1
    assert "film.ts is not a readable film" in capsys.readouterr().err
