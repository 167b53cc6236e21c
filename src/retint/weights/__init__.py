"""Shipped networks and their cards."""

from importlib import resources
from pathlib import Path


def shipped(method: str) -> Path:
    """The ONNX file of a method, whether there is one or not."""
    return Path(str(resources.files(__name__) / f"{method}.onnx"))
