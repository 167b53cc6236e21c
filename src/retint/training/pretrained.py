"""Loads pretrained weights from safetensors files that are verified by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from retint.errors import WeightsError


def load_pretrained(
    module: nn.Module, path: Path, sha256: str, rename: Callable[[str], str] = str
) -> None:
    """Load the tensors of a file that have names of the module; others are ignored.

    Parameters
    ----------
    path
        A safetensors file.
    sha256
        Expected hash of the file; empty for a file that the user has just made.
    rename
        Maps the name of a tensor in the file to its name in the module.

    Raises
    ------
    WeightsError
        If the file is missing, has another hash, or lacks a tensor.
    """
    tensors = {rename(name): tensor for name, tensor in _read(path, sha256).items()}
    # Counters of batch normalisation are unused, and not all releases contain them.
    wanted = {n: t for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")}
    for name, tensor in wanted.items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            kind = type(module).__name__
            raise WeightsError(
                f"{path} does not match {kind}: {name} is missing or has another size"
            )
    module.load_state_dict({name: tensors[name] for name in wanted}, strict=False)


def load_fitting(module: nn.Module, path: Path) -> list[str]:
    """Load the tensors of a file that match by name and shape.

    Returns
    -------
    The names of the module's tensors that were not loaded.

    Raises
    ------
    WeightsError
        If the file is missing, not safetensors, or contains nothing that matches.
    """
    wanted = {n: t for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")}
    fitting = {
        name: tensor
        for name, tensor in _read(path, "").items()
        if name in wanted and wanted[name].shape == tensor.shape
    }
    if not fitting:
        raise WeightsError(f"{path} contains nothing that matches {type(module).__name__}")
    module.load_state_dict(fitting, strict=False)
    return sorted(wanted.keys() - fitting.keys())


def _read(path: Path, sha256: str) -> dict[str, Tensor]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"pretrained weights {path}: {error.strerror}") from None
    except ValueError as error:  # for a name with a null character
        raise WeightsError(f"pretrained weights {str(path)!r}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256.lower():
        raise WeightsError(f"{path} has the SHA-256 {found}, not that of the recipe")
    try:
        return load(content)
    except SafetensorError:
        raise WeightsError(
            f"{path} is not a safetensors file; see docs/training.md for how to convert one"
        ) from None
