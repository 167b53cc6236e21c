"""Subtitles are kept, converted or named, and end where a part of a film ends."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.programs import program

from ..cli.test_main import run
from .clips import moving, packets, write
from .test_kept import ffmpeg, probed

MEAN = ("--method", "mean", "--threads", 1)
LINES = (
    (0.2, 1.0, "<i>Großmutter</i> am <b>See</b>\nzweite Zeile"),
    (1.2, 1.4, "Kurz"),
    (1.5, 9.0, "Bis weit nach dem Ende"),
)
"""Begin, end and text."""
SECONDS = 2.0


def clock(second: float) -> str:
    return f"00:00:{second:06.3f}".replace(".", ",")


def titled(path: Path, codec: str) -> Path:
    """A film of two seconds with subtitles of a codec."""
    text = path.with_suffix(".srt")
    text.write_text(
        "".join(
            f"{number}\n{clock(begin)} --> {clock(end)}\n{line}\n\n"
            for number, (begin, end, line) in enumerate(LINES, 1)
        ),
        "utf-8",
    )
    video = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
    plain = write(path.with_name(f"plain{path.suffix}"), moving(48), codec=video)
    ffmpeg(
        "-i", plain, "-i", text, "-map", "0:v", "-map", "1:s", "-c:v", "copy", "-c:s", codec,
        "-metadata:s:s", "language=eng", path,
    )  # fmt: skip
    return path


def shown(path: Path) -> list[tuple[float, float, str]]:
    """Begin, end and text of all subtitles, by FFmpeg's program."""
    call = [
        program("ffmpeg"),
        "-v",
        "error",
        "-copyts",
        "-i",
        str(path),
        "-map",
        "0:s",
        "-f",
        "srt",
        "-",
    ]
    text = subprocess.run(call, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    found = []
    for block in re.split(r"\n\n+", text.decode().replace("\r", "").strip()):
        _, times, *lines = block.split("\n")
        begin, end = (
            sum(60**k * float(part) for k, part in enumerate(reversed(each.split(":"))))
            for each in times.replace(",", ".").split(" --> ")
        )
        found.append((begin, end, "\n".join(lines)))
    return found


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


@pytest.mark.parametrize(
    ("source", "codec", "target"),
    [(".mkv", "srt", ".mp4"), (".mkv", "srt", ".mov"), (".mp4", "mov_text", ".mkv"),
     (".mov", "mov_text", ".mkv"), (".mkv", "ass", ".mp4"), (".mkv", "webvtt", ".mp4"),
     (".mkv", "srt", ".webm"), (".mp4", "mov_text", ".webm")],
)  # fmt: skip
def test_subtitles_are_converted(
    tmp_path: Path, source: str, codec: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    film, made = titled(tmp_path / f"a{source}", codec), tmp_path / f"b{target}"
    loses = codec in ("ass", "webvtt")
    assert run(film, "-o", made, *MEAN) == int(loses)
    said = capsys.readouterr().err
    assert "does not support its subtitles" in said
    assert ("without positions and styles" in said) == loses
    before, after = shown(film), shown(made)
    assert [plain(text) for *_, text in after] == [plain(text) for *_, text in LINES]
    assert [text for *_, text in after] == [text for *_, text in before]
    for (begin, end, _), (was, until, _) in zip(after, LINES, strict=True):
        assert begin == pytest.approx(was, abs=2e-3)
        assert end == pytest.approx(until, abs=2e-3)
    entries = "stream=codec_type:stream_tags=language"
    assert "codec_type=subtitle|tag:language=eng" in probed(made, entries)


@pytest.mark.parametrize(
    ("ending", "codec"),
    [(".mkv", "srt"), (".mkv", "ass"), (".mkv", "webvtt"), (".mp4", "mov_text"),
     (".mov", "mov_text"), (".webm", "webvtt")],
)  # fmt: skip
def test_subtitles_are_copied_where_the_container_supports_them(
    tmp_path: Path, ending: str, codec: str
) -> None:
    film, made = titled(tmp_path / f"a{ending}", codec), tmp_path / f"b{ending}"
    assert run(film, "-o", made, *MEAN) == 0
    assert packets(made, "subtitles") == packets(film, "subtitles")
    assert shown(made) == shown(film)


def test_pictures_as_subtitles_are_kept_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = titled(tmp_path / "text.mkv", "srt")
    source = tmp_path / "a.mkv"
    with av.open(str(film)) as read, av.open(str(source), "w") as out:
        video = out.add_stream_from_template(read.streams.video[0])
        pictures = out.add_stream("dvdsub")
        pictures.codec_context.time_base = Fraction(1, 1000)
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = video
                out.mux(packet)
        empty = av.Packet(bytes((0, 8, 0, 4, 0, 0, 0, 0)))
        empty.stream, empty.pts, empty.dts = pictures, 0, 0
        out.mux(empty)
    assert run(source, "-o", tmp_path / "b.mkv", *MEAN) == 0
    assert packets(tmp_path / "b.mkv", "subtitles") == packets(source, "subtitles")
    assert run(source, "-o", tmp_path / "b.webm", *MEAN) == 1
    assert "webm does not support its subtitle (dvdsub)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ending", "codec", "target"),
    [(".mkv", "srt", ".mkv"), (".mkv", "srt", ".mp4"), (".mp4", "mov_text", ".mp4"),
     (".mp4", "mov_text", ".mkv")],
)  # fmt: skip
def test_subtitles_are_cut_to_a_part(tmp_path: Path, ending: str, codec: str, target: str) -> None:
    film, made = titled(tmp_path / f"a{ending}", codec), tmp_path / f"b{target}"
    assert run(film, "-o", made, "--start", "0.5", "--end", "1.75", *MEAN) == 0
    spans = [(begin, end) for begin, end, _ in shown(made)]
    expected = [(0.0, 0.5), (0.7, 0.9), (1.0, 1.25)]
    for (begin, end), (was, until) in zip(spans, expected, strict=True):
        assert begin == pytest.approx(was, abs=2e-3)
        assert end == pytest.approx(until, abs=2e-3)
    with av.open(str(made)) as result:
        assert result.duration == pytest.approx(1.25e6, abs=5e4)


def test_a_text_that_is_broken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from av.subtitles.subtitle import SubtitleSet

    own = SubtitleSet.create

    def created(text: bytes, *rest: int) -> SubtitleSet:
        if b"Kurz" in text:
            raise ValueError("too long")
        return own(text, *rest)

    monkeypatch.setattr("av.subtitles.subtitle.SubtitleSet", type("Set", (), {"create": created}))
    film = titled(tmp_path / "a.mkv", "srt")
    assert run(film, "-o", tmp_path / "b.mp4", *MEAN) == 1
    assert "subtitle lost at 1.20 s: too long" in capsys.readouterr().err
    assert len(shown(tmp_path / "b.mp4")) == 2
