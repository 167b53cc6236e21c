"""The page's modules without a browser: they link, pass their own tests, and count as Python does.

Node.js is the one that Playwright brings along, so that it is the same everywhere.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

import retint.server
from retint.color import lab
from retint.hints import Hint, Hints, Polygon, Rectangle, Stroke, read_hints
from retint.hints.length import Share
from retint.server.api.app import create_app

STATIC = Path(retint.server.__file__).parent / "static"
TESTS = Path(__file__).parent / "static"
LAB_TOLERANCE = 0.0005
"""Of L*, a* and b*: Python counts in single precision, JavaScript in double."""


def bundled_node() -> Path | None:
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    name = "node.exe" if sys.platform == "win32" else "node"
    path = Path(spec.origin).parent / "driver" / name
    return path if path.exists() else None


@pytest.fixture(scope="module")
def node() -> Path:
    found = bundled_node()
    if found is None:
        if os.environ.get("RETINT_BROWSER") == "required":
            raise RuntimeError("RETINT_BROWSER=required, and there is no Node.js of Playwright's")
        pytest.skip("the page's modules run in the Node.js of Playwright (pip install playwright)")
    return found


def document() -> str:
    """The API document, which the page reads."""
    app, _ = create_app()
    return TestClient(app, base_url="http://localhost").get("/openapi.json").text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's modules and their tests, where Node.js takes them for modules."""
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copytree(STATIC, folder / "static")
    shutil.copytree(TESTS, folder / "tests")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "openapi.json").write_text(document())
    return folder


def run(node: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [node, "--no-warnings", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=60,
    )


def printed(node: Path, folder: Path, script: str) -> bytes:
    """What a script prints that imports from ./static/."""
    (folder / "script.js").write_text(script)
    done = run(node, folder, "script.js")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_every_module_can_be_read_and_every_import_is_exported(node: Path, folder: Path) -> None:
    done = run(node, folder, "--experimental-vm-modules", "tests/link.mjs", "static")
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) == len(list(STATIC.glob("*.js")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('import { endingOff } from "./options.js";', "endingOff"),
        ('import "./nowhere.js";', "nowhere.js"),
        ("const a = ;", "SyntaxError"),
    ],
)
def test_a_broken_module_is_found(node: Path, folder: Path, content: str, said: str) -> None:
    module = folder / "static" / "broken.js"
    module.write_text(content)
    try:
        done = run(node, folder, "--experimental-vm-modules", "tests/link.mjs", "static")
    finally:
        module.unlink()
    assert done.returncode != 0
    assert said in done.stderr.decode()


@pytest.mark.parametrize("name", sorted(each.name for each in TESTS.glob("*.test.js")))
def test_unit_tests_of_a_module_pass(node: Path, folder: Path, name: str) -> None:
    done = run(node, folder, "--test", "--test-reporter=tap", f"tests/{name}")
    said = done.stdout.decode()
    assert done.returncode == 0, said + done.stderr.decode()
    assert "# pass 0" not in said


def colors() -> NDArray[np.uint8]:
    """sRGB [N, 3]: a grid with the darkest and lightest, and others."""
    levels = np.array([0, 1, 5, 10, 11, 60, 128, 200, 254, 255])
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    others = np.random.default_rng(0).integers(0, 256, (1000, 3))
    return np.concatenate([grid, others]).astype(np.uint8)


def asked(node: Path, folder: Path, expression: str, given: Any) -> Any:
    """The value of an expression in color.js's names for each of what is given."""
    return json.loads(
        printed(
            node,
            folder,
            'import * as color from "./static/color.js";\n'
            f"const found = {json.dumps(given)}.map((each) => {expression});\n"
            "process.stdout.write(JSON.stringify(found));",
        )
    )


def hexes(rgb: NDArray[np.uint8]) -> list[str]:
    return ["#" + bytes(each).hex() for each in rgb]


