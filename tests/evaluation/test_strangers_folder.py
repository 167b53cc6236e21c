"""Reports in an untrusted folder are not written through its links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retint.errors import WeightsError
from retint.evaluation import judges

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


def test_networks_of_metrics_keep_to_their_folder(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.ModelProto(ir_version=8)
    model.opset_import.append(onnx.helper.make_opsetid("", 17))
    tensor = model.graph.initializer.add(name="w", data_type=1, dims=[1], data_location=1)
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret"
    path = tmp_path / "lpips.onnx"
    path.write_bytes(model.SerializeToString())
    pixels = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(WeightsError, match="outside its folder"):
        judges.lpips(path, pixels, pixels)
