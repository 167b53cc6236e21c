"""Weights that somebody else trained: safetensors files, told by their hash."""

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
    """Load the tensors of a file that bear the names of the module's; others are passed over.

    Parameters
    ----------
    path
        A safetensors file.
    sha256
        What the file's hash must be; empty for a file that the user has just made.
    rename
        The module's name of a tensor of the file.

    Raises
    ------
    WeightsError
        If the file is missing, another one, or lacks a tensor.
    """
    tensors = {rename(name): tensor for name, tensor in _read(path, sha256).items()}
    # Counters of batch normalisation are not in every release, and nothing here reads them.
    wanted = {n: t for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")}
    for name, tensor in wanted.items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            kind = type(module).__name__
            raise WeightsError(f"{path} holds no {kind}: {name} is missing or of another size")
    module.load_state_dict({name: tensors[name] for name in wanted}, strict=False)


def load_fitting(module: nn.Module, path: Path) -> list[str]:
    """Load the tensors of a file that fit by name and shape.

    Returns
    -------
    The names of the module's tensors that were left as they were.

    Raises
    ------
    WeightsError
        If the file is missing, not safetensors, or holds nothing that fits.
    """
    wanted = {n: t for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")}
    fitting = {
        name: tensor
        for name, tensor in _read(path, "").items()
        if name in wanted and wanted[name].shape == tensor.shape
    }
    if not fitting:
        raise WeightsError(f"{path} holds nothing that fits a {type(module).__name__}")
    module.load_state_dict(fitting, strict=False)
    return sorted(wanted.keys() - fitting.keys())


def _read(path: Path, sha256: str) -> dict[str, Tensor]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"pretrained weights {path}: {error.strerror}") from None
    except ValueError as error:  # of a name with a null character
        raise WeightsError(f"pretrained weights {str(path)!r}: {error}") from None
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256.lower():
        raise WeightsError(f"{path} is not the file of the recipe: its SHA-256 is {found}")
    try:
        return load(content)
    except SafetensorError:
        raise WeightsError(
            f"{path} is not a safetensors file; docs/training.md says how to convert one"
        ) from None