def test_colours_are_those_of_the_server(node: Path, folder: Path) -> None:
    rgb = colors()
    found = np.array(asked(node, folder, "color.labOf(each)", hexes(rgb)))
    np.testing.assert_allclose(found, lab.rgb_to_lab(rgb), atol=LAB_TOLERANCE, rtol=0)


def test_colours_are_those_that_networks_are_trained_on(node: Path, folder: Path) -> None:
    torch = pytest.importorskip("torch")
    from retint.training import color

    rgb = colors()
    found = np.array(asked(node, folder, "color.labOf(each)", hexes(rgb)))
    planes = torch.from_numpy(rgb.T[None, :, None] / np.float32(255))
    trained = color.rgb_to_lab(planes)[0, :, 0].T.numpy()
    np.testing.assert_allclose(found, trained, atol=LAB_TOLERANCE, rtol=0)


def test_a_colour_at_a_lightness_is_shown_as_the_server_makes_it(node: Path, folder: Path) -> None:
    rgb = colors()
    lightness = np.random.default_rng(1).uniform(0, 100, len(rgb)).astype(np.float32)
    given = list(zip(hexes(rgb), lightness.tolist(), strict=True))
    shown = asked(node, folder, "color.rgbOf(color.colorAtLightness(...each).color)", given)
    made = np.empty((1, len(rgb), 3), np.uint8)
    lab.merge(lightness[None], lab.rgb_to_lab(rgb)[None, :, 1:], out=made)
    # Where the last of the halvings falls on either side of the gamut, a level or two.
    assert np.abs(made[0].astype(int) - np.array(shown)).max() <= 2


def test_archives_are_read_by_others(node: Path, folder: Path) -> None:
    files = {"a.jpg": b"first", "Jürgen-写真.png": bytes(range(256)) * 300, "empty": b""}
    given = json.dumps([[name, list(content)] for name, content in files.items()])
    script = f"""
        import {{ zip }} from "./static/zip.js";
        const blob = (bytes) => new Blob([new Uint8Array(bytes)]);
        const files = {given}.map(([name, bytes]) => ({{ name, blob: blob(bytes) }}));
        const date = new Date(2024, 1, 29, 23, 58, 31);
        process.stdout.write(new Uint8Array(await (await zip(files, date)).arrayBuffer()));
    """
    with zipfile.ZipFile(io.BytesIO(printed(node, folder, script))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert {each.date_time for each in archive.infolist()} == {(2024, 2, 29, 23, 58, 30)}


def test_hints_are_read_by_the_command_line(node: Path, folder: Path, tmp_path: Path) -> None:
    script = """
        import { toContent } from "./static/shapes.js";
        import { loadOptions } from "./tests/load.mjs";
        await loadOptions();
        const color = "#2f3e63";
        const shapes = [
          { kind: "point", x: 0.25, y: 0.5, color, radius: 0.04, reach: 0.5 },
          { kind: "stroke", points: [[0.1, 0.2], [0.3, 0.4]], color, radius: 0.02, reach: 1 },
          { kind: "polygon", points: [[0, 0], [0.5, 0], [0.5, 0.5]], color, reach: 0 },
          { kind: "rectangle", x: 0.1, y: 0.2, w: 0.3, h: 0.4, color, reach: 1 },
        ];
        process.stdout.write(JSON.stringify(toContent(shapes, [200, 100])));
    """
    path = tmp_path / "hints.json"
    path.write_bytes(printed(node, folder, script))
    color = "#2f3e63"
    line, outline = (
        tuple((Share(x), Share(y)) for x, y in points)
        for points in ([(10.0, 20.0), (30.0, 40.0)], [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)])
    )
    assert read_hints(path) == Hints(
        points=(Hint(Share(25.0), Share(50.0), color, radius=Share(4.0), reach=0.5),),
        strokes=(Stroke(line, color, radius=Share(2.0)),),
        rectangles=(Rectangle(Share(10.0), Share(20.0), Share(30.0), Share(40.0), color),),
        polygons=(Polygon(outline, color),),
    )
