"""Formats of Pillow, which are loaded when they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

READ = """
import sys
from pathlib import Path
from retint import files
print(files.read(Path(sys.argv[1])).format, "PIL.PdfImagePlugin" in sys.modules)
"""


@pytest.mark.parametrize(
    ("format", "ending", "everything"),
    [("JPEG", "jpg", False), ("PNG", "png", False), ("TIFF", "tif", False), ("WEBP", "webp", True)],
    ids=["jpg", "png", "tif", "webp"],
)
def test_the_first_picture_loads_the_formats_that_it_needs(
    tmp_path: Path, format: str, ending: str, *, everything: bool
) -> None:
    path = tmp_path / f"photo.{ending}"
    Image.new("L", (40, 30), 90).save(path)
    command = [sys.executable, "-c", READ, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.split() == [format, str(everything)]
