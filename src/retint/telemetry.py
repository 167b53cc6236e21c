"""Usage reports of the libraries below: turned off before any of them is imported.

ONNX Runtime since 1.29 reports usage to its maker by default, also on Linux and macOS, and decides
once, when it is loaded: a call after the import comes too late.
"""

from __future__ import annotations

import os

OPT_OUTS = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime 1.29 and later
    "ORT_TELEMETRY_DISABLED": "1",  # the name that its generative sibling and some builds read
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, below diffusers and transformers
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray
}
"""Environment variables, and the values that turn usage reports off."""


def opt_out() -> None:
    """Turn usage reports off, here and in child processes.

    A variable that the user has set keeps its value, so reports can be turned on.
    """
    for name, value in OPT_OUTS.items():
        os.environ.setdefault(name, value)


def is_off() -> bool:
    """Whether ONNX Runtime is told not to report."""
    return os.environ.get("ORT_DISABLE_TELEMETRY") == OPT_OUTS["ORT_DISABLE_TELEMETRY"]
