"""`retint mcp`, before it serves; see `tests/agent`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.test_main import run


def test_a_root_that_is_no_folder_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run("mcp", tmp_path / "none") == 2
    assert capsys.readouterr().err == f"retint: {(tmp_path / 'none').resolve()} is not a folder\n"


def test_a_missing_library_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "retint.agent.server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert run("mcp", tmp_path) == 2
    error = capsys.readouterr().err
    assert error.startswith("retint: the server for agents requires mcp")
    assert error.count("\n") == 1
