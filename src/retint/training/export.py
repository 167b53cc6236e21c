"""Exports a training run to the ONNX file that colours pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from retint.colorizers.parts.network import METADATA_KEY, Description
from retint.training import checkpoint
from retint.training.networks.registry import build_network
from retint.training.onnx_file import ExportError, write_onnx
from retint.training.recipe import read_recipe


def export(run: Path, target: Path, *, native: int | None = None, last: bool = False) -> float:
    """Write the weights of a run as ONNX with dynamic height and width.

    Parameters
    ----------
    run
        Folder of a training run.
    target
        File to write; it appears only if it agrees with PyTorch.
    native
        Short side in pixels at which the network works best; by default the last training size.
    last
        Use the weights of the last checkpoint instead of the best: the validation with hints may
        not select the best weights for pictures without hints.

    Returns
    -------
    The largest difference between the outputs of both networks on random pictures of three sizes.

    Raises
    ------
    ExportError
        If the run has no weights or the exported network differs by more than its `tolerance`.
    """
    recipe = read_recipe(run / "recipe.toml")
    network = build_network(recipe).eval()
    try:
        network.load_state_dict(
            checkpoint.last_weights(run) if last else load_file(run / "weights.safetensors")
        )
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ExportError(f"{run}: no weights that match its recipe ({reason})") from None
    size = network.size
    guide = network.beside()
    description = Description(
        recipe.network, native or recipe.stages[-1].size, size,
        fingerprint=fingerprint(network), beside=fingerprint(guide) if guide else "",
    )  # fmt: skip
    shapes = [
        (size.padded(40), size.padded(100)),
        (size.padded(70), size.padded(70)),
        (size.minimum, size.minimum),
    ]
    metadata = {METADATA_KEY: description.to_json()}
    return write_onnx(network.parts(shapes), target, tolerance=network.tolerance, metadata=metadata)


def fingerprint(network: nn.Module) -> str:
    """SHA-256 of a network's weights, independent of their file."""
    found = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        # Counters of batch normalisation are unused, and not all files contain them.
        if name.endswith("num_batches_tracked"):
            continue
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()
