"""The training loop.

A run is a folder: `recipe.toml` (a copy, merged with its bases), `log.csv` (one line per epoch),
`curve.png`, `samples.png`, `checkpoint-N/` (for resuming) and `weights.safetensors` (the best so
far, for export).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
from accelerate import Accelerator, DataLoaderConfiguration
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from retint.training import checkpoint, report
from retint.training.data.crops import CentreSquares, Conditions, Crop, Sample, TrainingCrops
from retint.training.data.photographs import DataError, Photographs
from retint.training.losses.objective import Objective, build_losses
from retint.training.networks.base import Guesser
from retint.training.preparation import (
    Machine,
    open_run,
    optimizer_of,
    prepared_network,
    running_mean,
)
from retint.training.recipe import RecipeError, read_recipe
from retint.training.schedule import LearningRate

__all__ = ["Machine", "train"]

SAMPLES = 8
LOOKED_AT = 1024
"""Number of pictures from which a loss may learn color frequencies."""


@dataclass
class Progress:
    """Progress of a run: the contents of a checkpoint besides the weights."""

    pictures: int = 0
    """Pictures trained on."""
    epoch: int = 0
    epoch_pictures: int = 0
    """Those of the current epoch."""
    loss_sum: float = 0.0
    """Sum of their losses."""
    seconds: float = 0.0
    rate: dict[str, float] = field(default_factory=dict)


class Positions:
    """The range of the endless stream of crops that the loader delivers next."""

    def __init__(self) -> None:
        self.start = self.stop = self.size = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((n, self.size) for n in range(self.start, self.stop))

    def __len__(self) -> int:
        return self.stop - self.start


def train(recipe_path: Path, data: Path, run: Path, *, resume: bool, machine: Machine) -> Path:
    """Train the network of a recipe on the photographs in `data`.

    Returns
    -------
    The file with the best weights, `run/weights.safetensors`.

    Raises
    ------
    RecipeError, DataError
        If the recipe or the data cannot be used, or `run` contains another run and `resume` is off.
    """
    recipe = read_recipe(recipe_path)
    photographs = Photographs(data)
    names, held_out = photographs.split(recipe.data.held_out, recipe.seed)
    if len(names) < recipe.optimizer.batch or not held_out:
        raise DataError(f"{data}: not enough pictures ({len(names)} for training)")
    judged = held_out[
        :: max(1, len(held_out) // (recipe.data.validation_pictures or len(held_out)))
    ]

    if machine.threads:
        torch.set_num_threads(machine.threads)
    accelerator = Accelerator(
        cpu=machine.device == "cpu",
        dataloader_config=DataLoaderConfiguration(split_batches=True),
    )
    set_seed(recipe.seed)
    network, encoder = prepared_network(recipe, machine, accelerator.device)
    optimizer = optimizer_of(recipe.optimizer, network, encoder)
    average = running_mean(network, recipe.optimizer.average)
    shipped = cast(Guesser, average.module) if average else network
    losses = build_losses(recipe.losses)
    modules: dict[str, nn.Module] = {"network": network}
    if average:
        modules["average"] = average
    optimizers: dict[str, torch.optim.Optimizer] = {"optimizer": optimizer}
    if critic := losses.critic:
        if accelerator.num_processes > 1:
            raise RecipeError("training a critic requires a single process")
        critic.to(accelerator.device)
        modules["critic"] = critic
        optimizers["critic_optimizer"] = critic.optimizer
    rate = LearningRate(recipe.schedule, recipe.optimizer.learning_rate)
    progress = Progress()
    batch = recipe.optimizer.batch

    if accelerator.is_main_process:
        open_run(run, recipe_path, resume=resume)
    accelerator.wait_for_everyone()
    if resume and (found := checkpoint.find(run)):
        progress = Progress(**checkpoint.restore(found[-1], modules, optimizers))
        rate.restore(progress.rate)

    crop = Crop(recipe.data.crop, recipe.data.mirror, recipe.data.whole)
    positions = Positions()
    conditions = Conditions(recipe.hints, recipe.degradations, recipe.data.richness)
    crops = TrainingCrops(
        photographs, names, crop, recipe.seed, conditions, recipe.data.evenness,
        recipe.data.emphasis,
    )  # fmt: skip
    losses.look_at(crops[n, recipe.stages[0].size][1][None] for n in range(LOOKED_AT))
    loader = DataLoader(
        crops,
        batch,
        sampler=positions,
        num_workers=machine.workers,
        drop_last=True,
        generator=torch.Generator(),  # otherwise it uses the one saved in checkpoints
    )
    objective = Objective(network, losses, half=machine.half)
    judge = Objective(shipped, losses)
    optimizer, loader = accelerator.prepare(optimizer, loader)
    judge.to(accelerator.device)
    log = report.Log(run / "log.csv", keep_epochs=progress.epoch)
    length = recipe.epoch_pictures or len(names)
    length -= length % batch
    total = length * recipe.epochs

    def save() -> None:
        if accelerator.is_main_process:
            progress.rate = rate.state()
            checkpoint.save(run, progress.pictures, modules, optimizers, vars(progress))

    while progress.epoch < recipe.epochs and not rate.stopped:
        stage = recipe.stage(progress.epoch)
        if encoder is not None and not recipe.optimizer.only_hints:
            encoder.train_last(stage.encoder_blocks)
        # Repeated each time, since several GPUs must agree on which parameters have gradients.
        model = accelerator.prepare_model(objective)
        positions.size = size = stage.size
        positions.start, positions.stop = progress.pictures, length * (progress.epoch + 1)
        bar = tqdm(
            total=length,
            initial=progress.epoch_pictures,
            desc=f"epoch {progress.epoch + 1}/{recipe.epochs} at {size} px",
            unit="picture",
            disable=machine.quiet or not accelerator.is_main_process,
        )
        saved = began = time.monotonic()
        seen = progress.epoch_pictures
        model.train()
        for lightness, rgb, hints in loader:
            for group in optimizer.param_groups:
                group["lr"] = rate.rate(progress.pictures / total) * group["share"]
            lightness = lightness.contiguous(memory_format=torch.channels_last)
            loss = model(lightness, rgb, hints)
            optimizer.zero_grad()
            accelerator.backward(loss)
            optimizer.step()
            if average:
                average.update_parameters(network)
            progress.pictures += batch
            progress.epoch_pictures += batch
            progress.loss_sum += accelerator.reduce(loss.detach(), "mean").item() * batch
            bar.update(batch)
            bar.set_postfix(loss=f"{progress.loss_sum / progress.epoch_pictures:.5f}")
            if time.monotonic() - saved > 60 * machine.checkpoint_minutes:
                save()
                saved = time.monotonic()
        bar.close()
        elapsed = time.monotonic() - began
        progress.seconds += elapsed

        # Every process validates all pictures, so that all make the same decisions.
        squares = CentreSquares(photographs, judged, size, recipe.hints)
        validation = _validate(judge, DataLoader(squares, batch), accelerator.device)
        if not math.isfinite(validation):
            raise RecipeError(f"the loss has become {validation}; lower the learning_rate")
        is_best = rate.epoch_done(validation, comparable=not recipe.at_new_size(progress.epoch))
        if accelerator.is_main_process:
            if is_best:
                checkpoint.save_weights(shipped, run / "weights.safetensors")
            log.add(
                epoch=progress.epoch + 1,
                size=size,
                pictures=progress.pictures,
                learning_rate=optimizer.param_groups[0]["lr"],
                train_loss=progress.loss_sum / progress.epoch_pictures,
                validation_loss=validation,
                pictures_per_second=(progress.epoch_pictures - seen) / elapsed,
                seconds=progress.seconds,
            )
            report.draw_curve(run / "log.csv", run / "curve.png")
            report.draw_samples(shipped, squares, SAMPLES, run / "samples.png", accelerator.device)
        progress.epoch += 1
        progress.epoch_pictures, progress.loss_sum = 0, 0.0
        save()
    return run / "weights.safetensors"


@torch.inference_mode()
def _validate(judge: Objective, batches: Iterable[Sample], device: torch.device) -> float:
    """The loss over all pictures."""
    judge.eval()
    total, count = 0.0, 0
    for sample in batches:
        loss: Tensor = judge(*(each.to(device) for each in sample))
        total += loss.item() * len(sample[0])
        count += len(sample[0])
    return total / count
