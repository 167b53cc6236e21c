"""Shipped networks and their cards."""

import functools
import hashlib
from importlib import resources
from pathlib import Path


@functools.cache
def shipped(method: str) -> Path:
    """The ONNX file of a method, whether there is one or not."""
    return Path(str(resources.files(__name__) / f"{method}.onnx"))


@functools.cache
def sha256(path: Path) -> str:
    """SHA-256 of a file that does not change."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
