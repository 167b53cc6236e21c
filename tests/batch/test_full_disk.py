"""A disk that fills up while a folder is coloured, on a small file system if available."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.batch.names import MANIFEST

from ..cli.test_main import run

PICTURES = 8
GRAY = ("--method", "mean", "--threads", 1, "--quiet")


def mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = mount(folder, "size=200k")
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for k in range(PICTURES):
        noise = rng.integers(0, 256, (120, 160)).astype(np.uint8)
        Image.fromarray(noise).save(folder / f"{k}.png")
    return folder


def test_a_full_disk_loses_nothing_and_the_next_run_goes_on(
    small_disk: Path, scans: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    is_small = small_disk.is_mount()
    status = run(scans, "-o", small_disk, "--resume", *GRAY)
    assert status == (1 if is_small else 0)
    complaints = capsys.readouterr().err.splitlines()
    assert all(line.startswith("retint: ") for line in complaints)
    assert not list(small_disk.glob(".*.partial"))
    for line in (small_disk / MANIFEST).read_text().splitlines():
        json.loads(line)
    if is_small:
        assert any("No space left" in line for line in complaints)
        command = ["mount", "-o", "remount,size=20m", str(small_disk)]
        subprocess.run(command, check=True)
    assert run(scans, "-o", small_disk, "--resume", *GRAY) == 0
    assert len(list(small_disk.glob("*.png"))) == PICTURES
    entries = [json.loads(line) for line in (small_disk / MANIFEST).read_text().splitlines()]
    assert len(entries) == PICTURES
    assert not any(entry["error"] for entry in entries)
