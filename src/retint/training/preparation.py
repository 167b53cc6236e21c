"""What a training run starts with: its machine, its folder, its network and optimizer."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from retint.files import atomic
from retint.training.networks.base import Guesser
from retint.training.networks.encoder import Encoder
from retint.training.networks.registry import build_network
from retint.training.pretrained import load_fitting
from retint.training.recipe import Optimizer, Recipe, RecipeError, read_recipe, whole_recipe


@dataclass(frozen=True)
class Machine:
    """The hardware of a run; it changes the result only by rounding errors."""

    device: str = "auto"
    threads: int = 0
    """CPU threads of the network; 0 leaves the choice to PyTorch."""
    workers: int = 1
    """Processes that decode pictures."""
    checkpoint_minutes: float = 3.0
    half: bool = False
    """Whether the network computes in bfloat16, which is faster on some hardware."""
    quiet: bool = False


def open_run(run: Path, recipe: Path, *, resume: bool) -> None:
    """Create the folder of a run, with a copy of its recipe.

    Raises
    ------
    RecipeError
        If it contains a run, and `resume` is off or that run has another recipe.
    """
    copy = run / "recipe.toml"
    if resume and copy.exists() and read_recipe(copy) != read_recipe(recipe):
        raise RecipeError(f"{run} was made with another recipe; it cannot be resumed with {recipe}")
    if not resume and copy.exists():
        raise RecipeError(
            f"{run} already contains a run; continue it with --resume or name another --run"
        )
    run.mkdir(parents=True, exist_ok=True)
    atomic.write(copy, whole_recipe(recipe).encode())


def prepared_network(
    recipe: Recipe, machine: Machine, device: torch.device
) -> tuple[Guesser, Encoder | None]:
    """The network of a recipe with the weights that it starts from, and its encoder, if any.

    Raises
    ------
    RecipeError, WeightsError
        If there are weights for an encoder and the network has none, or they do not fit.
    """
    network = build_network(recipe)
    encoder = network.pretrained()
    if recipe.encoder.weights:
        if encoder is None:
            raise RecipeError(f"{recipe.network} has no encoder to load weights into")
        encoder.load(recipe.encoder.weights, recipe.encoder.sha256)
    if recipe.start:
        left = load_fitting(network, Path(recipe.start))
        if left and not machine.quiet:
            print(
                f"not contained in {recipe.start}, so not loaded: {', '.join(left)}",
                file=sys.stderr,
            )
    if machine.half and not machine.quiet and slow_in_half(device):
        print(
            "warning: on this processor, --half is many times slower than single precision",
            file=sys.stderr,
        )
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in stubs
    if recipe.optimizer.only_hints:
        network.learn_only_hints()
    return network, encoder


def slow_in_half(device: torch.device) -> bool:
    """Whether bfloat16 is emulated: x86 without AVX-512 (15 times slower on one of them)."""
    return device.type == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX2"


def optimizer_of(
    settings: Optimizer, network: nn.Module, encoder: nn.Module | None
) -> torch.optim.Optimizer:
    """AdamW over all parameters; an encoder learns at its own rate."""
    return torch.optim.AdamW(
        _groups(network, encoder, settings.encoder_rate),
        settings.learning_rate,
        weight_decay=settings.weight_decay,
    )


def _groups(
    network: nn.Module, encoder: nn.Module | None, encoder_rate: float
) -> list[dict[str, Any]]:
    """The parameters, and their factors for the learning rate."""
    pretrained = set(encoder.parameters()) if encoder is not None else set()
    own = [p for p in network.parameters() if p not in pretrained]
    groups: list[dict[str, Any]] = [{"params": own, "share": 1.0}]
    if encoder is not None:
        groups.append({"params": list(encoder.parameters()), "share": encoder_rate})
    return groups


def running_mean(network: nn.Module, decay: float) -> AveragedModel | None:
    """A running mean of the weights (Polyak averaging), better than the last step."""
    if not decay:
        return None
    update = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)
