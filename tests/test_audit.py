"""retint contacts no other computer, and writes files only where requested.

Programs run under strace beside each other. ONNX Runtime's telemetry, left on, makes a file at
once and looks up its maker's host within ten seconds.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .audit import STRACE, Audited, start
from .sizes import AUDIT_SECONDS, AUDITED_MUTATIONS

pytestmark = pytest.mark.timeout(1800)  # they run as long as they are told

PATIENCE = 900 + 30 * AUDITED_MUTATIONS
"""Seconds that a program may take."""
ROOT = str(Path(__file__).parents[1])
RETINT = (sys.executable, "-m", "retint")
THREAD = ("--threads", "1")

HOLD = """
import sys, time, numpy, retint
colorizer = retint.load("guided-unet", threads=1)
colorizer(numpy.zeros((64, 64), numpy.uint8))
time.sleep(float(sys.argv[1]))
"""
PAINT = """
import sys, numpy, retint
from pathlib import Path
sys.path.append(sys.argv[1])
from tests.colorizers.tiny_diffusion import save_tiny
save_tiny(Path.cwd())
models = {"base_model": "base", "control_model": "control", "depth_model": "depth"}
colorizer = retint.load("controlnet", **models, steps=2, device="cpu", threads=1)
colorizer(numpy.zeros((64, 64), numpy.uint8))
"""
BREAK = """
import sys
from pathlib import Path
sys.path.append(sys.argv[1])
from retint import files
from retint.errors import PhotoError
from tests.corpus import CORPUS
from tests.film.filmer import color
from tests.film.mutations import KINDS, mutated
from tests.film.test_opening import SCRIPTS
broken = Path.cwd() / "broken"
broken.mkdir()
Path("out").mkdir()
for kind, (ending, make) in CORPUS.items():
    for length in (len(make()), len(make()) // 2):
        path = broken / f"picture.{ending}"
        path.write_bytes(make()[:length])
        try:
            files.encode(files.read(path), files.FORMATS["PNG"])
        except PhotoError:
            pass
for name, script in SCRIPTS.items():
    path = broken / "script.mp4"
    path.write_text(script)
    color(path)
for kind, what in KINDS.items():
    for seed in range(int(sys.argv[2])):
        path = broken / f"film{what.ending}"
        path.write_bytes(mutated(kind, seed))
        color(path)
"""
"""Reads pictures, and colours films, that are broken or mean no good."""
OTHERS = """
import subprocess, sys
from importlib.util import find_spec
retint = [sys.executable, "-m", "retint"]
small = ["--method", "mean", "--threads", "1", "--quiet"]
frames = bytes(64 * 48 * 3)
calls = [
    (["watch", "photographs", "-o", "watched", "--once", "--settle", "0", *small], b""),
    (["photographs", "-o", "coloured", "--sidecar", "--keep-original", ".original", *small], b""),
    (["iiif", "watched", "--url", "https://192.0.2.1/pictures"], b""),
    (["restore", "watched", "-o", "restored", "--quiet"], b""),
    (["inspect", "photographs", "coloured"], b""),
    (["pipe", "--size", "64x48", "--pixel", "gray", "--method", "mean", "--threads", "1"], frames),
]
if find_spec("mcp"):
    calls.append((["mcp", "photographs"], b""))
if find_spec("c2pa"):
    sys.path.append(sys.argv[1])
    from pathlib import Path
    from tests.credentials.test_credentials import ARCHIVE
    certificate, key = ARCHIVE.write(Path.cwd())
    sign = ["--sign", "--sign-certificate", str(certificate), "--sign-key", str(key)]
    calls.append((["photographs", "-o", "signed", *sign, *small], b""))
    calls.append((["inspect", "signed"], b""))
for arguments, given in calls:
    done = subprocess.run([*retint, *arguments], input=given, capture_output=True)
    assert done.returncode == 0, (arguments, done.stderr)
"""
"""Runs the other commands; a picture names an address for its Content Credentials."""
REMOTE = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="http://192.0.2.1/credentials.c2pa"/>
</rdf:RDF></x:xmpmeta>"""


def hold(folder: Path, _: NDArray[np.uint8]) -> Audited:
    """A program that has coloured a picture and keeps the network."""
    return _started(folder, sys.executable, "-c", HOLD, str(AUDIT_SECONDS))


def color_folder(folder: Path, grey: NDArray[np.uint8]) -> Audited:
    photographs = folder / "work/photographs"
    photographs.mkdir(parents=True)
    picture = Image.fromarray(grey[::4, ::4])
    for name in ("a.jpg", "b.png", "c.tif", "d.webp"):
        picture.save(photographs / name)
    return _started(folder, *RETINT, "photographs", "-o", "coloured", "--resume", *THREAD)


def color_film(folder: Path, _: NDArray[np.uint8]) -> Audited:
    clips = pytest.importorskip("tests.film.clips")
    (folder / "work").mkdir(parents=True)
    clips.write(folder / "work/film.mp4", clips.moving(), sound=True)
    return _started(folder, *RETINT, "film.mp4", *THREAD)


def serve(folder: Path, grey: NDArray[np.uint8]) -> Audited:
    """A server that has coloured one picture and waits for others."""
    pytest.importorskip("fastapi")
    audited = _started(folder, *RETINT, "serve", "--port", "0", *THREAD)
    assert audited.process.stdout is not None
    found = None
    while found is None:
        line = audited.process.stdout.readline()
        assert line, "the server ended"
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
    picture = folder / "picture.png"
    Image.fromarray(grey[::4, ::4]).save(picture)
    answer = httpx.post(f"{found[0]}/v1/colorize", content=picture.read_bytes(), timeout=60)
    assert answer.status_code == 200
    return audited


def paint(folder: Path, _: NDArray[np.uint8]) -> Audited:
    """Stable Diffusion in miniature: diffusers, transformers and accelerate."""
    pytest.importorskip("diffusers")
    return _started(folder, sys.executable, "-c", PAINT, ROOT)


def read_broken_files(folder: Path, _: NDArray[np.uint8]) -> Audited:
    for extra in ("av", "tifffile"):
        pytest.importorskip(extra)
    return _started(folder, sys.executable, "-c", BREAK, ROOT, str(AUDITED_MUTATIONS))


def use_other_commands(folder: Path, grey: NDArray[np.uint8]) -> Audited:
    for extra in ("av", "scenedetect"):
        pytest.importorskip(extra)
    photographs = folder / "work/photographs"
    photographs.mkdir(parents=True)
    for name in ("a.jpg", "b.png"):
        Image.fromarray(grey[::8, ::8]).save(photographs / name, xmp=REMOTE)
    return _started(folder, sys.executable, "-c", OTHERS, ROOT)


def color_on_cluster(folder: Path, grey: NDArray[np.uint8]) -> Audited:
    pytest.importorskip("ray")
    (folder / "work/photographs").mkdir(parents=True)
    Image.fromarray(grey[::4, ::4]).save(folder / "work/photographs/a.png")
    source, results = (f"file://{folder / 'work' / name}" for name in ("photographs", "coloured"))
    return _started(folder, *RETINT, "cluster", source, "-o", results, "--cpus-per-worker", "1")


def _started(folder: Path, *command: str) -> Audited:
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    return start(command, folder, cwd=work)


PROGRAMS = (
    hold, color_folder, color_film, serve, paint, read_broken_files, use_other_commands,
    color_on_cluster,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def strace() -> None:
    """Pass these tests over where there is no strace, unless it is required."""
    if STRACE is None:
        if os.environ.get("RETINT_AUDIT") == "required":
            raise RuntimeError("RETINT_AUDIT=required, and there is no strace")
        pytest.skip("system calls are seen by strace (apt install strace)")


@pytest.fixture(scope="module")
def audited(
    tmp_path_factory: pytest.TempPathFactory, grey: NDArray[np.uint8]
) -> dict[str, Audited]:
    """All programs after they have run beside each other."""
    running: dict[str, Audited] = {}
    for program in PROGRAMS:
        running[program.__name__] = program(tmp_path_factory.mktemp(program.__name__), grey)
    time.sleep(AUDIT_SECONDS)
    running["serve"].interrupt()
    deadline = time.monotonic() + PATIENCE
    for each in running.values():
        each.end(deadline - time.monotonic())
    return running


INTERRUPTED = 130
HERE = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
ASKED_BY_RAY = {"169.254.169.254", "metadata.google.internal", "names"}
"""Ray asks the computer itself in which cloud it is; without a cloud nobody answers."""


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (hold, set()),
        (color_folder, set()),
        (color_film, set()),
        (read_broken_files, set()),
        (use_other_commands, set()),
        (paint, {"::1"}),  # urllib3 tries whether there is IPv6
        (serve, {"127.0.0.1"}),
        (color_on_cluster, HERE | ASKED_BY_RAY),
    ],
)
def test_a_program_names_no_other_computer(
    audited: dict[str, Audited], program: Callable[..., Audited], expected: set[str]
) -> None:
    assert audited[program.__name__].addresses() <= expected


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_ends(audited: dict[str, Audited], program: Callable[..., Audited]) -> None:
    ended = audited[program.__name__]
    assert ended.process.returncode == (INTERRUPTED if program is serve else 0), ended.said


@pytest.mark.parametrize("program", PROGRAMS)
def test_files_are_written_where_they_were_asked_for(
    audited: dict[str, Audited], program: Callable[..., Audited]
) -> None:
    assert audited[program.__name__].written_elsewhere() == set()


def test_the_audit_sees_sockets_addresses_and_files(tmp_path: Path) -> None:
    script = f"""
import os, socket, threading
def ask():
    with socket.socket() as asked:
        asked.connect_ex(("127.0.0.1", 9))
thread = threading.Thread(target=ask)
thread.start(); thread.join()
open({str(tmp_path / "elsewhere")!r}, "w"); open("here", "w")
os.mkdir({str(tmp_path / "__pycache__")!r})
"""
    audited = _started(tmp_path, sys.executable, "-c", script)
    assert audited.process.wait(timeout=60) == 0
    assert audited.addresses() == {"127.0.0.1"}
    assert audited.written_elsewhere() == {str(tmp_path / "elsewhere")}
