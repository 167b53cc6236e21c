"""Runs that are killed at random moments."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.batch.names import MANIFEST

pytestmark = pytest.mark.alone

PICTURES = 120
KILLS = 4


@pytest.fixture
def scans(tmp_path: Path, rng: np.random.Generator) -> Path:
    folder = tmp_path / "scans"
    for k in range(PICTURES):
        path = folder / f"{k % 3}" / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (60, 80)).astype(np.uint8)).save(path)
    return folder


def start(scans: Path, results: Path) -> subprocess.Popen[bytes]:
    call = [sys.executable, "-m", "retint", scans, "-o", results, "--recursive", "--resume"]
    options = ["--method", "mean", "--workers", "2", "--threads", "1", "--quiet"]
    return subprocess.Popen([*map(str, call), *options], stderr=subprocess.PIPE)


def test_killed_again_and_again_it_ends_with_every_file_and_every_line(
    scans: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    results = tmp_path / "results"
    manifest = results / MANIFEST
    cut_short = 0
    for _ in range(KILLS):
        run = start(scans, results)
        # Until it has begun to write, and a moment longer.
        lines = len(manifest.read_bytes().splitlines()) if manifest.exists() else 0
        deadline = time.monotonic() + 30
        while run.poll() is None and time.monotonic() < deadline:
            if manifest.exists() and len(manifest.read_bytes().splitlines()) > lines + 2:
                break
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.03))
        run.kill()
        cut_short += run.wait() != 0
        assert run.stderr is not None
        run.stderr.close()
    assert cut_short
    before = {p: p.stat().st_mtime_ns for p in results.rglob("*.png") if p.name[0] != "."}
    last = start(scans, results)
    _, complaints = last.communicate(timeout=60)
    assert last.returncode == 0, complaints
    entries = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert len(entries) == PICTURES
    for entry in entries:
        (output,) = entry["outputs"]
        content = (results / output["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == output["sha256"]
        assert entry["error"] is None
    for path, changed in before.items():
        assert path.stat().st_mtime_ns == changed
    assert not list(results.rglob("*.partial"))
    names = {p.relative_to(results).as_posix() for p in results.rglob("*.png") if p.name[0] != "."}
    assert names == {entry["output"] for entry in entries}
