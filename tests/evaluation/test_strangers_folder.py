"""Reports go into a folder that somebody else has made, and through no link of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ..cli.test_main import run

NAMES = ("report.html", "results.json", "results.csv")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    return folder


def test_reports_replace_links(tmp_path: Path, pictures: Path) -> None:
    mine, out = tmp_path / ".profile", tmp_path / "out"
    mine.write_text("# mine\n")
    out.mkdir()
    for name in NAMES:
        (out / name).symlink_to(mine)
    call = (
        "evaluate",
        "--data",
        pictures,
        "--method",
        "mean",
        "-o",
        out,
        "--workers",
        1,
        "--force",
        "--quiet",
    )
    assert run(*call) == 0
    assert mine.read_text() == "# mine\n"
    for name in NAMES:
        assert not (out / name).is_symlink()
        assert (out / name).stat().st_size > 100
