"""What tests fetch from the registry of npm."""

from __future__ import annotations

import os

import pytest

from tools.web import runtime


def runtime_files() -> dict[str, bytes]:
    """The files of ONNX Runtime Web; skips the test if they are neither in the cache nor to be had,
    unless RETINT_NETWORK is `required`.
    """
    try:
        return runtime.runtime()
    except runtime.UnreachableError as error:
        if os.environ.get("RETINT_NETWORK") == "required":
            raise
        pytest.skip(str(error))
