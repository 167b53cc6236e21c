"""Disables usage reports of libraries before they are imported.

ONNX Runtime 1.29 and later reports usage to its maker by default, also on Linux and macOS. It reads
the setting when it is loaded, so a call after the import is too late.
"""

from __future__ import annotations

import os

OPT_OUTS = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime 1.29 and later
    "ORT_TELEMETRY_DISABLED": "1",  # read by onnxruntime-genai and some builds
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, used by diffusers and transformers
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray
}
"""Environment variables, with the values that disable usage reports."""


def opt_out() -> None:
    """Disable usage reports, here and in child processes.

    Variables that the user has set keep their values, so reports can be enabled.
    """
    for name, value in OPT_OUTS.items():
        os.environ.setdefault(name, value)


def is_off() -> bool:
    """Whether ONNX Runtime's reports are disabled."""
    return os.environ.get("ORT_DISABLE_TELEMETRY") == OPT_OUTS["ORT_DISABLE_TELEMETRY"]
