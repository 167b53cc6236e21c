"""Checkpoints without pickle: tensors as safetensors, everything else as JSON.

A checkpoint is a folder that appears under its name only when it is complete, so a run that is
killed at any moment leaves a valid one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from retint.errors import WeightsError
from retint.files.atomic import partials

PREFIX = "checkpoint-"
BROKEN = (AttributeError, LookupError, OSError, RecursionError, RuntimeError, SafetensorError,
          TypeError, ValueError)  # fmt: skip
"""Exceptions from reading an untrusted file."""


class CheckpointError(WeightsError):
    """A checkpoint that cannot be used; the message is one line."""


def save(
    run: Path,
    pictures: int,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    state: object,
) -> None:
    """Write `run/checkpoint-PICTURES/`, then remove the older ones."""
    target = run / f"{PREFIX}{pictures:010d}"
    partial = run / f"{target.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, module in modules.items():
        save_weights(module, partial / f"{name}.safetensors")
    groups = {}
    for name, optimizer in optimizers.items():
        tensors, groups[name] = _flat(optimizer)
        save_file(tensors, partial / f"{name}.safetensors")
    random = torch.get_rng_state().numpy().tobytes().hex()
    (partial / "state.json").write_text(
        json.dumps({"pictures": pictures, "groups": groups, "random": random, "run": state})
    )
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    for old in find(run):
        if old != target:
            shutil.rmtree(old)


def find(run: Path) -> list[Path]:
    """The complete checkpoints of a run, oldest first."""
    return sorted(p for p in run.glob(f"{PREFIX}*") if not p.name.endswith(".partial"))


def restore(
    checkpoint: Path, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]
) -> Any:
    """Load a checkpoint into the modules and optimizers; returns its `state`.

    Raises
    ------
    CheckpointError
        If it is broken, or belongs to other modules.
    """
    try:
        return _restore(checkpoint, modules, optimizers)
    except BROKEN as error:
        why = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise CheckpointError(f"cannot resume from {checkpoint}: {why}") from None


def _restore(
    checkpoint: Path, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer]
) -> Any:
    for name, module in modules.items():
        module.load_state_dict(load_file(checkpoint / f"{name}.safetensors"))
    state = json.loads((checkpoint / "state.json").read_text())
    for name, optimizer in optimizers.items():
        tensors = load_file(checkpoint / f"{name}.safetensors")
        groups = state["groups"][name]
        optimizer.load_state_dict({"state": _nest(tensors), "param_groups": groups})
    random = torch.frombuffer(bytearray.fromhex(state["random"]), dtype=torch.uint8)
    torch.set_rng_state(random)
    return state["run"]


def last_weights(run: Path) -> dict[str, Tensor]:
    """The network's tensors of the last checkpoint: their running mean, if the run keeps one.

    Raises
    ------
    FileNotFoundError
        If the run has no checkpoint.
    """
    if not (found := find(run)):
        raise FileNotFoundError("no checkpoint")
    mean = found[-1] / "average.safetensors"
    if not mean.exists():
        return load_file(found[-1] / "network.safetensors")
    tensors = load_file(mean)
    del tensors["n_averaged"]
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def save_weights(module: nn.Module, path: Path) -> None:
    """Write a module's weights to one safetensors file, replacing an existing one."""
    tensors = {name: t.detach().cpu().contiguous() for name, t in module.state_dict().items()}
    with partials([path]) as (partial,):
        save_file(tensors, partial)


def _flat(optimizer: Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    state = optimizer.state_dict()
    tensors = {
        f"{parameter}.{key}": torch.as_tensor(value).detach().cpu().contiguous()
        for parameter, values in state["state"].items()
        for key, value in values.items()
    }
    return tensors, state["param_groups"]


def _nest(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    nested: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        parameter, key = name.split(".")
        nested.setdefault(int(parameter), {})[key] = tensor
    return nested
