"""The GIMP plug-in, in GIMP 3 if installed, and with a stub of GIMP."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from PIL import Image

from retint.picture.looks import LOOKS

HERE = Path(__file__).parents[2] / "integrations" / "gimp"
PLUGIN = HERE / "retint-colorize" / "retint-colorize.py"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with a GIMP that remembers what it is asked for."""
    gi, repository = ModuleType("gi"), ModuleType("gi.repository")
    gi.require_version = lambda *_: None  # type: ignore[attr-defined]
    gi.repository = repository  # type: ignore[attr-defined]
    for name in ("Gimp", "GimpUi", "Gio", "GLib", "GObject"):
        setattr(repository, name, MagicMock())
    repository.Gimp.PlugIn = object
    monkeypatch.setitem(sys.modules, "gi", gi)
    monkeypatch.setitem(sys.modules, "gi.repository", repository)
    spec = importlib.util.spec_from_file_location("retint_gimp", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def image(width: int, height: int) -> Any:
    return SimpleNamespace(get_width=lambda: width, get_height=lambda: height)


def test_a_selection_of_any_shape_is_a_hint_in_the_foreground_colour(plugin: ModuleType) -> None:
    plugin.Gimp.Selection.bounds.return_value = (True, True, 10, 20, 50, 60)
    plugin.Gimp.Selection.value = lambda _, x, y: 255 if x - 10 > y - 20 else 0
    plugin.Gimp.context_get_foreground.return_value.get_rgba.return_value = (0.1, 0.2, 1.2, 1.0)
    hints = plugin.hints_of(image(200, 100))
    assert hints["size"] == [200, 100]
    assert 40 < len(hints["points"]) < 100
    assert {each["color"] for each in hints["points"]} == {"#1a33ff"}
    assert all(each["x"] - 10 > each["y"] - 20 for each in hints["points"])


def test_nothing_selected_is_no_hint(plugin: ModuleType) -> None:
    plugin.Gimp.Selection.bounds.return_value = (True, False, 0, 0, 200, 100)
    assert plugin.hints_of(image(200, 100)) is None


def test_one_pixel_is_enough(plugin: ModuleType) -> None:
    assert plugin.spread(5, 6) == [5]
    assert plugin.spread(0, 1200)[-1] < 1200


def test_the_command_gets_its_options_and_says_what_went_wrong(
    plugin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, Any] = {}

    def run(call: list[str], **_: Any) -> Any:
        hints = call[call.index("--hints") + 1]
        written.update(call=call, hints=json.loads(Path(hints).read_text()))
        return SimpleNamespace(returncode=1, stderr="a warning\nretint: no such picture\n")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(plugin, "hints_of", lambda _: {"version": 1})
    options = {"command": "/opt/retint", "vividness": 1.2, "look": "vivid"}
    options |= {"selection-is-hint": True}
    config = SimpleNamespace(get_property=options.__getitem__)
    with pytest.raises(RuntimeError, match=r"^retint: no such picture$"):
        plugin.add_layer(MagicMock(), config)
    assert written["call"][0] == "/opt/retint"
    assert "--chroma-only" in written["call"]
    assert written["call"][written["call"].index("--vividness") + 1] == "1.2"
    assert written["call"][written["call"].index("--look") + 1] == "vivid"
    assert written["hints"] == {"version": 1}


def test_all_looks_are_offered(plugin: ModuleType) -> None:
    assert {name: each.title for name, each in LOOKS.items()} == plugin.LOOKS


def test_the_command_runs_apart_from_the_folder_of_pictures(
    plugin: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = "import os; raise SystemExit(f'{os.getcwd()} {os.environ.get(\"PYTHONPATH\")}')"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/of/gimp")
    with pytest.raises(RuntimeError) as found:
        plugin.colorize([sys.executable, "-c", told])
    folder, path = str(found.value).split()
    assert Path(folder) != tmp_path
    assert path == "None"


def test_a_missing_command_is_named(plugin: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="install retint"):
        plugin.colorize(["/no/such/retint"])


@pytest.mark.skipif(shutil.which("gimp-console-3.0") is None, reason="GIMP 3 is not installed")
def test_the_plug_in_passes_its_checks_in_gimp(tmp_path: Path, grey: Any) -> None:
    import retint

    photo = tmp_path / "grey.png"
    Image.fromarray(grey).save(photo)
    done = subprocess.run([HERE / "check.sh", photo], capture_output=True, text=True, check=True)
    assert "all checks passed" in done.stdout
    flat = np.asarray(Image.open("/tmp/retint-gimp/plain.png").convert("RGB"))
    np.testing.assert_array_equal(flat, np.asarray(retint.colorize(Image.open(photo))))
