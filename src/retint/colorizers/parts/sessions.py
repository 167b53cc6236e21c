"""Opens ONNX files with ONNX Runtime: safely, on the requested device."""

from __future__ import annotations

import ctypes
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retint import telemetry
from retint.colorizers.parts.onnx_outline import Outline
from retint.errors import UsageError, WeightsError
from retint.threads import threads_or_all
from retint.weights import shipped

if TYPE_CHECKING:
    import onnxruntime

LOG = logging.getLogger(__name__)
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Execution providers of ONNX Runtime, by device."""
PACKAGES = {"cuda": "onnxruntime-gpu", "coreml": "onnxruntime", "directml": "onnxruntime-directml"}
CPU = "CPUExecutionProvider"
TROUBLE = "on Windows, install Microsoft's Visual C++ Redistributable: docs/install.md"


def session_of(path: Path, threads: int, device: str) -> onnxruntime.InferenceSession:
    """Open an ONNX file on a device.

    Raises
    ------
    WeightsError
        If it cannot be run, or refers to code or files that are not allowed (`onnx_outline`).
    UsageError
        If the device is unknown or not available, or ONNX Runtime cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:  # on Windows, mostly because of a missing Visual C++ runtime
        raise UsageError(f"onnxruntime cannot be loaded: {error} ({TROUBLE})") from error

    if telemetry.is_off():  # on Windows, the environment variables do not stop event tracing
        onnxruntime.disable_telemetry_events()
    if path != shipped(path.stem):  # shipped files are trusted
        Outline.of(path).check(path)
    providers = _providers(device, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads_or_all(threads)
    options.log_severity_level = 3
    # Otherwise the idle threads of one network take the cores from the next one for a while.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # Independent of the file's suffix: files of the other format have not been checked.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        session = onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class
        raise WeightsError(f"{path} is not a valid ONNX file") from error
    _give_back()
    runs = session.get_providers()[0]
    LOG.info("%s runs on %s", path.name, runs)
    if device in PROVIDERS and runs != PROVIDERS[device]:
        raise UsageError(f"{device} is available but cannot run {path.name}; use `device` auto")
    return session


def _give_back() -> None:
    """Return to the system the memory in which the weights were converted, which the C library of
    Linux otherwise keeps: it is as much as a photograph of 12 megapixels.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # other C libraries have no such function
            ctypes.CDLL(None).malloc_trim(0)


def _providers(device: str, available: list[str]) -> list[str]:
    if device == "mps":
        raise UsageError("device mps runs controlnet only; other methods use coreml")
    if device == "cpu":
        return [CPU]
    if device in PROVIDERS:
        if PROVIDERS[device] not in available:
            raise UsageError(
                f"device {device} is not available: it needs the hardware and 'pip install "
                f"{PACKAGES[device]}'"
            )
        return [PROVIDERS[device], CPU]
    # auto selects only CUDA: the other providers may not support every operator.
    return [PROVIDERS["cuda"], CPU] if PROVIDERS["cuda"] in available else [CPU]
