"""Programs that tests call as independent readers, if the machine has them."""

from __future__ import annotations

import os
import shutil

import pytest


def optional(name: str) -> str:
    """The path of a large program; skips the test if it is missing."""
    if (found := shutil.which(name)) is None:
        pytest.skip(f"{name} is not installed")
    return found


def program(name: str) -> str:
    """The program's path; skips the test if it is missing, unless RETINT_PROGRAMS is `required`."""
    # Debian keeps servers where the search path of users does not lead.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("RETINT_PROGRAMS") == "required":
            raise RuntimeError(f"RETINT_PROGRAMS=required, and there is no {name}")
        pytest.skip(f"{name} is not installed")
    return found
