"""ONNX Runtime itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from retint.colorizers.parts import sessions
from retint.errors import UsageError
from retint.weights import shipped


def test_a_runtime_that_cannot_be_loaded_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "DLL load failed while importing onnxruntime_pybind11_state: no such module"
    (tmp_path / "onnxruntime.py").write_text(f"raise ImportError({said!r})")
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=rf"onnxruntime cannot be loaded: {said} \(on Windows"):
        sessions.session_of(shipped("unet"), threads=1, device="cpu")
