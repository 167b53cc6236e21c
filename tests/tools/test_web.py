"""The folder of the page without a server, without a browser."""

from __future__ import annotations

import os
import re
import urllib.error
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from retint.colorizers import DEFAULT, load_colorizer
from retint.colorizers.guided_unet import GuidedUNet
from retint.errors import RetintError
from tools.web import __main__ as command
from tools.web import folder, runtime
from tools.web.capabilities import OPTIONS, capabilities
from tools.web.facts import facts

from ..registry import runtime_files

IMPORTED = re.compile(r"^import (\{[^}]*\}|\* as \w+) from \"([^\"]+)\"", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:const|let|class|async function|function) ([\w$]+)", re.MULTILINE)
ADDRESS = re.compile(r"https?://[\w.-]+")
SENDING = re.compile(r"sendBeacon|WebSocket|EventSource|telemetry", re.IGNORECASE)
MANUAL = "https://web.dev"
"""What the runtime's message about missing isolation refers to."""
VECTORS = "http://www.w3.org"
"""Namespace of SVG."""


def test_both_back_ends_answer_the_same_questions() -> None:
    served, own = (
        set(EXPORTED.findall((where / "api.js").read_text())) for where in (folder.PAGE, folder.OWN)
    )
    assert len(served) > 20
    assert len(EXPORTED.findall((folder.OWN / "api.js").read_text())) == len(own)
    assert own - served == {"progress", "prepare"}
    assert served <= own


def test_what_is_offered_is_part_of_what_the_server_offers() -> None:
    found = capabilities()
    document = found["document"]
    fields = document["components"]["schemas"]["SessionColoring"]["properties"]
    assert set(fields) == set(OPTIONS)
    assert fields["format"]["enum"] == ["keep", "jpeg", "png"]
    assert [each["name"] for each in found["methods"]] == [DEFAULT]
    assert ".jpg" in document["x-readable"]
    assert ".tif" not in document["x-readable"]
    assert "films" in [each["name"] for each in document["x-lacking"]]


def test_the_record_lacks_what_differs_between_pictures() -> None:
    method = load_colorizer(DEFAULT, device="cpu", threads=1)
    assert isinstance(method, GuidedUNet)
    record = facts(method, {})["record"]
    for name in ("plain", "hinted"):
        assert record[name].count(record["rest"]) == 1
    assert record["hinted"].count(record["colors"]) == 1
    assert record["colors"] not in record["plain"]


def test_modules_import_what_is_exported() -> None:
    """The modules of the folder are those of the server's page, with others in place of some."""
    page = {each.name: each for each in folder.PAGE.glob("*.js")}
    page |= {each.relative_to(folder.OWN).as_posix(): each for each in folder.OWN.rglob("*.js")}
    exported = {name: set(EXPORTED.findall(path.read_text())) for name, path in page.items()}
    for name, path in page.items():
        for names, there in IMPORTED.findall(path.read_text()):
            found = PurePosixPath(os.path.normpath(PurePosixPath(name).parent / there)).as_posix()
            if found.startswith("runtime/"):
                continue
            wanted = {each.split(" as ")[0].strip() for each in names.strip("{}").split(",")}
            assert found in exported, (name, there)
            assert names.startswith("*") or wanted <= exported[found] | {""}, (name, there)


def test_modules_name_no_other_host() -> None:
    for path in [*folder.PAGE.glob("*.js"), *folder.OWN.rglob("*.js"), *folder.OWN.glob("*.html")]:
        assert set(ADDRESS.findall(path.read_text())) <= {VECTORS, "http://ns.adobe.com"}, path


def test_the_runtime_sends_nothing() -> None:
    files = runtime_files()
    for name in (runtime.MODULE, runtime.LOADER):
        text = files[name].decode()
        assert set(ADDRESS.findall(text)) <= {MANUAL}
        assert not SENDING.search(text)


def test_another_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "CACHE", tmp_path)
    monkeypatch.setattr(runtime, "_fetched", lambda: b"another package")
    with pytest.raises(RetintError, match="not the package that is pinned"):
        runtime.runtime()
    assert not list(tmp_path.iterdir())


def test_without_the_registry_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(runtime, "CACHE", tmp_path / "cache")
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    target = tmp_path / "web"
    monkeypatch.setattr("sys.argv", ["tools.web", str(target)])
    assert command.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tools.web: cannot fetch {runtime.ADDRESS}: ")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(RetintError, match="contains other files"):
        folder.build(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
