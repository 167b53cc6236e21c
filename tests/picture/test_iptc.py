"""What other programs read about the coloring, in each format."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import retint
from retint.files import xmp
from tests.cli.test_main import run
from tests.programs import program

RAMP = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
GROUP = "XMP-iptcExt:"


def read(path: Path) -> dict[str, Any]:
    command = [program("exiftool"), "-json", "-G1", str(path)]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, capture_output=True, check=True).stdout
    )[0]
    return found


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "avif"])
def test_iptc_2025_is_read_by_exiftool(tmp_path: Path, ending: str) -> None:
    path, target = tmp_path / "photo.jpg", tmp_path / f"out.{ending}"
    Image.fromarray(RAMP).save(path, quality=90)
    assert run(path, "-o", target, "--hint", "50%,50%,navy", "--quiet") == 0
    found = read(target)
    assert found[f"{GROUP}DigitalSourceType"] == xmp.SOURCE_TYPE
    assert found[f"{GROUP}AISystemUsed"] == "retint (guided-unet)"
    assert found[f"{GROUP}AISystemVersionUsed"] == retint.__version__
    assert found[f"{GROUP}AIPromptInformation"] == "colors at marked places: navy"
